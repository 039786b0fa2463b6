"""The record of an image: what the catalogue, the manifest, HTTP and GraphQL say of one original.

Start with `Image`. Its JSON (`document`, camelCase) is the same everywhere: an item of the table, the
`image` of a manifest, an answer of the API. `Manifest` adds what only the event path needs.

Versions order everything. A ticket makes version 1; manifests have the odd ones from 3 on, and the
`PROCESSING` before a manifest has the even one between. Whoever holds two keeps the higher.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias
from unicodedata import normalize

import msgspec

from tintype.keys import rendition_key

if TYPE_CHECKING:
    import tintype.imaging

Document: TypeAlias = "dict[str, Document] | list[Document] | str | float | bool | None"

OWNER = "public"  # until there is sign-in; the listing index is by owner, so it needs no migration
TICKET_VERSION = 1
FIRST_VERSION = 3  # of a manifest
OWNER_FILENAME = "ownerFilename"  # an attribute of the table's items alone
MOST_NAME_CHARACTERS = 255


class Status(StrEnum):
    """Where an image is on its way."""

    AWAITING_UPLOAD = "AWAITING_UPLOAD"
    PROCESSING = "PROCESSING"
    READY = "READY"
    FAILED = "FAILED"
    DELETED = "DELETED"


class Source(StrEnum):
    """How an original came: by a ticket, through the API, or put into the bucket by hand."""

    UPLOAD = "UPLOAD"
    API = "API"
    BUCKET = "BUCKET"


class Camera(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What took the picture; as `tintype.imaging.Camera`."""

    make: str | None = None
    model: str | None = None
    lens: str | None = None
    exposure_seconds: str | None = None
    aperture: float | None = None
    iso: int | None = None
    focal_length_mm: float | None = None
    taken_at: str | None = None


class Original(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """The uploaded bytes. All but `key` is None until the engine has seen them."""

    key: str
    content_type: str | None = None
    format: str | None = None
    width: int | None = None
    height: int | None = None
    bytes: int | None = None
    sha256: str | None = None
    frames: int | None = None
    orientation: int | None = None
    has_alpha: bool | None = None
    colour_space: str | None = None
    camera: Camera | None = None


class Rendition(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """One rendered file. `url` is never stored, since the CDN's name may change: `with_urls` adds it."""

    preset: str
    format: str
    content_type: str
    width: int
    height: int
    bytes: int
    key: str
    url: str | None = None


class Failure(msgspec.Struct, frozen=True, rename="camel"):
    """Why there are no renditions. `retryable` says that the same original may succeed later."""

    code: str
    message: str
    retryable: bool = False


class Timings(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Milliseconds a stage: in the queue, reading the original, rendering, writing the renditions."""

    wait: float | None = None
    read: float | None = None
    render: float | None = None
    write: float | None = None


class Image(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One original and its renditions. Times are ISO 8601 in UTC, with milliseconds."""

    id: str
    owner: str | None = OWNER  # None when deleted: it leaves the listing
    version: int
    status: Status
    filename: str
    source: Source
    original: Original
    renditions: tuple[Rendition, ...] = ()
    placeholder: str | None = None
    dominant_colour: str | None = None
    removed: tuple[str, ...] = ()
    failure: Failure | None = None
    timings: Timings | None = None
    revision: str | None = None
    presets_revision: str | None = None
    created_at: str
    updated_at: str
    expires: int | None = None  # epoch seconds after which the table forgets it; DynamoDB's TTL


class Origin(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Which object a manifest was made of, and the last event of it that was applied.

    `etag` is S3's tag of the bytes, None where they were not read; `sequencer` is the event's.
    """

    bucket: str
    key: str
    etag: str | None = None
    sequencer: str = ""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON beside an image's renditions. It is written last, so its presence means "done"."""

    image: Image
    origin: Origin


_DECODER = msgspec.json.Decoder(Manifest)
_ENCODER = msgspec.json.Encoder()


def encode(value: msgspec.Struct) -> bytes:
    """Return the JSON of a record."""
    return _ENCODER.encode(value)


def decode_manifest(data: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        msgspec.ValidationError: it is none; nobody but the develop function writes them.
    """
    return _DECODER.decode(data)


def document(image: Image) -> dict[str, Document]:
    """Return an image as plain values under their JSON names, without what is None."""
    plain: dict[str, Document] = msgspec.to_builtins(image)
    return {name: value for name, value in plain.items() if value is not None}


def item(image: Image) -> dict[str, object]:
    """Return a record as the table keeps it: `expires` is its time to live there.

    An image that is somebody's is also found by its name. A deleted one is nobody's, so it leaves
    both indexes.
    """
    plain: dict[str, object] = dict(document(image))
    if image.owner is not None:
        plain[OWNER_FILENAME] = owner_filename(image.owner, image.filename)
    return plain


def owner_filename(owner: str, filename: str) -> str:
    """Return the attribute by which the table finds an owner's images of one name.

    Accents count the same whether they are letters of their own or not. What is longer than a file
    system's names is cut: DynamoDB takes keys of up to 2,048 bytes.

    >>> owner_filename("public", "beach.jpg")
    'public/beach.jpg'
    """
    return f"{owner}/{normalize('NFC', filename)[:MOST_NAME_CHARACTERS]}"


def from_document(plain: Mapping[str, object]) -> Image:
    """Read what `document` wrote."""
    return msgspec.convert({"owner": None, **plain}, Image)  # a tombstone has none


def with_urls(image: Image, public_url: str) -> Image:
    """Return *image* with the address of every rendition below *public_url*."""
    renditions = (
        msgspec.structs.replace(rendition, url=f"{public_url}/{rendition.key}")
        for rendition in image.renditions
    )
    return msgspec.structs.replace(image, renditions=tuple(renditions))


def rendition_of(image: Image, filename: str) -> Rendition | None:
    """Return the rendition that goes by *filename*: a preset's name, with or without an ending.

    Where a preset is written in several formats the ending decides. Where none fits, the first is
    meant: which format an original gets may follow from it (`auto`), and presets change.
    """
    preset = filename.partition(".")[0]
    named = [one for one in image.renditions if one.preset == preset]
    exact = [one for one in named if one.key.endswith(f"/{filename}")]
    return next(iter(exact + named), None)


def described(key: str, description: tintype.imaging.Description) -> Original:
    """Return the record of an original that the engine has described."""
    camera = description.camera
    return Original(
        key=key,
        content_type=description.content_type,
        format=description.format.value,
        width=description.width,
        height=description.height,
        bytes=description.bytes,
        sha256=description.sha256,
        frames=description.frames,
        orientation=description.orientation,
        has_alpha=description.has_alpha,
        colour_space=description.colour_space,
        camera=None if camera is None else Camera(**asdict(camera)),
    )


def rendition(image_id: str, revision: str, made: tintype.imaging.Rendition) -> Rendition:
    """Return the record of a rendition that the engine has made."""
    return Rendition(
        preset=made.preset,
        format=made.format.value,
        content_type=made.content_type,
        width=made.width,
        height=made.height,
        bytes=len(made.data),
        key=rendition_key(image_id, revision, made.filename),
    )


def timestamp(moment: datetime) -> str:
    """Return a moment as records have it.

    >>> timestamp(datetime(2026, 11, 21, 10, 0, 0, 123456, tzinfo=UTC))
    '2026-11-21T10:00:00.123Z'
    """
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
