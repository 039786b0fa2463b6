"""Apple's gain maps, beside the picture of a HEIC: how strong they are is in the maker's note of EXIF.

The formulas are Apple's ("Applying Apple HDR effect to your photos"). Light is multiplied by
1 + (headroom - 1) × the map's light, which is made a logarithm here, as in other gain maps.
"""

from __future__ import annotations

import math
import struct

from tintype.imaging.metadata import maker_note
from tintype.imaging.original import CheckedOriginal
from tintype.imaging.pillow_decoders import heic_auxiliary
from tintype.imaging.vips import pyvips

_KIND = "urn:com:apple:photo:2020:aux:hdrgainmap"
_SIGN = b"Apple iOS\0"
_HEADROOM, _GAIN, _RATIONAL = 33, 48, 10
_MOST_TAGS, _MOST_STOPS = 500, 8
_FULL = 255


def read_apple_gain_map(original: CheckedOriginal) -> tuple[pyvips.Image, float] | None:
    """Return the map, whose values are shares of the stops that are returned with it.

    None if there is none, or the maker's note does not say how strong it is.

    Raises:
        UnreadableImageError, TruncatedImageError: libheif refuses it.
    """
    stops = _stops(_numbers(maker_note(original.exif)))
    if not 0 < stops <= _MOST_STOPS:
        return None
    image = heic_auxiliary(original.file, _KIND, most=original.stored)
    if image is None:
        return None
    shares = [math.log2(1 + (2**stops - 1) * _light(value / _FULL)) / stops for value in range(256)]
    table = bytes(round(_FULL * share) for share in shares)
    return image.maplut(pyvips.Image.new_from_memory(table, 256, 1, 1, "uchar")), stops


def _light(value: float) -> float:
    """Return the light of a value, both 0 to 1, by the curve of ITU-R BT.709."""
    return value / 4.5 if value < 0.081 else math.pow((value + 0.099) / 1.099, 1 / 0.45)  # noqa: PLR2004


def _stops(numbers: dict[int, float]) -> float:
    """Return the logarithm of the headroom, 0 if it is not known.

    >>> round(_stops({33: 0.8, 48: 0.0}), 3), round(_stops({33: 1.2, 48: 1.0}), 3), _stops({33: 1.0})
    (1.8, 2.0, 0.0)
    """
    if _HEADROOM not in numbers or _GAIN not in numbers:
        return 0.0
    strong, gain = numbers[_HEADROOM] >= 1, numbers[_GAIN]
    if gain <= 0.01:  # noqa: PLR2004 - Apple's numbers, here and below
        return max(0.0, 3.0 - 70.0 * gain if strong else 1.8 - 20.0 * gain)
    return max(0.0, 2.303 - 0.303 * gain if strong else 1.601 - 0.101 * gain)


def _numbers(note: bytes) -> dict[int, float]:
    """Return the rational numbers of a maker's note: a directory as in TIFF, from its own start."""
    found: dict[int, float] = {}
    start = len(_SIGN) + 4  # a version and the byte order follow
    if not note.startswith(_SIGN) or note[start - 2 : start] != b"MM":
        return found
    count = int.from_bytes(note[start : start + 2], "big")
    for entry in range(start + 2, start + 2 + 12 * min(count, _MOST_TAGS), 12):
        if entry + 12 > len(note):
            break
        tag, kind, values, at = struct.unpack_from(">HHII", note, entry)
        if kind == _RATIONAL and values == 1 and at + 8 <= len(note):
            number, share = struct.unpack_from(">ii", note, at)
            found[tag] = number / share if share else 0.0
    return found
