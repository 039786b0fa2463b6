"""Running functions finish their invocation when their code is updated, as on AWS.

MiniStack would kill them. An upload in progress during an update would then lose a try and wait for
the next one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

from tintype.local.ministack.modules import ministack_module

LONGEST_SECONDS = 900.0  # Lambda's maximum timeout
_GLANCE_SECONDS = 0.05

_is_update: ContextVar[bool] = ContextVar("is_update", default=False)


def let_functions_finish() -> Callable[[], None]:
    """Enable this; return a function that undoes it and ends functions that still run."""
    runtime, service = (
        ministack_module("core.lambda_runtime"),
        ministack_module("services.lambda_svc"),
    )
    invalidate, kill = runtime.invalidate_worker, runtime.kill_workers
    finishing: set[Any] = set()

    def invalidate_idle(*arguments: object, **named: object) -> None:
        token = _is_update.set(True)
        try:
            invalidate(*arguments, **named)
        finally:
            _is_update.reset(token)

    def kill_idle(workers: Iterable[Any]) -> None:
        doomed = [worker for worker in workers if worker is not None]
        busy = {worker for worker in doomed if _is_update.get() and worker.in_use}
        finishing.update(busy)
        for worker in busy:
            arguments = (worker, kill, finishing)
            threading.Thread(target=_kill_when_done, args=arguments, daemon=True).start()
        kill([worker for worker in doomed if worker not in busy])

    def undo() -> None:
        runtime.invalidate_worker = service.invalidate_worker = invalidate
        runtime.kill_workers = kill
        kill(list(finishing))
        finishing.clear()

    runtime.invalidate_worker = service.invalidate_worker = invalidate_idle
    runtime.kill_workers = kill_idle
    return undo


def _kill_when_done(
    worker: Any,  # noqa: ANN401 - MiniStack has no types
    kill: Callable[[Iterable[Any]], None],
    finishing: set[Any],
) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    time.sleep(_GLANCE_SECONDS)  # a process leased just before has started by then
    while worker in finishing and _is_at_work(worker) and time.monotonic() < deadline:
        time.sleep(_GLANCE_SECONDS)
    if worker in finishing:
        kill([worker])
        finishing.discard(worker)


def _is_at_work(worker: Any) -> bool:  # noqa: ANN401
    """Whether an invocation is running; a process that failed to start is never returned."""
    process = worker._proc  # noqa: SLF001
    has_process = process is not None and process.poll() is None
    return worker.in_use and (has_process or worker._lock.locked())  # noqa: SLF001
