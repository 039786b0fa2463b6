"""The API function: an HTTP request in, JSON or a problem document out."""

from __future__ import annotations

import os
import re
from functools import cache
from time import perf_counter

import msgspec

from tintype import keys
from tintype.aws.account import Account
from tintype.aws.dynamodb import Table
from tintype.aws.errors import ServiceError
from tintype.aws.invocations import Function
from tintype.aws.s3 import Bucket
from tintype.aws.sqs import Queue
from tintype.functions import http, routes, settings
from tintype.functions.http import Answer, Request
from tintype.functions.operations import Service
from tintype.functions.problems import INTERNAL, ApiError, MethodNotAllowedError, document, problem
from tintype.functions.telemetry import Level, report, report_crash
from tintype.uploads import Counter, UploadError

NAME = "api"
_SERVER_ERROR = 500
# Whoever calls may have sent it, with anything in it.
_TRACE = re.compile(
    r"(?:Self=1-[0-9a-f]{8}-[0-9a-f]{24};)?Root=1-[0-9a-f]{8}-[0-9a-f]{24}"
    r"(?:;[A-Za-z]{1,20}=[0-9A-Za-z:.-]{1,50}){0,4}",
    re.ASCII,
)


class Limits(msgspec.Struct, frozen=True):
    """The limit that can be told before an upload."""

    max_bytes: int


class Settings(msgspec.Struct, frozen=True, rename="camel"):
    """What this function needs to know of `tintype.toml`."""

    limits: Limits
    presets_revision: str
    processed: str


@cache
def service() -> Service:
    """Return the service that this function's environment describes."""
    account, known = Account.from_environment(), settings.read(Settings)
    originals = Bucket(account, os.environ["TINTYPE_ORIGINALS_BUCKET"])
    table = Table(account, os.environ["TINTYPE_IMAGES_TABLE"])
    return Service(
        originals=originals,
        table=table,
        orders=Queue(account, os.environ["TINTYPE_DEVELOP_QUEUE_URL"]),
        darkroom=Function(account, os.environ["TINTYPE_DEVELOP_FUNCTION"]),
        counter=Counter(
            originals=originals,
            table=table,
            max_bytes=known.limits.max_bytes,
            ticket_seconds=int(os.environ["TINTYPE_TICKET_MINUTES"]) * 60,
            processed=known.processed,
        ),
        public_url=os.environ["TINTYPE_PUBLIC_URL"],
        originals_readable=os.environ["TINTYPE_ORIGINALS_READABLE"] == "true",
        processed=known.processed,
        presets_revision=known.presets_revision,
    )


def handler(event: dict[str, object], _context: object) -> dict[str, object]:
    """Answer one request of the HTTP API."""
    start = perf_counter()
    request = http.request(event)
    answer = _answer(request)
    milliseconds = round((perf_counter() - start) * 1000, 1)
    failed = answer.status >= _SERVER_ERROR
    report(
        NAME,
        f"{request.method} {request.path} {answer.status}",
        level=Level.ERROR if failed else Level.INFO,
        request_id=request.id,
        trace_id=_trace_of(request),
        image_id=answer.image_id or _image_in(request.path),
        bytes=len(request.body) or None,
        metrics={
            "Requests": 1,
            "Refused": 1 if 400 <= answer.status < _SERVER_ERROR else None,  # noqa: PLR2004
            "Errors": 1 if failed else None,
            "RequestMilliseconds": milliseconds,
        },
    )
    accepted = request.headers.get("accept-encoding", "")
    return http.response(http.packed(answer, accepted))


def _trace_of(request: Request) -> str | None:
    """Return the request's trace in AWS's form, None where there is none or it is something else."""
    sent = request.headers.get("x-amzn-trace-id", "")
    return sent if _TRACE.fullmatch(sent) else None


def _answer(request: Request) -> Answer:
    try:
        if request.path == "/openapi.json":
            return _openapi(request.method)
        route, places = routes.find(request.method, request.path)
        return route.operation(service(), request, places)
    except MethodNotAllowedError as error:
        return http.refusal(problem(error), {"allow": str(error)})
    except (ApiError, UploadError) as error:
        return http.refusal(problem(error))
    except ServiceError as error:
        report(
            NAME,
            str(error),
            level=Level.ERROR,
            code=error.code,
            request_id=request.id,
            image_id=_image_in(request.path),
        )
        return http.refusal(problem(error))
    except Exception as error:  # noqa: BLE001 - the outermost door: whoever asks gets a problem document
        report_crash(NAME, error, request_id=request.id, image_id=_image_in(request.path))
        return http.refusal(document(INTERNAL, "internal_error", INTERNAL.title))


def _image_in(path: str) -> str | None:
    """Return the image that a path names, for the log.

    >>> _image_in("/images/01M7XPE600ABCDEFGHJKMNPQRS/reprocess"), _image_in("/images/a.png")
    ('01M7XPE600ABCDEFGHJKMNPQRS', None)
    """
    part = path.removeprefix("/images/").partition("/")[0]
    return part if keys.is_id(part) else None


def _openapi(method: str) -> Answer:
    if method != "GET":
        raise MethodNotAllowedError("GET")  # noqa: EM101 - its message is the methods
    # Made when somebody asks for it: a cold start has no time for it.
    from tintype.functions.openapi import openapi  # noqa: PLC0415

    known = service()
    server = f"{known.public_url}{http.PREFIX}"
    description = openapi(
        server=server,
        presets_revision=known.presets_revision,
        max_bytes=known.counter.max_bytes,
    )
    return http.json(200, description)
