"""Somebody who gets between a queue and its function: delays, doubles and shuffles messages."""

from __future__ import annotations

import threading
from collections import Counter
from random import Random
from typing import Any

from botocore.exceptions import ClientError

SHARE = 0.5  # of the times that it looks, it takes what it finds
LONGEST_DELAY_SECONDS = 6
POLL_SECONDS = 0.15


class Gremlin:
    """Takes messages off a queue and puts them back late, out of order, and some of them twice."""

    def __init__(self, sqs: Any, queue_url: str, seed: int) -> None:
        self.done: Counter[str] = Counter()
        self._sqs, self._url, self._random = sqs, queue_url, Random(seed)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(POLL_SECONDS):
            if self._random.random() < SHARE:
                try:
                    self._meddle()
                except (
                    ClientError
                ) as error:  # somebody else was faster; its copies are on their way
                    self.done[error.response["Error"]["Code"]] += 1

    def _meddle(self) -> None:
        found = self._sqs.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=10, VisibilityTimeout=60
        ).get("Messages", [])
        self._random.shuffle(found)
        for message in found:
            copies = self._random.choice([1, 1, 2, 3])
            for _ in range(copies):
                delay = self._random.randrange(LONGEST_DELAY_SECONDS)
                self._sqs.send_message(
                    QueueUrl=self._url, MessageBody=message["Body"], DelaySeconds=delay
                )
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            self.done["delayed"] += 1
            self.done["doubled"] += copies - 1
