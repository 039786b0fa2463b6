"""Scores: SSIMULACRA2 of a file against the same photograph, decoded in full and resized by Pillow.

100 is the same picture, 90 cannot be told apart, 70 is high and 50 medium quality. It is slow (a second
per megapixel), so scores are computed on all cores at once, and never while something is measured.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

LANCZOS = Image.Resampling.LANCZOS


@dataclass(frozen=True, slots=True)
class Pair:
    """A picture to be scored against a reference; both are files."""

    reference: Path
    picture: Path


def score_all(pairs: Iterable[Pair]) -> tuple[float, ...]:
    """Return the score of each pair, in order."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return tuple(pool.map(score, pairs))


def score(pair: Pair) -> float:
    """Return the SSIMULACRA2 of one pair."""
    reference, picture = _scorable(pair.reference), _scorable(pair.picture)
    from ssimulacra2 import compute_ssimulacra2  # noqa: PLC0415 - not among the tests' packages

    return float(compute_ssimulacra2(reference, picture))


def reference_for(photo: Path, picture: Path, scratch: Path) -> Path:
    """Return a PNG of *photo* in the size of *picture*: full decode, upright, sRGB, Lanczos."""
    with Image.open(picture) as opened:
        size = opened.size
    target = scratch / f"reference-{photo.stem}-{size[0]}x{size[1]}.png"
    if not target.exists():
        _full_decode(photo).resize(size, LANCZOS).save(target, compress_level=1)
    return target


def resized(photo: Path, width: int, folder: Path) -> Path:
    """Write *photo*, decoded in full and resized, as a PNG that costs next to nothing to read."""
    full = _full_decode(photo)
    target = folder / f"{photo.stem}-{width}.png"
    if not target.exists():
        size = width, round(full.height * width / full.width)
        full.resize(size, LANCZOS).save(target, compress_level=0)
    return target


def cover_references(photo: Path, side: int, scratch: Path) -> tuple[Path, ...]:
    """Return references for a square centre crop: resize and cut do not say who rounds which way.

    A crop half a pixel beside the other loses many points that nobody sees; take the best score.
    """
    full = _full_decode(photo)
    scale = side / min(full.size)
    size = round(full.width * scale), round(full.height * scale)
    resized = full.resize(size, LANCZOS)
    spare = max(size) - side
    cuts = [
        (at if size[0] > side else 0, at if size[1] > side else 0)
        for at in sorted({spare // 2, -(-spare // 2)})
    ]
    squares = [resized.crop((left, top, left + side, top + side)) for left, top in cuts]
    squares.append(ImageOps.fit(full, (side, side), LANCZOS))
    targets = [scratch / f"cover-{photo.stem}-{number}.png" for number in range(len(squares))]
    for square, target in zip(squares, targets, strict=True):
        square.save(target, compress_level=1)
    return tuple(targets)


def _scorable(picture: Path) -> io.BytesIO:
    """Return the file, a small picture mirrored to twice its size.

    SSIMULACRA2 looks at six scales, each half the last and none under 8 pixels. With fewer it takes
    the weights of one channel for another (its reference implementation does, too), and the score
    of a picture of up to 224 pixels means nothing.
    """
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    if min(image.size) > 224:
        return io.BytesIO(picture.read_bytes())
    width, height = image.size
    mirrored = Image.new("RGB", (2 * width, 2 * height))
    for left, row in ((0, image), (width, ImageOps.mirror(image))):
        mirrored.paste(row, (left, 0))
        mirrored.paste(ImageOps.flip(row), (left, height))
    buffer = io.BytesIO()
    mirrored.save(buffer, "PNG", compress_level=1)
    buffer.seek(0)
    return buffer


@lru_cache(maxsize=1)
def _full_decode(photo: Path) -> Image.Image:
    with Image.open(photo) as opened:
        upright = ImageOps.exif_transpose(opened)
    profile = upright.info.get("icc_profile")
    if not profile:
        return upright.convert("RGB")
    converted = ImageCms.profileToProfile(
        upright, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    return converted or upright.convert("RGB")
