"""A queue on the emulator: what is sent comes once, comes again, and goes."""

from __future__ import annotations

import time

import pytest

from tests.aws.conftest import Cloud
from tintype.aws.account import Account
from tintype.aws.errors import AccessDeniedError, NotFoundError
from tintype.aws.sqs import Counts, Queue


@pytest.fixture
def queue(cloud: Cloud, account: Account, request: pytest.FixtureRequest) -> Queue:
    name = request.node.name[:70]
    return Queue(account, cloud.client("sqs").create_queue(QueueName=name)["QueueUrl"])


def test_a_message_comes_as_it_was_sent_until_it_is_deleted(queue: Queue) -> None:
    body = '{"key": "originals/a+b%20c/Café ☕ <&>.jpg"}'
    sent = queue.send(body)

    (message,) = queue.receive(10, wait_seconds=1, visibility_seconds=60)

    assert (message.body, message.id) == (body, sent)
    assert message.attributes["ApproximateReceiveCount"] == "1"
    assert queue.receive() == []
    queue.delete(message.receipt)
    assert queue.counts() == Counts(0, 0, 0)


def test_a_message_that_is_not_deleted_comes_again(queue: Queue) -> None:
    queue.send("again")
    queue.receive(visibility_seconds=0)

    (message,) = queue.receive(wait_seconds=2)

    assert message.attributes["ApproximateReceiveCount"] == "2"


def test_counts_tell_the_waiting_from_those_in_flight(queue: Queue) -> None:
    for body in "abc":
        queue.send(body)
    queue.receive(1, visibility_seconds=60)

    assert queue.counts() == Counts(visible=2, in_flight=1, delayed=0)


def test_a_delayed_message_is_not_yet_there(queue: Queue) -> None:
    queue.send("later", delay_seconds=60)

    assert queue.receive() == []
    assert queue.counts() == Counts(visible=0, in_flight=0, delayed=1)


def test_an_empty_queue_is_waited_for(queue: Queue) -> None:
    begin = time.monotonic()

    assert queue.receive(wait_seconds=1) == []

    assert time.monotonic() - begin >= 0.9


def test_a_missing_queue_is_not_found(queue: Queue) -> None:
    missing = Queue(queue.account, queue.url + "-missing")

    with pytest.raises(NotFoundError):
        missing.send("body")


def test_who_has_no_policy_is_denied(cloud: Cloud, strange_account: Account) -> None:
    with pytest.raises(AccessDeniedError):
        Queue(strange_account, cloud.queue_url).send("body")
