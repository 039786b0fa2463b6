"""The deployed page in a browser that finds the stack at its own addresses."""

from __future__ import annotations

from playwright.sync_api import Route, WebSocketRoute

from tests.cloud.stack import Stack
from tests.web.browser import running_chromium

PATIENCE_MS = 30_000
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
            tile = page.locator(f'a[href$="{image_id}"] img').first
            tile.wait_for(timeout=PATIENCE_MS)
            page.wait_for_function(
                "one => one.complete && one.naturalWidth > 0", arg=tile.element_handle()
            )
            found[image_id] = tile.evaluate("one => one.currentSrc")
        context.close()
        return found
