"""A stack where one signs in: a real Chromium, two people and an admin, at the local cloud's sign-in page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Route, expect

from tests.cloud.operator import Operator
from tests.cloud.running import RunningCloud
from tests.web.axe import violations
from tests.web.browser import Troubles
from tests.web.conftest import NewBrowser, NewPerson
from tests.web.pixels import pixels, strongest
from tests.web.signing_in import PersonalBrowser, give_password
from tests.web.test_accessible import looked_at
from tests.web.test_looks import MODES, READ
from tests.web.test_private import PLAIN
from tests.web.window import TIMEOUT_MS, Window, payload


def add_picture(window: Window, name: str) -> None:
    """Upload a picture, and wait until it is ready."""
    window.choose(payload(name))
    window.is_at(name, "ready")


def test_a_person_signs_in_uploads_and_is_still_signed_in_after_a_reload(
    browser: PersonalBrowser, new_person: NewPerson
) -> None:
    person = new_person()
    window = browser.signed_in(person)
    expect(window.page).to_have_url(f"{browser.address}/")
    expect(window.page.get_by_role("button", name=f"Account: {person.email}")).to_be_visible()

    add_picture(window, "mine.jpg")
    window.page.reload()

    window.is_live()
    expect(window.tile("mine.jpg")).to_be_visible()


def test_the_page_comes_back_to_where_one_was(
    browser: PersonalBrowser, new_person: NewPerson
) -> None:
    window = browser.signed_in(new_person(), "/keys")

    expect(window.page).to_have_url(f"{browser.address}/keys")
    expect(window.page.get_by_role("heading", level=1)).to_have_text("API keys")


def test_no_token_and_no_code_is_in_an_address_or_sent_on(
    browser: PersonalBrowser, new_person: NewPerson
) -> None:
    window = browser.signed_in(new_person())
    add_picture(window, "mine.jpg")
    stored = window.page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    access = window.page.evaluate("performance.getEntries().map((one) => one.name)")
    account = window.page.get_by_role("button", name="Account")
    account.click()
    window.page.get_by_role("button", name="Sign out").click()
    expect(window.page.get_by_role("button", name="Sign in")).to_be_visible(timeout=TIMEOUT_MS)

    assert len(browser.tokens) == 3
    assert [one for one in browser.addresses for token in browser.tokens if token in one] == []
    assert [one for one in browser.tokens if one in stored] != []  # the refresh token, to go on
    assert len([one for one in browser.tokens if one in stored]) == 1
    code = next(re.search(r"[?&]code=([^&]+)", one) for one in browser.addresses if "code=" in one)
    assert code is not None
    assert len([one for one in browser.addresses if code[1] in one]) == 1
    assert [one for one in (*browser.referrers, *access[1:]) if code[1] in one] == []


def test_two_people_each_see_their_own_live_and_nothing_of_the_other(
    new_browser: NewBrowser, new_person: NewPerson, troubles: Troubles
) -> None:
    ada, eve = (new_browser().signed_in(new_person()) for _ in range(2))
    second = Window(ada.page.context.new_page(), ada.address)
    second.open_live()

    add_picture(ada, "ada.jpg")
    add_picture(eve, "eve.jpg")
    add_picture(ada, "ada2.jpg")

    for window, names in ((ada, {"ada.jpg", "ada2.jpg"}), (eve, {"eve.jpg"})):
        expect(window.tiles).to_have_count(len(names))
        for name in names:
            expect(window.tile(name)).to_be_visible()
    expect(second.tiles).to_have_count(2)  # without a reload: by the live connection
    own = ada.tile("ada.jpg").get_attribute("data-id")
    troubles.permit(rf"status of 404 .*{own}")
    eve.open(f"/images/{own}")
    expect(eve.page.get_by_role("heading", level=1)).to_have_text("Image not found")


def test_signing_out_in_one_tab_ends_the_other(
    browser: PersonalBrowser, new_person: NewPerson, signing_in: RunningCloud
) -> None:
    first = browser.signed_in(new_person())
    add_picture(first, "mine.jpg")
    second = browser.window()
    second.open_live()
    expect(second.tile("mine.jpg")).to_be_visible()
    assert 200 in renewed_with(browser, signing_in)

    first.page.get_by_role("button", name="Account").click()
    first.page.get_by_role("button", name="Sign out").click()

    for window in (first, second):
        expect(window.page.get_by_role("button", name="Sign in")).to_be_visible(timeout=TIMEOUT_MS)
        expect(window.tiles).to_have_count(0)
    expect(second.page.get_by_text("You have signed out.")).to_be_visible()
    second.page.reload()
    expect(second.page.get_by_role("button", name="Sign in")).to_be_visible()
    assert renewed_with(browser, signing_in) == {400}  # also by who has copied the token


def test_an_upload_waits_while_the_session_has_ended_and_goes_on_after_signing_in(
    browser: PersonalBrowser,
    new_person: NewPerson,
    signing_in: RunningCloud,
    users: Any,
    troubles: Troubles,
) -> None:
    troubles.permit(r"status of 401 .*/api/", r"status of 400 .*/oauth2/token")
    person = new_person()
    window = browser.signed_in(person)
    pool = signing_in.outputs["UserPoolId"]
    users.admin_user_global_sign_out(UserPoolId=pool, Username=person.email)
    window.page.route("**/api/uploads", _expired)  # as after the hour that a token is good for
    window.choose(payload("mine.jpg"))
    window.is_at("mine.jpg", "held")
    expect(window.page.get_by_text("Your session has ended.")).to_be_visible()
    window.page.unroute("**/api/uploads")

    with browser.context.expect_page() as opened:
        window.page.get_by_role("link", name="sign in in a new window").click()
    give_password(opened.value, person)
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("You are signed in")

    window.is_at("mine.jpg", "ready")
    expect(window.page.get_by_text("Your session has ended.")).to_have_count(0)
    window.is_live()


def test_a_key_is_shown_once_opens_what_it_may_and_nothing_once_revoked(
    browser: PersonalBrowser, new_person: NewPerson, signing_in: RunningCloud
) -> None:
    window = browser.signed_in(new_person())
    add_picture(window, "mine.jpg")
    page = window.page
    page.get_by_role("button", name="Account").click()
    page.get_by_role("link", name="API keys").click()
    page.get_by_label("Name").fill("Camera")
    page.get_by_role("button", name="Make a key").click()
    page.get_by_role("button", name="Copy the key Camera").click()
    expect(page.get_by_text("Copied").first).to_be_visible()
    key = page.evaluate("navigator.clipboard.readText()")

    def ask(method: str, path: str) -> int:
        headers = {"authorization": f"Bearer {key}"}
        return httpx.request(method, f"{signing_in.outputs['ApiUrl']}{path}", headers=headers).status_code  # fmt: skip

    (image,) = httpx.get(
        f"{signing_in.outputs['ApiUrl']}/images", headers={"authorization": f"Bearer {key}"}
    ).json()["images"]
    assert ask("DELETE", f"/images/{image['id']}") == 403
    page.reload()
    expect(page.get_by_role("row", name=re.compile("Camera"))).to_contain_text("read, upload")
    assert key not in page.content()
    page.get_by_role("button", name="Revoke Camera").click()
    page.get_by_role("button", name="Revoke Camera for good").click()
    expect(page.get_by_text("There are none.")).to_be_visible()

    assert ask("GET", "/images") == 401


def test_an_admin_sees_another_owners_images_live(
    new_browser: NewBrowser, new_person: NewPerson
) -> None:
    ada = new_browser().signed_in(new_person())
    add_picture(ada, "ada.jpg")
    expect(ada.page.get_by_label("Owner")).to_have_count(0)
    owner = ada.page.evaluate("""async () => {
      const { person } = JSON.parse(localStorage.getItem('tintype.session'));
      return person.subject;
    }""")
    admin = new_browser().signed_in(new_person(admin=True))
    expect(admin.tiles).to_have_count(0)

    admin.page.get_by_label("Owner").fill(owner)
    admin.page.get_by_label("Owner").press("Enter")
    expect(admin.tile("ada.jpg")).to_be_visible()
    add_picture(ada, "more.jpg")

    expect(admin.tile("more.jpg")).to_be_visible()


@pytest.fixture
def room_for_one(signing_in: RunningCloud) -> Iterator[None]:
    """Let everybody have one image."""
    with ExitStack() as closing:
        functions = Operator(signing_in, closing).client("lambda")
        name = signing_in.outputs["ApiFunction"]
        found = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        for limit in ("1", found["TINTYPE_QUOTA_IMAGES"]):
            variables = found | {"TINTYPE_QUOTA_IMAGES": limit}
            functions.update_function_configuration(
                FunctionName=name, Environment={"Variables": variables}
            )
            functions.get_waiter("function_updated_v2").wait(FunctionName=name)
            if limit == "1":
                yield


@pytest.mark.usefixtures("room_for_one")
def test_who_has_no_room_left_is_told_so_and_tries_again_once_there_is(
    browser: PersonalBrowser, new_person: NewPerson, troubles: Troubles
) -> None:
    troubles.permit(r"status of 429 .*/api/uploads")
    window = browser.signed_in(new_person())
    add_picture(window, "one.jpg")
    window.choose(payload("two.jpg"))
    window.is_at("two.jpg", "broken")
    expect(window.upload("two.jpg")).to_contain_text("Delete images that you do not need")
    account = window.page.get_by_role("button", name="Account")
    account.click()
    expect(window.page.get_by_role("progressbar", name="1 of 1 images")).to_be_visible()
    assert violations(window.page) == []
    account.click()

    window.delete("one.jpg")
    window.toast.get_by_role("button", name="Dismiss").click()  # and so it is sent now
    again = window.page.get_by_role("button", name="Try two.jpg again")

    def is_tried() -> bool:
        if again.is_visible():
            again.click()
        return window.upload("two.jpg").get_attribute("data-stage") == "ready"

    window.wait_until(is_tried)


def test_the_keyboard_alone_signs_out(browser: PersonalBrowser, new_person: NewPerson) -> None:
    window = browser.signed_in(new_person())
    keyboard = window.page.keyboard
    window.page.get_by_role("button", name="Account").focus()
    keyboard.press("Enter")
    expect(window.page.get_by_role("group", name="Account")).to_be_visible()
    keyboard.press("Escape")
    expect(window.page.get_by_role("group", name="Account")).to_be_hidden()
    keyboard.press("Enter")
    keyboard.press("Tab")
    expect(window.page.get_by_role("link", name="API keys")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Enter")

    expect(window.page.get_by_role("button", name="Sign in")).to_be_visible(timeout=TIMEOUT_MS)


def test_sign_in_and_keys_can_be_read_in_any_colours(
    browser: PersonalBrowser, new_person: NewPerson
) -> None:
    window = browser.window()
    window.open("/keys")
    button = window.page.get_by_role("button", name="Sign in")
    assert unreadable([button]) == []

    button.click()
    give_password(window.page, new_person())
    window.is_live()
    window.page.get_by_label("Name").fill("shop")
    window.page.get_by_role("button", name="Make a key").click()
    buttons = [window.page.get_by_role("button", name=name).first for name in ("Done", "Revoke")]
    account = window.page.get_by_role("button", name="Account")
    chosen = [one.locator("xpath=..") for one in window.page.get_by_role("checkbox").all()]
    assert len(chosen) > 1
    assert unreadable([window.page.get_by_text("tint_").first, *buttons, account, *chosen]) == []

    account.click()
    panel = window.page.get_by_role("group", name="Account")
    links = panel.get_by_role("link").all() + panel.get_by_role("button").all()
    assert len(links) > 1
    assert unreadable(links) == []


@pytest.mark.parametrize("widths", [(1280,), (390, 320)], ids=("desk", "phone"))
def test_axe_finds_nothing_where_one_signs_in(
    new_browser: NewBrowser, new_person: NewPerson, widths: tuple[int, ...]
) -> None:
    phone = widths[0] < 600
    options = {"has_touch": phone, "is_mobile": phone, "reduced_motion": "reduce"}
    browser = new_browser(viewport={"width": widths[0], "height": 750}, **options)
    window = browser.window()
    window.open("/keys")
    looked_at(window, widths)
    window.page.get_by_role("button", name="Sign in").click()
    give_password(window.page, new_person(admin=True))
    window.is_live()
    looked_at(window, widths)
    window.page.get_by_label("Name").fill("A name that is as long as a name of a key may be " * 2)
    window.page.get_by_role("button", name="Make a key").click()
    expect(window.page.get_by_role("button", name="Done")).to_be_visible()
    looked_at(window, widths)
    window.page.get_by_role("button", name="Account").click()
    looked_at(window, widths)
    window.page.get_by_role("link", name="API keys").click()
    window.page.get_by_role("link", name="Tintype: all images").click()
    expect(window.page.get_by_label("Owner")).to_be_visible()
    looked_at(window, widths)


def renewed_with(browser: PersonalBrowser, cloud: RunningCloud) -> set[int]:
    """Try each token that the browser was given as a refresh token; return the statuses."""
    client = {"grant_type": "refresh_token", "client_id": cloud.outputs["SignInClientId"]}
    door = f"{cloud.outputs['SignInUrl']}/oauth2/token"
    asked = ({**client, "refresh_token": token} for token in browser.tokens)
    return {httpx.post(door, data=body).status_code for body in asked}


def unreadable(parts: Sequence[Locator]) -> list[str]:
    """Return the parts that have too little contrast, in forced and in other colours."""
    found = []
    for mode in MODES:
        for part in parts:
            part.page.emulate_media(reduced_motion="reduce", **(PLAIN | mode))
            if strongest(pixels(part)) <= READ:
                found.append(f"{part} in {mode}")
    return found


def _expired(route: Route) -> None:
    route.fulfill(status=401, json={"code": "not_signed_in", "detail": "the token has ended"})
