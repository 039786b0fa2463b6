"""What a message in one of our queues is about, for people. Start with `subject_of`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import unquote_plus

import msgspec

from tintype import keys
from tintype.functions.events import MalformedMessageError, SqsRecord, instructions, records

UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a message says: *what* happened or is asked for, of which image and which key."""

    what: str
    image_id: str | None = None
    key: str | None = None
    why: str = ""  # nobody can read it

    @property
    def is_hopeless(self) -> bool:
        """Whether no function will ever read the message."""
        return bool(self.why)


class _Object(msgspec.Struct):
    key: str


class _Bucket(msgspec.Struct):
    name: str = ""


class _S3(msgspec.Struct):
    object: _Object
    bucket: _Bucket = msgspec.field(default_factory=_Bucket)


class _Record(msgspec.Struct, rename="camel"):
    event_name: str
    s3: _S3


class _Image(msgspec.Struct):
    id: str
    status: str


class _Body(msgspec.Struct, rename="camel"):
    """Any message of ours or S3's; which fields are there says which."""

    records: list[_Record] | None = msgspec.field(name="Records", default=None)
    event: str | None = msgspec.field(name="Event", default=None)
    command: str | None = None
    image_id: str | None = None
    key: str | None = None
    image: _Image | None = None


def subject_of(body: str) -> Subject:
    """Return what a message is about; anything may lie in a queue.

    >>> subject_of('{"command": "reprocess", "imageId": "01JD", "key": "originals/01JD/a.jpg"}')
    Subject(what='reprocess', image_id='01JD', key='originals/01JD/a.jpg', why='')
    >>> subject_of("hello").what, subject_of("hello").is_hopeless
    ('unreadable', True)
    """
    why = _why_no_function_reads(body)
    try:
        message = msgspec.json.decode(body, type=_Body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return Subject(UNREADABLE, why=why)
    return replace(_told(message), why=why)


def _why_no_function_reads(body: str) -> str:
    """Return why neither the develop nor the catalogue function can read a message; empty: one can."""
    message = SqsRecord(message_id="", body=body)
    try:
        instructions(message, datetime.now(UTC))
    except (MalformedMessageError, UnicodeError) as error:
        try:
            records(message)
        except (MalformedMessageError, UnicodeError):
            return str(error)
    return ""


def _told(message: _Body) -> Subject:
    if message.command:
        return Subject(message.command, message.image_id, message.key)
    if message.image:
        return Subject(message.image.status, message.image.id)
    if message.records:
        return _of_event(message.records[0])
    return Subject(message.event or "nothing")


def _of_event(record: _Record) -> Subject:
    key = unquote_plus(record.s3.object.key, errors="replace")
    image_id = keys.id_of_manifest(key) or keys.image_id(record.s3.bucket.name, key)
    return Subject(record.event_name.removeprefix("s3:"), image_id, key)
