"""A real terminal of a chosen width, and the command in it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping

COMMAND = [sys.executable, "-c", "from tintype.cli.main import run; run()"]
_STYLES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def on_terminal(columns: int, *arguments: str, env: Mapping[str, str] | None = None) -> str:
    """Run `tintype` where both streams are a terminal; return what it printed, styles included."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    settled = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "CI"}}
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env={**settled, "TERM": "xterm-256color", **(env or {})},
    )
    os.close(theirs)
    text = b""
    while chunk := _read(ours):
        text += chunk
    os.close(ours)
    process.wait(60)
    return text.decode("utf-8", "replace").replace("\r\n", "\n")


def plain(text: str) -> str:
    """Return what a terminal shows of it: no styles, and of a line that was redrawn its last form."""
    lines = _STYLES.sub("", text).split("\n")
    return "\n".join(line.rpartition("\r")[2] for line in lines)


def _read(file: int) -> bytes:
    try:
        return os.read(file, 65536)
    except OSError:  # Linux says EIO where the other side is closed
        return b""
