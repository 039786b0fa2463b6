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

- **One cover.** The 512-pixel crop costs up to a fifth more CPU than sharp's, which shrinks the
  original further on load at the price of two points; summed over the three it costs the same.
- **Small sizes by an address.** A 320-pixel file of a large photograph takes about 1.2 to 1.3 times
  the CPU of sharp and Pillow as servers, which shrink it further on load and read it from the disk.
- **The largest width of a photograph**, where 1.25 pixels are left for one after the decode: up to
  3 points of the resized pixels, of the file 0.1 to 0.7 ([decision
  3](decisions/0003-one-decode.md)).
- **100 megapixels.** The peaks above include the file of 16 or 17 MB, and glibc's own settings; with
  those of our functions and a file of 2 MB, `python -m benchmarks.memory` finds 132 and 394 MB.
- **A cold start.** The engine's import has grown with what it can do; most of it is our own modules.
- **Photographed pages** are decoded a second time, since the first look finds hard edges: 10 to 14 %
  more CPU for the default presets ([decision 3](decisions/0003-one-decode.md)).
- **AVIF bytes**, at our effort 0: see *What an effort costs*.
- **HEIC.** Twelve megapixels take pi-heif 0.8 s. A build with a newer libde265 takes 0.8 of that,
  but the only wheel that has it also has x265, which is GPL.
- **Without pyjpegli**, which is young and one author's, libvips writes the JPEGs: of three
  photographs at 960 pixels, at the same score, in 0.91 to 1.05 of the bytes (0.99 on average) and
  1.4 of the encoder's CPU (`python -m benchmarks.jpegli`).

**Photographs that nothing was chosen on**, 2026-11-30, three of 12, 13 and 16 megapixels (Canon EOS
450D and 5D, Kodak AZ521; `--photos DIR --only cover --only presets --only ladder --only quality`):

| CPU time, ours ÷ it | cover | default presets | ladder |
|---|---|---|---|
| Pillow, best | 1.06 | 0.83 | 0.86 |
| sharp, hand-written | 1.25 | 0.90 | 0.96 |

The Kodak's picture shows hard edges and is decoded twice: its presets take 0.97 of Pillow's time and
1.11 of sharp's, those of the other two 0.78 to 0.86. Beside sharp, hand-written, the files have 1.00
(presets) and 0.94 (ladder) of the bytes, and their scores are 1.8 points higher in JPEG, 0.3 in WebP
and 0.5 in AVIF; the cover has 76.4 instead of 73.9. Beside sharp's defaults our AVIF is 2.4 points
lower there, and at equal score 1.47 times as large, for a twentieth of the time.

`python -m benchmarks.live`, 21 uploads of the same photographs to a local cloud on two free cores,
2026-11-30: the first picture is announced 240 ms after the last byte, and READY comes after 408 ms.
On a busy machine they take 431 and 1,178 ms: the first picture waits for the decode, which one core does, while two
share the rest.

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
