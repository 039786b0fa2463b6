"""Progress bars of an upload: one for each current file, and one for all."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Self

from rich.cells import cell_len, set_cell_size
from rich.progress import (
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from tintype.cli.output.console import Screen, bar, fitting
from tintype.cli.output.text import name_of

WIDE = 110  # terminal columns needed for all parts
NAME_LENGTH, NAME_LENGTH_NARROW = 28, 12  # columns for a file's name next to its bar


class UploadBars:
    """Bars on standard error; a thread-safe `UploadMeter` of `uploads/send.py`."""

    def __init__(self, screen: Screen, *, files: int, size: int) -> None:
        self._bars = Progress(
            *fitting(
                screen.err,
                (0, TextColumn("{task.description}")),
                (0, bar(screen.err)),
                (80, DownloadColumn()),
                (WIDE, TransferSpeedColumn()),
                (WIDE, TimeRemainingColumn(compact=True)),
                (0, TextColumn("{task.fields[remark]}")),
            ),
            console=screen.err,
            transient=True,
            disable=screen.quiet or not screen.err.is_terminal,
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
