"""Errors in `tintype.toml`: a list of mistakes, each with its line and setting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake; *line* counts from 1, or is 0 if the mistake has no place in the file."""

    line: int
    setting: str
    message: str


class ConfigError(Exception):
    """The configuration is invalid; contains all mistakes found in it, by line."""

    code = "invalid_config"

    def __init__(self, path: Path, mistakes: Sequence[Mistake]) -> None:
        self.path = path
        self.mistakes = tuple(sorted(mistakes, key=lambda mistake: (mistake.line, mistake.setting)))
        super().__init__("\n".join(_sentence(path, mistake) for mistake in self.mistakes))


def _sentence(path: Path, mistake: Mistake) -> str:
    """Return the mistake in the format of compilers, so that editors can jump to it.

    >>> _sentence(Path("tintype.toml"), Mistake(3, "limits.max_bytes", "0 is not allowed"))
    'tintype.toml:3: limits.max_bytes: 0 is not allowed'
    """
    place = f"{path}:{mistake.line}" if mistake.line else f"{path}"
    return ": ".join(part for part in (place, mistake.setting, mistake.message) if part)
