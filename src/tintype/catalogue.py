"""Cataloguing: a manifest becomes a record of the table, and whoever watches is told.

Start with `Catalogue`. The table is an index of the manifests and can be built anew from them. A
record is only ever replaced by one of a higher version, so neither order nor number of the messages
matters. First it is written, then announced: an announcement that fails is not worth a retry, since
whoever missed it reads the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from tintype import keys
from tintype.aws.appsync import GraphqlApi
from tintype.aws.dynamodb import Table
from tintype.aws.errors import NotFoundError, ServiceError
from tintype.aws.s3 import Bucket
from tintype.images import (
    Image,
    Original,
    Rendition,
    decode_manifest,
    document,
    item,
    with_urls,
)

# Every field, since a subscriber receives no more than the mutation selects (AppSync Developer
# Guide, "Subscriptions"). A test holds it against schema.graphql.
PUBLISH = """
mutation Publish($image: ImageInput!) {
  publishImage(image: $image) {
    id owner version status filename source
    original {
      contentType format width height bytes sha256 frames orientation hasAlpha colourSpace
      camera { make model lens exposureSeconds aperture iso focalLengthMm takenAt }
    }
    renditions { preset format contentType width height bytes url }
    placeholder dominantColour removed
    failure { code message retryable }
    timings { wait read render write }
    revision createdAt updatedAt
  }
}
"""


class Entered(StrEnum):
    """What became of a record."""

    WRITTEN = "WRITTEN"
    REPEATED = "REPEATED"  # it was there already, in the same version
    OUTDATED = "OUTDATED"  # a newer one is there
    MISSING = "MISSING"  # its manifest has gone: a tombstone that was forgotten


_PRIVATE = frozenset({"expires", "presetsRevision"})  # of no use to whoever watches


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of a record, and why the announcement failed, where it did."""

    entered: Entered
    image_id: str
    image: Image | None = None
    unannounced: ServiceError | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Where records are kept and announced."""

    renditions: Bucket
    table: Table
    announcements: GraphqlApi
    public_url: str

    def enter_manifest(self, image_id: str) -> Entry:
        """Write and announce the record of the manifest that an image has now.

        Raises:
            ServiceError: S3 or the table did not do its part; try again.
        """
        try:
            manifest = self.renditions.get(keys.manifest_key(image_id))
        except NotFoundError:
            return Entry(Entered.MISSING, image_id)
        return self.enter(decode_manifest(manifest.data).image)

    def enter(self, image: Image) -> Entry:
        """Write and announce a record.

        Raises:
            ServiceError: the table did not do its part; try again.
        """
        if self.table.put_newer(item(image)):
            return Entry(Entered.WRITTEN, image.id, image, self._announce(image))
        there = self.table.get(image.id)
        if there is None or there["version"] != image.version:
            return Entry(Entered.OUTDATED, image.id, image)
        # Perhaps who wrote it has died before the announcement; to hear twice does no harm.
        return Entry(Entered.REPEATED, image.id, image, self._announce(image))

    def _announce(self, image: Image) -> ServiceError | None:
        try:
            self.announcements.execute(PUBLISH, {"image": announcement(image, self.public_url)})
        except ServiceError as error:
            return error
        return None


def record(manifest: bytes) -> dict[str, object]:
    """Return the record that the table should have for a manifest.

    Raises:
        msgspec.ValidationError: it is no manifest.
    """
    return item(decode_manifest(manifest).image)


def announcement(image: Image, public_url: str) -> dict[str, object]:
    """Return the `ImageInput` of a record: what everybody may see of it."""
    public = with_urls(image, public_url)
    return {
        **{name: value for name, value in document(public).items() if name not in _PRIVATE},
        "original": _without_key(public.original),
        "renditions": [_without_key(rendition) for rendition in public.renditions],
    }


def _without_key(part: Original | Rendition) -> dict[str, object]:
    plain: dict[str, object] = msgspec.to_builtins(part)
    return {name: value for name, value in plain.items() if name != "key"}
