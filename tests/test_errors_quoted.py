"""What the error pages quote is what the code prints, word for word."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = sorted((ROOT / "docs/reference/errors").glob("*.md"))
LEAST: Final = 6  # letters of a piece of text that is worth looking for
_QUOTED: Final = re.compile(r"(?<![*\w])\*([^*|]+)\*(?![*\w])")
_WORDS: Final = re.compile(r"\b[A-Za-z]+(?: [a-z]+){2,}")
# Of AWS, the operating system, msgspec and httpx.
FOREIGN: Final = (
    "No space left on device",
    "Name or service not known",
    "JSON is malformed",
    "Server disconnected without sending a response",
    "Request has expired",
    "The specified queue does not exist",
    "At least one of the pre-conditions you specified did not hold",
    "The difference between the request time and the current time is too large",
    "The operation is not valid for the object's storage class",
    "Item size has exceeded the maximum allowed size",
    "Please reduce your request rate",
    "An error occurred (AccessDenied) when calling the CreateBucket operation",
)


def printed() -> set[str]:
    """Return the texts in the code, cut where a value goes in and at semicolons."""
    texts: list[str] = list(FOREIGN)
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts += re.split(r"\{[^{}]*\}|[\n;]", node.value)
    for path in (ROOT / "src").rglob("*.sh"):
        texts += re.split(r"\$\{?\w+\}?|[\n\"';]", path.read_text(encoding="utf-8"))
    return {text.strip(" .") for text in texts if len(text.strip(" .")) >= LEAST}


def unsaid(quoted: str, texts: set[str]) -> list[str]:
    """Return the runs of three words and more in a quoted message that no text has."""
    rest = list(quoted)
    for text in texts:
        at = quoted.find(text)
        while at >= 0:
            rest[at : at + len(text)] = "\0" * len(text)
            at = quoted.find(text, at + 1)
    return _WORDS.findall("".join(rest))


def quotations(page: str) -> list[str]:
    """Return the messages in a page's tables."""
    rows = [line for line in page.splitlines() if line.startswith("|")]
    return [quoted for row in rows for quoted in _QUOTED.findall(row)]


@pytest.fixture(scope="module")
def texts() -> set[str]:
    return printed()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_messages_on_the_error_pages_are_those_of_the_code(path: Path, texts: set[str]) -> None:
    quoted = quotations(path.read_text(encoding="utf-8"))

    assert quoted
    assert {one: unsaid(one, texts) for one in quoted if unsaid(one, texts)} == {}


def test_message_that_nothing_prints_is_found(texts: set[str]) -> None:
    (quoted,) = quotations("| `a` | *2 of 9 checks went wrong somehow; nothing was changed* |")

    assert unsaid(quoted, texts)
