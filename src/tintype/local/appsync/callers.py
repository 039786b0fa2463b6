"""Callers of a GraphQL API: who they are, and until when their credentials prove it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tintype.local.appsync.apis import LocalApi, Mode
from tintype.local.appsync.messages import (
    HAS_EXPIRED,
    NO_CREDENTIALS,
    NOT_A_JWT,
    UNAUTHORIZED,
    UnauthorizedError,
)
from tintype.local.appsync.providers import provider_claims
from tintype.local.issuers import Issuers
from tintype.local.ministack.modules import ministack_module
from tintype.local.tokens import ExpiredTokenError, Keys, MalformedTokenError, TokenError

SIGNED = "AWS4-HMAC-SHA256"
KEY_HEADER, TOKEN_HEADER = "x-api-key", "authorization"
ISSUERS = Issuers()


@dataclass(frozen=True, slots=True)
class GraphqlCaller:
    """An authenticated caller; *access_key_id* only with IAM, *groups* only with a user pool.

    *identity* is what resolvers see. *expires* is a Unix time.
    """

    api: LocalApi
    mode: Mode
    access_key_id: str = ""
    groups: frozenset[str] = frozenset()
    identity: Mapping[str, Any] | None = field(default=None, repr=False)
    expires: float = math.inf

    def may_call(self, type_name: str, field_name: str) -> bool:
        """Whether the caller's IAM policies allow the top-level field."""
        if self.mode is not Mode.IAM:
            return True
        resource = f"{self.api.arn}/types/{type_name}/fields/{field_name}"
        refused = ministack_module("core.iam_evaluator").enforce(
            self.access_key_id, "appsync:GraphQL", "appsync", self.api.region, resource
        )
        return refused is None


def identify(
    api: LocalApi, headers: Mapping[str, str], path: str, body: bytes, source_ip: str
) -> GraphqlCaller:
    """Return the caller with these headers, in the format of AppSync's real-time clients.

    A client with an access key signs a POST of *body* to *path*, which it does not send as such.

    Raises:
        UnauthorizedError: the key or token is unknown, forged or expired, or the signature is wrong.
    """
    lower = {name.lower(): str(value) for name, value in headers.items()}
    caller = identify_request(api, lower, source_ip)
    if caller.mode is Mode.IAM:
        return replace(caller, access_key_id=_verified_key(api, lower, path, body))
    return caller


def identify_request(
    api: LocalApi, headers: Mapping[str, str], source_ip: str, keys: Keys = ISSUERS
) -> GraphqlCaller:
    """Return the caller of a request with these headers, whose names are in lower case.

    A signature is not verified here, but by MiniStack, which has the request as it was signed.

    Raises:
        UnauthorizedError: the key or token is unknown, forged or expired, or there is none.
    """
    token, key = headers.get(TOKEN_HEADER, ""), headers.get(KEY_HEADER, "")
    if token.startswith(SIGNED) and Mode.IAM in api.modes:
        return GraphqlCaller(api, Mode.IAM, identity=_signer(headers, source_ip))
    if key and Mode.API_KEY in api.modes:
        if api.has_key(key):
            return GraphqlCaller(api, Mode.API_KEY)
    elif token and not api.modes.isdisjoint({Mode.COGNITO, Mode.OIDC}):
        return _bearer(api, token, source_ip, keys)
    elif Mode.API_KEY not in api.modes:
        raise UnauthorizedError(NO_CREDENTIALS)
    raise UnauthorizedError(UNAUTHORIZED)


def _bearer(api: LocalApi, token: str, source_ip: str, keys: Keys) -> GraphqlCaller:
    """Return a token's bearer. The header is the token alone, as AWS's own clients send it."""
    try:
        provider, claims = provider_claims(api, token, keys)
    except MalformedTokenError as error:
        raise UnauthorizedError(NOT_A_JWT) from error
    except ExpiredTokenError as error:
        raise UnauthorizedError(HAS_EXPIRED) from error
    except TokenError as error:
        raise UnauthorizedError(UNAUTHORIZED) from error
    identity = provider.identity(claims, source_ip)
    groups = identity.get("groups")
    return GraphqlCaller(
        api,
        provider.mode,
        groups=frozenset(map(str, groups)) if isinstance(groups, list) else frozenset(),
        identity=identity,
        expires=float(claims["exp"]),
    )


def _signer(headers: Mapping[str, str], source_ip: str) -> Mapping[str, Any] | None:
    """Return what a resolver sees of whoever signed, nothing if there is no such key."""
    key_id = ministack_module("core.router").extract_access_key_id(headers, {})
    known = ministack_module("core.iam_evaluator").resolve_caller_identity(key_id) or {}
    return known and {
        "accountId": known["accountId"],
        "cognitoIdentityAuthProvider": None,
        "cognitoIdentityAuthType": None,
        "cognitoIdentityId": None,
        "cognitoIdentityPoolId": None,
        "sourceIp": [source_ip],
        "userArn": known["userArn"],
        "username": known["userId"],
    }


def _verified_key(api: LocalApi, headers: Mapping[str, str], path: str, body: bytes) -> str:
    evaluator, sigv4 = ministack_module("core.iam_evaluator"), ministack_module("core.sigv4")
    signature = sigv4.parse_header_signature(headers)
    if isinstance(signature, tuple):
        raise UnauthorizedError(signature[1])
    credential = evaluator.resolve_credential(
        signature.access_key_id, api.account, headers.get("x-amz-security-token", "")
    )
    if isinstance(credential, evaluator.CredentialResolutionError):
        raise UnauthorizedError(credential.message)
    failure = sigv4.request_time_failure(signature) or sigv4.header_signature_failure(
        signature, credential.secret_access_key, "POST", path, {}, headers, body
    )
    if failure:
        raise UnauthorizedError(failure[1])
    if (signature.service, signature.region) != ("appsync", api.region):
        message = "Credential should be scoped to a valid region and to correct service: 'appsync'."
        raise UnauthorizedError(message)
    return str(signature.access_key_id)
