"""Run the tasks of one rendering on several cores; libvips releases Python's lock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

Middle = TypeVar("Middle")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Task(Generic[Result]):
    """A unit of work; the waiting task with the highest `cost` (in any unit) starts first."""

    do: Callable[[], Result]
    cost: float


def run_all(
    tasks: Sequence[Task[Middle]],
    then: Callable[[int, Middle], Sequence[Task[Result]]],
    *,
    threads: int,
) -> list[Result]:
    """Run *tasks*, and as soon as each has a result, the tasks that *then* returns for it.

    *then* receives the task's number and result. Returns the results of those second tasks, in the
    order of *tasks*. Raises the first error in this order, and drops tasks that have not started.

    >>> doubled = lambda number, value: [Task(lambda: 2 * value, cost=value)]
    >>> run_all([Task(lambda: 1, cost=1), Task(lambda: 2, cost=2)], doubled, threads=2)
    [2, 4]
    """
    if threads <= 1:
        return [
            result
            for number, task in enumerate(tasks)
            for result in _in_turn(then(number, task.do()))
        ]
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - 5 ms

    with ThreadPoolExecutor(threads) as pool:

        def chain(number: int) -> list[Future[Result]]:
            following = then(number, tasks[number].do())
            return _submitted(following, pool)

        chains = _submitted(
            [Task(partial(chain, n), task.cost) for n, task in enumerate(tasks)], pool
        )
        try:
            return [future.result() for first in chains for future in first.result()]
        finally:
            pool.shutdown(cancel_futures=True)


def _in_turn(tasks: Sequence[Task[Result]]) -> list[Result]:
    """Run *tasks*, keeping no reference to finished ones, since each holds a picture."""
    return [task.do() for task in tasks]


def _submitted(tasks: Sequence[Task[Result]], pool: ThreadPoolExecutor) -> list[Future[Result]]:
    """Submit the most expensive first, so that no core waits for a long last one; keep the order."""
    order = sorted(range(len(tasks)), key=lambda number: -tasks[number].cost)
    futures = {number: pool.submit(tasks[number].do) for number in order}
    return [futures[number] for number in range(len(tasks))]
