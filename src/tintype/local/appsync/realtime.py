"""A client's WebSocket, served as by AppSync.

A subscription hears nothing once the token that it began with has expired: it ends with an
UnauthorizedException, and the connection stays for a subscription with a new token. AWS's guide does
not say so. Its client library does: aws-amplify/amplify-js, pull request 14569 ("subscriptions
receive auth errors when tokens expire", as errors of the subscription on a socket that stays open).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import time
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from tintype.local.appsync import messages
from tintype.local.appsync.messages import (
    HAS_EXPIRED,
    UNAUTHORIZED,
    ErrorType,
    FieldRefusedError,
    Json,
    MalformedError,
    Start,
    UnauthorizedError,
)
from tintype.local.appsync.selections import InvalidSubscriptionError, SubscribedField
from tintype.local.asgi import Receive, Scope, Send, header

KEEP_ALIVE_SECONDS = 60.0
CLOSE_SECONDS = 1.0
# A client that is this many messages behind is dropped, so that the others need not wait.
MOST_WAITING = 256
MOST_SUBSCRIPTIONS = 100
NORMAL, REFUSED, TOO_SLOW = 1000, 1008, 1013


class Gate(Protocol):
    """Authorises clients; both methods raise UnauthorizedError, and run outside the event loop."""

    def connect(self, headers: Mapping[str, str], host: str) -> str:
        """Return the ID of the API that a client with these headers may connect to."""

    def subscribe(self, start: Start, host: str, api_id: str) -> SubscribedField:
        """Return the subscription requested by *start*, on a connection to the API *api_id*.

        Raises:
            FieldRefusedError: the schema or the field's resolver refuses it.
            InvalidSubscriptionError: the schema does not define it.
        """


class RealtimeConnection:
    """A connection with its subscriptions, from handshake to close."""

    def __init__(
        self,
        gate: Gate,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._gate, self._host = gate, header(scope["headers"], b"host")
        self._scope, self._receive, self._send = scope, receive, send
        self._subscriptions: dict[str, SubscribedField] = {}
        self._ends: dict[str, asyncio.TimerHandle] = {}
        self._outgoing: asyncio.Queue[Json] = asyncio.Queue(most_waiting)
        self._overflowed = asyncio.Event()
        self._api_id: str | None = None
        self._signs_of_life: asyncio.Task[None] | None = None

    def subscriptions_to(self, api_id: str) -> Iterator[tuple[str, SubscribedField]]:
        """Yield ID and field of each subscription, if the connection is to this API."""
        if self._api_id == api_id:
            now = time.time()
            yield from (each for each in self._subscriptions.items() if now < each[1].expires)

    def send_event(self, start_id: str, payload: Json) -> None:
        """Queue an event for the client; never waits."""
        self._post(messages.data(start_id, payload))

    async def run(self) -> None:
        """Serve the client until either side closes."""
        await self._receive()
        offered = self._scope.get("subprotocols") or []
        chosen = messages.PROTOCOL if messages.PROTOCOL in offered else None
        await self._send({"type": "websocket.accept", "subprotocol": chosen})
        reader = asyncio.create_task(self._read())
        writer = asyncio.create_task(self._write())
        too_slow = asyncio.create_task(self._overflowed.wait())
        tasks: list[asyncio.Task[Any]] = [reader, writer, too_slow]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            await self._close(reader.result() if reader.done() else TOO_SLOW, writer)
        finally:
            for start_id in list(self._subscriptions):
                self._drop(start_id)
            tasks += [self._signs_of_life] if self._signs_of_life else []
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _close(self, code: int | None, writer: asyncio.Task[None]) -> None:
        if code is None:
            return
        with contextlib.suppress(Exception, asyncio.TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                if code != TOO_SLOW:
                    await self._outgoing.join()  # deliver queued messages first
                writer.cancel()
                await self._send({"type": "websocket.close", "code": code})

    async def _read(self) -> int | None:
        """Answer the client's messages; return the code to close with, None if the client closed."""
        while True:
            incoming = await self._receive()
            if incoming["type"] != "websocket.receive":
                return None
            try:
                message = messages.parse_message(incoming.get("text") or incoming["bytes"].decode())
                code = await self._answer(message)
            except MalformedError as error:
                self._post(messages.error(None, (error.kind, str(error))))
                code = None
            except UnicodeDecodeError:
                code = REFUSED
            if code is not None:
                return code

    async def _write(self) -> None:
        while True:
            message = await self._outgoing.get()
            await self._send({"type": "websocket.send", "text": json.dumps(message)})
            self._outgoing.task_done()

    async def _keep_alive(self) -> None:
        while True:
            self._post(messages.keep_alive())
            await asyncio.sleep(KEEP_ALIVE_SECONDS)

    def _post(self, message: Json) -> None:
        try:
            self._outgoing.put_nowait(message)
        except asyncio.QueueFull:
            self._overflowed.set()

    async def _answer(self, message: Json) -> int | None:
        kind = message.get("type")
        if kind == "connection_init":
            return await self._begin()
        if self._api_id is None:
            self._post(messages.connection_error(ErrorType.UNAUTHORIZED, UNAUTHORIZED))
            return REFUSED
        if kind == "start":
            await self._start(message)
        elif kind == "stop":
            self._stop(str(message.get("id")))
        else:
            text = f"{kind} is not supported on the real-time channel"
            self._post(messages.error(_id(message), (ErrorType.UNSUPPORTED, text)))
        return None

    async def _begin(self) -> int | None:
        if self._api_id is not None:
            return None
        try:
            self._api_id = await self._connected()
        except MalformedError as error:
            self._post(messages.connection_error(error.kind, str(error)))
            return REFUSED
        except UnauthorizedError as error:
            self._post(messages.connection_error(ErrorType.UNAUTHORIZED, str(error)))
            return REFUSED
        self._post(messages.connection_ack())
        self._signs_of_life = asyncio.create_task(self._keep_alive())
        return None

    async def _connected(self) -> str:
        query = self._scope.get("query_string", b"").decode("latin-1")
        headers = messages.handshake_headers(query, self._scope.get("subprotocols") or [])
        return await asyncio.to_thread(self._gate.connect, headers, self._host)

    async def _start(self, message: Json) -> None:
        start_id = _id(message)
        if start_id is None:
            self._post(messages.error(None, (ErrorType.BAD_REQUEST, "start needs an id")))
            return
        try:
            subscription = await self._subscribed(messages.parse_start(message))
        except MalformedError as error:
            self._post(messages.error(start_id, (error.kind, str(error))))
        except UnauthorizedError as error:
            self._post(messages.error(start_id, (ErrorType.UNAUTHORIZED, str(error))))
        except FieldRefusedError as error:
            self._post(messages.error(start_id, (error.kind, str(error))))
        except InvalidSubscriptionError as error:
            wrong = [(ErrorType.BAD_REQUEST, text) for text in error.messages]
            self._post(messages.error(start_id, *wrong))
        else:
            self._add(start_id, subscription)
            self._post(messages.start_ack(start_id))

    def _add(self, start_id: str, subscription: SubscribedField) -> None:
        self._subscriptions[start_id] = subscription
        if subscription.expires < math.inf:
            loop, left = asyncio.get_running_loop(), subscription.expires - time.time()
            self._ends[start_id] = loop.call_later(max(0.0, left), self._expire, start_id)

    def _drop(self, start_id: str) -> bool:
        end = self._ends.pop(start_id, None)
        if end:
            end.cancel()
        return self._subscriptions.pop(start_id, None) is not None

    def _expire(self, start_id: str) -> None:
        if self._drop(start_id):
            self._post(messages.error(start_id, (ErrorType.UNAUTHORIZED, HAS_EXPIRED)))

    async def _subscribed(self, start: Start) -> SubscribedField:
        if start.id in self._subscriptions:
            raise MalformedError(ErrorType.DUPLICATED, f"{start.id} is already subscribed")
        if len(self._subscriptions) >= MOST_SUBSCRIPTIONS:
            limit = f"the limit per connection is {MOST_SUBSCRIPTIONS} subscriptions"
            raise MalformedError(ErrorType.TOO_MANY, limit)
        api_id = self._api_id or ""
        return await asyncio.to_thread(self._gate.subscribe, start, self._host, api_id)

    def _stop(self, start_id: str) -> None:
        if self._drop(start_id):
            self._post(messages.complete(start_id))
        else:
            text = f"no subscription {start_id}"
            self._post(messages.error(start_id, (ErrorType.UNKNOWN, text)))


def _id(message: Json) -> str | None:
    value = message.get("id")
    return value if isinstance(value, str) and value else None
