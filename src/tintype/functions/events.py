"""SQS events, and the instructions in a queue's messages.

`messages.py` defines the messages. A function refuses those of another queue.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeAlias, assert_never

import msgspec

from tintype import keys, messages, traces
from tintype.access import Visibility
from tintype.messages import (
    Announce,
    Expire,
    MalformedMessageError,
    Purge,
    Reprocess,
    S3Event,
    S3Record,
    Sweep,
)
from tintype.processing.job import ProcessJob

_MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class ProcessOriginal:
    """An original was stored, or must be rendered again, maybe with another focus."""

    job: ProcessJob


@dataclass(frozen=True, slots=True)
class DiscardOriginal:
    """An original was removed."""

    job: ProcessJob


@dataclass(frozen=True, slots=True)
class ChangeImage:
    """An image is to be public or private."""

    job: ProcessJob
    visibility: Visibility
    requested_at: str | None


ImageInstruction: TypeAlias = ProcessOriginal | DiscardOriginal | ChangeImage | Sweep
Instruction: TypeAlias = ImageInstruction | Purge


class SqsAttributes(msgspec.Struct, rename="pascal"):
    """SQS's attributes of a message; both are numbers as text."""

    approximate_receive_count: str = "1"
    sent_timestamp: str | None = None


class SqsRecord(msgspec.Struct, rename="camel"):
    """A message in a batch."""

    message_id: str
    body: str
    receipt_handle: str = ""
    source: str = msgspec.field(name="eventSourceARN", default="")
    attributes: SqsAttributes = msgspec.field(default_factory=SqsAttributes)

    @property
    def attempt(self) -> int:
        """How often it was received, including this time."""
        return int(self.attributes.approximate_receive_count)

    @property
    def sent_at(self) -> datetime | None:
        """When it was sent, if SQS reports it."""
        sent = self.attributes.sent_timestamp
        return datetime.fromtimestamp(int(sent) / _MILLISECONDS, UTC) if sent else None


class SqsEvent(msgspec.Struct):
    """The event that Lambda passes for a batch."""

    records: list[SqsRecord] = msgspec.field(name="Records", default_factory=list)


def batch(event: object) -> list[SqsRecord]:
    """Return the messages of an SQS event."""
    return msgspec.convert(event, SqsEvent).records


def instructions(record: SqsRecord, now: datetime) -> list[Instruction]:
    """Return the instructions in a message of the process queue.

    Raises:
        MalformedMessageError: it cannot be read, or belongs to the catalogue queue.
    """
    match messages.decode(record.body):
        case S3Event(records):
            return [_of_s3(one, record.attempt, now) for one in records]
        case Sweep() | Purge() as request:
            return [request]
        case Reprocess() as request:
            return [ProcessOriginal(_asked(request, record, now))]
        case messages.Discard() as request:
            return [DiscardOriginal(_asked(request, record, now))]
        case messages.SetVisibility() as request:
            job = _asked(request, record, now)
            return [ChangeImage(job, request.visibility, request.requested_at)]
        case messages.SetFocus() as request:
            return [ProcessOriginal(replace(_asked(request, record, now), refocus=request))]
        case Announce() | Expire():
            message = "a record belongs in the catalogue queue, not here"
            raise MalformedMessageError(message)
        case unknown:
            assert_never(unknown)


def announcements(record: SqsRecord) -> list[Announce | Expire | str]:
    """Return the subjects of a message of the catalogue queue: records, tickets, or IDs of manifests.

    Raises:
        MalformedMessageError: it cannot be read, or belongs to the process queue.
    """
    match messages.decode(record.body):
        case S3Event(records):
            found = (keys.id_of_manifest(one.key) for one in records)
            return [image_id for image_id in found if image_id]
        case Announce() | Expire() as request:
            return [request]
        case (
            Reprocess()
            | messages.Discard()
            | messages.SetVisibility()
            | messages.SetFocus()
            | Sweep()
            | Purge()
        ):
            message = "a request about an original belongs in the process queue, not here"
            raise MalformedMessageError(message)
        case unknown:
            assert_never(unknown)


def _asked(
    request: Reprocess | messages.Discard | messages.SetVisibility | messages.SetFocus,
    record: SqsRecord,
    now: datetime,
) -> ProcessJob:
    return ProcessJob(
        key=request.key,
        again=True,
        attempt=record.attempt,
        wait_milliseconds=_since(record.sent_at, now),
        trace=traces.known(request.trace),
    )


def _of_s3(record: S3Record, attempt: int, now: datetime) -> Instruction:
    job = ProcessJob(
        key=record.key,
        sequencer=record.sequencer,
        attempt=attempt,
        wait_milliseconds=_since(record.event_time, now),
        put=record.put,
        for_good=record.removes_for_good,
    )
    return DiscardOriginal(job) if record.removes else ProcessOriginal(job)


def _since(moment: datetime | None, now: datetime) -> float | None:
    if moment is None:
        return None
    return max(0.0, round((now - moment).total_seconds() * _MILLISECONDS, 1))
