"""Find the originals for the files, folders and patterns on the command line.

Start with `collect`. A named file is always tried; in a folder, files with an image extension are
taken, of SVG only where it is wanted, and the others are counted.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from glob import glob, has_magic
from pathlib import Path, PurePath
from stat import S_ISREG

from tintype.cli.errors import (
    CliError,
    FileMissingError,
    OutputAmongOriginalsError,
)
from tintype.client.errors import ClientError, FileUnreadableError
from tintype.imaging.errors import TooManyBytesError
from tintype.imaging.formats import EXTENSIONS


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """A file to render; *below* is its path relative to the given folder, or its name."""

    path: Path
    below: PurePath


@dataclass(slots=True)
class Collection:
    """The originals in a stable order, unreadable files, and the other files in folders."""

    originals: dict[Path, OriginalFile] = field(default_factory=dict)
    failures: dict[Path, CliError | ClientError] = field(default_factory=dict)
    passed_over: set[Path] = field(default_factory=set)


def collect(
    arguments: Sequence[str], *, output: Path | None = None, svg: bool = False
) -> Collection:
    """Return the originals for *arguments*: files, folders (recursively) and patterns.

    *output* is skipped if it is in a folder, and so are hidden files, and SVG files unless *svg*. A
    file named several times is returned once.

    Raises:
        OutputAmongOriginalsError: *output* is itself one of the folders.
    """
    found = Collection()
    skipped = output.resolve() if output else None
    extensions = EXTENSIONS | ({".svg"} if svg else frozenset())
    for argument in arguments:
        for path, base in _expanded(argument):
            if not path.is_dir():
                _add_file(path, base, found)
            elif path.resolve() == skipped:
                message = f"{path} is also a folder of originals; choose another with -o"
                raise OutputAmongOriginalsError(message)
            else:
                _add_folder(path, base, skipped, extensions, found)
    return found


def read_original(path: Path, *, max_bytes: int) -> bytes:
    """Return the bytes of a file, after checking its size.

    Raises:
        FileUnreadableError: it is missing, not readable, or not a regular file.
        TooManyBytesError: it has more than *max_bytes*.
    """
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode):
            message = "not a regular file"
            raise FileUnreadableError(message)
        if status.st_size > max_bytes:
            message = f"{status.st_size:,} bytes; the limit is {max_bytes:,}"
            raise TooManyBytesError(message)
        return path.read_bytes()
    except OSError as error:
        raise FileUnreadableError(error.strerror or str(error)) from error


def _expanded(argument: str) -> Iterator[tuple[Path, Path]]:
    """Yield the paths for an argument, each with the folder that it is relative to."""
    path = Path(argument)
    if os.path.lexists(path) or not has_magic(argument):
        yield path, path if path.is_dir() else path.parent
        return
    base = Path(*path.parts[: _first_magic(path)])
    matches = sorted(glob(argument, recursive=True))  # noqa: PTH207 - takes any pattern, unlike Path.glob
    for match in matches or [argument]:
        yield Path(match), base


def _first_magic(path: Path) -> int:
    return next(index for index, part in enumerate(path.parts) if has_magic(part))


def _add_file(path: Path, base: Path, found: Collection) -> None:
    if path.exists():
        found.originals.setdefault(path.absolute(), OriginalFile(path, path.relative_to(base)))
    elif os.path.lexists(path):
        found.failures[path] = FileMissingError("broken symbolic link")
    elif has_magic(str(path)):
        found.failures[path] = FileMissingError("no file matches this pattern")
    else:
        found.failures[path] = FileMissingError("no such file or folder")


def _add_folder(
    folder: Path, base: Path, skipped: Path | None, extensions: frozenset[str], found: Collection
) -> None:
    def note(error: OSError) -> None:
        reason = error.strerror or str(error)
        found.failures[Path(error.filename)] = FileUnreadableError(reason)

    for parent, subfolders, names in os.walk(folder, onerror=note):
        here = Path(parent)
        subfolders[:] = [name for name in _shown(subfolders) if (here / name).resolve() != skipped]
        for name in _shown(names):
            if Path(name).suffix.lower() in extensions:
                _add_file(here / name, base, found)
            else:
                found.passed_over.add((here / name).absolute())


def _shown(names: Iterable[str]) -> list[str]:
    """Return the visible names, sorted."""
    return sorted(name for name in names if not name.startswith("."))
