"""A stack for each test, and a look at every line that its functions write."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.functions.lines import Log, assert_line
from tests.functions.stack import Stack


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Stack:
    stack = Stack()
    stack.wire(monkeypatch)
    return stack


@pytest.fixture(autouse=True)
def log(capsys: pytest.CaptureFixture[str]) -> Iterator[Log]:
    log = Log(capsys)
    yield log
    for line in log.written():
        assert_line(line)
