"""Who sends a request: an API key, a person by the token that API Gateway verified, or everyone.

Start with `Authentication.caller`. Nothing in the body, the query or the path names the caller.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from tintype import api_keys, owners
from tintype.access import AccessMode, Caller, Scopes, limited, person
from tintype.api_keys import ApiKeyRecord
from tintype.aws.errors import ServiceError
from tintype.aws.ports import KeyStore
from tintype.functions.errors import InvalidApiKeyError, SignInRequiredError
from tintype.functions.http import Request
from tintype.functions.logging import Level, report
from tintype.images import timestamp

NAME = "api"
_USED_EVERY = timedelta(seconds=api_keys.USED_EVERY_SECONDS)
_ACCESS_TOKEN = "access"  # noqa: S105 - Cognito's name for the kind of token
_NO_ACCESS_TOKEN = "this is not an access token; send that, not the ID token"  # noqa: S105 - no secret
_PARTS = 3  # of a signed JWT


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """How callers of one deployment are recognised. `anyone` is for open mode alone."""

    mode: AccessMode
    anyone: Scopes
    admin_group: str
    groups_claim: str
    keys: KeyStore
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def caller(self, request: Request) -> Caller:
        """Return the caller of *request*.

        Raises:
            InvalidApiKeyError: the key is malformed, unknown, revoked or expired.
            SignInRequiredError: access is not open, and API Gateway verified no token.
            ServiceError: the table of keys cannot be read.
        """
        token = _bearer(request.headers)
        if request.with_key or token.startswith(api_keys.PREFIX):
            return self._holder_of(token)
        if request.claims is not None:
            return self._subject_of(request.claims, token)
        if self.mode is AccessMode.OPEN:
            return limited(owners.PUBLIC, self.anyone)
        message = "sign in, and send the access token as Authorization: Bearer"
        raise SignInRequiredError(message)

    def _holder_of(self, token: str) -> Caller:
        credential = api_keys.parse(token)
        if credential is None:
            message = "the header Authorization has no API key of the form tint_…"
            raise InvalidApiKeyError(message)
        item = self.keys.get(api_keys.item_id(credential.key_id))
        record = api_keys.from_item(item) if item else None
        if record is None or not record.opens_with(credential):
            message = "the API key is unknown or was revoked"
            raise InvalidApiKeyError(message)
        now = self.now()
        if record.has_expired(now):  # the table deletes it up to two days later
            message = f"the API key expired at {api_keys.expiry(record)}"
            raise InvalidApiKeyError(message)
        self._note_use(record, now)
        return record.caller

    def _note_use(self, record: ApiKeyRecord, now: datetime) -> None:
        """Write that a key was used, at most once an hour; the request does not depend on it."""
        since = timestamp(now - _USED_EVERY)
        if record.last_used_at is not None and record.last_used_at >= since:
            return
        try:
            self.keys.note_use(api_keys.item_id(record.id), timestamp(now), unless_after=since)
        except ServiceError as error:
            report(NAME, str(error), level=Level.WARNING, code=error.code, key_id=record.id)

    def _subject_of(self, claims: Mapping[str, object], token: str) -> Caller:
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            message = "the token names no subject"
            raise SignInRequiredError(message)
        if self.mode is AccessMode.COGNITO and claims.get("token_use") != _ACCESS_TOKEN:
            raise SignInRequiredError(_NO_ACCESS_TOKEN)
        if self.mode is AccessMode.OIDC and _is_id_token(claims):
            raise SignInRequiredError(_NO_ACCESS_TOKEN)
        claim = claims.get(self.groups_claim)
        groups = _groups(claim)
        if self.mode is not AccessMode.COGNITO and _is_bracketed(claim):
            groups &= _listed(token, self.groups_claim)
        return person(owners.of_subject(subject), admin=self.admin_group in groups)


def _bearer(headers: Mapping[str, str]) -> str:
    """Return what the header Authorization carries, or nothing.

    >>> _bearer({"authorization": "bearer abc"}), _bearer({"authorization": "Basic abc"})
    ('abc', '')
    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _is_id_token(claims: Mapping[str, object]) -> bool:
    """Whether a token of another issuer is known to be an ID token; many do not show it.

    `typ` is Keycloak's. Its access tokens had a nonce before version 24, and Entra's may have one,
    but then also scopes.

    >>> _is_id_token({"nonce": "n"}), _is_id_token({"nonce": "n", "scope": "openid"})
    (True, False)
    """
    if claims.get("typ") == "ID":
        return True
    return not claims.keys().isdisjoint(("nonce", "at_hash")) and claims.keys().isdisjoint(
        ("scope", "scp")
    )


def _groups(claim: object) -> frozenset[str]:
    """Return the groups in a claim; API Gateway writes a list as text.

    A group with a space looks like two, and a text in brackets like a list: see `_listed`.

    >>> sorted(_groups("[editors admin]")), sorted(_groups("admin")), sorted(_groups(None))
    (['admin', 'editors'], ['admin'], [])
    """
    if isinstance(claim, list):
        return frozenset(one for one in claim if isinstance(one, str))
    if not isinstance(claim, str):
        return frozenset()
    return frozenset(claim[1:-1].split() if _is_bracketed(claim) else [claim])


def _is_bracketed(claim: object) -> bool:
    """Whether a claim looks like a list that API Gateway has written as text."""
    return isinstance(claim, str) and claim.startswith("[") and claim.endswith("]")


def _listed(token: str, claim: str) -> frozenset[str]:
    """Return the groups in the token itself, where `shop admin` and `admin ` are one group each.

    A claim that is no list there, such as the text `[admin]`, lists none.

    Only for names that API Gateway found too: it has verified the token, and this does not.
    """
    parts = token.split(".")
    if len(parts) != _PARTS:
        return frozenset()
    try:
        body = urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        claims = msgspec.json.decode(body, type=dict[str, object])
    except (ValueError, msgspec.DecodeError, RecursionError):
        return frozenset()
    listed = claims.get(claim)
    return (
        frozenset(one for one in listed if isinstance(one, str))
        if isinstance(listed, list)
        else frozenset()
    )
