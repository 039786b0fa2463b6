"""Do two pictures look the same? Numbers that shrug at compression and not at a wrong crop.

`fingerprint` keeps the mean colour of 8 × 8 cells; `delta_e` is the difference that an eye sees
between two flat colours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.pictures import Pixels

_CELLS = 8
_GREY = 128
_D65 = np.array([0.95047, 1.0, 1.08883])
Floats = npt.NDArray[np.float64]

_SRGB_TO_XYZ: Floats = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
P3_TO_XYZ: Floats = np.array(
    [
        [0.4865709, 0.2656677, 0.1982173],
        [0.2289746, 0.6917385, 0.0792869],
        [0.0000000, 0.0451134, 1.0439444],
    ]
)


@dataclass(frozen=True, slots=True)
class Distance:
    """How far two fingerprints are apart: levels of 255, on average and in the worst cell."""

    mean: float
    worst: float


def fingerprint(pixels: Pixels) -> Floats:
    """Return the mean red, green, blue and alpha of 8 × 8 cells, 0–255.

    *pixels* are height × width × 3 or 4; what is transparent counts as grey.
    """
    alpha = pixels[..., 3:] if pixels.shape[2] == 4 else np.full((*pixels.shape[:2], 1), 255)
    return _means(np.dstack([over(pixels, (_GREY, _GREY, _GREY)), alpha]))


def distance(one: Pixels, other: Pixels) -> Distance:
    """Return how far two pictures of one size are apart."""
    assert one.shape[:2] == other.shape[:2], f"{one.shape} is not the size of {other.shape}"
    levels = np.abs(fingerprint(one) - fingerprint(other))
    return Distance(float(levels.mean()), float(levels.max()))


def over(pixels: Pixels, background: tuple[int, int, int]) -> Floats:
    """Return *pixels* as seen on *background*, height × width × 3."""
    colours = pixels[..., :3].astype(float)
    if pixels.shape[2] == 3:
        return colours
    alpha = pixels[..., 3:] / 255
    return colours * alpha + np.array(background) * (1 - alpha)


def lab(colours: npt.ArrayLike, to_xyz: Floats = _SRGB_TO_XYZ) -> Floats:
    """Return CIE L*a*b* (D65) of colours of 0–255 with the curve of sRGB, along the last axis."""
    values = np.asarray(colours, float) / 255
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    ratios = light @ to_xyz.T / _D65
    roots = np.where(ratios > 216 / 24389, np.cbrt(ratios), (24389 / 27 * ratios + 16) / 116)
    x, y, z = roots[..., 0], roots[..., 1], roots[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def delta_e(one: Floats, other: Floats) -> Floats:
    """Return CIEDE2000 of L*a*b* colours (Sharma, Wu, Dalal 2005, equations 2–22).

    3 is the difference that one sees when two patches stand side by side.
    """
    lightness = (one[..., 0] + other[..., 0]) / 2
    chroma = (np.hypot(one[..., 1], one[..., 2]) + np.hypot(other[..., 1], other[..., 2])) / 2
    stretch = 1.5 - 0.5 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    c1, h1 = _polar(one, stretch)
    c2, h2 = _polar(other, stretch)
    c = (c1 + c2) / 2
    turn = (h2 - h1 + 180) % 360 - 180
    turn = np.where(c1 * c2 == 0, 0, turn)
    h = np.where(c1 * c2 == 0, h1 + h2, _middle(h1, h2))
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    t = (
        1
        - 0.17 * _cos(h - 30)
        + 0.24 * _cos(2 * h)
        + 0.32 * _cos(3 * h + 6)
        - 0.20 * _cos(4 * h - 63)
    )
    wide = (lightness - 50) ** 2
    s_l = (other[..., 0] - one[..., 0]) / (1 + 0.015 * wide / np.sqrt(20 + wide))
    s_c = (c2 - c1) / (1 + 0.045 * c)
    s_h = d_hue / (1 + 0.015 * c * t)
    bend = (
        2
        * np.sqrt(c**7 / (c**7 + 25.0**7))
        * np.sin(np.radians(60 * np.exp(-(((h - 275) / 25) ** 2))))
    )
    total: Floats = np.sqrt(s_l**2 + s_c**2 + s_h**2 - bend * s_c * s_h)
    return total


def _polar(colour: Floats, stretch: Floats) -> tuple[Floats, Floats]:
    """Return chroma, and hue in degrees, of a colour whose a* is stretched."""
    a, b = colour[..., 1] * stretch, colour[..., 2]
    return np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360


def _middle(h1: Floats, h2: Floats) -> Floats:
    """Return the hue half way between two, the short way round."""
    return (h1 + ((h2 - h1 + 180) % 360 - 180) / 2) % 360


def _cos(degrees: Floats) -> Floats:
    return np.cos(np.radians(degrees))


def _means(pixels: Floats) -> Floats:
    """Return the mean of each cell of a grid, cells of whole pixels."""
    height, width = pixels.shape[:2]
    tops = np.linspace(0, height, _CELLS, endpoint=False).astype(int)
    lefts = np.linspace(0, width, _CELLS, endpoint=False).astype(int)
    sums = np.add.reduceat(np.add.reduceat(pixels, tops, axis=0), lefts, axis=1)
    counts = np.diff([*tops, height])[:, None] * np.diff([*lefts, width])
    means: Floats = sums / counts[..., None]
    return means
