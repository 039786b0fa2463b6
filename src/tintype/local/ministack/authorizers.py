"""An HTTP API's JWT authorizer, which MiniStack has, but laxer than AWS.

MiniStack takes a token without `exp`, without `iss` if the authorizer names none, of any stated
algorithm, and keeps a provider's failure or an old key for up to two hours. "Control access to HTTP
APIs with JWT authorizers" in API Gateway's developer guide is what is checked here, before MiniStack
checks the scopes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from tintype.local.issuers import Issuers
from tintype.local.ministack.modules import ministack_module
from tintype.local.tokens import Keys, TokenError, audiences, verified_claims

Authorization: TypeAlias = tuple[dict[str, Any] | None, list[str] | None, tuple[Any, ...] | None]


def authorize_as_api_gateway() -> Callable[[], None]:
    """Make the authorizer as strict as AWS's, and return a function that undoes it."""
    gateway = ministack_module("services.apigateway")
    original = gateway._validate_jwt_authorizer  # noqa: SLF001
    issuers = Issuers()

    async def validate(
        route: Mapping[str, Any],
        authorizer: Mapping[str, Any],
        headers: Mapping[str, str],
        query_params: Mapping[str, Any],
    ) -> Authorization:
        token = gateway._extract_token_from_identity_source(  # noqa: SLF001
            authorizer.get("identitySource", []), headers, query_params
        )
        settings = authorizer.get("jwtConfiguration") or {}
        try:
            await asyncio.to_thread(check_token, token or "", settings, issuers)
        except TokenError:
            return None, None, gateway._jwt_unauthorized()  # noqa: SLF001
        authorization: Authorization = await original(route, authorizer, headers, query_params)
        return authorization

    gateway._validate_jwt_authorizer = validate  # noqa: SLF001
    return lambda: setattr(gateway, "_validate_jwt_authorizer", original)


def check_token(token: str, settings: Mapping[str, Any], keys: Keys) -> None:
    """Check a token against an authorizer's `jwtConfiguration`.

    `client_id` is looked at only if there is no `aud`.

    Raises:
        TokenError: it is not valid.
    """
    claims = verified_claims(token, str(settings.get("issuer") or ""), keys)
    client = claims.get("client_id")
    named = audiences(claims) if "aud" in claims else (client,)
    accepted: Sequence[str] = settings.get("audience") or ()
    if not any(each in accepted for each in named):
        message = "not a token for this API"
        raise TokenError(message)
