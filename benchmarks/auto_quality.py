"""Auto quality: fit the curves of `tintype.imaging.auto_quality`, or check what they are worth.

    python -m benchmarks.auto_quality fit DIR          # prints the table CURVES
    python -m benchmarks.auto_quality check DIR [70]   # with photographs it was not fitted with

Each photograph is taken at one of the usual widths, and scored at six qualities of each codec. That
takes seconds a photograph, so DIR/auto-quality.jsonl keeps the scores.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean, pstdev
from tempfile import TemporaryDirectory

import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.scores import Pair, score
from tintype.imaging import Encoding, Format, ImagingError, Preset, QualityTarget, render_one
from tintype.imaging.auto_quality import CURVES, Appearance, Codec, QualityCurve, appearance
from tintype.imaging.vips import load

WIDTHS = (320, 400, 480, 640, 640, 800, 960, 1280)
TARGETS = (50, 55, 60, 65, 70, 75, 80, 85)
QUALITIES = {
    Codec.JPEGLI: (25, 45, 65, 78, 88, 95),
    Codec.JPEG: (25, 45, 65, 78, 88, 95),
    Codec.WEBP: (20, 45, 65, 78, 88, 96),
    Codec.AVIF: (30, 43, 54, 65, 78, 90),
}
_ROUNDS = 5
_STIFFNESS = 3.0  # of the fit, against chance in the weights
_TOLERATED = 3.0  # points; photographs that are further off count less
_TRIALS = np.arange(10, 97, 0.25)  # fixed qualities to compare with

Floats = NDArray[np.float64]


class Point(msgspec.Struct, array_like=True, frozen=True):
    """One file: its quality, bytes and score."""

    quality: int
    bytes: int
    score: float


class Sample(msgspec.Struct, frozen=True):
    """A photograph at a width, and its files of each codec."""

    photo: str
    width: int
    points: dict[Codec, tuple[Point, ...]]

    def score_at(self, codec: Codec, quality: float) -> float:
        """Return the score of a file of this quality, between those that were made."""
        points = self.points[codec]
        return float(np.interp(quality, [p.quality for p in points], _rising(points)))

    def bytes_at(self, codec: Codec, quality: float) -> float:
        """Return its bytes."""
        points = self.points[codec]
        sizes = np.log([p.bytes for p in points])
        return float(np.exp(np.interp(quality, [p.quality for p in points], sizes)))


def _rising(points: Sequence[Point]) -> Floats:
    scores = np.array([p.score for p in points])
    return np.asarray(np.maximum.accumulate(scores) + np.arange(len(points)) * 1e-6)


def encoding_of(codec: Codec, quality: int | QualityTarget) -> Encoding:
    """Return an encoding that *codec* writes."""
    format_ = Format.JPEG if codec is Codec.JPEGLI else Format(codec)
    return Encoding(format=format_, quality=quality, progressive=codec is Codec.JPEG)


def picture_of(photo: Path, width: int) -> bytes:
    """Return the photograph at *width*, as a PNG of the pixels that a codec gets."""
    png = Encoding(format=Format.PNG, effort=1)
    return render_one(photo.read_bytes(), Preset(name="p", width=width, formats=(png,))).data


def written(data: bytes, encoding: Encoding, folder: Path) -> Point:
    """Encode the picture *data* and score the file."""
    made = render_one(data, Preset(name="p", formats=(encoding,)))
    reference, file = folder / "reference.png", folder / made.filename
    reference.write_bytes(data)
    file.write_bytes(made.data)
    return Point(made.quality or 0, len(made.data), score(Pair(reference, file)))


def sample(photo: Path, width: int) -> Sample | None:
    """Score one photograph; None for a file that is not one."""
    try:
        data = picture_of(photo, width)
    except ImagingError:
        return None
    with TemporaryDirectory() as folder:
        points = {
            codec: tuple(written(data, encoding_of(codec, q), Path(folder)) for q in qualities)
            for codec, qualities in QUALITIES.items()
        }
    return Sample(photo.name, width, points)


def samples(folder: Path) -> list[Sample]:
    """Return a sample of every photograph of *folder*, scoring those that are not scored yet."""
    kept = folder / "auto-quality.jsonl"
    lines = kept.read_bytes().splitlines() if kept.exists() else []
    found = [msgspec.json.decode(line, type=Sample) for line in lines]
    known = {one.photo for one in found}
    photos = [one for one in sorted(folder.iterdir()) if one.is_file() and one != kept]
    jobs = [
        (photo, WIDTHS[number % len(WIDTHS)])
        for number, photo in enumerate(photos)
        if photo.name not in known
    ]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool, kept.open("ab") as file:
        for one in pool.map(sample, *zip(*jobs, strict=True)) if jobs else ():
            if one is not None:
                found.append(one)
                file.write(msgspec.json.encode(one) + b"\n")
                file.flush()
    if not found:
        message = f"no photographs in {folder}"
        raise SystemExit(message)
    return found


def appearances(folder: Path, found: Sequence[Sample]) -> list[Appearance]:
    """Return how the samples look."""
    pictures = (picture_of(folder / one.photo, one.width) for one in found)
    return [appearance(load("pngload_buffer", data).copy_memory()) for data in pictures]


def fit(folder: Path) -> str:
    """Return the table for `CURVES`, from the pictures of *folder* that are not drawn."""
    found = samples(folder)
    pairs = [
        (one, seen.traits)
        for one, seen in zip(found, appearances(folder, found), strict=True)
        if not seen.drawn
    ]
    curves = [f"    Codec.{codec.name}: {_fitted(codec, pairs)},\n" for codec in Codec]
    return f"# From {len(pairs)} photographs.\nCURVES = {{\n{''.join(curves)}}}"


def _fitted(codec: Codec, pairs: Sequence[tuple[Sample, tuple[float, ...]]]) -> QualityCurve:
    rows, wanted, weights = [], [], []
    for one, traits in pairs:
        points = one.points[codec]
        for target in TARGETS:
            if not points[0].score <= target <= points[-1].score:
                continue
            quality = float(np.interp(target, _rising(points), [p.quality for p in points]))
            tens = (target - 70) / 10
            powers = [tens**power for power in range(4)]
            rows.append([*powers, *traits, *(trait * tens for trait in traits)])
            wanted.append(quality)
            # An error counts in points of score, not of quality.
            rise = one.score_at(codec, quality + 4) - one.score_at(codec, quality - 4)
            weights.append(max(rise / 8, 0.1))
    solution = _solved(np.array(rows), np.array(wanted), np.array(weights))
    base, rest = solution[:4], solution[4:]
    middle = len(rest) // 2
    return QualityCurve(
        QUALITIES[codec][0],
        QUALITIES[codec][-1],
        *(tuple(round(float(x), 3) for x in part) for part in (base, rest[:middle], rest[middle:])),
    )


def _solved(rows: Floats, wanted: Floats, weights: Floats) -> Floats:
    """Return the ridge regression's solution, refined so that outliers count less."""
    spread = rows[:, 4:].std(axis=0) + 1e-9
    stiff = np.diag([0.0] * 4 + list(_STIFFNESS * spread**2))
    trust = weights
    for _ in range(4):
        scaled = rows * trust[:, None]
        solution = np.linalg.solve(scaled.T @ scaled + stiff, scaled.T @ (wanted * trust))
        errors = np.abs(rows @ solution - wanted) * weights
        trust = weights * np.sqrt(np.minimum(1, _TOLERATED / np.maximum(errors, 1e-6)))
    return np.asarray(solution)


@dataclass(frozen=True, slots=True)
class Worth:
    """What a target is worth beside the fixed quality with the same worst score."""

    codec: Codec
    scores: tuple[float, ...]
    fixed: float
    fixed_scores: tuple[float, ...]
    bytes_ratio: float
    cpu_ratio: float

    def __str__(self) -> str:
        scores, fixed = self.scores, self.fixed_scores
        return (
            f"{self.codec}: score {fmean(scores):.1f} ± {pstdev(scores):.1f}, worst {min(scores):.1f}; "
            f"fixed {self.fixed:g}: {fmean(fixed):.1f} ± {pstdev(fixed):.1f}; "
            f"bytes × {self.bytes_ratio:.3f}, CPU × {self.cpu_ratio:.2f}"
        )


def check(folder: Path, target: int) -> list[Worth]:
    """Return what *target* is worth for each codec, with the photographs of *folder*."""
    found = samples(folder)
    pictures = [picture_of(folder / one.photo, one.width) for one in found]
    return [_worth(codec, folder, found, pictures, target) for codec in Codec]


def _worth(
    codec: Codec, folder: Path, found: list[Sample], pictures: list[bytes], target: int
) -> Worth:
    chosen = encoding_of(codec, QualityTarget(target=target))
    with TemporaryDirectory() as scratch:
        made = [written(data, chosen, Path(scratch)) for data in pictures]
    worst = min(one.score for one in made)
    fixed = next(
        (q for q in _TRIALS if min(one.score_at(codec, q) for one in found) >= worst), _TRIALS[-1]
    )
    photos = [(folder / one.photo, one.width) for one in found[:: max(1, len(found) // 8)]]
    return Worth(
        codec,
        tuple(one.score for one in made),
        float(fixed),
        tuple(one.score_at(codec, fixed) for one in found),
        sum(one.bytes for one in made) / sum(one.bytes_at(codec, fixed) for one in found),
        _cpu_ratio(photos, chosen, encoding_of(codec, round(fixed))),
    )


def _cpu_ratio(photos: Sequence[tuple[Path, int]], one: Encoding, other: Encoding) -> float:
    """Return the CPU time of whole renditions with *one*, as a share of that with *other*."""
    totals = [0.0, 0.0]
    for photo, width in photos:
        data = photo.read_bytes()
        for _ in range(_ROUNDS):
            for index, encoding in enumerate((one, other)):
                start = time.process_time()
                render_one(data, Preset(name="p", width=width, formats=(encoding,)))
                totals[index] += time.process_time() - start
    return totals[0] / totals[1]


def main() -> None:
    """Fit or check, as the arguments say."""
    task, folder, *rest = sys.argv[1:]
    if task == "fit":
        print(fit(Path(folder)))
    else:
        assert CURVES  # noqa: S101 - there is nothing to check before the first fit
        print(*check(Path(folder), int(rest[0]) if rest else 70), sep="\n")


if __name__ == "__main__":
    main()
