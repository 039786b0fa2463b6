"""Private pictures in real browsers: who has signed in sees one's own, and nobody else any."""

from __future__ import annotations

import re
import time
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.cloud.running import RunningCloud
from tests.web.browser import Troubles
from tests.web.conftest import NewBrowser, NewPerson
from tests.web.pixels import pixels, strongest
from tests.web.signing_in import PersonalBrowser
from tests.web.test_accessible import looked_at
from tests.web.test_looks import MODES, READ, flat
from tests.web.window import TIMEOUT_MS, Window, payload

PLAIN: dict[str, Any] = {
    "forced_colors": "none",
    "contrast": "no-preference",
    "color_scheme": "light",
}
ONLY_ME = "Only me (and admins)"
FINGER = 44  # pixels
REFUSED = r"status of 403 .*/p/"
LATER = "{ const now = Date.now; Date.now = () => now.call(Date) + 2 * 3600 * 1000; }"
SMALL = """(least) => [...document.querySelectorAll('main button, main select, main a[href], dialog button')]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
  .filter(([, box]) => box.height < least || box.width < least)
  .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)"""


@pytest.fixture(autouse=True)
def _refusals(troubles: Troubles) -> None:
    troubles.permit(REFUSED)


def add_private(window: Window, name: str) -> None:
    """Upload a picture that only its owner is to see, and wait until it is seen."""
    window.page.get_by_label("Who may see new pictures").select_option(ONLY_ME)
    window.choose(payload(name))
    window.is_at(name, "ready")
    expect(window.picture(name)).to_have_count(1, timeout=TIMEOUT_MS)


def address_of(window: Window, name: str) -> str:
    """Return where the page has a tile's picture from."""
    address: str = window.picture(name).evaluate("(one) => one.currentSrc")
    return address


def status_at(page: Page, address: str) -> int:
    """Return the status of an address that a person goes to in a tab of that browser."""
    with page.context.new_page() as tab:
        response = tab.goto(address)
        assert response is not None
        return response.status


def becomes(page: Page, address: str, status: int) -> None:
    """Wait until an address has this status: a page that is left ends its session meanwhile."""
    deadline = time.monotonic() + TIMEOUT_MS / 1000
    while (known := status_at(page, address)) != status and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert known == status


def is_seen(picture: Locator) -> None:
    """Wait until a picture has been decoded."""
    expect(picture).not_to_have_js_property("naturalWidth", 0, timeout=TIMEOUT_MS)
    picture.evaluate("(one) => one.decode()")
    expect(picture).to_be_visible(timeout=TIMEOUT_MS)


def sign_out(window: Window) -> None:
    """Sign out with the account's panel."""
    window.page.get_by_role("button", name="Account").click()
    window.page.get_by_role("button", name="Sign out").click()
    expect(window.page.get_by_role("button", name="Sign in")).to_be_visible(timeout=TIMEOUT_MS)


def test_a_private_picture_is_seen_by_its_owner_by_nobody_else_and_by_nobody_after_signing_out(
    new_browser: NewBrowser, new_person: NewPerson
) -> None:
    alice, bob = (new_browser().signed_in(new_person()) for _ in range(2))
    add_private(alice, "secret.jpg")
    expect(alice.tile("secret.jpg").get_by_text("Private")).to_be_visible()
    address = address_of(alice, "secret.jpg")
    assert re.fullmatch(rf"{re.escape(alice.address)}/p/[^?]+", address)  # and no signature

    assert status_at(alice.page, address) == 200
    assert status_at(bob.page, address) == 403
    sign_out(alice)

    becomes(alice.page, address, 403)
    assert status_at(bob.page, address) == 403


def test_an_admin_sees_another_persons_private_picture(
    new_browser: NewBrowser, new_person: NewPerson
) -> None:
    alice = new_browser().signed_in(new_person())
    add_private(alice, "secret.jpg")
    admin = new_browser().signed_in(new_person(admin=True))

    assert status_at(admin.page, address_of(alice, "secret.jpg")) == 200


def test_an_image_becomes_public_and_private_again_live(
    new_browser: NewBrowser, new_person: NewPerson
) -> None:
    alice, bob = (new_browser().signed_in(new_person()) for _ in range(2))
    add_private(alice, "beach.jpg")
    alice.open_image("beach.jpg")
    page = alice.page
    is_seen(page.locator(".compare-rendition"))
    page.get_by_role("button", name=re.compile("^Copy address \\(valid until ")).click()
    signed = page.evaluate("navigator.clipboard.readText()")
    assert status_at(bob.page, signed) == 200

    page.get_by_role("button", name="Make public…").click()
    page.get_by_role("button", name="Make public", exact=True).click()
    expect(page.get_by_role("tab", name="Markdown")).to_be_visible(timeout=TIMEOUT_MS)
    expect(page.get_by_text("Private", exact=True)).to_have_count(0)
    public = page.locator(".compare-rendition").get_attribute("src") or ""
    assert status_at(bob.page, public) == 200

    page.get_by_role("button", name="Make private").click()
    expect(page.get_by_text("Private", exact=True)).to_be_visible(timeout=TIMEOUT_MS)
    is_seen(page.locator(".compare-rendition[src*='/p/']"))
    alice.wait_until(
        lambda: httpx.get(public).status_code == 404
    )  # what bob's browser has is bob's


def test_pictures_come_by_themselves_once_there_is_a_cookie(
    new_browser: NewBrowser, new_person: NewPerson, troubles: Troubles
) -> None:
    troubles.permit("ERR_FAILED .*/api/session")
    browser, person = new_browser(), new_person()
    window = browser.signed_in(person)
    add_private(window, "secret.jpg")
    window.page.route("**/api/session", lambda route: route.abort())
    window.page.reload()
    expect(window.tile("secret.jpg").get_by_text("Private")).to_be_visible(timeout=TIMEOUT_MS)
    expect(window.tile("secret.jpg").locator("img")).to_have_count(0)  # and no broken one

    window.page.unroute("**/api/session")

    is_seen(window.picture("secret.jpg"))


def test_pictures_come_back_after_a_sleep_that_the_cookie_did_not_outlive(
    new_browser: NewBrowser, new_person: NewPerson
) -> None:
    browser = new_browser()
    window = browser.signed_in(new_person())
    add_private(window, "secret.jpg")
    browser.context.clear_cookies(name="__Secure-tintype")
    window.page.evaluate(LATER)  # no timer has run meanwhile

    window.open_image("secret.jpg")

    is_seen(window.page.locator(".compare-rendition[src*='/p/']"))
    names = [one["name"] for one in browser.context.cookies(f"{browser.address}/p/")]
    assert "__Secure-tintype" in names


def test_the_choice_is_remembered_and_public_pictures_stay_public(
    browser: PersonalBrowser, new_person: NewPerson
) -> None:
    window = browser.signed_in(new_person())
    choice = window.page.get_by_label("Who may see new pictures")
    expect(choice.locator("option:checked")).to_have_text("Anyone with the address")
    window.choose(payload("public.jpg"))
    window.is_at("public.jpg", "ready")
    expect(window.tile("public.jpg").get_by_text("Private")).to_have_count(0)
    add_private(window, "secret.jpg")

    window.page.reload()

    expect(choice.locator("option:checked")).to_have_text(ONLY_ME)


def test_signing_out_in_one_tab_takes_the_cookie_of_all(
    browser: PersonalBrowser, new_person: NewPerson, signing_in: RunningCloud
) -> None:
    first = browser.signed_in(new_person())
    second = browser.window()
    second.open_live()
    cookie = next(
        one for one in browser.context.cookies(f"{signing_in.outputs['CdnUrl']}/p/") if "tintype" in one["name"]
    )  # fmt: skip
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"

    sign_out(second)

    expect(first.page.get_by_role("button", name="Sign in")).to_be_visible(timeout=TIMEOUT_MS)
    deadline = time.monotonic() + TIMEOUT_MS / 1000
    while any(
        one["name"] == "__Secure-tintype"
        for one in browser.context.cookies(f"{browser.address}/p/")
    ):
        assert time.monotonic() < deadline, "the cookie outlives the session"
        first.page.wait_for_timeout(50)


@pytest.mark.parametrize("colour", ["white", "black"])
def test_the_badge_can_be_read_on_any_picture_in_any_colours_and_paper_has_nothing_to_choose(
    browser: PersonalBrowser, new_person: NewPerson, colour: str
) -> None:
    window = browser.signed_in(new_person())
    window.page.get_by_label("Who may see new pictures").select_option(ONLY_ME)
    window.choose(payload("flat.png", flat(colour), "image/png"))
    expect(window.picture("flat.png")).to_have_count(1, timeout=TIMEOUT_MS)
    badge = window.tile("flat.png").get_by_text("Private")

    for mode in MODES:
        window.page.emulate_media(reduced_motion="reduce", **(PLAIN | mode))
        assert strongest(pixels(badge)) > READ, mode
    window.page.emulate_media(media="print")
    expect(window.page.get_by_label("Who may see new pictures")).to_be_hidden()
    expect(badge).to_be_visible()


@pytest.mark.parametrize("widths", [(1280,), (390, 320)], ids=("desk", "phone"))
def test_axe_finds_nothing_about_private_pictures_and_fingers_hit(
    new_browser: NewBrowser, new_person: NewPerson, widths: tuple[int, ...]
) -> None:
    phone = widths[0] < 600
    options = {"has_touch": phone, "is_mobile": phone, "reduced_motion": "reduce"}
    browser = new_browser(viewport={"width": widths[0], "height": 750}, **options)
    window = browser.signed_in(new_person())
    window.page.get_by_label("Who may see new pictures").select_option(ONLY_ME)
    window.choose(payload("secret.jpg"), button="Add" if phone else "Add pictures")
    window.is_at("secret.jpg", "ready")
    fits(window, widths, phone=phone)
    window.page.goto(f"{window.address}/images/{window.tiles.get_attribute('data-id')}")
    is_seen(window.page.locator(".compare-rendition"))
    expect(window.page.get_by_text("Make this image public?")).to_be_hidden()
    fits(window, widths, phone=phone)
    window.page.get_by_role("button", name="Make public…").click()
    expect(window.page.get_by_role("dialog")).to_be_visible()
    fits(window, widths, phone=phone)


def fits(window: Window, widths: tuple[int, ...], *, phone: bool) -> None:
    """Look at a page in each width and theme; on a phone, fingers hit what there is."""
    for width in widths:
        looked_at(window, (width,))
        assert not phone or window.page.evaluate(SMALL, FINGER) == [], width
