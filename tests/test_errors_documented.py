"""`docs/errors.md` and the code agree: no code without its page, nothing on the page without code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tintype.cli.errors import CliError
from tintype.config import ConfigError
from tintype.imaging import ImagingError

PAGE = Path(__file__).parents[1] / "docs" / "errors.md"


def classes_below(base: type[Exception]) -> list[type[Exception]]:
    direct = base.__subclasses__()
    return direct + [lower for kind in direct for lower in classes_below(kind)]


ERRORS = [*classes_below(ImagingError), ConfigError, *classes_below(CliError)]
CODES = sorted(kind.code for kind in ERRORS)  # type: ignore[attr-defined] # each of our errors has


def documented() -> list[str]:
    return sorted(re.findall(r"(?m)^\| `([a-z_]+)` \|", PAGE.read_text(encoding="utf-8")))


def test_every_code_is_documented_and_every_documented_code_exists() -> None:
    assert documented() == CODES


def test_every_error_has_a_code_of_its_own() -> None:
    assert len(set(CODES)) == len(CODES)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_says_in_a_sentence_what_it_is(kind: type[Exception]) -> None:
    assert kind.__doc__
    assert kind.__doc__.endswith(".")
