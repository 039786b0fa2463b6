"""ThumbHash: a placeholder of about 25 bytes that browsers turn into a blurred picture.

The format is Evan Wallace's (evanw.github.io/thumbhash): the lowest frequencies of the lightness,
of two colour differences and of the alpha, four bits each. Implemented here because the packages on
PyPI either fail on transparent pictures or have no wheels for arm64.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

MAX_SIDE = 100  # pixels; more have no effect at four bits of precision


@dataclass(frozen=True, slots=True)
class _Channel:
    """A channel's mean and its lowest frequencies; `scale` is the largest absolute value."""

    mean: float
    frequencies: Sequence[float]
    scale: float

    @property
    def nibbles(self) -> list[int]:
        """The frequencies relative to the scale, in four bits each; all 0 in a flat channel."""
        if self.scale == 0:
            return [0] * len(self.frequencies)
        return [_round(15 * (0.5 + 0.5 / self.scale * value)) for value in self.frequencies]


def thumb_hash(width: int, height: int, rgba: bytes) -> bytes:
    """Return the ThumbHash of *width* × *height* pixels of *rgba*, not premultiplied; at most 100 × 100.

    >>> len(thumb_hash(32, 24, bytes(32 * 24 * 4)))
    25

    Raises:
        ValueError: a side is longer, or the number of bytes does not match.
    """
    if max(width, height) > MAX_SIDE or len(rgba) != width * height * 4:
        message = (
            f"{width} x {height} pixels in {len(rgba)} bytes; at most 100 x 100, four bytes each"
        )
        raise ValueError(message)
    lightness, yellow_blue, red_green, alpha = _planes(rgba)
    translucent = min(alpha) < 1
    most = 5 if translucent else 7
    longest = max(width, height)
    across = max(1, _round(most * width / longest))
    down = max(1, _round(most * height / longest))
    light = _transform(lightness, width, height, max(3, across), max(3, down))
    yellow = _transform(yellow_blue, width, height, 3, 3)
    red = _transform(red_green, width, height, 3, 3)
    head = (
        _round(63 * light.mean)
        | _round(31.5 + 31.5 * yellow.mean) << 6
        | _round(31.5 + 31.5 * red.mean) << 12
        | _round(31 * light.scale) << 18
        | translucent << 23
    )
    landscape = width > height
    tail = (
        (down if landscape else across)
        | _round(63 * yellow.scale) << 3
        | _round(63 * red.scale) << 9
        | landscape << 15
    )
    nibbles = [*light.nibbles, *yellow.nibbles, *red.nibbles]
    extra = b""
    if translucent:
        opacity = _transform(alpha, width, height, 5, 5)
        extra = bytes([_round(15 * opacity.mean) | _round(15 * opacity.scale) << 4])
        nibbles += opacity.nibbles
    return head.to_bytes(3, "little") + tail.to_bytes(2, "little") + extra + _pack(nibbles)


def _planes(rgba: bytes) -> tuple[list[float], list[float], list[float], list[float]]:
    """Return lightness, yellow-blue, red-green (composited over the mean colour) and alpha."""
    pixels = [(*pixel[:3], pixel[3] / 255) for pixel in zip(*[iter(rgba)] * 4, strict=True)]
    total = sum(pixel[3] for pixel in pixels)
    mean = [
        sum(p[channel] * p[3] for p in pixels) / 255 / total if total else 0 for channel in range(3)
    ]
    lightness, yellow_blue, red_green, alpha = [], [], [], []
    for red_byte, green_byte, blue_byte, opacity in pixels:
        red = mean[0] * (1 - opacity) + opacity / 255 * red_byte
        green = mean[1] * (1 - opacity) + opacity / 255 * green_byte
        blue = mean[2] * (1 - opacity) + opacity / 255 * blue_byte
        lightness.append((red + green + blue) / 3)
        yellow_blue.append((red + green) / 2 - blue)
        red_green.append(red - green)
        alpha.append(opacity)
    return lightness, yellow_blue, red_green, alpha


def _transform(plane: list[float], width: int, height: int, across: int, down: int) -> _Channel:
    """Return the triangle of lowest frequencies of a cosine transform, rows before columns."""
    cosines_x = _cosines(width, across)
    cosines_y = _cosines(height, down)
    rows = [plane[start : start + width] for start in range(0, width * height, width)]
    partial = [[_product(row, wave) for row in rows] for wave in cosines_x]
    values = [
        _product(partial[x], cosines_y[y]) / (width * height)
        for y in range(down)
        for x in range(across)
        if x * down < across * (down - y)
    ]
    mean, *frequencies = values
    return _Channel(mean, frequencies, scale=max(map(abs, frequencies), default=0))


def _product(one: list[float], other: list[float]) -> float:
    return sum(map(mul, one, other), start=0.0)


def _cosines(length: int, count: int) -> list[list[float]]:
    step = math.pi / length
    return [[math.cos(step * wave * (at + 0.5)) for at in range(length)] for wave in range(count)]


def _pack(nibbles: list[int]) -> bytes:
    """Pack two nibbles into each byte, the low one first."""
    even = nibbles + [0] * (len(nibbles) % 2)
    return bytes(low | high << 4 for low, high in zip(even[::2], even[1::2], strict=True))


def _round(value: float) -> int:
    """Round half up, as in JavaScript, the format's reference language."""
    return math.floor(value + 0.5)
