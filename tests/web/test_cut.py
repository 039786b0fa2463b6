"""The line is cut in the middle of ten uploads: every image still ends, once, and the badge is honest.

`TINTYPE_CUTS=10` has each kind of cut repeated ten times, at another moment each time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.cloud.stack import Stack
from tests.web.browser import Troubles, set_network
from tests.web.window import TIMEOUT_MS, Window, payload, photograph

RUNS = int(os.environ.get("TINTYPE_CUTS", "1"))  # of each kind of cut
COUNT = 10
CUT_MS = 2_500
UPLOADING = 400_000  # bytes a second: ten photographs take some seconds

# Every stage that an upload showed, in order, by its file's name; and everything the badge said.
_RECORD = """
addEventListener('DOMContentLoaded', () => {
  window.stages = {};
  window.badges = [];
  const look = () => {
    for (const item of document.querySelectorAll('[data-stage]')) {
      const name = item.querySelector('bdi').textContent;
      const stages = (window.stages[name] ??= []);
      if (stages.at(-1) !== item.dataset.stage) stages.push(item.dataset.stage);
    }
    const badge = document.querySelector('[data-link]')?.dataset.link;
    if (badge && window.badges.at(-1) !== badge) window.badges.push(badge);
  };
  const changes = { subtree: true, childList: true, attributes: true, attributeFilter: ['data-stage', 'data-link'] };
  new MutationObserver(look).observe(document, changes);
});
"""
_ORDER = ("checking", "waiting", "uploading", "processing", "ready")


@dataclass
class Line:
    """The WebSockets of a page, which can be cut and mended."""

    open: list[WebSocketRoute] = field(default_factory=list)
    is_cut: bool = False
    refused: int = 0

    def route(self, socket: WebSocketRoute) -> None:
        """Let a socket through, or not."""
        if self.is_cut:
            self.refused += 1
            socket.close(code=1011, reason="cut")
        else:
            socket.connect_to_server()
            self.open.append(socket)

    def cut(self) -> None:
        """Break all that are open, and refuse new ones."""
        self.is_cut = True
        for socket in self.open:
            socket.close(code=1011, reason="cut")
        self.open.clear()

    def mend(self) -> None:
        """Let new ones through."""
        self.is_cut = False


@pytest.fixture
def line(window: Window) -> Line:
    line = Line()
    window.page.context.route_web_socket(re.compile("realtime"), line.route)
    window.page.add_init_script(_RECORD)
    return line


def cut_the_socket(window: Window, line: Line) -> None:
    line.cut()
    expect(window.badge).to_have_attribute("data-link", re.compile("polling|connecting"))
    window.page.wait_for_timeout(CUT_MS)
    assert window.badge.get_attribute("data-link") == "polling"
    line.mend()


def cut_the_network(window: Window, line: Line) -> None:
    window.page.context.set_offline(True)
    line.cut()
    expect(window.badge).to_have_attribute("data-link", "offline")
    window.page.wait_for_timeout(CUT_MS)
    assert window.badge.get_attribute("data-link") == "offline"
    line.mend()
    window.page.context.set_offline(False)


@pytest.mark.parametrize(
    ("cut", "run"),
    [(cut, run) for cut in (cut_the_socket, cut_the_network) for run in range(RUNS)],
)
def test_every_image_ends_once_though_the_line_is_cut(
    window: Window,
    stack: Stack,
    troubles: Troubles,
    line: Line,
    cut: Callable[[Window, Line], None],
    run: int,
) -> None:
    troubles.permit("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED", "WebSocket connection to")
    names = [f"cut {run}.{number}.jpg" for number in range(COUNT)]
    window.page.emulate_media(reduced_motion="reduce")  # tiles that shimmer take the processor
    window.open_live()
    set_network(window.page, bytes_per_second=UPLOADING)
    window.drop(*(payload(name, photograph()) for name in names))
    expect(window.page.locator(f"[data-stage={_ORDER[2 + run % 3]}]").first).to_be_attached()

    cut(window, line)

    expect(window.page.locator("[data-stage=ready]")).to_have_count(COUNT, timeout=2 * TIMEOUT_MS)
    window.is_live()
    expect(window.page.locator("img.appeared")).to_have_count(COUNT)
    for name in names:
        expect(window.tile(name)).to_have_count(1)
    stages = window.page.evaluate("window.stages")
    for name in names:
        assert stages[name] == sorted(stages[name], key=_ORDER.index), "none goes back"
        assert stages[name].count("ready") == 1, "each ends once"
    assert window.page.evaluate("window.badges").count("live") == 2, "before and after"
    there = stack.request("GET", "/images", params={"limit": "100"}).json()["images"]
    assert sorted(one["filename"] for one in there) == names, "none was uploaded twice"


def test_what_happens_elsewhere_during_a_cut_is_told_afterwards(
    window: Window, stack: Stack, line: Line, troubles: Troubles
) -> None:
    troubles.permit("WebSocket connection to", r"status of 404 .*/api/images/")
    old = stack.upload(photograph(600, 400), "old.jpg", "image/jpeg")
    stack.ready(old)
    window.open_live()
    expect(window.tile("old.jpg")).to_be_visible()
    line.cut()
    expect(window.badge).to_have_attribute("data-link", "polling")
    stack.request("DELETE", f"/images/{old}").raise_for_status()
    stack.ready(stack.upload(photograph(600, 400), "new.jpg", "image/jpeg"))

    expect(window.tile("new.jpg")).to_be_visible()
    expect(window.tile("old.jpg")).to_have_count(0)
    assert window.badge.get_attribute("data-link") == "polling", "it was told by asking"
    line.mend()
    window.is_live()
    expect(window.tiles).to_have_count(1)
