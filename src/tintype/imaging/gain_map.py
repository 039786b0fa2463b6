"""Gain maps: how much brighter HDR screens show each part of a picture (Ultra HDR, ISO 21496-1).

Start with `read_gain_map`. `followed` takes a map through the steps that its picture went through;
`gain_map_container.py` writes it. All boosts and capacities are logarithms to the base 2.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from tintype.imaging.apple_gain_map import read_apple_gain_map
from tintype.imaging.colour import Rgba
from tintype.imaging.decode import decode
from tintype.imaging.errors import ImagingError, TimeLimitError
from tintype.imaging.formats import Format
from tintype.imaging.geometry import Box, Size, scaled
from tintype.imaging.operations import (
    Recipe,
    blur,
    crop,
    draw_marks,
    flatten,
    pad,
    round_corners,
    run,
)
from tintype.imaging.orient import tilted, turned
from tintype.imaging.original import CheckedOriginal, open_original
from tintype.imaging.plan import DecodePlan
from tintype.imaging.presets import ColourSpace, Limits
from tintype.imaging.vips import Data, Deadline, load, pyvips

Channels = tuple[float, float, float]

_XMP = re.compile(
    rb"\xff\xe1(..)http://ns\.adobe\.com/xap/1\.0/\0", re.DOTALL
)  # of a JPEG's pictures
_FULL = 255
_MOST_STOPS = 16.0  # a boost by 65,536 is not of this world
_LEAST_SIDE = 32  # pixels of a written map's shorter side, if its picture has as many
_LATER_STEPS = (crop, blur, pad, round_corners)
_MOST_PIXELS = (
    12_000_000  # of a decoded map; cameras store it half or a quarter as wide as its picture
)


@dataclass(frozen=True, slots=True)
class Boost:
    """What the values of a map mean, per channel, and from which to which headroom it is applied."""

    least: Channels
    most: Channels
    gamma: Channels
    offset_sdr: Channels
    offset_hdr: Channels
    capacity_min: float
    capacity_max: float

    def of(self, value: float, channel: int) -> float:
        """Return the boost of a map's value, 0 to 255."""
        share = math.pow(value / _FULL, 1 / self.gamma[channel])
        return self.least[channel] + share * (self.most[channel] - self.least[channel])

    def value(self, boost: float, channel: int) -> float:
        """Return the map's value of a boost, 0 to 255; the inverse of `of`."""
        span = self.most[channel] - self.least[channel]
        share = (boost - self.least[channel]) / span if span else 0.0
        return _FULL * math.pow(min(max(share, 0.0), 1.0), self.gamma[channel])

    @property
    def neutral(self) -> Rgba:
        """The value that leaves a pixel as it is."""
        return Rgba(*(round(self.value(0, channel)) for channel in range(3)))


@dataclass(frozen=True, slots=True)
class GainMap:
    """A map of one band or three, 8-bit; its picture is *coarseness* times as wide."""

    image: pyvips.Image
    boost: Boost
    coarseness: float


def read_gain_map(original: CheckedOriginal, deadline: Deadline) -> GainMap | None:
    """Return the gain map of a JPEG or HEIC, as stored; None if there is none that can be used.

    Raises:
        TimeLimitError: the deadline passed.
    """
    try:
        found = _READERS[original.kind](original, deadline) if original.kind in _READERS else None
    except TimeLimitError:
        raise
    except ImagingError:
        return None
    if found is None:
        return None
    (image, boost), stored = found, original.stored
    coarseness = stored.width / image.width
    if original.part is not None:
        box = scaled(original.used_box, stored, Size(image.width, image.height))
        image = image.crop(box.left, box.top, box.width, box.height)
    return GainMap(*_with_neutral(image, boost), coarseness)


def _ultra_hdr(original: CheckedOriginal, deadline: Deadline) -> tuple[pyvips.Image, Boost] | None:
    if not _has_good_xmp(original.file):
        return None  # libultrahdr cannot use it either, and would print that on standard output
    try:
        header = load("uhdrload_buffer", original.file)
        boost, data = _boost(header), header.get("gainmap-data")
    except (pyvips.Error, ValueError, OverflowError):
        return None
    if not isinstance(data, bytes):
        return None
    limits = Limits(max_pixels=original.stored.width * original.stored.height)
    stored = open_original(data, limits)
    shrink = 1
    while stored.stored.width * stored.stored.height > _MOST_PIXELS * shrink**2:
        shrink *= 2
    planned = DecodePlan(shrink=shrink, soft_shrink=shrink, frames=1, streamed=False)
    image = decode(stored, planned, deadline)[0]
    return (image, boost) if image.bands in {1, 3} and image.format == "uchar" else None


def _has_good_xmp(file: Data) -> bool:
    """Whether the XMP of all pictures of a JPEG is XML."""
    from xml.parsers.expat import ExpatError, ParserCreate  # noqa: PLC0415 - only for gain maps

    for found in _XMP.finditer(file):
        end = found.start(1) + int.from_bytes(found[1], "big")
        packet = bytes(file[found.end() : end]).strip(b"\0 \t\r\n")
        try:
            ParserCreate().Parse(packet, True)
        except ExpatError:
            return False
    return True


def _apple(original: CheckedOriginal, deadline: Deadline) -> tuple[pyvips.Image, Boost] | None:
    found = read_apple_gain_map(original)
    deadline.check()
    if found is None:
        return None
    image, stops = found
    none, one, most = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (stops, stops, stops)
    return image, Boost(none, most, one, none, none, 0.0, stops)


def followed(
    gain_map: GainMap, base: Size, tilt: int | None, recipe: Recipe, deadline: Deadline
) -> GainMap:
    """Return *gain_map* after the steps of *recipe*, as `pipeline.render_preset` takes them.

    *base* is the size of the decoded picture that the recipe starts from; *tilt* the original's
    orientation if the preset rotates by other than quarter turns. What covers the picture (padding,
    corners, a watermark) is not boosted. The map stays as much coarser than its picture as it was.
    """
    neutral = gain_map.boost.neutral
    unboosted = replace(recipe.preset, background=str(neutral), colour_space=ColourSpace.SRGB)
    recipe = replace(recipe, preset=unboosted)
    image, stored = gain_map.image, recipe.turn.size(recipe.source)
    if tilt is not None:
        whole = Box(0, 0, base.width, base.height)
        image = tilted(_fitted(image, whole, base, base), tilt, recipe.preset)
    region = recipe.turn.undone(recipe.layout.region, recipe.source)
    image = _fitted(image, region, stored, recipe.turn.size(recipe.layout.resized))
    image = turned(deadline.evaluated(image), recipe.turn)
    image = flatten(run(_LATER_STEPS, image, recipe), recipe.preset)
    if recipe.preset.marks:
        clear = pyvips.Image.black(image.width, image.height, bands=4)
        covered = draw_marks(clear.copy(interpretation="srgb"), recipe)[3] / _FULL
        image = (image + (neutral.bands(image.bands) - image) * covered).rint().cast("uchar")
    return replace(gain_map, image=deadline.evaluated(_coarse(image, gain_map.coarseness)))


def _fitted(image: pyvips.Image, region: Box, source: Size, size: Size) -> pyvips.Image:
    """Return the *region* of a map in *size*, between its values in straight lines, as on screens.

    The region is in pixels of *source*, the size of the map's picture: not cut at the map's pixels.
    """
    width, height = source.width / region.width, source.height / region.height
    width, height = width * size.width, height * size.height  # of the whole map in that scale
    if max(width / image.width, height / image.height) < 1:
        image = image.resize(
            max(1, math.floor(width)) / image.width,
            vscale=max(1, math.floor(height)) / image.height,
        )
    across, down = width / image.width, height / image.height
    # Not `resize`, which enlarges half a pixel off (libvips 8.18.7).
    return image.affine(
        [across, 0, 0, down],
        interpolate=pyvips.Interpolate.new("bilinear"),
        idx=0.5 - 0.5 / across - region.left * image.width / source.width,
        idy=0.5 - 0.5 / down - region.top * image.height / source.height,
        oarea=[0, 0, size.width, size.height],
        extend="copy",
    )


def _coarse(image: pyvips.Image, coarseness: float) -> pyvips.Image:
    shortest = min(image.width, image.height)
    factor = min(max(1, round(coarseness)), max(1, shortest // _LEAST_SIDE))
    width, height = -(-image.width // factor), -(-image.height // factor)
    return image.resize(width / image.width, vscale=height / image.height)


def _boost(header: pyvips.Image) -> Boost:
    """Return what libultrahdr has read.

    Raises:
        ValueError: it makes no sense.
        pyvips.Error: a part of it is missing.
    """

    def numbers(name: str) -> list[float]:
        value = header.get(f"gainmap-{name}")
        return [
            float(one)
            for one in (value if isinstance(value, list) else [value])
            if isinstance(one, int | float)
        ]

    def channels(name: str) -> Channels:
        first, second, third = numbers(name)
        return first, second, third

    def stops(name: str) -> Channels:
        first, second, third = numbers(name)
        return math.log2(first), math.log2(second), math.log2(third)

    boost = Boost(
        stops("min-content-boost"),
        stops("max-content-boost"),
        channels("gamma"),
        channels("offset-sdr"),
        channels("offset-hdr"),
        *(math.log2(numbers(f"hdr-capacity-{end}")[0]) for end in ("min", "max")),
    )
    every = (*boost.least, *boost.most, *boost.gamma, *boost.offset_sdr, *boost.offset_hdr)
    known = all(abs(number) <= _MOST_STOPS for number in (*every, boost.capacity_max))
    ordered = all(low <= high for low, high in zip(boost.least, boost.most, strict=True))
    rises = 0 <= boost.capacity_min < boost.capacity_max and min(boost.gamma) > 0
    if not (known and ordered and rises):
        message = "the gain map's numbers make no sense"
        raise ValueError(message)
    return boost


def _with_neutral(image: pyvips.Image, boost: Boost) -> tuple[pyvips.Image, Boost]:
    """Return the same map with a value for no boost, which padding and watermarks need."""
    least = boost.least
    least = (min(least[0], 0.0), min(least[1], 0.0), min(least[2], 0.0))
    most = boost.most
    most = (max(most[0], 0.0), max(most[1], 0.0), max(most[2], 0.0))
    wider = replace(boost, least=least, most=most)
    if wider == boost:
        return image, boost
    values = [
        round(wider.value(boost.of(value, channel), channel))
        for value in range(_FULL + 1)
        for channel in range(image.bands)
    ]
    table = pyvips.Image.new_from_memory(bytes(values), _FULL + 1, 1, image.bands, "uchar")
    return image.maplut(table), wider


_READERS = {Format.JPEG: _ultra_hdr, Format.HEIC: _apple}
