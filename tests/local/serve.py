"""A local cloud in a process of its own: `python -m tests.local.serve STATE RELEASE`.

One process can have one local cloud in its life; the tests need several.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from tintype.local.cloud import LocalCloud

if __name__ == "__main__":
    stop = signal.default_int_handler
    signal.signal(signal.SIGTERM, stop)
    state, release = (Path(argument) for argument in sys.argv[1:3])
    with LocalCloud(state, port=0, gateway_port=0, release=release):
        try:
            signal.pause()
        except KeyboardInterrupt:
            sys.stdout.write("stopping\n")
