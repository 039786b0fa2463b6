"""Addresses that pages write: what they ask for, that the edge's grammar reads them, and safe HTML."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser
from typing import get_type_hints
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tintype import delivery, keys, owners
from tintype.delivery import AddressError, AddressOptions, img, srcset, url
from tintype.delivery.grammar import GRID, PARAMETERS, parse

BASE = "https://images.example"
ID = "01M7XPE600ABCDEFGHJKMNPQRS"


def test_address_is_canonical() -> None:
    address = url(BASE, ID, h=480, w=320, dpr=2, fit="min", fp_x=0.25, fp_y=0.5, fm="jpeg")

    assert address == f"{BASE}/i/{ID}?w=640&h=960&fit=cover&fp-x=0.25&fp-y=0.5&fm=jpg"


def test_address_of_the_whole_image_has_no_query() -> None:
    assert url(f"{BASE}/", ID) == f"{BASE}/i/{ID}"
    assert url("", ID, name="beach.jpg") == f"/i/{ID}/beach.jpg"


def test_every_parameter_of_the_grammar_can_be_written() -> None:
    written = {name.replace("_", "-") for name in get_type_hints(AddressOptions)}

    assert written - {"name", "owner", "key", "expires"} == {*PARAMETERS, "dpr"}


def test_rectangle_is_four_numbers() -> None:
    assert url(BASE, ID, rect=(1, 2, 30, 40)).endswith("?rect=1,2,30,40")


@pytest.mark.parametrize("name", ["Straße am Meer.jpg", "a/b", "../x", "?w=1", "100 %"])
def test_name_is_one_segment_that_changes_nothing(name: str) -> None:
    parts = urlsplit(url(BASE, ID, w=64, name=name))

    assert parts.path == f"/i/{ID}/{quote(name, safe='')}"
    assert parts.query == "w=64"


@pytest.mark.parametrize("name", ["", ".", "..", "..."])
def test_name_that_is_a_folder_to_browsers_is_left_out(name: str) -> None:
    assert url(BASE, ID, w=64, name=name) == f"{BASE}/i/{ID}?w=64"


def test_signature_is_the_one_of_the_address_without_its_name() -> None:
    named = url(BASE, ID, w=333, key="key", name="beach.jpg")
    until = url(BASE, ID, w=333, key="key", expires=7200)

    assert urlsplit(named).query == f"w=333&s={delivery.mac('key', f'/i/{ID}?w=333')}"
    assert until.endswith(f"?w=333&e=7200&s={delivery.mac('key', f'/i/{ID}?w=333&e=7200')}")


@given(st.from_regex(rf"\A{owners.PATTERN}\Z"))
def test_private_address_is_in_its_owner_s_folder(owner: str) -> None:
    address = url(BASE, ID, w=640, owner=owner, key="key", expires=7200)

    path, _, query = address.removeprefix(BASE).partition("?")
    assert path == delivery.path(f"private/{keys.owner_folder(owner)}/{ID}")
    assert query == f"w=640&e=7200&s={delivery.mac('key', f'{path}?w=640&e=7200')}"


def test_private_address_for_a_browser_with_a_session_has_no_signature() -> None:
    assert url("", ID, w=640, owner="ann") == f"/p/ann/{ID}?w=640"


def test_what_cannot_be_served_is_refused_where_it_is_written() -> None:
    wrong: dict[str, AddressOptions] = {
        "fit: ": {"fit": "stretch"},
        "w: cannot be changed in a preset": {"preset": "thumb", "w": 1},
        "fp-y: is missing": {"fp_x": 0.5},
        f"/p/ann/{ID}: a signature": {"owner": "ann", "key": "key"},
    }
    for message, options in wrong.items():
        with pytest.raises(AddressError) as caught:
            url(BASE, ID, **options)
        assert str(caught.value).startswith(message)
    with pytest.raises(AddressError, match=r"beach\.jpg: is not an image ID"):
        url(BASE, "beach.jpg")


def test_set_has_each_width_of_the_grid_and_what_is_said_besides() -> None:
    candidates = [one.split(" ") for one in srcset(BASE, ID, fm="webp").split(", ")]

    assert [width for _, width in candidates] == [f"{width}w" for width in GRID]
    assert [parse(urlsplit(address).query).width for address, _ in candidates] == list(GRID)
    assert all(address.endswith("&fm=webp") for address, _ in candidates)


def test_set_of_cut_pictures_keeps_the_ratio_and_is_signed_width_by_width() -> None:
    candidates = srcset(BASE, ID, widths=(300, 100), ratio=1.5, fit="crop", key="key").split(", ")

    assert candidates == [
        f"{url(BASE, ID, w=300, h=200, fit='crop', key='key')} 300w",
        f"{url(BASE, ID, w=100, h=67, fit='crop', key='key')} 100w",
    ]


class Attributes(HTMLParser):
    """The attributes of the only element of a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_element_has_what_a_browser_needs() -> None:
    text = img(BASE, ID, alt="A beach", sizes="50vw", widths=(640, 320), ratio=2, key="key")

    ((tag, found),) = Attributes(text).found
    assert tag == "img"
    assert found == {
        "src": url(BASE, ID, w=640, h=320, key="key"),
        "srcset": srcset(BASE, ID, widths=(640, 320), ratio=2, key="key"),
        "sizes": "50vw",
        "alt": "A beach",
        "width": "640",
        "height": "320",
        "loading": "lazy",
        "decoding": "async",
    }
    assert "loading" not in img(BASE, ID, alt="", lazy=False)


@given(st.text(), st.text())
def test_no_text_leaves_its_attribute(alt: str, name: str) -> None:
    text = img(BASE, ID, alt=alt, name=name, sizes=alt, widths=(64,))

    ((tag, found),) = Attributes(text).found
    assert (tag, sorted(found)) == (
        "img",
        ["alt", "decoding", "loading", "sizes", "src", "srcset"],
    )


def test_functions_that_only_sign_do_not_load_html() -> None:
    program = "import tintype.delivery, sys; print('html' in sys.modules)"

    output = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)  # noqa: S603 - ourselves

    assert output.stdout.decode().strip() == "False"
