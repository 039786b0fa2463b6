"""Requests and responses of API Gateway's HTTP API (payload format 2.0)."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec

from tintype import traces
from tintype.access import NO_CALLER, Caller
from tintype.functions.errors import (
    CONTENT_TYPE,
    BadRequestError,
    MalformedJsonError,
    Problem,
)

TRACE_HEADER = "x-trace-id"  # not AWS's own name, which API Gateway sets itself
WITH_KEY = "/with-key"  # API Gateway asks for no token below it: for requests with an API key
PREFIX = "/api"  # CloudFront forwards the path unchanged; the HTTP API's own address has no prefix

PACKED_FROM = 1_000  # bytes, as in CloudFront: a smaller response fits into one packet

_GZIP = 16 + zlib.MAX_WBITS
_NO_STAGE = "$default"  # the path begins with any other stage's name

_Body = TypeVar("_Body", bound=msgspec.Struct)


class _Http(msgspec.Struct):
    method: str
    path: str


class _Token(msgspec.Struct):
    claims: dict[str, object]


class _Authorizer(msgspec.Struct):
    jwt: _Token | None = None


class _Context(msgspec.Struct, rename="camel"):
    http: _Http
    authorizer: _Authorizer | None = None
    request_id: str = ""
    stage: str = _NO_STAGE


class _Event(msgspec.Struct, rename="camel"):
    request_context: _Context
    raw_query_string: str = ""
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    body: str | None = None
    is_base64_encoded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request: the path without `/api` and `/with-key`, header names in lower case.

    `claims` are those of the token that API Gateway verified; every value is text. `caller` is who
    sends it, once `Authentication` has found out; until then it may do nothing.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    id: str = ""
    trace: str = ""  # the ID in every log line of this request
    with_key: bool = False
    claims: Mapping[str, object] | None = field(default=None, repr=False)
    caller: Caller = NO_CALLER


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A response: JSON, or a problem document."""

    status: int
    body: bytes = field(repr=False)
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    image_id: str | None = None  # the image concerned, for the log
    cookies: tuple[str, ...] = field(default=(), repr=False)  # values of Set-Cookie


def request(event: object) -> Request:
    """Return the request in an API Gateway event."""
    known = msgspec.convert(event, _Event)
    context = known.request_context
    path = context.http.path
    if context.stage != _NO_STAGE:
        path = _below(path, f"/{context.stage}")
    path = _below(path, PREFIX)
    plain = _below(path, WITH_KEY)
    body = (known.body or "").encode("utf-8", "surrogateescape")
    headers = {name.lower(): content for name, content in known.headers.items()}
    token = context.authorizer.jwt if context.authorizer else None
    return Request(
        method=context.http.method,
        path=plain.rstrip("/") or "/",
        query=dict(parse_qsl(known.raw_query_string, keep_blank_values=True)),
        headers=headers,
        body=b64decode(body) if known.is_base64_encoded else body,
        id=context.request_id,
        trace=traces.root(headers.get("x-amzn-trace-id", "")) or traces.new(datetime.now(UTC)),
        with_key=plain != path,
        claims=token.claims if token else None,
    )


def for_gateway(response: Response) -> dict[str, object]:
    """Return a response in API Gateway's format."""
    headers = {
        "content-type": response.content_type,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        **response.headers,
    }
    try:
        body, encoded = response.body.decode("utf-8"), False
    except UnicodeDecodeError:
        body, encoded = b64encode(response.body).decode(), True
    return {
        "statusCode": response.status,
        "headers": headers,
        **({"cookies": list(response.cookies)} if response.cookies else {}),
        "body": body,
        "isBase64Encoded": encoded,
    }


def packed(response: Response, accepted: str) -> Response:
    """Compress a long response if *accepted*, the Accept-Encoding header, allows gzip.

    CloudFront only compresses responses that it may cache, and these are not cached.
    """
    if len(response.body) < PACKED_FROM or not takes_gzip(accepted):
        return response
    packer = zlib.compressobj(wbits=_GZIP)
    headers = {**response.headers, "content-encoding": "gzip", "vary": "accept-encoding"}
    return replace(response, body=packer.compress(response.body) + packer.flush(), headers=headers)


def parsed(body: bytes, kind: type[_Body]) -> _Body:
    """Read a JSON body.

    Raises:
        MalformedJsonError: it is not JSON.
        BadRequestError: it is JSON with an invalid value.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise BadRequestError(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"the body is not JSON: {error}" if body else "the body is empty; send JSON"
        raise MalformedJsonError(message) from error


def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding header allows gzip.

    >>> [takes_gzip(one) for one in ("br, gzip", "GZIP;q=0.5", "gzip;q=0", "gzip; q=0.0", "br", "")]
    [True, True, False, False, False, False]
    """
    for one in accepted.lower().split(","):
        name, _, weight = one.replace(" ", "").partition(";q=")
        if name == "gzip":
            return not weight or bool(weight.strip("0."))
    return False


def _below(path: str, prefix: str) -> str:
    """Return *path* without *prefix*, if it begins with that as whole segments.

    >>> _below("/api/images", "/api"), _below("/api", "/api"), _below("/apiary", "/api")
    ('/images', '', '/apiary')
    """
    return path.removeprefix(prefix) if f"{path}/".startswith(f"{prefix}/") else path


def json(status: int, content: object, *, image_id: str | None = None) -> Response:
    """Return a response with *content* as JSON; *image_id* is for the log."""
    return Response(status=status, body=msgspec.json.encode(content), image_id=image_id)


def error_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem as a response."""
    return Response(
        status=problem.status,
        body=msgspec.json.encode(problem),
        content_type=CONTENT_TYPE,
        headers=headers or {},
    )
