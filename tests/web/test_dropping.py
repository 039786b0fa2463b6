"""Dropping on the page: whatever was dragged before, files are taken in, and its own pictures are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.cloud.stack import Stack
from tests.web.window import Window, photograph

_COUNT = "window.drags = 0; addEventListener('dragstart', () => (window.drags += 1))"


@pytest.fixture
def gallery(window: Window, stack: Stack) -> Window:
    """Return a window that shows a picture which can be dragged."""
    stack.ready(stack.upload(photograph(), "there.jpg", "image/jpeg"))
    window.open_live()
    expect(window.picture("there.jpg")).to_be_visible()
    window.page.evaluate(_COUNT)
    return window


def hold(window: Window, name: str) -> None:
    """Begin to drag an image's tile and keep it over the page."""
    window.tile(name).hover()
    window.page.mouse.down()
    window.page.mouse.move(600, 500, steps=5)
    assert window.page.evaluate("window.drags") == 1


def test_a_picture_of_the_page_that_is_dropped_on_it_is_no_upload(gallery: Window) -> None:
    hold(gallery, "there.jpg")
    expect(gallery.page.locator(".drop")).to_have_count(0)
    gallery.page.mouse.up()

    expect(gallery.page.get_by_role("heading", level=1)).to_have_text("Gallery")
    expect(gallery.tray).to_have_count(0)


def test_a_file_is_taken_in_after_a_dragged_picture_was_deleted_meanwhile(
    gallery: Window, stack: Stack, tmp_path: Path
) -> None:
    hold(gallery, "there.jpg")
    image = stack.request("GET", "/images").json()["images"][0]
    stack.request("DELETE", f"/images/{image['id']}")
    expect(gallery.tile("there.jpg")).to_have_count(0)
    gallery.page.mouse.up()
    (tmp_path / "new.jpg").write_bytes(photograph())

    gallery.drop_from_disk(tmp_path / "new.jpg")

    gallery.is_at("new.jpg", "ready")
