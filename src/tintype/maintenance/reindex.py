"""Reindex: rebuild the table, which is an index of the manifests.

Start with `Reindex.run`, which takes the images of `listing.manifests`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tintype.aws.attributes import attributes, item_of
from tintype.aws.dynamodb import Table
from tintype.aws.errors import ServiceError
from tintype.aws.ports import ObjectStore
from tintype.images import Status, item
from tintype.maintenance.parallel import in_parallel
from tintype.processing.manifests import read


class RecordState(StrEnum):
    """How a manifest compares with its record."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NEWER = "newer"  # the record is newer: the image is being processed again
    FORGOTTEN = "forgotten"  # a deleted image whose record has expired


@dataclass(frozen=True, slots=True)
class Reindex:
    """Compares manifests with the table and writes differences; with *dry_run* it writes nothing."""

    renditions: ObjectStore
    table: Table
    dry_run: bool = False

    def run(self, image_ids: Iterable[str]) -> Iterator[tuple[str, RecordState | ServiceError]]:
        """Yield how each image's manifest compares with its record, concurrently and in any order."""
        return in_parallel(self.compare, image_ids)

    def compare(self, image_id: str) -> RecordState:
        """Compare an image's manifest with its record, and write the record if it differs.

        A newer record is never replaced.

        Raises:
            UnreadableObjectError: the object at the manifest's key is not a manifest.
            ServiceError: the bucket or the table refused or failed.
        """
        image = read(self.renditions, image_id).checked().image
        if image is None:
            return RecordState.FORGOTTEN
        expected = item(image)
        state = compared(expected, self.table.get(image_id))
        if state in {RecordState.ADDED, RecordState.CHANGED} and not self.dry_run:
            written = self.table.put_newer(expected, or_equal=True)
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
