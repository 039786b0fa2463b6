"""How the tests run, and the release that those of deployments share.

Hypothesis takes its time on a busy machine, and the same examples each run.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tintype_infra.packages import ROOT, this_cpu

settings.register_profile("tintype", deadline=None, derandomize=True)
settings.load_profile("tintype")


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a release as for AWS, but with functions that an emulator on this machine can run."""
    folder = tmp_path_factory.mktemp("releases") / "release"
    settings = ["--platform", "local", "--set", f"architecture={this_cpu().value}"]
    command = [sys.executable, "-m", "tintype_infra.release", "--out", str(folder), *settings]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    return folder
