"""Sizes and rectangles: the arithmetic of where each pixel of a rendition comes from.

Start with `lay_out`, which computes a `Layout` from an original's size and a preset. It touches no
pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tintype.imaging.presets import (
    MAX_RENDITION_SIDE,
    Fit,
    FocalPoint,
    Gravity,
    OriginalPoint,
    Preset,
    Region,
)


@dataclass(frozen=True, slots=True)
class Size:
    """A width and a height in pixels, each at least 1."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; `left` and `top` are measured from the top left corner."""

    left: int
    top: int
    width: int
    height: int

    @property
    def size(self) -> Size:
        """The rectangle's size."""
        return Size(self.width, self.height)


@dataclass(frozen=True, slots=True)
class Turn:
    """Quarter turns clockwise (0 to 3), then optionally a mirroring left to right.

    Any sequence of quarter turns and mirrorings is one of these eight, as is any EXIF orientation.
    """

    quarters: int = 0
    mirrored: bool = False

    def then(self, other: Turn) -> Turn:
        """Return this turn followed by *other*; after a mirroring, turns reverse direction.

        >>> Turn(1).then(Turn(mirrored=True)).then(Turn(1))
        Turn(quarters=0, mirrored=True)
        """
        quarters = self.quarters + (-other.quarters if self.mirrored else other.quarters)
        return Turn(quarters % 4, self.mirrored != other.mirrored)

    def size(self, size: Size) -> Size:
        """Return the size after the turn; the same function gives the size before it."""
        return Size(size.height, size.width) if self.quarters % 2 else size

    def undone(self, box: Box, size: Size) -> Box:
        """Return the position before the turn of *box* in a turned picture of *size*.

        >>> Turn(1).undone(Box(0, 0, 10, 20), Size(30, 40))
        Box(left=0, top=20, width=20, height=10)
        """
        left, top, width, height = box.left, box.top, box.width, box.height
        if self.mirrored:
            left = size.width - left - width
        for _ in range(self.quarters):
            left, top, width, height = top, size.width - left - width, height, width
            size = Size(size.height, size.width)
        return Box(left, top, width, height)


# The turn that makes an original upright, by its EXIF orientation (EXIF 2.32, tag 0x0112).
UPRIGHT = {
    1: Turn(),
    2: Turn(mirrored=True),
    3: Turn(2),
    4: Turn(2, mirrored=True),
    5: Turn(1, mirrored=True),
    6: Turn(1),
    7: Turn(3, mirrored=True),
    8: Turn(3),
}
_FLIP, _FLOP = Turn(2, mirrored=True), Turn(mirrored=True)


@dataclass(frozen=True, slots=True)
class Layout:
    """The steps of one rendition: extract *region*, resize to *resized*, crop to *cropped*.

    *region* is in pixels of the upright, rotated original; *canvas* is the size that `contain` pads
    to.
    """

    region: Box
    resized: Size
    cropped: Size
    canvas: Size

    @property
    def scale(self) -> float:
        """Rendition pixels per original pixel, on the axis that needs more."""
        return max(
            self.resized.width / self.region.width,
            self.resized.height / self.region.height,
        )


# The share of the free space to the left of and above the kept area, by gravity.
_ANCHORS = {
    Gravity.CENTRE: (0.5, 0.5),
    Gravity.NORTH: (0.5, 0.0),
    Gravity.NORTH_EAST: (1.0, 0.0),
    Gravity.EAST: (1.0, 0.5),
    Gravity.SOUTH_EAST: (1.0, 1.0),
    Gravity.SOUTH: (0.5, 1.0),
    Gravity.SOUTH_WEST: (0.0, 1.0),
    Gravity.WEST: (0.0, 0.5),
    Gravity.NORTH_WEST: (0.0, 0.0),
}


def whole_turn(orientation: int, preset: Preset) -> Turn | None:
    """Return the combined turn of orientation and preset; None if the angle is not a quarter turn."""
    quarters, rest = divmod(preset.rotate % 360, 90)
    if rest:
        return None
    turn = UPRIGHT[orientation].then(Turn(int(quarters)))
    turn = turn.then(_FLIP) if preset.flip else turn
    return turn.then(_FLOP) if preset.flop else turn


def lay_out(source: Size, preset: Preset, *, trimmed: Box | None = None) -> Layout:
    """Return the layout of a rendition of an upright, rotated original of size *source*.

    *trimmed* is the area left by `Preset.trim`, if set.
    """
    region = trimmed or Box(0, 0, source.width, source.height)
    if preset.extract is not None:
        region = intersect(region, preset.extract)
    most = _longest_side(preset)
    box = _complete_box(region.size, preset, most)
    frame = _frame(preset, box)
    resized = fit_size(region.size, frame, preset.fit, enlarge=preset.enlarge, most=most)
    cropped = _crop_size(resized, box) if preset.fit is Fit.COVER else resized
    canvas = box if preset.fit is Fit.CONTAIN else cropped
    return Layout(region, resized, cropped, canvas)


def adds_pixels(source: Size, preset: Preset) -> bool:
    """Whether *preset* makes more of an original of size *source* than a box of `only_above` would.

    The original's border, which `trim` would remove, counts.

    >>> [adds_pixels(Size(500, 300), Preset(name="x", width=width, only_above=above))
    ...     for above, width in ((None, 320), (320, 640), (640, 960))]
    [True, True, False]
    """
    if preset.only_above is None or preset.width is None:
        return True
    region = Box(0, 0, source.width, source.height)
    if preset.extract is not None:
        region = intersect(region, preset.extract)
    # Not by `lay_out`, whose whole pixels are too coarse to tell 640 pixels from 641.
    ratios = [preset.only_above / region.width]
    if preset.height is not None:
        ratios.append(preset.height * preset.only_above / preset.width / region.height)
    return (max(ratios) if preset.fit in {Fit.COVER, Fit.OUTSIDE} else min(ratios)) < 1


def fit_size(
    source: Size,
    box: Size,
    fit: Fit,
    *,
    enlarge: bool = False,
    most: int = MAX_RENDITION_SIDE,
) -> Size:
    """Return the size that *source* is resized to, before any crop or padding.

    A side is never 0, and never longer than *most* pixels.

    >>> fit_size(Size(4000, 3000), Size(800, 800), Fit.INSIDE)
    Size(width=800, height=600)
    >>> fit_size(Size(1, 20_000), Size(100, 100), Fit.INSIDE)
    Size(width=1, height=100)
    """
    if fit is Fit.FILL:
        if enlarge:
            return box
        return Size(min(box.width, source.width), min(box.height, source.height))
    ratios = box.width / source.width, box.height / source.height
    scale = max(ratios) if fit in {Fit.COVER, Fit.OUTSIDE} else min(ratios)
    scale = scale if enlarge else min(scale, 1.0)
    scale = min(scale, most / max(source.width, source.height))
    return Size(max(1, round(source.width * scale)), max(1, round(source.height * scale)))


def place(inner: Size, outer: Size, gravity: Gravity | FocalPoint) -> Box:
    """Return the position of a rectangle of size *inner* within *outer*.

    A compass word names the edge that it touches; a focal point is placed as close to its centre as
    *outer* allows. `attention` and `entropy` depend on pixels and are not handled here.

    >>> place(Size(2, 2), Size(10, 4), Gravity.SOUTH_EAST)
    Box(left=8, top=2, width=2, height=2)
    """
    free_x, free_y = outer.width - inner.width, outer.height - inner.height
    if isinstance(gravity, FocalPoint):
        left = round(gravity.x * outer.width - inner.width / 2)
        top = round(gravity.y * outer.height - inner.height / 2)
        left, top = min(max(left, 0), free_x), min(max(top, 0), free_y)
    else:
        anchor_x, anchor_y = _ANCHORS[gravity]
        left, top = int(free_x * anchor_x), int(free_y * anchor_y)
    return Box(left, top, inner.width, inner.height)


def stand_off(box: Box, gravity: Gravity | FocalPoint, across: int, down: int) -> Box:
    """Return *box* moved by this many pixels away from the edges that its gravity made it touch.

    >>> stand_off(Box(8, 1, 2, 2), Gravity.EAST, 3, 3)
    Box(left=5, top=1, width=2, height=2)
    """
    if isinstance(gravity, FocalPoint):
        return box
    anchor_x, anchor_y = _ANCHORS[gravity]
    left = box.left + round((1 - 2 * anchor_x) * across)
    top = box.top + round((1 - 2 * anchor_y) * down)
    return Box(left, top, box.width, box.height)


def tilted(size: Size, degrees: float) -> Size:
    """Return the bounding box of a picture of *size* rotated by *degrees*.

    >>> tilted(Size(40, 30), 90)
    Size(width=30, height=40)
    """
    quarters, rest = divmod(degrees % 360, 90)
    if rest == 0:
        return Turn(int(quarters)).size(size)
    angle = math.radians(degrees)
    cosine, sine = abs(math.cos(angle)), abs(math.sin(angle))
    return Size(
        round(size.width * cosine + size.height * sine),
        round(size.width * sine + size.height * cosine),
    )


def carried(point: OriginalPoint, upright: Size, preset: Preset, region: Box) -> FocalPoint:
    """Return where a point of an original of size *upright* is in the *region* that a preset keeps.

    A point that was cut off becomes the nearest one within.

    >>> left, mirrored = OriginalPoint(x=0.25, y=0.5), Preset(name="p", flop=True)
    >>> carried(left, Size(40, 30), mirrored, Box(20, 0, 20, 30))
    FocalPoint(x=0.5, y=0.5)
    """
    left, top = turned_point(point.x, point.y, upright, preset)
    return FocalPoint(
        x=min(max((left - region.left) / region.width, 0), 1),
        y=min(max((top - region.top) / region.height, 0), 1),
    )


def turned_point(x: float, y: float, upright: Size, preset: Preset) -> tuple[float, float]:
    """Return where a point of an original of size *upright* is once a preset has turned it, in pixels.

    *x* and *y* are shares of the upright original's sides.

    >>> turned_point(0.25, 0.5, Size(40, 30), Preset(name="p", flop=True))
    (30.0, 15.0)
    """
    source = tilted(upright, preset.rotate)
    across, down = (x - 0.5) * upright.width, (y - 0.5) * upright.height
    angle = math.radians(preset.rotate)
    cosine, sine = math.cos(angle), math.sin(angle)
    across, down = across * cosine - down * sine, across * sine + down * cosine
    left = source.width / 2 + (-across if preset.flop else across)
    top = source.height / 2 + (-down if preset.flip else down)
    return left, top


def scaled(box: Box, source: Size, base: Size) -> Box:
    """Convert *box* from pixels of *source* to pixels of *base*, a smaller version of the picture.

    >>> scaled(Box(100, 0, 300, 200), Size(400, 200), Size(200, 100))
    Box(left=50, top=0, width=150, height=100)
    """
    left, width = _scaled_span(box.left, box.width, source.width, base.width)
    top, height = _scaled_span(box.top, box.height, source.height, base.height)
    return Box(left, top, width, height)


def _scaled_span(start: int, length: int, source: int, base: int) -> tuple[int, int]:
    first = min(round(start * base / source), base - 1)
    last = max(round((start + length) * base / source), first + 1)
    return first, min(last, base) - first


def _longest_side(preset: Preset) -> int:
    """Return the longest side of a preset's pictures: what one of its formats can store.

    `encode.shortened` shrinks them for those that cannot. Pictures that may be enlarged have the side that
    every format supports, so that a narrow original does not become a huge one.
    """
    if preset.enlarge:
        return MAX_RENDITION_SIDE
    return max(encoding.format.facts.longest_side for encoding in preset.formats)


def _complete_box(source: Size, preset: Preset, most: int) -> Size:
    """Return the preset's box, with a missing side computed from the original's aspect ratio."""
    width, height = preset.width, preset.height
    if width is None and height is None:
        return Size(_side(source.width, most), _side(source.height, most))
    if height is None:
        assert width is not None  # noqa: S101 - for the type checker: the case above returned
        height = _side(source.height * width / source.width, most)
    elif width is None:
        width = _side(source.width * height / source.height, most)
    return Size(width, height)


def _frame(preset: Preset, box: Size) -> Size:
    """Return the box with a missing side such that it has no say in the scale.

    By the computed side, which is in whole pixels, the given one could come out a pixel off.
    """
    if preset.fit is Fit.FILL or (preset.width is None and preset.height is None):
        return box
    unlimited = 0 if preset.fit in {Fit.COVER, Fit.OUTSIDE} else MAX_RENDITION_SIDE**2
    return Size(preset.width or unlimited, preset.height or unlimited)


def _side(length: float, most: int) -> int:
    return min(max(1, round(length)), most)


def _crop_size(resized: Size, box: Size) -> Size:
    """Return the largest rectangle within *resized* with the box's aspect ratio; at most the box."""
    scale = min(resized.width / box.width, resized.height / box.height, 1.0)
    return Size(
        min(resized.width, max(1, round(box.width * scale))),
        min(resized.height, max(1, round(box.height * scale))),
    )


def intersect(box: Box, region: Region) -> Box:
    """Return the part of *region* within *box*, or the nearest pixel if they do not overlap."""
    left = min(max(box.left, region.left), box.left + box.width - 1)
    top = min(max(box.top, region.top), box.top + box.height - 1)
    right = max(min(box.left + box.width, region.left + region.width), left + 1)
    bottom = max(min(box.top + box.height, region.top + region.height), top + 1)
    return Box(left, top, right - left, bottom - top)
