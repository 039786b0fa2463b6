"""Pages are easy to change: their prose is wrapped, so that a difference shows what changed.

Blocks of code are as wide as their code. A row of a table, a heading and a picture cannot be
broken, and where a link leads does not count.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.markdown import without_code
from tests.names import ROOT, files

WIDTH = 100
UNBREAKABLE = re.compile(r"\s*(?:\||#|!\[|<!--)")
TARGET = re.compile(r"(?<=\]\()[^)]*(?=\))")
PAGES = [path for path in files() if path.suffix == ".md" and path.name != "CHANGELOG.md"]


def too_long(text: str) -> list[str]:
    return [
        line
        for line in without_code(text).splitlines()
        if not UNBREAKABLE.match(line) and len(TARGET.sub("", line)) > WIDTH
    ]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_prose_is_wrapped(path: Path) -> None:
    assert too_long(path.read_text("utf-8")) == []


LONG = "word " * 20 + "end."


@pytest.mark.parametrize("line", [LONG, f"- {LONG}", f"{LONG} [a link](there.md)"])
def test_a_planted_long_line_is_found(line: str) -> None:
    assert too_long(f"# Title\n\n{line}\n") == [line]


@pytest.mark.parametrize(
    "text",
    [
        f"| {LONG} |",
        f"## {LONG}",
        f"```text\n{LONG}\n```",
        f"![{LONG}](picture.webp)",
        f"See [the page]({'folder/' * 20}page.md).",
    ],
)
def test_what_cannot_be_broken_is_not_reported(text: str) -> None:
    assert too_long(text + "\n") == []
