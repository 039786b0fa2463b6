"""Access control for the deployed APIs' subscriptions: keys, signatures, policies, directives."""

from __future__ import annotations

from collections.abc import Mapping

from tintype.local.appsync.apis import LocalApi, find_api
from tintype.local.appsync.callers import Caller, denied_fields, identify
from tintype.local.appsync.messages import (
    UNAUTHORIZED,
    ErrorType,
    MalformedError,
    Start,
    UnauthorizedError,
)
from tintype.local.appsync.selections import SubscribedField, parse_subscription


class AppSyncGate:
    """Authorises clients as AppSync does."""

    def connect(self, headers: Mapping[str, str], host: str) -> str:
        """Return the ID of the API that a client with these headers may connect to.

        Raises:
            UnauthorizedError: there is none.
        """
        api = _api(headers, host)
        identify(api, headers, "/graphql/connect", b"{}")
        return api.id

    def subscribe(self, start: Start, host: str) -> SubscribedField:
        """Return the subscription requested by *start*.

        Raises:
            UnauthorizedError: the client is not allowed to.
            InvalidSubscriptionError: the schema does not define it.
            MalformedError: the API has no schema.
        """
        api = _api(start.authorization, host)
        caller = identify(api, start.authorization, "/graphql", start.signed.encode())
        schema = api.schema()
        if schema is None:
            raise MalformedError(ErrorType.BAD_REQUEST, "the API has no schema")
        subscription = parse_subscription(schema, start.query, start.variables)
        _check_access(caller, subscription)
        return subscription


def _api(headers: Mapping[str, str], host: str) -> LocalApi:
    lower = {name.lower(): str(value) for name, value in headers.items()}
    api = find_api(lower.get("host") or host, "", lower.get("x-api-key", ""))
    if api is None:
        raise UnauthorizedError(UNAUTHORIZED)
    return api


def _check_access(caller: Caller, subscription: SubscribedField) -> None:
    denied = denied_fields(
        subscription.schema, subscription.document, caller.mode, caller.api.default_mode
    )
    for type_name, field in denied:
        message = f"Not Authorized to access {field} on type {type_name}"
        raise UnauthorizedError(message)
    if not caller.may_call("Subscription", subscription.field):
        message = f"Not Authorized to access {subscription.field} on type Subscription"
        raise UnauthorizedError(message)
