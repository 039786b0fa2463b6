"""JSON Web Tokens, verified as AppSync and an HTTP API verify them: by the issuer's public keys.

Start with `verified_claims`. MiniStack believes any token that AppSync is sent, and an HTTP API's
without an expiry. What is checked: "Control access to HTTP APIs with JWT authorizers" in API
Gateway's developer guide, and "Configuring authorization" in AppSync's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

import jwt
from jwt.utils import base64url_decode

ALGORITHM = "RS256"
# A request's headers may have 10,240 bytes ("Quotas for HTTP APIs"); a larger token is no user's.
MOST_CHARACTERS = 8192
PARTS = 3


class TokenError(Exception):
    """The token does not prove who its bearer is."""


class MalformedTokenError(TokenError):
    """It is not a signed JSON Web Token."""


class ExpiredTokenError(TokenError):
    """It was valid, and has ended."""


class Keys(Protocol):
    """The public keys of issuers."""

    def find(self, issuer: str, key_id: str) -> Mapping[str, Any] | None:
        """Return an issuer's key as a JSON Web Key, or None if it has no such key."""


def verified_claims(token: str, issuer: str, keys: Keys) -> dict[str, Any]:
    """Return the claims of a token that *issuer* signed and that is valid now.

    The algorithm is RS256 whatever the token says; of the keys in the token's header, none counts.

    Raises:
        TokenError: the token is not valid.
    """
    header, _ = _part(token, 0), _part(token, 1)
    key_id = header.get("kid")
    key = keys.find(issuer, key_id) if isinstance(key_id, str) and key_id else None
    if key is None or not _signs(key):
        message = "the issuer has no such key"
        raise TokenError(message)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(dict(key), ALGORITHM),
            algorithms=[ALGORITHM],
            issuer=issuer,
            options={"require": ["exp", "iss"], "verify_aud": False},
        )
    except jwt.ExpiredSignatureError as error:
        raise ExpiredTokenError(str(error)) from error
    except jwt.DecodeError as error:
        kind = TokenError if isinstance(error, jwt.InvalidSignatureError) else MalformedTokenError
        raise kind(str(error)) from error
    except jwt.PyJWTError as error:
        raise TokenError(str(error)) from error
    return claims


def stated_issuer(token: str) -> str:
    """Return the issuer that a token states, unverified: it only chooses whose keys to try.

    Raises:
        MalformedTokenError: it is no token.
    """
    return str(_part(token, 1).get("iss") or "")


def audiences(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a token's `aud`, which is one text or a list of texts.

    >>> audiences({"aud": "page"}), audiences({"aud": ["a", "b"]}), audiences({})
    (('page',), ('a', 'b'), ())
    """
    value = claims.get("aud")
    if isinstance(value, list):
        return tuple(each for each in value if isinstance(each, str))
    return (value,) if isinstance(value, str) else ()


def _signs(key: Mapping[str, Any]) -> bool:
    """Whether a key is an RSA key for signatures, so that no other key verifies by mistake."""
    return (
        key.get("kty") == "RSA"
        and key.get("use", "sig") == "sig"
        and key.get("alg", ALGORITHM) == ALGORITHM
    )


def _part(token: str, index: int) -> dict[str, Any]:
    parts = token.split(".") if len(token) <= MOST_CHARACTERS else []
    if len(parts) != PARTS or not all(parts):
        message = "not three parts"
        raise MalformedTokenError(message)
    try:
        value = json.loads(base64url_decode(parts[index]), object_pairs_hook=_unambiguous)
    except (ValueError, RecursionError) as error:
        raise MalformedTokenError(str(error)) from error
    if not isinstance(value, dict):
        message = "not a JSON object"
        raise MalformedTokenError(message)
    return value


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; one that names a claim twice means different things to two readers."""
    value = dict(pairs)
    if len(value) != len(pairs):
        message = "a name stands there twice"
        raise ValueError(message)
    return value
