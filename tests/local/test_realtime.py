"""The real-time protocol, spoken with a connection in this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Mapping
from typing import Any

import pytest
from graphql import build_schema

from tests.local.realtime_client import encoded, start_message
from tintype.local.appsync import realtime
from tintype.local.appsync.messages import Start, UnauthorizedError, handshake_headers
from tintype.local.appsync.realtime import RealtimeConnection
from tintype.local.appsync.selections import SubscribedField, parse_subscription
from tintype.local.asgi import Message

SCHEMA = build_schema("""
directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
type Query { name: String }
type Subscription { changed: String @aws_subscribe(mutations: ["change"]) }
""")
OPEN = {"host": "localhost", "x-api-key": "open"}


class KeyGate:
    """Lets in whoever has the key `open`."""

    def connect(self, headers: Mapping[str, str], host: str) -> str:
        if headers.get("x-api-key") != "open":
            message = f"not at {host}"
            raise UnauthorizedError(message)
        return "api"

    def subscribe(self, start: Start, host: str, _api_id: str) -> SubscribedField:
        self.connect(start.authorization, host)
        return parse_subscription(SCHEMA, start.query, start.variables)


class Line:
    """A connection with a client on its other end; *reads* says whether he takes what comes."""

    def __init__(
        self, headers: dict[str, str] = OPEN, *, protocols: tuple[str, ...] = ("graphql-ws",), most: int = 256
    ) -> None:  # fmt: skip
        self.incoming: asyncio.Queue[Message] = asyncio.Queue()
        self.outgoing: asyncio.Queue[Message] = asyncio.Queue()
        self.reads = asyncio.Event()
        self.reads.set()
        scope: dict[str, Any] = {
            "headers": [(b"host", b"localhost")],
            "subprotocols": list(protocols),
            "query_string": f"header={encoded(headers)}&payload=e30=".encode(),
        }
        self.connection = RealtimeConnection(
            KeyGate(), scope, self.incoming.get, self._send, most_waiting=most
        )
        self.incoming.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.create_task(self.connection.run())

    async def _send(self, message: Message) -> None:
        await self.reads.wait()
        await self.outgoing.put(message)

    def say(self, text: str | None = None, **message: object) -> None:
        said = text if text is not None else json.dumps(message)
        self.incoming.put_nowait({"type": "websocket.receive", "text": said})

    async def hear(self) -> Any:
        message = await asyncio.wait_for(self.outgoing.get(), timeout=3)
        return json.loads(message["text"]) if "text" in message else message

    async def connected(self) -> None:
        self.say(type="connection_init")
        assert (await self.hear())["type"] == "websocket.accept"
        assert (await self.hear())["type"] == "connection_ack"
        assert (await self.hear())["type"] == "ka"

    async def subscribed(self, id_: str = "1") -> None:
        self.say(**start_message(id_, "subscription { changed }", OPEN))
        assert await self.hear() == {"type": "start_ack", "id": id_}


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, timeout=10))


def test_event_reaches_the_subscriber_until_he_stops() -> None:
    async def work() -> None:
        line = Line()
        await line.connected()
        await line.subscribed()
        line.connection.send_event("1", {"data": {"changed": "a"}})
        event = {"type": "data", "id": "1", "payload": {"data": {"changed": "a"}}}
        assert await line.hear() == event
        line.say(type="stop", id="1")
        assert await line.hear() == {"type": "complete", "id": "1"}
        assert list(line.connection.subscriptions_to("api")) == []
        line.incoming.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await line.task

    run(work())


def test_refused_connection_hears_why_and_is_closed() -> None:
    async def work() -> None:
        line = Line({"x-api-key": "wrong"})
        line.say(type="connection_init")
        await line.hear()
        error = {
            "errorType": "UnauthorizedException",
            "message": "not at localhost",
            "errorCode": 401,
        }
        assert await line.hear() == {"type": "connection_error", "payload": {"errors": [error]}}
        assert await line.hear() == {"type": "websocket.close", "code": 1008}
        await line.task

    run(work())


def test_wrong_subprotocol_is_a_connection_error() -> None:
    async def work() -> None:
        line = Line(protocols=("graphql-transport-ws",))
        line.say(type="connection_init")
        accepted = await line.hear()
        assert accepted["subprotocol"] is None
        assert (await line.hear())["payload"]["errors"][0]["errorType"] == "NoProtocolError"
        await line.task

    run(work())


def test_client_that_starts_before_he_is_let_in_is_refused() -> None:
    async def work() -> None:
        line = Line()
        line.say(**start_message("1", "subscription { changed }", OPEN))
        await line.hear()
        assert (await line.hear())["type"] == "connection_error"
        assert (await line.hear())["type"] == "websocket.close"

    run(work())


WRONG = {
    "not json": ("{", "BadRequestException"),
    "not an object": ("[]", "BadRequestException"),
    "unknown type": ('{"type": "dance", "id": "x"}', "UnsupportedOperation"),
    "unknown id": ('{"type": "stop", "id": "x"}', "UnknownOperationError"),
    "start without id": ('{"type": "start"}', "BadRequestException"),
    "start without data": ('{"type": "start", "id": "x"}', "BadRequestException"),
    "second start": (json.dumps(start_message("1", "subscription { changed }", OPEN)), "DuplicatedOperationError"),
    "wrong key": (json.dumps(start_message("x", "subscription { changed }", {})), "UnauthorizedException"),
    "no authorisation": ('{"type":"start","id":"x","payload":{"data":"{\\"query\\":\\"\\"}"}}', "UnauthorizedException"),
    "extensions of another type": ('{"type":"start","id":"x","payload":{"data":"{\\"query\\":\\"\\"}","extensions":"a"}}', "UnauthorizedException"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_wrong_message_is_answered_and_the_connection_stands(case: str) -> None:
    text, kind = WRONG[case]

    async def work() -> None:
        line = Line()
        await line.connected()
        await line.subscribed()
        line.say(text)
        answer = await line.hear()
        assert answer["type"] == "error"
        assert answer["payload"]["errors"][0]["errorType"] == kind
        await line.subscribed("2")

    run(work())


def test_binary_message_is_understood() -> None:
    async def work() -> None:
        line = Line()
        await line.hear()
        line.incoming.put_nowait(
            {"type": "websocket.receive", "bytes": b'{"type":"connection_init"}'}
        )
        assert (await line.hear())["type"] == "connection_ack"

    run(work())


def test_slow_subscriber_is_dropped_and_nobody_waits_for_him() -> None:
    async def work() -> None:
        line = Line(most=5)
        await line.connected()
        await line.subscribed()
        line.reads.clear()
        for _ in range(20):
            line.connection.send_event("1", {"data": {}})
        await asyncio.wait_for(line.task, timeout=realtime.CLOSE_SECONDS + 1)
        assert list(line.connection.subscriptions_to("api")) == []

    run(work())


def test_signs_of_life_come_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(realtime, "KEEP_ALIVE_SECONDS", 0.01)

    async def work() -> None:
        line = Line()
        await line.connected()
        assert await line.hear() == {"type": "ka"}
        assert await line.hear() == {"type": "ka"}

    run(work())


def test_authorisation_is_found_in_the_subprotocol_too() -> None:
    text = encoded({"host": "ü?>"}).replace("+", "-").replace("/", "_").rstrip("=")

    assert handshake_headers("", ["graphql-ws", f"header-{text}"]) == {"host": "ü?>"}
