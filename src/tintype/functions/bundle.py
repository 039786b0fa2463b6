"""The settings of `tintype.toml` that the functions need, as a JSON file in their packages.

Settings that can change without new packages are environment variables instead. `document` writes
the file when the packages are built; each function reads the part that it needs. Parsing and
validating TOML at that time keeps cold starts short.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

if TYPE_CHECKING:
    from tintype.config import Config

FILE = Path(__file__).parents[1] / "settings.json"
PROCESSED = "processed"  # the preset behind a plain client's `processedFilename`, if it exists

# Raised by hand when the engine renders the same preset differently, or a default changes, so that
# existing renditions count as outdated and get new URLs.
ENGINE = 1


_Settings = TypeVar("_Settings", bound=msgspec.Struct)


def document(config: Config) -> bytes:
    """Return the content of the functions' settings file."""
    revision = presets_revision(config)
    return msgspec.json.encode(
        {
            "deliveredQuality": config.delivery.quality,
            "findFaces": config.finds_faces,
            "limits": config.limits,
            "presets": config.presets,
            "presetsRevision": revision,
            "processed": processed(config),
        }
    )


def presets_revision(config: Config) -> str:
    """Return a hash that changes when a preset or the engine changes.

    It is that of the settings which differ from their defaults: a release with more settings leaves
    it as it was. One that changes a default raises `ENGINE`.
    """
    presets = msgspec.json.encode(_differing(config.presets), order="sorted")
    return hashlib.sha256(b"%d %b" % (ENGINE, presets)).hexdigest()[:12]


def _differing(value: object) -> object:
    """Return a setting with its parts that differ from their defaults, at any depth."""
    if isinstance(value, tuple):
        return [_differing(part) for part in value]
    if not is_dataclass(value):
        return value
    settings = ((field, getattr(value, field.name)) for field in fields(value))
    return {field.name: _differing(each) for field, each in settings if each != field.default}


def processed(config: Config) -> str:
    """Return the file name of the rendition that a plain client gets.

    It has no extension if the format depends on the original.
    """
    named = {preset.name: preset for preset in config.presets}
    preset = named.get(PROCESSED, config.presets[0])
    if preset.auto and len(preset.formats) > 1:
        return preset.name
    return f"{preset.name}.{preset.formats[0].format.extension}"


def read(kind: type[_Settings], file: Path = FILE) -> _Settings:
    """Read the part of the settings that *kind* names."""
    return msgspec.json.decode(file.read_bytes(), type=kind)
