"""What the other tests look with can see: each finds what is planted for it, and nothing without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.cloud.operator import Operator
from tests.cloud.running import RunningCloud
from tests.cloud.stack import Stack
from tests.web import browser, scrolling, thousand
from tests.web.axe import violations
from tests.web.browser import Troubles
from tests.web.conftest import NewWindow
from tests.web.test_accessible import sticking_out
from tests.web.test_first_view import MOST_SHIFTED, SHIFTS
from tests.web.test_keyboard import LICENCES, walk
from tests.web.window import Window, photograph

ENOUGH = 60  # images: more than a screen
BLANK_FRAMES = 20
# What a page may say or try, and what is written down of it.
SAID = {
    "console.error('planted')": "error: planted",
    "console.warn('planted')": "warning: planted",
    "console.assert(false, 'planted')": "assert: planted",
    "setTimeout(() => { throw new Error('planted') })": "Error: planted",
    "setTimeout(() => Promise.reject(new Error('planted')))": "Error: planted",
    "setTimeout(() => alert('planted'))": "dialog: planted",
    "document.head.appendChild(document.createElement('script')).text = 'planted()'": "CSP: script-src-elem refused inline",
    "document.body.insertAdjacentHTML('beforeend', '<p onclick=\"planted()\">')": "CSP: script-src-attr refused inline",
    "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')": "CSP: style-src-attr refused inline",
    "new Image().src = 'http://planted.invalid/x.png'": "CSP: img-src refused http://planted.invalid",
    "fetch('http://planted.invalid/x').catch(() => 0)": "CSP: connect-src refused http://planted.invalid",
}
# What somebody would stumble over, and axe's name for it.
BARRED = {
    "<img class='planted' src='/icon.svg'>": "image-alt",
    "<button class='planted'></button>": "button-name",
    "<input class='planted' type='text'>": "label",
    "<p class='planted'>hardly to be read</p>": "color-contrast",
    "<div class='planted' role='slider' tabindex='0' aria-label='a slider'></div>": "aria-required-attr",
}
_PLANT = """(planted) => {
  document.querySelector('main').insertAdjacentHTML('beforeend', planted);
  Object.assign(document.querySelector('.planted').style, { color: '#999', background: '#aaa' });
}"""

# Hides the tiles for that many frames.
_BLANKED = """(frames) => new Promise((resolve) => {
  const tiles = document.querySelectorAll('ul.grid li');
  const hide = (how) => tiles.forEach((one) => (one.style.visibility = how));
  const later = (left, then) => requestAnimationFrame(() => (left ? later(left - 1, then) : then()));
  requestAnimationFrame(() => {
    hide('hidden');
    later(frames - 1, () => { hide(''); later(1, resolve); });
  });
})"""


@dataclass
class Watched:
    """A window, and what is written down of it."""

    window: Window
    troubles: Troubles

    def waits_for(self, text: str) -> None:
        """Wait until something with *text* in it is written down."""
        self.window.wait_until(lambda: any(text in one for one in self.troubles.unexpected()))


@pytest.fixture
def watched(chromium: Browser, cloud: RunningCloud) -> Iterator[Watched]:
    troubles = Troubles(frozenset({urlsplit(cloud.outputs["CdnUrl"]).netloc}))
    context = chromium.new_context()
    troubles.watch(context)
    yield Watched(Window(context.new_page(), cloud.outputs["CdnUrl"]), troubles)
    context.close()


@pytest.mark.parametrize(("planted", "found"), SAID.items())
def test_what_a_page_says_or_tries_is_written_down(
    watched: Watched, planted: str, found: str
) -> None:
    watched.window.open_live()
    assert watched.troubles.unexpected() == []

    watched.window.page.evaluate(f"() => {{ {planted}; }}")
    watched.waits_for(found)


def test_what_nobody_catches_and_no_policy_stops_is_written_down(watched: Watched) -> None:
    page = watched.window.page
    page.route("**/*", lambda route: route.fulfill(body="", content_type="text/html"))
    page.goto(f"{watched.window.address}/empty")
    page.evaluate("fetch('http://planted.invalid/x').catch(() => 0)")
    page.evaluate("setTimeout(() => { throw new Error('planted') })")

    watched.waits_for("stranger: http://planted.invalid/x")
    watched.waits_for("error: planted")


def test_only_what_a_test_provokes_itself_is_allowed(watched: Watched) -> None:
    watched.window.open_live()
    watched.troubles.permit("expected")
    watched.window.page.evaluate("() => { console.error('expected'); console.error('planted'); }")
    watched.waits_for("planted")

    assert [one.split(" (")[0] for one in watched.troubles.unexpected()] == ["error: planted"]


def test_axe_finds_what_is_planted(window: Window) -> None:
    window.open_live()
    for planted, rule in BARRED.items():
        assert violations(window.page) == []

        window.page.evaluate(_PLANT, planted)
        assert [one.split(":")[0] for one in violations(window.page)] == [rule]
        window.page.evaluate("document.querySelector('.planted').remove()")


def test_what_sticks_out_of_a_phone_is_found(new_window: NewWindow) -> None:
    phone = new_window(390, 750, has_touch=True)
    phone.open_live()
    assert sticking_out(phone) == []

    phone.page.evaluate("document.querySelector('h1').style.minWidth = '600px'")
    assert any("<h1" in one for one in sticking_out(phone))


def test_a_focus_that_cannot_be_seen_is_found(new_window: NewWindow, stack: Stack) -> None:
    stack.ready(stack.upload(photograph(600, 400), "one.jpg", "image/jpeg"))
    window = new_window(reduced_motion="reduce")
    window.open_live()
    expect(window.page.locator("img.appeared")).to_have_count(1)
    window.page.evaluate("""document.styleSheets[0].insertRule(
      ':is(.add, .colophon a):focus, .btn-check:focus + label'
        + '{ outline: none !important; box-shadow: none !important; filter: none !important }',
      document.styleSheets[0].cssRules.length)""")

    assert walk(window).unseen == ["Add pictures", "All", LICENCES]


def test_what_jumps_is_found(window: Window) -> None:
    window.open_live()
    page = window.page
    before = page.evaluate(SHIFTS)
    page.evaluate("document.querySelector('main').style.paddingTop = '300px'")

    window.wait_until(lambda: page.evaluate(SHIFTS) > before + MOST_SHIFTED)


def test_a_blank_area_is_found_and_timed(
    new_window: NewWindow, stack: Stack, operator: Operator
) -> None:
    window = new_window()
    ids = thousand.fill(stack, operator, ENOUGH)
    window.open_live()
    expect(window.page.locator("img.appeared").first).to_be_visible()
    window.page.evaluate(scrolling.SAMPLER)
    window.wait_until(lambda: window.page.evaluate("window.scrolled.frames") >= BLANK_FRAMES)
    before = window.page.evaluate("({ ...window.scrolled })")
    window.page.evaluate(_BLANKED, BLANK_FRAMES)
    after = window.page.evaluate("({ ...window.scrolled })")
    thousand.empty(operator, ids)

    assert (before["blank"], before["longest"], before["longestRun"]) == (0, 0, 0)
    assert after["blank"] == after["longestRun"] == BLANK_FRAMES
    assert after["longest"] > 0


def test_without_chromium_the_tests_fail_and_say_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TINTYPE_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(FileNotFoundError, match="apt-get install chromium"):
        browser.find_chromium()
