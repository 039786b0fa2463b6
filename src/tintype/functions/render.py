"""The render function: a request by its function's URL for a file that is not there yet, and the file.

CloudFront asks here when the renditions bucket has no object at a key. The path is that key; the
address of the file, in canonical form, is in a header.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache
from time import perf_counter
from urllib.parse import unquote

import msgspec

from tintype.aws.account import Account
from tintype.aws.errors import ServiceError
from tintype.aws.s3 import Bucket
from tintype.delivery.grammar import ADDRESS_HEADER
from tintype.functions import bundle, http
from tintype.functions.errors import (
    INTERNAL,
    STATUS,
    UNAVAILABLE,
    ApiError,
    ImageNotFoundError,
    MethodNotAllowedError,
    NotReadyError,
    ProcessingFailedError,
    RenditionNotFoundError,
    document,
    problem,
)
from tintype.functions.http import Response
from tintype.functions.logging import Level, job, note, report, report_crash
from tintype.imaging import Limits, Preset, QualityTarget
from tintype.imaging import render as _loaded_with_the_function  # noqa: F401 - see pipeline.py
from tintype.processing.deliver import DeliveryContext, DeliveryOutcome, DeliveryResult, deliver

NAME = "render"
# Lambda's responses have at most 6 MB (6,291,556 bytes), of JSON with the file in base64.
MOST_BYTES = 4_400_000

_METHODS = frozenset({"GET", "HEAD"})
_SERVER_ERROR = 500
_NO_STORE = "no-store"
# For how long the CDN and browsers may keep an answer without a file.
_BRIEFLY, _A_MINUTE = "max-age=10", "max-age=60"
_REFUSALS: dict[DeliveryOutcome, tuple[ApiError, str]] = {
    DeliveryOutcome.UNKNOWN: (
        RenditionNotFoundError("no preset, and no size, has this name"),
        _BRIEFLY,
    ),
    DeliveryOutcome.NOT_FOUND: (ImageNotFoundError("no image has this address"), _BRIEFLY),
    DeliveryOutcome.NOT_READY: (
        NotReadyError("the original has not been processed yet"),
        _NO_STORE,
    ),
}


class RenderSettings(msgspec.Struct, frozen=True, rename="camel"):
    """The settings of `tintype.toml` that this function needs."""

    limits: Limits
    presets: tuple[Preset, ...]
    delivered_quality: QualityTarget | None = None


class _Http(msgspec.Struct):
    method: str


class _Context(msgspec.Struct, rename="camel"):
    http: _Http
    request_id: str = ""


class _Event(msgspec.Struct, rename="camel"):
    """The parts of a request that we read (Lambda Developer Guide, "Request payload format")."""

    raw_path: str  # percent-encoded as it was sent, unlike that of an HTTP API
    request_context: _Context
    headers: dict[str, str] = {}


@cache
def context() -> DeliveryContext:
    """Return the context that this function's environment describes."""
    account, known = Account.from_environment(), bundle.read(RenderSettings)
    return DeliveryContext(
        originals=Bucket(account, os.environ["TINTYPE_ORIGINALS_BUCKET"]),
        renditions=Bucket(account, os.environ["TINTYPE_RENDITIONS_BUCKET"]),
        presets=known.presets,
        limits=known.limits,
        quality=known.delivered_quality,
    )


def handler(event: dict[str, object], _context: object) -> dict[str, object]:
    """Answer one request of the function's URL."""
    request = msgspec.convert(event, _Event)
    with job():
        note(request_id=request.request_context.request_id or None)
        return http.for_gateway(_handle(request))


def _handle(request: _Event) -> Response:
    start = perf_counter()
    key = unquote(request.raw_path).removeprefix("/")
    answer = _timed(_answer(request, key), start)
    failed = answer.status >= _SERVER_ERROR
    delivered = answer.status < 400  # noqa: PLR2004
    report(
        NAME,
        f"{request.request_context.http.method} {answer.status}",
        level=Level.ERROR if failed else Level.INFO,
        image_id=answer.image_id,
        file=key.rpartition("/")[2] if delivered else None,
        bytes=len(answer.body) if delivered else None,
        metrics={
            "Requests": 1,
            "Refused": None if delivered or failed else 1,
            "Errors": 1 if failed else None,
            "RequestMilliseconds": round((perf_counter() - start) * 1000, 1),
        },
    )
    return answer


def _timed(answer: Response, start: float) -> Response:
    """Return a file with how long it took, by which a page tells it from one that was stored.

    In milliseconds, as the metric `render` (W3C Server Timing).
    """
    if answer.status != 200:  # noqa: PLR2004
        return answer
    timing = f"render;dur={(perf_counter() - start) * 1000:.1f}"
    return replace(answer, headers={**answer.headers, "server-timing": timing})


def _answer(request: _Event, key: str) -> Response:
    try:
        if request.request_context.http.method not in _METHODS:
            error = MethodNotAllowedError("GET, HEAD")
            return http.error_response(problem(error), {"allow": str(error)})
        made = deliver(context(), key)
        answer = _file(made, request.headers.get(ADDRESS_HEADER, "")) or _refusal(made)
        return replace(answer, image_id=made.image_id)
    except ServiceError as error:
        report(NAME, str(error), level=Level.ERROR, code=error.code)
        return http.error_response(problem(error))
    except Exception as error:  # noqa: BLE001 - the caller always gets a problem document
        report_crash(NAME, error)
        return http.error_response(document(INTERNAL, "internal_error", INTERNAL.title))


def _file(made: DeliveryResult, address: str) -> Response | None:
    """Return the file, or the way to it: it is in the bucket by now. None if there is none."""
    if made.outcome not in {DeliveryOutcome.RENDERED, DeliveryOutcome.COPIED}:
        return None
    if len(made.data) > MOST_BYTES:
        return Response(status=302, body=b"", headers={"location": address})
    cached = {"cache-control": made.cache_control}
    return Response(status=200, body=made.data, content_type=made.content_type, headers=cached)


def _refusal(made: DeliveryResult) -> Response:
    if made.failure is not None:
        refused = document(STATUS[ProcessingFailedError], made.failure.code, made.failure.message)
        return http.error_response(refused, {"cache-control": _A_MINUTE})
    if made.outcome is DeliveryOutcome.CHANGED:
        changed = document(
            UNAVAILABLE, "service_unavailable", "the image has changed meanwhile; ask again"
        )
        return http.error_response(changed, {"retry-after": "1"})
    error, cached = _REFUSALS[made.outcome]
    return http.error_response(problem(error), {"cache-control": cached})
