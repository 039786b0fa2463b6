"""Which folder the renditions of each original go to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

from tintype.cli.files import Original


def output_folders(originals: Sequence[Original]) -> list[PurePath]:
    """Return a folder for each original, relative to the output folder; no two share one.

    It is the original's path without its extension. Originals that would then share a folder get
    their whole name, and, where even that is the same, the names of the folders around them.
    Upper and lower case count as the same, as on most people's disks.

    >>> from pathlib import Path
    >>> beach = Original(Path("beach.jpg"), PurePath("beach.jpg"))
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


def _folder(original: Original, attempt: int, position: int) -> PurePath:
    """Return the folder for the *attempt*: 0 is the shortest, each further one says more."""
    if attempt == 0 and original.below.stem.strip("."):  # the stem of "...jpg" is ".."
        return original.below.with_suffix("")
    parts = original.path.absolute().parts[1:]
    length = len(original.below.parts) + max(attempt, 1) - 1
    if length <= len(parts):
        return PurePath(*parts[-length:])
    return PurePath(*parts[:-1], f"{parts[-1]}-{position}")
