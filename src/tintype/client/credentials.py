"""What proves to a stack who calls: an API key, or the tokens of `tintype login`. Start with `BearerCredential`.

Both are sent as `Authorization: Bearer …`, and to the API alone: never to the bucket's signed links,
never after a redirect, and over plain http only to this machine.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

from tintype.client.errors import InsecureAddressError, MalformedApiKeyError

VARIABLE = "TINTYPE_API_KEY"  # environment variable: the API key of programs and the command line
_KEY = re.compile(r"tint_[!-~]+")  # the API knows the rest; this finds what is not a key at all
_ENCRYPTED, _PLAIN = frozenset({"https", "wss"}), frozenset({"http", "ws"})


class BearerCredential(Protocol):
    """Proves who calls. Thread-safe; no `repr` and no message contains a token."""

    @property
    def is_live(self) -> bool:
        """Whether the GraphQL API accepts it too, for live updates."""

    @property
    def advice(self) -> str:
        """What to tell a person when the stack does not accept it."""

    def token(self) -> str:
        """Return what follows `Bearer`; renewed first if it is about to expire.

        Raises:
            NotSignedInError: it has expired and cannot be renewed.
            ApiUnreachableError: the issuer does not answer.
        """

    def renew(self, refused: str) -> bool:
        """Replace the token *refused* by the stack; return whether there is another one to try.

        Raises:
            NotSignedInError: the issuer does not renew it any more.
            ApiUnreachableError: the issuer does not answer.
        """


@dataclass(frozen=True, slots=True)
class KeyCredential:
    """An API key, which is valid until it expires or is revoked."""

    key: str = field(repr=False)

    @property
    def is_live(self) -> bool:
        """AppSync accepts tokens of the stack's issuer only."""
        return False

    @property
    def advice(self) -> str:
        """What to tell a person when the stack does not accept it."""
        return "the stack does not accept this API key: it is wrong, expired or revoked"

    def token(self) -> str:
        """Return the key."""
        return self.key

    def renew(self, refused: str) -> bool:
        """Return False: a refused key stays refused."""
        del refused
        return False


def api_key(text: str) -> KeyCredential:
    """Return a key from what a person pasted.

    >>> api_key(" tint_abcdefghijkl_c2VjcmV0 ")
    KeyCredential()

    Raises:
        MalformedApiKeyError: it is not an API key.
    """
    key = text.strip()
    if not _KEY.fullmatch(key):
        message = "not an API key: one begins with tint_ and has no spaces"
        raise MalformedApiKeyError(message)
    return KeyCredential(key)


def api_key_of_environment() -> KeyCredential | None:
    """Return the key of `TINTYPE_API_KEY`, or None if that is not set or empty.

    Raises:
        MalformedApiKeyError: it is not an API key.
    """
    text = os.environ.get(VARIABLE, "")
    if not text.strip():
        return None
    try:
        return api_key(text)
    except MalformedApiKeyError as error:
        message = f"{VARIABLE} is {error}"
        raise MalformedApiKeyError(message) from error


def is_confidential(url: str) -> bool:
    """Whether nobody between here and an address can read what is sent there.

    >>> is_confidential("https://images.example.com/api"), is_confidential("http://example.com")
    (True, False)
    >>> is_confidential("http://localhost:8080"), is_confidential("ws://127.0.0.1:8080")
    (True, True)
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in _PLAIN:
        return parts.scheme in _ENCRYPTED
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def require_confidential(url: str) -> None:
    """Refuse an address that a credential must not be sent to.

    Raises:
        InsecureAddressError: it is not encrypted, and not on this machine.
    """
    if not is_confidential(url):
        message = f"{url} is not encrypted, so no credential is sent there; use https"
        raise InsecureAddressError(message)
