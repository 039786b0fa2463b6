"""News without a reload: in the same window, in another one, and when the line is cut."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.cloud.operator import Operator
from tests.cloud.stack import Stack
from tests.web.conftest import NewWindow
from tests.web.window import Window, payload, photograph

# What a page showed of an image, one entry a change.
_RECORD_VERSIONS = r"""() => {
  const seen = [];
  window.seenVersions = seen;
  const look = () => {
    const found = /version\s+(\d+)\./.exec(document.body.innerText);
    if (found && seen.at(-1) !== Number(found[1])) seen.push(Number(found[1]));
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def test_a_second_window_shows_what_the_first_one_uploads(new_window: NewWindow) -> None:
    first, second = new_window(), new_window()
    first.open_live()
    second.open_live()
    first.drop(payload("shared.jpg"))

    expect(second.picture("shared.jpg")).to_be_visible()
    expect(second.tray).to_have_count(0)


def test_a_second_window_needs_the_news_alone_and_a_second_to_show_it(
    new_window: NewWindow,
) -> None:
    first, second = new_window(), new_window()
    first.open_live()
    with second.page.expect_websocket() as opened:
        second.open_live()
    second.hold_clock()
    asked: list[str] = []
    second.page.route("**/api/**", lambda route: asked.append(route.request.url))  # no answer
    with opened.value.expect_event("framereceived", lambda frame: "READY" in frame):
        first.drop(payload("prompt.jpg"))
    second.page.clock.run_for(1000)

    expect(second.tile("prompt.jpg").locator("img.tile-picture")).to_be_attached()
    assert asked == []


def test_what_one_window_deletes_leaves_the_other(new_window: NewWindow, stack: Stack) -> None:
    stack.ready(stack.upload(photograph(), "going.jpg", "image/jpeg"))
    first, second = new_window(), new_window()
    first.open_live()
    second.open_live()
    expect(second.tile("going.jpg")).to_be_visible()
    first.delete("going.jpg")
    first.toast.get_by_role("button", name="Dismiss this message").click()

    expect(second.tile("going.jpg")).to_have_count(0)


def test_an_image_page_says_that_somebody_else_deleted_its_image(
    window: Window, stack: Stack
) -> None:
    image = stack.ready(stack.upload(photograph(), "gone.jpg", "image/jpeg"))
    window.open_live(f"/images/{image['id']}")
    stack.request("DELETE", f"/images/{image['id']}").raise_for_status()

    expect(window.page.get_by_role("heading", level=1)).to_have_text("This image was deleted")


def test_versions_only_ever_rise_in_a_window_that_watches(
    window: Window, stack: Stack, operator: Operator
) -> None:
    image = stack.ready(stack.upload(photograph(), "again.jpg", "image/jpeg"))
    window.open_live(f"/images/{image['id']}")
    window.page.evaluate(_RECORD_VERSIONS)
    for version in (7, 10, 13):
        operator.change_record(image["id"], presetsRevision="older")
        stack.request("POST", f"/images/{image['id']}/reprocess").raise_for_status()
        stack.when(image["id"], lambda one, version=version: one is not None and one["version"] == version)  # type: ignore[misc] # fmt: skip
    expect(window.page.get_by_text(re.compile(r"version\s+13\."))).to_be_visible()

    seen = window.page.evaluate("window.seenVersions")
    assert seen == sorted(set(seen))
    assert seen[-1] == 13


def test_search_and_filters_keep_up_with_news(window: Window, stack: Stack) -> None:
    stack.ready(stack.upload(photograph(), "harbour.jpg", "image/jpeg"))
    window.open_live()
    window.page.get_by_role("searchbox", name="Search by name").fill("harb")
    expect(window.tiles).to_have_count(1)
    stack.ready(stack.upload(photograph(600, 400), "Harbour at night.jpg", "image/jpeg"))
    stack.ready(stack.upload(photograph(600, 400), "forest.jpg", "image/jpeg"))

    expect(window.tiles).to_have_count(2)
    window.page.get_by_text("Failed", exact=True).click()
    expect(window.page.get_by_text("Nothing matches")).to_be_visible()
    window.page.get_by_role("button", name="Show all images").click()
    expect(window.tiles).to_have_count(3)
