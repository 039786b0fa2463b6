"""Whom a request is meant for: only names of this machine are answered.

A web page can give its own name this machine's address ("DNS rebinding"); to the browser all of the
local cloud is then that page's own, to read and to change. It cannot change the name in Host.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from tintype.local.asgi import App, Receive, Scope, Send, header

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
# Names below these are Amazon's or this machine's, and nobody else can give them an address.
_SAFE_ENDINGS = (".localhost", ".amazonaws.com", ".cloudfront.net", ".on.aws")
_WORDS = "%s is not a name of this local cloud. If it is yours: tintype up --host %s\n"


def with_known_hosts(app: App, *, names: Collection[str] = ()) -> App:
    """Return *app* for requests to this machine's names and to *names*; all others get 421.

    The port does not matter: it may be another one's who forwards to ours.
    """
    known = LOOPBACK | {name.lower() for name in names}

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await app(scope, receive, send)
            return
        host = host_name(header(scope["headers"], b"host"))
        if host in known or host.endswith(_SAFE_ENDINGS):
            await app(scope, receive, send)
        else:
            await _refuse(scope, receive, send, host)

    return guarded


def host_name(host: str) -> str:
    """Return a Host header without its port.

    >>> host_name("LocalHost:8080"), host_name("[::1]:8080"), host_name("[::1]")
    ('localhost', '[::1]', '[::1]')
    """
    name, separator, port = host.strip().lower().rpartition(":")
    return name if separator and port.isdecimal() else host.strip().lower()


async def _refuse(scope: Scope, receive: Receive, send: Send, host: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    shown = re.sub(r"[^a-z0-9.-]", "", host)[:100]
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 421, "headers": headers})
    await send({"type": "http.response.body", "body": (_WORDS % (shown, shown)).encode()})
