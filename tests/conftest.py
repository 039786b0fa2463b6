"""How the tests run, and what all workers share: a release, and a local cloud that was deployed.

Hypothesis takes its time on a busy machine, and the same examples each run.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tests.cloud.running import running_cloud
from tests.config_files import Write
from tests.sharing import Schedule, made_once, rank
from tintype_infra.packages import ROOT, this_cpu

settings.register_profile("tintype", deadline=None, derandomize=True)
settings.load_profile("tintype")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Give workers whole files, and of some folders all files, where whole files are asked for."""
    return Schedule(config, log) if config.option.dist == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the folders that take longest, whatever the order in which they were asked for."""
    items.sort(key=lambda item: rank(item.path))


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a release as for AWS, but with functions that an emulator on this machine can run."""
    return made_once(tmp_path_factory, "release", _write_release)


@pytest.fixture(scope="session")
def deployed_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Have `tintype up` deploy the stack, stop it, and return its state folder: for copies."""

    def deploy(state: Path) -> None:
        with running_cloud(state):
            pass

    return made_once(tmp_path_factory, "deployed", deploy)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a `tintype.toml` with a text."""

    def write_config(text: str) -> Path:
        path = tmp_path / "tintype.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_config


def _write_release(folder: Path) -> None:
    settings = ["--platform", "local", "--set", f"architecture={this_cpu().value}"]
    command = [sys.executable, "-m", "tintype_infra.release", "--out", str(folder), *settings]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
