"""Requests and answers, as API Gateway's HTTP API sends and expects them (payload format 2.0)."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec

from tintype.functions.problems import (
    CONTENT_TYPE,
    InvalidRequestError,
    MalformedJsonError,
    Problem,
)

PREFIX = "/api"  # CloudFront sends the path as it is; the HTTP API's own address has no prefix

PACKED_FROM = 1_000  # bytes, as CloudFront has it: less fits into one packet as it is

_GZIP = 16 + zlib.MAX_WBITS
_NO_STAGE = "$default"  # any other stage's name begins the path

_Body = TypeVar("_Body", bound=msgspec.Struct)


class _Http(msgspec.Struct):
    method: str
    path: str


class _Context(msgspec.Struct, rename="camel"):
    http: _Http
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
    """A request: the path without `/api`, names of headers in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer: JSON, or a problem document."""

    status: int
    body: bytes = field(repr=False)
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    image_id: str | None = None  # which image it is about, for the log


def request(event: object) -> Request:
    """Return the request in an event of API Gateway."""
    known = msgspec.convert(event, _Event)
    context = known.request_context
    path = context.http.path
    if context.stage != _NO_STAGE:
        path = _below(path, f"/{context.stage}")
    path = _below(path, PREFIX).rstrip("/")
    body = (known.body or "").encode("utf-8", "surrogateescape")
    return Request(
        method=context.http.method,
        path=path or "/",
        query=dict(parse_qsl(known.raw_query_string, keep_blank_values=True)),
        headers={name.lower(): content for name, content in known.headers.items()},
        body=b64decode(body) if known.is_base64_encoded else body,
        id=context.request_id,
    )


def response(answer: Answer) -> dict[str, object]:
    """Return an answer as API Gateway expects it."""
    headers = {
        "content-type": answer.content_type,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        **answer.headers,
    }
    try:
        body, encoded = answer.body.decode("utf-8"), False
    except UnicodeDecodeError:
        body, encoded = b64encode(answer.body).decode(), True
    return {
        "statusCode": answer.status,
        "headers": headers,
        "body": body,
        "isBase64Encoded": encoded,
    }


def packed(answer: Answer, accepted: str) -> Answer:
    """Return a long answer compressed, if Accept-Encoding says that gzip is *accepted*.

    CloudFront does not do it: it compresses where it may keep an answer, and keeps none of these.
    """
    if len(answer.body) < PACKED_FROM or not takes_gzip(accepted):
        return answer
    packer = zlib.compressobj(wbits=_GZIP)
    headers = {**answer.headers, "content-encoding": "gzip", "vary": "accept-encoding"}
    return replace(answer, body=packer.compress(answer.body) + packer.flush(), headers=headers)


def parsed(body: bytes, kind: type[_Body]) -> _Body:
    """Read a JSON body.

    Raises:
        MalformedJsonError: it is no JSON.
        InvalidRequestError: it is, and something in it is wrong.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise InvalidRequestError(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"the body is not JSON: {error}" if body else "the body is empty; send JSON"
        raise MalformedJsonError(message) from error


def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding names gzip, and not to refuse it.

    >>> [takes_gzip(one) for one in ("br, gzip", "GZIP;q=0.5", "gzip;q=0", "gzip; q=0.0", "br", "")]
    [True, True, False, False, False, False]
    """
    for one in accepted.lower().split(","):
        name, _, weight = one.replace(" ", "").partition(";q=")
        if name == "gzip":
            return not weight or bool(weight.strip("0."))
    return False


def _below(path: str, prefix: str) -> str:
    """Return *path* without *prefix*, if that is the beginning of it, as whole parts.

    >>> _below("/api/images", "/api"), _below("/api", "/api"), _below("/apiary", "/api")
    ('/images', '', '/apiary')
    """
    return path.removeprefix(prefix) if f"{path}/".startswith(f"{prefix}/") else path


def json(status: int, content: object, *, image_id: str | None = None) -> Answer:
    """Return an answer with *content* as JSON; *image_id* is for the log."""
    return Answer(status=status, body=msgspec.json.encode(content), image_id=image_id)


def refusal(problem: Problem, headers: Mapping[str, str] | None = None) -> Answer:
    """Return a problem as an answer."""
    return Answer(
        status=problem.status,
        body=msgspec.json.encode(problem),
        content_type=CONTENT_TYPE,
        headers=headers or {},
    )
