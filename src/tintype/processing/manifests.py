"""The manifests of one image form a chain: each is written only in place of its predecessor.

Start with `ManifestHead`. S3 compares and swaps (If-Match), so two writers never both win, and the
versions in the manifests count every change exactly once.

Only the process and the catalogue function write manifests, but the bucket's owner can put anything
there. An object that is not a manifest blocks nothing: the next manifest replaces it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from tintype import keys
from tintype.aws.errors import NotFoundError, PreconditionFailedError, UnreadableObjectError
from tintype.aws.ports import ObjectStore
from tintype.aws.s3 import ObjectTooLargeError
from tintype.images import TICKET_VERSION, Image, Manifest, Status, decode_manifest, encode

# Readers must see the latest manifest; renditions have new keys on change and are cached for a
# year.
CACHE_CONTROL = "no-cache"
# A record is limited to 400 kB (DynamoDB, "Maximum item size"), and a manifest is slightly larger.
MOST_BYTES = 1_000_000
# A failure that a success may replace: it is written before the last try, which takes no longer.
PROVISIONAL_SECONDS = 40.0


class ConflictError(Exception):
    """Another writer has committed a manifest since this chain was read."""


@dataclass(frozen=True, slots=True)
class ManifestHead:
    """An image's current manifest and its ETag, both None if there is none.

    *unreadable* says why the object there is not a manifest; *etag* is that object's then. *begin*
    is the version from which the first manifest of the chain counts.
    """

    manifest: Manifest | None = None
    etag: str | None = None
    unreadable: UnreadableObjectError | None = None
    begin: int = TICKET_VERSION

    @property
    def image(self) -> Image | None:
        """The record in the manifest."""
        return self.manifest.image if self.manifest else None

    def checked(self) -> ManifestHead:
        """Return this chain, if its object is a manifest.

        Raises:
            UnreadableObjectError: it is not; the message says why.
        """
        if self.unreadable:
            raise self.unreadable
        return self

    @property
    def processing_version(self) -> int:
        """The version of the `PROCESSING` record before the next manifest."""
        return (self.image.version if self.image else self.begin) + 1

    @property
    def first_picture_version(self) -> int:
        """The version of the `PROCESSING` record with the first rendition."""
        return self.processing_version + 1

    @property
    def next_version(self) -> int:
        """The version of the next manifest."""
        return self.first_picture_version + 1

    @property
    def sequencer(self) -> str:
        """The sequencer of the last applied event; empty if there was none."""
        return self.manifest.origin.sequencer if self.manifest else ""

    @property
    def is_deleted(self) -> bool:
        """Whether the manifest is a tombstone."""
        return self.image is not None and self.image.status is Status.DELETED

    @property
    def is_nameless(self) -> bool:
        """Whether it says nothing of an owner: there is no manifest, or a tombstone without a name."""
        return self.image is None or (self.is_deleted and self.image.owner is None)

    def is_of(self, key: str) -> bool:
        """Whether an object may be the image's original, because no other is.

        Only someone with write access to the bucket can put a second object next to it.
        """
        return self.manifest is None or self.is_deleted or self.manifest.origin.key == key

    def is_made_of(self, etag: str) -> bool:
        """Whether the manifest is final and about the bytes with this ETag."""
        if self.manifest is None or self.is_deleted or self.manifest.origin.etag != etag:
            return False
        return not (self.manifest.image.failure and self.manifest.image.failure.retryable)

    def is_newer(self, key: str, sequencer: str | None) -> bool:
        """Whether an event of the same object later than *sequencer* was already applied.

        A tombstone without a name is about any object.
        """
        if self.manifest is None or sequencer is None:
            return False
        if self.manifest.origin.key not in {key, ""}:
            return False
        return is_before(sequencer, self.sequencer)


def read(bucket: ObjectStore, image_id: str) -> ManifestHead:
    """Read the head of an image's chain.

    Raises:
        ServiceError: the bucket refused or failed.
    """
    key = keys.manifest_key(image_id)
    try:
        stored = bucket.get(key, max_bytes=MOST_BYTES)
        manifest = _decoded(stored.data, image_id)
    except NotFoundError:
        return ManifestHead()
    except ObjectTooLargeError as error:
        stored, reason = error.head, f"{error}; the limit is {MOST_BYTES:,}"
    except _NotAManifestError as error:
        reason = str(error)
    else:
        return ManifestHead(manifest, stored.etag)
    unreadable = UnreadableObjectError(key, f"is not a manifest: {reason}")
    return ManifestHead(None, stored.etag, unreadable, _later_version(stored.last_modified))


class _NotAManifestError(Exception):
    """The message says why."""


def _decoded(data: bytes, image_id: str) -> Manifest:
    try:
        manifest = decode_manifest(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _NotAManifestError(str(error)) from error
    if manifest.image.id != image_id:
        message = f"it is about image {manifest.image.id}"
        raise _NotAManifestError(message)
    return manifest


def _later_version(moment: datetime) -> int:
    """Return a version above any that a chain reaches: the minutes since 1970.

    The chain's own count can no longer be read, and the table refuses lower versions than its own.

    >>> from datetime import UTC
    >>> _later_version(datetime(2026, 11, 21, tzinfo=UTC))
    29920320
    """
    return int(moment.timestamp()) // 60


def append(bucket: ObjectStore, head: ManifestHead, manifest: Manifest) -> ManifestHead:
    """Write *manifest* in place of *head*'s, and return the new head.

    Raises:
        ConflictError: another writer was first.
    """
    image = manifest.image
    try:
        etag = bucket.put(
            keys.manifest_key(image.id),
            encode(manifest),
            content_type="application/json",
            cache_control=CACHE_CONTROL,
            if_match=head.etag,
            if_none_match=head.etag is None,
            tags=keys.TOMBSTONE_TAGS if image.status is Status.DELETED else None,
        )
    except (PreconditionFailedError, NotFoundError) as error:  # S3 returns 404 if none is left
        now = read(bucket, image.id)
        if now.manifest == manifest:  # it is ours: the response to the first try was lost
            return now
        raise ConflictError(image.id) from error
    return ManifestHead(manifest, etag)


def is_before(sequencer: str, other: str) -> bool:
    """Whether an S3 event came before another one of the same key.

    The numbers are hexadecimal and left-aligned: the shorter one is padded with zeros on the right
    (Amazon S3 User Guide, "Event message structure").

    >>> is_before("0055AED6DCD90281E5", "0055AED6DCD90281E6"), is_before("0A", "0a00")
    (True, False)
    """
    length = max(len(sequencer), len(other))
    return sequencer.upper().ljust(length, "0") < other.upper().ljust(length, "0")
