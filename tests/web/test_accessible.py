"""Every page, in both themes, on a wide screen and on a phone: axe finds nothing, nothing is cut off."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest
from playwright.sync_api import expect

from tests.cloud.stack import Stack
from tests.web.axe import END_MOTION, violations
from tests.web.browser import Troubles, set_network
from tests.web.conftest import NewWindow
from tests.web.window import Window, payload, photograph

LONG = "a very long name of a photograph " * 6 + ".jpg"
UNKNOWN_ID = "01M7XPE600ABCDEFGHJKMNPQRS"
_MOVING = """() => document.getAnimations()
  .filter((one) => one.playState === 'running' && one.effect.getComputedTiming().duration > 50)
  .map((one) => one.animationName ?? one.transitionProperty)"""


def empty_gallery(window: Window, _stack: Stack) -> None:
    window.open_live()
    expect(window.page.get_by_role("button", name="Drop your first")).to_be_visible()


def filled_gallery(window: Window, stack: Stack) -> None:
    wide, high = photograph(1200, 800), photograph(600, 900)
    for name, data in (("wide.jpg", wide), ("high.jpg", high), ("cut.jpg", wide[:9000])):
        stack.ended(stack.upload(data, name, "image/jpeg"))
    stack.ticket(wide, "waiting.jpg", "image/jpeg")
    window.open_live()
    expect(window.page.locator("img.appeared")).to_have_count(2)


def deleted_image(window: Window, stack: Stack) -> None:
    filled_gallery(window, stack)
    window.open_image("wide.jpg")  # a gallery without a mouse has no bins
    window.page.get_by_role("button", name="Delete").click()
    expect(window.toast.get_by_role("button", name="Undo")).to_be_visible()


def nothing_matches(window: Window, stack: Stack) -> None:
    filled_gallery(window, stack)
    window.page.get_by_role("searchbox").fill("nothing is called this")
    expect(window.page.get_by_text("Nothing matches")).to_be_visible()


def open_tray(window: Window, _stack: Stack) -> None:
    window.open_live()
    window.drop(
        payload("ready.jpg", photograph(600, 400)),
        payload("refused.jpg", b"%PDF-1.7"),
        payload("cut.jpg", photograph()[:9000]),
        payload(LONG, photograph(600, 400)),
    )
    window.is_at("ready.jpg", "ready")
    window.is_at(LONG, "ready")
    window.is_at("cut.jpg", "failed")
    set_network(window.page, bytes_per_second=1_000)  # for longer than anybody looks
    window.drop(payload("sending.jpg"))
    expect(window.page.locator("[data-stage=uploading]")).to_have_count(1)
    toggle = window.tray.get_by_role("button", expanded=False)
    if toggle.count():
        toggle.click()
    expect(window.upload("sending.jpg").get_by_role("progressbar")).to_be_visible()


def image_page(window: Window, stack: Stack) -> None:
    image = stack.ready(stack.upload(photograph(), LONG, "image/jpeg"))
    window.open_live(f"/images/{image['id']}")
    expect(window.page.get_by_role("slider")).to_be_visible()


def failed_image(window: Window, stack: Stack) -> None:
    image = stack.ended(stack.upload(photograph()[:9000], "cut.jpg", "image/jpeg"))
    assert image["status"] == "FAILED"
    window.open_live(f"/images/{image['id']}")
    expect(window.page.get_by_text("truncated_image")).to_be_visible()


def no_page(window: Window, _stack: Stack) -> None:
    window.open_live("/nowhere")
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Page not found")


def no_image(window: Window, _stack: Stack) -> None:
    window.open_live(f"/images/{UNKNOWN_ID}")
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Image not found")


PAGES = (
    empty_gallery,
    filled_gallery,
    deleted_image,
    nothing_matches,
    open_tray,
    image_page,
    failed_image,
    no_page,
    no_image,
)


@pytest.mark.parametrize("widths", [(1280,), (390, 320)], ids=("desk", "phone"))
@pytest.mark.parametrize("arrange", PAGES, ids=lambda one: one.__name__)
def test_axe_finds_nothing_in_either_theme_and_nothing_sticks_out(
    new_window: NewWindow,
    stack: Stack,
    troubles: Troubles,
    arrange: Callable[[Window, Stack], None],
    widths: tuple[int, ...],
) -> None:
    troubles.permit(rf"status of 404 .*{UNKNOWN_ID}")
    window = new_window(widths[0], 750, has_touch=widths[0] < 600, reduced_motion="reduce")
    arrange(window, stack)

    looked_at(window, widths)


def looked_at(window: Window, widths: Sequence[int]) -> None:
    """Look at a page in each width and theme."""
    for width in widths:
        window.page.set_viewport_size({"width": width, "height": 750})
        for scheme in ("light", "dark"):
            window.page.emulate_media(color_scheme=scheme)
            expect(window.page.locator("html")).to_have_attribute("data-bs-theme", scheme)
            assert violations(window.page) == [], (width, scheme)
        assert sticking_out(window) == [], width


def sticking_out(window: Window) -> list[str]:
    """Return what is wider than the window, if one can scroll sideways."""
    found: list[str] = window.page.evaluate("""() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      if (scrollWidth <= clientWidth) return [];
      const wide = (one) => one.getBoundingClientRect().right > clientWidth + 1;
      return [`${scrollWidth} > ${clientWidth}`,
        ...[...document.querySelectorAll('body *')].filter(wide).map((one) => one.outerHTML.slice(0, 80))];
    }""")
    return found


def test_the_tray_is_a_sheet_at_the_bottom_of_a_phone(new_window: NewWindow) -> None:
    phone = new_window(390, 844, has_touch=True, is_mobile=True)
    phone.open_live()
    phone.choose(payload("phone.jpg"), button="Add")
    phone.is_at("phone.jpg", "ready")

    box = phone.tray.bounding_box()
    assert box is not None
    assert box["x"] <= 12
    assert box["width"] >= 390 - 24
    assert box["y"] + box["height"] >= 844 - 24
    phone.tray.get_by_role("button", expanded=False).click()
    expect(phone.upload("phone.jpg")).to_be_visible()


def test_the_theme_follows_the_system_until_somebody_chooses(new_window: NewWindow) -> None:
    window = new_window(color_scheme="dark")
    window.open("/")
    html = window.page.locator("html")
    expect(html).to_have_attribute("data-bs-theme", "dark")
    window.page.get_by_role("button", name="Switch to light").click()
    expect(html).to_have_attribute("data-bs-theme", "light")
    window.page.reload()
    expect(html).to_have_attribute("data-bs-theme", "light")
    window.page.get_by_role("button", name="Switch to dark").click()
    window.page.emulate_media(color_scheme="light")

    expect(html).to_have_attribute("data-bs-theme", "light")


@pytest.mark.parametrize(
    ("motion", "moving"), [("no-preference", ["progress-bar-stripes"]), ("reduce", [])]
)
def test_nothing_moves_for_those_who_asked_for_that(
    new_window: NewWindow, stack: Stack, motion: str, moving: list[str]
) -> None:
    window = new_window(reduced_motion=motion)
    ticket = stack.ticket(photograph(), "still.jpg", "image/jpeg")  # whose bytes never come
    window.page.add_init_script(_processes(ticket["imageId"]))
    window.open_live()
    window.is_at("still.jpg", "processing")
    expect(window.tray.get_by_role("progressbar", name="Processing")).to_be_visible()

    window.page.evaluate(END_MOTION)
    assert window.page.evaluate(_MOVING) == moving


def _processes(image_id: str) -> str:
    """Return a script after which a page takes an image for one that it has uploaded itself."""
    kept = json.dumps([{"imageId": image_id, "name": "still.jpg", "size": 1}])
    return f"sessionStorage.setItem('tintype.processing', {json.dumps(kept)})"
