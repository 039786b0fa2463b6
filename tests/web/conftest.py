"""One local cloud and one Chromium for all tests here; every test has windows of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.cloud.operator import Operator
from tests.cloud.running import RunningCloud, running_cloud
from tests.cloud.stack import TIMEOUT_SECONDS, Stack
from tests.web.browser import Troubles, find_chromium, running_chromium
from tests.web.window import TIMEOUT_MS, Window

NewWindow = Callable[..., Window]

# Not for the whole session: while Playwright's loop runs, no other test may start one of asyncio's.
ALL_TESTS_HERE: Final = "package"
AT_ONCE: Final = 4


@pytest.fixture(scope=ALL_TESTS_HERE)
def cloud(deployed_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """Run `tintype up`, which has built the page and published it."""
    find_chromium()  # said now, and not in a minute
    with running_cloud(tmp_path_factory.mktemp("cloud"), deployed=deployed_state) as running:
        yield running


@pytest.fixture(scope=ALL_TESTS_HERE)
def stack(cloud: RunningCloud) -> Iterator[Stack]:
    """Return the doors that everybody may use."""
    with httpx.Client(timeout=TIMEOUT_SECONDS) as client:
        yield Stack(cloud.outputs, client)


@pytest.fixture(scope=ALL_TESTS_HERE)
def operator(cloud: RunningCloud) -> Iterator[Operator]:
    """Return whoever owns the account."""
    with ExitStack() as closing:
        yield Operator(cloud, closing)


@pytest.fixture(scope=ALL_TESTS_HERE)
def chromium() -> Iterator[Browser]:
    """Start the browser."""
    expect.set_options(timeout=TIMEOUT_MS)
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def troubles(cloud: RunningCloud) -> Iterator[Troubles]:
    """Fail a test whose windows said anything that nobody should have to read."""
    addresses = (
        cloud.endpoint,
        cloud.endpoint.replace("127.0.0.1", "localhost"),
        cloud.outputs["CdnUrl"],
    )
    found = Troubles(frozenset(urlsplit(one).netloc for one in addresses))
    yield found
    assert found.unexpected() == []


@pytest.fixture
def new_window(stack: Stack, keeping_window: NewWindow) -> NewWindow:
    """Return a function that opens a window of a browser that nobody used before."""
    delete_all(stack)
    return keeping_window


@pytest.fixture
def keeping_window(
    chromium: Browser, cloud: RunningCloud, troubles: Troubles
) -> Iterator[NewWindow]:
    """Return the same function, with the images that are there."""
    with ExitStack() as closing:

        def window(width: int = 1280, height: int = 800, **options: Any) -> Window:
            context = chromium.new_context(
                viewport={"width": width, "height": height},
                permissions=["clipboard-read", "clipboard-write"],
                **options,
            )
            closing.callback(context.close)
            troubles.watch(context)
            return Window(context.new_page(), cloud.outputs["CdnUrl"])

        yield window


@pytest.fixture
def window(new_window: NewWindow) -> Window:
    """Return a window that shows nothing yet."""
    return new_window()


def delete_all(stack: Stack) -> None:
    """Delete all images, so that a test begins with an empty gallery."""
    while images := stack.request("GET", "/images", params={"limit": "100"}).json()["images"]:
        with ThreadPoolExecutor(AT_ONCE) as hands:
            answers = hands.map(
                lambda image: stack.request("DELETE", f"/images/{image['id']}"), images
            )
        # 404: a page that was closed had deleted it.
        assert {answer.status_code for answer in answers} <= {202, 404}
