"""What was uploaded from this machine, so that the same command does not upload it again.

One file for each API in the user's cache folder, not beside the photographs: it is found from every
folder, gets into no repository or backup, and losing it costs no more than an upload. A line is added
for each upload, so that a crash and a second command at the same time do no harm.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from threading import Lock


class Journal:
    """The uploads to one API: which image holds the bytes with this SHA-256."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        self._found = _read(path)

    def image_of(self, sha256: str) -> str | None:
        """Return the image that held these bytes when this command began."""
        return self._found.get(sha256)

    def note(self, sha256: str, image_id: str) -> None:
        """Remember an upload. A cache folder that cannot be written is no reason to fail."""
        line = json.dumps({"sha256": sha256, "imageId": image_id}) + "\n"
        with suppress(OSError), self._lock, self.path.open("a", encoding="utf-8") as file:
            file.write(line)


def open_journal(api_url: str) -> Journal:
    """Return the journal of the API at an address."""
    name = re.sub(r"[^a-z0-9.-]+", "-", api_url.lower().partition("://")[2])[:80].strip("-")
    digest = hashlib.sha256(api_url.encode()).hexdigest()[:8]
    path = cache_folder() / "uploads" / f"{name}-{digest}.jsonl"
    with suppress(OSError):  # as in `note`
        path.parent.mkdir(parents=True, exist_ok=True)
    return Journal(path)


def cache_folder() -> Path:
    """Return our folder for what may be lost, as each system has one."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "tintype"


def _read(path: Path) -> dict[str, str]:
    """Return what a journal says; of two lines about the same bytes the later one counts."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    found = {}
    for line in lines:
        try:
            entry = json.loads(line)
            found[str(entry["sha256"])] = str(entry["imageId"])
        except (ValueError, TypeError, KeyError):
            continue  # cut by a crash
    return found
