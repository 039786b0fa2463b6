"""What can go wrong with a request to AWS, and which of it may be tried again.

`ERRORS` is the one table from AWS's names to ours. `docs/errors.md` lists the codes.
"""

from __future__ import annotations

import re
from typing import ClassVar


class ServiceError(Exception):
    """A service refused or failed. `code` is stable and machine-readable; the message is for people.

    *service* and *operation* are AWS's words (`s3`, `PutObject`), *status* is the HTTP status and 0
    where no answer came, *name* the service's own word for the error (`NoSuchKey`). *tries* counts the requests that were made.
    """

    code: ClassVar[str] = "service_error"
    retryable: ClassVar[bool] = False

    def __init__(
        self, message: str, *, service: str, operation: str, status: int = 0, name: str = ""
    ) -> None:
        super().__init__(message)
        self.service = service
        self.operation = operation
        self.status = status
        self.name = name
        self.tries = 1

    def __str__(self) -> str:
        said = ": ".join(text for text in (self.name, super().__str__()) if text)
        return f"{self.service} {self.operation}: {said or f'HTTP status {self.status}'}"


class NotFoundError(ServiceError):
    """There is no such object, item, queue, function, table or bucket."""

    code = "not_found"


class PreconditionFailedError(ServiceError):
    """The condition of a write does not hold: somebody else was faster."""

    code = "precondition_failed"


class AccessDeniedError(ServiceError):
    """The credentials are wrong or expired, or their policies do not allow it."""

    code = "access_denied"


class ClockSkewedError(AccessDeniedError):
    """This machine's clock is off by more than AWS tolerates: 15 minutes at S3, 5 elsewhere."""

    code = "clock_skewed"


class ArchivedError(ServiceError):
    """The object is in an archive storage class, and must be restored before it can be read."""

    code = "original_archived"


class InvalidRequestError(ServiceError):
    """The service understood the request and will never accept it as it is."""

    code = "invalid_request"


class UnavailableError(ServiceError):
    """The service is overloaded, broken or out of reach, and still was after all tries.

    *unanswered*: the request went out and no answer came back, so it may have been carried out.
    """

    code = "service_unavailable"
    retryable = True

    def __init__(
        self,
        message: str,
        *,
        service: str,
        operation: str,
        status: int = 0,
        name: str = "",
        unanswered: bool = False,
    ) -> None:
        super().__init__(message, service=service, operation=operation, status=status, name=name)
        self.unanswered = unanswered


class GraphqlFailedError(ServiceError):
    """The GraphQL API answered with errors; *name* is the first one's type."""

    code = "graphql_failed"


class FunctionFailedError(ServiceError):
    """The invoked function raised, timed out or crashed; *payload* is what it left as an answer."""

    code = "function_failed"

    def __init__(self, message: str, *, name: str, payload: bytes) -> None:
        super().__init__(message, service="lambda", operation="Invoke", status=200, name=name)
        self.payload = payload


class NoCredentialsError(ServiceError):
    """Neither the environment nor the profile has credentials that are still good."""

    code = "no_credentials"


class NoRegionError(ServiceError):
    """Neither the environment nor the profile says which region."""

    code = "no_region"


class NoStackError(ServiceError):
    """The account has no stack of that name in this region."""

    code = "no_stack"


# By AWS's name first, then by status; names that are not here are what their status says.
ERRORS: dict[str | int, type[ServiceError]] = {
    "AccessDeniedException": AccessDeniedError,
    "ExpiredToken": AccessDeniedError,
    "ExpiredTokenException": AccessDeniedError,
    "IncompleteSignature": AccessDeniedError,
    "InvalidAccessKeyId": AccessDeniedError,
    "InvalidClientTokenId": AccessDeniedError,
    "InvalidSignatureException": AccessDeniedError,
    "InvalidToken": AccessDeniedError,
    "MissingAuthenticationTokenException": AccessDeniedError,
    "RequestExpired": ClockSkewedError,
    "RequestTimeTooSkewed": ClockSkewedError,
    "SignatureDoesNotMatch": AccessDeniedError,
    "UnrecognizedClientException": AccessDeniedError,
    "AWS.SimpleQueueService.NonExistentQueue": NotFoundError,
    "InvalidObjectState": ArchivedError,
    "NoSuchBucket": NotFoundError,
    "NoSuchKey": NotFoundError,
    "QueueDoesNotExist": NotFoundError,
    "ResourceNotFoundException": NotFoundError,
    "ConditionalCheckFailedException": PreconditionFailedError,
    "ConditionalRequestConflict": PreconditionFailedError,
    "PreconditionFailed": PreconditionFailedError,
    "EC2ThrottledException": UnavailableError,
    "LimitExceededException": UnavailableError,
    "OperationAborted": UnavailableError,
    "ProvisionedThroughputExceededException": UnavailableError,
    "RequestLimitExceeded": UnavailableError,
    "RequestThrottled": UnavailableError,
    "RequestTimeout": UnavailableError,
    "SlowDown": UnavailableError,
    "Throttling": UnavailableError,
    "ThrottlingException": UnavailableError,
    "TooManyRequestsException": UnavailableError,
    "TransactionInProgressException": UnavailableError,
    401: AccessDeniedError,
    403: AccessDeniedError,
    404: NotFoundError,
    408: UnavailableError,
    410: NotFoundError,
    412: PreconditionFailedError,
    429: UnavailableError,
}
_FIRST_SERVER_STATUS = 500
# All services but S3 have one name for a bad signature, and say the reason in words.
_SKEWED = re.compile("Signature (expired|not yet current)")


def error_class(name: str, status: int, message: str = "") -> type[ServiceError]:
    """Return the class for an answer that is not a success.

    >>> error_class("ThrottlingException", 400).__name__, error_class("", 503).__name__
    ('UnavailableError', 'UnavailableError')
    >>> error_class("ValidationException", 400).__name__
    'InvalidRequestError'
    """
    if _SKEWED.match(message):
        return ClockSkewedError
    other = UnavailableError if status >= _FIRST_SERVER_STATUS else InvalidRequestError
    return ERRORS.get(name) or ERRORS.get(status) or other
