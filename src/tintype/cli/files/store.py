"""Write renditions to files: completely or not at all, and never over an original.

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
from tintype.imaging import RenderedFile

FileId = tuple[int, int]  # device and inode, the same for every link to a file


@dataclass(frozen=True, slots=True)
class StoredRendition:
    """A rendition's facts and its file; *written* is false if an identical file existed."""

    preset: str
    format: str
    content_type: str
    path: Path
    width: int
    height: int
    frames: int
    quality: int | None
    gain_map: bool
    bytes: int
    written: bool


def file_ids(paths: Iterable[Path]) -> frozenset[FileId]:
    """Return the identities of the existing files among *paths*, following links."""
    ids = (_file_id(path) for path in paths)
    return frozenset(found for found in ids if found)


def store(
    renditions: Iterable[RenderedFile],
    folder: Path,
    *,
    originals: frozenset[FileId],
    overwrite: bool,
) -> tuple[StoredRendition, ...]:
    """Write the renditions of one original to *folder*; all paths are checked before the first write.

    Raises:
        WouldOverwriteOriginalError: a path is one of *originals*, even through a link.
        OutputExistsError: a different file exists, and *overwrite* is false.
        OutputUnwritableError: the file system refuses.
    """
    paths = [(rendition, folder / rendition.filename) for rendition in renditions]
    with _translated(folder):
        missing = [
            _is_missing(path, rendition.data, originals, overwrite=overwrite)
            for rendition, path in paths
        ]
        folder.mkdir(parents=True, exist_ok=True)
        for (rendition, path), write in zip(paths, missing, strict=True):
            if write:
                write_whole(path, rendition.data)
    return tuple(
        _stored(rendition, path, written=write)
        for (rendition, path), write in zip(paths, missing, strict=True)
    )


def write_whole(path: Path, data: bytes) -> None:
    """Write a file atomically: it appears under its name only when complete."""
    draft = path.with_name(f".{path.name}.{token_hex(4)}.part")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except BaseException:  # also on Ctrl-C: leave no temporary files
        draft.unlink(missing_ok=True)
        raise


def _is_missing(
    path: Path,
    data: bytes,
    originals: frozenset[FileId],
    *,
    overwrite: bool,
) -> bool:
    """Return whether *data* must be written to *path*; False if the file is identical."""
    found = _file_id(path)
    if found is None:
        return True
    if found in originals:
        message = f"{path} is an original; choose another folder with -o"
        raise WouldOverwriteOriginalError(message)
    if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
        return False
    if overwrite and path.is_file():
        return True
    what = (
        "exists and differs; pass --overwrite to replace it" if path.is_file() else "is not a file"
    )
    message = f"{path} {what}"
    raise OutputExistsError(message)


def _file_id(path: Path) -> FileId | None:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_dev, status.st_ino


def _stored(rendition: RenderedFile, path: Path, *, written: bool) -> StoredRendition:
    return StoredRendition(
        preset=rendition.preset,
        format=rendition.format.value,
        content_type=rendition.content_type,
        path=path,
        width=rendition.width,
        height=rendition.height,
        frames=rendition.frames,
        quality=rendition.quality,
        gain_map=rendition.gain_map,
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
