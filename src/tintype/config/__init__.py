"""`tintype.toml`: presets, limits and deployment settings, read once, fully validated, frozen.

Start with `load`. Presets and limits are defined in `tintype.imaging.presets`, deployment settings in
`tintype.config.service`, `tintype.config.access`, `tintype.config.delivery` and
`tintype.config.domain`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tintype.config.access import DEFAULT_ACCESS, Access
from tintype.config.delivery import DEFAULT_DELIVERY, Delivery
from tintype.config.domain import NO_DOMAIN, Domain
from tintype.config.errors import ConfigError, Mistake
from tintype.config.service import DEFAULT_SERVICE, Service
from tintype.imaging.faces import needs_faces
from tintype.imaging.presets import Limits, Preset

__all__ = [
    "FILE_NAME",
    "Access",
    "Config",
    "ConfigError",
    "Delivery",
    "Domain",
    "Mistake",
    "Service",
    "load",
    "shipped",
]

FILE_NAME = "tintype.toml"


@dataclass(frozen=True, slots=True)
class Config:
    """The contents of `tintype.toml`; *path* is the file."""

    path: Path
    presets: tuple[Preset, ...]
    limits: Limits
    service: Service = DEFAULT_SERVICE
    domain: Domain = NO_DOMAIN
    access: Access = DEFAULT_ACCESS
    delivery: Delivery = DEFAULT_DELIVERY

    @property
    def finds_faces(self) -> bool:
        """Whether the functions find faces: a preset or [delivery] asks for it."""
        return self.delivery.faces or any(needs_faces(preset) for preset in self.presets)


def load(path: Path | None = None, *, service: Mapping[str, object] | None = None) -> Config:
    """Read a configuration: *path*, else `tintype.toml` in this folder, else the shipped one.

    If the file defines presets, the shipped presets are not used. *service* overrides settings of the
    file's [service], for one deployment.

    Raises:
        ConfigError: the file is missing or has mistakes; the error contains all of them.
    """
    # pydantic takes longer to import than the engine, and is not needed for the types.
    from tintype.config.reading import read  # noqa: PLC0415

    here = Path(FILE_NAME)
    chosen = path or (here if here.exists() else shipped())
    found = read(chosen, service)
    presets = found.presets or read(shipped()).presets
    return Config(
        chosen,
        presets,
        found.limits,
        found.service,
        found.domain,
        found.access,
        found.delivery,
    )


def shipped() -> Path:
    """Return the path of Tintype's default `tintype.toml`: in the package, or at a checkout's root."""
    package = Path(__file__).parents[1]
    installed = package / FILE_NAME
    return installed if installed.exists() else package.parents[1] / FILE_NAME
