# ruff: noqa: INP001 -- Sphinx' own place for its settings
"""How Sphinx builds the documentation: `sphinx-build -W -n -b html docs dist/docs`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from importlib.metadata import version as installed
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

project = "Tintype"
author = "The Tintype authors"
copyright = "2026, the Tintype authors"  # noqa: A001 - the name that Sphinx reads
version = release = installed("tintype")

extensions = ["myst_parser", "sphinx_copybutton"]
exclude_patterns = ["making", "_static"]
nitpicky = True
myst_heading_anchors = 4
myst_enable_extensions = ["deflist"]
# Addresses of the outside; `sphinx-build -b linkcheck` asks whether they answer.
linkcheck_timeout = 20
linkcheck_ignore = [r"http://localhost.*"]

html_theme = "furo"
html_title = "Tintype"
html_static_path = ["_static"]
html_css_files = ["tintype.css"]
html_copy_source = html_show_sourcelink = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#9a4517", "color-brand-content": "#9a4517"},
    "dark_css_variables": {"color-brand-primary": "#f0955c", "color-brand-content": "#f0955c"},
}
# Only what is typed is copied, not what it prints.
copybutton_prompt_text = "$ "
copybutton_line_continuation_character = "\\"


# The site's navigation. The pages have lists of their own, which are read without the site too.
NAVIGATION = {
    "index": {
        "Begin": ["tutorial", "architecture", "aws-and-local", "comparison", "glossary"],
        "Use": ["presets", "configuration", "http", "graphql", "cli", "errors"],
        "Run": [
            "deploying",
            "upgrading",
            "backfill",
            "operations",
            "security",
            "permissions",
            "cost",
        ],
        "Why": ["benchmarks", "decisions/README"],
    },
    "decisions/README": {"Decisions": ["0*"]},
}
_OUTSIDE = re.compile(r"\[([^\]]+)\]\(\.\./[^)]+\.md\)")  # pages that are not the site's


def _fill(_app: Sphinx, name: str, source: list[str]) -> None:
    # Found only with the path set above.
    from docs.making.parts import ON_THE_SITE, filled  # noqa: PLC0415

    text = _OUTSIDE.sub(r"\1", filled(source[0], ON_THE_SITE))
    source[0] = text + "".join(
        f"\n```{{toctree}}\n:hidden:\n:glob:\n:caption: {caption}\n\n{_lines(pages)}\n```\n"
        for caption, pages in NAVIGATION.get(name, {}).items()
    )


def _lines(pages: Iterable[str]) -> str:
    return "\n".join(pages)


def setup(app: Sphinx) -> None:
    """Let pages have the parts that only the site has."""
    app.connect("source-read", _fill)
