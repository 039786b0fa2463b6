"""The record of an image: one shape for the catalogue, the manifest, HTTP and GraphQL.

Start with `Image`. Its JSON (`document`, camelCase) is the same everywhere: an item of the table,
the `image` of a manifest, a response of the API. `Manifest` adds what only the event path needs.

Versions order all records of an image: a ticket is 1, `PROCESSING` 2, `PROCESSING` with the first
rendition 3, the manifest 4; then from 5 on again. The highest version wins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeAlias, assert_never
from unicodedata import normalize
from urllib.parse import quote

import msgspec

from tintype import delivery, keys, owners
from tintype.access import Visibility
from tintype.imaging.face import Face
from tintype.keys import image_folder, private_folder, rendition_key

if TYPE_CHECKING:
    import tintype.imaging

Document: TypeAlias = "dict[str, Document] | list[Document] | str | float | bool | None"

TICKET_VERSION = 1
FIRST_VERSION = 4  # of a manifest
OWNER_FILENAME = "ownerFilename"  # an attribute of the table's items alone
MOST_NAME_CHARACTERS = 255
VISIBILITY = "visibility"  # the metadata of an original that an upload was signed with


class Status(StrEnum):
    """The processing status of an image."""

    AWAITING_UPLOAD = "AWAITING_UPLOAD"
    PROCESSING = "PROCESSING"
    READY = "READY"
    FAILED = "FAILED"
    DELETED = "DELETED"

    @property
    def is_end(self) -> bool:
        """Whether no other status follows without a new request."""
        match self:
            case Status.READY | Status.FAILED | Status.DELETED:
                return True
            case Status.AWAITING_UPLOAD | Status.PROCESSING:
                return False
            case _:
                assert_never(self)

    @property
    def has_original(self) -> bool:
        """Whether there are, or were, bytes to render."""
        match self:
            case Status.PROCESSING | Status.READY | Status.FAILED:
                return True
            case Status.AWAITING_UPLOAD | Status.DELETED:
                return False
            case _:
                assert_never(self)


class Source(StrEnum):
    """How an original was uploaded: with a ticket, through the API, or directly to the bucket."""

    UPLOAD = "UPLOAD"
    API = "API"
    BUCKET = "BUCKET"


class Camera(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """The camera and its settings; as `tintype.imaging.CameraMetadata`."""

    make: str | None = None
    model: str | None = None
    lens: str | None = None
    exposure_seconds: str | None = None
    aperture: float | None = None
    iso: int | None = None
    focal_length_mm: float | None = None
    taken_at: str | None = None


class Original(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """The uploaded bytes. All fields but `key` are None until the engine has read them."""

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
    hdr: str | None = None
    camera: Camera | None = None


class Rendition(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """One rendered file. `url` is added by `with_urls`, not stored: the CDN's name may change."""

    preset: str
    format: str
    content_type: str
    width: int
    height: int
    bytes: int
    key: str
    url: str | None = None
    gain_map: bool = False
    quality: int | None = None


class Focus(msgspec.Struct, frozen=True):
    """The point that crops of an image keep near their centre, in shares of its upright original.

    0, 0 is the top left corner; as `tintype.imaging.FocalPoint`.
    """

    x: Annotated[float, msgspec.Meta(ge=0, le=1)]
    y: Annotated[float, msgspec.Meta(ge=0, le=1)]


class Failure(msgspec.Struct, frozen=True, rename="camel"):
    """Why processing failed. `retryable`: the same original may succeed later."""

    code: str
    message: str
    retryable: bool = False


class Timings(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Milliseconds per stage: queue, reading the original, rendering, writing the renditions."""

    wait: float | None = None
    read: float | None = None
    render: float | None = None
    write: float | None = None


class Image(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One original and its renditions. Times are ISO 8601 in UTC, with milliseconds."""

    id: str
    owner: str | None = (
        owners.PUBLIC
    )  # None in the table after deletion, which removes it from the listing
    version: int
    status: Status
    filename: str
    source: Source
    visibility: Visibility = Visibility.PUBLIC  # as of records from before there was any other
    focus: Focus | None = None  # belongs to the original's bytes: others have none
    original: Original
    renditions: tuple[Rendition, ...] = ()
    placeholder: str | None = None
    dominant_colour: str | None = None
    removed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    failure: Failure | None = None
    timings: Timings | None = None
    revision: str | None = None
    presets_revision: str | None = None
    created_at: str
    updated_at: str
    expires: int | None = None  # DynamoDB's TTL: epoch seconds after which the table drops it


class Origin(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The object that a manifest was made from, and the last event applied to it.

    `etag` is S3's tag of the bytes that were read, or of the bytes that kept renditions were made
    from; None if there are neither. `sequencer` is the event's, `trace` the originating request's.
    `visibility_requested_at` and `focus_requested_at` are the times of the last requests to change the
    visibility and the focus, if there were any. `focus_etag` is the tag of the bytes that the focus
    belongs to, since a failure may not say of which bytes it is.
    """

    bucket: str
    key: str
    etag: str | None = None
    sequencer: str = ""
    trace: str | None = None
    visibility_requested_at: str | None = None
    focus_requested_at: str | None = None
    focus_etag: str | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The JSON file next to an image's renditions. It is written last, so its presence means "done".

    `faces` are the original's, None if nothing looked for them. They are for crops alone, and never
    part of the record, which others read.
    """

    image: Image
    origin: Origin
    faces: tuple[Face, ...] | None = None


_DECODER = msgspec.json.Decoder(Manifest)
_ENCODER = msgspec.json.Encoder()


def encode(value: msgspec.Struct) -> bytes:
    """Return the JSON of a record."""
    return _ENCODER.encode(value)


def decode_manifest(data: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        msgspec.MsgspecError, UnicodeDecodeError, RecursionError: it is not a manifest.
    """
    return _DECODER.decode(data)


def document(image: Image) -> dict[str, Document]:
    """Return an image as plain values under their JSON names, without None values."""
    plain: dict[str, Document] = msgspec.to_builtins(image)
    return {name: value for name, value in plain.items() if value is not None}


def item(image: Image) -> dict[str, object]:
    """Return a record as the table stores it: `expires` is its time to live.

    The indexes find it by owner and by name. A deleted record omits both, which removes it from
    them.
    """
    plain: dict[str, object] = dict(document(image))
    if image.status is Status.DELETED:
        plain.pop("owner", None)
    elif image.owner is not None:
        plain[OWNER_FILENAME] = owner_filename(image.owner, image.filename)
    return plain


def owner_filename(owner: str, filename: str) -> str:
    """Return the index key for an owner's images with one name.

    Composed and decomposed accents are equal (NFC). Names longer than file systems allow are cut,
    since DynamoDB limits keys to 2,048 bytes.

    >>> owner_filename("public", "beach.jpg")
    'public/beach.jpg'
    """
    return f"{owner}/{normalize('NFC', filename)[:MOST_NAME_CHARACTERS]}"


def from_document(plain: Mapping[str, object]) -> Image:
    """Read what `document` wrote."""
    return msgspec.convert({"owner": None, **plain}, Image)  # a tombstone has no owner


def with_urls(image: Image, public_url: str, path: Callable[[str], str] = delivery.path) -> Image:
    """Return *image* with the URL of every rendition: below *public_url*, the *path* of its key.

    By default, the paths of private renditions have no signature.
    """
    renditions = (
        msgspec.structs.replace(rendition, url=f"{public_url}{path(rendition.key)}")
        for rendition in image.renditions
    )
    return msgspec.structs.replace(image, renditions=tuple(renditions))


def rendition_of(image: Image, filename: str) -> Rendition | None:
    """Return the rendition for *filename*: a preset's name, with or without an extension.

    The extension selects among several formats of a preset. If none matches, the first is returned,
    because the format may depend on the original (`auto`) and presets change.
    """
    preset = filename.partition(".")[0]
    named = [one for one in image.renditions if one.preset == preset]
    exact = [one for one in named if one.key.endswith(f"/{filename}")]
    return next(iter(exact + named), None)


def described(key: str, description: tintype.imaging.Description) -> Original:
    """Return the record of an original from the engine's description."""
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
        hdr=description.hdr,
        camera=None if camera is None else Camera(**asdict(camera)),
    )


def rendition(image: Image, revision: str, made: tintype.imaging.RenderedFile) -> Rendition:
    """Return the record of an image's rendition from the engine's file."""
    return Rendition(
        preset=made.preset,
        format=made.format.value,
        content_type=made.content_type,
        width=made.width,
        height=made.height,
        bytes=len(made.data),
        key=key_of(image, revision, made.filename),
        gain_map=made.gain_map,
        quality=made.quality,
    )


def key_of(image: Image, revision: str, filename: str) -> str:
    """Return the key of a rendition: where the image's visibility wants it."""
    owner = image.owner if image.visibility is Visibility.PRIVATE else None
    return rendition_key(image.id, revision, filename, owner)


def served_revision(image: Image) -> str:
    """Return the revision of the renditions that an image has, empty if it has none.

    A failure may keep those of an earlier revision, but has none of its own.
    """
    return next((one.key.split("/")[-2] for one in image.renditions), "")


def delivered_key(image: Image, filename: str) -> str:
    """Return the key of a file made for an image's addresses: where its visibility wants it."""
    return f"{delivered_folder(image)}{filename}"


def delivered_folder(image: Image) -> str:
    """Return the folder of the files made for an image's addresses."""
    owner = image.owner if image.visibility is Visibility.PRIVATE else None
    return keys.delivered_folder(image.id, owner)


def folders(image: Image) -> tuple[str, ...]:
    """Return the folders in which an image's renditions are, or were before its visibility changed."""
    private = () if image.owner is None else (private_folder(image.id, image.owner),)
    return (image_folder(image.id), *private)


def cached_paths(image: Image) -> tuple[str, ...]:
    """Return the paths under which the CDN may have an image's renditions, of all revisions and sizes.

    Both its addresses and the keys to which the edge leads them, as CloudFront's guide recommends.
    """
    if image.visibility is Visibility.PUBLIC or image.owner is None:
        return public_paths(image.id)
    folder = private_folder(image.id, image.owner)
    return (f"{delivery.variant_path(image.id, image.owner)}*", f"/{quote(folder)}*")


def public_paths(image_id: str) -> tuple[str, ...]:
    """Return the paths of an image's public renditions, with wildcards."""
    return (f"{delivery.path(image_folder(image_id))}*", f"{delivery.variant_path(image_id)}*")


def timestamp(moment: datetime) -> str:
    """Return a moment in the format of the records.

    >>> timestamp(datetime(2026, 11, 21, 10, 0, 0, 123456, tzinfo=UTC))
    '2026-11-21T10:00:00.123Z'
    """
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
