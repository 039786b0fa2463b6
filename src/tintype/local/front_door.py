"""The front door: a local address that serves the CloudFront distribution and its API.

Viewers of a distribution use its domain and HTTPS; here they use localhost. So requests get the
distribution's Host, redirects to it get the viewer's address, and responses are compressed where
the distribution compresses. `edge.py` has CloudFront's cache. `/graphql` and `/graphql/realtime`,
which have their own domain on AWS, pass unchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from tintype.local.asgi import App, Headers, Message, Receive, Scope, Send, header, with_headers
from tintype.local.compression import compressed

GRAPHQL_PATHS = frozenset({"/graphql", "/graphql/realtime"})
NOT_DEPLOYED = b"The local cloud is starting: the stack is not deployed yet.\n"


def front_door(
    app: App,
    *,
    port: int,
    domain: Callable[[], str | None],
    compresses: Callable[[str, str], bool],
) -> App:
    """Return *app* with *port* as the front door of the distribution with this *domain*.

    *compresses* returns whether the distribution compresses at a domain and path.
    """

    def is_compressed(path: str) -> bool:
        return compresses(domain() or "", path)

    viewed = compressed(app, where=is_compressed)

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        if not _at_the_door(scope, port) or scope["path"] in GRAPHQL_PATHS:
            await app(scope, receive, send)
        elif scope["type"] == "http":
            await _view(viewed, scope, receive, send, domain())
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    return door


def over_tls(app: App) -> App:
    """Return *app* with every request treated as HTTPS, which our policies require.

    Traffic within one machine cannot be intercepted. MiniStack checks this header.
    """

    async def secured(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = with_headers(scope["headers"], x_forwarded_proto="https")
            scope = {**scope, "headers": headers}
        await app(scope, receive, send)

    return secured


def _at_the_door(scope: Scope, port: int) -> bool:
    server = scope.get("server") or (None, None)
    return scope["type"] in {"http", "websocket"} and server[1] == port


async def _view(app: App, scope: Scope, receive: Receive, send: Send, domain: str | None) -> None:
    if domain is None:
        await _say_not_deployed(send)
        return
    address = f"http://{header(scope['headers'], b'host')}"
    headers = with_headers(scope["headers"], host=domain)

    async def send_with_own_address(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = _own_redirects(message.get("headers", []), domain, address)
        await send(message)

    await app({**scope, "headers": headers}, receive, send_with_own_address)


def _own_redirects(headers: Headers, domain: str, address: str) -> Headers:
    return [
        (name, _own_address(value.decode("latin-1"), domain, address).encode("latin-1"))
        if name.lower() == b"location"
        else (name, value)
        for name, value in headers
    ]


def _own_address(location: str, domain: str, address: str) -> str:
    target = urlsplit(location)
    if target.netloc != domain:
        return location
    return address + location.split(domain, 1)[1]


async def _say_not_deployed(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"2")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": NOT_DEPLOYED})
