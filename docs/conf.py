# ruff: noqa: INP001 -- Sphinx' own place for its settings
"""How Sphinx builds the documentation: `sphinx-build -W -n -b html docs dist/docs`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import partial
from importlib.metadata import version as installed
from pathlib import Path

from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
sys.path.insert(0, str(ROOT))

project = "Tintype"
author = "The Tintype authors"
copyright = "2026, the Tintype authors"  # noqa: A001 - the name that Sphinx reads
version = release = installed("tintype")

extensions = ["myst_parser", "sphinx_copybutton", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["making", "_static"]
nitpicky = True
# Only our own names have a page to lead to; others' need a network to be looked up.
nitpick_ignore_regex = [(r"py:.*", r"(?!tintype).*")]
default_role = "code"  # of docstrings, whose backticks are Markdown's
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
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
        "Tutorial": ["tutorial"],
        "How to": [
            "how-to/deploy",
            "how-to/upgrade",
            "how-to/people",
            "how-to/delivery",
            "how-to/faces",
            "how-to/focus",
            "how-to/private",
            "how-to/playground",
            "how-to/owners",
            "how-to/oidc",
            "how-to/machines",
            "how-to/python",
            "how-to/frameworks",
            "how-to/templates",
            "how-to/replace-cloudinary-or-imgix",
            "how-to/move-in",
            "how-to/backfill",
            "how-to/operate",
        ],
        "Reference": [
            "reference/presets",
            "reference/configuration",
            "reference/delivery",
            "reference/http",
            "reference/graphql",
            "reference/cli",
            "reference/python",
            "reference/errors",
            "reference/permissions",
            "reference/glossary",
        ],
        "Explanation": [
            "explanation/architecture",
            "explanation/aws-and-local",
            "explanation/comparison",
            "explanation/security",
            "explanation/privacy",
            "explanation/cost",
            "explanation/benchmarks",
            "explanation/corpora",
            "explanation/decisions/README",
        ],
    },
    "reference/errors": {"Errors": ["errors/*"]},
    "explanation/decisions/README": {"Decisions": ["0*"]},
}
_PAGE = re.compile(r"\[([^\]]+)\]\((\.\./[^)#]+\.md)(?:#[^)]*)?\)")


def _fill(_app: Sphinx, name: str, source: list[str]) -> None:
    # Found only with the path set above.
    from docs.making.parts import ON_THE_SITE, filled  # noqa: PLC0415

    text = _PAGE.sub(partial(_link, name), filled(source[0], ON_THE_SITE))
    source[0] = text + "".join(
        f"\n```{{toctree}}\n:hidden:\n:glob:\n:caption: {caption}\n\n{_lines(pages)}\n```\n"
        for caption, pages in NAVIGATION.get(name, {}).items()
    )


def _link(name: str, link: re.Match[str]) -> str:
    """Return a link of page *name*; of one to a page that is not the site's, the words alone."""
    target = (DOCS / name).parent / link[2]
    return link[0] if target.resolve().is_relative_to(DOCS) else link[1]


def _lines(pages: Iterable[str]) -> str:
    return "\n".join(pages)


def setup(app: Sphinx) -> None:
    """Let pages have the parts that only the site has."""
    app.connect("source-read", _fill)
