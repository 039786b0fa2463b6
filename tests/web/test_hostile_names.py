"""Names that are meant to be something else than a name: they are text, everywhere."""

from __future__ import annotations

import subprocess
from pathlib import Path

from playwright.sync_api import expect

from tests.web.conftest import NewWindow
from tests.web.window import Window, payload, photograph

TAG = "<img src=x onerror=alert(1)>.jpg"
NAMES = {
    "a tag": TAG,
    "a script": "</bdi><script>alert(1)</script>.jpg",
    "quotes": "\"onmouseover=alert(1) 'x' `y` ${z} $(id) \\.jpg",
    "a template": "{{constructor.constructor('alert(1)')()}}.jpg",
    "Markdown": "](javascript:alert(1)) ![x](y) **b**.jpg",
    "turned around": "photo\u202egpj.exe\u2066.jpg",
    "right to left": "صورة-البحر.jpg",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈 café.jpg",
    "long": "x" * 196 + ".jpg",
    "long, of wide letters": "写真" * 98 + ".jpg",
}


_PARSED = """(code) => {
  const parsed = new DOMParser().parseFromString(code, 'text/html');
  const all = [...parsed.body.querySelectorAll('*')];
  return [all.map((one) => one.localName), parsed.querySelector('img').alt,
    all.flatMap((one) => one.getAttributeNames()).filter((one) => one.startsWith('on'))];
}"""


def test_a_hostile_name_is_text_in_tray_gallery_image_page_and_snippets(
    new_window: NewWindow,
) -> None:
    window = new_window(reduced_motion="reduce")  # tiles that shimmer take the processor
    window.open_live()
    window.choose(*(payload(name, photograph(600, 400)) for name in NAMES.values()))
    for name in NAMES.values():
        window.is_at(name, "ready")
        assert window.upload(name).locator("bdi").first.inner_text() == name
    window.tray.get_by_role("button", name="Clear").click()

    for what, name in NAMES.items():
        expect(window.picture(name)).to_be_visible()
        window.open_image(name)
        page = window.page
        assert page.get_by_role("heading", level=1).inner_text() == name
        expect(page.get_by_role("slider")).to_be_visible()
        page.get_by_role("tab", name="<picture>").click()
        code = page.get_by_role("tabpanel").locator("code")
        expect(code).to_contain_text("<picture>")

        elements, _, handlers = page.evaluate(_PARSED, code.inner_text())
        assert set(elements) == {"picture", "source", "img"}, what
        assert handlers == [], what
        page.get_by_role("link", name="Gallery").click()
        window.delete(name)
        expect(window.toast.get_by_text(name, exact=True)).to_be_visible()
        expect(window.tile(name)).to_have_count(0)
        assert page.locator("script:not([src])").count() == 0, what
        assert page.locator("img[onerror], [onmouseover]").count() == 0, what


def test_a_name_that_turns_its_line_around_turns_nothing_else(window: Window) -> None:
    window.open_live()
    name = "photo\u202egpj.exe.jpg"
    window.choose(payload(name))
    window.is_at(name, "ready")

    chip = window.upload(name).get_by_text("Ready", exact=True)
    assert chip.inner_text() == "Ready"
    isolated = window.upload(name).locator("bdi").first
    assert isolated.evaluate("(one) => getComputedStyle(one).unicodeBidi") == "isolate"


def test_a_markdown_snippet_keeps_a_hostile_name_in_its_brackets(window: Window) -> None:
    window.open_live()
    window.choose(payload("](javascript:alert(1)) <b> *x*.jpg"))
    window.is_at("](javascript:alert(1)) <b> *x*.jpg", "ready")
    window.open_image("](javascript:alert(1)) <b> *x*.jpg")
    window.page.get_by_role("tab", name="Markdown").click()

    code = window.page.get_by_role("tabpanel").locator("code")
    expect(code).to_contain_text(r"![\](javascript:alert(1)) \<b\> \*x\*](http")


def test_a_curl_snippet_gives_a_shell_nothing_to_do(window: Window, tmp_path: Path) -> None:
    name = "$(touch hit) `touch hit` '; touch hit; ' \"x\".jpg"
    window.open_live()
    window.choose(payload(name))
    window.is_at(name, "ready")
    window.open_image(name)
    window.page.get_by_role("tab", name="cURL").click()
    code = window.page.get_by_role("tabpanel").locator("code")
    expect(code).to_contain_text("curl -o")

    script = f"curl() {{ printf '%s\\n' \"$*\"; }}\n{code.inner_text()}"
    done = subprocess.run(  # noqa: S603 - what a reader would paste, with a curl that only prints
        ["/bin/sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert len(done.stdout.splitlines()) == 2
    assert list(tmp_path.iterdir()) == []
