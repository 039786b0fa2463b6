"""Run the tasks of one rendering on several cores; libvips releases Python's lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import heappop, heappush
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

Middle = TypeVar("Middle")
Result = TypeVar("Result")
Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Task(Generic[Result]):
    """A unit of work; the waiting task with the highest `cost` (in any unit) starts first."""

    do: Callable[[], Result]
    cost: float


def run_each(
    tasks: Sequence[Task[Middle]],
    then: Callable[[int, Middle], Sequence[Task[Result]]],
    *,
    threads: int,
) -> Iterator[tuple[Position, Result]]:
    """Run *tasks*, and as soon as each has a result, the tasks that *then* returns for it.

    *then* receives the task's number and result. Yields the results of those second tasks as they
    come, each with its task's number and its own. One thread takes the tasks in their order. Raises
    the first error, and drops tasks that have not started.

    >>> doubled = lambda number, value: [Task(lambda: 2 * value, cost=value)]
    >>> sorted(run_each([Task(lambda: 1, cost=1), Task(lambda: 2, cost=2)], doubled, threads=2))
    [((0, 0), 2), ((1, 0), 4)]
    """
    if threads > 1:
        yield from _on_threads(tasks, then, threads)
        return
    for number, task in enumerate(tasks):
        yield from _in_turn(number, then(number, task.do()))


def _in_turn(number: int, tasks: Sequence[Task[Result]]) -> Iterator[tuple[Position, Result]]:
    """Run *tasks*, keeping no reference to finished ones, since each holds a picture."""
    for index, task in enumerate(tasks):
        yield (number, index), task.do()


def _on_threads(
    tasks: Sequence[Task[Middle]],
    then: Callable[[int, Middle], Sequence[Task[Result]]],
    threads: int,
) -> Iterator[tuple[Position, Result]]:
    from concurrent.futures import (  # noqa: PLC0415 - 5 ms
        FIRST_COMPLETED,
        ThreadPoolExecutor,
        wait,
    )

    with ThreadPoolExecutor(threads) as pool:
        waiting = _Waiting(pool)

        def begin(number: int) -> set[Future[Any]]:
            following = then(number, tasks[number].do())
            return {
                waiting.add(task.cost, partial(_finish, (number, index), task.do))
                for index, task in enumerate(following)
            }

        running = {
            waiting.add(task.cost, partial(begin, number)) for number, task in enumerate(tasks)
        }
        try:
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for result in [future.result() for future in done]:
                    if isinstance(result, set):
                        running |= result
                    else:
                        yield result
        finally:
            pool.shutdown(cancel_futures=True)


def _finish(position: Position, do: Callable[[], Result]) -> tuple[Position, Result]:
    """Return the result of *do* with its *position*."""
    return position, do()


class _Waiting:
    """Tasks that have not started; a free thread takes the one with the highest cost.

    In a pool's own queue, the costly file of a preset would wait behind the cheap ones of another.
    """

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._heap: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = count()
        self._lock = Lock()

    def add(self, cost: float, do: Callable[[], object]) -> Future[Any]:
        """Add a task; the result is that of whichever task will then have the highest cost."""
        with self._lock:
            heappush(self._heap, (-cost, next(self._numbers), do))
        return self._pool.submit(self._take)

    def _take(self) -> object:
        with self._lock:
            _, _, do = heappop(self._heap)
        return do()
