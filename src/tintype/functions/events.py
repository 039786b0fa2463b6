"""What S3, SQS and API Gateway send, as our own values.

S3's keys are form-encoded in events: a space is a plus, so they are decoded once, and just once. The
first message of a queue that S3 writes to is `s3:TestEvent`, which has no records.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias
from urllib.parse import unquote_plus

import msgspec

from tintype import keys
from tintype.images import Image
from tintype.orders import Order, PutVersion

_MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class Develop:
    """An original has come, or is to be rendered again."""

    order: Order


@dataclass(frozen=True, slots=True)
class Discard:
    """An original has gone."""

    order: Order


@dataclass(frozen=True, slots=True)
class Sweep:
    """What an image has left over should be looked through."""

    image_id: str


Instruction: TypeAlias = Develop | Discard | Sweep


class MalformedMessageError(Exception):
    """A message in a queue is none that we or S3 write."""

    code = "malformed_message"


class SqsAttributes(msgspec.Struct, rename="pascal"):
    """What SQS says of a message; both are numbers written as text."""

    approximate_receive_count: str = "1"
    sent_timestamp: str | None = None


class SqsRecord(msgspec.Struct, rename="camel"):
    """A message of a batch."""

    message_id: str
    body: str
    receipt_handle: str = ""
    source: str = msgspec.field(name="eventSourceARN", default="")
    attributes: SqsAttributes = msgspec.field(default_factory=SqsAttributes)

    @property
    def attempt(self) -> int:
        """How often it was received, this time included."""
        return int(self.attributes.approximate_receive_count)

    @property
    def sent_at(self) -> datetime | None:
        """When it was sent, if SQS says."""
        sent = self.attributes.sent_timestamp
        return datetime.fromtimestamp(int(sent) / _MILLISECONDS, UTC) if sent else None


class SqsEvent(msgspec.Struct):
    """What Lambda gives to a function for a batch."""

    records: list[SqsRecord] = msgspec.field(name="Records", default_factory=list)


class _Object(msgspec.Struct, rename="camel"):
    key: str
    sequencer: str | None = None
    size: int | None = None
    version_id: str | None = None


class _S3(msgspec.Struct):
    object: _Object


class _S3Record(msgspec.Struct, rename="camel"):
    event_name: str
    s3: _S3
    event_time: datetime | None = None

    @property
    def name(self) -> str:
        """The event's name, without the prefix that some have."""
        return self.event_name.removeprefix("s3:")

    @property
    def version_id(self) -> str | None:
        """Which version it is about; None where another one may come to have the same name.

        That is `null`, where keeping versions was suspended.
        """
        return None if self.s3.object.version_id == "null" else self.s3.object.version_id

    @property
    def put(self) -> PutVersion | None:
        """What was written, if by a PUT: a copy or an upload in parts is the bucket's owner's."""
        version, size = self.version_id, self.s3.object.size
        if self.name != "ObjectCreated:Put" or not version or size is None:
            return None
        return PutVersion(version, size)

    @property
    def key(self) -> str:
        """The object's key.

        Raises:
            MalformedMessageError: it is not UTF-8, as every key of S3 is.
        """
        try:
            return unquote_plus(self.s3.object.key, errors="strict")
        except UnicodeDecodeError as error:
            raise MalformedMessageError(str(error)) from error


class _Body(msgspec.Struct, rename="camel"):
    """Any message of ours or S3's; which fields are there says which."""

    records: list[_S3Record] | None = msgspec.field(name="Records", default=None)
    event: str | None = msgspec.field(name="Event", default=None)
    command: str | None = None
    image_id: str | None = None
    key: str | None = None
    image: Image | None = None


_BODY = msgspec.json.Decoder(_Body)


def batch(event: object) -> list[SqsRecord]:
    """Return the messages of an SQS event."""
    return msgspec.convert(event, SqsEvent).records


def instructions(record: SqsRecord, now: datetime) -> list[Instruction]:
    """Return what a message of the develop queue asks for.

    Raises:
        MalformedMessageError: it cannot be read.
    """
    body = _body(record)
    if body.command == "sweep" and body.image_id:
        return [Sweep(body.image_id)]
    if body.command in {"discard", "reprocess"} and body.key:
        order = Order(
            key=body.key,
            again=True,
            attempt=record.attempt,
            wait_milliseconds=_since(record.sent_at, now),
        )
        return [Develop(order) if body.command == "reprocess" else Discard(order)]
    if body.records is None:
        return _nothing(body)
    return [_of_s3(one, record.attempt, now) for one in body.records]


def records(record: SqsRecord) -> list[Image | str]:
    """Return what a message of the catalogue queue is about: records, or ids of manifests.

    Raises:
        MalformedMessageError: it cannot be read.
    """
    body = _body(record)
    if body.image is not None:
        return [body.image]
    if body.records is None:
        _nothing(body)
    found = (keys.id_of_manifest(one.key) for one in body.records or ())
    return [image_id for image_id in found if image_id]


def _of_s3(record: _S3Record, attempt: int, now: datetime) -> Instruction:
    order = Order(
        key=record.key,
        sequencer=record.s3.object.sequencer,
        attempt=attempt,
        wait_milliseconds=_since(record.event_time, now),
        put=record.put,
        for_good=record.name == "ObjectRemoved:Delete" and record.version_id is not None,
    )
    removed = record.name.startswith(("ObjectRemoved:", "LifecycleExpiration:"))
    return Discard(order) if removed else Develop(order)


def _body(record: SqsRecord) -> _Body:
    try:
        return _BODY.decode(record.body)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise MalformedMessageError(str(error)) from error


def _nothing(body: _Body) -> list[Instruction]:
    if body.event == "s3:TestEvent":
        return []
    message = "neither an S3 event nor a command of ours"
    raise MalformedMessageError(message)


def _since(moment: datetime | None, now: datetime) -> float | None:
    if moment is None:
        return None
    return max(0.0, round((now - moment).total_seconds() * _MILLISECONDS, 1))
