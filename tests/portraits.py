"""Faces for the tests: drawn, and yet the detector takes them for faces.

`portrait` puts one onto a picture. It is no photograph of anybody: an oval with hair, brows, eyes, a
nose and a mouth, shaded from the left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tests.pictures import Pixels

Colour = tuple[float, float, float]
SKINS: tuple[Colour, ...] = ((224, 178, 150), (198, 146, 112), (150, 104, 76), (104, 70, 52))
HAIRS: tuple[Colour, ...] = ((62, 42, 30), (24, 20, 20), (176, 140, 84), (150, 150, 150))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A face to draw: its middle and its width in pixels, from ear to ear."""

    x: float
    y: float
    width: float
    skin: Colour = SKINS[0]
    hair: Colour = HAIRS[0]


def portraits(count: int) -> Iterator[tuple[Drawn, Pixels]]:
    """Yield portraits with the face off-centre: many sizes, shapes, skins, lights and backgrounds.

    Beside the face each has a bright, busy spot, which `attention` may prefer. The same *count* always
    gives the same portraits.
    """
    chance = np.random.default_rng(31)
    for number in range(count):
        width, height = ((480, 300), (300, 480), (640, 240), (420, 280))[number % 4]
        face = float(chance.uniform(0.14, 0.42)) * min(width, height)
        x, y = width / 2, height / 2
        away = 1 if number // 4 % 2 else -1
        if width > height:
            x += away * chance.uniform(0.6, 1) * (width / 2 - face)
        else:
            y += away * chance.uniform(0.6, 1) * (height / 2 - 1.2 * face)
        drawn = Drawn(x, y, face, SKINS[number % 4], HAIRS[number // 4 % 4])
        pixels = portrait(width, height, drawn).astype(float)
        rows, columns = np.indices((height, width))
        ground = (np.hypot(columns - x, rows - y) > 1.6 * face)[..., None]
        noise = chance.normal(0, chance.uniform(2, 30), (height, width, 1))
        spot = np.hypot(columns - (width - x), rows - (height - y)) < 0.5 * face
        pixels = np.where(ground, pixels * chance.uniform(0.5, 1.5, 3) + noise, pixels)
        pixels[spot & ground[..., 0]] = chance.uniform(0, 255, 3)
        slope = 1 + chance.uniform(-0.4, 0.4) * (columns / width - 0.5)[..., None]
        lit = pixels * chance.uniform(0.35, 1.15) * slope
        rounded: Pixels = lit.round().clip(0, 255).astype(np.uint8)
        yield drawn, rounded


def portrait(
    width: int, height: int, *faces: Drawn, background: Colour = (120, 140, 160)
) -> Pixels:
    """Return a picture with faces on an even background."""
    pixels = np.empty((height, width, 3))
    pixels[:] = background
    for face in faces:
        _draw(pixels, face)
    rounded: Pixels = pixels.round().clip(0, 255).astype(np.uint8)
    return rounded


def _draw(pixels: np.ndarray[tuple[int, ...], np.dtype[np.float64]], face: Drawn) -> None:
    rows, columns = np.indices(pixels.shape[:2])
    # 1 is half of the face's width.
    x = (columns + 0.5 - face.x) / (face.width / 2)
    y = (rows + 0.5 - face.y) / (face.width / 2)

    def paint(
        colour: Colour,
        middle: tuple[float, float],
        radii: tuple[float, float],
        soft: float = 0.06,
        strength: float = 1,
    ) -> None:
        """Blend a colour into an ellipse with a soft edge."""
        distance = np.hypot((x - middle[0]) / radii[0], (y - middle[1]) / radii[1])
        edge = soft / min(radii)
        share = (np.clip((1 + edge - distance) / (2 * edge), 0, 1) * strength)[..., None]
        pixels[:] = pixels * (1 - share) + np.array(colour) * share

    light = (1.05 - 0.25 * np.clip(x, -1, 1))[..., None]
    paint((70, 90, 130), (0, 2.6), (1.9, 1.2))  # shoulders
    paint((190, 145, 120), (0, 1.3), (0.5, 0.6))  # neck
    paint(face.hair, (0, -0.25), (1.12, 1.3))
    paint(face.skin, (0, 0.1), (0.92, 1.2))
    inside = (np.hypot(x / 0.92, (y - 0.1) / 1.2) < 1)[..., None]
    pixels[:] = np.where(inside, pixels * light, pixels)
    for side in (-1, 1):
        paint((170, 120, 98), (0.38 * side, -0.08), (0.26, 0.2), 0.12, 0.7)  # socket
        paint(face.hair, (0.38 * side, -0.32), (0.27, 0.055), 0.04)  # brow
        paint((240, 238, 235), (0.38 * side, -0.05), (0.19, 0.09), 0.03)
        paint((60, 45, 35), (0.38 * side, -0.05), (0.09, 0.09), 0.03)
        paint((15, 10, 10), (0.38 * side, -0.05), (0.045, 0.045), 0.02)
        paint((90, 60, 50), (0.38 * side, -0.13), (0.2, 0.035), 0.03)  # lid
        paint((150, 95, 80), (0.1 * side, 0.45), (0.06, 0.035), 0.03)  # nostril
        paint((230, 150, 135), (0.55 * side, 0.4), (0.22, 0.2), 0.2, 0.3)  # cheek
    paint((245, 205, 180), (0, 0.2), (0.07, 0.3), 0.06, 0.6)  # bridge
    paint((185, 135, 112), (0.09, 0.3), (0.06, 0.25), 0.08, 0.5)
    paint((180, 85, 80), (0, 0.74), (0.34, 0.1), 0.05)
    paint((110, 45, 45), (0, 0.73), (0.32, 0.02), 0.03)
    paint((190, 140, 118), (0, 0.93), (0.2, 0.05), 0.08, 0.6)
