"""Run the benchmarks: `python -m benchmarks`, or `make benchmark`. Start reading with `race.py`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl

from benchmarks import jobs, report, report_parts
from benchmarks.bench import Bench, Race, Section
from benchmarks.contenders import last_core
from benchmarks.delivery_section import delivery_section
from benchmarks.efforts import efforts_section
from benchmarks.equal_quality import equal_quality_section
from benchmarks.footprint import footprint_section
from benchmarks.node import HERE, install_sharp
from benchmarks.photos import find_photos
from benchmarks.race import run_race
from benchmarks.race_section import race_section
from benchmarks.resize_quality import resize_quality_section
from benchmarks.single import single_section
from benchmarks.variants import variants_section
from tintype.config import load, shipped

EPILOG = """\
parts, for --only:
  cover     one 512x512 cover JPEG, all contenders
  presets   the default presets, all contenders
  ladder    five widths in three formats, all contenders
  quality   bytes at equal SSIMULACRA2 against sharp's defaults
  efforts   CPU and bytes of each WebP and AVIF effort
  resize    our resized pixels against a full decode's
  variants  two threads against one; the description's cost
  memory    a 100-megapixel original, import time, installed bytes
  single    one 640-pixel AVIF against the default presets
  delivery  any size by its address, through HTTP: the whole stack, thumbor, sharp and Pillow as servers

A whole run takes about fifteen minutes and writes docs/explanation/benchmarks.md and .svg; --quick and
--only print their tables and write nothing, unless --update puts the parts of --only in their places on
the page. Leave the machine alone meanwhile.
"""

PARTS = (
    *("cover", "presets", "ladder", "quality", "efforts", "resize", "variants", "memory"),
    *("single", "delivery"),
)


def main() -> int:
    """Run what was asked for; return 1 if a bar does not hold."""
    arguments = _arguments()
    install_sharp()
    with TemporaryDirectory(prefix="benchmarks-") as scratch:
        bench = _bench(arguments, Path(scratch))
        races: list[Race] = []
        sections = []
        for section in _sections(bench, races, arguments.only):
            print(f"\n## {section.title}\n\n{section.body}\n", flush=True)
            sections.append(section)
        bars = [bar for section in sections for bar in section.bars]
        print(f"\n## Bars\n\n{report_parts.bars_table(bars)}")
        if not arguments.only and not arguments.quick:
            report.write(bench, tuple(races), sections, arguments.docs)
            print(f"\nwrote {arguments.docs / 'benchmarks.md'} and .svg")
        elif arguments.update:
            report_parts.update(sections, arguments.docs)
    return 0 if all(bar.holds for bar in bars) else 1


def _sections(bench: Bench, races: list[Race], only: list[str]) -> Iterator[Section]:
    """Run the parts in turn; *races* collects what the plot is drawn from."""
    cover, presets, ladder = jobs.cover(), jobs.presets(bench.presets), jobs.ladder()

    def race(job: jobs.Job) -> Section:
        races.append(run_race(bench, job))
        return race_section(bench, races[-1])

    parts: dict[str, Callable[[], Section]] = {
        "cover": lambda: race(cover),
        "presets": lambda: race(presets),
        "ladder": lambda: race(ladder),
        "quality": lambda: equal_quality_section(bench),
        "efforts": lambda: efforts_section(bench),
        "resize": lambda: resize_quality_section(bench),
        "variants": lambda: variants_section(bench, ladder, presets),
        "memory": lambda: footprint_section(bench, presets),
        "single": lambda: single_section(bench),
        "delivery": lambda: delivery_section(bench),
    }
    slow = {"quality", "efforts", "resize", "memory", "delivery"} if bench.quick else set()
    for name, part in parts.items():
        if name in only or (not only and name not in slow):
            yield part()


def _bench(arguments: argparse.Namespace, scratch: Path) -> Bench:
    photos = find_photos(arguments.photos, scratch)
    return Bench(
        photos=photos[:1] if arguments.quick else photos,
        presets=load(shipped()).presets,
        scratch=scratch,
        font=Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf",
        core=last_core(),
        quick=arguments.quick,
        thorough=arguments.thorough,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Tintype's engine side by side with Pillow and sharp.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root = HERE.parent
    parser.add_argument(
        "--photos",
        type=Path,
        default=root.parent / "shared" / "photos",
        metavar="DIR",
        help="folder of photographs, of which three are taken; without any they are generated "
        "(default: ../shared/photos)",
    )
    parser.add_argument(
        "--docs",
        type=Path,
        default=root / "docs" / "explanation",
        metavar="DIR",
        help="where the page goes",
    )
    parser.add_argument(
        "--quick", action="store_true", help="one photograph, three rounds, no scores"
    )
    parser.add_argument("--thorough", action="store_true", help="score all widths, not only two")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        choices=PARTS,
        metavar="PART",
        help="run one part; may be repeated",
    )
    parser.add_argument(
        "--update", action="store_true", help="with --only: write those parts into the page"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
