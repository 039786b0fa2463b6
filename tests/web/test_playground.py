"""The playground of an image's page: nothing before it is opened, then any size, and a focal point."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.cloud.stack import Stack
from tests.web.conftest import NewWindow
from tests.web.test_accessible import looked_at
from tests.web.test_first_view import asked_for
from tests.web.window import Window, photograph


@pytest.fixture
def image(new_window: NewWindow, stack: Stack) -> dict[str, Any]:  # noqa: ARG001 - it empties the gallery
    """Return an image that is ready."""
    return stack.ready(stack.upload(photograph(), "beach.jpg", "image/jpeg"))


def open_playground(window: Window, image: dict[str, Any]) -> None:
    window.open_live(f"/images/{image['id']}")
    window.page.get_by_role("button", name="Open the playground").click()
    expect(window.page.get_by_role("img", name="Result of beach.jpg")).to_be_visible()


def test_nothing_is_made_before_somebody_opens_it(
    keeping_window: NewWindow, image: dict[str, Any]
) -> None:
    window = keeping_window()
    asked = asked_for(window)
    window.open_live(f"/images/{image['id']}")
    expect(window.page.get_by_role("slider")).to_be_visible()
    assert [url for url in asked if "/i/" in url] == []

    window.page.get_by_role("button", name="Open the playground").click()

    result = window.page.get_by_role("region", name="Result")
    expect(result).to_contain_text("640 × 427")
    expect(result).to_contain_text("made now (rendering")
    expect(result).to_contain_text("Plain address")
    assert [url.rpartition("/i/")[2] for url in asked if "/i/" in url] == [
        f"{image['id']}/beach?w=640"
    ]


def test_a_crop_is_signed_and_keeps_the_point_that_was_drawn(
    keeping_window: NewWindow, image: dict[str, Any]
) -> None:
    window = keeping_window()
    open_playground(window, image)
    page = window.page
    page.get_by_label("Height").fill("200")
    page.get_by_label("Fit").select_option("cover")
    page.get_by_label("from the top").press("Shift+ArrowUp")

    result = page.get_by_role("region", name="Result")
    expect(result).to_contain_text("Signed address")
    expect(result).to_contain_text("640 × 200")
    address = page.get_by_role("region", name="Address").locator("code").first
    expect(address).to_contain_text(re.compile(r"w=640&h=200&fit=cover&fp-x=0\.5&fp-y=0\.4.*&s="))


def test_axe_finds_nothing_in_it_and_nothing_sticks_out(
    keeping_window: NewWindow, image: dict[str, Any]
) -> None:
    window = keeping_window(reduced_motion="reduce")
    open_playground(window, image)

    looked_at(window, (1280, 390))
