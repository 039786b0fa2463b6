"""The whole way of a picture through the page: from the empty gallery to its deletion."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.cloud.operator import Operator
from tests.cloud.stack import Stack
from tests.metadata import private_exif
from tests.pictures import picture
from tests.web.window import Window, payload, photograph

NAME = "Strand – Café.jpg"


def test_a_picture_is_dropped_processed_compared_copied_and_deleted(
    window: Window, stack: Stack, operator: Operator
) -> None:
    window.open_live()
    page = window.page
    expect(page.get_by_role("button", name=re.compile("Drop your first pictures"))).to_be_visible()

    data = picture(1200, 800, quality=88, exif=private_exif())
    window.choose(payload(NAME, data), button="Drop your first pictures")
    expect(window.upload(NAME).locator("img")).to_have_attribute("src", re.compile("^blob:"))
    window.is_at(NAME, "ready")
    expect(window.picture(NAME)).to_be_visible()
    source = window.picture(NAME).evaluate("(image) => image.currentSrc")
    assert source.startswith(window.address)

    window.open_image(NAME)
    image_id = page.url.rsplit("/", 1)[-1]
    slider = page.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuenow", "50")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(slider).not_to_have_attribute("aria-valuenow", "50")
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0")
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuenow", "100")
    expect(page.get_by_text("GPS position")).to_be_visible()

    page.get_by_role("button", name="Copy URL of").first.click()
    expect(page.get_by_text("Copied", exact=True).first).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert stack.client.get(copied).status_code == 200
    for title, start in (("Markdown", "!["), ("cURL", "curl"), ("<picture>", "<picture")):
        page.get_by_role("tab", name=re.compile(re.escape(title), re.IGNORECASE)).click()
        expect(page.get_by_role("tabpanel").locator("code")).to_contain_text(start)

    page.get_by_role("button", name="Process again").click()
    expect(window.toast.filter(has_text="Nothing to do")).to_be_visible()
    operator.change_record(image_id, presetsRevision="older")
    page.get_by_role("button", name="Process again").click()
    expect(page.get_by_text(re.compile(r"version\s7\."))).to_be_visible()

    page.get_by_role("link", name="Gallery").click()
    window.delete(NAME)
    expect(window.tile(NAME)).to_have_count(0)
    window.toast.get_by_role("button", name="Undo").click()
    expect(window.tile(NAME)).to_be_visible()
    page.reload()
    expect(window.tile(NAME)).to_be_visible()

    window.delete(NAME)
    expect(window.toast.get_by_role("button", name="Undo")).to_be_visible()
    expect(window.toast.get_by_role("button", name="Undo")).to_have_count(0)
    assert stack.when(image_id, lambda image: image is None) is None
    page.reload()
    expect(page.get_by_role("button", name=re.compile("Drop your first pictures"))).to_be_visible()


def test_leaving_the_page_makes_a_deletion_final(window: Window, stack: Stack) -> None:
    image_id = stack.upload(photograph(), "leaving.jpg", "image/jpeg")
    stack.ready(image_id)
    window.open("/")

    window.delete("leaving.jpg")
    expect(window.toast.get_by_role("button", name="Undo")).to_be_visible()
    window.page.goto("about:blank")

    assert stack.when(image_id, lambda image: image is None, 10) is None


def test_the_image_page_offers_every_rendition_to_open_and_to_keep(
    window: Window, stack: Stack
) -> None:
    image = stack.ready(stack.upload(photograph(), "keep.jpg", "image/jpeg"))
    window.open(f"/images/{image['id']}")
    page = window.page

    rows = page.get_by_role("row").filter(has=page.get_by_role("link", name="Open"))
    expect(rows).to_have_count(len(image["renditions"]))
    addresses = [link.get_attribute("href") for link in page.get_by_role("link", name="Open").all()]
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download").first.click()

    assert addresses == [one["url"] for one in image["renditions"]]
    assert downloaded.value.suggested_filename.startswith("keep")
