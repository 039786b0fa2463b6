"""Remember uploads from this machine, so that the same command does not repeat them.

There is one file per API in the user's cache folder, not next to the photographs: it works from every
folder, stays out of repositories and backups, and losing it only costs an upload. Each upload appends
a line, so that crashes and concurrent commands do no harm.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from threading import Lock

from tintype.cli.folders import cache_folder, file_name
from tintype.keys import is_id


class UploadCache:
    """The uploads to one API: the image for each SHA-256 of the bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        self._found = _read(path)

    def image_of(self, sha256: str) -> str | None:
        """Return the image with these bytes, as of the start of this command."""
        return self._found.get(sha256)

    def note(self, sha256: str, image_id: str) -> None:
        """Remember an upload. Errors writing to the cache folder are ignored."""
        line = json.dumps({"sha256": sha256, "imageId": image_id}) + "\n"
        with suppress(OSError), self._lock, self.path.open("a", encoding="utf-8") as file:
            file.write(line)


def open_cache(api_url: str) -> UploadCache:
    """Return the cache for the API at an address."""
    path = cache_folder() / "uploads" / f"{file_name(api_url)}.jsonl"
    with suppress(OSError):  # as in `note`
        path.parent.mkdir(parents=True, exist_ok=True)
    return UploadCache(path)


def _read(path: Path) -> dict[str, str]:
    """Return the contents of a cache file; of two lines about the same bytes, the later one counts."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    found = {}
    for line in lines:
        try:
            entry = json.loads(line)
            sha256, image_id = str(entry["sha256"]), str(entry["imageId"])
        except (ValueError, TypeError, KeyError, RecursionError):
            continue  # truncated by a crash, or not ours: the file is sent again
        if is_id(image_id):
            found[sha256] = image_id
    return found
