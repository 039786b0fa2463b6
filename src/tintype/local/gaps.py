"""What MiniStack lacks of the services in our template, filled from outside."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from tintype.local.asgi import App, Receive, Scope, Send, header, with_headers
from tintype.local.inside import inside
from tintype.local.ports import HOST
from tintype.local.table_reads import read_tables_as_asked

Undo: TypeAlias = Callable[[], None]

GRAPHQL_API = "AWS::AppSync::GraphQLApi"
HTTP_API_HOST = re.compile(r"([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com")


def fill_gaps(gateway_port: int) -> Undo:
    """Fill them, and return what undoes it."""
    undo = contextlib.ExitStack()
    undo.callback(_give_realtime_url())
    undo.callback(read_tables_as_asked())
    undo.callback(_let_distributions_reach_http_apis(gateway_port))
    return undo.close


def _give_realtime_url() -> Undo:
    """Give a GraphQL API the attribute `RealtimeUrl` that it has on AWS."""
    handlers = inside("services.cloudformation.provisioners")._RESOURCE_HANDLERS  # noqa: SLF001
    original = handlers[GRAPHQL_API]
    with_url = {name: _with_realtime_url(original[name]) for name in ("create", "update")}
    handlers[GRAPHQL_API] = {**original, **with_url}
    return lambda: handlers.__setitem__(GRAPHQL_API, original)


def _with_realtime_url(handle: Callable[..., Any]) -> Callable[..., Any]:
    def handle_and_add(*arguments: object, **named: object) -> tuple[str, dict[str, str]]:
        physical_id, attributes = handle(*arguments, **named)
        url = attributes["GraphQLUrl"]
        realtime = url.replace("https://", "wss://").replace("appsync-api", "appsync-realtime-api")
        return physical_id, {**attributes, "RealtimeUrl": realtime}

    return handle_and_add


def _let_distributions_reach_http_apis(gateway_port: int) -> Undo:
    """Connect a distribution with its HTTP API, which MiniStack takes for one on the real AWS."""
    cloudfront = inside("services.cloudfront")
    original = cloudfront._origin_connect_target  # noqa: SLF001

    def connect_target(origin: dict[str, Any], *rest: object) -> tuple[str, int, bool]:
        if HTTP_API_HOST.fullmatch(origin["domain_name"]):
            return HOST, gateway_port, False
        target: tuple[str, int, bool] = original(origin, *rest)
        return target

    cloudfront._origin_connect_target = connect_target  # noqa: SLF001
    return lambda: setattr(cloudfront, "_origin_connect_target", original)


def with_http_api_hosts(app: App) -> App:
    """Return *app* with HTTP APIs known by the names that they have on AWS, too."""

    async def with_hosts(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            named = HTTP_API_HOST.fullmatch(header(scope["headers"], b"host"))
            if named:
                local = f"{named[1]}.execute-api.localhost"
                scope = {**scope, "headers": with_headers(scope["headers"], host=local)}
        await app(scope, receive, send)

    return with_hosts
