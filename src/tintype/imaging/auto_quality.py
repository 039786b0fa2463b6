"""The quality at which a picture's file has a given score, predicted before it is encoded.

Start with `quality_for`. Strips of the picture are written as a rough JPEG and read again: what they
lose, and where, says how much quality the picture needs. docs/explanation/decisions/0034 has what
that is worth; `python -m benchmarks.auto_quality fit` prints the table.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum, log, sqrt

from tintype.imaging.depth import colours, eight_bits
from tintype.imaging.vips import load, pyvips, save

_LEAST_SIDE = 32  # pixels; of less there is too little to look at
_THICK = 16  # rows of a strip, as many as a JPEG's blocks of halved colour
_SAMPLE = 65_536  # pixels that are looked at, in 6 to 12 strips
_ROUGH = 50  # the quality of the rough JPEG
_BLOCK = 8  # pixels
_EVEN, _MOSTLY = 0.25, 0.25  # a block's variance, and the share of such blocks, of drawn pictures


class Codec(StrEnum):
    """What writes a file with a quality; each has a scale of its own."""

    JPEGLI = "jpegli"
    JPEG = "jpeg"  # libvips'
    WEBP = "webp"
    AVIF = "avif"


@dataclass(frozen=True, slots=True)
class Appearance:
    """How a picture looks to a codec: *traits* that the quality depends on.

    *drawn*: large parts have no grain at all, as in charts, screenshots and pages.
    """

    traits: tuple[float, ...]
    drawn: bool


@dataclass(frozen=True, slots=True)
class QualityCurve:
    """The quality for a target: a polynomial, and for each trait a weight that grows with the target.

    Of tens of points from 70. *low* and *high* are the qualities that were tried.
    """

    low: int
    high: int
    base: tuple[float, ...]
    weights: tuple[float, ...]
    slopes: tuple[float, ...]

    def quality(self, traits: Sequence[float], target: int) -> int:
        """Return the quality, within the range that was tried."""
        tens = (target - 70) / 10
        always = sum(factor * tens**power for power, factor in enumerate(self.base))
        each = zip(traits, self.weights, self.slopes, strict=True)
        found = always + sum(trait * (weight + slope * tens) for trait, weight, slope in each)
        return min(max(round(found), self.low), self.high)


def _mean(values: Iterable[float]) -> float:
    """Return what `statistics.fmean` does, which takes 5 ms to import."""
    known = list(values)
    return fsum(known) / len(known)


def quality_for(image: pyvips.Image, target: int, codec: Codec, default: int) -> int:
    """Return the quality for *image*, of one frame; *default* if it is tiny.

    A drawn picture gets at least *default*: the curves are photographs'.
    """
    if min(image.width, image.height) < _LEAST_SIDE:
        return default
    seen = appearance(image)
    quality = CURVES[codec].quality(seen.traits, target)
    return max(quality, default) if seen.drawn else quality


def appearance(image: pyvips.Image) -> Appearance:
    """Return how *image* looks, from blocks of its green band and what a rough JPEG makes of them."""
    image = eight_bits(image)
    if colours(image) != "srgb":
        image = image.colourspace("srgb")
    if image.hasalpha():
        image = image.flatten(background=[128])
    strips = _strips(image)
    rough = save("jpegsave_buffer", strips, Q=_ROUGH, subsample_mode="on", keep="none")
    pixels = strips.cast("float")
    errors = load("jpegload_buffer", rough) - pixels
    green, error, red = pixels.extract_band(1), errors.extract_band(1), errors.extract_band(0)
    rest: list[pyvips.Image | float | int] = [error, green * green, error * error, red * red]
    bands = green.bandjoin(rest)
    sums = array("f", bytes(bands.shrink(_BLOCK, _BLOCK).write_to_memory()))
    means, offsets, squares, losses, reds = (sums[band::5] for band in range(5))
    grain = [max(0.0, each - mean * mean) for each, mean in zip(squares, means, strict=True)]
    lost = [max(0.0, each - mean * mean) for each, mean in zip(losses, offsets, strict=True)]
    traits = (
        log(sqrt(_mean((e / (g + 200)) ** 2 for e, g in zip(lost, grain, strict=True))) + 0.001),
        _mean(1 / (1 + each / 64) for each in grain),
        log(_mean(map(sqrt, grain)) + 0.5),
        log(_mean(map(sqrt, lost)) + 0.05),
        # What is lost in dark parts is seen more.
        log(
            _mean(
                sqrt(e) / (max(0.0, mean) / 255 + 0.03) ** (2 / 3)
                for e, mean in zip(lost, means, strict=True)
            )
            + 0.05
        ),
        log(_mean(losses) + 0.01),
        log(_mean(reds) + 0.01),
        sqrt(max(0.0, _mean(mean * mean for mean in means) - _mean(means) ** 2)) / 64,
        log(image.width * image.height / 300_000),
    )
    return Appearance(traits, _mean(each < _EVEN for each in grain) > _MOSTLY)


def _strips(image: pyvips.Image) -> pyvips.Image:
    """Return strips of *image* that are spread evenly, below each other; all of a small one."""
    width = image.width // _BLOCK * _BLOCK
    count = max(6, min(12, _SAMPLE // (width * _THICK)))
    if image.height <= count * _THICK:
        return image.crop(0, 0, width, image.height // _BLOCK * _BLOCK)
    rows = memoryview(image.write_to_memory())
    row = image.width * image.bands
    tops = [(image.height - _THICK) * number // (count - 1) for number in range(count)]
    joined = b"".join(rows[top * row : (top + _THICK) * row] for top in tops)
    strips = pyvips.Image.new_from_memory(
        joined, image.width, count * _THICK, image.bands, "uchar"
    ).copy(interpretation="srgb")
    return strips.crop(0, 0, width, count * _THICK)


# From 83 photographs.
CURVES = {
    Codec.JPEGLI: QualityCurve(
        low=25,
        high=95,
        base=(53.614, 23.619, -1.761, -0.901),
        weights=(6.553, 21.262, -6.766, 5.484, 9.584, 3.592, 0.076, -3.035, 0.392),
        slopes=(-2.137, -4.994, 1.216, -2.39, -2.212, -0.988, 0.27, 1.175, -0.578),
    ),
    Codec.JPEG: QualityCurve(
        low=25,
        high=95,
        base=(51.12, 14.722, -0.342, -1.088),
        weights=(2.872, 22.301, -7.012, 8.67, 3.562, 3.034, 0.685, -3.07, 0.322),
        slopes=(-0.81, -2.894, 1.0, -1.088, -0.215, -0.164, 0.604, 1.5, -0.615),
    ),
    Codec.WEBP: QualityCurve(
        low=20,
        high=96,
        base=(84.26, 16.05, -2.781, -1.512),
        weights=(5.801, 16.709, -4.232, 5.536, 3.761, -1.995, 0.123, -4.944, 1.153),
        slopes=(-1.55, -2.715, 1.143, -1.714, -0.869, -0.159, 0.446, 2.238, -0.625),
    ),
    Codec.AVIF: QualityCurve(
        low=30,
        high=90,
        base=(45.241, 8.826, 2.905, 0.576),
        weights=(3.915, 13.015, 0.128, 3.064, 4.417, 3.374, -1.513, -3.734, 0.514),
        slopes=(-0.507, 1.155, 0.214, -0.751, 0.11, -0.233, 0.535, 0.184, -0.037),
    ),
}
