"""The steps of a deployment on standard error: bars in a terminal, lines elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Self

from rich.progress import (
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from tintype.cli.output.console import Screen
from tintype.cli.output.progress import bar, progress
from tintype.cli.output.text import amount, count, duration
from tintype.deployment.events import Progress as StackProgress

LINE_SECONDS = 15.0  # between two lines without a terminal
NAMED = 3  # pending resources
NARROW = 80  # terminal columns needed for more than the step


class Board:
    """Shows the steps in turn; a `DeployReporter` and a `DestroyReporter` of `tintype.deployment`."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._bars: Progress | None = None
        self._task: TaskID | None = None
        self._step, self._since, self._said = "", monotonic(), 0.0
        self._objects = 0
        self._counts = False  # whether the current bar has a total

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        self._end(well=kind is None)

    def step(self, text: str) -> None:
        """Show a step, and mark the previous one as done."""
        self._end()
        self._step, self._since, self._said, self._objects = text, monotonic(), monotonic(), 0
        if self._screen.quiet:
            return
        if self._screen.err.is_terminal:
            self._open(
                (0, SpinnerColumn()), (0, _STEP), (0, TimeElapsedColumn()), (NARROW, _REMARK)
            )
        else:
            self._print(f"{text} …")

    def uploading(self, sizes: Mapping[str, int]) -> None:
        """Show the upload of the packages."""
        total = sum(sizes.values())
        self.step(f"uploading {count(len(sizes), 'package')}, {amount(total)}")
        if self._bars:
            self._bars.stop()
            self._open(
                (0, _STEP),
                (0, bar(self._screen)),
                (NARROW, DownloadColumn()),
                (NARROW, TransferSpeedColumn()),
                total=total,
            )

    def sent(self, _name: str, number: int) -> None:
        """Move the packages' bar."""
        if self._bars and self._task is not None:
            self._bars.advance(self._task, number)

    def emptied(self, number: int) -> None:
        """Count deleted objects."""
        self._objects += number
        remark = count(self._objects, "object")
        if self._bars and self._task is not None:
            self._bars.update(self._task, remark=remark)
        else:
            self._print_sometimes(f"  {remark}")

    def progress(self, stack: StackProgress, /) -> None:
        """Show CloudFormation's progress, and what it is waiting for."""
        remark = waited_for(stack)
        if not self._bars or self._task is None:
            of = "" if stack.total is None else f" of {stack.total}"
            self._print_sometimes(
                f"  {stack.done}{of} resources, {duration(stack.seconds)}  {remark}".rstrip()
            )
            return
        if stack.total is not None and not self._counts:
            self._bars.stop()
            self._open(
                (0, _STEP),
                (NARROW, bar(self._screen)),
                (0, MofNCompleteColumn()),
                (0, TimeElapsedColumn()),
                (NARROW, _REMARK),
                total=stack.total,
            )
        self._bars.update(self._task, completed=stack.done, total=stack.total, remark=remark)

    def _open(self, *columns: tuple[int, ProgressColumn], total: int | None = None) -> None:
        self._bars = progress(self._screen, *columns)
        self._counts = total is not None
        self._task = self._bars.add_task(self._step, total=total, remark="")
        self._bars.start()

    def _end(self, *, well: bool = True) -> None:
        if self._bars:
            self._bars.stop()
            self._bars = self._task = None
        if self._step and well and not self._screen.quiet and self._screen.err.is_terminal:
            took = duration(monotonic() - self._since)
            self._screen.err.print(
                Text.assemble(("✓ ", "green"), self._step, (f" · {took}", "dim"))
            )
        self._step = ""

    def _print(self, text: str) -> None:
        if not self._screen.quiet:
            self._screen.err.print(text, style="dim")

    def _print_sometimes(self, text: str) -> None:
        if monotonic() - self._said >= LINE_SECONDS:
            self._said = monotonic()
            self._print(text)


_REMARK = TextColumn("{task.fields[remark]}", style="dim")
_STEP = TextColumn("{task.description}")


def waited_for(progress: StackProgress) -> str:
    """Return what CloudFormation is waiting for.

    >>> waited_for(StackProgress(3, 70, 40.0, ("CDN distribution",)))
    'waiting for: CDN distribution (takes several minutes)'
    """
    if progress.going_back:
        return "failed; rolling back"
    if not progress.slow:
        return ""
    named = ", ".join(progress.slow[:NAMED])
    more = f" and {len(progress.slow) - NAMED} more" if len(progress.slow) > NAMED else ""
    takes = " (takes several minutes)" if "distribution" in named else ""
    return f"waiting for: {named}{more}{takes}"
