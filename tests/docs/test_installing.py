"""Tintype is on no registry: no text tells anybody to install it from one, where another's package may be."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.docs.markdown import ROOT

INSTALLERS = re.compile(
    r"\b(?:pip3?|pipx|uvx?|poetry|conda)\b[^\n]*?(?:\binstall|\badd|--from)\b(?P<what>[^\n]*)"
)
NAME = re.compile(r"(?<![\w./-])tintype(?![\w./-])")
KINDS = ("*.md", "*.py", "*.toml", "*.sh", "*.tf", "*.ts", "*.html", "*.yml", "*.cfg", "Makefile")
HERE = "tests/docs/"  # where the planted ones are


def told(text: str) -> list[str]:
    """Return what *text* has installed of Tintype by its name alone."""
    found = (match["what"] for match in INSTALLERS.finditer(text))
    return [what for what in found if NAME.search(what)]


def test_nothing_has_tintype_installed_from_a_registry() -> None:
    listed = subprocess.check_output(["git", "ls-files", *KINDS], cwd=ROOT, text=True)  # noqa: S603, S607
    names = [name for name in listed.splitlines() if not name.startswith(HERE)]

    assert {"README.md", "docs/reference/cli.md", "examples/embedding/README.md"} <= set(names)
    assert {
        name: found for name in names if (found := told((ROOT / name).read_text("utf-8")))
    } == {}


@pytest.mark.parametrize(
    "text",
    [
        "pip install tintype",
        "pip install 'tintype[infra]'",
        '.venv/bin/pip install --upgrade "tintype[cli]"',
        "uv tool install tintype",
        "uvx --from tintype tintype",
        "`pipx install tintype`",
    ],
)
def test_a_planted_one_is_found(text: str) -> None:
    assert told(text)


@pytest.mark.parametrize(
    "text",
    [
        "pip install uv 'dist/tintype-0.1.0-py3-none-any.whl[local]'",
        "install the extra of tintype",
        "pip install uv",
        "uv sync",
    ],
)
def test_a_wheel_or_another_package_is_not_meant(text: str) -> None:
    assert not told(text)
