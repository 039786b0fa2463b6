"""What axe does not see, by the pixels of screenshots: forced colours, more contrast, paper, pictures, fingers."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Route, WebSocketRoute, expect

from tests.cloud.stack import Stack
from tests.web.browser import set_network
from tests.web.conftest import NewWindow
from tests.web.pixels import contrast, ground, luminance, pixels, strongest
from tests.web.window import payload, photograph

SEEN = 3.0  # WCAG 1.4.11: what one must see of a control
READ = 4.5  # WCAG 1.4.3: words
FINGER = 44  # pixels
_HALF = re.compile(r"^[2-6]\d$")  # per cent: between the two places of a bar that are looked at
_WIDTH = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
MODES: tuple[dict[str, Any], ...] = (
    {"forced_colors": "active"},
    {"forced_colors": "active", "color_scheme": "dark"},
    {"contrast": "more"},
    {"contrast": "more", "color_scheme": "dark"},
    {},
)
_SMALL = """(least) => [...document.querySelectorAll('a, button, input, label.btn, [role=slider]')]
  .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .filter((one) => !one.matches('.btn-check, [type=file], .visually-hidden-focusable'))
  .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
  .filter(([, box]) => box.width < least || box.height < least)
  .map(([html, box]) => `${html}: ${box.width} × ${box.height}`)"""


def name_of(mode: dict[str, Any]) -> str:
    return "-".join(str(one) for one in mode.values()) or "plain"


@pytest.fixture
def filled(new_window: NewWindow, stack: Stack) -> NewWindow:
    stack.ready(stack.upload(photograph(600, 400), "one.jpg", "image/jpeg"))
    return new_window


def differs(one: Locator, other: Locator) -> float:
    """Return the contrast between the backgrounds of two elements."""
    return contrast(ground(pixels(one)), ground(pixels(other)))


@pytest.mark.parametrize("mode", MODES, ids=name_of)
def test_what_is_chosen_is_seen(filled: NewWindow, mode: dict[str, Any]) -> None:
    window = filled(reduced_motion="reduce", **mode)
    window.open_live()
    page = window.page
    assert (
        differs(page.get_by_text("All", exact=True), page.get_by_text("Ready", exact=True)) > SEEN
    )

    window.open_image("one.jpg")
    chosen = page.locator(".btn-check:checked + label").first
    assert differs(chosen, page.locator(".btn-check:not(:checked) + label").first) > SEEN
    tabs = page.get_by_role("tab")
    if mode:
        assert not np.array_equal(pixels(tabs.nth(0))[-4:], pixels(tabs.nth(1))[-4:])


@pytest.mark.parametrize("mode", MODES, ids=name_of)
def test_the_dot_of_the_badge_and_the_bars_are_seen(
    filled: NewWindow, mode: dict[str, Any]
) -> None:
    window = filled(reduced_motion="reduce", **mode)
    window.open_live()
    assert strongest(pixels(window.page.locator(".live-dot"))) > SEEN

    set_network(window.page, bytes_per_second=30_000)
    window.drop(payload("sending.jpg", photograph(2400, 1600)))
    bar = window.tray.get_by_role("progressbar").first
    expect(bar).to_have_attribute("aria-valuenow", _HALF, timeout=60_000)
    row = luminance(pixels(bar))[2]
    assert contrast(float(row[len(row) // 10]), float(row[-len(row) // 10])) > SEEN


@pytest.mark.parametrize("colour", ["white", "black"])
@pytest.mark.parametrize("state", ["ready", "processing"])
def test_a_name_over_a_picture_can_be_read(
    new_window: NewWindow, stack: Stack, colour: str, state: str
) -> None:
    window = new_window(reduced_motion="reduce")
    data = flat(colour)
    if state == "processing":
        window.page.context.route_web_socket(re.compile("realtime"), never_ready)
    window.open_live()
    if state == "ready":
        stack.ready(stack.upload(data, "name.png", "image/png"))
        expect(window.picture("name.png")).to_be_visible()
    else:
        window.page.route(re.compile("/api/images"), no_answer)
        window.drop(payload("name.png", data, "image/png"))
        expect(window.tile("name.png").locator(".tile-preview")).to_be_visible()
    window.tile("name.png").hover()
    name = window.tile("name.png").get_by_text("name.png", exact=True)
    expect(name).to_have_css("opacity", "1")

    written = luminance(pixels(name))
    # Where the letters are, and the ground of these very rows.
    rows = slice(-24, -8)
    assert contrast(float(written[rows].max()), float(np.median(written[rows]))) > READ


def never_ready(page: WebSocketRoute) -> None:
    """Pass on what is announced, but for pictures."""
    server = page.connect_to_server()
    server.on_message(lambda said: None if "preset" in str(said) else page.send(said))


def no_answer(route: Route) -> None:
    """Tell nothing about images; tickets are for the asking."""
    if route.request.method == "GET":
        route.abort()
    else:
        route.continue_()


def flat(colour: str) -> bytes:
    """Return a PNG of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (900, 600), colour).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_has_the_pictures_and_their_names_and_nothing_to_press(
    filled: NewWindow, scheme: str
) -> None:
    window = filled(reduced_motion="reduce", color_scheme=scheme)
    window.open_live()
    expect(window.picture("one.jpg")).to_be_visible()
    window.page.emulate_media(media="print")

    assert window.page.locator("button:visible, label:visible, input:visible").count() == 0
    assert ground(pixels(window.page.locator("body"))) > 0.95
    title = pixels(window.page.get_by_role("heading", level=1))
    assert strongest(title) > READ
    tile = pixels(window.tile("one.jpg"))
    assert len(np.unique(tile[: tile.shape[0] // 2].reshape(-1, 3) // 32, axis=0)) > 3
    expect(window.tile("one.jpg").get_by_text("one.jpg", exact=True)).to_have_css("opacity", "1")


def test_what_a_finger_presses_is_44_pixels_large(filled: NewWindow) -> None:
    window = filled(390, 800, has_touch=True, is_mobile=True)
    window.open_live()
    assert window.page.evaluate("matchMedia('(pointer: coarse)').matches")
    expect(window.tile("one.jpg").get_by_text("one.jpg", exact=True)).to_have_css("opacity", "1")
    assert window.page.evaluate(_SMALL, FINGER) == []
    assert window.page.evaluate(_WIDTH) == [390, 390]

    window.tile("one.jpg").get_by_role("link").click()
    expect(window.page.get_by_role("slider")).to_be_visible()
    assert window.page.evaluate(_SMALL, FINGER) == []
    assert window.page.evaluate(_WIDTH) == [390, 390]
