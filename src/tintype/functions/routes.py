"""The table of routes: which operation answers, and how the OpenAPI document describes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from tintype import keys
from tintype.aws.errors import ServiceError, UnavailableError
from tintype.functions import operations
from tintype.functions.http import Answer, Request
from tintype.functions.operations import (
    PROCESSED_PREFIX,
    Accepted,
    OriginalLink,
    Page,
    PictureAddress,
    Processed,
    ProcessRequest,
    Service,
)
from tintype.functions.problems import (
    ApiError,
    BucketNotAllowedError,
    ImageNotFoundError,
    InvalidRequestError,
    MalformedJsonError,
    MethodNotAllowedError,
    NotReadyError,
    NotUploadedError,
    ObjectNotFoundError,
    OriginalsNotPublicError,
    ProcessingFailedError,
    RenditionNotFoundError,
    RouteNotFoundError,
)
from tintype.images import Image
from tintype.uploads import (
    FILENAME_PATTERN,
    MAX_NAME_LENGTH,
    BodyTooLargeError,
    EmptyBodyError,
    InvalidFilenameError,
    PlainRequest,
    PlainTicket,
    Ticket,
    TicketRequest,
    UnsupportedContentTypeError,
    UploadError,
    UploadTooLargeError,
)

Operation: TypeAlias = Callable[[Service, Request, Mapping[str, str]], Answer]
Refusal: TypeAlias = type[ApiError | UploadError | ServiceError]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query; *schema* is JSON Schema's."""

    name: str
    description: str
    schema: Mapping[str, object]
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A method and a path, and what they mean. `takes` is a JSON body, or bytes of an image."""

    method: str
    path: str
    operation: Operation
    status: int
    gives: type[msgspec.Struct]
    takes: type[msgspec.Struct | bytes] | None = None
    query: tuple[Parameter, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    @property
    def parts(self) -> list[str]:
        """The path, cut at its slashes."""
        return self.path.split("/")


_ENTRY = (InvalidFilenameError, UnsupportedContentTypeError)
_BODY = (MalformedJsonError, InvalidRequestError)

ROUTES = (
    Route(
        method="POST",
        path="/uploads",
        operation=operations.issue_ticket,
        takes=TicketRequest,
        status=201,
        gives=Ticket,
        refusals=(*_BODY, *_ENTRY, UploadTooLargeError),
    ),
    Route(
        method="POST",
        path="/images",
        operation=operations.accept_image,
        takes=bytes,
        query=(
            Parameter(
                "filename",
                "the file's name, for people",
                {"type": "string", "maxLength": MAX_NAME_LENGTH, "pattern": FILENAME_PATTERN},
            ),
        ),
        status=202,
        gives=Accepted,
        refusals=(*_ENTRY, EmptyBodyError, BodyTooLargeError),
    ),
    Route(
        method="GET",
        path="/images",
        operation=operations.list_images,
        query=(
            Parameter(
                "limit",
                "how many images a page has",
                {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": operations.MAX_LIMIT,
                    "default": operations.DEFAULT_LIMIT,
                },
            ),
            Parameter(
                "cursor", "where the page before ended", {"type": "string", "format": "cursor"}
            ),
        ),
        status=200,
        gives=Page,
        refusals=(InvalidRequestError,),
    ),
    Route(
        method="GET",
        path="/images/{id}",
        operation=operations.show_image,
        status=200,
        gives=Image,
        refusals=(ImageNotFoundError,),
    ),
    Route(
        method="GET",
        path="/images/{id}/original",
        operation=operations.link_original,
        status=200,
        gives=OriginalLink,
        refusals=(ImageNotFoundError, NotUploadedError, OriginalsNotPublicError),
    ),
    Route(
        method="DELETE",
        path="/images/{id}",
        operation=operations.delete_image,
        status=202,
        gives=Accepted,
        refusals=(ImageNotFoundError,),
    ),
    Route(
        method="POST",
        path="/images/{id}/reprocess",
        operation=operations.reprocess_image,
        status=202,
        gives=Accepted,
        refusals=(ImageNotFoundError, NotUploadedError),
    ),
    Route(
        method="POST",
        path="/process",
        operation=operations.process_object,
        takes=ProcessRequest,
        status=200,
        gives=Processed,
        refusals=(
            *_BODY,
            BucketNotAllowedError,
            ObjectNotFoundError,
            NotReadyError,
            ProcessingFailedError,
            RenditionNotFoundError,
        ),
    ),
    Route(
        method="POST",
        path="/generate-upload-url",
        operation=operations.issue_plain_ticket,
        takes=PlainRequest,
        status=200,
        gives=PlainTicket,
        refusals=(*_BODY, *_ENTRY),
    ),
    Route(
        method="GET",
        path="/get-processed-image-url",
        operation=operations.find_processed,
        query=(
            Parameter(
                "filename",
                "`processed-` and the file name of an upload, of which the newest is meant; or the "
                "`processedFilename` of one",
                {"type": "string", "pattern": f"^({keys.ID_PATTERN}-|{PROCESSED_PREFIX}.)"},
                required=True,
            ),
        ),
        status=200,
        gives=PictureAddress,
        refusals=(
            InvalidRequestError,
            ImageNotFoundError,
            NotReadyError,
            ProcessingFailedError,
            RenditionNotFoundError,
        ),
    ),
)
ALWAYS: tuple[Refusal, ...] = (UnavailableError,)


def find(method: str, path: str) -> tuple[Route, Mapping[str, str]]:
    """Return the route of a request, and what stands in its path's places.

    Raises:
        RouteNotFoundError: no route has this path.
        MethodNotAllowedError: some have, with other methods; the message names them.
    """
    matches = [(route, places) for route in ROUTES if (places := _match(route, path)) is not None]
    if not matches:
        message = f"there is nothing at {path}; /openapi.json says what there is"
        raise RouteNotFoundError(message)
    for route, places in matches:
        if route.method == method:
            return route, places
    raise MethodNotAllowedError(", ".join(route.method for route, _ in matches))


def _match(route: Route, path: str) -> Mapping[str, str] | None:
    given = path.split("/")
    if len(given) != len(route.parts):
        return None
    places = {}
    for wanted, part in zip(route.parts, given, strict=True):
        if wanted.startswith("{"):
            places[wanted.strip("{}")] = part
        elif wanted != part:
            return None
    return places
