"""The record of a deleted image, which outlives it so that nothing late brings the image back."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tintype.images import Image, Original, Status, timestamp

TOMBSTONE_SECONDS = 30 * 24 * 3600  # as long as the lifecycle rule keeps a tombstone


def tombstone(record: Image, key: str, now: datetime) -> Image:
    """Return the record of a deleted image, with its owner but without facts about the picture.

    *record* is what its next record would say, and *key* its original's.
    """
    return Image(
        id=record.id,
        owner=record.owner,
        version=record.version,
        status=Status.DELETED,
        filename="",
        source=record.source,
        visibility=record.visibility,  # should the original come back
        original=Original(key=key),
        created_at=timestamp(now),
        updated_at=timestamp(now),
        expires=int(now.timestamp()) + TOMBSTONE_SECONDS,
    )


def nameless(record: Image) -> Image:
    """Return the tombstone of an image of which nothing is left: its ID, but no name or owner."""
    return msgspec.structs.replace(record, owner=None, original=Original(key=""))
