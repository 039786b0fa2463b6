"""The record of a deleted image, which outlives it so that nothing late brings the image back."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tintype.access import Visibility
from tintype.images import Image, Original, Source, Status, timestamp

TOMBSTONE_SECONDS = 30 * 24 * 3600  # as long as the lifecycle rule keeps a tombstone


def tombstone(
    image_id: str,
    owner: str | None,
    version: int,
    key: str,
    now: datetime,
    *,
    source: Source = Source.BUCKET,
    visibility: Visibility = Visibility.PUBLIC,
) -> Image:
    """Return the record of a deleted image, with its owner but without facts about the picture.

    *version* is that of its next record, and *key* its original's.
    """
    return Image(
        id=image_id,
        owner=owner,
        version=version,
        status=Status.DELETED,
        filename="",
        source=source,
        visibility=visibility,  # should the original come back
        original=Original(key=key),
        created_at=timestamp(now),
        updated_at=timestamp(now),
        expires=int(now.timestamp()) + TOMBSTONE_SECONDS,
    )


def nameless(record: Image) -> Image:
    """Return the tombstone of an image of which nothing is left: its ID, but no name or owner."""
    return msgspec.structs.replace(record, owner=None, original=Original(key=""))
