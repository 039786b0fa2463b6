"""Telling camera photographs, which may be shrunk further on load, from everything sharper.

Start with `is_soft`. A lens and a sensor blur over a pixel or two; text, screenshots, line art and
also a page that was photographed well do not look like that. docs/explanation/decisions/0003 has
what was measured.
"""

from __future__ import annotations

from tintype.imaging.formats import Format
from tintype.imaging.original import CheckedOriginal
from tintype.imaging.vips import pyvips

# Of the pixels that are looked at, at most this share may differ from the mean of their neighbours
# by more than `_STEP` of 255. Photographs have 0.0 to 0.4 %, pages by a phone's camera 0.9 to 3.7 %,
# a scanned form 12 %.
_MOST_SHARP = 0.006
_STEP = 30
_STRIPS, _THICK = 10, 12  # rows
_MIDDLE = 128  # of 8 bits; the weights are halved, so that differences fit into them
_SCALE = 2
_SOFT = bytes(range(_MIDDLE - _STEP, _MIDDLE + _STEP + 1))


def may_be_soft(original: CheckedOriginal) -> bool:
    """Whether *original* is a JPEG with an exposure time, which scans and screenshots lack."""
    return (
        original.format is Format.JPEG
        and original.exposed
        and original.interpretation in {"srgb", "b-w"}
    )


def is_soft(frame: pyvips.Image) -> bool:
    """Whether a frame as decoded, of 8 bits, has next to no edge as sharp as a pixel.

    Strips of its rows are looked at, along them and across.
    """
    if frame.height < _STRIPS * _THICK:
        return False
    tops = [round(n * (frame.height - _THICK) / (_STRIPS - 1)) for n in range(_STRIPS)]
    region = pyvips.Region.new(frame)
    rows = b"".join(region.fetch(0, top, frame.width, _THICK) for top in tops)
    size = frame.width, _STRIPS * _THICK, frame.bands
    strips = pyvips.Image.new_from_memory(rows, *size, "uchar").extract_band(frame.bands // 2)
    along, across = _differences(strips, [[-1, 2, -1]]), _differences(strips, [[-1], [2], [-1]])
    # Across, the first and the last row of a strip have no neighbour.
    strip = frame.width * _THICK
    starts = range(frame.width, _STRIPS * strip, strip)
    inner = b"".join(across[start : start + strip - 2 * frame.width] for start in starts)
    return max(_sharp(along), _sharp(inner)) <= _MOST_SHARP


def _differences(strips: pyvips.Image, weights: list[list[int]]) -> bytes:
    """Return how much the pixels differ from the mean of their two neighbours, around `_MIDDLE`."""
    mask = pyvips.Image.new_from_array(weights, scale=_SCALE, offset=_MIDDLE)
    return bytes(strips.conv(mask, precision="integer").write_to_memory())


def _sharp(differences: bytes) -> float:
    """Return the share of pixels that differ by more than `_STEP`."""
    return len(differences.translate(None, _SOFT)) / len(differences)
