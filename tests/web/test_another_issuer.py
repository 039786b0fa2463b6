"""The page signs in at an OpenID provider that nobody here wrote: npm's `oidc-provider`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cloud.people import Provider
from tests.cloud.running import UP, RunningCloud, running_cloud
from tests.cloud.test_access import settings_for
from tests.web.browser import Troubles
from tests.web.signing_in import PersonalBrowser, personal_browser
from tests.web.window import TIMEOUT_MS, payload
from tintype.local.ports import free_port


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """Return the provider, which does not run yet."""
    with httpx.Client() as client:
        yield Provider(free_port(), [], client)


@pytest.fixture(scope="module")
def signing_in(
    provider: Provider, deployed_state: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningCloud]:
    """Run `tintype up --access oidc` with it."""
    state, port = tmp_path_factory.mktemp("another-issuer"), free_port()
    with ExitStack() as closing:
        closing.enter_context(provider.running(f"http://localhost:{port}"))
        command = (*UP, "--access", "oidc", "--config", str(settings_for(provider, state)))
        yield closing.enter_context(
            running_cloud(state, command, deployed=deployed_state, front_door=port)
        )


@pytest.fixture
def browser(
    chromium: Browser, signing_in: RunningCloud, provider: Provider
) -> Iterator[PersonalBrowser]:
    """Open a browser, and fail a test whose page said anything that nobody should have to read."""
    page = signing_in.outputs["CdnUrl"]
    origins = (page, provider.url, signing_in.endpoint)
    troubles = Troubles(frozenset(urlsplit(one).netloc for one in origins))
    troubles.permit(f"{re.escape(provider.url)}/", "fonts")  # the provider's own pages
    with personal_browser(chromium, page, troubles) as opened:
        yield opened
    assert troubles.unexpected() == []


def sign_in(page: Page, name: str) -> None:
    """Give a name at the provider's page, and agree to what it asks next."""
    page.get_by_role("button", name="Sign in").click()
    page.locator("[name=login]").fill(name, timeout=TIMEOUT_MS)
    page.locator("[name=password]").fill("any")
    page.locator("[type=submit]").click()
    page.locator("[type=submit]").click()


def test_a_person_of_another_issuer_signs_in_uploads_and_signs_out(
    browser: PersonalBrowser, signing_in: RunningCloud
) -> None:
    window = browser.window()
    window.open("/")
    sign_in(window.page, "ada")
    window.is_live()
    account = window.page.get_by_role("button", name="Account: ada")
    expect(account).to_be_visible()  # the provider says no address: the owner stands for it
    window.choose(payload("mine.jpg"))
    window.is_at("mine.jpg", "ready")

    # Without the scope offline_access there is no refresh token. The provider knows the person still,
    # and asks a client without https only whether to go on.
    window.page.reload()
    window.page.get_by_role("button", name="Sign in").click()
    window.page.get_by_role("button", name="Continue").click()
    expect(window.tile("mine.jpg")).to_be_visible(timeout=TIMEOUT_MS)
    account.click()
    window.page.get_by_role("button", name="Sign out").click()
    expect(window.page).to_have_url(re.compile(re.escape(signing_in.outputs["SignInIssuer"])))

    assert [one for one in browser.addresses for token in browser.tokens if token in one] == []
