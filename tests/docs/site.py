"""A built site: what each of its pages says and where its links lead.

Start with `read`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

_LINKS = {"a": "href", "img": "src", "link": "href", "script": "src", "source": "src"}


@dataclass
class Page:
    """A page: its text, what is set as code in it, its headings, its anchors and its links."""

    text: str = ""
    codes: set[str] = field(default_factory=set)
    headings: set[str] = field(default_factory=set)
    anchors: set[str] = field(default_factory=set)
    links: list[tuple[str, str]] = field(default_factory=list)  # the element, and where it leads


@dataclass(frozen=True)
class Site:
    """All pages, by their paths."""

    folder: Path
    pages: Mapping[str, Page]

    def page(self, name: str) -> Page:
        """Return the page that is made of `docs/NAME.md`."""
        return self.pages[f"{name}.html"]


def read(folder: Path) -> Site:
    """Return the site in a folder."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.html")}
    return Site(folder, {name: _page(path.read_text("utf-8")) for name, path in files.items()})


def _page(source: str) -> Page:
    reader = _Reader()
    reader.feed(source)
    return reader.page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._code: list[str] | None = None
        self._heading: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.page.anchors.add(str(given["id"]))
        if tag in _LINKS and given.get(_LINKS[tag]):
            self.page.links.append((tag, str(given[_LINKS[tag]])))
        if tag == "code":
            self._code = []
        if tag in {"h1", "h2", "h3", "h4"}:
            self._heading = []

    def handle_endtag(self, tag: str) -> None:
        if tag == "code" and self._code is not None:
            self.page.codes.add("".join(self._code))
            self._code = None
        if tag in {"h1", "h2", "h3", "h4"} and self._heading is not None:
            self.page.headings.add("".join(self._heading).removesuffix("¶").removesuffix("#"))
            self._heading = None

    def handle_data(self, data: str) -> None:
        self.page.text += data
        if self._code is not None:
            self._code.append(data)
        if self._heading is not None:
            self._heading.append(data)
