"""The issuers whose tokens a GraphQL API accepts: Cognito user pools and OpenID Connect providers.

`identity` is what a resolver sees as `ctx.identity`: "AWS AppSync JavaScript resolver context
object reference", Identity.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from tintype.local.appsync.apis import LocalApi, Mode
from tintype.local.tokens import Keys, TokenError, audiences, stated_issuer, verified_claims

Claims: TypeAlias = Mapping[str, Any]
TOKEN_KINDS = {"id": "aud", "access": "client_id"}  # and the claim that names the client
MILLISECONDS = 1000
ANY = ".*"


class Provider(Protocol):
    """An issuer that an API accepts."""

    @property
    def mode(self) -> Mode:
        """The API's mode for its tokens."""

    @property
    def issuer(self) -> str:
        """What its tokens state as `iss`."""

    def check(self, claims: Claims) -> None:
        """Check claims that the issuer signed.

        Raises:
            TokenError: they are not for this API.
        """

    def identity(self, claims: Claims, source_ip: str) -> dict[str, Any]:
        """Return what a resolver sees of the caller."""


@dataclass(frozen=True, slots=True)
class UserPool:
    """A Cognito user pool; *clients* matches the IDs of the app clients that may be used."""

    issuer: str
    clients: str
    default_action: str
    mode: Mode = Mode.COGNITO

    def check(self, claims: Claims) -> None:
        """Check that it is an ID or access token of one of the clients.

        Raises:
            TokenError: it is not.
        """
        client = claims.get(TOKEN_KINDS.get(str(claims.get("token_use")), ""))
        if not isinstance(client, str) or not re.fullmatch(self.clients, client):
            message = "not an ID or access token for a client of this API"
            raise TokenError(message)

    def identity(self, claims: Claims, source_ip: str) -> dict[str, Any]:
        """Return what a resolver sees of the caller."""
        return {
            "claims": claims,
            "defaultAuthStrategy": self.default_action,
            "groups": claims.get("cognito:groups"),
            "issuer": self.issuer,
            "sourceIp": [source_ip],
            "sub": claims.get("sub"),
            "username": claims.get("cognito:username") or claims.get("username"),
        }


@dataclass(frozen=True, slots=True)
class OpenIdProvider:
    """An OpenID Connect provider; *clients* matches the audiences of the tokens that may be used.

    Its tokens end by *auth_ttl* after sign-in and *iat_ttl* after they were issued, in
    milliseconds; 0: only by their own expiry.
    """

    issuer: str
    clients: str
    auth_ttl: int
    iat_ttl: int
    mode: Mode = Mode.OIDC

    def check(self, claims: Claims) -> None:
        """Check that it is for one of the clients, and young enough.

        Raises:
            TokenError: it is not.
        """
        named = (*audiences(claims), str(claims.get("azp") or ""))
        if self.clients != ANY and not any(re.fullmatch(self.clients, each) for each in named):
            message = "not a token for a client of this API"
            raise TokenError(message)
        for claim, most in (("auth_time", self.auth_ttl), ("iat", self.iat_ttl)):
            since = claims.get(claim)
            if most and not (
                isinstance(since, int | float) and time.time() < since + most / MILLISECONDS
            ):
                message = f"more than {most} ms since {claim}"
                raise TokenError(message)

    def identity(self, claims: Claims, _source_ip: str) -> dict[str, Any]:
        """Return what a resolver sees of the caller."""
        return {"claims": claims, "issuer": self.issuer, "sub": claims.get("sub")}


def provider_claims(api: LocalApi, token: str, keys: Keys) -> tuple[Provider, dict[str, Any]]:
    """Return a token's provider and its verified claims.

    Raises:
        TokenError: none of the API's providers vouches for it.
    """
    stated = stated_issuer(token)
    for provider in providers(api):
        if provider.issuer == stated:
            claims = verified_claims(token, provider.issuer, keys)
            provider.check(claims)
            return provider, claims
    message = "not the token of an issuer of this API"
    raise TokenError(message)


def providers(api: LocalApi) -> Iterator[Provider]:
    """Yield the issuers that an API accepts."""
    for mode, make in _PROVIDERS.items():
        for settings in api.settings(mode):
            yield make(settings)


def _user_pool(settings: Mapping[str, Any]) -> Provider:
    pool = str(settings.get("userPoolId") or "")
    region = settings.get("awsRegion") or pool.partition("_")[0]
    return UserPool(
        issuer=f"https://cognito-idp.{region}.amazonaws.com/{pool}",
        clients=settings.get("appIdClientRegex") or ANY,
        default_action=str(settings.get("defaultAction") or "ALLOW"),
    )


def _open_id_provider(settings: Mapping[str, Any]) -> Provider:
    return OpenIdProvider(
        issuer=str(settings.get("issuer") or ""),
        clients=settings.get("clientId") or ANY,
        auth_ttl=int(settings.get("authTTL") or 0),
        iat_ttl=int(settings.get("iatTTL") or 0),
    )


_PROVIDERS: dict[Mode, Callable[[Mapping[str, Any]], Provider]] = {
    Mode.COGNITO: _user_pool,
    Mode.OIDC: _open_id_provider,
}
