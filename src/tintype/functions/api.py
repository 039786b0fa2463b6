"""The API function: an HTTP request in, JSON or a problem document out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from time import perf_counter

import msgspec

from tintype import keys
from tintype.access import AccessMode, Scope, Visibility
from tintype.aws.access_table import AccessTable
from tintype.aws.account import Account
from tintype.aws.dynamodb import Table
from tintype.aws.errors import ServiceError
from tintype.aws.lambda_ import Function
from tintype.aws.s3 import Bucket
from tintype.aws.sqs import Queue
from tintype.functions import bundle, http, routes
from tintype.functions.api_service import ApiService, demand
from tintype.functions.authentication import Authentication
from tintype.functions.errors import (
    INTERNAL,
    ApiError,
    InvalidApiKeyError,
    MethodNotAllowedError,
    RateLimitedError,
    SignInRequiredError,
    TooManyRequestsError,
    document,
    problem,
)
from tintype.functions.http import Request, Response
from tintype.functions.logging import Level, job, note, report, report_crash
from tintype.functions.request_limit import RequestLimit
from tintype.functions.signing import AddressSigner
from tintype.functions.slots import Slots
from tintype.records import Records
from tintype.uploads import UploadError, UploadService
from tintype.usage import Allowance, OverQuotaError

NAME = "api"
_SERVER_ERROR = 500


class ApiLimits(msgspec.Struct, frozen=True):
    """The limits that are known before an upload."""

    max_bytes: int
    svg: bool = False


class _Encoding(msgspec.Struct, frozen=True):
    format: str


class ApiPreset(msgspec.Struct, frozen=True):
    """A preset's name and formats."""

    name: str
    formats: tuple[_Encoding, ...]


class ApiSettings(msgspec.Struct, frozen=True, rename="camel"):
    """The settings of `tintype.toml` that this function needs."""

    limits: ApiLimits
    presets: tuple[ApiPreset, ...]
    presets_revision: str
    processed: str


@cache
def service() -> ApiService:
    """Return the service that this function's environment describes."""
    account, known = Account.from_environment(), bundle.read(ApiSettings)
    originals = Bucket(account, os.environ["TINTYPE_ORIGINALS_BUCKET"])
    access = os.environ["TINTYPE_ACCESS_TABLE"]
    table = Table(account, os.environ["TINTYPE_IMAGES_TABLE"], access)
    return ApiService(
        originals=originals,
        table=table,
        process_queue=Queue(account, os.environ["TINTYPE_PROCESS_QUEUE_URL"]),
        background_queue=Queue(account, os.environ["TINTYPE_BACKGROUND_QUEUE_URL"]),
        processor=Function(account, os.environ["TINTYPE_PROCESS_FUNCTION"]),
        uploads=UploadService(
            originals=originals,
            records=Records(table),
            expiries=Queue(account, os.environ["TINTYPE_CATALOGUE_QUEUE_URL"]),
            max_bytes=known.limits.max_bytes,
            svg=known.limits.svg,
            ticket_seconds=int(os.environ["TINTYPE_TICKET_MINUTES"]) * 60,
            allowance=Allowance(
                int(os.environ["TINTYPE_QUOTA_IMAGES"]), int(os.environ["TINTYPE_QUOTA_BYTES"])
            ),
            processed=known.processed,
            visibility=Visibility(os.environ["TINTYPE_VISIBILITY"]),
            may_be_private=os.environ["TINTYPE_ACCESS_MODE"] != AccessMode.OPEN,
        ),
        public_url=os.environ["TINTYPE_PUBLIC_URL"],
        originals_readable=os.environ["TINTYPE_ORIGINALS_READABLE"] == "true",
        processed=known.processed,
        presets_revision=known.presets_revision,
        presets={one.name: frozenset(each.format for each in one.formats) for one in known.presets},
        bucket_owner=os.environ["TINTYPE_BUCKET_OWNER"],
        authentication=_authentication(account),
        slots=Slots(
            AccessTable(account, access),
            int(os.environ["TINTYPE_PROCESS_SLOTS"]),
        ),
        request_limit=RequestLimit(
            AccessTable(account, access), int(os.environ["TINTYPE_QUOTA_REQUESTS"])
        ),
        signer=AddressSigner(AccessTable(account, os.environ["TINTYPE_ACCESS_TABLE"])),
    )


def _authentication(account: Account) -> Authentication:
    scopes = os.environ["TINTYPE_ANYONE"].split(",")
    return Authentication(
        mode=AccessMode(os.environ["TINTYPE_ACCESS_MODE"]),
        anyone=frozenset(Scope(one.strip()) for one in scopes if one.strip()),
        admin_group=os.environ["TINTYPE_ADMIN_GROUP"],
        groups_claim=os.environ["TINTYPE_GROUPS_CLAIM"],
        keys=AccessTable(account, os.environ["TINTYPE_ACCESS_TABLE"]),
    )


def handler(event: dict[str, object], _context: object) -> dict[str, object]:
    """Answer one request of the HTTP API."""
    request = http.request(event)
    with job():
        note(request_id=request.id, trace_id=request.trace)
        return _handle(request)


def _handle(request: Request) -> dict[str, object]:
    start = perf_counter()
    answer = _answer(request)
    answer = replace(answer, headers={**answer.headers, http.TRACE_HEADER: request.trace})
    milliseconds = round((perf_counter() - start) * 1000, 1)
    failed = answer.status >= _SERVER_ERROR
    report(
        NAME,
        f"{request.method} {request.path} {answer.status}",
        level=Level.ERROR if failed else Level.INFO,
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
    return http.for_gateway(http.packed(answer, accepted))


def _answer(request: Request) -> Response:
    try:
        if request.path == "/openapi.json":
            return _openapi(request.method)
        known = service()
        caller = known.authentication.caller(request)
        note(key_id=caller.key_id or None)
        known.request_limit.count(caller.owner)
        route, places = routes.find(request.method, request.path)
        demand(caller, route.action)
        return route.operation(known, replace(request, caller=caller), places)
    except (ApiError, UploadError, OverQuotaError) as error:
        return http.error_response(problem(error), _headers(error))
    except ServiceError as error:
        report(
            NAME,
            str(error),
            level=Level.ERROR,
            code=error.code,
            image_id=_image_in(request.path),
        )
        return http.error_response(problem(error))
    except Exception as error:  # noqa: BLE001 - the caller always gets a problem document
        report_crash(NAME, error, image_id=_image_in(request.path))
        return http.error_response(document(INTERNAL, "internal_error", INTERNAL.title))


def _headers(error: ApiError | UploadError | OverQuotaError) -> Mapping[str, str]:
    """Return the headers that HTTP requires beside some errors."""
    match error:
        case MethodNotAllowedError():
            return {"allow": str(error)}
        case SignInRequiredError() | InvalidApiKeyError():
            return {"www-authenticate": "Bearer"}
        case TooManyRequestsError():
            return {"retry-after": "2"}
        case RateLimitedError():
            return {"retry-after": str(error.retry_after)}
        case OverQuotaError():  # by then every ticket that is not used now has given back its room
            return {"retry-after": str(service().uploads.ticket_seconds)}
        case _:
            return {}


def _image_in(path: str) -> str | None:
    """Return the image ID in a path, for the log.

    >>> _image_in("/images/01M7XPE600ABCDEFGHJKMNPQRS/reprocess"), _image_in("/images/a.png")
    ('01M7XPE600ABCDEFGHJKMNPQRS', None)
    """
    part = path.removeprefix("/images/").partition("/")[0]
    return part if keys.is_id(part) else None


def _openapi(method: str) -> Response:
    if method != "GET":
        raise MethodNotAllowedError("GET")  # noqa: EM101 - its message is the methods
    # Built on request: it would slow every cold start.
    from tintype.functions.openapi import openapi  # noqa: PLC0415

    known = service()
    server = f"{known.public_url}{http.PREFIX}"
    description = openapi(
        server=server,
        presets_revision=known.presets_revision,
        max_bytes=known.uploads.max_bytes,
        is_open=known.authentication.mode is AccessMode.OPEN,
    )
    return http.json(200, description)
