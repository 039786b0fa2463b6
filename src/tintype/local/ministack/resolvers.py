"""MiniStack's resolvers, which see only callers that our layer has identified.

MiniStack executes a request for any token, gives resolvers the claims of a forged one, and none at
all for an OpenID Connect provider or a second provider of an API. Here a request is executed only
`for_caller` whom `tintype.local.appsync` has verified, whatever way it came.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from tintype.local.ministack.modules import ministack_module

UNAUTHORIZED = "Unauthorized"


@dataclass(frozen=True, slots=True)
class VerifiedCaller:
    """A caller for whom MiniStack may execute requests to one API.

    *is_signed* says that MiniStack must verify the request's signature and ask its policies.
    *query* is the one that we have checked against the schema's directives.
    """

    api_id: str
    is_signed: bool
    identity: Mapping[str, Any] | None
    query: str | None = None


class ResolverError(Exception):
    """A resolver refused, by util.error or util.unauthorized; *kind* is its error type."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


_CALLER: ContextVar[VerifiedCaller | None] = ContextVar("verified_caller", default=None)


@contextlib.contextmanager
def for_caller(caller: VerifiedCaller) -> Iterator[None]:
    """Let MiniStack execute requests for this caller during the block."""
    token = _CALLER.set(caller)
    try:
        yield
    finally:
        _CALLER.reset(token)


def execute_only_for_callers() -> Callable[[], None]:
    """Make MiniStack refuse whom we have not identified, and return a function that undoes it."""
    appsync = ministack_module("services.appsync")
    execute, resolve = appsync._execute_graphql, appsync._resolve_field  # noqa: SLF001

    def execute_for_caller(
        api_id: str, data: Mapping[str, Any], headers: object = None, authorize: object = None
    ) -> object:
        caller = _CALLER.get()
        is_verified = (
            caller is not None
            and caller.api_id == api_id
            and caller.is_signed is (authorize is not None)
            and caller.query == data.get("query")  # MiniStack also reads compressed bodies
        )
        if not is_verified:
            return appsync._unauthorized_response()  # noqa: SLF001
        return execute(api_id, data, headers, authorize)

    def resolve_for_caller(api_id: str, resolver: Mapping[str, Any], *rest: object, **named: Any) -> object:  # noqa: ANN401 # fmt: skip
        caller = _CALLER.get()
        named["identity"] = dict(caller.identity) if caller and caller.identity else None
        try:
            return resolve(api_id, resolver, *rest, **named)
        except appsync._AppSyncResolverError as error:  # noqa: SLF001
            if (error.error_type, str(error)) == (UNAUTHORIZED, UNAUTHORIZED):
                # What util.unauthorized() says on AWS.
                field = named.get("field_name") or resolver.get("fieldName")
                parent = named.get("type_name") or resolver.get("typeName")
                said = f"Not Authorized to access {field} on type {parent}"
                raise appsync._AppSyncResolverError(said, UNAUTHORIZED) from error  # noqa: SLF001
            raise

    appsync._execute_graphql = execute_for_caller  # noqa: SLF001
    appsync._resolve_field = resolve_for_caller  # noqa: SLF001

    def undo() -> None:
        appsync._execute_graphql = execute  # noqa: SLF001
        appsync._resolve_field = resolve  # noqa: SLF001

    return undo


@dataclass(frozen=True, slots=True)
class FieldCall:
    """A call of a top-level field that may have a resolver."""

    account: str
    region: str
    type_name: str
    field: str
    arguments: Mapping[str, Any]
    variables: Mapping[str, Any]
    headers: Mapping[str, str]


def run_resolver(caller: VerifiedCaller, call: FieldCall) -> None:
    """Run the field's resolver, if it has one, for what it refuses; its result is dropped.

    Raises:
        ResolverError: the resolver refused.
    """
    appsync = ministack_module("services.appsync")
    of_api = appsync._resolvers.get_scoped(call.account, call.region, caller.api_id) or {}  # noqa: SLF001
    resolver = of_api.get(call.type_name, {}).get(call.field)
    if resolver is None:
        return
    with for_caller(caller), _in_scope(call.account, call.region):
        try:
            appsync._resolve_field(  # noqa: SLF001
                caller.api_id,
                resolver,
                dict(call.arguments),
                [],
                dict(call.variables),
                field_name=call.field,
                request_headers=dict(call.headers),
                type_name=call.type_name,
            )
        except appsync._AppSyncResolverError as error:  # noqa: SLF001
            raise ResolverError(str(error.error_type or UNAUTHORIZED), str(error)) from error


@contextlib.contextmanager
def _in_scope(account: str, region: str) -> Iterator[None]:
    responses = ministack_module("core.responses")
    account_token = responses._request_account_id.set(account)  # noqa: SLF001
    region_token = responses._request_region.set(region)  # noqa: SLF001
    try:
        yield
    finally:
        responses._request_account_id.reset(account_token)  # noqa: SLF001
        responses._request_region.reset(region_token)  # noqa: SLF001
