"""Dead letters: summaries of messages for people. Start with `subject_of`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from tintype import keys
from tintype.messages import (
    Announce,
    Discard,
    Expire,
    MalformedMessageError,
    Message,
    Purge,
    Reprocess,
    S3Event,
    S3Record,
    SetFocus,
    SetVisibility,
    Sweep,
    decode,
)

UNREADABLE = "unreadable"
_WHAT: dict[type[Message], str] = {
    Reprocess: "reprocess",
    Discard: "discard",
    SetVisibility: "set visibility",
    SetFocus: "set focus",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a message: *what* happened or is requested, for which image and key."""

    what: str
    image_id: str | None = None
    key: str | None = None
    why: str = ""  # the reason if it cannot be read

    @property
    def is_hopeless(self) -> bool:
        """Whether no function can ever read the message."""
        return bool(self.why)


def subject_of(body: str) -> Subject:
    """Return the subject of a message, which may be arbitrary text.

    >>> subject_of('{"command": "reprocess", "imageId": "01JD", "key": "originals/01JD/a.jpg"}')
    Subject(what='reprocess', image_id='01JD', key='originals/01JD/a.jpg', why='')
    >>> subject_of("hello").what, subject_of("hello").is_hopeless
    ('unreadable', True)
    """
    try:
        return _told(decode(body))
    except MalformedMessageError as error:
        return Subject(UNREADABLE, why=str(error))


def _told(message: Message) -> Subject:
    match message:
        case Reprocess() | Discard() | SetVisibility() | SetFocus():
            return Subject(_WHAT[type(message)], message.image_id, message.key)
        case Sweep() | Purge() | Expire():
            return Subject(type(message).__name__.lower(), message.image_id)
        case Announce():
            return Subject(message.image.status, message.image.id)
        case S3Event():
            return _of_event(message.records[0]) if message.records else Subject("nothing")
        case _:
            assert_never(message)


def _of_event(record: S3Record) -> Subject:
    image_id = keys.id_of_manifest(record.key) or keys.image_id(record.bucket, record.key)
    return Subject(record.name, image_id, record.key)
