"""What a signal does for a while. Only the main thread gets signals, and may say so."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from signal import Handlers, Signals
from typing import Any


@contextmanager
def signals(handlers: Mapping[Signals, Callable[..., Any] | Handlers]) -> Iterator[None]:
    """Handle signals so during the block; in another thread, leave them as they are."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, handler) for each, handler in handlers.items()}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler or signal.SIG_DFL)
