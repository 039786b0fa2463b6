"""The deployed page in a browser that finds the stack at its own addresses."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, Route, WebSocketRoute

from tests.cloud.stack import Stack
from tests.web.browser import running_chromium

TIMEOUT_MS = 30_000
_TURN = 400  # pixels
_PAUSE_MS = 200  # after a turn: what one rushes past is not fetched
_TURNS = TIMEOUT_MS // _PAUSE_MS
_MADE_BY_THE_WAY = {"content-encoding", "content-length", "transfer-encoding"}


def shown_in_gallery(stack: Stack, *image_ids: str) -> dict[str, str]:
    """Open the page, and return the address of the picture that it shows of each image."""

    def fetch(route: Route) -> None:
        asked = route.request
        answer = stack.client.request(
            asked.method, asked.url, headers=asked.headers, content=asked.post_data_buffer
        )
        told = {
            name: value for name, value in answer.headers.items() if name not in _MADE_BY_THE_WAY
        }
        route.fulfill(status=answer.status_code, headers=told, body=answer.content)

    def hang_up(socket: WebSocketRoute) -> None:
        socket.close()  # the page then asks instead

    with running_chromium() as browser:
        context = browser.new_context()
        context.route("**/*", fetch)
        context.route_web_socket("**/*", hang_up)
        page = context.new_page()
        page.goto(f"{stack.outputs['CdnUrl']}/")
        found = {}
        for image_id in image_ids:
            picture = _tile(page, image_id).locator("img").first
            picture.wait_for(timeout=TIMEOUT_MS)
            page.wait_for_function(
                "one => one.complete && one.naturalWidth > 0", arg=picture.element_handle()
            )
            found[image_id] = picture.evaluate("one => one.currentSrc")
        context.close()
        return found


def _tile(page: Page, image_id: str) -> Locator:
    """Scroll to an image from the top: only the tiles near the window exist."""
    tile = page.locator(f'a[href$="{image_id}"]')
    page.locator("ul.grid a").first.wait_for(timeout=TIMEOUT_MS)
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    for _ in range(_TURNS):
        if tile.count():
            break
        page.mouse.wheel(0, _TURN)
        page.wait_for_timeout(_PAUSE_MS)
    tile.scroll_into_view_if_needed(timeout=TIMEOUT_MS)
    return tile
