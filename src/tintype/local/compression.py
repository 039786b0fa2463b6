"""CloudFront's compression of compressible responses, for clients that accept it.

The conditions are those of "Serve compressed files" in CloudFront's developer guide. CloudFront
also has Brotli, which browsers accept only over HTTPS, and so never from this machine.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

from tintype.functions.http import takes_gzip
from tintype.local.asgi import App, Headers, Message, Receive, Scope, Send, header, with_headers

LEAST_BYTES, MOST_BYTES = 1_000, 10_000_000
STATUSES = frozenset({200, 403, 404})
# The types of CloudFront's list that the page uses; pictures and fonts are already compressed.
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
    """Return *app* with compressed responses at paths for which *where* is true."""

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
    """Return a `send` that compresses a response if its headers allow it."""
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
    """Return the headers of the compressed response: without a length, and with a weak ETag."""
    kept = [(name, value) for name, value in headers if name.lower() != b"content-length"]
    vary = ", ".join(filter(None, [header(kept, b"vary"), "Accept-Encoding"]))
    tag = header(kept, b"etag")
    weak = {"etag": f"W/{tag.removeprefix('W/')}"} if tag else {}
    return with_headers(kept, content_encoding="gzip", vary=vary, **weak)


def _with_strong_tag(headers: Headers) -> Headers:
    """Return a request's headers with the origin's strong ETag, since S3 does not know the weak one."""
    tag = header(headers, b"if-none-match")
    return with_headers(headers, if_none_match=tag.replace("W/", "")) if tag else headers
