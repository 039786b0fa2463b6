"""Checks of Host and Origin: only requests to names of this machine are served.

A web page can point its own name to this machine ("DNS rebinding"); the browser then lets it read
and change everything in the local cloud. But it cannot change the name in Host.

A page can also call this machine by its real name, and the local cloud gives out originals.
Browsers send the page's site in Origin, which pages cannot change; programs send none.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from tintype.local.asgi import App, Receive, Scope, Send, header

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
# Names below these belong to Amazon or this machine, so nobody else controls their addresses.
_SAFE_ENDINGS = (".localhost", ".amazonaws.com", ".cloudfront.net", ".on.aws")
_ANOTHERS_PAGE = (
    b"Pages of other sites may use this local cloud only if cors_origins lists their origin.\n"
)
_WORDS = "%s is not a name of this local cloud. To allow it, run: tintype up --host %s\n"


def with_known_hosts(
    app: App, *, names: Collection[str] = (), origins: Collection[str] = ()
) -> App:
    """Return *app* for requests to this machine's names and to *names*; all others get 421.

    Requests from pages of other sites get 403, except from *origins*. The port is ignored, since a
    proxy with another port may forward to ours.
    """
    known = LOOPBACK | {name.lower() for name in names}
    named = frozenset(origins) - {"*"}

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await app(scope, receive, send)
            return
        host = host_name(header(scope["headers"], b"host"))
        if host not in known and not host.endswith(_SAFE_ENDINGS):
            shown = re.sub(r"[^a-z0-9.-]", "", host)[:100]
            await _refuse(scope, receive, send, 421, (_WORDS % (shown, shown)).encode())
        elif not _may_call(header(scope["headers"], b"origin").lower(), known, named):
            await _refuse(scope, receive, send, 403, _ANOTHERS_PAGE)
        else:
            await app(scope, receive, send)

    return guarded


def host_name(host: str) -> str:
    """Return a Host header without its port.

    >>> host_name("LocalHost:8080"), host_name("[::1]:8080"), host_name("[::1]")
    ('localhost', '[::1]', '[::1]')
    """
    name, separator, port = host.strip().lower().rpartition(":")
    return name if separator and port.isdecimal() else host.strip().lower()


def _may_call(origin: str, hosts: Collection[str], origins: Collection[str]) -> bool:
    """Whether a page of *origin* may call; no origin means no page, and "null" may be any page.

    Names below localhost or Amazon's are not allowed here: anyone can have pages on CloudFront.
    """
    scheme, _, rest = origin.partition("://")
    ours = scheme in {"http", "https"} and host_name(rest) in hosts
    return not origin or ours or origin in origins


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, words: bytes) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words})
