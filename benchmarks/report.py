"""The report: the bars, the tables and what must be known to read them, as Markdown."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from benchmarks.bench import Bench, Race, Section
from benchmarks.contenders import CONTENDERS
from benchmarks.machine import machine_line, version_line
from benchmarks.plot import draw
from benchmarks.report_parts import READING_TITLE, bars_table, wrapped

INTRODUCTION = """\
# Benchmarks

This page compares Tintype's engine with Pillow and sharp, run alternately in one run, on one core.
`make benchmark` measures everything again and writes this page. Another machine, or this one on
another day, gives other times but nearly the same ratios: trust the ratios. A bar that does not
hold is marked.

![CPU time of each contender at each job, and bytes of the ladder](benchmarks.svg)
"""

READING = f"""\
## {READING_TITLE}

- **CPU ms** is the user and system time of the contender's process and its children per photograph:
  the median of the rounds, with minimum and maximum. *Ours ÷ it* is the median of the ratios of
  neighbours: in each round and for each photograph, Tintype runs once next to every peer, so that
  disturbances affect both. The bars use this ratio. *Summed* is our total CPU time divided by the
  peer's, which large differences between photographs affect; the second table shows those.
- **Peak MB** is that of a new process that does the job once, including the interpreter or Node.
- **Score** is SSIMULACRA2 against the photograph decoded in full and resized by Pillow with
  Lanczos: 90 is indistinguishable from it, 70 is high quality. It covers the resize and the encoder
  together.
- One core each: workers are pinned to one, sharp runs with `concurrency(1)` and `cache(false)`,
  Pillow's AVIF with `max_threads=1`. The original is in memory before the clock starts, files are
  written after it stops.
- A round goes ours, A, ours, B, ours, C and so on. All are warmed up on a small picture first.

## Where we lose

- **One cover.** The 512-pixel crop costs about a tenth more CPU than sharp's, which shrinks the
  original further on load at the price of two points.
- **Small sizes by an address.** A 320-pixel file of a large photograph takes about 1.2 to 1.3 times
  the CPU of sharp and Pillow as servers, which shrink it further on load and read it from the disk.
- **Photographed pages** are decoded a second time, since the first look finds hard edges: 10 to 14 %
  more CPU for the default presets ([decision 3](decisions/0003-one-decode.md)).
- **AVIF bytes**, at our effort 0: see *What an effort costs*.
- **HEIC.** Twelve megapixels take pi-heif 0.8 s. A build with a newer libde265 takes 0.8 of that,
  but the only wheel that has it also has x265, which is GPL.
- **Without pyjpegli**, which is young and one author's, libvips writes the JPEGs: of three
  photographs at 960 pixels, at the same score, in 0.91 to 1.05 of the bytes (0.99 on average) and
  1.4 of the encoder's CPU (`python -m benchmarks.jpegli`).

Measured 2026-11-30, since photographs are shrunk further on load, on a busy machine, three rounds:
the default presets take 0.93 of the CPU of sharp, hand-written (summed 0.89), and 0.75 of that of
Pillow, best (0.76), for 246 kB beside 251 and 257. `python -m benchmarks.live`, 21 uploads of the
same photographs to a local cloud, also busy: the first picture is announced 431 ms after the last
byte, and READY comes after 1,178 ms.

## Caveats

- Most of the difference to sharp's and Pillow's defaults is AVIF effort, which anyone can set.
  *sharp, our settings* shows what remains then. At the same score, our AVIF (effort 0) is larger
  than with effort 4: the table *What an effort costs* shows by how much. If a picture is viewed
  often, a higher `effort` in `tintype.toml` saves those bytes.
- sharp and Pillow compute no description; neither does Tintype, except where a row says so.
- sharp's clones run concurrently, through `Promise.all`; that costs memory, not CPU time.
- Our AVIF has a quarter of the colour samples (4:2:0), sharp's default all of them (4:4:4). The
  score takes that into account, but it is a single metric: others rank jpegli, WebP and AVIF
  slightly differently.
- *sharp* and *Pillow, best* shrink the original further during decoding than Tintype does, which
  costs less and shows in the table *Quality of the resize*.
- The default qualities were chosen on the same photographs, so the bars on bytes and scores are not
  a test on unseen ones. A few photographs are not a corpus; `--photos DIR` uses others.
"""


def write(bench: Bench, races: tuple[Race, ...], sections: list[Section], docs: Path) -> None:
    """Write `benchmarks.md` and `benchmarks.svg` to *docs*."""
    docs.mkdir(exist_ok=True)
    bars = [bar for section in sections for bar in section.bars]
    parts = [INTRODUCTION, _conditions(bench), f"## Bars\n\n{bars_table(bars)}\n", _contenders()]
    parts += [f"## {section.title}\n\n{section.body}\n" for section in sections]
    parts.append(READING)
    (docs / "benchmarks.md").write_text(wrapped("\n".join(parts)))
    draw(races, docs / "benchmarks.svg")


def _conditions(bench: Bench) -> str:
    made = " (generated)" if bench.photos[0].is_relative_to(bench.scratch) else ""
    photos = ", ".join(photo.name for photo in bench.photos) + made
    today = datetime.now(UTC).date().isoformat()
    command = "python -m benchmarks --thorough" if bench.thorough else "python -m benchmarks"
    return (
        f"Measured {today} by `{command}` on {machine_line()}. {version_line()}. "
        f"Photographs: {photos}.\n"
    )


def _contenders() -> str:
    rows = "\n".join(f"- **{one.name}**: {one.does}." for one in CONTENDERS)
    return f"## The contenders\n\n{rows}\n"
