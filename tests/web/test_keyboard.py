"""Everything by the keyboard alone, and one always sees where one is."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import FloatRect, expect

from tests.cloud.stack import Stack
from tests.web.conftest import NewWindow
from tests.web.window import Window, payload, photograph

MOST_STOPS = 60
LICENCES = "Licences of the software in this page"
MARGIN = 16  # pixels around what has the focus, in which its ring is
SEEN_PIXELS = 40  # a ring of one pixel around the smallest control has more
_WHO = r"""() => {
  const one = document.activeElement;
  if (!one || one === document.body) return '';
  const words = one.getAttribute('aria-label') || one.innerText || one.labels?.[0]?.innerText || one.localName;
  return words.replace(/\s+/g, ' ').trim() || one.localName;
}"""

# Where what has the focus is in the window.
_AROUND = """(margin) => {
  window.focusedOne = document.activeElement;
  const looked = window.focusedOne.matches('.btn-check') ? window.focusedOne.labels[0] : window.focusedOne;
  const { left, top, right, bottom } = looked.getBoundingClientRect();
  const [x, y] = [Math.max(0, left - margin), Math.max(0, top - margin)];
  const [endX, endY] = [Math.min(innerWidth, right + margin), Math.min(innerHeight, bottom + margin)];
  return { x, y, width: Math.max(1, endX - x), height: Math.max(1, endY - y) };
}"""

# What is only shown while the focus is near it is hidden by now, and what is hidden takes no focus.
_BACK = """() => {
  window.focusedOne.style.visibility = 'visible';
  window.focusedOne.focus({ preventScroll: true });
  window.focusedOne.style.visibility = '';
}"""
_TO_THE_TOP = """() => {
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
  scrollTo(0, 0);
}"""


@pytest.fixture
def window(new_window: NewWindow) -> Window:
    return new_window(reduced_motion="reduce")


@dataclass(frozen=True)
class Walk:
    """Where the focus stopped on its way through a page, in order, and where it could not be seen."""

    stops: list[str]
    unseen: list[str]


def focused(window: Window) -> str:
    """Return what has the focus, by its label, its words or its kind; empty if nothing has it."""
    name: str = window.page.evaluate(_WHO)
    return name


def tab_to(window: Window, pattern: str, key: str = "Tab") -> list[str]:
    """Press Tab until something of that name has the focus; return what had it on the way."""
    passed: list[str] = []
    for _ in range(MOST_STOPS):
        window.page.keyboard.press(key)
        passed.append(focused(window))
        if re.search(pattern, passed[-1]):
            return passed
    message = f"no {pattern!r} among {passed}"
    raise AssertionError(message)


def is_seen(window: Window) -> bool:
    """Whether the window looks different with the focus where it is and without any."""
    page = window.page
    around: FloatRect = page.evaluate(_AROUND, MARGIN)
    held = _look(window, around)
    page.evaluate("window.focusedOne.blur()")
    without = _look(window, around)
    page.evaluate(_BACK)
    difference = ImageChops.difference(held, without).convert("L")
    return sum(difference.histogram()[24:]) >= SEEN_PIXELS


def _look(window: Window, part: FloatRect) -> Image.Image:
    shot = window.page.screenshot(animations="disabled", caret="hide", clip=part)
    return Image.open(io.BytesIO(shot)).convert("RGB")


def walk(window: Window) -> Walk:
    """Press Tab through the whole page, until nothing has the focus any more."""
    window.page.evaluate(_TO_THE_TOP)
    stops: list[str] = []
    unseen: list[str] = []
    for _ in range(MOST_STOPS):
        window.page.keyboard.press("Tab")
        name = focused(window)
        if not name:
            return Walk(stops, unseen)
        stops.append(name)
        if not is_seen(window):
            unseen.append(name)
    message = f"no end after {stops}"
    raise AssertionError(message)


def test_the_first_stop_leads_past_the_header(window: Window) -> None:
    window.open("/")
    expect(window.page.get_by_role("button", name="Drop your first")).to_be_visible()
    window.page.keyboard.press("Tab")
    assert focused(window) == "Skip to content"
    expect(window.page.get_by_role("button", name="Skip to content")).to_be_in_viewport()
    window.page.keyboard.press("Enter")
    window.page.keyboard.press("Tab")

    assert focused(window).startswith("Drop your first pictures")


def test_files_are_chosen_from_the_top_of_the_page(window: Window) -> None:
    window.open_live()
    stops = tab_to(window, "Add pictures")
    assert len(stops) <= 6

    with window.page.expect_file_chooser() as opened:
        window.page.keyboard.press("Enter")
    opened.value.set_files([payload("by keys.jpg")])
    window.is_at("by keys.jpg", "ready")


def test_arrows_lead_through_the_gallery_and_enter_opens(window: Window, stack: Stack) -> None:
    for number in range(6):
        stack.ready(stack.upload(photograph(600, 400), f"{number}.jpg", "image/jpeg"))
    window.open_live()
    expect(window.tiles).to_have_count(6)
    tab_to(window, r"^5\.jpg")
    window.page.keyboard.press("ArrowRight")
    expect(window.tile("4.jpg").get_by_role("link")).to_be_focused()
    window.page.keyboard.press("End")
    expect(window.tile("0.jpg").get_by_role("link")).to_be_focused()
    window.page.keyboard.press("Home")
    expect(window.tile("5.jpg").get_by_role("link")).to_be_focused()
    window.page.keyboard.press("ArrowDown")
    expect(window.tile("5.jpg").get_by_role("link")).not_to_be_focused()
    window.page.keyboard.press("ArrowUp")
    expect(window.tile("5.jpg").get_by_role("link")).to_be_focused()
    window.page.keyboard.press("ArrowRight")
    expect(window.tile("4.jpg").get_by_role("link")).to_be_focused()
    window.page.keyboard.press("Enter")

    expect(window.page.get_by_role("heading", level=1)).to_have_text("4.jpg")
    expect(window.page.get_by_role("heading", level=1)).to_be_focused()
    window.page.go_back()
    expect(window.tile("4.jpg").get_by_role("link")).to_be_focused()


def test_delete_and_undo_need_no_mouse(window: Window, stack: Stack) -> None:
    for number in range(3):
        stack.ready(stack.upload(photograph(600, 400), f"{number}.jpg", "image/jpeg"))
    window.open_live()
    expect(window.tiles).to_have_count(3)
    tab_to(window, r"^2\.jpg")
    window.page.keyboard.press("ArrowRight")
    expect(window.tile("1.jpg").get_by_role("link")).to_be_focused()
    window.page.keyboard.press("Delete")
    expect(window.tile("1.jpg")).to_have_count(0)
    expect(window.tile("0.jpg").get_by_role("link")).to_be_focused()

    window.page.keyboard.press("Control+z")
    expect(window.tile("1.jpg").get_by_role("link")).to_be_focused()
    window.page.keyboard.press("Delete")
    tab_to(window, "^Undo$")
    window.page.keyboard.press("Enter")
    expect(window.tile("1.jpg").get_by_role("link")).to_be_focused()


def test_undoing_the_deletion_of_the_only_image_brings_it_back(
    window: Window, stack: Stack
) -> None:
    stack.ready(stack.upload(photograph(600, 400), "only.jpg", "image/jpeg"))
    window.open_live()
    expect(window.tiles).to_have_count(1)
    tab_to(window, r"^only\.jpg")
    window.page.keyboard.press("Delete")
    expect(window.tiles).to_have_count(0)
    window.page.keyboard.press("Control+z")

    expect(window.tile("only.jpg")).to_be_visible()


def test_every_control_of_the_image_page_is_reached_and_works(window: Window, stack: Stack) -> None:
    image = stack.ready(stack.upload(photograph(), "controls.jpg", "image/jpeg"))
    window.open_live(f"/images/{image['id']}")
    expect(window.page.get_by_role("slider")).to_be_visible()
    wanted = (
        "Gallery",
        "Process again",
        "^Delete$",
        "Original to the left",
        "^Open ",
        "Copy URL",
        "^Download ",
        "<img srcset>",
    )
    for pattern in wanted:
        tab_to(window, pattern)
    window.page.keyboard.press("ArrowRight")
    expect(window.page.get_by_role("tab", name="<picture>")).to_be_focused()
    expect(window.page.get_by_role("tabpanel").locator("code")).to_contain_text("<picture>")
    tab_to(window, "<picture>|<img srcset>", "Shift+Tab")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_focus_is_seen_wherever_it_is_in_the_gallery(
    new_window: NewWindow, stack: Stack, scheme: str
) -> None:
    window = new_window(reduced_motion="reduce", color_scheme=scheme)
    for number in range(2):
        stack.ready(stack.upload(photograph(600, 400), f"{number}.jpg", "image/jpeg"))
    window.open_live()
    window.drop(payload("third.jpg"), payload("refused.jpg", b"%PDF-1.7"))
    expect(window.page.locator("img.appeared")).to_have_count(3)
    window.is_at("third.jpg", "ready")
    window.delete("0.jpg")  # the focus goes to the next tile, which is where Tab stops then
    window.toast.get_by_role("button", name="Undo").hover()  # which keeps the message

    walked = walk(window)

    assert walked.unseen == []
    assert walked.stops == [
        "Skip to content",
        "Tintype: all images",
        "Switch to dark" if scheme == "light" else "Switch to light",
        "Add a folder",
        "Add pictures",
        "Search by name",
        "All",
        "1.jpg",
        "Copy link to 1.jpg",
        "Delete 1.jpg",
        LICENCES,
        "1 ready, 1 failed",
        "Clear finished uploads",
        "Dismiss refused.jpg",
        "third.jpg",
        "Dismiss third.jpg",
        "Undo",
        "× Dismiss this message",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_focus_is_seen_wherever_it_is_on_the_image_page(
    new_window: NewWindow, stack: Stack, scheme: str
) -> None:
    window = new_window(reduced_motion="reduce", color_scheme=scheme)
    image = stack.ready(stack.upload(photograph(), "focus.jpg", "image/jpeg"))
    window.open_live(f"/images/{image['id']}")
    expect(window.page.get_by_role("slider")).to_be_visible()

    walked = walk(window)

    assert walked.unseen == []
    passed = ("Original to the left", "display AVIF", "Download display", "Copy SHA-256", LICENCES)
    assert [name for name in passed if name not in " ".join(walked.stops)] == []
    assert walked.stops[-1] == LICENCES
