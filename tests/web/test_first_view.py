"""The first view of a page: what is fetched for it and what is not, and that nothing jumps while it comes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Request, Route, expect

from tests.cloud.stack import Stack
from tests.web.browser import Troubles
from tests.web.conftest import NewWindow
from tests.web.window import Window, photograph

# How much has jumped so far, by the parts of a screen.
SHIFTS = """() => {
  const seen = new PerformanceObserver(() => undefined);
  seen.observe({ type: 'layout-shift', buffered: true });
  return seen.takeRecords().reduce((sum, one) => sum + one.value, 0);
}"""
_SCRIPTS = re.compile(r"/main-[^/]*\.js$")
UNUSED_MS = 4_000  # after which Chromium warns of what was fetched early in vain
MOST_SHIFTED = 0.01  # of a whole screen's worth; 0.1 is what search engines call good


@pytest.fixture
def image(new_window: NewWindow, stack: Stack) -> dict[str, Any]:  # noqa: ARG001 - it empties the gallery
    """Return an image that is ready."""
    return stack.ready(stack.upload(photograph(), "beach.jpg", "image/jpeg"))


def asked_for(window: Window) -> list[str]:
    """Return the list to which the address of each request of *window* is added."""
    asked: list[str] = []

    def on_request(request: Request) -> None:
        asked.append(request.url)

    window.page.on("request", on_request)
    return asked


def originals(asked: list[str]) -> list[str]:
    return [url for url in asked if "/originals/" in url]


@pytest.mark.parametrize("reach", ["hover", "focus", "touch"])
def test_the_original_is_fetched_when_somebody_reaches_for_the_slider(
    new_window: NewWindow, image: dict[str, Any], reach: str
) -> None:
    window = new_window_with(new_window, touch=reach == "touch")
    asked = asked_for(window)
    window.open_live(f"/images/{image['id']}")
    slider = window.page.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^only .*Slide to compare$"))
    expect(window.page.get_by_text("Slide to compare")).to_be_visible()
    assert originals(asked) == []

    getattr(slider, {"touch": "tap"}.get(reach, reach))()
    expect(window.page.get_by_text("Original", exact=True).first).to_be_visible()
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^50 % Original"))

    assert len(originals(asked)) == 1


def new_window_with(new_window: NewWindow, *, touch: bool) -> Window:
    return new_window(390, 844, has_touch=touch) if touch else new_window()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("place", ["/", "/images/{id}"])
def test_nothing_jumps_while_a_page_comes(
    new_window: NewWindow, image: dict[str, Any], place: str, width: int
) -> None:
    window = new_window(width, 800)
    window.open_live(place.format(**image))
    expect(window.page.get_by_text("beach.jpg").first).to_be_attached()

    assert window.page.evaluate(SHIFTS) <= MOST_SHIFTED


@pytest.mark.parametrize(
    ("place", "wanted"), [("/", "/api/images?limit=30"), ("/images/{id}", "/api/images/{id}")]
)
def test_what_the_address_is_about_is_asked_for_once_and_before_the_scripts_run(
    window: Window, image: dict[str, Any], place: str, wanted: str
) -> None:
    asked = asked_for(window)
    window.page.route(
        _SCRIPTS, lambda route: route.fulfill(body="", content_type="text/javascript")
    )
    window.page.goto(window.address + place.format(**image), wait_until="networkidle")
    early = asked.count(window.address + wanted.format(**image))
    window.page.unroute_all()

    asked.clear()
    window.open_live(place.format(**image))

    assert early == 1
    assert asked.count(window.address + wanted.format(**image)) == 1


def test_what_comes_after_the_scripts_asks_for_nothing_more(window: Window) -> None:
    asked = asked_for(window)

    def hold(route: Route) -> None:
        while not any("/api/images" in url for url in asked):
            window.page.wait_for_timeout(50)
        route.continue_()

    window.page.route("**/early.js", hold)
    window.open_live()
    window.page.wait_for_timeout(UNUSED_MS)

    assert asked.count(f"{window.address}/api/images?limit=30") == 1


@pytest.mark.parametrize("chosen", ["light", "dark"])
def test_the_chosen_theme_is_there_before_the_scripts(new_window: NewWindow, chosen: str) -> None:
    window = new_window(color_scheme="light" if chosen == "dark" else "dark")
    window.open("/")
    window.page.get_by_role("button", name=f"Switch to {chosen}").click()
    window.page.route(
        _SCRIPTS, lambda route: route.fulfill(body="", content_type="text/javascript")
    )
    window.page.reload()

    expect(window.page.locator("html")).to_have_attribute("data-bs-theme", chosen)
    expect(window.page.get_by_text("Tintype", exact=True)).to_be_visible()


def test_the_licences_of_what_is_in_the_page_are_published_with_it(
    window: Window, troubles: Troubles
) -> None:
    troubles.permit(r"favicon\.ico")  # browsers ask for one beside every file that is no page
    window.open("/")
    window.page.get_by_role("link", name="Licences of the software in this page").click()

    for name in ("@angular/core", "rxjs", "bootstrap"):
        expect(window.page.locator("pre")).to_contain_text(f"Package: {name}\n")
