"""The report: the bars, the tables and what must be known to read them, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.bench import Bar, Bench, Race, Section, table
from benchmarks.contenders import CONTENDERS
from benchmarks.machine import machine_line, version_line
from benchmarks.plot import draw

INTRODUCTION = """\
# Benchmarks

Tintype's engine beside Pillow and sharp, run alternately in one run, on one core. `make benchmark`
measures everything again and writes this page. Another machine, or this one on another day, has other
milliseconds and nearly the same ratios: trust the ratios. A bar that does not hold says so.

![CPU time of each contender at each job, and bytes of the ladder](benchmarks.svg)
"""

READING = """\
## How to read the tables

- **CPU ms** is user and system time of the contender's process and its children, a photograph: the median
  of the rounds, with the least and the most. *Ours ÷ it* is the median of the ratios of
  neighbours: in each round and for each photograph we run once beside every peer, so that what disturbs the
  machine disturbs both. The bars take this one. *Summed* is all our CPU time over all of the peer's, which large differences
  between photographs move; the second table shows those.
- **Peak MB** is that of a fresh process which does the job once, interpreter or Node included.
- **Score** is SSIMULACRA2 against the photograph decoded in full and resized by Pillow with Lanczos: 90 cannot be
  told from it, 70 is high quality. It takes the resize and the encoder together.
- One core each: workers are confined to one, sharp runs with `concurrency(1)` and `cache(false)`, Pillow's AVIF with
  `max_threads=1`. The original is in memory before the clock starts, files are written after it stops.
- A round goes ours, A, ours, B, ours, C and so on. All have warmed up on a small picture before.

## What to be honest about

- Most of the distance to sharp's and Pillow's defaults is AVIF effort, which anyone can set. *sharp, our settings* shows
  what remains when they do. At the same score our AVIF (effort 0) is larger than that of effort 4: the table *What an effort
  costs* says by how much. `effort` in `tintype.toml` buys the bytes back where a picture is seen often.
- sharp and Pillow are asked for no description; neither is Tintype, except where a row says so.
- sharp's clones run all at once, as `Promise.all` has it; that costs it memory, not CPU time.
- Our AVIF has a quarter of the colour samples (4:2:0), sharp's default all of them (4:4:4). The score takes that into account, but
  it is of one metric: by others jpegli, WebP and AVIF stand a little differently.
- *sharp* and *Pillow, best* shrink the original further while they decode it than Tintype does, which costs less and
  shows in the table *Quality of the resize*.
- The default qualities were chosen on the same photographs, so the bars on bytes and scores are not a test on unseen ones.
  A few photographs are not a corpus. `--photos DIR` takes others.
"""


def bars_table(bars: Iterable[Bar]) -> str:
    """Return the claims, what was measured for each, and whether it holds."""
    heads = ("bar", "measured", "at most", "")
    rows = [
        (
            bar.claim,
            _figure(bar, bar.measured),
            _figure(bar, bar.limit),
            "yes" if bar.holds else "**no**",
        )
        for bar in bars
    ]
    return table(heads, rows)


def write(bench: Bench, races: tuple[Race, ...], sections: list[Section], docs: Path) -> None:
    """Write `benchmarks.md` and `benchmarks.svg` to *docs*."""
    docs.mkdir(exist_ok=True)
    bars = [bar for section in sections for bar in section.bars]
    parts = [INTRODUCTION, _conditions(bench), f"## Bars\n\n{bars_table(bars)}\n", _contenders()]
    parts += [f"## {section.title}\n\n{section.body}\n" for section in sections]
    parts.append(READING)
    (docs / "benchmarks.md").write_text("\n".join(parts))
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


def _figure(bar: Bar, value: float) -> str:
    digits = 3 if bar.unit == "×" else 1
    return f"{value:,.{digits}f} {bar.unit}"
