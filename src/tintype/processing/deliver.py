"""One rendition on request: the file of an address that asks for a size which is not there yet.

Start with `deliver`. The manifest decides what may be delivered, and nothing locks it: it is read
before and after the file is written, and if it says something else by then, the file is deleted again.
So whoever commits another manifest first, and then deletes the files that are there (`delivered.py`),
leaves none. What a crash leaves, the sweep removes: every file has its revision as metadata. Before
the file, a mark of the revision is written: from then on the CDN may have something of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from tintype import imaging, keys
from tintype.access import Visibility
from tintype.aws.errors import ArchivedError, NotFoundError, ServiceError
from tintype.aws.ports import ObjectStore
from tintype.aws.s3 import ObjectTooLargeError, StoredObject
from tintype.delivery.grammar import AddressError, DeliveredFile, read_filename
from tintype.images import (
    Failure,
    Image,
    Manifest,
    Rendition,
    Status,
    delivered_folder,
    served_revision,
)
from tintype.imaging import ImagingError, Limits, Preset, QualityTarget
from tintype.imaging.errors import TooManyBytesError
from tintype.processing import manifests
from tintype.processing.delivered import REVISION, mark_key
from tintype.processing.variants import FileRecipe, file_recipe, stored_rendition

# Unlike renditions, these files keep their address when their content changes: browsers ask again
# after a day. The CDN is told.
CACHE_CONTROL = {
    Visibility.PUBLIC: "public, max-age=86400, s-maxage=31536000",
    Visibility.PRIVATE: "private, max-age=3600",
}


class DeliveryOutcome(StrEnum):
    """What became of a request for a file."""

    RENDERED = "RENDERED"
    COPIED = "COPIED"  # it is a preset's rendition
    UNKNOWN = "UNKNOWN"  # no address leads to this key
    NOT_FOUND = "NOT_FOUND"  # no image has this address
    NOT_READY = "NOT_READY"  # its original, or a new one, has not been processed yet
    FAILED = "FAILED"  # its original cannot be rendered
    CHANGED = "CHANGED"  # the image changed meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryContext:
    """The buckets, the presets, the limits, and the *quality* of files whose address names none."""

    originals: ObjectStore
    renditions: ObjectStore
    presets: Sequence[Preset]
    limits: Limits
    quality: QualityTarget | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """The result of a request: a file if it was RENDERED or COPIED, a failure if it is FAILED."""

    outcome: DeliveryOutcome
    image_id: str | None = None
    data: bytes = field(default=b"", repr=False)
    content_type: str = ""
    cache_control: str = ""
    failure: Failure | None = None


class _NotDeliveredError(Exception):
    def __init__(self, outcome: DeliveryOutcome, failure: Failure | None = None) -> None:
        super().__init__(outcome)
        self.outcome, self.failure = outcome, failure


def deliver(context: DeliveryContext, key: str) -> DeliveryResult:
    """Make the file at *key* of the renditions bucket, store it there and return it.

    Raises:
        ServiceError: a service refused or failed; retry.
    """
    place = keys.delivered_in(key)
    file = _file(place[1]) if place else None
    if place is None or file is None:
        return DeliveryResult(outcome=DeliveryOutcome.UNKNOWN)
    image_id = place[0]
    try:
        manifest = _manifest(context, image_id, key)
        delivery = _made(context, manifest, file)
        _store(context, manifest.image, key, delivery)
    except _NotDeliveredError as error:
        return DeliveryResult(outcome=error.outcome, image_id=image_id, failure=error.failure)
    return delivery


def _file(filename: str) -> DeliveredFile | None:
    try:
        return read_filename(filename)
    except AddressError:
        return None


def _manifest(
    context: DeliveryContext, image_id: str, key: str, revision: str | None = None
) -> Manifest:
    """Return an image's manifest, if it has renditions, and *key* its owner and visibility.

    Raises:
        _NotDeliveredError: there is none, or its renditions have another *revision*.
    """
    manifest = manifests.read(context.renditions, image_id).manifest
    if manifest is None:
        coming = context.originals.entries(f"{keys.ORIGINALS}{image_id}/")
        is_coming = next(iter(coming), None) is not None
        raise _NotDeliveredError(
            DeliveryOutcome.NOT_READY if is_coming else DeliveryOutcome.NOT_FOUND
        )
    image = manifest.image
    if image.status is Status.DELETED or not key.startswith(delivered_folder(image)):
        raise _NotDeliveredError(DeliveryOutcome.NOT_FOUND)
    if not image.renditions:
        raise _NotDeliveredError(DeliveryOutcome.FAILED, image.failure)
    if revision is not None and served_revision(image) != revision:
        raise _NotDeliveredError(DeliveryOutcome.CHANGED)
    return manifest


def _made(context: DeliveryContext, manifest: Manifest, file: DeliveredFile) -> DeliveryResult:
    """Copy or render the file.

    Raises:
        _NotDeliveredError: its preset is unknown, or the original cannot be read or rendered.
    """
    image = manifest.image
    source = stored_rendition(image, file) or file_recipe(
        file, context.presets, image.focus, context.quality
    )
    if source is None:
        raise _NotDeliveredError(DeliveryOutcome.UNKNOWN)
    if isinstance(source, Rendition):
        outcome = DeliveryOutcome.COPIED
        data, content_type = _copied(context, source), source.content_type
    else:
        outcome, made = DeliveryOutcome.RENDERED, _rendered(context, manifest, source)
        data, content_type = made.data, made.content_type
    return DeliveryResult(
        outcome=outcome,
        image_id=image.id,
        data=data,
        content_type=content_type,
        cache_control=CACHE_CONTROL[image.visibility],
    )


def _copied(context: DeliveryContext, rendition: Rendition) -> bytes:
    try:
        return context.renditions.get(rendition.key).data
    except NotFoundError as error:
        raise _NotDeliveredError(DeliveryOutcome.CHANGED) from error


def _rendered(
    context: DeliveryContext, manifest: Manifest, recipe: FileRecipe
) -> imaging.RenderedFile:
    data = _original(context, manifest).data
    try:
        return imaging.render_one(
            data, recipe.preset, context.limits, part=recipe.part, faces=manifest.faces
        )
    except ImagingError as error:
        raise _refused(error.code, str(error)) from error


def _original(context: DeliveryContext, manifest: Manifest) -> StoredObject:
    """Return the bytes that the manifest is about.

    Raises:
        _NotDeliveredError: they cannot be read, or are not there any more.
    """
    origin, limit = manifest.origin, context.limits.max_bytes
    try:
        stored = context.originals.get(origin.key, max_bytes=limit)
    except NotFoundError as error:
        raise _NotDeliveredError(DeliveryOutcome.NOT_FOUND) from error
    except ArchivedError as error:
        raise _refused(error.code, str(error)) from error
    except ObjectTooLargeError as error:
        raise _refused(TooManyBytesError.code, f"{error}; the limit is {limit:,}") from error
    if stored.etag != origin.etag:
        raise _NotDeliveredError(DeliveryOutcome.NOT_READY)
    return stored


def _refused(code: str, message: str) -> _NotDeliveredError:
    return _NotDeliveredError(DeliveryOutcome.FAILED, Failure(code, message))


def _store(context: DeliveryContext, image: Image, key: str, made: DeliveryResult) -> None:
    """Mark the revision and write the file, and delete that again if the image is another by then.

    The mark is renewed first: the file may have been seen, and the first mark is gone with the others.

    Raises:
        _NotDeliveredError: it is.
    """
    revision = served_revision(image)
    _mark(context, image)
    context.renditions.put(
        key,
        made.data,
        content_type=made.content_type,
        cache_control=made.cache_control,
        metadata={REVISION: revision},
        tags=keys.DELIVERED_TAGS,
    )
    try:
        _manifest(context, image.id, key, revision)
    except (_NotDeliveredError, ServiceError):
        with suppress(ServiceError):  # the sweep removes it
            _mark(context, image)
            context.renditions.delete(key)
        raise


def _mark(context: DeliveryContext, image: Image) -> None:
    context.renditions.put(mark_key(image), b"", content_type="text/plain")
