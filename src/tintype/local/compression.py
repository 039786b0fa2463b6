"""CloudFront's compression: an answer that shrinks is packed for those who can unpack it.

Its conditions are those of "Serve compressed files" in CloudFront's developer guide. It has Brotli too,
which browsers take over HTTPS only, and so never from this machine.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

from tintype.functions.http import takes_gzip
from tintype.local.asgi import App, Headers, Message, Receive, Scope, Send, header, with_headers

LEAST_BYTES, MOST_BYTES = 1_000, 10_000_000
STATUSES = frozenset({200, 403, 404})
# Of CloudFront's list, what the page and the renditions have; pictures and fonts are packed already.
CONTENT_TYPES = frozenset(
    {
        "application/javascript",
        "application/json",
        "application/wasm",
        "application/xml",
        "image/svg+xml",
        "text/css",
        "text/html",
        "text/javascript",
        "text/plain",
        "text/xml",
    }
)
_LEVEL = 6
_GZIP = 16 + zlib.MAX_WBITS


def compressed(app: App, *, where: Callable[[str], bool]) -> App:
    """Return *app* with answers packed at the paths for which *where* says so."""

    async def packing(scope: Scope, receive: Receive, send: Send) -> None:
        if _is_wanted(scope) and where(scope["path"]):
            scope = {**scope, "headers": _with_strong_tag(scope["headers"])}
            send = _packed(send)
        await app(scope, receive, send)

    return packing


def _is_wanted(scope: Scope) -> bool:
    headers = scope["headers"]
    accepted = header(headers, b"accept-encoding")
    return scope["method"] == "GET" and not header(headers, b"range") and takes_gzip(accepted)


def _packed(send: Send) -> Send:
    """Return a `send` that packs an answer if its start says that it may be."""
    packer: zlib._Compress | None = None

    async def pack(message: Message) -> None:
        nonlocal packer
        if message["type"] == "http.response.start" and _is_packable(message):
            packer = zlib.compressobj(_LEVEL, wbits=_GZIP)
            message["headers"] = _packed_headers(message["headers"])
        elif message["type"] == "http.response.body" and packer is not None:
            body = packer.compress(message.get("body", b""))
            if not message.get("more_body", False):
                body += packer.flush()
            message["body"] = body
        await send(message)

    return pack


def _is_packable(start: Message) -> bool:
    headers = start.get("headers", [])
    kind = header(headers, b"content-type").partition(";")[0].strip().lower()
    length = header(headers, b"content-length")
    return (
        start["status"] in STATUSES
        and kind in CONTENT_TYPES
        and not header(headers, b"content-encoding")
        and length.isdecimal()
        and LEAST_BYTES <= int(length) <= MOST_BYTES
    )


def _packed_headers(headers: Headers) -> Headers:
    """Return what is said of the packed answer: its length is not known yet, and its tag is weak."""
    kept = [(name, value) for name, value in headers if name.lower() != b"content-length"]
    vary = ", ".join(filter(None, [header(kept, b"vary"), "Accept-Encoding"]))
    tag = header(kept, b"etag")
    weak = {"etag": f"W/{tag.removeprefix('W/')}"} if tag else {}
    return with_headers(kept, content_encoding="gzip", vary=vary, **weak)


def _with_strong_tag(headers: Headers) -> Headers:
    """Return a request with the origin's own tag: S3 knows nothing of the weak one."""
    tag = header(headers, b"if-none-match")
    return with_headers(headers, if_none_match=tag.replace("W/", "")) if tag else headers
