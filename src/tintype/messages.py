"""The queues' messages: all kinds, one `encode` and one `decode`.

S3 sends its events to the same queues as the functions their requests. `decode` returns either as one
of the types of `Message`, so that a reader can match on it.

Keys in S3's events are form-encoded: a space is a plus, so they are decoded exactly once. The first
message that S3 sends to a queue is `s3:TestEvent`: an `S3Event` without records.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias
from urllib.parse import unquote_plus

import msgspec

from tintype.access import Visibility
from tintype.images import Focus, Image

_Text: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]


class MalformedMessageError(Exception):
    """The message comes from neither S3 nor Tintype, or is in the wrong queue."""

    code = "malformed_message"


class _Request(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    rename="camel",
    tag_field="command",
    tag=str.lower,
):
    """A request from one part of Tintype to another; the class's name is its `command`."""


class Reprocess(_Request, frozen=True, kw_only=True):
    """Render the original at `key` again, even if its renditions are current.

    `image_id` is for people; the key decides. `trace` is that of the request behind it.
    """

    image_id: str | None = None
    key: _Text
    trace: str | None = None


class Discard(_Request, frozen=True, kw_only=True):
    """Write a tombstone for the original at `key`, and delete its renditions.

    `image_id` is for people; the key decides. `trace` is that of the request behind it.
    """

    image_id: str | None = None
    key: _Text
    trace: str | None = None


class SetVisibility(_Request, frozen=True, kw_only=True):
    """Give the image whose original is at `key` this visibility, unless another was asked for later.

    `image_id` is for people; the key decides. `trace` is that of the request behind it, and `requested_at`
    its time.
    """

    image_id: str | None = None
    key: _Text
    visibility: Visibility
    requested_at: str | None = None
    trace: str | None = None


class SetFocus(_Request, frozen=True, kw_only=True):
    """Give the image whose original is at `key` this focus or none, and render it again.

    Not if another was asked for later, or if the original's bytes have another `sha256` than those
    that it was chosen for; None if these are unknown. `image_id` is for people; the key decides.
    `trace` is that of the request behind it, and `requested_at` its time.
    """

    image_id: str | None = None
    key: _Text
    focus: Focus | None = None
    sha256: str | None = None
    requested_at: _Text
    trace: str | None = None


class Sweep(_Request, frozen=True, kw_only=True):
    """Delete the objects of an image that no manifest lists."""

    image_id: _Text


class Purge(_Request, frozen=True, kw_only=True):
    """Remove *paths* from the CDN's caches; *reference* makes repeated messages one invalidation.

    It was *postponed* so many times.
    """

    image_id: _Text
    paths: tuple[_Text, ...]
    reference: _Text
    postponed: int = 0


class Announce(_Request, frozen=True, kw_only=True):
    """Write a record without a manifest, and publish it: processing has started, or has made the first picture.

    `trace` is that of the request behind it.
    """

    image: Image
    trace: str | None = None


class Expire(_Request, frozen=True, kw_only=True):
    """Remove the record of an image whose upload has not come by *at*, in seconds since 1970."""

    image_id: _Text
    at: int


class PutVersion(msgspec.Struct, frozen=True):
    """The version written by one PUT to a versioned bucket; *size* in bytes."""

    id: str
    size: int


class _Object(msgspec.Struct, frozen=True, rename="camel"):
    key: str
    sequencer: str | None = None
    size: int | None = None
    version_id: str | None = None

    def __post_init__(self) -> None:
        # UTF-8, like every S3 key; msgspec turns exceptions from here into a ValidationError.
        unquote_plus(self.key, errors="strict")


class _Bucket(msgspec.Struct, frozen=True):
    name: str = ""


class _S3(msgspec.Struct, frozen=True):
    object: _Object
    bucket: _Bucket = _Bucket()


class S3Record(msgspec.Struct, frozen=True, rename="camel"):
    """One change of one object (Amazon S3 User Guide, "Event message structure")."""

    event_name: str
    s3: _S3
    event_time: datetime | None = None

    @property
    def name(self) -> str:
        """The event's name, without the optional prefix."""
        return self.event_name.removeprefix("s3:")

    @property
    def removes(self) -> bool:
        """Whether the object or a version of it was deleted."""
        return self.name.startswith(("ObjectRemoved:", "LifecycleExpiration:"))

    @property
    def removes_for_good(self) -> bool:
        """Whether one version was permanently deleted, not only hidden."""
        return self.name == "ObjectRemoved:Delete" and self.version_id is not None

    @property
    def bucket(self) -> str:
        """The bucket's name, or an empty string if the event has none."""
        return self.s3.bucket.name

    @property
    def key(self) -> str:
        """The object's key, decoded."""
        return unquote_plus(self.s3.object.key)

    @property
    def sequencer(self) -> str | None:
        """S3's sequencer, which orders the events of one key."""
        return self.s3.object.sequencer

    @property
    def version_id(self) -> str | None:
        """The version that changed, or None if another version can have the same ID.

        That ID is `null`, which S3 uses while versioning is suspended.
        """
        return None if self.s3.object.version_id == "null" else self.s3.object.version_id

    @property
    def put(self) -> PutVersion | None:
        """The version written by a PUT, or None for copies and multipart uploads, made by the bucket's owner."""
        version, size = self.version_id, self.s3.object.size
        if self.name != "ObjectCreated:Put" or not version or size is None:
            return None
        return PutVersion(version, size)


class S3Event(msgspec.Struct, frozen=True):
    """An event notification from S3."""

    records: tuple[S3Record, ...] = ()


Request: TypeAlias = (
    Reprocess | Discard | SetVisibility | SetFocus | Sweep | Purge | Announce | Expire
)
Message: TypeAlias = Request | S3Event


class _Envelope(msgspec.Struct):
    """The fields that identify the kind of a message."""

    command: str | None = None
    records: tuple[S3Record, ...] | None = msgspec.field(name="Records", default=None)
    event: str | None = msgspec.field(name="Event", default=None)
    image: msgspec.Raw = msgspec.Raw()


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_REQUEST: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
# From releases before every request had a command.
_UNTAGGED = msgspec.json.Decoder(Announce)


def encode(request: Request) -> str:
    """Return the body of a message.

    >>> encode(Reprocess(image_id="01JD", key="originals/01JD/a.jpg"))
    '{"command":"reprocess","imageId":"01JD","key":"originals/01JD/a.jpg"}'
    """
    return msgspec.json.encode(request).decode()


def decode(body: str) -> Message:
    """Return the message in a body.

    >>> decode('{"command": "sweep", "imageId": "01JD"}')
    Sweep(image_id='01JD')
    >>> decode('{"Service": "Amazon S3", "Event": "s3:TestEvent"}')
    S3Event(records=())

    Raises:
        MalformedMessageError: it is not a message of S3 or Tintype.
    """
    try:
        envelope = _ENVELOPE.decode(body)
        if envelope.records is not None:
            return S3Event(envelope.records)
        if envelope.command is not None:
            return _REQUEST.decode(body)
        if envelope.image:
            return _UNTAGGED.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise MalformedMessageError(str(error)) from error
    if envelope.event == "s3:TestEvent":
        return S3Event()
    message = "not an S3 event or a Tintype request"
    raise MalformedMessageError(message)
