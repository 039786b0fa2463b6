"""The site is whole: links lead somewhere, nothing comes from strangers, pictures are what the code makes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from PIL import Image

from docs.making import diagram, pictures
from docs.making.parts import ON_THE_SITE, PARTS, asked_for, files, filled, pages
from tests.docs.markdown import DOCS, PAGES, ROOT
from tests.docs.site import Site

ELSEWHERE = ("https:", "http:", "mailto:", "data:", "javascript:")
LOADED = {"img", "link", "script", "source"}  # what a browser fetches by itself
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
ALIKE = 6.0  # of 255: a mean difference that no eye sees; encoders of other machines differ by less


def leads_nowhere(site: Site) -> Iterator[str]:
    for name, page in site.pages.items():
        for _, link in page.links:
            if link.startswith(ELSEWHERE):
                continue
            parts = urlsplit(link)
            target = (
                (site.folder / name).parent / unquote(parts.path)
                if parts.path
                else site.folder / name
            )
            target = target.resolve()
            if not target.exists():
                yield f"{name}: {link}"
                continue
            other = site.pages.get(target.relative_to(site.folder.resolve()).as_posix())
            anchor = unquote(parts.fragment)
            if other and anchor and anchor not in other.anchors:
                yield f"{name}: {link}"


def test_every_link_leads_to_a_page_and_a_place_on_it(site: Site) -> None:
    assert list(leads_nowhere(site)) == []


def test_a_planted_link_to_nowhere_is_found(site: Site) -> None:
    page = site.page("index")
    planted = [("a", "http.html#no-such-place"), ("a", "nothing.html"), ("img", "lost.webp")]
    page.links.extend(planted)
    try:
        assert len(list(leads_nowhere(site))) == len(planted)
    finally:
        del page.links[-len(planted) :]


def test_no_page_loads_anything_from_anybody_else(site: Site) -> None:
    strangers = [
        link
        for page in site.pages.values()
        for element, link in page.links
        if element in LOADED and urlsplit(link).netloc
    ]

    assert strangers == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_the_source_leads_to_a_file(page: Path) -> None:
    """Whoever reads the pages where the code is follows their links there."""
    links = [one or other for one, other in LINK.findall(page.read_text("utf-8"))]
    paths = [urlsplit(link).path for link in links if not link.startswith(ELSEWHERE)]
    missing = [path for path in paths if path and not (page.parent / path).exists()]

    assert missing == []


def test_every_page_is_in_the_site(site: Site) -> None:
    names = {path.relative_to(DOCS).with_suffix(".html").as_posix() for path in DOCS.rglob("*.md")}

    assert names <= set(site.pages)


def test_every_part_that_is_made_is_on_a_page() -> None:
    asked = [part for page in pages() for part in asked_for(page.read_text("utf-8"))]

    assert sorted(asked) == sorted({*PARTS, *ON_THE_SITE})


def test_what_is_made_from_the_code_is_what_the_code_says() -> None:
    stale = [file.name for file, text in files().items() if file.read_text("utf-8") != text]

    assert not stale, "out of date; write them again with: make tables"


def test_no_page_sends_its_readers_to_the_site() -> None:
    assert [page.name for page in PAGES if "built documentation" in page.read_text("utf-8")] == []


def test_a_part_that_is_out_of_date_is_written_anew_and_the_rest_is_left_alone() -> None:
    page = "a\n<!-- made: domain -->\nold\n<!-- end -->\nb\n<!-- made: diagram -->\nkept\n<!-- end -->\n"

    made = filled(page)

    assert "old" not in made
    assert "| `certificate` |" in made
    assert made.endswith("b\n<!-- made: diagram -->\nkept\n<!-- end -->\n")
    assert filled(made) == made


def test_a_page_that_asks_for_a_part_that_nobody_makes_is_an_error() -> None:
    with pytest.raises(KeyError):
        filled("<!-- made: nothing -->\n<!-- end -->\n")


def test_a_permission_that_the_diagram_does_not_show_is_an_error() -> None:
    from docs.making.drawing import drawn  # noqa: PLC0415

    planted = diagram.Arrow("catalogue function", "site bucket", diagram.Kind.ROLE, "deletes")
    with pytest.raises(KeyError):
        drawn(diagram.boxes(), [*diagram.arrows(), planted], diagram.counts())


def test_the_example_pictures_are_what_the_engine_makes() -> None:
    """`python -m docs.making.pictures` draws them anew."""
    made = pictures.drawn()
    kept = {path.name: path.read_bytes() for path in pictures.PICTURES.iterdir()}

    assert sorted(kept) == sorted(made)
    different = {name: difference(made[name], data) for name, data in kept.items()}
    assert {name: by for name, by in different.items() if by > ALIKE} == {}


def difference(one: bytes, other: bytes) -> float:
    """Return by how much two pictures differ on average; sizes that differ are as different as can be."""
    pictures_ = [Image.open(BytesIO(data)).convert("RGBA") for data in (one, other)]
    if pictures_[0].size != pictures_[1].size:
        return 255.0
    pixels = [np.asarray(each, dtype=float) for each in pictures_]
    return float(np.abs(pixels[0] - pixels[1]).mean())


def test_the_presets_that_are_explained_as_the_default_ones_are() -> None:
    from tintype.config import load, shipped  # noqa: PLC0415

    page = {preset.name: preset for preset in pictures.presets()}

    assert [page[preset.name] for preset in load(shipped()).presets] == list(
        load(shipped()).presets
    )


def test_no_page_names_a_path_of_somebody_s_machine() -> None:
    found = [
        f"{page.relative_to(ROOT)}: {path}"
        for page in PAGES
        for path in re.findall(r"/(?:home|root|work|Users|tmp)/\S+", page.read_text("utf-8"))
    ]

    assert found == []
