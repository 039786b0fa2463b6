"""Camera raw: the largest finished picture in it, which the camera or an editor put there.

Sensor data are not developed. Every maker's format embeds JPEGs, so they are looked for by their
structure, wherever they are. Start with `largest_preview`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tintype.imaging.canon_tags import joined_tags
from tintype.imaging.tiff_container import orientation
from tintype.imaging.vips import Data

LEAST_SIDE = 1_000  # pixels of a preview's longer side; smaller ones are thumbnails

_START = re.compile(rb"\xff\xd8\xff[\xc0-\xfe]")
_MOST_STARTS, _MOST_SEGMENTS = 1_000, 100  # of JPEGs that are looked at, and of each one's header
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})  # lossless JPEGs (C3) are sensor data
_COMPONENTS = frozenset({1, 3})
# Olympus and Panasonic have their own numbers in the TIFF header.
_OWN_HEADERS = (b"IIRO", b"IIRS", b"MMOR", b"IIU\0")


@dataclass(frozen=True, slots=True)
class Preview:
    """A JPEG from *start* on in a file, and its size in pixels as stored."""

    start: int
    width: int
    height: int


def largest_preview(data: Data) -> Preview | None:
    """Return the largest JPEG in a camera raw file, or None if all are thumbnails."""
    found = []
    for number, start in enumerate(_START.finditer(data)):
        if number == _MOST_STARTS:
            break
        preview = _preview(data, start.start())
        if preview is not None and max(preview.width, preview.height) >= LEAST_SIDE:
            found.append(preview)
    return max(found, key=lambda one: one.width * one.height, default=None)


def raw_exif(data: Data) -> bytes | None:
    """Return the tags of a camera raw file in the form of EXIF, or None if it has none.

    Raises:
        UnreadableImageError: a CR3 has too many parts.
    """
    head = bytes(data[:4])
    if head in _OWN_HEADERS:
        return (b"MM\0*" if head.startswith(b"M") else b"II*\0") + bytes(data[4:])
    if head[:2] in {b"II", b"MM"}:
        return bytes(data)
    return joined_tags(data) if bytes(data[4:8]) == b"ftyp" else None


def raw_orientation(exif: bytes | None) -> int:
    """Return the orientation that the tags of a camera raw file have, 1 without any."""
    return 1 if exif is None else orientation(exif)


def _preview(data: Data, start: int) -> Preview | None:
    """Return the JPEG that begins at *start*, or None if no picture of 8 bits does."""
    position = start + 2
    for _ in range(_MOST_SEGMENTS):
        if position + 10 > len(data) or data[position] != 0xFF:  # noqa: PLR2004 - a marker's first byte
            return None
        marker = data[position + 1]
        if marker in _FRAMES:
            bits, components = data[position + 4], data[position + 9]
            height = int.from_bytes(data[position + 5 : position + 7], "big")
            width = int.from_bytes(data[position + 7 : position + 9], "big")
            fits = bits == 8 and components in _COMPONENTS  # noqa: PLR2004
            return Preview(start, width, height) if fits else None
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return None
