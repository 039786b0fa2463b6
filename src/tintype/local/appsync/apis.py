"""The GraphQL APIs deployed to the emulator, read from its memory."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graphql import GraphQLSchema

from tintype.local.ministack.modules import ministack_module

API_HOST = re.compile(r"([a-z0-9]+)\.appsync-(?:realtime-)?api\.")
API_PATH = re.compile(r"/v1/apis/([^/]+)/graphql")


class Mode(StrEnum):
    """The ways to authenticate."""

    API_KEY = "API_KEY"
    COGNITO = "AMAZON_COGNITO_USER_POOLS"
    IAM = "AWS_IAM"
    LAMBDA = "AWS_LAMBDA"  # which no client can use here
    OIDC = "OPENID_CONNECT"


SETTINGS = {Mode.COGNITO: "userPoolConfig", Mode.OIDC: "openIDConnectConfig"}


@dataclass(frozen=True, slots=True)
class LocalApi:
    """An API, with what its subscriptions and its access control need."""

    id: str
    account: str
    region: str
    record: Mapping[str, Any]

    @property
    def arn(self) -> str:
        """The API's ARN."""
        return f"arn:aws:appsync:{self.region}:{self.account}:apis/{self.id}"

    @property
    def default_mode(self) -> str:
        """The mode for fields without a directive."""
        return str(self.record.get("authenticationType") or Mode.API_KEY)

    @property
    def modes(self) -> frozenset[str]:
        """Every mode that the API accepts."""
        return frozenset({self.default_mode, *(each["authenticationType"] for each in self._more)})

    @property
    def denies_by_default(self) -> bool:
        """Whether a field without a directive is denied to everybody; only of a pool alone."""
        settings = self.record.get(SETTINGS[Mode.COGNITO]) or {}
        is_pool = self.default_mode == Mode.COGNITO and not self._more
        return is_pool and settings.get("defaultAction") == "DENY"

    def settings(self, mode: Mode) -> Iterator[Mapping[str, Any]]:
        """Yield the settings of each provider of this mode."""
        for each in (self.record, *self._more):
            if each.get("authenticationType") == mode:
                yield each.get(SETTINGS[mode]) or {}

    @property
    def _more(self) -> list[Mapping[str, Any]]:
        return list(self.record.get("additionalAuthenticationProviders") or [])

    def has_key(self, key: str) -> bool:
        """Whether *key* is one of the API's keys and has not expired."""
        keys = ministack_module("services.appsync")._api_keys  # noqa: SLF001
        found = (keys.get_scoped(self.account, self.region, self.id) or {}).get(key)
        return found is not None and float(found.get("expires") or 0) > time.time()

    def schema(self) -> GraphQLSchema | None:
        """Return the schema, or None if the API has no valid one."""
        schemas = ministack_module("services.appsync")._schemas  # noqa: SLF001
        stored = schemas.get_scoped(self.account, self.region, self.id) or {}
        engine = ministack_module("core.appsync_graphql")
        try:
            schema: GraphQLSchema = engine.build_api_schema(self.id, stored.get("definition") or "")
        except engine.SchemaUnavailable:
            return None
        return schema


def all_apis() -> Iterator[LocalApi]:
    """Yield every GraphQL API."""
    apis = ministack_module("services.appsync")._apis  # noqa: SLF001
    for (account, region, api_id), record in apis.all_items():
        if record.get("apiType", "GRAPHQL") == "GRAPHQL":
            yield LocalApi(api_id, account, region, record)


def find_api(host: str, path: str, key: str = "") -> LocalApi | None:
    """Return a request's API: by its path, host or key, or because it is the only one."""
    apis = {api.id: api for api in all_apis()}
    named = API_PATH.fullmatch(path) or API_HOST.match(host.lower())
    if named:
        return apis.get(named[1])
    by_key = next((api for api in apis.values() if key and api.has_key(key)), None)
    return by_key or (next(iter(apis.values())) if len(apis) == 1 else None)
