"""What every part of a run shares: the photographs, a scratch folder, how thorough to be."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.jobs import Job
from benchmarks.photos import warm_up_photo
from benchmarks.protocol import Reply
from tintype.imaging import Preset


@dataclass(frozen=True, slots=True)
class Bench:
    """The settings of one run; *scratch* is emptied when it ends, *core* is where the workers run."""

    photos: tuple[Path, ...]
    presets: tuple[Preset, ...]
    scratch: Path
    font: Path
    core: int | None
    quick: bool = False
    thorough: bool = False

    def rounds(self, usual: int) -> int:
        """Return how often to repeat what is usually repeated *usual* times."""
        return min(usual, 3) if self.quick else usual

    def folder(self, *names: str) -> Path:
        """Return a folder below the scratch folder, made if it is not there."""
        folder = self.scratch.joinpath(*names)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def warm_up(self) -> Path:
        """Return the small photograph for first jobs."""
        target = self.scratch / "warm-up.jpg"
        return target if target.exists() else warm_up_photo(self.photos[0], target)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One job done once: by whom, beside whom, on what, at what cost."""

    contender: str
    beside: str
    photo: str
    round: int
    reply: Reply


@dataclass(frozen=True, slots=True)
class Bar:
    """A claim with a number: what was measured must not exceed the limit."""

    claim: str
    measured: float
    limit: float
    unit: str = "×"

    @property
    def holds(self) -> bool:
        """Whether the measured figure is within the limit."""
        return self.measured <= self.limit


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report: Markdown, and the bars that it decides."""

    title: str
    body: str
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True, slots=True)
class Race:
    """All measurements of one job, for the plot and the tables."""

    job: Job
    measurements: tuple[Measurement, ...]


def progress(message: str) -> None:
    """Say what is being done, apart from the results, which go to standard output."""
    print(f"  … {message}", file=sys.stderr, flush=True)


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a Markdown table, its first column left, the others right.

    >>> print(table(("who", "ms"), [("Tintype", "31"), ("sharp", "40")]))
    | who     | ms |
    |:--------|---:|
    | Tintype | 31 |
    | sharp   | 40 |
    """
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    rule = [f":{'-' * (widths[0] + 1)}", *(f"{'-' * (width + 1)}:" for width in widths[1:])]
    lines = [_row(heads, widths), f"|{'|'.join(rule)}|", *(_row(row, widths) for row in rows)]
    return "\n".join(lines)


def _row(cells: tuple[str, ...], widths: list[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    aligned = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return f"| {' | '.join(aligned)} |"
