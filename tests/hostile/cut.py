"""Files that stop too early: policy is that a picture with a part missing is no picture."""

from __future__ import annotations

from functools import partial

from tests.hostile.table import BROKEN, NOT_ONE_OF_OURS, Hostile, like
from tests.pictures import original

KINDS = (
    "JPEG",
    "JPEG, progressive",
    "JPEG, grey",
    "JPEG, CMYK",
    "PNG",
    "PNG, palette",
    "PNG, 16 bits",
    "PNG, interlaced",
    "WebP",
    "WebP, lossless",
    "WebP, alpha",
    "WebP, animated",
    "AVIF",
    "AVIF, alpha",
    "GIF",
    "GIF, animated",
    "TIFF",
    "TIFF, alpha",
    "TIFF, 16 bits",
    "HEIC",
    "HEIC, alpha",
)
SHARES = (1, 50, 95)


def cut(name: str, share: int) -> bytes:
    """Return the first *share* percent of an original."""
    data = original(name)
    return data[: len(data) * share // 100]


def without_end(name: str, count: int) -> bytes:
    """Return an original without its last *count* bytes."""
    return original(name)[:-count]


# One per cent of a small file may be less than the magic.
ROWS = (
    *(
        Hostile(
            f"{name}, cut at {share} %",
            partial(cut, name, share),
            BROKEN | (NOT_ONE_OF_OURS if share == 1 else frozenset()),
        )
        for name in KINDS
        for share in SHARES
    ),
    # All pixels are there: an error is as right as the picture.
    *(
        Hostile(
            f"{name}, without its last {count} bytes",
            partial(without_end, name, count),
            BROKEN,
            shows=like(name),
        )
        for name, count in (
            ("JPEG", 1),
            ("JPEG", 2),
            ("PNG", 12),
            ("PNG", 1),
            ("GIF", 1),
            ("WebP", 1),
        )
    ),
)
