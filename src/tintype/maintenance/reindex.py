"""Reindex: rebuild the table, which is an index of the manifests.

Start with `Reindex.run`, which takes the images of `listing.manifests`. With an owner it also
transfers images that were uploaded without sign-in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from tintype import owners
from tintype.aws.attributes import attributes, item_of
from tintype.aws.errors import ServiceError
from tintype.aws.ports import ObjectStore
from tintype.images import Image, Status, item, timestamp
from tintype.maintenance.parallel import in_parallel
from tintype.processing.manifests import ConflictError, ManifestHead, append, read
from tintype.records import Records


class RecordState(StrEnum):
    """How a manifest compares with its record."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NEWER = "newer"  # the record is newer: the image is being processed again
    FORGOTTEN = "forgotten"  # a deleted image whose record has expired
    TRANSFERRED = "transferred"  # it was public, and has an owner now


@dataclass(frozen=True, slots=True)
class Reindex:
    """Compares manifests with the table and writes differences; with *dry_run* it writes nothing.

    With *owner*, images of `public` become that owner's.
    """

    renditions: ObjectStore
    records: Records
    dry_run: bool = False
    owner: str | None = None

    def run(self, image_ids: Iterable[str]) -> Iterator[tuple[str, RecordState | ServiceError]]:
        """Yield how each image's manifest compares with its record, concurrently and in any order."""
        return in_parallel(self.compare, image_ids)

    def compare(self, image_id: str) -> RecordState:
        """Compare an image's manifest with its record, and write the record if it differs.

        A newer record is never replaced. An image that is transferred gets a new manifest, which
        the catalogue function announces; if it is being processed, its record counts as newer.

        Raises:
            UnreadableObjectError: the object at the manifest's key is not a manifest.
            ServiceError: the bucket or the table refused or failed.
        """
        head = read(self.renditions, image_id).checked()
        if head.image is None:
            return RecordState.FORGOTTEN
        if self.owner is not None and head.image.owner == owners.PUBLIC and not head.is_deleted:
            return self._transfer(head, head.image, self.owner)
        return self._write(head.image)

    def _transfer(self, head: ManifestHead, image: Image, owner: str) -> RecordState:
        """Give an image an owner by a manifest of its own."""
        if self.dry_run or head.manifest is None:
            return RecordState.TRANSFERRED
        theirs = msgspec.structs.replace(
            image,
            owner=owner,
            version=head.next_version,
            updated_at=timestamp(datetime.now(UTC)),
        )
        try:
            append(self.renditions, head, msgspec.structs.replace(head.manifest, image=theirs))
        except ConflictError:
            return RecordState.NEWER
        self._write(theirs)
        return RecordState.TRANSFERRED

    def _write(self, image: Image) -> RecordState:
        expected = item(image)
        state = compared(expected, self.records.get(image.id))
        if state in {RecordState.ADDED, RecordState.CHANGED} and not self.dry_run:
            written = self.records.put_newer(expected, or_equal=True)
            return state if written else RecordState.NEWER
        return state


def compared(expected: Mapping[str, object], there: Mapping[str, object] | None) -> RecordState:
    """Return how the current record compares with the one in a manifest.

    >>> compared({"id": "1", "version": 3}, {"id": "1", "version": 4})
    <RecordState.NEWER: 'newer'>
    """
    if there is None:
        deleted = expected.get("status") == Status.DELETED
        return RecordState.FORGOTTEN if deleted else RecordState.ADDED
    if there == item_of(attributes(expected)):  # as DynamoDB returns it, with lists for tuples
        return RecordState.UNCHANGED
    # Versions are whole numbers in every record; the table's values are untyped.
    newer = int(str(there.get("version", 0))) > int(str(expected["version"]))
    return RecordState.NEWER if newer else RecordState.CHANGED
