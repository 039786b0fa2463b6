"""A local cloud in a process of its own, as `tintype up` starts it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tintype.local.ports import free_port
from tintype.local.state import find_address

START_SECONDS = 600.0  # of patience with a machine that is busy or builds the packages
STOP_SECONDS = 60.0
UP = (str(Path(sys.executable).with_name("tintype")), "up", "--quiet")


@dataclass(frozen=True)
class RunningCloud:
    """Where a local cloud is, and the key of its owner."""

    state: Path
    pid: int
    endpoint: str
    access_key: str
    secret_key: str
    outputs: Mapping[str, str]


@contextmanager
def running_cloud(
    state: Path,
    command: Sequence[str] = UP,
    *,
    deployed: Path | None = None,
    front_door: int = 0,
    gateway: int = 0,
) -> Iterator[RunningCloud]:
    """Start a local cloud that keeps its state in *state*, and stop it as Ctrl-C does.

    On any free ports, or on those that are given. With *deployed*, the state folder of a cloud that was
    stopped, it begins as a copy of it, which takes a third of the time of a first start.
    """
    if deployed:
        shutil.copytree(deployed, state, dirs_exist_ok=True)
    front_door, gateway = front_door or free_port(), gateway or free_port()
    ports = ["--port", str(front_door), "--gateway-port", str(gateway)]
    state.mkdir(exist_ok=True)
    log = state / "up.log"
    with log.open("wb") as written:
        child = subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--state", str(state), *ports], stdout=written, stderr=subprocess.STDOUT
        )
    try:
        yield _started(state, child, log)
    finally:
        child.terminate()
        child.wait(STOP_SECONDS)


def _started(state: Path, child: subprocess.Popen[bytes], log: Path) -> RunningCloud:
    deadline = time.monotonic() + START_SECONDS
    while (address := find_address(state)) is None:
        if child.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text(encoding="utf-8", errors="replace"))
        time.sleep(0.1)
    key = address.credentials
    return RunningCloud(
        state=state,
        pid=child.pid,
        endpoint=address.endpoint,
        access_key=key.access_key,
        secret_key=key.secret_key,
        outputs=address.outputs,
    )
