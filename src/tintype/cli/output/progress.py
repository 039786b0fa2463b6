"""Progress bars on standard error: one for many items, and those of an upload."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock
from typing import Self, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from tintype.cli.output.console import Screen
from tintype.cli.output.text import name_of

Item = TypeVar("Item")

WIDE = 110  # terminal columns needed for all parts
NAME_LENGTH, NAME_LENGTH_NARROW = 28, 12  # columns for a file's name next to its bar


def progress(screen: Screen, *columns: tuple[int, ProgressColumn]) -> Progress:
    """Return bars of those columns that fit; each is given with the terminal width it needs."""
    err = screen.err
    shown = [column for width, column in columns if err.width >= width]
    is_off = screen.quiet or not err.is_terminal
    return Progress(*shown, console=err, transient=True, disable=is_off)


def bar(screen: Screen) -> BarColumn:
    """Return a bar that leaves room for text."""
    return BarColumn(bar_width=max(6, min(40, (screen.err.width - 40) // 2)))


def rate(per_second: float) -> str:
    """Return a number per second, with significant digits.

    >>> rate(0.42), rate(1234.5)
    ('0.4/s', '1,234/s')
    """
    return f"{per_second:,.{0 if per_second >= 10 else 1}f}/s"  # noqa: PLR2004


class _RateColumn(ProgressColumn):
    """The number of items per second."""

    def render(self, task: Task) -> Text:
        """Return the rate of a task."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else rate(speed))


class WorkBar:
    """A bar for many items: count, rate, time left, and a remark."""

    def __init__(self, screen: Screen, what: str, total: int | None = None) -> None:
        self._bar = progress(
            screen,
            (0, TextColumn("{task.description}")),
            (0, bar(screen)),
            (0, MofNCompleteColumn()),
            (60, _RateColumn()),
            (0, TimeRemainingColumn(compact=True)),
            (0, TextColumn("{task.fields[remark]}")),
        )
        self._task = self._bar.add_task(what, total=total, remark="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._bar.stop()

    def start(self, what: str, total: int | None) -> None:
        """Begin the next of several parts of the work."""
        self._bar.reset(self._task, description=what, total=total, remark="")

    def advance(self, remark: str = "") -> None:
        """Count one more item."""
        self._bar.update(self._task, advance=1, remark=remark)

    def each(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield the items, and count each once the caller has processed it."""
        for item in items:
            yield item
            self.advance()


class UploadBars:
    """A bar for each current file, and one for all; thread-safe."""

    def __init__(self, screen: Screen, *, files: int, size: int) -> None:
        self._bars = progress(
            screen,
            (0, TextColumn("{task.description}")),
            (0, bar(screen)),
            (80, DownloadColumn()),
            (WIDE, TransferSpeedColumn()),
            (WIDE, TimeRemainingColumn(compact=True)),
            (0, TextColumn("{task.fields[remark]}")),
        )
        self._files = files
        self._narrow = screen.err.width < WIDE
        self._names = NAME_LENGTH if not self._narrow else NAME_LENGTH_NARROW
        self._all = self._bars.add_task("Uploading", total=size, remark=self._remark(0, None))
        self._tasks: dict[Path, TaskID] = {}
        self._gone: dict[Path, int] = {}
        self._lock = Lock()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._bars.stop()

    def begin(self, file: Path, size: int) -> None:
        """Show a bar for a file."""
        name = name_of(file.name)
        short = set_cell_size(name, self._names - 1) + "…" if cell_len(name) > self._names else name
        with self._lock:
            self._tasks[file] = self._bars.add_task(short, total=size, remark="")
            self._gone[file] = 0

    def advance(self, file: Path, number: int) -> None:
        """Advance a file's bar, and the overall one."""
        with self._lock:
            self._gone[file] += number
            self._bars.advance(self._tasks[file], number)
            self._bars.advance(self._all, number)

    def restart(self, file: Path) -> None:
        """Reset a file's bar."""
        with self._lock:
            gone, self._gone[file] = self._gone[file], 0
            self._bars.update(self._tasks[file], completed=0, remark="again")
            self._bars.advance(self._all, -gone)

    def end(self, file: Path) -> None:
        """Remove a file's bar."""
        with self._lock:
            self._bars.remove_task(self._tasks.pop(file))

    def arrived(self, file: Path, size: int) -> None:
        """Count a whole file, including bytes that were uploaded before or never will be."""
        with self._lock:
            self._bars.advance(self._all, size - self._gone.pop(file, 0))

    def count(self, *, uploaded: int, processed: int | None) -> None:
        """Show how many files are uploaded and, if they are followed, how many are done."""
        self._bars.update(self._all, remark=self._remark(uploaded, processed))

    def _remark(self, uploaded: int, done: int | None) -> str:
        of = f"{uploaded}/{self._files}" if self._narrow else f"{uploaded} of {self._files} files"
        return of if done is None else f"{of} · {done} done"
