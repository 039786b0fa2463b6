"""What every way to deploy begins with: an empty account with IAM enforced, and a release folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.account import Account, empty_account
from tests.deploy.tools import ROOT
from tintype_infra.packages import this_cpu


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """Start an emulator in which nothing is deployed."""
    with empty_account(tmp_path_factory.mktemp("account")) as account:
        yield account


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the release that goes to AWS, for this machine's processor."""
    folder = tmp_path_factory.mktemp("releases") / "release"
    settings = ["--set", f"architecture={this_cpu().value}"]
    command = [sys.executable, "-m", "tintype_infra.release", "--out", str(folder), *settings]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud what was left out."""
    if os.environ.get("TINTYPE_SKIP_TERRAFORM") == "1":
        terminalreporter.write_line("TINTYPE_SKIP_TERRAFORM=1: the Terraform module was not run")
