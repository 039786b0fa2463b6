"""What `scenes.py` paints with: noise, gradients, soft edges and lights, on planes of numbers.

A picture is height × width × 3 and a plane is height × width, both from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

Plane = npt.NDArray[np.float64]
Random = np.random.Generator
Stops = Sequence[tuple[float, str]]


def grid(height: int, width: int) -> tuple[Plane, Plane]:
    """Return x and y of every pixel, from 0 to 1."""
    x, y = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    return x, y


def resized(plane: Plane, height: int, width: int) -> Plane:
    """Return a plane with other pixels, smoothly."""
    image = Image.fromarray(plane.astype(np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC), float)


def noise(random: Random, height: int, width: int, cells: float, octaves: int = 6) -> Plane:
    """Return clouds from 0 to 1: noise of *cells* to the width, and finer and fainter on top of it."""
    total = np.zeros((height, width))
    for octave in range(octaves):
        across = max(2, round(cells * 2**octave))
        down = max(2, round(across * height / width))
        if min(across / width, down / height) > 1:
            break
        total += resized(random.random((down, across)), height, width) * 0.5**octave
    spread: Plane = (total - total.min()) / np.ptp(total)
    return spread


def blend(under: Plane, over: Plane | str, amount: Plane | float) -> Plane:
    """Return *over*, a picture or a colour, laid on *under* as thickly as *amount* says."""
    colour = rgb(over) if isinstance(over, str) else over
    cover = np.asarray(amount, float)[..., None]
    laid: Plane = under + (colour - under) * cover
    return laid


def rgb(colour: str) -> Plane:
    """Return a colour that is written as `#rrggbb`."""
    return np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])


def shades(at: Plane, stops: Stops) -> Plane:
    """Return the colours of a gradient."""
    places = [place for place, _ in stops]
    colours = np.array([rgb(colour) for _, colour in stops])
    return np.dstack([np.interp(at, places, colours[:, band]) for band in range(3)])


def smooth(value: Plane, low: float, high: float) -> Plane:
    """Return 0 below *low*, 1 above *high*, and a soft step between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    step: Plane = t * t * (3 - 2 * t)
    return step


def skyline(random: Random, width: int, cells: float, octaves: int = 8) -> Plane:
    """Return a rugged line, from 0 to 1 for each column."""
    line: Plane = noise(random, 2, width, cells, octaves)[0]
    return line


def glow(x: Plane, y: Plane, at: tuple[float, float], size: float) -> Plane:
    """Return a light that fades in all directions."""
    light: Plane = np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / size**2)
    return light
