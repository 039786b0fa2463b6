"""Rendered bytes become files: whole or not at all, and never in the place of an original.

Start with `store`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from tintype.cli.errors import (
    OutputExistsError,
    OutputUnwritableError,
    WouldOverwriteOriginalError,
)
from tintype.imaging import Rendition

FileId = tuple[int, int]  # device and inode: the same for every name and link of a file


@dataclass(frozen=True, slots=True)
class StoredRendition:
    """A rendition's facts and its file; *written* is false when the file was there, byte for byte."""

    preset: str
    format: str
    content_type: str
    path: Path
    width: int
    height: int
    frames: int
    quality: int | None
    bytes: int
    written: bool


def file_ids(paths: Iterable[Path]) -> frozenset[FileId]:
    """Return the identities of the files that exist among *paths*, links followed."""
    ids = (_file_id(path) for path in paths)
    return frozenset(found for found in ids if found)


def store(
    renditions: Iterable[Rendition],
    folder: Path,
    *,
    originals: frozenset[FileId],
    overwrite: bool,
) -> tuple[StoredRendition, ...]:
    """Write the renditions of one original into *folder*; all places are checked before the first write.

    Raises:
        WouldOverwriteOriginalError: a place is one of *originals*, even through a link.
        OutputExistsError: a place holds something else, and *overwrite* is false.
        OutputUnwritableError: the file system refuses.
    """
    places = [(rendition, folder / rendition.filename) for rendition in renditions]
    with _translated(folder):
        missing = [
            _is_missing(place, rendition.data, originals, overwrite=overwrite)
            for rendition, place in places
        ]
        folder.mkdir(parents=True, exist_ok=True)
        for (rendition, place), write in zip(places, missing, strict=True):
            if write:
                write_whole(place, rendition.data)
    return tuple(
        _stored(rendition, place, written=write)
        for (rendition, place), write in zip(places, missing, strict=True)
    )


def write_whole(place: Path, data: bytes) -> None:
    """Write a file that appears under its name only when it is complete."""
    draft = place.with_name(f".{place.name}.{token_hex(4)}.part")
    try:
        draft.write_bytes(data)
        draft.replace(place)
    except BaseException:  # Ctrl-C as well: no drafts are left behind
        draft.unlink(missing_ok=True)
        raise


def _is_missing(
    place: Path,
    data: bytes,
    originals: frozenset[FileId],
    *,
    overwrite: bool,
) -> bool:
    """Return whether *data* must be written to *place*; False when it is there already."""
    found = _file_id(place)
    if found is None:
        return True
    if found in originals:
        message = f"{place} is an original"
        raise WouldOverwriteOriginalError(message)
    if place.is_file() and place.stat().st_size == len(data) and place.read_bytes() == data:
        return False
    if overwrite and place.is_file():
        return True
    what = "is there and differs; --overwrite replaces it" if place.is_file() else "is not a file"
    message = f"{place} {what}"
    raise OutputExistsError(message)


def _file_id(path: Path) -> FileId | None:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_dev, status.st_ino


def _stored(rendition: Rendition, place: Path, *, written: bool) -> StoredRendition:
    return StoredRendition(
        preset=rendition.preset,
        format=rendition.format.value,
        content_type=rendition.content_type,
        path=place,
        width=rendition.width,
        height=rendition.height,
        frames=rendition.frames,
        quality=rendition.quality,
        bytes=len(rendition.data),
        written=written,
    )


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"{error.filename or folder}: {error.strerror or error}"
        raise OutputUnwritableError(message) from error
