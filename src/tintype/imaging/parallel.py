"""Running the pieces of one rendering on several cores; libvips gives Python's lock back."""

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
    """Something to do; of several that wait, the one with the highest `cost`, of any unit, begins."""

    do: Callable[[], Result]
    cost: float


def run_all(
    tasks: Sequence[Task[Middle]],
    then: Callable[[int, Middle], Sequence[Task[Result]]],
    *,
    threads: int,
) -> list[Result]:
    """Run *tasks*, and for the result of each, as soon as it is there, the tasks that *then* names.

    *then* is given the task's number and its result. Returns the results of the latter, in the order
    of the former. The first error, in this order, is raised, and what has not begun is left.

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
    """Run *tasks*; none of them is kept, since each holds a picture, while the next one begins."""
    return [task.do() for task in tasks]


def _submitted(tasks: Sequence[Task[Result]], pool: ThreadPoolExecutor) -> list[Future[Result]]:
    """Submit the dearest first, so that no core waits for a last long one; return all in order."""
    order = sorted(range(len(tasks)), key=lambda number: -tasks[number].cost)
    futures = {number: pool.submit(tasks[number].do) for number in order}
    return [futures[number] for number in range(len(tasks))]
