"""MiniStack's modules, imported lazily.

They read their settings from the environment on import, so our modules must not import them at the top:
collecting tests or printing `--help` would fix MiniStack's defaults.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any


def ministack_module(name: str) -> Any:  # noqa: ANN401 - MiniStack has no types
    """Return MiniStack's module *name*, as in `ministack_module("core.sigv4")`."""
    return importlib.import_module(f"ministack.{name}")


def is_imported() -> bool:
    """Whether MiniStack has already read its settings."""
    return "ministack.core.persistence" in sys.modules
