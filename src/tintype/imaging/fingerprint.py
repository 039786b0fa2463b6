"""A picture's appearance in a few bytes: perceptual hash, ThumbHash placeholder, colours.

All are computed from one tiny copy of the picture. Start with `fingerprint`.
"""

from __future__ import annotations

from base64 import b64encode
from collections import defaultdict
from dataclasses import dataclass

from tintype.imaging.alpha import blended, with_alpha
from tintype.imaging.colour import Rgba
from tintype.imaging.thumbhash import thumb_hash
from tintype.imaging.vips import pyvips

_TINY_SIDE = 32  # pixels on the longer side of the copy for the placeholder and the colours
_OPAQUE_ENOUGH = 128
_PALETTE_COLOURS = 6
_LEAST_DISTANCE = 48  # between two palette colours, as the sum of the channels' differences
_WHITE = Rgba(255, 255, 255)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`perceptual_hash` is 16 hex digits, `placeholder` a ThumbHash in base64, colours `#rrggbb`."""

    perceptual_hash: str
    placeholder: str
    dominant_colour: str
    palette: tuple[str, ...]


def fingerprint(image: pyvips.Image) -> Fingerprint:
    """Return the fingerprint of *image*, in 8-bit sRGB with or without alpha."""
    tiny = _resized_to(image, _TINY_SIDE)
    pixels = bytes(tiny.write_to_memory())
    colours = _main_colours(pixels)
    return Fingerprint(
        perceptual_hash=_difference_hash(image),
        placeholder=b64encode(thumb_hash(tiny.width, tiny.height, pixels)).decode(),
        dominant_colour=colours[0],
        palette=tuple(colours),
    )


def _resized_to(image: pyvips.Image, side: int) -> pyvips.Image:
    """Return *image* as RGBA with a longer side of at most *side* pixels; no side is 0."""
    scale = min(1.0, side / max(image.width, image.height))
    width, height = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    across, down = width / image.width, height / image.height
    small = blended(image, lambda mixed: mixed.resize(across, vscale=down))
    return with_alpha(small).copy_memory()


def _difference_hash(image: pyvips.Image) -> str:
    """Return 64 bits as hex: whether each of 9 × 8 grey cells is brighter than its right neighbour.

    Copies of a picture differ in few bits, independent of size and compression (dHash).
    """
    opaque = image.flatten(background=_WHITE.bands(3)) if image.hasalpha() else image
    grey = opaque.colourspace("b-w")
    cells = grey.resize(9 / grey.width, vscale=8 / grey.height, kernel="linear").cast("uchar")
    values = bytes(cells.write_to_memory())
    bits = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            bits = bits << 1 | (values[at] > values[at + 1])
    return f"{bits:016x}"


def _main_colours(rgba: bytes) -> list[str]:
    """Return visibly different mean colours of the fullest of 512 bins, the fullest first."""
    bins: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for red, green, blue, alpha in zip(*[iter(rgba)] * 4, strict=True):
        if alpha >= _OPAQUE_ENOUGH:
            total = bins[red >> 5 << 6 | green >> 5 << 3 | blue >> 5]
            total[0] += 1
            total[1] += red
            total[2] += green
            total[3] += blue
    fullest = sorted(bins.values(), reverse=True)
    means = [Rgba(*(channel // total[0] for channel in total[1:])) for total in fullest]
    return [str(colour) for colour in _distinct(means or [_WHITE])]


def _distinct(colours: list[Rgba]) -> list[Rgba]:
    chosen: list[Rgba] = []
    for colour in colours:
        if len(chosen) < _PALETTE_COLOURS and all(
            _distance(colour, other) >= _LEAST_DISTANCE for other in chosen
        ):
            chosen.append(colour)
    return chosen


def _distance(one: Rgba, other: Rgba) -> int:
    return abs(one.red - other.red) + abs(one.green - other.green) + abs(one.blue - other.blue)
