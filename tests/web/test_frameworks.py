"""`next/image` and unpic's component, as npm has them, show pictures of a stack as the page says.

The files of docs/how-to/frameworks.md are saved as it names them, with this stack's address and an image's ID
in the place of the page's, and built by Next.js.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Response

from tests.cloud.running import RunningCloud
from tests.docs.markdown import DOCS, ROOT, blocks
from tests.pictures import picture
from tintype.client import Client
from tintype.delivery.grammar import GRID
from tintype.imaging import describe
from tintype.node import node, node_folder, npm_script
from tintype.site.packaging import write_package

PACKAGES: Final = Path(__file__).with_name("frameworks")
PAGE: Final = DOCS / "how-to" / "frameworks.md"
ADDRESS, IMAGE_ID = "http://localhost:8080", "IMAGE_ID"
WIDTH, HEIGHT = 1200, 800  # of the original
SECONDS: Final = 240
DECODED: Final = """async () => {
  const one = document.querySelector('img');
  await one.decode();
  return one.currentSrc;
}"""


@dataclass(frozen=True)
class Site:
    """The built site, and the stack that its pictures come from."""

    address: str
    cdn: str
    image_id: str


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files, and says nothing."""

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Save the page's files beside the packages, build them, and serve the result."""
    folder = tmp_path_factory.mktemp("frameworks")
    cdn = cloud.outputs["CdnUrl"]
    with Client(cdn) as client:
        image_id = client.wait(client.upload(picture(WIDTH, HEIGHT), filename="beach.jpg").id).id
    try:
        install(folder)
        for block in blocks(PAGE, "html", "js"):
            if block.file:
                file = folder / block.file
                file.parent.mkdir(exist_ok=True)
                text = block.text.replace(ADDRESS, cdn).replace(IMAGE_ID, image_id)
                file.write_text(text, encoding="utf-8")
        run(folder, "node_modules/next/dist/bin/next", "build")
        shutil.copyfile(folder / "plain.html", folder / "out" / "plain.html")
        (folder / "out" / "favicon.ico").touch()  # which browsers ask for
        with serving(folder / "out") as address:
            yield Site(address, cdn, image_id)
    finally:
        shutil.rmtree(folder)  # a third of a gigabyte


def install(folder: Path) -> None:
    """Install the packages of the lock file, and `tintype-url` as the page says."""
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(PACKAGES / name, folder / name)
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund")
    run(folder, str(npm_script()), "ci", *quiet)
    run(folder, str(npm_script()), "install", "--no-save", *quiet, str(write_package(ROOT, folder)))


def run(folder: Path, *arguments: str) -> None:
    path = os.pathsep.join([str(node_folder()), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(  # noqa: S603 - Node from PyPI, and packages pinned by a lock file
        [str(node()), *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path, "NEXT_TELEMETRY_DISABLED": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 0, f"{arguments}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder while the context lasts, and return its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=folder)) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class Shown:
    """A picture in a window: its address, what the CDN said, and its size in pixels."""

    src: str
    statuses: set[int]
    content_type: str
    vary: str
    size: tuple[int, int]

    @property
    def asked_width(self) -> int:
        return int(parse_qs(urlsplit(self.src).query)["w"][0])


def show(chromium: Browser, site: Site, page: str, *, density: float = 1) -> Shown:
    """Open a page of the site, and return its picture once the browser has decoded it."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 800}, device_scale_factor=density
    )
    responses: list[Response] = []
    mistakes: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            mistakes.append(message.text)

    try:
        window = context.new_page()
        window.on("response", lambda one: responses.append(one))  # noqa: PLW0108 - not a builtin
        window.on("console", on_console)
        window.on("pageerror", lambda error: mistakes.append(str(error)))
        window.goto(f"{site.address}/{page}", wait_until="networkidle")
        src = str(window.evaluate(DECODED))
        assert mistakes == []
        (picture_,) = [one for one in responses if one.url == src]
        about = describe(picture_.body())
        return Shown(
            src,
            {one.status for one in responses if one.url.startswith(site.cdn)},
            picture_.header_value("content-type") or "",
            picture_.header_value("vary") or "",
            (about.width, about.height),
        )
    finally:
        context.close()


@pytest.mark.parametrize(
    ("page", "css_width"),
    [("plain.html", 640), ("index.html", 640), ("unpic.html", 800)],
    ids=["plain HTML", "next/image", "unpic"],
)
@pytest.mark.parametrize("density", [1, 2], ids="{} x".format)
def test_a_component_shows_the_picture_in_a_width_that_suits_the_screen(
    chromium: Browser, site: Site, page: str, css_width: int, density: int
) -> None:
    shown = show(chromium, site, page, density=density)

    assert shown.src.startswith(f"{site.cdn}/i/{site.image_id}?w=")
    assert shown.asked_width >= css_width * density
    assert shown.statuses == {200}
    assert shown.content_type == "image/avif"
    assert "accept" in shown.vary.lower()
    stored = min(WIDTH, next((one for one in GRID if one >= shown.asked_width), GRID[-1]))
    assert shown.size == (stored, round(stored * HEIGHT / WIDTH))


def test_the_page_s_files_are_those_that_are_tried() -> None:
    files = {block.file for block in blocks(PAGE) if block.file}

    assert files == {
        "plain.html",
        "next.config.js",
        "tintype-loader.js",
        "pages/index.js",
        "pages/unpic.js",
        "providers/tintype.ts",
        "nuxt.config.ts",
        "sign.js",
    }
