"""The manifests of one image, as a chain: each is written only in the place of the one it follows.

Start with `Chain`. S3 compares and swaps (If-Match), so two writers never both win, and the versions
in the manifests count every change exactly once.
"""

from __future__ import annotations

from dataclasses import dataclass

from tintype import keys
from tintype.aws.errors import NotFoundError, PreconditionFailedError
from tintype.aws.s3 import Bucket
from tintype.images import TICKET_VERSION, Image, Manifest, Status, decode_manifest, encode

# The next reader must see the next manifest; renditions, whose keys change, are kept for a year.
CACHE_CONTROL = "no-cache"
TOMBSTONE_TAGS = {"tintype": "deleted"}  # the renditions bucket's lifecycle rule looks for this


class ConflictError(Exception):
    """Somebody else has written a manifest since this chain was read."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The manifest that an image has now, and S3's tag of it; both None where there is none."""

    manifest: Manifest | None = None
    etag: str | None = None

    @property
    def image(self) -> Image | None:
        """The record that the manifest holds."""
        return self.manifest.image if self.manifest else None

    @property
    def processing_version(self) -> int:
        """The version of the `PROCESSING` that comes before the next manifest."""
        return (self.image.version if self.image else TICKET_VERSION) + 1

    @property
    def next_version(self) -> int:
        """The version of the next manifest."""
        return self.processing_version + 1

    @property
    def sequencer(self) -> str:
        """The sequencer of the last event that was applied; empty where there was none."""
        return self.manifest.origin.sequencer if self.manifest else ""

    @property
    def is_deleted(self) -> bool:
        """Whether the manifest is a tombstone."""
        return self.image is not None and self.image.status is Status.DELETED

    def is_newer(self, key: str, sequencer: str | None) -> bool:
        """Whether a later event of the same object than that of *sequencer* was applied already."""
        if self.manifest is None or sequencer is None or self.manifest.origin.key != key:
            return False
        return is_before(sequencer, self.sequencer)


def read(bucket: Bucket, image_id: str) -> Chain:
    """Return the end of an image's chain."""
    try:
        stored = bucket.get(keys.manifest_key(image_id))
    except NotFoundError:
        return Chain()
    return Chain(decode_manifest(stored.data), stored.etag)


def append(bucket: Bucket, chain: Chain, manifest: Manifest) -> Chain:
    """Write *manifest* in the place of *chain*'s, and return the chain with it.

    Raises:
        ConflictError: the chain has another end by now.
    """
    image = manifest.image
    try:
        etag = bucket.put(
            keys.manifest_key(image.id),
            encode(manifest),
            content_type="application/json",
            cache_control=CACHE_CONTROL,
            if_match=chain.etag,
            if_none_match=chain.etag is None,
            tags=TOMBSTONE_TAGS if image.status is Status.DELETED else None,
        )
    except (PreconditionFailedError, NotFoundError) as error:  # S3 answers 404 where none is left
        now = read(bucket, image.id)
        if now.manifest == manifest:  # ours after all: the answer to the first try was lost
            return now
        raise ConflictError(image.id) from error
    return Chain(manifest, etag)


def is_before(sequencer: str, other: str) -> bool:
    """Whether an S3 event came before another one of the same key.

    The numbers are hexadecimal and left-aligned: the shorter is filled up with zeros on the right
    (Amazon S3 User Guide, "Event message structure").

    >>> is_before("0055AED6DCD90281E5", "0055AED6DCD90281E6"), is_before("0A", "0a00")
    (True, False)
    """
    length = max(len(sequencer), len(other))
    return sequencer.upper().ljust(length, "0") < other.upper().ljust(length, "0")
