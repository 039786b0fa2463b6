"""An emulator for each file, and in it the resources of a stack for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.aws.emulator import Emulator, emulator
from tests.maintenance.belongings import operated
from tests.maintenance.operated import Cloud
from tintype.maintenance.owned import Stores


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with emulator(tmp_path_factory.mktemp("emulator")) as running:
        yield running


@pytest.fixture
def stack(server: Emulator, request: pytest.FixtureRequest) -> Iterator[tuple[Cloud, Stores]]:
    with operated(server, f"e{abs(hash(request.node.name))}") as made:
        yield made
