"""The doors of a stack that is well, for tests of the canary."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.doctor.doors import Doors, open_doors


@pytest.fixture
def doors() -> Iterator[Doors]:
    with open_doors() as opened:
        yield opened
