"""What a command sends to prove who calls: `TINTYPE_API_KEY`, else the stored sign-in, else nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING

from tintype.client.credentials import BearerCredential, api_key_of_environment
from tintype.client.errors import ClientError, NotSignedInError

if TYPE_CHECKING:
    from tintype.cli.login.store import LoginFile
    from tintype.client.sign_in import Tokens

EARLY_SECONDS = 60.0  # a token is renewed so long before it expires


@dataclass(slots=True)
class LoginCredential:
    """A stored sign-in, renewed before its token expires or when a stack refuses it. Thread-safe.

    If the former fails, the stack is asked all the same: it may be open by now.
    """

    file: LoginFile
    _tokens: Tokens | None = field(default=None, repr=False)
    _gave_up: bool = False
    _lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def is_live(self) -> bool:
        """AppSync accepts the same token."""
        return True

    @property
    def advice(self) -> str:
        """What to tell a person when the stack does not accept it."""
        return "the stack does not accept this sign-in: run `tintype login` again"

    def token(self) -> str:
        """Return the access token."""
        with self._lock:
            self._tokens = self._tokens or self._stored()
            ends_soon = self._tokens.expires_at - time.time() < EARLY_SECONDS
            if ends_soon and not self._gave_up:
                try:
                    self._tokens = self._renewed(self._tokens.access_token)
                except ClientError:
                    self._gave_up = True
            return self._tokens.access_token

    def renew(self, refused: str) -> bool:
        """Renew the tokens, unless another thread or command has done so."""
        with self._lock:
            self._tokens = self._renewed(refused)
            self._gave_up = False
            return self._tokens.access_token != refused

    def _stored(self) -> Tokens:
        stored = self.file.read()
        if stored is None:
            message = "the stored sign-in is gone or unreadable: run `tintype login` again"
            raise NotSignedInError(message, status=HTTPStatus.UNAUTHORIZED)
        return stored[1]

    def _renewed(self, old: str) -> Tokens:
        """Return tokens other than *old*, from another command or from the issuer."""
        from tintype.client.sign_in import refresh  # noqa: PLC0415 - loads httpx

        with self.file.lock():
            stored = self.file.read()
            if stored is None:
                return self._stored()  # which raises
            login, tokens = stored
            if tokens.access_token != old or not tokens.refresh_token:
                return tokens
            fresh = refresh(login.endpoints, tokens)
            self.file.write(login, fresh)
            return fresh


def credential_for(api_url: str) -> BearerCredential | None:
    """Return what proves to an API who calls, or None.

    Raises:
        MalformedApiKeyError: `TINTYPE_API_KEY` is not an API key.
    """
    key = api_key_of_environment()
    if key is not None:
        return key
    from tintype.cli.login.store import find_login  # noqa: PLC0415 - loads httpx, as all with an API

    file = find_login(page_of(api_url))
    return LoginCredential(file) if file else None


def page_of(api_url: str) -> str:
    """Return the address of the page next to an API, which sign-ins are stored under.

    >>> page_of("https://images.example.com/api/")
    'https://images.example.com'
    """
    return api_url.rstrip("/").removesuffix("/api")
