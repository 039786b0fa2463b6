"""MiniStack's modules, imported when they are needed and not before.

They read their settings from the environment when they are imported, so ours must not import them at
their top: whoever only collects tests or asks for `--help` would have MiniStack's defaults.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any


def inside(name: str) -> Any:  # noqa: ANN401 - MiniStack has no types
    """Return MiniStack's module *name*, as in `inside("core.sigv4")`."""
    return importlib.import_module(f"ministack.{name}")


def is_imported() -> bool:
    """Say whether MiniStack has read its settings already."""
    return "ministack.core.persistence" in sys.modules
