"""A gallery of a thousand images: all are reached, and only those near the window exist."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cloud.operator import Operator
from tests.cloud.stack import Stack
from tests.web import scrolling, thousand
from tests.web.browser import set_network
from tests.web.conftest import NewWindow, delete_all
from tests.web.window import Window

pytestmark = pytest.mark.alone

COUNT = 1000
STEP = 400  # pixels a turn of the wheel
LOOKS = 5  # turns from one look at the memory to the next
MOST_TILES = 120
MOST_NODES = 4000
MOST_HEAP = 100_000_000  # bytes
MOST_MEMORY = (
    300_000_000  # bytes of the page's process (PSS), with all that Chromium keeps for later
)
MOST_PICTURES = 60_000_000  # bytes of decoded pictures
LONGEST_BLANK = 12  # frames: 200 ms at sixty a second, and on a busy machine no fewer
LATENCY_MS = 300  # of the network: more than that
FRAME_MS = 16
SETTLED_MS = 2000  # after which what is near the screen is fetched as well
REST_MS = 3000
_COLLECT = """() => {
  window.reached = new Set();
  const look = () => document.querySelectorAll('li[data-id]').forEach((one) => window.reached.add(one.dataset.id));
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
}"""

_PICTURES = """() => [...document.querySelectorAll('canvas.tile-print')]
  .reduce((bytes, one) => bytes + 4 * one.width * one.height, 0)"""
_ON_SCREEN = """() => [...document.querySelectorAll('li[data-id]')]
  .filter((one) => one.getBoundingClientRect().top < innerHeight).map((one) => one.dataset.id)"""

# Not what is at the very middle: that may be a gap between two.
_NEAR_THE_MIDDLE = """() => {
  const away = (one) => {
    const { left, top, right, bottom } = one.getBoundingClientRect();
    return Math.hypot((left + right - innerWidth) / 2, (top + bottom - innerHeight) / 2);
  };
  const tiles = [...document.querySelectorAll('li[data-id]')];
  return tiles.sort((a, b) => away(a) - away(b))[0].dataset.id;
}"""


@pytest.fixture(scope="module")
def ids(stack: Stack, operator: Operator) -> Iterator[list[str]]:
    delete_all(stack)
    made = thousand.fill(stack, operator, COUNT)
    yield made
    thousand.empty(operator, made)


@dataclass(frozen=True)
class Journey:
    """What was seen on the way from the newest image to the oldest."""

    window: Window
    longest_blank: int
    most_tiles: int
    peak: int


def scroll_through(window: Window, chromium: Browser) -> Journey:
    """Turn the wheel until nothing more comes."""
    window.open_live()
    page = window.page
    reading = listings_under_way(page)
    set_network(page, milliseconds=LATENCY_MS)
    page.evaluate(_COLLECT)
    page.evaluate(scrolling.SAMPLER)
    session = page.context.new_cdp_session(page)
    most = peak = 0
    for turn in range(COUNT):
        scrolling.wheel(session, STEP)
        while reading:
            page.wait_for_timeout(FRAME_MS)
        most = max(most, window.tiles.count())
        if turn % LOOKS == 0:
            peak = max(peak, scrolling.page_memory(chromium))
        if page.evaluate("scrollY + innerHeight >= document.documentElement.scrollHeight - 2"):
            page.wait_for_timeout(300)
            if not page.locator(".gallery-foot").count():
                break
    expect(window.tiles.last).to_have_attribute("aria-posinset", str(COUNT))
    page.wait_for_timeout(REST_MS)
    seen = page.evaluate("window.scrolled")
    print(seen, f"peak {peak / 1e6:.0f} MB, at most {most} tiles")  # noqa: T201 - figures
    return Journey(window, seen["longestRun"], most, peak)


def listings_under_way(page: Page) -> set[str]:
    """Return the addresses of the listings that were asked for and have not come yet; it is kept current."""
    asked: set[str] = set()
    page.on("request", lambda one: asked.add(one.url) if "/api/images?" in one.url else None)
    page.on("requestfinished", lambda one: asked.discard(one.url))
    page.on("requestfailed", lambda one: asked.discard(one.url))
    return asked


def test_a_thousand_images_are_all_reached_and_few_exist(
    keeping_window: NewWindow, chromium: Browser, ids: list[str]
) -> None:
    journey = scroll_through(keeping_window(), chromium)

    page = journey.window.page
    reached = set(page.evaluate("[...window.reached]"))
    found = scrolling.cost(page, chromium)
    print(found)  # noqa: T201 - figures
    assert reached >= set(ids)
    assert journey.most_tiles <= MOST_TILES
    assert found.nodes <= MOST_NODES
    assert found.heap <= MOST_HEAP
    assert max(journey.peak, found.renderer) <= MOST_MEMORY
    assert 0 < page.evaluate(_PICTURES) <= MOST_PICTURES
    assert journey.longest_blank <= LONGEST_BLANK


def test_only_what_is_seen_is_read_at_first(keeping_window: NewWindow, ids: list[str]) -> None:
    window = keeping_window()
    page = window.page
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    window.hold_clock()
    page.goto(window.address)
    window.let_pass_until(lambda: window.tiles.count() > 0)
    on_screen = set(page.evaluate(_ON_SCREEN))
    window.wait_until(lambda: pictures(asked, ids) >= on_screen)

    assert 0 < len(on_screen) < len(ids)
    assert {one.get_attribute("data-id") for one in window.tiles.all()} == on_screen
    assert pictures(asked, ids) == on_screen

    page.clock.run_for(SETTLED_MS)
    window.wait_until(lambda: pictures(asked, ids) > on_screen)
    page.clock.resume()
    window.is_live()
    listings = [one.split("/api", 1)[1] for one in asked if "/api/images?" in one]
    assert listings == ["/images?limit=30", "/images?limit=100"]  # the second is to catch up


def pictures(asked: list[str], ids: list[str]) -> set[str]:
    """Return of which images files were asked for."""
    return {part for one in asked for part in urlsplit(one).path.split("/")} & set(ids)


def test_the_end_key_goes_on_to_the_oldest_image(keeping_window: NewWindow, ids: list[str]) -> None:
    window = keeping_window()
    window.open_live()
    page = window.page
    for _ in range(COUNT):
        page.keyboard.press("End")
        page.wait_for_timeout(100)
        if page.locator(f"li[data-id='{ids[-1]}']").count():
            break

    expect(page.locator(f"li[data-id='{ids[-1]}']")).to_be_visible()
    expect(page.get_by_role("paragraph").get_by_text("1,000 images", exact=True)).to_be_visible()


def test_going_back_leads_to_the_image_that_one_came_from(
    keeping_window: NewWindow, ids: list[str]
) -> None:
    window = keeping_window()
    window.open_live()
    page = window.page
    page.mouse.move(640, 400)
    for _ in range(10):
        page.mouse.wheel(0, 1000)
        page.wait_for_timeout(100)
    page.wait_for_timeout(1000)  # the wheel runs on for a moment
    expect(page.locator("img.appeared").first).to_be_visible()
    middle = page.evaluate(_NEAR_THE_MIDDLE)
    assert middle in ids
    page.locator(f"li[data-id='{middle}'] a").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("image ")
    page.go_back()

    expect(page.locator(f"li[data-id='{middle}']")).to_be_in_viewport()


def test_search_finds_what_was_not_read_yet(keeping_window: NewWindow, ids: list[str]) -> None:
    window = keeping_window()
    window.open_live()
    window.page.get_by_role("searchbox").fill("image 0007")

    expect(window.tiles).to_have_count(1)
    assert window.tiles.first.get_attribute("data-id") == ids[-8]
