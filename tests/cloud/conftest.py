"""One deployment of the real template for all tests here: IAM enforced, functions in their packages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.cloud.operator import Operator
from tests.cloud.running import RunningCloud, running_cloud
from tests.cloud.stack import TIMEOUT_SECONDS, Stack


@pytest.fixture(scope="session")
def cloud(deployed_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """Run `tintype up` on ports of its own."""
    with running_cloud(tmp_path_factory.mktemp("cloud"), deployed=deployed_state) as running:
        yield running


@pytest.fixture(scope="session")
def stack(cloud: RunningCloud) -> Iterator[Stack]:
    """Return the doors that everybody may use."""
    with httpx.Client(timeout=TIMEOUT_SECONDS) as client:
        yield Stack(cloud.outputs, client)


@pytest.fixture(scope="session")
def operator(cloud: RunningCloud) -> Iterator[Operator]:
    """Return whoever owns the account."""
    with ExitStack() as closing:
        yield Operator(cloud, closing)
