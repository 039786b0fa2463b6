"""The gate to the deployed APIs' subscriptions: keys, signatures, policies, directives."""

from __future__ import annotations

from collections.abc import Mapping

from tintype.local.callers import Caller, denied_fields, identify
from tintype.local.graphql_apis import GraphqlApi, find_api
from tintype.local.realtime_messages import (
    UNAUTHORIZED,
    Kind,
    MalformedError,
    Start,
    UnauthorizedError,
)
from tintype.local.selections import Subscription, parse_subscription


class AppSyncGate:
    """Let in whom AppSync would let in."""

    def connect(self, headers: Mapping[str, str], host: str) -> str:
        """Return the id of the API that a client with these headers may connect to.

        Raises:
            UnauthorizedError: there is none.
        """
        api = _api(headers, host)
        identify(api, headers, "/graphql/connect", b"{}")
        return api.id

    def subscribe(self, start: Start, host: str) -> Subscription:
        """Return the subscription that *start* asks for.

        Raises:
            UnauthorizedError: the client may not have it.
            InvalidSubscriptionError: the schema does not have it.
            MalformedError: the API has no schema.
        """
        api = _api(start.authorization, host)
        caller = identify(api, start.authorization, "/graphql", start.signed.encode())
        schema = api.schema()
        if schema is None:
            raise MalformedError(Kind.BAD_REQUEST, "the API has no schema")
        subscription = parse_subscription(schema, start.query, start.variables)
        _check_access(caller, subscription)
        return subscription


def _api(headers: Mapping[str, str], host: str) -> GraphqlApi:
    lower = {name.lower(): str(value) for name, value in headers.items()}
    api = find_api(lower.get("host") or host, "", lower.get("x-api-key", ""))
    if api is None:
        raise UnauthorizedError(UNAUTHORIZED)
    return api


def _check_access(caller: Caller, subscription: Subscription) -> None:
    denied = denied_fields(
        subscription.schema, subscription.document, caller.mode, caller.api.default_mode
    )
    for type_name, field in denied:
        message = f"Not Authorized to access {field} on type {type_name}"
        raise UnauthorizedError(message)
    if not caller.may_call("Subscription", subscription.field):
        message = f"Not Authorized to access {subscription.field} on type Subscription"
        raise UnauthorizedError(message)
