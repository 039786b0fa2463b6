"""Every way of a file into the page, and what stops it there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.cloud.stack import Stack
from tests.pictures import picture
from tests.web.browser import Troubles, set_network
from tests.web.conftest import NewWindow
from tests.web.window import Window, payload, photograph
from tintype.imaging.formats import Format

SLOW = 60_000  # bytes a second
MAX_BYTES = 50_000_000
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<!doctype html><title>x</title><script>alert(1)</script>"
REFUSED = {
    "page.jpg": (HTML, "SVG and other markup is not supported"),
    "empty.jpg": (b"", "the file is empty"),
    "notes.jpg": (b"just words", "not a known image format"),
    "paper.jpg": (b"%PDF-1.7\n", "PDF is not supported"),
    "film.jpg": (b"\0\0\0\x18ftypmp42\0\0\0\0", "video is not supported"),
}


def test_dropped_files_are_uploaded_wherever_they_fall(window: Window) -> None:
    window.open_live()
    window.drop(payload("dropped.jpg"), payload("second.jpg"))

    window.is_at("dropped.jpg", "ready")
    window.is_at("second.jpg", "ready")
    expect(window.picture("dropped.jpg")).to_be_visible()


def test_files_dropped_on_an_images_page_are_uploaded_as_well(window: Window, stack: Stack) -> None:
    image = stack.ready(stack.upload(photograph(), "there.jpg", "image/jpeg"))
    window.open_live(f"/images/{image['id']}")
    window.drop(payload("dropped.jpg"))

    window.is_at("dropped.jpg", "ready")


def test_a_hovering_file_is_invited_and_forgotten_when_it_leaves(window: Window) -> None:
    window.open("/")
    hover = """(kind) => {
      const data = new DataTransfer();
      data.items.add(new File(['x'], 'x.jpg', { type: 'image/jpeg' }));
      document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true }));
    }"""
    window.page.evaluate(hover, "dragenter")
    expect(window.page.get_by_text("Drop to upload")).to_be_visible()
    window.page.evaluate(hover, "dragleave")
    expect(window.page.get_by_text("Drop to upload")).to_have_count(0)


def test_a_pasted_screenshot_is_named_after_the_moment(window: Window) -> None:
    window.open_live()
    window.paste(payload("image.png", picture(300, 200, Format.PNG), "image/png"))

    expect(window.upload(re.compile(r"^Pasted \d{4}-\d\d-\d\d"))).to_have_attribute(
        "data-stage", "ready"
    )


@pytest.fixture
def holiday(tmp_path: Path) -> Path:
    """Return a folder with two images, one of them deeper, and what a folder has besides."""
    folder = tmp_path / "holiday"
    (folder / "deeper").mkdir(parents=True)
    (folder / ".trash").mkdir()
    (folder / "one.jpg").write_bytes(photograph())
    (folder / "deeper" / "two.jpg").write_bytes(photograph(600, 400))
    (folder / "notes.txt").write_text("not an image", encoding="utf-8")
    (folder / ".hidden.jpg").write_bytes(photograph())
    (folder / ".trash" / "old.jpg").write_bytes(photograph())
    return folder


def test_a_chosen_folder_brings_its_images_and_leaves_the_rest(
    window: Window, holiday: Path
) -> None:
    window.open_live()
    with window.page.expect_file_chooser() as opened:
        window.page.get_by_role("button", name="Add a folder").click()
    opened.value.set_files(holiday)

    window.is_at("one.jpg", "ready")
    window.is_at("two.jpg", "ready")
    expect(window.page.locator("[data-stage]")).to_have_count(2)


def test_a_dropped_folder_brings_its_images_beside_dropped_files(
    window: Window, holiday: Path, tmp_path: Path
) -> None:
    loose = tmp_path / "loose.jpg"
    loose.write_bytes(photograph(600, 400))
    window.open_live()
    window.drop_from_disk(holiday, loose)

    for name in ("one.jpg", "two.jpg", "loose.jpg"):
        window.is_at(name, "ready")
    expect(window.page.locator("[data-stage]")).to_have_count(3)


def test_a_folder_of_hundreds_is_read_to_its_end(window: Window, tmp_path: Path) -> None:
    for number in range(250):  # browsers tell a hundred at a time
        (tmp_path / f"{number:03}.jpg").write_bytes(b"not an image")
    window.open_live()
    window.drop_from_disk(tmp_path)

    expect(window.page.locator("[data-stage=refused]")).to_have_count(250)


def test_a_folder_without_pictures_is_answered(window: Window, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not an image", encoding="utf-8")
    window.open_live()
    window.drop_from_disk(tmp_path)

    expect(window.toast).to_contain_text("It contains no images.")
    expect(window.tray).to_have_count(0)


def test_a_phone_offers_its_camera(new_window: NewWindow) -> None:
    phone = new_window(390, 844, has_touch=True, is_mobile=True)
    phone.open_live()

    with phone.page.expect_file_chooser() as opened:
        phone.page.get_by_role("button", name="Take a picture").tap()
    camera = opened.value.element
    opened.value.set_files([payload("IMG_0001.jpg")])

    assert camera.get_attribute("capture") == "environment"
    assert "image/*" in (camera.get_attribute("accept") or "").split(",")
    assert not opened.value.is_multiple()
    expect(phone.picture("IMG_0001.jpg")).to_be_visible()


def test_only_what_can_be_touched_offers_a_camera_and_only_the_rest_folders(
    new_window: NewWindow,
) -> None:
    phone = new_window(390, 844, has_touch=True, is_mobile=True)
    desk = new_window()
    phone.open("/")
    desk.open("/")

    for window, offered, missing in (
        (phone, "Take a picture", "Add a folder"),
        (desk, "Add a folder", "Take a picture"),
    ):
        expect(window.page.get_by_role("button", name=offered)).to_be_visible()
        expect(window.page.get_by_role("button", name=missing)).to_have_count(0)


def test_twenty_at_once_all_become_ready_without_a_reload(new_window: NewWindow) -> None:
    names = [f"many {number:02}.jpg" for number in range(20)]
    window = new_window(reduced_motion="reduce")  # twenty tiles that shimmer take the processor
    window.open_live()
    window.drop(*(payload(name, photograph(300 + 2 * at, 200)) for at, name in enumerate(names)))

    expect(window.page.locator("[data-stage=ready]")).to_have_count(20, timeout=60_000)
    expect(window.tiles).to_have_count(20)
    for name in names:
        expect(window.tile(name)).to_have_count(1)


def test_an_upload_shows_its_progress_and_how_long_it_will_take(window: Window) -> None:
    window.open_live()
    set_network(window.page, bytes_per_second=SLOW)
    window.drop(payload("slow.jpg"))

    bar = window.upload("slow.jpg").get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-label", re.compile(r"slow\.jpg: \d+ % uploaded"))
    expect(window.upload("slow.jpg")).to_contain_text(re.compile(r"of .*B/s.*left"))
    set_network(window.page)
    window.is_at("slow.jpg", "ready")


def test_a_cancelled_upload_leaves_nothing_and_can_be_tried_again(
    window: Window, stack: Stack
) -> None:
    window.open_live()
    set_network(window.page, bytes_per_second=SLOW)
    with window.page.expect_response("**/api/uploads") as told:
        window.drop(payload("hesitant.jpg"))
    image_id = told.value.json()["imageId"]
    expect(window.upload("hesitant.jpg").get_by_role("progressbar")).to_be_visible()
    window.page.get_by_role("button", name="Cancel hesitant.jpg").click()
    window.is_at("hesitant.jpg", "cancelled")
    expect(window.tile("hesitant.jpg")).to_have_count(0)
    assert stack.when(image_id, lambda image: image is None) is None
    assert stack.request("GET", "/images").json()["images"] == []

    set_network(window.page)
    window.page.get_by_role("button", name="Try hesitant.jpg again").click()
    window.is_at("hesitant.jpg", "ready")
    expect(window.tile("hesitant.jpg")).to_have_count(1)


def test_what_is_no_image_is_refused_before_a_byte_is_sent(window: Window) -> None:
    window.open_live()
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(request.method))
    window.choose(*(payload(name, data) for name, (data, _) in REFUSED.items()))

    for name, (_, reason) in REFUSED.items():
        window.is_at(name, "refused")
        expect(window.upload(name)).to_contain_text(reason)
    assert not {"POST", "PUT"} & set(asked)


def test_a_drawing_is_refused_in_the_words_of_the_stack_before_a_byte_is_sent(
    window: Window, troubles: Troubles
) -> None:
    troubles.permit(r"status of 415 .*/api/uploads\)$")
    window.open_live()
    asked: list[str] = []
    window.page.on("request", lambda request: asked.append(request.method))
    window.choose(payload("drawing.jpg", SVG))

    window.is_at("drawing.jpg", "refused")
    expect(window.upload("drawing.jpg")).to_contain_text("only with `svg = true` in [limits]")
    assert "PUT" not in asked


def test_a_file_above_the_limit_is_refused_with_both_numbers(
    window: Window, tmp_path: Path
) -> None:
    large = tmp_path / "large.jpg"
    with large.open("wb") as file:  # with a hole: it has the size and takes no room
        file.write(photograph())
        file.truncate(MAX_BYTES + 1)
    window.open_live()

    with window.page.expect_file_chooser() as opened:
        window.page.get_by_role("button", name="Add pictures").click()
    opened.value.set_files(large)

    window.is_at("large.jpg", "refused")
    expect(window.upload("large.jpg")).to_contain_text("50,000,001 bytes; the limit is 50,000,000")


def test_a_cut_off_photograph_fails_with_its_reason_in_words(window: Window) -> None:
    window.open_live()
    window.choose(payload("cut.jpg", photograph()[: len(photograph()) // 2]))

    window.is_at("cut.jpg", "failed")
    expect(window.upload("cut.jpg")).to_contain_text("the transfer was probably cut off")
    window.open_image("cut.jpg")
    expect(window.page.get_by_role("main")).to_contain_text("truncated_image")
    expect(window.page.get_by_role("main")).to_contain_text("the transfer was probably cut off")


def test_leaving_asks_while_something_is_being_sent_and_not_afterwards(window: Window) -> None:
    window.open_live()
    troubles = asked(window)
    set_network(window.page, bytes_per_second=SLOW)
    window.choose(payload("leaving.jpg"))
    expect(window.upload("leaving.jpg").get_by_role("progressbar")).to_be_visible()
    with window.page.expect_event("dialog"):
        window.page.evaluate("setTimeout(() => location.reload())")
    assert troubles == ["beforeunload"]

    set_network(window.page)
    window.is_at("leaving.jpg", "ready")
    window.page.reload()
    assert troubles == ["beforeunload"]


def asked(window: Window) -> list[str]:
    """Return the kinds of the dialogs that the window opens from now on."""
    kinds: list[str] = []
    window.page.on("dialog", lambda dialog: kinds.append(dialog.type))
    return kinds


def test_a_reload_picks_up_what_is_still_being_processed(window: Window, stack: Stack) -> None:
    window.open_live()
    window.page.route("**/*", take_in_vain)
    tickets = {}
    for name in ("one.jpg", "two.jpg"):
        with window.page.expect_response("**/api/uploads") as told:
            window.drop(payload(name))
        tickets[name] = told.value.json()
        window.is_at(name, "processing")
    window.page.unroute_all()
    window.page.reload()

    for name in tickets:
        window.is_at(name, "processing")
    for ticket in tickets.values():
        stack.put(ticket, photograph()).raise_for_status()
    for name in tickets:
        window.is_at(name, "ready")
    expect(window.page.locator("img.appeared")).to_have_count(2)


def take_in_vain(route: Route) -> None:
    """Tell a page that S3 has its bytes, which never reach it."""
    if route.request.method == "PUT":
        shown = {"access-control-allow-origin": "*", "access-control-expose-headers": "etag"}
        route.fulfill(headers={**shown, "etag": '"none"'})
    else:
        route.fallback()
