"""Markdown, written: tables, and names of things in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import fill

WIDTH = 100


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Return a table; a bar or a line's end in a cell does not end it.

    >>> print(table(["Word", "Meaning"], [["a|b", "one or the other"]]), end="")
    | Word | Meaning |
    |---|---|
    | a\|b | one or the other |
    """
    lines = [_row(headings), "|" + "---|" * len(headings), *(_row(row) for row in rows)]
    return "\n".join(lines) + "\n"


def wrapped(text: str) -> str:
    """Return a text broken into lines of at most 100 characters."""
    return fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def code(text: object) -> str:
    """Return text as code, or nothing if there is none."""
    return f"`{text}`" if str(text) else ""


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning and a full stop at its end, on one line.

    >>> sentence("pixels of the longest side")
    'Pixels of the longest side.'
    """
    text = " ".join(text.split())
    if not text:
        return ""
    return f"{text[0].upper()}{text[1:]}" + ("" if text.endswith((".", "!", "?")) else ".")


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
