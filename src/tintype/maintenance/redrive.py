"""Redrive: move dead letters back to their queue. Start with `move_dead_letters`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from time import time

from tintype.aws.dynamodb import Table
from tintype.aws.sqs import Message, Queue
from tintype.maintenance.dead_letters import Subject, subject_of

HIDDEN_SECONDS = 30  # how long a message is hidden from others while it is moved or shown
EMPTY_RESPONSES = 2  # SQS polls only some of its servers, so one empty response proves little
_MILLISECONDS = 1000


class QueueName(StrEnum):
    """The queues that have a dead-letter queue."""

    PROCESS = "process"
    CATALOGUE = "catalogue"


@dataclass(frozen=True, slots=True)
class RedriveRoute:
    """A queue and its dead-letter queue."""

    name: QueueName
    dead: Queue
    source: Queue


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter: its subject, the image's recorded failure, and whether it was moved."""

    queue: QueueName
    subject: Subject
    reason: str
    moved: bool
    dropped: bool = False


def move_dead_letters(
    route: RedriveRoute, images: Table, *, dry_run: bool, drop: bool = False
) -> Iterator[DeadLetter]:
    """Move dead letters and yield each; with *dry_run* nothing is moved.

    Messages that no function can read are kept, or deleted with *drop*. A message is sent before it
    is deleted: an interruption in between leaves a duplicate, which is harmless. Messages that
    become dead letters again meanwhile are not moved twice.

    Raises:
        ServiceError: a queue or the table refused or failed; yielded messages are done.
    """
    for message in waiting_messages(route.dead, before=time()):
        subject = subject_of(message.body)
        reason = subject.why or _reason(images, subject.image_id)
        moved = not dry_run and not subject.is_hopeless
        dropped = not dry_run and subject.is_hopeless and drop
        if moved:
            route.source.send(message.body)
        if moved or dropped:
            route.dead.delete(message.receipt)
        yield DeadLetter(route.name, subject, reason, moved=moved, dropped=dropped)


def waiting_messages(queue: Queue, *, before: float) -> Iterator[Message]:
    """Yield each message that was sent before a time (epoch seconds) once; it is hidden meanwhile."""
    seen: set[str] = set()
    empty = 0
    while empty < EMPTY_RESPONSES:
        messages = [
            message
            for message in queue.receive(visibility_seconds=HIDDEN_SECONDS)
            if message.id not in seen and _sent_at(message) < before
        ]
        seen.update(message.id for message in messages)
        empty = 0 if messages else empty + 1
        yield from messages


def _sent_at(message: Message) -> float:
    """Return when a message first entered its queue, in epoch seconds; a redrive keeps it."""
    return int(message.attributes.get("SentTimestamp", "0")) / _MILLISECONDS


def _reason(images: Table, image_id: str | None) -> str:
    """Return an image's recorded failure, or that it has no record."""
    record = images.get(image_id) if image_id else None
    if record is None:
        return "no record" if image_id else ""
    failure = record.get("failure")
    if isinstance(failure, dict):
        return f"{failure.get('code')}: {failure.get('message')}"
    return str(record.get("status", ""))
