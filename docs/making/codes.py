"""The list of all error codes, from the pages that explain them."""

from __future__ import annotations

import re
from pathlib import Path

from docs.making.tables import code, table

ERRORS = Path(__file__).parents[1] / "reference" / "errors"
_SECTION = re.compile(r"(?ms)^## (?P<heading>[^\n]+)\n(?P<text>.*?)(?=^## |\Z)")
_ROW = re.compile(r"(?m)^\| `([a-z0-9_]+)` \|")


def codes() -> str:
    """Return the table of the sections of `docs/reference/errors/`, each with its codes."""
    rows = [
        [f"[{section['heading']}](errors/{page.name}#{anchor(section['heading'])})", listed]
        for page in sorted(ERRORS.glob("*.md"))
        for section in _SECTION.finditer(page.read_text("utf-8"))
        if (listed := ", ".join(code(name) for name in sorted(_ROW.findall(section["text"]))))
    ]
    return table(["Explained under", "Codes"], rows)


def anchor(heading: str) -> str:
    """Return what a link to a heading ends with.

    >>> anchor("What `tintype doctor` finds")
    'what-tintype-doctor-finds'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
