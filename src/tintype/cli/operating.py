"""Shared by the operations commands: the stack's parts, and a bar with a rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self, TypeVar

from rich.progress import (
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from tintype.aws.access_table import AccessTable
from tintype.aws.account import Account
from tintype.aws.dynamodb import Table
from tintype.aws.s3 import Bucket
from tintype.aws.sqs import Queue
from tintype.cli.errors import StackIncompleteError
from tintype.cli.output.console import Screen, bar, fitting
from tintype.cli.stack import Stack
from tintype.outputs import Output

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Parts:
    """A stack's buckets, queues and table, for its operator."""

    stack: Stack

    @property
    def account(self) -> Account:
        """The account that the stack is in."""
        if self.stack.account is None:
            message = "--endpoint is not enough for this command; pass --stack"
            raise StackIncompleteError(message)
        return self.stack.account

    @property
    def originals(self) -> Bucket:
        """The originals bucket."""
        return Bucket(self.account, self.stack.output(Output.ORIGINALS_BUCKET))

    @property
    def renditions(self) -> Bucket:
        """The renditions bucket, with the manifests."""
        return Bucket(self.account, self.stack.output(Output.RENDITIONS_BUCKET))

    @property
    def images(self) -> Table:
        """The images table."""
        return Table(self.account, self.stack.output(Output.IMAGES_TABLE))

    @property
    def access(self) -> AccessTable:
        """The table of the API keys."""
        return AccessTable(self.account, self.stack.output(Output.ACCESS_TABLE))

    def queue(self, url: Output) -> Queue:
        """Return the queue whose address is the output *url*."""
        return Queue(self.account, self.stack.output(url))


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
    """A progress bar on standard error: count, rate and time left."""

    def __init__(self, screen: Screen, what: str, total: int | None = None) -> None:
        self._bar = Progress(
            *fitting(
                screen.err,
                (0, TextColumn("{task.description}")),
                (0, bar(screen.err)),
                (0, MofNCompleteColumn()),
                (60, _RateColumn()),
                (0, TimeRemainingColumn(compact=True)),
                (0, TextColumn("{task.fields[remark]}")),
            ),
            console=screen.err,
            transient=True,
            disable=screen.quiet or not screen.err.is_terminal,
        )
        self._task = self._bar.add_task(what, total=total, remark="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._bar.stop()

    def advance(self, remark: str = "") -> None:
        """Count one more item."""
        self._bar.update(self._task, advance=1, remark=remark)

    def each(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield the items, and count each once the caller has processed it."""
        for item in items:
            yield item
            self.advance()
