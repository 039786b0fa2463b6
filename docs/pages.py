# ruff: noqa: INP001 -- a script, no package
"""Draws docs/page-*.webp: the page at work, with photographs of your own.

    uv run --all-extras python -m docs.pages FOLDER

A fresh local cloud must run in this folder (`make up`); FOLDER holds the photographs, and one of them is sent
once more, cut short, to show a failure. The pictures in the README show ours.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pyvips
from playwright.sync_api import Browser, Page

from tests.web.browser import running_chromium
from tintype.local.state import find_address

HERE = Path(__file__).resolve().parent
WIDE, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
SECONDS = 60_000  # in milliseconds, as Playwright counts


def keep(page: Page, name: str) -> None:
    """Write what the page shows."""
    page.wait_for_timeout(1_200)  # what fades in has faded in
    picture = pyvips.Image.new_from_buffer(page.screenshot(), "")
    picture.webpsave(str(HERE / f"page-{name}.webp"), Q=82, effort=5)


def upload(page: Page, files: list[Path]) -> None:
    """Choose *files*, and wait until all have ended."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add").first.click()
    chooser.value.set_files(files)
    page.wait_for_timeout(900)
    keep(page, "upload")
    page.wait_for_function(
        "!document.querySelector('[data-stage=waiting],[data-stage=uploading],[data-stage=developing]')",
        timeout=SECONDS,
    )


def show(browser: Browser, url: str, files: list[Path]) -> None:
    """Go through the page as a person does."""
    page = browser.new_page(viewport=WIDE)
    page.goto(url)
    page.get_by_role("heading").first.wait_for()
    upload(page, files)
    keep(page, "gallery")
    page.close()
    for name, scheme, viewport in (("image", "light", WIDE), ("dark", "dark", WIDE)):
        page = browser.new_page(viewport=viewport, color_scheme=scheme)
        page.goto(url)
        page.locator("a[href^='/images/']:has(img)").last.click()
        page.get_by_role("slider").first.wait_for(timeout=SECONDS)
        keep(page, name)
        page.close()
    page = browser.new_page(viewport=WIDE)
    page.goto(url)
    page.get_by_role("button", name="Failed").first.click()
    page.locator("a[href^='/images/']").first.click()
    keep(page, "failure")
    page.close()
    page = browser.new_page(viewport=PHONE, device_scale_factor=2)
    page.goto(url)
    keep(page, "phone")
    page.close()


def main(folder: Path) -> None:
    """Draw all pictures."""
    address = find_address(Path(".tintype"))
    if address is None:
        sys.exit("No local cloud runs in this folder; start one with: make up")
    photos = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".jpg", ".png"})
    with TemporaryDirectory() as temporary, running_chromium() as browser:
        torn = Path(temporary) / "torn.jpg"
        data = next(path for path in photos if path.suffix == ".jpg").read_bytes()
        torn.write_bytes(data[: len(data) // 3])
        show(browser, address.outputs["CdnUrl"], [*photos, torn])


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
