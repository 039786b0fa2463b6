"""What pyjpegli saves: `python -m benchmarks.jpegli PHOTO…`, JPEGs with it and by libvips without it.

Each photograph is resized once, and written by both encoders in turn. The bytes of libvips are those
at the score of jpegli's default quality, between two of its qualities; CPU time is the median.
"""

from __future__ import annotations

import sys
import time
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pyvips

from benchmarks.scores import Pair, resized, score
from tintype.imaging import Encoding, Format, encode
from tintype.imaging.vips import Deadline

WIDTH, ROUNDS = 960, 15
QUALITIES = (76, 80, 84, 88)  # of libvips, around the score of jpegli's default


def main(photos: list[Path]) -> None:
    """Print a line for each photograph and one for all."""
    ratios = []
    with TemporaryDirectory() as name:
        for photo in photos:
            bytes_ratio, cpu_ratio = _compared(photo, Path(name))
            ratios.append((bytes_ratio, cpu_ratio))
            _say(photo.name, bytes_ratio, cpu_ratio)
    _say("all", fmean(one for one, _ in ratios), fmean(one for _, one in ratios))


def _say(name: str, bytes_ratio: float, cpu_ratio: float) -> None:
    sys.stdout.write(
        f"{name}: without pyjpegli {bytes_ratio:.3f} of the bytes at the same score, "
        f"{cpu_ratio:.2f} of the CPU\n"
    )


def _compared(photo: Path, folder: Path) -> tuple[float, float]:
    """Return bytes and CPU time without pyjpegli, each divided by those with it."""
    source = resized(photo, WIDTH, folder)
    image = pyvips.Image.new_from_file(str(source)).copy_memory()
    times: dict[str, list[float]] = {"with": [], "without": []}
    for _ in range(ROUNDS):
        for name, encoder in (("with", nullcontext()), ("without", _without_it())):
            with encoder:
                begun = time.process_time()
                _written(image, None)
                times[name].append(time.process_time() - begun)
    data = _written(image, None)
    with _without_it():
        others = [_written(image, quality) for quality in QUALITIES]
    points = [(_score(other, source, folder), len(other)) for other in others]
    cpu_ratio = median(times["without"]) / median(times["with"])
    return _at(_score(data, source, folder), points) / len(data), cpu_ratio


def _without_it() -> AbstractContextManager[object]:
    return patch.object(encode, "jpegli", None)


def _written(image: pyvips.Image, quality: int | None) -> bytes:
    encoding = Encoding(format=Format.JPEG, quality=quality)
    with Deadline(60) as deadline:
        return encode.encode(image, encoding, deadline=deadline, keep="none").data


def _score(data: bytes, source: Path, folder: Path) -> float:
    picture = folder / "picture.jpg"
    picture.write_bytes(data)
    return score(Pair(source, picture))


def _at(wanted: float, points: list[tuple[float, int]]) -> float:
    """Return the bytes at a score, between the two points around it."""
    for (low, few), (high, many) in pairwise(points):
        if low <= wanted <= high:
            return few + (many - few) * (wanted - low) / (high - low)
    message = f"score {wanted:.1f} is outside of {points[0][0]:.1f} to {points[-1][0]:.1f}"
    raise SystemExit(message)


if __name__ == "__main__":
    main([Path(one) for one in sys.argv[1:]])
