"""What a record says of an original: from its key, its object, and the engine's description."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from tintype import keys
from tintype.access import Visibility
from tintype.images import VISIBILITY, Image, Source, described, timestamp

if TYPE_CHECKING:
    from tintype.imaging import Description


def looking_like(record: Image, description: Description) -> Image:
    """Return a record with what is known of its original once that is decoded."""
    return msgspec.structs.replace(
        record,
        original=described(record.original.key, description),
        placeholder=description.placeholder,
        dominant_colour=description.dominant_colour,
        removed=description.removed,
        notes=description.notes,
    )


def source(key: str, claimed: str | None) -> Source:
    """Return how an original came to *key*; *claimed* is its upload's own word."""
    if claimed == "api":
        return Source.API
    return Source.UPLOAD if keys.is_ours(key) else Source.BUCKET


def visibility(key: str, metadata: Mapping[str, str], default: Visibility) -> Visibility:
    """Return the visibility that an upload was signed with, or the *default*."""
    signed = metadata.get(VISIBILITY) if keys.is_ours(key) else None
    return Visibility(signed) if signed in set(Visibility) else default


def created_at(image_id: str, key: str, known: Image | None, written: datetime) -> str:
    """Return when an image was created: as its record says, by its ID, or when it was *written*."""
    if known:
        return known.created_at
    return timestamp(keys.created_at(image_id) if keys.is_ours(key) else written)
