"""Files of settings that a test writes, and the mistakes that are told of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tintype.config import ConfigError, load

Write = Callable[[str], Path]


def mistakes(path: Path) -> list[tuple[int, str, str]]:
    with pytest.raises(ConfigError) as caught:
        load(path)

    return [(found.line, found.setting, found.message) for found in caught.value.mistakes]
