"""The photographs: real ones from a folder, or generated ones that cost about the same to encode."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Camera JPEGs of 12, 16 (turned, EXIF orientation 8) and 22 megapixels. The first is what single-photo
# figures are about.
CHOSEN = ("jpeg12_nikond90.jpg", "jpeg16_leica_exif8.jpg", "jpeg22_issue266.jpg")
_GENERATED_SIZES = ((4288, 2848), (4928, 3264))
_OCTAVES = (6, 12, 24, 48, 96, 192, 384, 768, 1536)

Floats = NDArray[np.float32]


def find_photos(folder: Path, scratch: Path) -> tuple[Path, ...]:
    """Return the chosen photographs of *folder*, else its three largest JPEGs, else generated ones."""
    chosen = tuple(folder / name for name in CHOSEN if (folder / name).exists())
    largest = sorted(folder.glob("*.jpg"), key=lambda photo: -photo.stat().st_size)[:3]
    return chosen or tuple(largest) or tuple(_generate(scratch, size) for size in _GENERATED_SIZES)


def enlarge(photo: Path, target: Path, *, side: int, progressive: bool) -> Path:
    """Tile *photo* to a square JPEG of *side* pixels, so that it has a photograph's detail everywhere."""
    with Image.open(photo) as opened:
        tile = opened.convert("RGB")
    canvas = Image.new("RGB", (side, side))
    for left in range(0, side, tile.width):
        for top in range(0, side, tile.height):
            canvas.paste(tile, (left, top))
    canvas.save(target, quality=90, progressive=progressive)
    return target


def warm_up_photo(photo: Path, target: Path) -> Path:
    """Write a small copy of *photo* for the workers' first, unmeasured job."""
    with Image.open(photo) as opened:
        opened.draft("RGB", (640, 640))
        opened.convert("RGB").save(target, quality=90)
    return target


def _generate(scratch: Path, size: tuple[int, int]) -> Path:
    """Write a picture with a photograph's spectrum: noise that falls with frequency, edges, grain."""
    target = scratch / f"generated{size[0] * size[1] // 1_000_000}.jpg"
    random = np.random.default_rng(1855)
    light = clouds(random, size)
    colour = [0.35 * clouds(random, size) for _ in range(3)]
    edges = np.where(clouds(random, size) > 0.4, np.float32(0.6), np.float32(0))
    grain = random.normal(0, 0.075, (size[1], size[0])).astype(np.float32)
    planes = [128 + 48 * (light + tint + edges + grain) for tint in colour]
    pixels = np.clip(np.stack(planes, axis=-1), 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(target, quality=92)
    return target


def clouds(random: np.random.Generator, size: tuple[int, int]) -> Floats:
    """Return smooth noise of about ±1: each octave twice as fine and three fifths as strong."""
    total = np.zeros((size[1], size[0]), np.float32)
    for number, cells in enumerate(_OCTAVES):
        rows = max(2, cells * size[1] // size[0])
        coarse = Image.fromarray(random.normal(0, 1, (rows, cells)).astype(np.float32))
        total += np.asarray(coarse.resize(size, Image.Resampling.BICUBIC)) * 0.6**number
    return total
