"""The types of an ASGI application, and helpers for reading requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Middleware: TypeAlias = Callable[[App], App]
Headers: TypeAlias = list[tuple[bytes, bytes]]


def header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    """Return a header's value, or an empty string; *name* is in lower case."""
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), "")


def with_headers(headers: Iterable[tuple[bytes, bytes]], **replaced: str) -> Headers:
    """Return headers with some replaced; `x_forwarded_proto` means x-forwarded-proto."""
    new = {
        name.replace("_", "-").encode(): text.encode("latin-1") for name, text in replaced.items()
    }
    kept = [(name, value) for name, value in headers if name.lower() not in new]
    return [*kept, *new.items()]


async def read_body(receive: Receive) -> bytes | None:
    """Return the whole request body, or None if the client disconnected."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that returns *body* again, then the following messages."""
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return pending.pop() if pending else await receive()

    return again
