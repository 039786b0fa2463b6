"""Saving the emulator's state while it runs: MiniStack does it only when it is stopped in peace.

A function's code and the stack change only when something is deployed; all else is saved a moment
after it changed, in a thread, each service's file whole or not at all.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from tintype.local.asgi import App, Receive, Scope, Send
from tintype.local.inside import inside

SAVE_SECONDS = 2.0
TRIES = 5
READS = frozenset({"GET", "HEAD", "OPTIONS"})
# Large, and changed only by deployments (which save everything).
AT_DEPLOYMENT = frozenset({"lambda", "cloudformation"})

_log = logging.getLogger(__name__)


class Saver:
    """Save what changed, every `SAVE_SECONDS` and when asked to."""

    def __init__(self) -> None:
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
        while not self._stopped.wait(SAVE_SECONDS):
            self._changed.wait()
            self._changed.clear()
            if not self._stopped.is_set():
                self._save(AT_DEPLOYMENT)

    def _save(self, left_out: frozenset[str]) -> None:
        with self._one_at_a_time:
            for name, get_state in inside("app")._build_persistence_save_dict().items():  # noqa: SLF001
                if name not in left_out:
                    self._save_one(name, get_state)

    def _save_one(self, name: str, get_state: Callable[[], dict[str, object] | None]) -> None:
        for _ in range(TRIES):
            try:
                state = get_state()
            except RuntimeError:  # a dictionary changed size while it was copied
                continue
            if state is not None:
                inside("core.persistence").save_state(name, state)
            return
        _log.warning("%s changes too fast to be saved", name)
        self._changed.set()
