"""Sign in with a stack's issuer: OAuth's code flow with PKCE, as a client without a secret.

Start with `discover`, then `authorization_url`, `redeem`, `refresh`, `revoke`. (RFC 6749, 7009, 7636,
8252, 9207; OpenID Connect Discovery 1.0.)
"""

from __future__ import annotations

import hashlib
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec

from tintype.client.credentials import require_confidential
from tintype.client.errors import ApiUnreachableError, NotSignedInError, SignInFailedError
from tintype.client.responses import SignInConfig

TIMEOUT_SECONDS = 15.0
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
Read = TypeVar("Read")


class Endpoints(msgspec.Struct, frozen=True, rename="camel"):
    """Where a client signs in, and who it is there. *revoke* is empty if the issuer cannot."""

    issuer: str
    client_id: str
    authorize: str
    token: str
    revoke: str = ""


class Tokens(msgspec.Struct, frozen=True, rename="camel"):
    """What the issuer gave. *expires_at* is in seconds since 1970; *name* is for people."""

    access_token: str
    refresh_token: str
    expires_at: float
    name: str = ""

    def __repr__(self) -> str:
        """Return no token."""
        return f"{type(self).__name__}(expires_at={self.expires_at})"


@dataclass(frozen=True, slots=True)
class Attempt:
    """The secrets of one sign-in: they connect the browser's answer to who asked."""

    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def challenge(self) -> str:
        """The SHA-256 of the verifier, as RFC 7636 wants it."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")


class _Discovery(msgspec.Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str = ""


class _TokenResponse(msgspec.Struct, frozen=True):
    access_token: str
    refresh_token: str = ""
    id_token: str = ""
    expires_in: float = 300.0


class _Problem(msgspec.Struct, frozen=True):
    error: str = ""
    error_description: str = ""


class _Person(msgspec.Struct, frozen=True):
    email: str = ""
    preferred_username: str = ""


def discover(config: SignInConfig) -> Endpoints:
    """Return an issuer's endpoints: those of Cognito's managed login, else what the issuer says.

    Raises:
        SignInFailedError: the issuer does not describe itself.
        InsecureAddressError: an endpoint is not encrypted.
        ApiUnreachableError: the issuer does not answer.
    """
    if config.url:
        base = config.url.rstrip("/")
        found = _Discovery(
            issuer=config.issuer,
            authorization_endpoint=f"{base}/oauth2/authorize",
            token_endpoint=f"{base}/oauth2/token",
            revocation_endpoint=f"{base}/oauth2/revoke",
        )
    else:
        require_confidential(config.issuer)
        url = f"{config.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = _read(_send("GET", url), _Discovery)
        if found.issuer != config.issuer:
            message = f"{url} describes another issuer, {found.issuer}"
            raise SignInFailedError(message)
    for url in (found.authorization_endpoint, found.token_endpoint, found.revocation_endpoint):
        if url:
            require_confidential(url)
    return Endpoints(
        issuer=config.issuer,
        client_id=config.client_id,
        authorize=found.authorization_endpoint,
        token=found.token_endpoint,
        revoke=found.revocation_endpoint,
    )


def authorization_url(
    endpoints: Endpoints, attempt: Attempt, redirect_uri: str, config: SignInConfig
) -> str:
    """Return the address at which a person signs in."""
    query = {
        "response_type": "code",
        "client_id": endpoints.client_id,
        "redirect_uri": redirect_uri,
        "scope": config.scope or "openid",
        "state": attempt.state,
        "code_challenge": attempt.challenge,
        "code_challenge_method": "S256",
    }
    if config.audience:
        query["audience"] = config.audience  # without it Auth0's tokens are no JWTs
    separator = "&" if urlsplit(endpoints.authorize).query else "?"
    return f"{endpoints.authorize}{separator}{urlencode(query)}"


def redeem(endpoints: Endpoints, attempt: Attempt, code: str, redirect_uri: str) -> Tokens:
    """Return the tokens for the code that the browser brought.

    Raises:
        SignInFailedError: the issuer refuses the code.
        ApiUnreachableError: the issuer does not answer.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": endpoints.client_id,
        "code_verifier": attempt.verifier,
    }
    answer = _send("POST", endpoints.token, form)
    if not answer.is_success:
        raise SignInFailedError(_reason(answer))
    return _tokens(_read(answer, _TokenResponse))


def refresh(endpoints: Endpoints, old: Tokens) -> Tokens:
    """Return new tokens for old ones.

    Raises:
        NotSignedInError: the issuer renews the sign-in no more.
        SignInFailedError: it fails otherwise.
        ApiUnreachableError: it does not answer.
    """
    form = {
        "grant_type": "refresh_token",
        "refresh_token": old.refresh_token,
        "client_id": endpoints.client_id,
    }
    answer = _send("POST", endpoints.token, form)
    if answer.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
        message = f"the sign-in has ended ({_reason(answer)}): run `tintype login` again"
        raise NotSignedInError(message, status=answer.status_code)
    if not answer.is_success:
        raise SignInFailedError(_reason(answer))
    new = _tokens(_read(answer, _TokenResponse))
    return msgspec.structs.replace(
        new,
        refresh_token=new.refresh_token or old.refresh_token,  # most issuers keep it
        name=new.name or old.name,
    )


def revoke(endpoints: Endpoints, tokens: Tokens) -> bool:
    """End the sign-in at the issuer, and return whether that is possible there.

    Raises:
        SignInFailedError: the issuer refuses.
        ApiUnreachableError: it does not answer.
    """
    if not endpoints.revoke or not tokens.refresh_token:
        return False
    form = {"token": tokens.refresh_token, "client_id": endpoints.client_id}
    answer = _send("POST", endpoints.revoke, form)
    if not answer.is_success:
        raise SignInFailedError(_reason(answer))
    return True


def _tokens(response: _TokenResponse) -> Tokens:
    return Tokens(
        access_token=response.access_token,
        refresh_token=response.refresh_token,
        expires_at=time.time() + response.expires_in,
        name=_name(response.id_token),
    )


def _name(id_token: str) -> str:
    """Return what an ID token calls its person, to be shown; it comes from the issuer by TLS."""
    payload = id_token.split(".")[1] if id_token.count(".") == 2 else ""  # noqa: PLR2004
    try:
        decoded = urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        person = msgspec.json.decode(decoded, type=_Person)
    except (ValueError, *_UNREADABLE):
        return ""
    return person.email or person.preferred_username


def _send(method: str, url: str, form: Mapping[str, str] | None = None) -> httpx.Response:
    """Send a request once, and follow no redirect: it would carry secrets elsewhere."""
    try:
        return httpx.request(method, url, data=form, timeout=TIMEOUT_SECONDS)
    except (httpx.TransportError, httpx.InvalidURL) as error:
        message = f"{_place(url)}: {error or type(error).__name__}"
        raise ApiUnreachableError(message) from error


def _read(answer: httpx.Response, kind: type[Read]) -> Read:
    if answer.is_success:
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except _UNREADABLE:
            pass
    raise SignInFailedError(_reason(answer))


def _reason(answer: httpx.Response) -> str:
    """Return why the issuer refuses, in its own words."""
    try:
        problem = msgspec.json.decode(answer.content, type=_Problem)
    except _UNREADABLE:
        problem = _Problem()
    said = ": ".join(text for text in (problem.error, problem.error_description) if text)
    return f"{_place(str(answer.request.url))} returned {answer.status_code} {said}".rstrip()


def _place(url: str) -> str:
    return url.partition("?")[0]
