"""Listing a stack's buckets: the images with a manifest, and when it was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tintype import keys
from tintype.aws.ports import ObjectStore


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """An image's manifest in the listing of the renditions bucket."""

    image_id: str
    written_at: datetime


def manifests(renditions: ObjectStore) -> Iterator[ManifestEntry]:
    """Yield the manifests of all images.

    Raises:
        ServiceError: the bucket cannot be listed.
    """
    for entry in renditions.entries():
        image_id = keys.id_of_manifest(entry.key)
        if image_id:
            yield ManifestEntry(image_id, entry.last_modified)
