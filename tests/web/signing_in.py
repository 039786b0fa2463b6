"""People with passwords, and a browser that signs them in at the local cloud's sign-in page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, expect

from tests.web.browser import Troubles
from tests.web.window import TIMEOUT_MS, Window

PASSWORD = "correct-Horse-9-battery"  # noqa: S105 - of people whom a test makes
TOKENS = ("access_token", "refresh_token", "id_token")
# The page asks for its first images before it knows that one signs in here; the emulator has no icon.
EXPECTED = (r"status of 401 .*/api/images\?limit=30", r"status of 404 .*/favicon\.ico")


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    email: str


def add(users: Any, pool: str, email: str, *, admin: bool = False) -> Person:
    """Add somebody to a user pool with boto3's client, which has no types."""
    verified = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    users.admin_create_user(
        UserPoolId=pool, Username=email, MessageAction="SUPPRESS", UserAttributes=verified
    )
    users.admin_set_user_password(
        UserPoolId=pool, Username=email, Password=PASSWORD, Permanent=True
    )
    if admin:
        users.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName="admin")
    return Person(email)


@dataclass
class PersonalBrowser:
    """A browser that one person uses, with every address it asked for and every token it was given."""

    context: BrowserContext
    address: str
    addresses: list[str] = field(default_factory=list)
    referrers: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Watch what it asks for."""
        self.context.on("request", self._see_request)
        self.context.on("response", self._see_response)

    def window(self) -> Window:
        """Open another tab."""
        return Window(self.context.new_page(), self.address)

    def signed_in(self, person: Person, path: str = "/") -> Window:
        """Open a tab, sign in by the sign-in page, and wait until the page is live."""
        window = self.window()
        window.open(path)
        window.page.get_by_role("button", name="Sign in").click()
        give_password(window.page, person)
        window.is_live()
        return window

    def _see_request(self, request: Request) -> None:
        self.addresses.append(request.url)
        self.referrers.append(request.headers.get("referer", ""))

    def _see_response(self, response: Response) -> None:
        if response.url.endswith("/token") and response.ok:
            body = response.json()
            self.tokens |= {body[name] for name in TOKENS if name in body}


def give_password(page: Page, person: Person) -> None:
    """Fill in the form of the sign-in page."""
    expect(page.get_by_label("Password")).to_be_visible(timeout=TIMEOUT_MS)
    page.get_by_label("Username").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@contextmanager
def personal_browser(
    chromium: Browser, address: str, troubles: Troubles, **options: Any
) -> Iterator[PersonalBrowser]:
    """Open a browser that nobody used before, and close it."""
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"], **options)
    try:
        troubles.watch(context)
        troubles.permit(*EXPECTED)
        yield PersonalBrowser(context, address)
    finally:
        context.close()
