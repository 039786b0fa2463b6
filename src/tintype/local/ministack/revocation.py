"""The address at which a sign-in is ended, which MiniStack's user pools lack.

AWS Cognito developer guide, "The token revocation endpoint" (RFC 7009).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeAlias
from urllib.parse import parse_qs

from tintype.local.ministack.modules import ministack_module

PATH = "/oauth2/revoke"
Response: TypeAlias = tuple[int, dict[str, str], bytes]


def revoke_at_the_endpoint() -> Callable[[], None]:
    """Add the address to MiniStack's Cognito, and return a function that removes it."""
    cognito = ministack_module("services.cognito")
    original = cognito.handle_request

    async def handle(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: object
    ) -> object:
        if (method, path) != ("POST", PATH):
            return await original(method, path, headers, body, query)
        return _revoked(parse_qs(body.decode("utf-8", "replace")), cognito._revoke_token)  # noqa: SLF001

    cognito.handle_request = handle
    return lambda: setattr(cognito, "handle_request", original)


def _revoked(form: Mapping[str, list[str]], revoke: Callable[[dict[str, str]], object]) -> Response:
    token = form.get("token", [""])[0]
    if not token:
        problem = {"error": "invalid_request", "error_description": "Token must be provided"}
        return 400, {"content-type": "application/json"}, json.dumps(problem).encode()
    revoke({"Token": token})
    return 200, {}, b""
