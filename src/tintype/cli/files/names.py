"""The output folder of each original."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

from tintype.cli.files.find import OriginalFile


def output_folders(originals: Sequence[OriginalFile]) -> list[PurePath]:
    """Return a distinct folder for each original, relative to the output folder.

    It is the original's path without its extension. Originals that would share a folder get their full
    name and, if that is the same too, the names of their parent folders. Upper and lower case count as
    the same, as on most file systems.

    >>> from pathlib import Path
    >>> beach = OriginalFile(Path("beach.jpg"), PurePath("beach.jpg"))
    >>> output_folders([beach])
    [PurePosixPath('beach')]
    """
    attempts = [0] * len(originals)
    while True:
        folders = [
            _folder(original, attempt, position)
            for position, (original, attempt) in enumerate(zip(originals, attempts, strict=True))
        ]
        keys = [str(folder).casefold() for folder in folders]
        counts = Counter(keys)
        if len(counts) == len(keys):
            return folders
        attempts = [n + (counts[key] > 1) for n, key in zip(attempts, keys, strict=True)]


def _folder(original: OriginalFile, attempt: int, position: int) -> PurePath:
    """Return the folder for the *attempt*: 0 is the shortest, each further one is longer."""
    if attempt == 0 and original.below.stem.strip("."):  # the stem of "...jpg" is ".."
        return original.below.with_suffix("")
    parts = original.path.absolute().parts[1:]
    length = len(original.below.parts) + max(attempt, 1) - 1
    if length <= len(parts):
        return PurePath(*parts[-length:])
    return PurePath(*parts[:-1], f"{parts[-1]}-{position}")
