"""What one original costs, measured: `Cost` of each format, and decoding. Run `python -m benchmarks.cost`.

Each is the least of some rounds, so that a busy machine spoils nothing: decoding a megapixel of an
original, encoding a megapixel in each format, and the bytes that come out at two sizes.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

from benchmarks.bench import progress, table
from benchmarks.photos import find_photos
from tintype.imaging import Encoding, Format, Preset, render_all
from tintype.imaging.formats import RENDERED_FORMATS

ROUNDS = 5
SIZES = (320, 1600)  # pixels wide: a thumbnail, and what fills a screen
PHOTOS = Path(__file__).resolve().parents[2] / "shared" / "photos"
_MEGA = 1_000_000


@dataclass(frozen=True, slots=True)
class Sample:
    """One photograph in one format and size: megapixels in and out, milliseconds of CPU, bytes."""

    read: float
    written: float
    decode: float
    encode: float
    size: int


def sample(photo: Path, format_: Format, width: int) -> Sample:
    """Return what one rendition of a photograph takes, alone."""
    data = photo.read_bytes()
    preset = Preset(name="one", width=width, formats=(Encoding(format=format_),))
    best: Sample | None = None
    for _ in range(ROUNDS):
        start = process_time()
        rendered = render_all(data, [preset])
        cpu = (process_time() - start) * 1000
        (rendition,) = rendered.renditions
        # The stages are timed by the wall's clock, of which this process has but a share.
        share = cpu / sum(rendered.milliseconds.values())
        described = rendered.description
        assert described is not None  # noqa: S101 - it was asked for
        encode = rendered.milliseconds["encode"] * share
        one = Sample(
            described.width * described.height / _MEGA,
            rendition.width * rendition.height / _MEGA,
            cpu - encode,
            encode,
            len(rendition.data),
        )
        if best is None or one.decode + one.encode < best.decode + best.encode:
            best = one
    assert best is not None  # noqa: S101 - there are rounds
    return best


def rows(photos: Sequence[Path]) -> list[tuple[str, ...]]:
    """Return a row for each format: milliseconds a megapixel, and the bytes' two parameters."""
    found: list[tuple[str, ...]] = []
    for format_ in RENDERED_FORMATS:
        progress(f"{format_}: {len(photos)} photographs")
        small, large = ([sample(photo, format_, width) for photo in photos] for width in SIZES)
        encode = median(one.encode / one.written for one in large)
        decode = median(one.decode / one.read for one in large)
        exponent = median(
            math.log(two.size / one.size) / math.log(two.written / one.written)
            for one, two in zip(small, large, strict=True)
        )
        factor = median(one.size / (one.written * _MEGA) ** exponent for one in large)
        found.append(
            (format_.value, f"{decode:.2f}", f"{encode:.1f}", f"{factor:.3f}", f"{exponent:.3f}")
        )
    return found


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cost", description=__doc__)
    parser.add_argument("--photos", type=Path, default=PHOTOS, help="a folder of photographs")
    arguments = parser.parse_args()
    heading = ("format", "decode ms/MP", "encode ms/MP", "bytes factor", "bytes exponent")
    with TemporaryDirectory() as scratch:
        photos = find_photos(arguments.photos, Path(scratch))
        print(table(heading, rows(photos)))


if __name__ == "__main__":
    main()
