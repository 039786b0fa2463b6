"""What the operator's commands share: the stack's parts, many requests at once, and a bar with a rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
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

from tintype.aws.account import Account
from tintype.aws.dynamodb import Table
from tintype.aws.errors import ServiceError
from tintype.aws.s3 import Bucket
from tintype.aws.sqs import Queue
from tintype.cli.errors import StackIncompleteError
from tintype.cli.screen import Screen, bar, fitting
from tintype.cli.stacks import Stack

AT_ONCE = 16  # requests: they wait for the network, not for this machine
AHEAD = 4  # times as many are handed out, so that no thread waits for this one

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Parts:
    """A stack's buckets, queues and table, as its operator reaches them."""

    stack: Stack

    @property
    def account(self) -> Account:
        """The account that the stack is in."""
        if self.stack.account is None:
            message = f"{self.stack.title} is an address alone; this needs the stack"
            raise StackIncompleteError(message)
        return self.stack.account

    @property
    def originals(self) -> Bucket:
        """The originals bucket."""
        return Bucket(self.account, self.stack.output("OriginalsBucket"))

    @property
    def renditions(self) -> Bucket:
        """The renditions bucket, with the manifests."""
        return Bucket(self.account, self.stack.output("RenditionsBucket"))

    @property
    def images(self) -> Table:
        """The images table."""
        return Table(self.account, self.stack.output("ImagesTable"))

    def queue(self, name: str) -> Queue:
        """Return the queue whose address is the output `{name}QueueUrl`."""
        return Queue(self.account, self.stack.output(f"{name}QueueUrl"))


def in_parallel(
    work: Callable[[Item], Result], items: Iterable[Item], *, at_once: int = AT_ONCE
) -> Iterator[tuple[Item, Result | ServiceError]]:
    """Yield what *work* makes of each item, in any order; a `ServiceError` is that item's result."""
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="operate")
    running: dict[Future[Result], Item] = {}
    waiting = iter(items)
    try:
        while True:
            for item in waiting:
                running[pool.submit(work, item)] = item
                if len(running) >= at_once * AHEAD:
                    break
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                item = running.pop(future)
                try:
                    result: Result | ServiceError = future.result()
                except ServiceError as error:
                    result = error
                yield item, result
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def rate(per_second: float) -> str:
    """Return how many are done in a second, with the digits that matter.

    >>> rate(0.42), rate(1234.5)
    ('0.4/s', '1,234/s')
    """
    return f"{per_second:,.{0 if per_second >= 10 else 1}f}/s"  # noqa: PLR2004


class _RateColumn(ProgressColumn):
    """How many are done in a second."""

    def render(self, task: Task) -> Text:
        """Return the rate of a task."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else rate(speed))


class WorkBar:
    """A bar on standard error: how many of how many, how fast, how long still."""

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
        """Count one more."""
        self._bar.update(self._task, advance=1, remark=remark)
