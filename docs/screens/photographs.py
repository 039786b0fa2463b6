"""Twelve pictures that look like photographs and are nobody's: what `pages.py` uploads.

`photographs` returns them as a camera would have stored them; `scenes.py` paints them, from random
numbers that are the same each time.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image

from docs.screens import scenes
from docs.screens.painting import Plane, Random, grid, resized


@dataclass(frozen=True)
class Scene:
    """A picture's name, size, and how it is drawn: as height × width × 3, from 0 to 1."""

    name: str
    width: int
    height: int
    draw: Callable[[int, int, Random], Plane]
    grain: float = 0.02
    soft: int = 1
    """Drawn by so many times smaller: what is out of focus loses nothing by that, and much time."""


@dataclass(frozen=True)
class Photograph:
    """A JPEG, and the name that somebody gave it."""

    name: str
    data: bytes


def photographs() -> Iterator[Photograph]:
    """Return all scenes as JPEGs, with what a camera writes into them."""
    for number, scene in enumerate(SCENES):
        drawn = processed(scene, np.random.default_rng(number))
        file = io.BytesIO()
        exif = _exif(number)
        Image.fromarray(drawn).save(file, "JPEG", quality=92, subsampling=0, exif=exif)
        yield Photograph(scene.name, file.getvalue())


def processed(scene: Scene, random: Random) -> npt.NDArray[np.uint8]:
    """Return what a lens and a film make of it: darker corners, and grain, most in the middle tones."""
    height, width, grain = scene.height, scene.width, scene.grain
    pixels = scene.draw(height // scene.soft, width // scene.soft, random)
    if scene.soft > 1:
        pixels = np.dstack([resized(pixels[..., band], height, width) for band in range(3)])
    x, y = grid(height, width)
    corners = 1 - 0.28 * ((x - 0.5) ** 2 + (y - 0.5) ** 2) * 2
    pixels = np.clip(pixels * corners[..., None], 0, 1)
    rough = resized(random.normal(0, 1, (height * 2 // 3, width * 2 // 3)), height, width)
    fine = random.normal(0, 1, (height, width))
    middle = 0.35 + 2.6 * pixels * (1 - pixels)
    pixels = pixels + grain * middle * (0.7 * rough + 0.5 * fine)[..., None]
    levels: npt.NDArray[np.uint8] = (np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8)
    return levels


def _exif(number: int) -> bytes:
    """Return what a camera writes: itself, the exposure, the place, and its serial number."""
    base, gps = ExifTags.Base, ExifTags.GPS
    exif = Image.Exif()
    exif[base.Make], exif[base.Model] = "Daguerre", "Nr. 8"
    exif[base.Software] = "Darkroom 2.1"
    photo = exif.get_ifd(ExifTags.IFD.Exif)
    photo[base.DateTimeOriginal] = f"2026:09:{number + 10} 18:{number * 4 + 5:02}:12"
    photo[base.ExposureTime], photo[base.FNumber] = 1 / (60 + 20 * number), 4.0
    photo[base.ISOSpeedRatings], photo[base.FocalLength] = 100 + 20 * number, 35.0
    photo[base.LensModel] = "Petzval 35 mm"
    photo[base.BodySerialNumber] = "1839-0819"
    photo[base.CameraOwnerName] = "Somebody"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[gps.GPSLatitudeRef], place[gps.GPSLongitudeRef] = "N", "E"
    place[gps.GPSLatitude], place[gps.GPSLongitude] = (48.0, 42.0, 30.0), (44.0, 30.0, 55.0)
    return exif.tobytes()


SCENES = (
    Scene("agate.jpg", 2000, 1600, scenes.agate),
    Scene("Summer sky.jpg", 1800, 1800, scenes.clouds),
    Scene("city lights.jpg", 1600, 2000, scenes.city_lights, grain=0.03, soft=2),
    Scene("Dunes at six.jpg", 2400, 1600, scenes.dunes),
    Scene("after work.jpg", 2400, 1350, scenes.skyscrapers, grain=0.03),
    Scene("Lavender.jpg", 2400, 1600, scenes.lavender),
    Scene("Northern lights.jpg", 1600, 2200, scenes.northern_lights, grain=0.035),
    Scene("firs in fog.jpg", 2000, 1500, scenes.pines),
    Scene("Dahlia.jpg", 1800, 1800, scenes.dahlia, soft=3),
    Scene("mirror lake.jpg", 2600, 1200, scenes.lake),
    Scene("Evening sea.jpg", 2400, 1600, scenes.evening_sea),
    Scene("first light.jpg", 2400, 1600, scenes.mountains),
)
