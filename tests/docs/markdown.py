"""Pages as their readers follow them: blocks of code, commands, and files to save.

Start with `blocks`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
# Pages for whoever uses Tintype, in the order in which they are read.
DECISIONS = DOCS / "explanation" / "decisions"
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(page for page in DOCS.rglob("*.md") if DECISIONS not in page.parents),
    ]
)
_FENCE = re.compile(
    r"^(?:<!-- file: (?P<file>\S+) -->\n)?(?P<indent> *)```(?P<language>[a-z]*|\{[a-z-]+\})\n(?P<text>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)
MADE = re.compile(r"^<!-- made: .*?^<!-- end -->$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of code: on which page and line, and the file that it is to be saved as, if any."""

    page: Path
    line: int
    language: str
    text: str
    file: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def commands(self) -> list[str]:
        """What is typed in it: lines that begin with a dollar; of a script, all but its remarks."""
        lines = re.sub(r"\\\n\s*", "", self.text).splitlines()
        if self.language == "sh":
            return [line for line in lines if line and not line.startswith("#")]
        return [line[2:] for line in lines if line.startswith("$ ")]


def blocks(page: Path, *languages: str) -> list[Block]:
    """Return the blocks of a page, in order; of some *languages* alone if any are given."""
    return [block for block in _blocks(page) if not languages or block.language in languages]


def _blocks(page: Path) -> Iterator[Block]:
    source = page.read_text("utf-8")
    for found in _FENCE.finditer(source):
        text = re.sub(rf"^{found['indent']}", "", found["text"], flags=re.MULTILINE)
        line = source.count("\n", 0, found.start()) + 1
        yield Block(page, line, found["language"], text, found["file"] or "")


def unwrapped(page: Path) -> str:
    """Return what a page says, wherever its lines are broken: on one line."""
    return " ".join(page.read_text("utf-8").split())


def without_code(source: str) -> str:
    """Return a page without its blocks of code."""
    return _FENCE.sub("", source)


def prose(source: str) -> str:
    """Return a page without its blocks of code and without the parts that are made from the code."""
    return without_code(MADE.sub("", source))
