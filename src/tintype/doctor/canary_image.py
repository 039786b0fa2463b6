"""The picture that the doctor sends, with a name that explains it."""

from __future__ import annotations

import struct
import zlib
from datetime import datetime
from functools import cache

WIDTH, HEIGHT = 96, 64
CONTENT_TYPE = "image/png"
_MARK = "tintype-doctor"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def filename(now: datetime) -> str:
    """Return the file name of a picture sent at this time.

    >>> filename(datetime(2026, 11, 21, 14, 5))
    'tintype-doctor-2026-11-21-140500.png'
    """
    return f"{_MARK}-{now:%Y-%m-%d-%H%M%S}.png"


def is_ours(text: str) -> bool:
    """Whether a file name, or a message about a key, belongs to a doctor's picture."""
    return _MARK in text


@cache
def png() -> bytes:
    """Return a small picture with two gradients, some kilobytes (PNG specification, 5.3)."""
    rows = b"".join(
        b"\0" + bytes(part for x in range(WIDTH) for part in (x * 2, y * 3, 160))
        for y in range(HEIGHT)
    )
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)  # 8 bits, RGB
    return _SIGNATURE + b"".join(
        _chunk(kind, data)
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
