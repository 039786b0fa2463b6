"""What can go wrong with a request, and the one table that says with which HTTP status.

Answers that are no success are problem documents (RFC 9457) with our stable `code` in them.
"""

from __future__ import annotations

import msgspec

from tintype.aws.errors import ServiceError
from tintype.uploads import (
    BodyTooLargeError,
    EmptyBodyError,
    InvalidFilenameError,
    UnsupportedContentTypeError,
    UploadError,
    UploadTooLargeError,
)

CONTENT_TYPE = "application/problem+json"


class ApiError(Exception):
    """Base class of what is wrong with a request itself."""

    code = "api_error"


class RouteNotFoundError(ApiError):
    """There is nothing at this path."""

    code = "route_not_found"


class MethodNotAllowedError(ApiError):
    """The path is right and the method is not; the message names those that are."""

    code = "method_not_allowed"


class MalformedJsonError(ApiError):
    """The body is not JSON."""

    code = "malformed_json"


class InvalidRequestError(ApiError):
    """The body or the query has a value that is missing, of the wrong type or out of its range."""

    code = "invalid_request"


class ImageNotFoundError(ApiError):
    """There is no image of this id, or it was deleted."""

    code = "image_not_found"


class ObjectNotFoundError(ApiError):
    """There is no object at this key of the originals bucket."""

    code = "object_not_found"


class BucketNotAllowedError(ApiError):
    """Only objects of this stack's originals bucket can be processed."""

    code = "bucket_not_allowed"


class OriginalsNotPublicError(ApiError):
    """This stack gives nobody a link to an original."""

    code = "originals_not_public"


class NotUploadedError(ApiError):
    """The image's original has not come yet."""

    code = "not_uploaded"


class NotReadyError(ApiError):
    """The picture is not ready yet; ask again."""

    code = "not_ready"


class RenditionNotFoundError(ApiError):
    """The image is ready, and no preset makes a rendition of this name."""

    code = "rendition_not_found"


class ProcessingFailedError(ApiError):
    """The original was refused, and asking again does not help; the message has the reason's code."""

    code = "processing_failed"


class StatusAndTitle(msgspec.Struct, frozen=True):
    """An HTTP status, and the sentence that goes with a kind of error."""

    status: int
    title: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A problem document. `code` is for programs, `detail` for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str


# The first row that fits counts.
OUTCOMES: dict[type[Exception], StatusAndTitle] = {
    RouteNotFoundError: StatusAndTitle(404, "There is nothing here"),
    MethodNotAllowedError: StatusAndTitle(405, "The method is not allowed"),
    MalformedJsonError: StatusAndTitle(400, "The body is not JSON"),
    InvalidRequestError: StatusAndTitle(400, "The request is not valid"),
    InvalidFilenameError: StatusAndTitle(400, "The file name is not valid"),
    EmptyBodyError: StatusAndTitle(400, "There are no bytes"),
    UnsupportedContentTypeError: StatusAndTitle(415, "The content type is not accepted"),
    UploadTooLargeError: StatusAndTitle(413, "The file is too large"),
    BodyTooLargeError: StatusAndTitle(413, "The body is too large"),
    ImageNotFoundError: StatusAndTitle(404, "There is no such image"),
    ObjectNotFoundError: StatusAndTitle(404, "There is no such object"),
    BucketNotAllowedError: StatusAndTitle(403, "The bucket is not this stack's"),
    OriginalsNotPublicError: StatusAndTitle(403, "Originals are not given out"),
    NotUploadedError: StatusAndTitle(409, "The original has not come yet"),
    NotReadyError: StatusAndTitle(404, "The picture is not ready"),
    RenditionNotFoundError: StatusAndTitle(404, "There is no such rendition"),
    ProcessingFailedError: StatusAndTitle(422, "The original was refused"),
}
UNAVAILABLE = StatusAndTitle(503, "A service does not answer; try again")
INTERNAL = StatusAndTitle(500, "Our mistake; it has been logged")


def problem(error: ApiError | UploadError | ServiceError) -> Problem:
    """Return the problem document of an error; what AWS said stays in the log."""
    if isinstance(error, ServiceError):
        outcome = UNAVAILABLE if error.retryable else INTERNAL
        code = "service_unavailable" if error.retryable else "internal_error"
        return document(outcome, code, outcome.title)
    return document(OUTCOMES[type(error)], error.code, str(error) or OUTCOMES[type(error)].title)


def document(outcome: StatusAndTitle, code: str, detail: str) -> Problem:
    """Return a problem document."""
    return Problem(
        type=f"urn:tintype:problem:{code}",
        title=outcome.title,
        status=outcome.status,
        detail=detail,
        code=code,
    )
