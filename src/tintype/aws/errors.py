"""The errors of requests to AWS, and which of them are retryable.

`ERRORS` is the one table from AWS's error names to our classes; `named_error` reads AWS's name and
message from a response (XML, JSON or headers). `docs/reference/errors.md` lists the codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

import msgspec


class ServiceError(Exception):
    """A service refused or failed. `code` is stable and machine-readable; the message is for people.

    *service* and *operation* are AWS's names (`s3`, `PutObject`), *status* is the HTTP status or 0
    without a response, *name* is the service's own name for the error (`NoSuchKey`), and *tries*
    counts the requests made.
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
    """The object, item, queue, function, table or bucket does not exist."""

    code = "not_found"


class PreconditionFailedError(ServiceError):
    """The condition of a write failed: another writer was first."""

    code = "precondition_failed"


class AccessDeniedError(ServiceError):
    """The credentials are wrong or expired, or their policies do not allow the operation."""

    code = "access_denied"


class ClockSkewedError(AccessDeniedError):
    """This machine's clock is off by more than AWS tolerates: 15 minutes at S3, 5 elsewhere."""

    code = "clock_skewed"


class ArchivedError(ServiceError):
    """The object is in an archive storage class and must be restored before it can be read."""

    code = "original_archived"


class InvalidRequestError(ServiceError):
    """The service understood the request and will never accept it unchanged."""

    code = "invalid_request"


class UnavailableError(ServiceError):
    """The service was overloaded, failing or unreachable on every try.

    *unanswered*: the request was sent but got no response, so it may have been carried out.
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
    """The GraphQL API returned errors; *name* is the type of the first."""

    code = "graphql_failed"


class FunctionFailedError(ServiceError):
    """The invoked function raised, timed out or crashed; *payload* is its response."""

    code = "function_failed"

    def __init__(self, message: str, *, name: str, payload: bytes) -> None:
        super().__init__(message, service="lambda", operation="Invoke", status=200, name=name)
        self.payload = payload


class UnreadableObjectError(ServiceError):
    """An object's content is not what its key implies; the message names the key and the reason."""

    code = "object_unreadable"

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key} {reason}", service="s3", operation="GetObject", status=200)


class NoCredentialsError(ServiceError):
    """Neither the environment nor the profile has valid credentials."""

    code = "no_credentials"


class NoRegionError(ServiceError):
    """Neither the environment nor the profile sets a region."""

    code = "no_region"


class NoStackError(ServiceError):
    """The account has no stack with this name in this region."""

    code = "no_stack"


# By AWS's name first, then by status; names missing here are classified by their status.
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
    "UserNotFoundException": NotFoundError,
    "ConditionalCheckFailedException": PreconditionFailedError,
    "ConditionalRequestConflict": PreconditionFailedError,
    "PreconditionFailed": PreconditionFailedError,
    "UsernameExistsException": PreconditionFailedError,
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
    "TooManyInvalidationsInProgress": UnavailableError,
    "TooManyRequestsException": UnavailableError,
    "TransactionConflictException": UnavailableError,
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
CANCELLED = "TransactionCanceledException"
CONDITION_FAILED = "ConditionalCheckFailed"  # a reason for it
# All services but S3 use one name for a bad signature, and give the reason in the message.
_SKEWED = re.compile("Signature (expired|not yet current)")
_REASONS = re.compile(r"\[([A-Za-z, ]+)\]\s*$")


def error_class(name: str, status: int, message: str = "") -> type[ServiceError]:
    """Return the class for an error response.

    >>> error_class("ThrottlingException", 400).__name__, error_class("", 503).__name__
    ('UnavailableError', 'UnavailableError')
    >>> error_class("ValidationException", 400).__name__
    'InvalidRequestError'
    """
    if _SKEWED.match(message):
        return ClockSkewedError
    if name == CANCELLED:
        return _cancelled_class(cancellation_reasons(message))
    other = UnavailableError if status >= _FIRST_SERVER_STATUS else InvalidRequestError
    return ERRORS.get(name) or ERRORS.get(status) or other


def cancellation_reasons(message: str) -> tuple[str, ...]:
    """Return why each action of a cancelled transaction failed; `None` for an action that did not.

    DynamoDB's API reference, TransactWriteItems: they are in the order of the actions.

    >>> cancellation_reasons("Transaction cancelled, … reasons [None, ConditionalCheckFailed]")
    ('None', 'ConditionalCheckFailed')
    """
    found = _REASONS.search(message)
    return tuple(one.strip() for one in found[1].split(",")) if found else ()


def _cancelled_class(reasons: tuple[str, ...]) -> type[ServiceError]:
    if CONDITION_FAILED in reasons:
        return PreconditionFailedError
    later = {"TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"}
    return UnavailableError if later.intersection(reasons) else InvalidRequestError


_XML_CODE = re.compile(rb"<Code>([^<]*)</Code>")
_XML_MESSAGE = re.compile(rb"<Message>([^<]*)</Message>")
_XML_CHARACTERS = (
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", '"'),
    ("&apos;", "'"),
    ("&#39;", "'"),
    ("&amp;", "&"),
)


class _GraphqlProblem(msgspec.Struct, rename="camel"):
    error_type: str | None = None
    message: str | None = None


class _Problem(msgspec.Struct):
    type: str | None = msgspec.field(default=None, name="__type")
    code: str | None = None
    message: str | None = None
    message_too: str | None = msgspec.field(default=None, name="Message")
    errors: list[_GraphqlProblem] = []


def named_error(headers: Mapping[str, str], body: bytes) -> tuple[str, str]:
    """Return the error's name and message, each empty if the response omits it.

    >>> named_error({}, b"<Error><Code>NoSuchKey</Code><Message>No &lt;b&gt;.</Message></Error>")
    ('NoSuchKey', 'No <b>.')
    >>> named_error({}, b'{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "None."}')
    ('QueueDoesNotExist', 'None.')
    >>> named_error({"x-amzn-errortype": "ResourceNotFoundException:http://internal/"}, b"")
    ('ResourceNotFoundException', '')
    """
    if body.lstrip().startswith(b"<"):
        # Not a parser: importing one takes 7 ms, and every new image begins with a missing object.
        return _xml_text(_XML_CODE, body), _xml_text(_XML_MESSAGE, body)
    problem = _problem(body)
    first = problem.errors[0] if problem.errors else _GraphqlProblem()
    name = headers.get("x-amzn-errortype") or problem.type or problem.code or first.error_type or ""
    return _bare(name), problem.message or problem.message_too or first.message or ""


def _problem(body: bytes) -> _Problem:
    try:
        return msgspec.json.decode(body, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Problem()


def _bare(name: str) -> str:
    return name.partition(":")[0].rpartition("#")[2]


def _xml_text(pattern: re.Pattern[bytes], body: bytes) -> str:
    found = pattern.search(body)
    if found is None:
        return ""
    text = found[1].decode(errors="replace")
    for escaped, character in _XML_CHARACTERS:
        text = text.replace(escaped, character)
    return text
