"""Saving the emulator's state while it runs; MiniStack only saves when it is stopped cleanly.

Functions' code and the stack change only on deployment; everything else is saved shortly after a
change, in a thread, with each service's file written atomically. Until then the journal has the
changes.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from tintype.local.asgi import App, Receive, Scope, Send
from tintype.local.ministack.journal import Journal
from tintype.local.ministack.modules import ministack_module

SAVE_SECONDS, JOURNALED_SECONDS = 2.0, 30.0
TRIES = 5
READS = frozenset({"GET", "HEAD", "OPTIONS"})
# Large, and changed only by deployments (which save everything).
AT_DEPLOYMENT = frozenset({"lambda", "cloudformation"})
# Covered by the journal: copying all rows each time would block all requests.
JOURNALED = frozenset({"dynamodb", "sqs"})

_log = logging.getLogger(__name__)


class Saver:
    """Saves changes, every `SAVE_SECONDS` and on request."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._changed = threading.Event()
        self._stopped = threading.Event()
        self._one_at_a_time = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="tintype-saver", daemon=True)

    def watch(self, app: App) -> App:
        """Return *app* with every writing request recorded."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            await app(scope, receive, send)
            if scope["type"] == "http" and scope["method"] not in READS:
                self._changed.set()

        return watched

    def start(self) -> None:
        """Start saving in the background."""
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
            # Repeat, or the last of many requests would stay in the journal.
            changed = self._changed.wait(JOURNALED_SECONDS)
            self._changed.clear()
            due = time.monotonic() - last > JOURNALED_SECONDS
            if (changed or self._journal.has_changes) and not self._stopped.is_set():
                self._save(AT_DEPLOYMENT if due else AT_DEPLOYMENT | JOURNALED)
                last = time.monotonic() if due else last

    def _save(self, left_out: frozenset[str]) -> None:
        with self._one_at_a_time:
            older = [] if left_out >= JOURNALED else self._journal.turn()
            services = ministack_module("app")._build_persistence_save_dict()  # noqa: SLF001
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
        _log.warning("%s changes too fast to save", name)
        self._changed.set()
        return False

    def _write(self, name: str, state: dict[str, object]) -> bool:
        """Write a service's file; MiniStack only logs failures, such as a full disk."""
        persistence = ministack_module("core.persistence")
        path = Path(persistence.STATE_DIR) / f"{name}.json"
        before = path.stat().st_ino if path.exists() else None
        persistence.save_state(name, state)
        return path.exists() and path.stat().st_ino != before
