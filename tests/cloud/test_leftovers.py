"""`tintype up` names what an earlier run has left without an end, and what it names mends it."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import httpx

from tests.cloud.hanging import restarted
from tests.cloud.operator import Operator
from tests.cloud.running import RunningCloud, running_cloud
from tests.cloud.stack import TIMEOUT_SECONDS, Stack

TINTYPE = str(Path(sys.executable).with_name("tintype"))
LINE = re.compile(r"1 image is stuck: no message is on its way\. To fix it: (.+)")
LONG_SECONDS = 240.0


def told(cloud: RunningCloud) -> str:
    """Return what the log advises, as soon as it does."""
    deadline = time.monotonic() + LONG_SECONDS
    while time.monotonic() < deadline:
        said = (cloud.state / "up.log").read_text("utf-8")
        if found := LINE.search(said):
            return found[1]
        time.sleep(0.2)
    raise TimeoutError(said)


def test_what_an_earlier_run_has_left_is_named_and_what_is_advised_mends_it(
    tmp_path: Path, deployed_state: Path
) -> None:
    state = tmp_path / ".tintype"
    with (
        running_cloud(state, deployed=deployed_state) as cloud,
        httpx.Client(timeout=TIMEOUT_SECONDS) as client,
        ExitStack() as closing,
    ):
        hung = restarted(Operator(cloud, closing), Stack(cloud.outputs, client))

    with running_cloud(state) as cloud, httpx.Client(timeout=TIMEOUT_SECONDS) as client:
        stack = Stack(cloud.outputs, client)
        before = stack.image(hung)
        for command in told(cloud).split(" && "):
            words = command.split()
            yes = ["--yes"] if "reprocess" in words else []
            subprocess.run([TINTYPE, *words[1:], *yes], cwd=tmp_path, check=True)  # noqa: S603 - ours
        stack.ready(hung)

    assert before is not None
    assert before["status"] == "PROCESSING"
