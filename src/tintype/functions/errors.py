"""The errors of a request, and the one table that gives each its HTTP status.

Error responses are problem documents (RFC 9457) that carry a stable `code`.
"""

from __future__ import annotations

import msgspec

from tintype.aws.errors import ServiceError
from tintype.uploads import (
    BodyTooLargeError,
    EmptyBodyError,
    InvalidFilenameError,
    PrivateNeedsSignInError,
    UnsupportedContentTypeError,
    UploadError,
    UploadTooLargeError,
)
from tintype.usage import OverQuotaError

CONTENT_TYPE = "application/problem+json"


class ApiError(Exception):
    """Base class of errors in the request itself."""

    code = "api_error"


class RouteNotFoundError(ApiError):
    """No route has this path."""

    code = "route_not_found"


class MethodNotAllowedError(ApiError):
    """The path does not support this method; the message names those it does."""

    code = "method_not_allowed"


class MalformedJsonError(ApiError):
    """The body is not JSON."""

    code = "malformed_json"


class BadRequestError(ApiError):
    """A value in the body or the query is missing, has the wrong type or is out of range."""

    code = "invalid_request"


class SignInRequiredError(ApiError):
    """The request has no valid access token."""

    code = "not_signed_in"


class InvalidApiKeyError(ApiError):
    """The API key is malformed, unknown, revoked or expired."""

    code = "invalid_api_key"


class NotAllowedError(ApiError):
    """The caller lacks the scope, or is not a person or an admin, as this request requires."""

    code = "not_allowed"


class ApiKeyNotFoundError(ApiError):
    """The caller has no API key with this ID."""

    code = "api_key_not_found"


class TooManyKeysError(ApiError):
    """The caller has as many API keys as an owner may have."""

    code = "too_many_keys"


class ImageNotFoundError(ApiError):
    """No image has this ID, it was deleted, or it belongs to another owner."""

    code = "image_not_found"


class ObjectNotFoundError(ApiError):
    """The originals bucket has no object with this key, or it belongs to another owner."""

    code = "object_not_found"


class BucketNotAllowedError(ApiError):
    """Only objects of this stack's originals bucket can be processed."""

    code = "bucket_not_allowed"


class OriginalsNotPublicError(ApiError):
    """Access is open, and this stack does not give out links to originals."""

    code = "originals_not_public"


class TooManyRequestsError(ApiError):
    """As many originals are being processed for waiting callers as may be at the same time."""

    code = "too_many_requests"


class RateLimitedError(ApiError):
    """The owner has sent as many requests in this minute as the stack allows."""

    code = "rate_limited"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotUploadedError(ApiError):
    """The original has not been uploaded yet."""

    code = "not_uploaded"


class StillProcessingError(ApiError):
    """The original is being processed for the first time; try again."""

    code = "still_processing"


class NotReadyError(ApiError):
    """The picture is not ready yet; try again."""

    code = "not_ready"


class RenditionNotFoundError(ApiError):
    """The image is ready, but no preset makes a rendition with this name."""

    code = "rendition_not_found"


class ProcessingFailedError(ApiError):
    """The original was refused, and a retry will not help; the message begins with the code."""

    code = "processing_failed"


class StatusAndTitle(msgspec.Struct, frozen=True):
    """The HTTP status and the title of a type of error."""

    status: int
    title: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A problem document. `code` is for programs, `detail` for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str


# The first matching row applies.
STATUS: dict[type[Exception], StatusAndTitle] = {
    RouteNotFoundError: StatusAndTitle(404, "Path not found"),
    MethodNotAllowedError: StatusAndTitle(405, "Method not allowed"),
    MalformedJsonError: StatusAndTitle(400, "The body is not JSON"),
    BadRequestError: StatusAndTitle(400, "The request is invalid"),
    InvalidFilenameError: StatusAndTitle(400, "The file name is invalid"),
    EmptyBodyError: StatusAndTitle(400, "The body is empty"),
    UnsupportedContentTypeError: StatusAndTitle(415, "The content type is not supported"),
    UploadTooLargeError: StatusAndTitle(413, "The file is too large"),
    BodyTooLargeError: StatusAndTitle(413, "The body is too large"),
    PrivateNeedsSignInError: StatusAndTitle(409, "Private images need sign-in"),
    SignInRequiredError: StatusAndTitle(401, "Not signed in"),
    InvalidApiKeyError: StatusAndTitle(401, "The API key is not valid"),
    NotAllowedError: StatusAndTitle(403, "Not allowed"),
    ApiKeyNotFoundError: StatusAndTitle(404, "API key not found"),
    TooManyKeysError: StatusAndTitle(409, "Too many API keys"),
    ImageNotFoundError: StatusAndTitle(404, "Image not found"),
    ObjectNotFoundError: StatusAndTitle(404, "Object not found"),
    BucketNotAllowedError: StatusAndTitle(403, "The bucket does not belong to this stack"),
    OriginalsNotPublicError: StatusAndTitle(403, "Originals are private"),
    TooManyRequestsError: StatusAndTitle(429, "Too many requests at the same time; try again"),
    RateLimitedError: StatusAndTitle(429, "Too many requests in this minute"),
    OverQuotaError: StatusAndTitle(429, "The quota is used up"),
    NotUploadedError: StatusAndTitle(409, "The original has not been uploaded yet"),
    StillProcessingError: StatusAndTitle(409, "The original is still being processed"),
    NotReadyError: StatusAndTitle(404, "The picture is not ready yet"),
    RenditionNotFoundError: StatusAndTitle(404, "Rendition not found"),
    ProcessingFailedError: StatusAndTitle(422, "The original was refused"),
}
UNAVAILABLE = StatusAndTitle(503, "A service is not responding; try again")
INTERNAL = StatusAndTitle(500, "Internal error; it has been logged")


def problem(error: ApiError | UploadError | OverQuotaError | ServiceError) -> Problem:
    """Return the problem document of an error; AWS's own message goes to the log only."""
    if isinstance(error, ServiceError):
        outcome = UNAVAILABLE if error.retryable else INTERNAL
        code = "service_unavailable" if error.retryable else "internal_error"
        return document(outcome, code, outcome.title)
    return document(STATUS[type(error)], error.code, str(error) or STATUS[type(error)].title)


def document(outcome: StatusAndTitle, code: str, detail: str) -> Problem:
    """Return a problem document."""
    return Problem(
        type=f"urn:tintype:problem:{code}",
        title=outcome.title,
        status=outcome.status,
        detail=detail,
        code=code,
    )
