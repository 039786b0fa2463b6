"""An AWS account in one region: signs and sends requests, retries, and maps errors."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from tintype.aws.errors import (
    ClockSkewedError,
    InvalidRequestError,
    NoCredentialsError,
    NoRegionError,
    ServiceError,
    UnavailableError,
    error_class,
    named_error,
)
from tintype.aws.signing import (
    Credentials,
    Signer,
    encoded_path,
    encoded_query,
    presign,
    sign_headers,
)
from tintype.aws.transport import (
    Connections,
    HttpRequest,
    HttpResponse,
    NoConnectionError,
    NoResponseError,
    RetryPolicy,
    ServerAddress,
)

GLOBAL_REGION = "us-east-1"  # where CloudFront has its certificates and quotas
Document = TypeVar("Document")
_FIRST_STATUS_THAT_IS_NO_SUCCESS = 300


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of one service.

    *service* is AWS's signing name; *path* is not yet percent-encoded. *url* is the service's
    endpoint, unless that is `https://{service}.{region}.amazonaws.com`. A call that is not
    *repeatable* is not retried if it may have been carried out.
    """

    service: str
    operation: str
    method: str = "POST"
    path: str = "/"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    url: str | None = None
    retry_policy: RetryPolicy | None = None
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """Credentials, a region, and connections shared by all services. Thread-safe.

    With an *endpoint* (a local cloud, such as `http://127.0.0.1:4566`) every request goes there.
    *credentials* is called before every request, so it may refresh them.
    """

    region: str
    endpoint: str | None
    credentials: Callable[[], Credentials]
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    connections: Connections = field(default_factory=Connections, repr=False, compare=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Account:
        """Return the account from a Lambda function's environment.

        Its credentials do not change during the life of the process, so they are read once.

        Raises:
            NoCredentialsError: AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is missing.
            NoRegionError: AWS_REGION is missing.
        """
        try:
            credentials = Credentials(
                environ["AWS_ACCESS_KEY_ID"],
                environ["AWS_SECRET_ACCESS_KEY"],
                environ.get("AWS_SESSION_TOKEN") or None,
            )
        except KeyError as error:
            message = f"{error.args[0]} is not set"
            raise NoCredentialsError(message, service="aws", operation="credentials") from error
        region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
        if not region:
            message = "AWS_REGION is not set"
            raise NoRegionError(message, service="aws", operation="region")
        account = cls(region, environ.get("AWS_ENDPOINT_URL") or None, lambda: credentials)
        if account.endpoint is None:
            # A function has a whole core while it starts, and only a share afterwards.
            account.connections.prepare()
        return account

    @property
    def domain(self) -> str:
        """AWS's domain, which differs in China."""
        return "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"

    def send(self, call: Call) -> HttpResponse:
        """Send the call and return the service's successful response.

        Raises:
            ServiceError: the service refused, failed or did not respond; one of `errors.ERRORS`.
        """
        retry_policy = call.retry_policy or self.retry_policy
        for count in range(1, retry_policy.tries + 1):
            try:
                return self._try(call, retry_policy)
            except ServiceError as error:
                error.tries = count
                if count == retry_policy.tries or not _may_repeat(call, error):
                    raise
            time.sleep(random.uniform(0, retry_policy.pause_seconds * 2 ** (count - 1)))  # noqa: S311 - no secret
        message = "RetryPolicy.tries must be at least 1"
        raise ValueError(message)

    def send_document(self, call: Call, kind: type[Document]) -> Document:
        """Send the call and return the response, decoded from JSON as a *kind*.

        Raises:
            ServiceError: as `send`; `UnavailableError` if the response cannot be decoded.
        """
        answer = self.send(call)
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            message = f"unexpected response: {error}"
            raise UnavailableError(
                message, service=call.service, operation=call.operation, status=answer.status
            ) from error

    def presigned(self, call: Call, *, expires_seconds: int, now: datetime | None = None) -> str:
        """Return a link that lets its holder make *call*, with exactly its headers.

        Raises:
            InvalidRequestError: a header is not printable ASCII.
            ValueError: *expires_seconds* is not 1 to 604,800 seconds.
        """
        url, host = self._place(call)
        path = encoded_path(call.path)
        query = presign(
            Signer(self.credentials(), self.region, call.service),
            call.method,
            path,
            query=call.query,
            headers={**_headers(call), "host": host},
            expires_seconds=expires_seconds,
            now=now,
        )
        return f"{url}{path}?{query}"

    def _try(self, call: Call, retry_policy: RetryPolicy) -> HttpResponse:
        url, host = self._place(call)
        path = encoded_path(call.path)
        headers = sign_headers(
            Signer(self.credentials(), self.region, call.service),
            call.method,
            path,
            query=call.query,
            headers={**_headers(call), "host": host},
            body=call.body,
        )
        target = f"{path}?{encoded_query(call.query)}" if call.query else path
        request = HttpRequest(call.method, target, headers, call.body)
        try:
            answer = self.connections.send(_address(url), request, retry_policy)
        except (NoConnectionError, NoResponseError) as error:
            raise UnavailableError(
                str(error),
                service=call.service,
                operation=call.operation,
                unanswered=isinstance(error, NoResponseError),
            ) from error
        if answer.status < _FIRST_STATUS_THAT_IS_NO_SUCCESS:
            return answer
        raise _refusal(call, answer)

    def _place(self, call: Call) -> tuple[str, str]:
        """Return the address to connect to (scheme and host) and the `host` header."""
        url = call.url or f"https://{call.service}.{self.region}.{self.domain}"
        host = urlsplit(url).netloc
        if self.endpoint is None or not host.endswith(f".{self.domain}"):
            return url, host
        endpoint = self.endpoint.rstrip("/")
        # Hosts that contain a resource's name select that resource, on any endpoint.
        return endpoint, host if call.url else urlsplit(endpoint).netloc


def _may_repeat(call: Call, error: ServiceError) -> bool:
    unanswered = isinstance(error, UnavailableError) and error.unanswered
    return error.retryable and (call.repeatable or not unanswered)


def _refusal(call: Call, answer: HttpResponse) -> ServiceError:
    name, message = named_error(answer.headers, answer.body)
    kind = error_class(name, answer.status, message)
    if kind is ClockSkewedError:
        message = f"{message} {_skew(answer.headers.get('date', ''))}".rstrip()
    return kind(
        message, service=call.service, operation=call.operation, status=answer.status, name=name
    )


def _skew(date: str) -> str:
    """Return the difference between this machine's clock and AWS's, if the response has a date."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - only when the clock is wrong

    try:
        seconds = time.time() - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return ""
    direction = "ahead of" if seconds > 0 else "behind"
    return f"This machine's clock is {abs(seconds) / 60:.0f} minutes {direction} AWS's."


def _address(url: str) -> ServerAddress:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    return ServerAddress(parts.hostname or "", parts.port or (443 if secure else 80), secure)


def _headers(call: Call) -> dict[str, str]:
    """Return the call's headers in lower case, refusing values that could inject a line break."""
    for name, value in call.headers.items():
        if not (name + value).isascii() or not (name + value).isprintable():
            message = f"the header {name!r} is not printable ASCII"
            raise InvalidRequestError(message, service=call.service, operation=call.operation)
    return {name.lower(): value for name, value in call.headers.items()}
