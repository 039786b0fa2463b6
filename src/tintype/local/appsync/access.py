"""Access control for the deployed APIs' subscriptions: credentials, policies, directives, resolvers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tintype.local.appsync.apis import LocalApi, Mode, find_api
from tintype.local.appsync.callers import GraphqlCaller, identify
from tintype.local.appsync.directives import denied_fields
from tintype.local.appsync.messages import (
    NO_PERMISSION,
    UNAUTHORIZED,
    ErrorType,
    FieldRefusedError,
    MalformedError,
    Start,
    UnauthorizedError,
)
from tintype.local.appsync.selections import SubscribedField, parse_subscription
from tintype.local.ministack.resolvers import FieldCall, ResolverError, VerifiedCaller, run_resolver

ROOT = "Subscription"


@dataclass(frozen=True, slots=True)
class AppSyncGate:
    """Authorises a client at an address as AppSync does."""

    source_ip: str

    def connect(self, headers: Mapping[str, str], host: str) -> str:
        """Return the ID of the API that a client with these headers may connect to.

        Raises:
            UnauthorizedError: there is none.
        """
        api = _api(headers, host)
        identify(api, headers, "/graphql/connect", b"{}", self.source_ip)
        return api.id

    def subscribe(self, start: Start, host: str, api_id: str) -> SubscribedField:
        """Return the subscription requested by *start*, on a connection to the API *api_id*.

        Raises:
            UnauthorizedError: the client is not allowed to.
            FieldRefusedError: the schema or the field's resolver refuses it.
            InvalidSubscriptionError: the schema does not define it.
            MalformedError: the API has no schema.
        """
        api = _api(start.authorization, host)
        if api.id != api_id:
            raise UnauthorizedError(UNAUTHORIZED)
        signed = start.signed.encode()
        caller = identify(api, start.authorization, "/graphql", signed, self.source_ip)
        schema = api.schema()
        if schema is None:
            raise MalformedError(ErrorType.BAD_REQUEST, "the API has no schema")
        subscription = parse_subscription(schema, start.query, start.variables)
        _check_access(caller, subscription)
        _ask_resolver(caller, subscription, start)
        return replace(subscription, expires=caller.expires)


def verified(caller: GraphqlCaller, query: str | None = None) -> VerifiedCaller:
    """Return a caller as MiniStack is told of them, with the query that they may make."""
    return VerifiedCaller(caller.api.id, caller.mode is Mode.IAM, caller.identity, query)


def _api(headers: Mapping[str, str], host: str) -> LocalApi:
    lower = {name.lower(): str(value) for name, value in headers.items()}
    api = find_api(lower.get("host") or host, "", lower.get("x-api-key", ""))
    if api is None:
        raise UnauthorizedError(UNAUTHORIZED)
    return api


def _check_access(caller: GraphqlCaller, subscription: SubscribedField) -> None:
    for denied in denied_fields(subscription.schema, subscription.document, caller):
        raise FieldRefusedError(ErrorType.DENIED, denied.message)
    if not caller.may_call(ROOT, subscription.field):
        raise UnauthorizedError(NO_PERMISSION)


def _ask_resolver(caller: GraphqlCaller, subscription: SubscribedField, start: Start) -> None:
    """Run the field's resolver, as AppSync does when a subscription starts.

    "Using subscriptions for real-time data applications" in AppSync's developer guide: attach
    resolvers to subscription fields for fine-grained access control by the caller's identity.
    """
    call = FieldCall(
        caller.api.account,
        caller.api.region,
        ROOT,
        subscription.field,
        subscription.arguments,
        subscription.variables,
        start.authorization,
    )
    try:
        run_resolver(verified(caller), call)
    except ResolverError as error:
        raise FieldRefusedError(error.kind, str(error)) from error
