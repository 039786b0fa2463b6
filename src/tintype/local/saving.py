"""Saving the emulator's state while it runs: MiniStack does it only when it is stopped in peace.

A function's code and the stack change only when something is deployed; all else is saved a moment
after it changed, in a thread, each service's file whole or not at all. Until then the journal has what
must not be lost.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from tintype.local.asgi import App, Receive, Scope, Send
from tintype.local.inside import inside
from tintype.local.journal import Journal

SAVE_SECONDS, JOURNALED_SECONDS = 2.0, 30.0
TRIES = 5
READS = frozenset({"GET", "HEAD", "OPTIONS"})
# Large, and changed only by deployments (which save everything).
AT_DEPLOYMENT = frozenset({"lambda", "cloudformation"})
# Whose every change the journal has: copying all rows each time would hold everybody up.
JOURNALED = frozenset({"dynamodb", "sqs"})

_log = logging.getLogger(__name__)


class Saver:
    """Save what changed, every `SAVE_SECONDS` and when asked to."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._changed = threading.Event()
        self._stopped = threading.Event()
        self._one_at_a_time = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="tintype-saver", daemon=True)

    def watch(self, app: App) -> App:
        """Return *app* with every writing request noted."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            await app(scope, receive, send)
            if scope["type"] == "http" and scope["method"] not in READS:
                self._changed.set()

        return watched

    def start(self) -> None:
        """Begin to save in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Stop saving in the background."""
        self._stopped.set()
        self._changed.set()
        self._thread.join(timeout=30)

    def save_everything(self) -> None:
        """Save every service now."""
        self._save(frozenset())

    def _run(self) -> None:
        last = time.monotonic()
        while not self._stopped.wait(SAVE_SECONDS):
            self._changed.wait()
            self._changed.clear()
            due = time.monotonic() - last > JOURNALED_SECONDS
            if not self._stopped.is_set():
                self._save(AT_DEPLOYMENT if due else AT_DEPLOYMENT | JOURNALED)
                last = time.monotonic() if due else last

    def _save(self, left_out: frozenset[str]) -> None:
        with self._one_at_a_time:
            older = [] if left_out >= JOURNALED else self._journal.turn()
            services = inside("app")._build_persistence_save_dict()  # noqa: SLF001
            saved = [
                self._save_one(name, get_state)
                for name, get_state in services.items()
                if name not in left_out
            ]
            if all(saved):
                for path in older:
                    path.unlink()

    def _save_one(self, name: str, get_state: Callable[[], dict[str, object] | None]) -> bool:
        for _ in range(TRIES):
            try:
                with self._journal.still() if name in JOURNALED else nullcontext():
                    state = get_state()
            except RuntimeError:  # a dictionary changed size while it was copied
                continue
            return state is None or self._write(name, state)
        _log.warning("%s changes too fast to be saved", name)
        self._changed.set()
        return False

    def _write(self, name: str, state: dict[str, object]) -> bool:
        """Write a service's file; MiniStack only logs that it could not, as on a full disk."""
        persistence = inside("core.persistence")
        path = Path(persistence.STATE_DIR) / f"{name}.json"
        before = path.stat().st_ino if path.exists() else None
        persistence.save_state(name, state)
        return path.exists() and path.stat().st_ino != before
