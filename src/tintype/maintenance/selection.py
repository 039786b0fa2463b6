"""Select images to render again: named ones, all, or those with outdated presets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tintype import keys
from tintype.aws.dynamodb import Table
from tintype.aws.ports import ImageTable, ObjectStore
from tintype.images import Status
from tintype.maintenance.errors import UnknownImageError
from tintype.maintenance.listing import manifests

_NO_ORIGINAL = frozenset(status for status in Status if not status.has_original)


class SelectionReason(StrEnum):
    """Why an image is selected."""

    NAMED = "selected by ID"
    OUTDATED = "rendered with other presets"
    UNFINISHED = "processing never finished"
    WITHOUT_MANIFEST = "has no manifest"


@dataclass(frozen=True, slots=True)
class SelectedImage:
    """An image and its original's key."""

    image_id: str
    key: str
    reason: SelectionReason


@dataclass(slots=True)
class Selection:
    """The selected images, and those left out.

    `refused` says why named images cannot be rendered. `archived` counts originals that must be
    restored in S3 first, `without_record` images that need a reindex first.
    """

    images: list[SelectedImage] = field(default_factory=list)
    refused: dict[str, UnknownImageError] = field(default_factory=dict)
    archived: int = 0
    without_record: int = 0


def select_named(table: ImageTable, image_ids: Iterable[str], *, stack: str) -> Selection:
    """Return the images with these IDs; *stack* is the stack's name for errors.

    Raises:
        ServiceError: the table cannot be read.
    """
    selection = Selection()
    for image_id in dict.fromkeys(image_ids):
        record = table.get(image_id)
        original = record.get("original") if record else None
        if record is None or not isinstance(original, dict):
            selection.refused[image_id] = UnknownImageError(f"no such image in {stack}")
        elif record.get("status") in _NO_ORIGINAL:
            status = str(record["status"]).lower().replace("_", " ")
            message = f"no original: the image is {status}"
            selection.refused[image_id] = UnknownImageError(message)
        else:
            key = str(original["key"])
            selection.images.append(SelectedImage(image_id, key, SelectionReason.NAMED))
    return selection


def select_all(originals: ObjectStore) -> Selection:
    """Return all readable originals in the bucket.

    An image may appear twice if another object is stored next to its original; processing ignores
    it.

    Raises:
        ServiceError: the bucket cannot be listed.
    """
    selection = Selection()
    for entry in originals.entries():
        if entry.is_archived:
            selection.archived += 1
        elif not entry.key.endswith("/"):  # folder markers created by consoles
            image_id = keys.image_id(originals.name, entry.key)
            selection.images.append(SelectedImage(image_id, entry.key, SelectionReason.NAMED))
    return selection


def select_outdated(
    originals: ObjectStore, renditions: ObjectStore, table: Table, *, deployed: str
) -> Selection:
    """Return images rendered with other presets than the *deployed* revision, and unfinished ones.

    Unfinished are originals without a manifest, and images in PROCESSING: if their message is lost,
    nothing else finishes them, and otherwise a second run is harmless.

    Raises:
        ServiceError: a bucket or the table cannot be read.
    """
    finished = {one.image_id for one in manifests(renditions)}
    records = {str(record["id"]): record for record in table.scan()}
    there = select_all(originals)
    selection = Selection(archived=there.archived)
    for one in there.images:
        record = records.get(one.image_id)
        if one.image_id not in finished:
            reason: SelectionReason | None = SelectionReason.WITHOUT_MANIFEST
        elif record is None:
            selection.without_record += 1
            continue
        else:
            reason = _why_outdated(record, deployed)
        if reason is not None:
            selection.images.append(replace(one, reason=reason))
    return selection


def _why_outdated(record: Mapping[str, object], deployed: str) -> SelectionReason | None:
    if record.get("presetsRevision") != deployed:
        return SelectionReason.OUTDATED
    if record.get("status") == Status.PROCESSING:  # newer than the manifest
        return SelectionReason.UNFINISHED
    return None
