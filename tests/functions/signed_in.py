"""Requests with a token: its claims as API Gateway hands them over, and the token itself."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import msgspec

from tests.functions.aws_events import Event, http_event
from tests.functions.stack import Stack
from tintype.access import Caller
from tintype.functions import http


def caller(stack: Stack, event: Event) -> Caller:
    return stack.authentication.caller(http.request(event))


def with_claims(claims: object, token: str = "") -> Event:
    found = http_event("GET", "/images", subject="alice")
    found["requestContext"]["authorizer"]["jwt"]["claims"] = claims
    if token:
        found["headers"]["authorization"] = f"Bearer {token}"
    return found


def token(**claims: Any) -> str:
    """Return a token with these claims; API Gateway has verified it, and here nobody does again."""
    parts = ({"alg": "RS256", "kid": "k"}, claims)
    texts = [urlsafe_b64encode(msgspec.json.encode(one)).decode().rstrip("=") for one in parts]
    return ".".join([*texts, "c2lnbmF0dXJl"])
