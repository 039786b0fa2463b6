"""The page's template tag in Django itself: its module is an app's, and its template is rendered."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

from tests.docs.markdown import ROOT, blocks
from tintype.delivery.grammar import GRID

ID = "01JD0Q4Y7S8T9V0W1X2Y3Z4A5B"
SITE = """
import json, sys
import django
from django.conf import settings
from django.template import engines

backend = "django.template.backends.django.DjangoTemplates"
settings.configure(
    INSTALLED_APPS=["shop"],
    TEMPLATES=[{"BACKEND": backend, "APP_DIRS": True}],
    TINTYPE_URL="https://images.example",
)
django.setup()
text, context = json.load(sys.stdin)
print(engines["django"].from_string(text).render(context))
"""


class Images(HTMLParser):
    """The attributes of each image of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.found.append(dict(attrs))


def test_djangos_tag_shows_an_image_and_escapes_its_description(tmp_path: Path) -> None:
    page = blocks(ROOT / "docs/how-to/templates.md")
    (module,) = (one.text for one in page if "from django" in one.text)
    (text,) = (one.text for one in page if "{% load" in one.text)
    tags = tmp_path / "shop" / "templatetags"
    tags.mkdir(parents=True)
    for folder in (tags, tags.parent):
        (folder / "__init__.py").touch()
    (tags / "pictures.py").write_text(module, "utf-8")
    product = {"image_id": ID, "name": 'A "beach" <b>'}

    done = subprocess.run(  # noqa: S603 - the page's own program
        [sys.executable, "-c", SITE],
        cwd=tmp_path,
        input=json.dumps([text, {"product": product}]),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    page_of = Images()
    page_of.feed(done.stdout)
    (image,) = page_of.found
    assert image["alt"] == product["name"]
    assert image["src"] == f"https://images.example/i/{ID}/beach.jpg?w={GRID[-1]}"
    assert (image["srcset"] or "").count(",") == len(GRID) - 1
