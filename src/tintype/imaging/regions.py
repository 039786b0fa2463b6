"""Regions that a rendition hides: only the mean colours of a few blocks remain. Start with `hide`.

It comes before all other steps, on pixels that are at least as fine as the rendition's, so that no
resize, crop or encoder sees what was there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple
from math import ceil, floor

from tintype.imaging.alpha import blended
from tintype.imaging.decode import shrunk
from tintype.imaging.face import Face
from tintype.imaging.faces import Area, heads
from tintype.imaging.geometry import UPRIGHT, Box, Size
from tintype.imaging.original import CheckedOriginal
from tintype.imaging.presets import HiddenRegion, RegionEffect
from tintype.imaging.vips import Deadline, pyvips

# Pixels of the original. A JPEG with 4:2:0 chroma smears what is hidden over the squares of 16 pixels
# that it touches, so 15 beyond it, and its decoder interpolates colours between them.
_MARGIN = 18


def hide(
    frame: pyvips.Image,
    regions: Sequence[HiddenRegion],
    original: CheckedOriginal,
    faces: Sequence[Face],
    deadline: Deadline,
) -> pyvips.Image:
    """Return *frame*, not yet upright and shrunk or not, with its *regions* hidden.

    *faces* are those of the upright original, for regions that are faces.

    Raises:
        TimeLimitError: the deadline passed.
    """
    for region in regions:
        for area in _areas(region, faces):
            box = _box(area, original, Size(frame.width, frame.height))
            part = frame.crop(*astuple(box))
            frame = frame.insert(_blocks(part, region, deadline), box.left, box.top)
    return frame


def _areas(region: HiddenRegion, faces: Sequence[Face]) -> Iterator[Area]:
    """Yield rectangles, their edges as shares of the upright original's sides."""
    if region.faces:
        yield from heads(faces)
    else:
        right, bottom = region.left + region.width, region.top + region.height
        yield Area(region.left, region.top, right, bottom)


def _box(area: Area, original: CheckedOriginal, base: Size) -> Box:
    """Return the whole pixels of *base*, the frame as stored, that an area and its margin touch."""
    turn = UPRIGHT[original.orientation]
    upright = turn.size(base)
    across = _span(area.left, area.right, original.upright.width, upright.width)
    down = _span(area.top, area.bottom, original.upright.height, upright.height)
    return turn.undone(Box(across[0], down[0], across[1], down[1]), upright)


def _span(start: float, end: float, original: int, base: int) -> tuple[int, int]:
    margin = 1 + ceil(_MARGIN * base / original)  # one more, since *base* is rounded
    first = min(max(floor(start * base) - margin, 0), base - 1)
    last = min(max(ceil(end * base) + margin, first + 1), base)
    return first, last - first


def _blocks(part: pyvips.Image, region: HiddenRegion, deadline: Deadline) -> pyvips.Image:
    """Return a picture of the size of *part*, of nothing but the means of its blocks."""
    side = max(1, ceil(region.strength * min(part.width, part.height)))
    means = deadline.evaluated(shrunk(part, side))
    if region.effect is RegionEffect.PIXELATE:
        whole = means.zoom(side, side)
    else:
        whole = blended(means, lambda mixed: mixed.resize(side, kernel="cubic"))
    return whole.crop(0, 0, part.width, part.height)
