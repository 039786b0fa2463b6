"""Many concurrent requests, which wait for the network rather than for this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from tintype.aws.errors import ServiceError

AT_ONCE = 16
AHEAD = 4  # items queued per thread, so that no thread waits for the caller

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_parallel(
    work: Callable[[Item], Result], items: Iterable[Item], *, at_once: int = AT_ONCE
) -> Iterator[tuple[Item, Result | ServiceError]]:
    """Yield the result of *work* for each item, in any order; a `ServiceError` counts as a result.

    If the caller stops early, started items are finished and no others are started.
    """
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
