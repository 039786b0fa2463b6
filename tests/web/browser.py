"""Chromium as Debian packages it, and what a page does that no page of ours may do.

Start with `Troubles`: every test of this folder fails if its windows said anything there.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    Route,
    sync_playwright,
)

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
# The first is the same engine without a user interface, which takes a third of the time.
PROGRAMS = ("chromium-headless-shell", "chromium")
INSTALL = "apt-get install chromium-headless-shell fonts-dejavu-core"
VIOLATIONS = """
addEventListener('securitypolicyviolation', (event) =>
  console.error(`CSP: ${event.violatedDirective} refused ${event.blockedURI}`));
"""


@contextmanager
def running_chromium(*arguments: str) -> Iterator[Browser]:
    """Start Chromium without a window, with *arguments* beside those of all tests.

    Raises:
        FileNotFoundError: there is none.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=[*ARGUMENTS, *arguments], chromium_sandbox=False
        )
        try:
            yield browser
        finally:
            browser.close()


def find_chromium(programs: Sequence[str] = PROGRAMS) -> str:
    """Return the path of Chromium: of the first of *programs* that is there.

    Raises:
        FileNotFoundError: there is none.
    """
    named = os.environ.get("TINTYPE_CHROMIUM")
    if not (found := named or next(filter(None, map(shutil.which, programs)), None)):
        message = f"no Chromium: `{INSTALL}`, or set TINTYPE_CHROMIUM to its path"
        raise FileNotFoundError(message)
    return found


@dataclass
class Troubles:
    """Errors, warnings, refusals of the Content-Security-Policy, dialogs, and calls to strangers."""

    origins: frozenset[str]
    messages: list[str] = field(default_factory=list)
    allowed: list[re.Pattern[str]] = field(default_factory=list)
    stay_prompts: int = 0

    def watch(self, context: BrowserContext) -> None:
        """Listen to all pages of *context*."""
        context.add_init_script(VIOLATIONS)
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.messages.append(f"error: {error.error}"))
        context.on("dialog", self._on_dialog)
        context.on("request", self._on_request)

    def permit(self, *patterns: str) -> None:
        """Say what this test provokes itself; a pattern is searched for in the message."""
        self.allowed += [re.compile(pattern) for pattern in patterns]

    def unexpected(self) -> list[str]:
        """Return what was said and not allowed."""
        return [one for one in self.messages if not any(each.search(one) for each in self.allowed)]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"}:
            where = message.location.get("url", "")
            self.messages.append(f"{message.type}: {message.text} ({where})")

    def _on_dialog(self, dialog: Dialog) -> None:
        if dialog.type == "beforeunload":
            self.stay_prompts += 1
            dialog.dismiss()
        else:
            self.messages.append(f"dialog: {dialog.message}")
            dialog.dismiss()

    def _on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.netloc not in self.origins:
            self.messages.append(f"stranger: {request.url}")


def set_network(page: Page, *, bytes_per_second: int = -1, milliseconds: int = 0) -> None:
    """Make the network of *page* slow: uploads and answers; -1 is as fast as it is."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": milliseconds,
            "downloadThroughput": -1,
            "uploadThroughput": bytes_per_second,
        },
    )


@contextmanager
def secure_page(browser: Browser) -> Iterator[Page]:
    """Yield an empty page that came safely: only such a page has an ImageDecoder."""

    def serve(route: Route) -> None:
        route.fulfill(body="<!doctype html>", content_type="text/html")

    page = browser.new_page()
    try:
        page.route("https://page.test/", serve)
        page.goto("https://page.test/")
        yield page
    finally:
        page.close()
