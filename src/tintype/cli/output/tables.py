"""The tables after a batch: a row per original, or per preset if there are many originals."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich import box
from rich.table import Table
from rich.text import Text

from tintype.cli.files.batch import FileFailure, FileOutcome
from tintype.cli.files.store import StoredRendition
from tintype.cli.output.text import amount, count, duration, name_of

ROWS_AT_MOST = 30  # with more originals, presets are listed instead


def batch_table(outcomes: Sequence[FileOutcome]) -> Table:
    """Return a readable table of the outcomes."""
    if len(outcomes) <= ROWS_AT_MOST:
        return _originals(outcomes)
    return _presets(rendition for outcome in outcomes for rendition in outcome.renditions)


def sum_line(outcomes: Sequence[FileOutcome], output: Path, seconds: float) -> Text:
    """Return the totals: successful originals, compared with all their renditions."""
    rendered = [outcome for outcome in outcomes if not outcome.failure]
    renditions = [rendition for outcome in rendered for rendition in outcome.renditions]
    before = sum(outcome.bytes for outcome in rendered)
    after = sum(rendition.bytes for rendition in renditions)
    failures = len(outcomes) - len(rendered)
    return Text.assemble(
        (f"{count(len(rendered), 'original')} · {amount(before)}", "bold"),
        " → ",
        (f"{count(len(renditions), 'rendition')} · {amount(after)}", "bold"),
        f" together ({change(before, after)})" if before else "",
        f" in {name_of(output)}",
        (f" · {duration(seconds)}", "dim"),
        (f" · {failures} failed", "bold red") if failures else "",
    )


def change(before: int, after: int) -> str:
    """Return the relative change in bytes.

    >>> change(1000, 90), change(100, 130)
    ('-91 %', '+30 %')
    """
    return f"{(after - before) / before:+.0%}".replace("%", " %")


def base_table() -> Table:
    """Return a table without columns, in Tintype's style."""
    return Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
        border_style="dim",
    )


def plain_table(*headings: str, right: Iterable[str] = ()) -> Table:
    """Return an empty table with these columns."""
    table = base_table()
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    return table


def _originals(outcomes: Sequence[FileOutcome]) -> Table:
    right = ("Size", "Renditions", "Change", "Time")
    table = plain_table("Original", "Format", "Pixels", *right, right=right)
    files = [outcome.file for outcome in outcomes]
    for outcome in sorted(outcomes, key=lambda outcome: outcome.file):
        name = short_name(outcome.file, files)
        failure = outcome.failure
        table.add_row(name, *_failed(outcome, failure) if failure else _rendered(outcome))
    return table


def short_name(file: Path, files: Sequence[Path]) -> str:
    """Return a file's path relative to the common folder of all *files*.

    >>> photos = [Path("photos/a.jpg"), Path("photos/may/b.jpg")]
    >>> [short_name(photo, photos) for photo in photos]
    ['a.jpg', 'may/b.jpg']
    """
    try:
        folder = os.path.commonpath([file.parent for file in files])
    except ValueError:  # absolute and relative paths have no common folder
        return name_of(file)
    return name_of(file.relative_to(folder))


def _failed(outcome: FileOutcome, failure: FileFailure) -> list[str | Text]:
    size = amount(outcome.bytes) if outcome.bytes else ""
    return ["", "", size, Text(f"✗ {failure.code}", "red")]


def _rendered(outcome: FileOutcome) -> list[str | Text]:
    about = outcome.description
    together = sum(rendition.bytes for rendition in outcome.renditions)
    return [
        about.format.upper() if about else "",
        f"{about.width} × {about.height}" if about else "",
        amount(outcome.bytes),
        f"{len(outcome.renditions)} · {amount(together)}{_unchanged(outcome.renditions)}",
        Text(change(outcome.bytes, together), "green" if together < outcome.bytes else "yellow"),
        Text(duration(outcome.seconds), "dim"),
    ]


def _unchanged(renditions: Sequence[StoredRendition]) -> str:
    unchanged = sum(not rendition.written for rendition in renditions)
    if not unchanged:
        return ""
    return " (unchanged)" if unchanged == len(renditions) else f" ({unchanged} unchanged)"


def _presets(renditions: Iterable[StoredRendition]) -> Table:
    groups: dict[tuple[str, str], list[int]] = {}
    for rendition in renditions:
        groups.setdefault((rendition.preset, rendition.format), []).append(rendition.bytes)
    right = ("Renditions", "Together", "Average")
    table = plain_table("Preset", "Format", *right, right=right)
    for (preset, format_), sizes in groups.items():
        average = amount(round(sum(sizes) / len(sizes)))
        table.add_row(preset, format_, f"{len(sizes)}", amount(sum(sizes)), average)
    return table
