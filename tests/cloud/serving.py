"""The command line and the start of a local cloud that a test has made trouble for.

Start with `served`. `python -m tests.cloud.NAME --state DIR --config FILE --port N --gateway-port N`
serves until SIGTERM; `running_cloud` gives the state folder and the ports.
"""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tintype.local.asgi import Middleware
from tintype.local.cloud import LocalCloud
from tintype.local.ministack.isolation import LineSink


def options(description: str | None) -> argparse.Namespace:
    """Return what the command line says: *state*, *config*, *port* and *gateway_port*."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--gateway-port", type=int, required=True)
    return parser.parse_args()


def print_line(function: str, line: object) -> None:
    """Print a line of a function's log."""
    print(function, line, flush=True)  # noqa: T201


@contextmanager
def served(
    options: argparse.Namespace,
    *,
    middleware: Sequence[Middleware] = (),
    sink: LineSink = print_line,
) -> Iterator[threading.Event]:
    """Serve while the block lasts; what it is given is set by SIGTERM, and the block should end."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    cloud = LocalCloud(
        options.state,
        port=options.port,
        gateway_port=options.gateway_port,
        config=options.config,
        middleware=middleware,
        sink=sink,
    )
    with cloud:
        yield ended
