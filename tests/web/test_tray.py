"""The tray of uploads: there while something goes on, and in nobody's way afterwards or elsewhere."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.cloud.stack import Stack
from tests.web.conftest import NewWindow
from tests.web.window import Window, payload, photograph

A_MOMENT_MS = 100  # enough to show what was done
A_WHILE_MS = 20_000  # longer than anything waits before it folds
PHONE = {"has_touch": True, "is_mobile": True}


def open_with_a_clock(window: Window) -> None:
    """Go to the gallery, where time passes only if it is made to."""
    window.open_live()
    window.hold_clock()


def comes_to(window: Window, name: str, stage: str) -> None:
    """Let time pass until an upload is at that stage, and no further."""
    there = window.upload(name).and_(window.page.locator(f"[data-stage={stage}]"))
    window.let_pass_until(lambda: there.count() == 1)


def let_pass(window: Window, milliseconds: int = A_MOMENT_MS) -> None:
    """Let time pass: without any, the page shows nothing new."""
    window.page.clock.run_for(milliseconds)


def toggle(window: Window, *, is_open: bool) -> Locator:
    """Find the tray's button, which says whether the tray is open."""
    return window.tray.get_by_role("button", expanded=is_open)


def test_it_opens_for_new_pictures_and_folds_when_all_are_ready(window: Window) -> None:
    open_with_a_clock(window)
    window.drop(payload("first.jpg"))
    window.let_pass_until(toggle(window, is_open=True).is_visible)
    comes_to(window, "first.jpg", "ready")
    let_pass(window, A_WHILE_MS)

    expect(toggle(window, is_open=False)).to_have_text("1 ready")
    expect(window.upload("first.jpg")).to_be_hidden()
    window.drop(payload("second.jpg"))
    window.let_pass_until(toggle(window, is_open=True).is_visible)
    expect(window.upload("second.jpg")).to_be_visible()


def test_it_stays_open_where_something_failed_until_that_is_dismissed(window: Window) -> None:
    open_with_a_clock(window)
    window.drop(payload("good.jpg"), payload("bad.jpg", b"%PDF-1.7"))
    comes_to(window, "good.jpg", "ready")
    comes_to(window, "bad.jpg", "refused")
    let_pass(window, 2 * A_WHILE_MS)
    expect(toggle(window, is_open=True)).to_have_text("1 ready, 1 failed")

    window.page.get_by_role("button", name="Dismiss bad.jpg").click()
    let_pass(window)
    window.page.mouse.move(10, 300)
    expect(toggle(window, is_open=True)).to_have_text("1 ready")
    let_pass(window, A_WHILE_MS)
    expect(toggle(window, is_open=False)).to_have_text("1 ready")


def test_an_images_page_keeps_its_room_and_what_somebody_chose_holds_on_every_page(
    window: Window, stack: Stack
) -> None:
    image = stack.ready(stack.upload(photograph(), "there.jpg", "image/jpeg"))
    window.open_live(f"/images/{image['id']}")
    window.drop(payload("one.jpg"), payload("two.jpg", b"%PDF-1.7"))
    window.is_at("one.jpg", "ready")
    expect(toggle(window, is_open=False)).to_have_text("1 ready, 1 failed")
    window.page.get_by_role("link", name="Gallery").click()
    expect(toggle(window, is_open=True)).to_be_visible()

    toggle(window, is_open=True).click()
    window.open_image("there.jpg")
    expect(toggle(window, is_open=False)).to_be_visible()
    window.page.go_back()
    expect(window.tile("there.jpg")).to_be_visible()
    expect(toggle(window, is_open=False)).to_be_visible()

    toggle(window, is_open=False).click()
    window.open_image("there.jpg")
    expect(toggle(window, is_open=True)).to_be_visible()
    expect(window.upload("one.jpg")).to_be_visible()


def test_on_a_phone_it_is_a_line_below_which_nothing_is_hidden(
    new_window: NewWindow, stack: Stack
) -> None:
    image = stack.ready(stack.upload(photograph(), "there.jpg", "image/jpeg"))
    phone = new_window(390, 844, **PHONE)
    phone.open_live(f"/images/{image['id']}")
    phone.choose(payload("phone.jpg"), payload("bad.jpg", b"%PDF-1.7"), button="Add")
    phone.is_at("phone.jpg", "ready")
    expect(toggle(phone, is_open=False)).to_have_text("1 ready, 1 failed")

    phone.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    tray = phone.tray.bounding_box()
    end = phone.page.evaluate(
        "Math.max(...[...document.querySelectorAll('main *:not(pre *)')].map((one) => one.getBoundingClientRect().bottom))"
    )
    assert tray is not None
    assert tray["height"] <= 64
    assert end <= tray["y"]


def test_the_keyboard_opens_it_goes_through_it_and_closes_it(window: Window) -> None:
    open_with_a_clock(window)
    window.drop(payload("keys.jpg"))
    comes_to(window, "keys.jpg", "ready")
    let_pass(window, A_WHILE_MS)
    toggle(window, is_open=False).focus()
    window.page.keyboard.press("Enter")
    let_pass(window)
    expect(toggle(window, is_open=True)).to_be_focused()
    listed = toggle(window, is_open=True).get_attribute("aria-controls")
    expect(window.page.locator(f"#{listed}")).to_contain_text("keys.jpg")
    for name in ("Clear finished uploads", "keys.jpg", "Dismiss keys.jpg"):
        window.page.keyboard.press("Tab")
        expect(window.page.locator(":focus")).to_have_accessible_name(name)

    window.page.keyboard.press("Escape")
    let_pass(window)
    expect(toggle(window, is_open=False)).to_be_focused()


def test_it_does_not_fold_under_the_keys_of_somebody_who_is_in_it(window: Window) -> None:
    open_with_a_clock(window)
    window.drop(payload("keys.jpg"))
    comes_to(window, "keys.jpg", "ready")
    toggle(window, is_open=True).focus()
    window.page.keyboard.press("Tab")
    let_pass(window, 2 * A_WHILE_MS)
    expect(toggle(window, is_open=True)).to_be_visible()

    window.page.get_by_role("button", name="Add pictures").focus()
    let_pass(window, A_WHILE_MS)
    expect(toggle(window, is_open=False)).to_be_visible()


def test_what_happens_is_said_though_it_is_folded(new_window: NewWindow) -> None:
    phone = new_window(390, 844, **PHONE)
    phone.open_live()
    phone.choose(payload("said.jpg"), payload("bad.jpg", b""), button="Add")

    said = phone.page.get_by_role("status").filter(has_text="bad.jpg")
    expect(said).to_contain_text(re.compile("bad.jpg.*not accepted, the file is empty"))
    expect(phone.page.get_by_role("status").filter(has_text="said.jpg")).to_contain_text("is ready")
