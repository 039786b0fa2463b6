"""Tintype's folders in those of the system, and file names in them that stand for a stack."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path


def cache_folder() -> Path:
    """Return Tintype's folder in the system's cache folder."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "tintype"


def state_folder() -> Path:
    """Return Tintype's folder in the system's folder for what programs keep."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library/Application Support"
    else:
        base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    return Path(base) / "tintype"


def file_name(url: str) -> str:
    """Return a name, without an extension, for the file about a stack's address.

    >>> file_name("https://images.example.com/api")
    'images.example.com-api-52494d13'
    """
    name = re.sub(r"[^a-z0-9.-]+", "-", url.lower().partition("://")[2])[:80].strip("-")
    return f"{name}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"
