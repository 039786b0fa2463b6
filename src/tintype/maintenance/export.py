"""Export: copy everything that a stack stores of one owner into a folder.

Start with `Export.run`. The folder's `index.jsonl` has a line for each file, written before the file
gets its name. So a second run continues, and a file that is not in the index is somebody else's.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from tintype import keys
from tintype.aws.errors import ServiceError
from tintype.aws.s3 import Bucket, StoredVersion
from tintype.images import Document
from tintype.maintenance.errors import ExportFolderError
from tintype.maintenance.owned import OwnedImage, Stores, read_image
from tintype.maintenance.parallel import in_parallel

INDEX = "index.jsonl"
_DRAFT = ".part"  # the end of the name of a file that is being written
_PRIVATE_MODE = 0o700  # of the folder: it is personal data

Line = TypeVar("Line", bound=msgspec.Struct)


class ExportedFile(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """A line of the index: a file, and what it is a copy of. *tag* changes with the content."""

    path: str
    kind: str
    bytes: int
    tag: str
    image_id: str | None = None
    bucket: str | None = None
    key: str | None = None
    version_id: str | None = None
    last_modified: str | None = None


class _Head(msgspec.Struct, frozen=True, rename="camel"):
    """The first line of the index."""

    stack: str
    owner: str


@dataclass(frozen=True, slots=True)
class ImageExport:
    """The files of an image, and how many of them were written, or replaced, now."""

    files: int
    bytes: int
    written: int
    replaced: int


@dataclass(slots=True)
class ExportFolder:
    """The folder of an export; thread-safe. Start with `open_folder`."""

    path: Path
    known: dict[str, ExportedFile] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def has(self, file: ExportedFile) -> bool:
        """Whether the same content was exported already."""
        known, path = self.known.get(file.path), self.path / file.path
        same = known is not None and (known.tag, known.bytes) == (file.tag, file.bytes)
        return same and path.is_file() and path.stat().st_size == file.bytes

    def write(self, file: ExportedFile, data: bytes) -> bool:
        """Write a file, and return whether it replaced one of an earlier export.

        Raises:
            ExportFolderError: there is a file which no export wrote.
            OSError: the file system refuses.
        """
        path = self.path / file.path
        replaces = path.exists()
        if replaces and file.path not in self.known:
            message = f"{path} is there already, and no export wrote it"
            raise ExportFolderError(message)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}{_DRAFT}")
        draft.write_bytes(data)
        with self._lock:
            _append(self.path, file)
            self.known[file.path] = file
        draft.replace(path)
        return replaces


@dataclass(frozen=True, slots=True)
class Export:
    """Copies the images of *owner*; with *all_versions* also originals that were replaced or deleted."""

    stores: Stores
    owner: str
    folder: ExportFolder
    all_versions: bool = False

    def run(self, image_ids: Iterable[str]) -> Iterator[tuple[str, ImageExport | ServiceError]]:
        """Yield what was copied of each image, in any order.

        Raises:
            ExportFolderError, OSError: the folder cannot be written.
        """
        return in_parallel(self.copy, image_ids)

    def copy(self, image_id: str) -> ImageExport:
        """Copy an image: its record, its originals and its renditions.

        Raises:
            ServiceError: a service refused or failed.
            ExportFolderError, OSError: the folder cannot be written.
        """
        found = read_image(self.stores, image_id, self.owner)
        record = write_document(self.folder, f"images/{image_id}/record.json", _record(found))
        done = [record]
        done += [
            self._copied(self.stores.originals, image_id, "original", one, path)
            for one, path in _originals(found, all_versions=self.all_versions)
        ]
        done += [
            self._copied(self.stores.renditions, image_id, "rendition", one, path)
            for one, path in _renditions(found)
        ]
        return ImageExport(
            len(done),
            sum(file.bytes for file, _, _ in done),
            sum(written for _, written, _ in done),
            sum(replaced for _, _, replaced in done),
        )

    def _copied(
        self, bucket: Bucket, image_id: str, kind: str, one: StoredVersion, path: str
    ) -> tuple[ExportedFile, bool, bool]:
        version = one.version
        file = ExportedFile(
            path=f"images/{image_id}/{path}",
            kind=kind,
            bytes=version.size,
            tag=version.etag,
            image_id=image_id,
            bucket=bucket.name,
            key=one.key,
            version_id=version.id,
            last_modified=version.last_modified.isoformat(),
        )
        if self.folder.has(file):
            return file, False, False
        data = bucket.get(one.key, version=version.id).data
        return file, True, self.folder.write(file, data)


def open_folder(path: Path, *, stack: str, owner: str) -> ExportFolder:
    """Return a folder to export to: a new or empty one, or that of an earlier export of this owner.

    Raises:
        ExportFolderError: it contains something else.
        OSError: the file system refuses.
    """
    head = _Head(stack, owner)
    path.mkdir(mode=_PRIVATE_MODE, parents=True, exist_ok=True)
    if not (path / INDEX).exists():
        if any(path.iterdir()):
            message = f"{path} is not empty, and not an export; choose another folder"
            raise ExportFolderError(message)
        _append(path, head)
        return ExportFolder(path)
    first, *lines = (path / INDEX).read_bytes().split(b"\n")
    if _read(first, _Head) != head:
        message = f"{path} is an export of another owner or stack; choose another folder"
        raise ExportFolderError(message)
    if lines and lines[-1]:  # cut off
        with (path / INDEX).open("ab") as index:
            index.write(b"\n")
    files = (_read(line, ExportedFile) for line in lines)
    return ExportFolder(path, {one.path: one for one in files if one})


def write_document(
    folder: ExportFolder, path: str, document: Document
) -> tuple[ExportedFile, bool, bool]:
    """Write JSON, and return its line, whether it was written now, and whether it replaced another."""
    data = json.dumps(document, indent=2, ensure_ascii=False).encode()
    tag = hashlib.sha256(data).hexdigest()
    file = ExportedFile(path=path, kind="record", bytes=len(data), tag=tag)
    if folder.has(file):
        return file, False, False
    return file, True, folder.write(file, data)


def finish(folder: ExportFolder, *, stack: str, owner: str) -> None:
    """Sort the index, with one line for each file that is there."""
    lines = [_line(_Head(stack, owner))]
    lines += [_line(one) for _, one in sorted(folder.known.items())]
    draft = folder.path / f"{INDEX}{_DRAFT}"
    draft.write_bytes(b"".join(lines))
    draft.replace(folder.path / INDEX)


def _record(image: OwnedImage) -> Document:
    """Return what the manifest and the table say of an image; the manifest is the truth."""
    manifest = msgspec.to_builtins(image.head.manifest) if image.head.manifest else None
    return {"manifest": manifest, "record": image.record}


def _originals(image: OwnedImage, *, all_versions: bool) -> Iterator[tuple[StoredVersion, str]]:
    """Yield the originals to copy, with their paths: the current ones, or all."""
    seen, names = set[str](), set[str]()
    for one in image.originals:
        is_current = one.key not in seen
        seen.add(one.key)
        if one.version.is_marker or not (is_current or all_versions):
            continue
        name = keys.safe_name(keys.name_in(one.key))
        if is_current and name not in names:
            names.add(name)
            yield one, f"original/{name}"
        else:  # an older version, or another object that somebody put next to the original
            yield one, f"original/versions/{keys.safe_name(one.version.id)}/{name}"


def _renditions(image: OwnedImage) -> Iterator[tuple[StoredVersion, str]]:
    """Yield the presets' renditions; those that were made for addresses expire, and can be made again."""
    seen = set[str]()
    for one in image.files:
        is_made_again = keys.delivered_in(one.key) is not None
        if one.key not in seen and not one.version.is_marker and not is_made_again:
            revision, _, name = one.key.rpartition("/")
            yield one, f"renditions/{revision.rpartition('/')[2]}/{name}"
        seen.add(one.key)


def _append(folder: Path, line: msgspec.Struct) -> None:
    with (folder / INDEX).open("ab") as index:
        index.write(_line(line))


def _line(value: msgspec.Struct) -> bytes:
    return msgspec.json.encode(value) + b"\n"


def _read(line: bytes, kind: type[Line]) -> Line | None:
    try:
        return msgspec.json.decode(line, type=kind)
    except msgspec.MsgspecError:
        return None
