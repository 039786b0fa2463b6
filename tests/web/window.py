"""A browser's window that shows Tintype, in the words of those who use it.

Start with `Window`. What it finds, it finds by role, label and text, as people and screen readers do.
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.pictures import picture

ENDED = {"ready", "refused", "cancelled", "broken", "failed"}
TIMEOUT_MS = 30_000
GLANCE_MS = 16
LEAP_SECONDS = 5  # to a moment that is not over before the clock can be stopped at it
_COPY = 1  # of the operations that a drag allows

_GIVE = """([files, kind]) => {
  const data = new DataTransfer();
  for (const { name, type, text } of files) {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    data.items.add(new File([bytes], name, { type }));
  }
  if (kind === 'paste') {
    const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
    document.body.dispatchEvent(event);
    return;
  }
  for (const name of ['dragenter', 'dragover', 'drop']) {
    const event = new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true });
    (document.querySelector('main') ?? document.body).dispatchEvent(event);
  }
}"""


@cache
def photograph(width: int = 1200, height: int = 800) -> bytes:
    """Return a JPEG that looks like something, with a camera's grain."""
    return picture(width, height, quality=85)


def payload(name: str, data: bytes | None = None, kind: str = "image/jpeg") -> FilePayload:
    """Return a file as a dialog gives it to a page."""
    return {"name": name, "mimeType": kind, "buffer": photograph() if data is None else data}


@dataclass
class Window:
    """One page, and the address of the stack's CDN."""

    page: Page
    address: str

    def __post_init__(self) -> None:
        """Have file dialogs caught from the start: asked for beside a key press, that may come too late."""
        self.page.on("filechooser", lambda _: None)

    def open(self, path: str = "/") -> None:
        """Go to an address of the page, and wait until it stands."""
        self.page.goto(f"{self.address}{path}")
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def open_live(self, path: str = "/") -> None:
        """Go to an address, and wait until the badge says that it is live."""
        self.open(path)
        self.is_live()

    def is_live(self) -> None:
        """Wait until the badge says so."""
        expect(self.badge).to_have_attribute("data-link", "live", timeout=TIMEOUT_MS)

    @property
    def badge(self) -> Locator:
        """Find what says how news comes."""
        return self.page.locator("[data-link]")

    @property
    def tray(self) -> Locator:
        """Find the uploads."""
        return self.page.get_by_role("region", name="Uploads")

    @property
    def tiles(self) -> Locator:
        """Find the gallery's images."""
        return self.page.locator("li[data-id]")

    @property
    def toast(self) -> Locator:
        """Find the messages at the edge."""
        return self.page.get_by_role("region", name="Messages")

    def tile(self, name: str) -> Locator:
        """Find an image of the gallery by its file's name."""
        return self.tiles.filter(has=self.page.get_by_text(name, exact=True))

    def picture(self, name: str) -> Locator:
        """Find the picture of an image of the gallery, once it has been decoded and has appeared."""
        return self.tile(name).locator("img.appeared")

    def upload(self, name: str | re.Pattern[str]) -> Locator:
        """Find an upload of the tray by its file's name."""
        return self.page.locator("[data-stage]").filter(has=self.page.get_by_text(name, exact=True))

    def is_at(self, name: str, *stages: str) -> None:
        """Wait until an upload is at one of *stages*."""
        pattern = re.compile(f"^({'|'.join(stages)})$")
        expect(self.upload(name)).to_have_attribute("data-stage", pattern, timeout=TIMEOUT_MS)

    def choose(self, *files: FilePayload, button: str = "Add pictures") -> None:
        """Choose files in the dialog of a button."""
        with self.page.expect_file_chooser() as opened:
            self.page.get_by_role("button", name=button).click()
        opened.value.set_files(list(files))

    def drop(self, *files: FilePayload) -> None:
        """Drop files on the page."""
        self._give(files, "drop")

    def drop_from_disk(self, *paths: Path) -> None:
        """Drag files and folders over the page and let go, as a desktop's file manager does."""
        session = self.page.context.new_cdp_session(self.page)
        held = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": _COPY}
        for kind in ("dragEnter", "dragOver", "drop"):
            event = {"type": kind, "x": 300, "y": 300, "data": held}
            session.send("Input.dispatchDragEvent", event)
        session.detach()

    def paste(self, *files: FilePayload) -> None:
        """Paste files into the page."""
        self._give(files, "paste")

    def delete(self, name: str) -> None:
        """Press an image's bin in the gallery."""
        self.tile(name).hover()
        self.tile(name).get_by_role("button", name=re.compile("^Delete ")).click()

    def open_image(self, name: str) -> None:
        """Click on an image of the gallery."""
        self.tile(name).get_by_role("link").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(name)

    def hold_clock(self) -> None:
        """Stop the page's clock: what it shows changes only while time is let pass.

        Pages render by timers, so nothing is rendered meanwhile either.
        """
        self.page.clock.install()
        now = self.page.evaluate("Date.now()") / 1000
        self.page.clock.pause_at(now + LEAP_SECONDS)

    def let_pass_until(self, condition: Callable[[], bool]) -> None:
        """Let time pass on a clock that is held, a frame at a time, until *condition* holds."""
        self.wait_until(condition, lambda: self.page.clock.run_for(GLANCE_MS))

    def wait_until(
        self, condition: Callable[[], bool], between: Callable[[], None] = lambda: None
    ) -> None:
        """Look again and again, whatever the page's clock says, until *condition* holds.

        Raises:
            TimeoutError: it does not.
        """
        deadline = time.monotonic() + TIMEOUT_MS / 1000
        while not condition():
            if time.monotonic() > deadline:
                message = f"not within {TIMEOUT_MS} ms"
                raise TimeoutError(message)
            between()
            self.page.wait_for_timeout(GLANCE_MS)

    def _give(self, files: Sequence[FilePayload], kind: str) -> None:
        plain = [
            {"name": one["name"], "type": one["mimeType"], "text": _text(one["buffer"])}
            for one in files
        ]
        self.page.evaluate(_GIVE, [plain, kind])


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
