"""AWS's own AppSync client, as npm installs it."""

from __future__ import annotations

import fcntl
import subprocess
from pathlib import Path

from tintype.node import node_folder, npm_script

CLIENT = Path(__file__).parent / "node"
SCRIPT = CLIENT / "client.cjs"


def node(script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(node_folder() / "node"), str(script), *arguments]
    return subprocess.run(command, cwd=CLIENT, text=True, capture_output=True, timeout=120, check=False)  # noqa: S603 # fmt: skip


def install() -> str:
    """Install the client if it is not, or not of the lock file; return why that failed.

    One worker does it while others wait: `npm ci` begins by deleting what another has installed.
    """
    marker = CLIENT / "node_modules" / ".package-lock.json"
    lock = CLIENT / "package-lock.json"
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if marker.exists() and marker.stat().st_mtime >= lock.stat().st_mtime:
            return ""
        done = node(npm_script(), "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        return (done.stderr[-300:] or "npm ci failed") if done.returncode else ""
