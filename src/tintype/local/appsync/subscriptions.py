"""AppSync's real-time subscriptions, which MiniStack lacks, as middleware for its ASGI application.

Start with `Subscriptions.wrap`. A WebSocket at the API's real-time URL becomes a
`RealtimeConnection`; the results of mutations over HTTP are delivered to their subscribers.
"""

from __future__ import annotations

import asyncio
import json
import re

from tintype.local.appsync.access import AppSyncGate, verified
from tintype.local.appsync.apis import API_PATH, LocalApi, find_api
from tintype.local.appsync.realtime import RealtimeConnection
from tintype.local.appsync.requests import (
    ErrorResponse,
    GraphqlRequest,
    checked_caller,
    client_address,
    parsed_request,
)
from tintype.local.appsync.selections import Published, matches, payload, published
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
from tintype.local.ministack.resolvers import for_caller

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
        connection = RealtimeConnection(AppSyncGate(client_address(scope)), scope, receive, send)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)

    async def _execute(self, app: App, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        if body is None:
            return
        request = parsed_request(body)
        api = _api(scope)
        if api is None:
            await app(scope, replay(body, receive), send)  # which refuses it: nobody is identified
            return
        caller = await asyncio.to_thread(checked_caller, api, scope, request)
        if isinstance(caller, ErrorResponse):
            await _answer(send, caller)
            return
        parts: list[bytes] = []

        async def send_and_keep(message: Message) -> None:
            if message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
            await send(message)

        with for_caller(verified(caller, request.query if request else None)):
            await app(_addressed(scope, api), replay(body, receive), send_and_keep)
        if request:
            await self._publish(api, request, b"".join(parts))

    async def _publish(self, api: LocalApi, request: GraphqlRequest, answer: bytes) -> None:
        if request.document is None:
            return
        try:
            answered = json.loads(answer)
        except ValueError:
            return
        for event in published(request.document, request.operation, request.variables, answered):
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
    is_path = scope["path"] == GRAPHQL or API_PATH.fullmatch(scope["path"]) is not None
    return is_path and scope["method"] == "POST"


def _api(scope: Scope) -> LocalApi | None:
    headers = scope["headers"]
    return find_api(header(headers, b"host"), scope["path"], header(headers, b"x-api-key"))


def _addressed(scope: Scope, api: LocalApi) -> Scope:
    """Return the request as on AWS, where the host identifies an API.

    A signed request is unchanged: its Host is signed, and MiniStack identifies it by its signature.
    """
    if header(scope["headers"], b"authorization").startswith("AWS4-"):
        return scope
    host = f"{api.id}.appsync-api.{api.region}.amazonaws.com"
    return {**scope, "headers": with_headers(scope["headers"], host=host)}


async def _answer(send: Send, error: ErrorResponse) -> None:
    headers = [
        (b"content-type", b"application/json;charset=UTF-8"),
        (b"access-control-allow-origin", b"*"),
        (b"x-amzn-errortype", error.kind.encode()),
    ]
    body = json.dumps(error.body).encode()
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
