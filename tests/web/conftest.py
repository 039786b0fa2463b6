"""One local cloud and one Chromium for all tests here; every test has windows of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.cloud.operator import Operator
from tests.cloud.running import UP, RunningCloud, running_cloud
from tests.cloud.stack import TIMEOUT_SECONDS, Stack
from tests.web.browser import Troubles, find_chromium, running_chromium
from tests.web.signing_in import Person, PersonalBrowser, add, personal_browser
from tests.web.window import TIMEOUT_MS, Window

NewWindow = Callable[..., Window]
NewPerson = Callable[..., Person]
NewBrowser = Callable[..., PersonalBrowser]

# Not for the whole session: while Playwright's loop runs, no other test may start one of asyncio's.
ALL_TESTS_HERE: Final = "package"
AT_ONCE: Final = 4
_number = count(1)


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
def troubles(request: pytest.FixtureRequest) -> Iterator[Troubles]:
    """Fail a test whose windows said anything that nobody should have to read."""
    signs_in = "signing_in" in request.fixturenames
    cloud: RunningCloud = request.getfixturevalue("signing_in" if signs_in else "cloud")
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


@pytest.fixture(scope="module")
def signing_in(
    deployed_state: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningCloud]:
    """Run `tintype up --access cognito`."""
    state, command = tmp_path_factory.mktemp("signing-in"), (*UP, "--access", "cognito")
    with running_cloud(state, command, deployed=deployed_state) as running:
        yield running


@pytest.fixture(scope="module")
def users(signing_in: RunningCloud) -> Iterator[Any]:
    """Return the client of the user pool for whoever owns the account."""
    with ExitStack() as closing:
        yield Operator(signing_in, closing).client("cognito-idp")


@pytest.fixture
def new_person(signing_in: RunningCloud, users: Any) -> NewPerson:
    """Return a function that adds somebody to the user pool."""

    def person(*, admin: bool = False) -> Person:
        email = f"person{next(_number)}@example.com"
        return add(users, signing_in.outputs["UserPoolId"], email, admin=admin)

    return person


@pytest.fixture
def new_browser(
    chromium: Browser, signing_in: RunningCloud, troubles: Troubles
) -> Iterator[NewBrowser]:
    """Return a function that opens a browser that nobody used before."""
    with ExitStack() as closing:

        def browser(**options: Any) -> PersonalBrowser:
            address = signing_in.outputs["CdnUrl"]
            opened = personal_browser(chromium, address, troubles, **options)
            return closing.enter_context(opened)

        yield browser


@pytest.fixture
def browser(new_browser: NewBrowser) -> PersonalBrowser:
    """Return such a browser."""
    return new_browser()


def delete_all(stack: Stack) -> None:
    """Delete all images, so that a test begins with an empty gallery."""
    while images := stack.request("GET", "/images", params={"limit": "100"}).json()["images"]:
        with ThreadPoolExecutor(AT_ONCE) as hands:
            answers = hands.map(
                lambda image: stack.request("DELETE", f"/images/{image['id']}"), images
            )
        # 404: a page that was closed had deleted it.
        assert {answer.status_code for answer in answers} <= {202, 404}
