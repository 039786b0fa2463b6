"""The table of routes: the operation of each, and its description for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import TypeAlias

import msgspec

from tintype import keys, owners
from tintype.access import Action, Visibility
from tintype.aws.errors import ServiceError, UnavailableError
from tintype.functions import (
    address_operations,
    change_operations,
    key_operations,
    operations,
)
from tintype.functions.address_operations import AddressRequest, SignedAddress
from tintype.functions.api_service import ApiService
from tintype.functions.change_operations import ImageChange
from tintype.functions.errors import (
    ApiError,
    ApiKeyNotFoundError,
    BadRequestError,
    BucketNotAllowedError,
    ImageNotFoundError,
    InvalidApiKeyError,
    MalformedJsonError,
    MethodNotAllowedError,
    NotAllowedError,
    NotReadyError,
    NotUploadedError,
    ObjectNotFoundError,
    OriginalsNotPublicError,
    ProcessingFailedError,
    RateLimitedError,
    RenditionNotFoundError,
    RouteNotFoundError,
    SignInRequiredError,
    StillProcessingError,
    TooManyKeysError,
    TooManyRequestsError,
)
from tintype.functions.http import Request, Response
from tintype.functions.key_operations import (
    CreatedKey,
    EndedSession,
    Identity,
    KeyList,
    KeyRequest,
    RevokedKey,
    Session,
)
from tintype.functions.operations import (
    PROCESSED_PREFIX,
    Accepted,
    OriginalLink,
    Page,
    PictureAddress,
    Processed,
    ProcessRequest,
    Reprocessing,
)
from tintype.images import Image
from tintype.uploads import (
    FILENAME_PATTERN,
    MAX_NAME_LENGTH,
    BodyTooLargeError,
    EmptyBodyError,
    FilenameTicket,
    FilenameTicketRequest,
    InvalidFilenameError,
    PrivateNeedsSignInError,
    Ticket,
    TicketRequest,
    UnsupportedContentTypeError,
    UploadError,
    UploadTooLargeError,
)
from tintype.usage import OverQuotaError

Operation: TypeAlias = Callable[[ApiService, Request, Mapping[str, str]], Response]
ErrorType: TypeAlias = type[ApiError | UploadError | OverQuotaError | ServiceError]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter; *schema* is JSON Schema."""

    name: str
    description: str
    schema: Mapping[str, object]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """A method, a path and their operation. `takes` is a JSON body, or the bytes of an image.

    Before `operation`, the caller's scopes are checked for `action`; whose image it is, the operation
    asks `ApiService.image`.
    """

    method: str
    path: str
    operation: Operation
    action: Action
    _: KW_ONLY
    status: int = 200
    gives: type[msgspec.Struct]
    takes: type[msgspec.Struct | bytes] | None = None
    query: tuple[Parameter, ...] = ()
    errors: tuple[ErrorType, ...] = ()

    @property
    def parts(self) -> list[str]:
        """The path, split at its slashes."""
        return self.path.split("/")


_ENTRY = (
    InvalidFilenameError,
    UnsupportedContentTypeError,
    OverQuotaError,
    PrivateNeedsSignInError,
)
_BODY = (MalformedJsonError, BadRequestError)

ROUTES = (
    Route(
        "POST",
        "/uploads",
        operations.issue_ticket,
        Action.UPLOAD,
        takes=TicketRequest,
        status=201,
        gives=Ticket,
        errors=(*_BODY, *_ENTRY, UploadTooLargeError),
    ),
    Route(
        "POST",
        "/images",
        operations.accept_image,
        Action.UPLOAD,
        takes=bytes,
        query=(
            Parameter(
                "filename",
                "the file's name, as shown to people",
                {"type": "string", "maxLength": MAX_NAME_LENGTH, "pattern": FILENAME_PATTERN},
            ),
            Parameter(
                "visibility",
                "who can get the renditions; by default what the deployment says",
                {"type": "string", "enum": sorted(Visibility)},
            ),
        ),
        status=202,
        gives=Accepted,
        errors=(*_ENTRY, BadRequestError, EmptyBodyError, BodyTooLargeError),
    ),
    Route(
        "GET",
        "/images",
        operations.list_images,
        Action.READ,
        query=(
            Parameter(
                "limit",
                "the number of images per page",
                {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": operations.MAX_LIMIT,
                    "default": operations.DEFAULT_LIMIT,
                },
            ),
            Parameter(
                "cursor", "the previous page's `cursor`", {"type": "string", "format": "cursor"}
            ),
            Parameter(
                "owner",
                "whose images, for admins; by default the caller's",
                {"type": "string", "pattern": f"^{owners.PATTERN}$"},
            ),
        ),
        gives=Page,
        errors=(BadRequestError,),
    ),
    Route(
        "GET",
        "/images/{id}",
        operations.show_image,
        Action.READ,
        gives=Image,
        errors=(ImageNotFoundError,),
    ),
    Route(
        "GET",
        "/images/{id}/original",
        operations.link_original,
        Action.READ_ORIGINAL,
        gives=OriginalLink,
        errors=(ImageNotFoundError, NotUploadedError, OriginalsNotPublicError),
    ),
    Route(
        "DELETE",
        "/images/{id}",
        operations.delete_image,
        Action.DELETE,
        status=202,
        gives=Accepted,
        errors=(ImageNotFoundError,),
    ),
    Route(
        "PATCH",
        "/images/{id}",
        change_operations.change_image,
        Action.CHANGE,
        takes=ImageChange,
        status=202,
        gives=Accepted,
        errors=(
            *_BODY,
            ImageNotFoundError,
            NotUploadedError,
            StillProcessingError,
            PrivateNeedsSignInError,
        ),
    ),
    Route(
        "POST",
        "/images/{id}/reprocess",
        operations.reprocess_image,
        Action.REPROCESS,
        status=202,
        gives=Reprocessing,
        errors=(ImageNotFoundError, NotUploadedError),
    ),
    Route(
        "POST",
        "/images/{id}/address",
        address_operations.sign_address,
        Action.SIGN_ADDRESS,
        takes=AddressRequest,
        gives=SignedAddress,
        errors=(*_BODY, ImageNotFoundError),
    ),
    Route(
        "POST",
        "/process",
        operations.process_object,
        Action.PROCESS,
        takes=ProcessRequest,
        gives=Processed,
        errors=(
            *_BODY,
            BucketNotAllowedError,
            ObjectNotFoundError,
            TooManyRequestsError,
            NotReadyError,
            ProcessingFailedError,
            RenditionNotFoundError,
        ),
    ),
    Route(
        "POST",
        "/generate-upload-url",
        operations.issue_for_filename_ticket,
        Action.UPLOAD,
        takes=FilenameTicketRequest,
        gives=FilenameTicket,
        errors=(*_BODY, *_ENTRY),
    ),
    Route(
        "GET",
        "/get-processed-image-url",
        operations.find_processed,
        Action.READ,
        query=(
            Parameter(
                "filename",
                "`processed-` followed by the file name of an upload (the newest one counts), or a "
                "`processedFilename`",
                {"type": "string", "pattern": f"^({keys.ID_PATTERN}-|{PROCESSED_PREFIX}.)"},
                required=True,
            ),
        ),
        gives=PictureAddress,
        errors=(
            BadRequestError,
            ImageNotFoundError,
            NotReadyError,
            ProcessingFailedError,
            RenditionNotFoundError,
        ),
    ),
    Route("GET", "/me", key_operations.identify, Action.IDENTIFY, gives=Identity),
    Route("POST", "/session", key_operations.start_session, Action.START_SESSION, gives=Session),
    Route("DELETE", "/session", key_operations.end_session, Action.IDENTIFY, gives=EndedSession),
    Route("GET", "/keys", key_operations.list_keys, Action.MANAGE_KEYS, gives=KeyList),
    Route(
        "POST",
        "/keys",
        key_operations.create_key,
        Action.MANAGE_KEYS,
        takes=KeyRequest,
        status=201,
        gives=CreatedKey,
        errors=(*_BODY, TooManyKeysError),
    ),
    Route(
        "DELETE",
        "/keys/{id}",
        key_operations.revoke_key,
        Action.MANAGE_KEYS,
        gives=RevokedKey,
        errors=(ApiKeyNotFoundError,),
    ),
)
ALWAYS: tuple[ErrorType, ...] = (
    SignInRequiredError,
    InvalidApiKeyError,
    NotAllowedError,
    RateLimitedError,
    UnavailableError,
)


def find(method: str, path: str) -> tuple[Route, Mapping[str, str]]:
    """Return the route of a request, and the values of its path parameters.

    Raises:
        RouteNotFoundError: no route has this path.
        MethodNotAllowedError: the path has other methods; the message names them.
    """
    matches = [(route, places) for route in ROUTES if (places := _match(route, path)) is not None]
    if not matches:
        message = f"no route for {path}; see /openapi.json"
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
