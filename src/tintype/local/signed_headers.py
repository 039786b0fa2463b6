"""S3's rule that every `x-amz-` header of a signed request must be signed, which MiniStack lacks.

"Authenticating Requests: Using the Authorization Header" in S3's API reference: all of them must be
in the canonical headers. Otherwise the holder of a link could choose encryption, class or metadata.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from tintype.local.asgi import App, Headers, Receive, Scope, Send, header

_SCOPE = "/s3/aws4_request"
_SIGNED = re.compile(r"SignedHeaders=([^,\s]+)", re.ASCII)
_REFUSAL = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code>'
    "<Message>There were headers present in the request which were not signed</Message>"
    "<HeadersNotSigned>{}</HeadersNotSigned></Error>"
)


def with_signed_headers(app: App) -> App:
    """Return *app* with 403 for signed requests to S3 with unsigned `x-amz-` headers."""

    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        unsigned = _unsigned(scope) if scope["type"] == "http" else []
        if unsigned:
            await _refuse(send, unsigned)
        else:
            await app(scope, receive, send)

    return checked


def _unsigned(scope: Scope) -> list[str]:
    names = {name.lower().decode("latin-1") for name, _ in scope["headers"]}
    amazons = {name for name in names if name.startswith("x-amz-")}
    signed = _signed(scope["headers"], scope.get("query_string", b"")) if amazons else None
    return [] if signed is None else sorted(amazons - set(signed))


def _signed(headers: Headers, query: bytes) -> Collection[str] | None:
    """Return the signed header names of an S3 request, None for other or unsigned requests."""
    authorization = header(headers, b"authorization")
    if _SCOPE in authorization:
        found = _SIGNED.search(authorization)
        return found[1].split(";") if found else []
    asked = parse_qs(query.decode("latin-1"))
    if not asked.get("X-Amz-Credential", [""])[0].endswith(_SCOPE):
        return None
    return asked.get("X-Amz-SignedHeaders", [""])[0].split(";")


async def _refuse(send: Send, names: list[str]) -> None:
    body = _REFUSAL.format(escape(", ".join(names))).encode()
    headers = [
        (b"content-type", b"application/xml"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
