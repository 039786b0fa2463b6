"""AppSync's real-time subscriptions, which MiniStack lacks, as middleware for its ASGI application.

Start with `Subscriptions.wrap`. A WebSocket at the API's real-time URL becomes a
`RealtimeConnection`; the results of mutations over HTTP are delivered to their subscribers.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

from graphql import DocumentNode, GraphQLError, parse

from tintype.local.appsync.access import AppSyncGate
from tintype.local.appsync.apis import API_PATH, LocalApi, Mode, find_api
from tintype.local.appsync.callers import denied_fields
from tintype.local.appsync.messages import UNAUTHORIZED
from tintype.local.appsync.realtime import RealtimeConnection
from tintype.local.appsync.selections import Published, matches, payload, published, root_fields
from tintype.local.asgi import (
    App,
    Message,
    Receive,
    Scope,
    Send,
    header,
    read_body,
    replay,
    with_headers,
)

GRAPHQL = "/graphql"
REALTIME = "/graphql/realtime"
REALTIME_HOST = re.compile(r"[a-z0-9]+\.appsync-realtime-api\.")
SUBSCRIBERS_AT_ONCE = 50


class Subscriptions:
    """The open connections, and the middleware that feeds them."""

    def __init__(self) -> None:
        self._connections: set[RealtimeConnection] = set()

    def wrap(self, app: App) -> App:
        """Return *app* with subscriptions."""

        async def with_subscriptions(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "websocket" and _is_realtime(scope):
                await self._connect(scope, receive, send)
            elif scope["type"] == "http" and _is_graphql(scope):
                await self._execute(app, scope, receive, send)
            else:
                await app(scope, receive, send)

        return with_subscriptions

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = RealtimeConnection(AppSyncGate(), scope, receive, send)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)

    async def _execute(self, app: App, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        if body is None:
            return
        request, document = _parsed(body)
        api = _api(scope)
        refusal = api and _refusal(api, scope, request, document)
        if refusal:
            await _answer(send, *refusal)
            return
        parts: list[bytes] = []

        async def send_and_keep(message: Message) -> None:
            if message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
            await send(message)

        await app(_addressed(scope, api), replay(body, receive), send_and_keep)
        if api and document:
            await self._publish(api, request, document, b"".join(parts))

    async def _publish(
        self, api: LocalApi, request: Mapping[str, Any], document: DocumentNode, answer: bytes
    ) -> None:
        try:
            answered = json.loads(answer)
        except ValueError:
            return
        variables = request.get("variables") or {}
        for event in published(document, request.get("operationName"), variables, answered):
            await self._tell(api, event)

    async def _tell(self, api: LocalApi, event: Published) -> None:
        sent = 0
        for connection in list(self._connections):
            for start_id, subscription in list(connection.subscriptions_to(api.id)):
                if matches(subscription, event):
                    connection.send_event(start_id, payload(subscription, event))
                    sent += 1
                    if sent % SUBSCRIBERS_AT_ONCE == 0:
                        await asyncio.sleep(0)


def _is_realtime(scope: Scope) -> bool:
    host = header(scope["headers"], b"host")
    return scope["path"] == REALTIME or (
        scope["path"] == GRAPHQL and REALTIME_HOST.match(host.lower()) is not None
    )


def _is_graphql(scope: Scope) -> bool:
    return scope["path"] == GRAPHQL or API_PATH.fullmatch(scope["path"]) is not None


def _api(scope: Scope) -> LocalApi | None:
    headers = scope["headers"]
    return find_api(header(headers, b"host"), scope["path"], header(headers, b"x-api-key"))


def _addressed(scope: Scope, api: LocalApi | None) -> Scope:
    """Return the request as on AWS, where the host identifies an API.

    A signed request is unchanged: its Host is signed, and MiniStack identifies it by its signature.
    """
    if api is None or header(scope["headers"], b"authorization").startswith("AWS4-"):
        return scope
    host = f"{api.id}.appsync-api.{api.region}.amazonaws.com"
    return {**scope, "headers": with_headers(scope["headers"], host=host)}


def _parsed(body: bytes) -> tuple[dict[str, Any], DocumentNode | None]:
    """Return the request and its document, None if MiniStack should report the error."""
    try:
        request = json.loads(body)
        return request, parse(request["query"])
    except (ValueError, KeyError, TypeError, GraphQLError):
        return {}, None


def _refusal(
    api: LocalApi, scope: Scope, request: Mapping[str, Any], document: DocumentNode | None
) -> tuple[int, dict[str, Any]] | None:
    """Return status and response if AppSync would refuse and MiniStack does not.

    MiniStack ignores the expiry of API keys and the authorisation directives of fields.
    """
    headers = scope["headers"]
    signed = header(headers, b"authorization").startswith("AWS4-")
    key = header(headers, b"x-api-key")
    if key and not signed and not api.has_key(key):
        error = {"errorType": "UnauthorizedException", "message": UNAUTHORIZED}
        return 401, {"errors": [error]}
    schema = api.schema()
    if document is None or schema is None or not (key or signed):
        return None
    mode = Mode.IAM if signed else Mode.API_KEY
    denied = list(denied_fields(schema, document, mode, api.default_mode))
    if not denied:
        return None
    return 200, _not_authorized(request, document, denied)


def _not_authorized(
    request: Mapping[str, Any], document: DocumentNode, denied: list[tuple[str, str]]
) -> dict[str, Any]:
    name, variables = request.get("operationName"), request.get("variables") or {}
    _, fields = root_fields(document, name, variables)
    keys = [field.alias.value if field.alias else field.name.value for field in fields]
    errors = [
        {
            "path": keys[:1],
            "data": None,
            "errorType": "Unauthorized",
            "errorInfo": None,
            "message": f"Not Authorized to access {field} on type {type_name}",
        }
        for type_name, field in denied
    ]
    return {"data": dict.fromkeys(keys), "errors": errors}


async def _answer(send: Send, status: int, answer: Mapping[str, Any]) -> None:
    headers = [
        (b"content-type", b"application/json;charset=UTF-8"),
        (b"access-control-allow-origin", b"*"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})
