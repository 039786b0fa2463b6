"""A synthesised template with its assets, as CDK writes them into a folder."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tintype.local.errors import SynthesisError
from tintype.local.state import ACCOUNT, REGION

OLDEST = (1980, 1, 1, 0, 0, 0)
EXECUTABLE = 0o100


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that the template refers to, and where in S3 the template expects it."""

    path: Path
    is_folder: bool
    bucket: str
    key: str

    def content(self) -> bytes:
        """Return the bytes to be uploaded: the file's, or those of a ZIP of the folder."""
        return zip_folder(self.path) if self.is_folder else self.path.read_bytes()


@dataclass(frozen=True, slots=True)
class Assembly:
    """The template's text and its assets."""

    template: str
    assets: tuple[Asset, ...]

    @property
    def parameters(self) -> frozenset[str]:
        """Name the template's parameters."""
        return frozenset(json.loads(self.template).get("Parameters", {}))


def read_assembly(folder: Path) -> Assembly:
    """Return the assembly in *folder*, which has one stack.

    Raises:
        SynthesisError: there is no template, or more than one.
    """
    templates = sorted(folder.glob("*.template.json"))
    if len(templates) != 1:
        message = f"{folder} has {len(templates)} templates instead of one"
        raise SynthesisError(message)
    template = templates[0]
    return Assembly(template.read_text(), tuple(_assets(folder, template.name)))


def _assets(folder: Path, template: str) -> list[Asset]:
    found = {}
    for document in sorted(folder.glob("*.assets.json")):
        for entry in json.loads(document.read_text()).get("files", {}).values():
            # The template itself is listed among the assets of CDK; we send it by ourselves.
            if entry["source"].get("path") not in {None, template}:
                for destination in entry["destinations"].values():
                    asset = _asset(folder, entry["source"], destination)
                    found[asset.bucket, asset.key] = asset
    return list(found.values())


def _asset(folder: Path, source: Mapping[str, Any], destination: Mapping[str, Any]) -> Asset:
    return Asset(
        path=folder / source["path"],
        is_folder=source.get("packaging") == "zip",
        bucket=_here(destination["bucketName"]),
        key=_here(destination["objectKey"]),
    )


def _here(text: str) -> str:
    for name, value in (("AccountId", ACCOUNT), ("Region", REGION), ("Partition", "aws")):
        text = text.replace(f"${{AWS::{name}}}", value)
    return text


def zip_folder(folder: Path) -> bytes:
    """Return a ZIP of the folder that depends on nothing but names, contents and x-bits.

    It is not compressed: it goes from this machine to this machine.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), OLDEST)
            mode = 0o755 if path.stat().st_mode & EXECUTABLE else 0o644
            entry.external_attr = (0o100000 | mode) << 16
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def digest_of(paths: list[Path], *facts: str) -> str:
    """Return a hash of the files' names and contents (folders: of all that is below) and *facts*."""
    digest = hashlib.sha256("\0".join(facts).encode())
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"\0{file}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
