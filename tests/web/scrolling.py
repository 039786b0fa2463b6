"""What a window shows while one scrolls: blank areas by the frame, and what it costs in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

# Looks in every frame at a grid of points of the window below the header. A point is blank if there
# and around it is neither a tile nor its placeholder, or if the list ends though there are more images.
SAMPLER = """() => {
  const state = { frames: 0, blank: 0, longest: 0, longestRun: 0, run: 0, longestFrame: 0, since: null, last: null, on: true };
  const bare = (x, y) => {
    const found = document.elementFromPoint(x, y);
    if (!found) return false;
    const tile = found.closest('li[data-id]');
    if (tile) {
      const open = tile.querySelector('.tile-open');
      const style = getComputedStyle(open);
      return !tile.querySelector('.plate, .tile-failed, img.appeared')
        && style.backgroundImage === 'none' && style.backgroundColor === 'rgba(0, 0, 0, 0)';
    }
    return found.matches('ul.grid, main, body, html, tt-grid, tt-gallery, .gallery-foot, .gallery-wait');
  };
  const isBlank = (x, y) =>
    bare(x, y) && bare(x - 14, y) && bare(x + 14, y) && bare(x, y - 14) && bare(x, y + 14);
  const look = () => {
    const grid = document.querySelector('ul.grid')?.getBoundingClientRect();
    if (!grid) return true;
    const more = document.querySelector('.gallery-foot') !== null;
    const top = Math.max(100, grid.top + 20);
    const bottom = more ? innerHeight - 20 : Math.min(innerHeight - 20, grid.bottom - 340);
    for (let y = top; y < bottom; y += 60)
      for (let x = grid.left + 40; x < grid.right - 40; x += 90) if (isBlank(x, y)) return true;
    return false;
  };
  const frame = (now) => {
    if (!state.on) return;
    if (state.last !== null) state.longestFrame = Math.max(state.longestFrame, now - state.last);
    state.last = now;
    state.frames += 1;
    if (look()) {
      state.blank += 1;
      state.run += 1;
      state.longestRun = Math.max(state.longestRun, state.run);
      state.since ??= now;
      state.longest = Math.max(state.longest, now - state.since);
    } else {
      if (state.since !== null) state.longest = Math.max(state.longest, now - state.since);
      state.since = null;
      state.run = 0;
    }
    requestAnimationFrame(frame);
  };
  window.scrolled = state;
  requestAnimationFrame(frame);
}"""
_MEGA = 1e6


@dataclass(frozen=True)
class Cost:
    """What a page takes of its computer: bytes, and numbers of nodes."""

    heap: int
    nodes: int
    renderer: int
    browser: int

    def __str__(self) -> str:
        return (
            f"JavaScript heap {self.heap / _MEGA:.0f} MB, {self.nodes} nodes, the page's process "
            f"{self.renderer / _MEGA:.0f} MB, the whole browser {self.browser / _MEGA:.0f} MB (PSS)"
        )


def cost(page: Page, browser: Browser) -> Cost:
    """Measure a page as it is: with all that Chromium keeps for later, and what it shares by its part."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    told = session.send("Performance.getMetrics")["metrics"]
    metrics = {one["name"]: one["value"] for one in told}
    session.detach()
    sizes = _sizes(browser)
    return Cost(
        heap=int(metrics["JSHeapUsedSize"]),
        nodes=page.evaluate("document.querySelectorAll('*').length"),
        renderer=_largest_page(sizes),
        browser=sum(size for _, size in sizes),
    )


def page_memory(browser: Browser) -> int:
    """Return what the page's process has, in bytes (PSS)."""
    return _largest_page(_sizes(browser))


def wheel(session: CDPSession, pixels: int) -> None:
    """Turn the wheel over the middle of the window."""
    place: dict[str, Any] = {"x": 640, "y": 400, "deltaX": 0, "deltaY": pixels}
    session.send("Input.dispatchMouseEvent", {"type": "mouseWheel", **place})


def _sizes(browser: Browser) -> list[tuple[str, int]]:
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return [(one["type"], _proportional(one["id"])) for one in processes]


def _largest_page(sizes: list[tuple[str, int]]) -> int:
    """Return the largest: the others are spare ones, or of a context that is closing."""
    return max(size for kind, size in sizes if kind == "renderer")


def _proportional(pid: int) -> int:
    """Return a process's memory, what it shares with others by its part of it."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
