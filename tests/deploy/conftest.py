"""What every way to deploy begins with: an empty account with IAM enforced, and a release folder."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.deploy.account import Account, empty_account


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """Start an emulator in which nothing is deployed."""
    with empty_account(tmp_path_factory.mktemp("account")) as account:
        yield account


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud what was left out."""
    if os.environ.get("TINTYPE_SKIP_TERRAFORM") == "1":
        terminalreporter.write_line("TINTYPE_SKIP_TERRAFORM=1: the Terraform module was not run")
