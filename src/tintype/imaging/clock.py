"""How long each stage of a rendering takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import perf_counter


class Clock:
    """Milliseconds spent in each stage, summed over all threads."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}
        self._lock = Lock()

    @contextmanager
    def timing(self, stage: str) -> Iterator[None]:
        """Measure the block under the name *stage*."""
        start = perf_counter()
        try:
            yield
        finally:
            spent = (perf_counter() - start) * 1000
            with self._lock:
                self.milliseconds[stage] = self.milliseconds.get(stage, 0) + spent
