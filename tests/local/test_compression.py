"""The front door compresses as CloudFront does: what shrinks, for those who can unpack it, never twice."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.local.test_machine import DOMAIN
from tintype.local.asgi import Headers, Message, Receive, Scope, Send, header
from tintype.local.compression import LEAST_BYTES, MOST_BYTES
from tintype.local.front_door import front_door

SCRIPT = b"const picture = 'processed';\n" * 200
TAG = '"95db2289"'


@dataclass(frozen=True)
class Got:
    """An answer, and the request that the distribution saw."""

    start: Message
    body: bytes
    seen: Scope

    def header(self, name: str) -> str:
        return header(self.start["headers"], name.encode())


def get(
    path: str = "/main-3H6TDJZ4.js",
    *,
    method: str = "GET",
    asking: dict[str, str] | None = None,
    status: int = 200,
    answering: dict[str, str] | None = None,
    body: bytes = SCRIPT,
    compresses: bool = True,
) -> Got:
    """Ask the front door for what the distribution answers in two pieces."""
    sent: list[Message] = []
    seen: list[Scope] = []
    said = {"content-type": "text/javascript", "content-length": str(len(body)), "etag": TAG}

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        seen.append(scope)
        headers = encoded(said | (answering or {}))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body[:1000], "more_body": True})
        await send({"type": "http.response.body", "body": body[1000:]})

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    asked = {"host": "localhost:80", "accept-encoding": "gzip, deflate, br"} | (asking or {})
    scope: Scope = {
        "type": "http", "method": method, "path": path, "server": ("127.0.0.1", 80),
        "headers": encoded(asked),
    }  # fmt: skip
    door = front_door(app, port=80, domain=lambda: DOMAIN, compresses=lambda *_: compresses)

    async def visit() -> None:
        await door(scope, receive, send)

    asyncio.run(visit())
    return Got(sent[0], b"".join(one["body"] for one in sent[1:]), seen[0])


def encoded(headers: dict[str, str]) -> Headers:
    return [(name.encode(), value.encode()) for name, value in headers.items() if value]


def test_script_is_packed_and_says_so() -> None:
    got = get()

    assert gzip.decompress(got.body) == SCRIPT
    assert len(got.body) < len(SCRIPT) / 10
    assert got.header("content-encoding") == "gzip"
    assert got.header("vary") == "Accept-Encoding"
    assert got.header("content-length") == ""
    assert got.header("etag") == f"W/{TAG}"


def test_what_an_answer_varies_by_is_kept() -> None:
    assert get(answering={"vary": "Origin"}).header("vary") == "Origin, Accept-Encoding"


@pytest.mark.parametrize(
    "kind",
    ["text/html; charset=utf-8", "text/css", "application/json", "image/svg+xml", "TEXT/PLAIN"],
)
def test_text_of_every_kind_is_packed(kind: str) -> None:
    assert get(answering={"content-type": kind}).header("content-encoding") == "gzip"


@pytest.mark.parametrize(
    "case",
    [
        {"answering": {"content-type": "image/avif"}},
        {"answering": {"content-type": "image/jpeg"}},
        {"answering": {"content-type": "font/woff2"}},
        {"answering": {"content-type": ""}},
        {"answering": {"content-encoding": "br"}},
        {"answering": {"content-length": ""}},
        {"answering": {"content-length": str(MOST_BYTES + 1)}},
        {"body": SCRIPT[: LEAST_BYTES - 1]},
        {"status": 206},
        {"status": 304},
        {"method": "HEAD"},
        {"asking": {"range": "bytes=0-99"}},
        {"asking": {"accept-encoding": "br"}},
        {"asking": {"accept-encoding": "gzip;q=0"}},
        {"asking": {"accept-encoding": ""}},
        {"compresses": False},
    ],
    ids=str,
)
def test_everything_else_passes_as_it_is(case: dict[str, Any]) -> None:
    got = get(**case)

    assert got.body == case.get("body", SCRIPT)
    assert got.header("content-encoding") == case.get("answering", {}).get("content-encoding", "")
    assert got.header("etag") == TAG
    assert got.header("vary") == ""


def test_a_browser_that_has_the_packed_answer_is_told_so_by_its_own_tag() -> None:
    got = get(asking={"if-none-match": f'W/{TAG}, "other"'})

    assert header(got.seen["headers"], b"if-none-match") == f'{TAG}, "other"'


def test_a_client_reads_what_was_sent() -> None:
    got = get()
    answer = httpx.Response(200, headers=got.start["headers"], content=got.body)

    assert answer.content == SCRIPT
