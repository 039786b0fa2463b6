"""Whom a request is meant for, and whose page sent it: only names of this machine are answered.

A web page can give its own name this machine's address ("DNS rebinding"); to the browser all of the
local cloud is then that page's own, to read and to change. It cannot change the name in Host.

A page can also call this machine by its right name, and the local cloud gives out originals. Browsers
say in Origin whose page it is, and pages cannot change that; programs send none.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from tintype.local.asgi import App, Receive, Scope, Send, header

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
# Names below these are Amazon's or this machine's, and nobody else can give them an address.
_SAFE_ENDINGS = (".localhost", ".amazonaws.com", ".cloudfront.net", ".on.aws")
_ANOTHERS_PAGE = (
    b"Pages of other sites may not use this local cloud, unless cors_origins names their origin.\n"
)
_WORDS = "%s is not a name of this local cloud. If it is yours: tintype up --host %s\n"


def with_known_hosts(
    app: App, *, names: Collection[str] = (), origins: Collection[str] = ()
) -> App:
    """Return *app* for requests to this machine's names and to *names*; all others get 421.

    Requests of pages that are neither from there nor from one of *origins* get 403.
    The port does not matter: it may be another one's who forwards to ours.
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
    """Say whether a page of *origin* may; no origin is no page, and "null" is anybody's.

    Names below localhost or Amazon's are no exception here: anybody has pages on CloudFront.
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
