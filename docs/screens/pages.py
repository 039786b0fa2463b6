"""Draws docs/pictures/page-*.webp: the page at work, for the README.

    uv run --frozen --all-extras python -m docs.screens.pages

It starts a local cloud of its own, and uploads what `photographs.py` makes, one of them cut short.
Chromium must be installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import pyvips
from playwright.sync_api import Browser, expect

from docs.screens.photographs import photographs
from tests.cloud.running import running_cloud
from tests.web.browser import running_chromium, set_network
from tests.web.window import Window, payload
from tintype.outputs import Output

PICTURES = Path(__file__).resolve().parents[1] / "pictures"
WIDE, PHONE = (1280, 860), (390, 780)  # of windows, in pixels
TALL, LOW = (1280, 1400), (1280, 600)
MOST_BYTES = 120_000
QUALITIES = range(86, 40, -4)
SLOWLY = 400_000  # bytes a second, so that there is something to be seen of uploading
TIMEOUT_MS = 120_000
MOMENT_MS = 1_800  # what fades in has faded in
GAP = 40  # pixels between two phones
EARLY, HALF = 7, 300_000  # photographs; bytes of one that was torn
SHOWN, TORN = "mirror lake.jpg", "torn in half.jpg"


@contextmanager
def window(
    browser: Browser,
    address: str,
    size: tuple[int, int] = WIDE,
    *,
    scheme: Literal["dark", "light"] = "light",
) -> Iterator[Window]:
    """Open a window that nobody used before; one as small as a phone is one."""
    width, height = size
    phone = size == PHONE
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=2 if phone else 1,
        color_scheme=scheme,
        has_touch=phone,
        is_mobile=phone,
    )
    try:
        yield Window(context.new_page(), address)
    finally:
        context.close()


def seen(shown: Window) -> pyvips.Image:
    """Return what a window shows, once it stands still."""
    shown.page.mouse.move(2, 2)
    shown.page.wait_for_timeout(MOMENT_MS)
    return pyvips.Image.new_from_buffer(shown.page.screenshot(), "")


def keep(picture: pyvips.Image, name: str) -> None:
    """Write a picture, at the best quality that a page full of them can bear."""
    for quality in QUALITIES:
        data: bytes = picture.webpsave_buffer(Q=quality, effort=6, smart_subsample=True)
        if len(data) <= MOST_BYTES:
            break
    path = PICTURES / f"page-{name}.webp"
    path.write_bytes(data)
    print(f"{path.name}: {len(data)} bytes, quality {quality}")  # noqa: T201 - a script's answer


def upload(shown: Window) -> None:
    """Send all photographs, keep what that looks like half-way, and wait for the end."""
    files = [payload(one.name, one.data) for one in photographs()]
    early, late = files[:EARLY], files[EARLY:]
    late.insert(1, payload(TORN, late[-1]["buffer"][:HALF]))
    ready = shown.page.locator("[data-stage=ready]")
    shown.open_live()
    shown.choose(*early)
    expect(ready).to_have_count(len(early))
    shown.page.get_by_role("button", name="Clear").click()
    set_network(shown.page, bytes_per_second=SLOWLY)
    shown.choose(*late)
    expect(ready.first).to_be_attached()
    keep(seen(shown), "upload")
    set_network(shown.page)
    expect(ready).to_have_count(len(late) - 1)


def gallery(shown: Window) -> pyvips.Image:
    """Return the gallery with its pictures."""
    shown.open_live()
    expect(shown.page.locator("img.appeared").nth(5)).to_be_visible()
    return seen(shown)


def image(shown: Window) -> pyvips.Image:
    """Return an image's page, compared with its original."""
    shown.open_live()
    shown.open_image(SHOWN)
    slider = shown.page.get_by_role("slider")
    slider.hover()
    slider.focus()
    expect(shown.page.get_by_text("Original", exact=True).first).to_be_visible()
    slider.blur()
    return seen(shown)


def failure(shown: Window) -> pyvips.Image:
    """Return the page of the photograph that was cut short."""
    shown.open_live()
    shown.open_image(TORN)
    expect(shown.page.get_by_role("main")).to_contain_text(re.compile("truncated"))
    return seen(shown)


def side_by_side(left: pyvips.Image, right: pyvips.Image) -> pyvips.Image:
    """Return two pictures as one, with a gap that shows what is behind."""
    return left.addalpha().join(right.addalpha(), "horizontal", shim=GAP, background=[0, 0, 0, 0])


def main() -> None:
    """Draw all pictures."""
    expect.set_options(timeout=TIMEOUT_MS)
    with (
        TemporaryDirectory() as state,
        running_cloud(Path(state)) as cloud,
        running_chromium() as browser,
    ):
        address = cloud.outputs[Output.CDN_URL]
        with window(browser, address) as shown:
            upload(shown)
        with window(browser, address) as shown:
            keep(gallery(shown), "gallery")
        with window(browser, address, TALL) as shown:
            keep(image(shown), "image")
        with window(browser, address, LOW) as shown:
            keep(failure(shown), "failure")
        with window(browser, address, scheme="dark") as shown:
            keep(gallery(shown), "dark")
        with window(browser, address, PHONE) as phone:
            keep(side_by_side(gallery(phone), image(phone)), "phone")


if __name__ == "__main__":
    main()
