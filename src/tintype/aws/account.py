"""An AWS account as seen from one region: signs requests, sends them, tries again, names errors."""

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
)
from tintype.aws.refusals import named_error
from tintype.aws.signing import (
    Credentials,
    Signer,
    encoded_path,
    encoded_query,
    presign,
    sign_headers,
)
from tintype.aws.transport import (
    Address,
    Answer,
    Connections,
    NoAnswerError,
    NoConnectionError,
    Patience,
    Sending,
)

Document = TypeVar("Document")
_FIRST_STATUS_THAT_IS_NO_SUCCESS = 300


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of one service.

    *service* is AWS's signing name; *path* is not yet percent-encoded. *url* is where the service
    lives on AWS, unless that is `https://{service}.{region}.amazonaws.com`. A call that is not *repeatable* is not sent
    again when it may have been carried out.
    """

    service: str
    operation: str
    method: str = "POST"
    path: str = "/"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    url: str | None = None
    patience: Patience | None = None
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """Credentials, a region, and connections that all services share. Safe to use from many threads.

    With an *endpoint* (a local cloud, such as `http://127.0.0.1:4566`) every request goes there.
    *credentials* is asked before every request, so it may refresh them.
    """

    region: str
    endpoint: str | None
    credentials: Callable[[], Credentials]
    patience: Patience = field(default_factory=Patience)
    connections: Connections = field(default_factory=Connections, repr=False, compare=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Account:
        """Return the account that Lambda puts into a function's environment.

        There the credentials never change while the process lives, so they are read once.

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
            # While a function starts it has a whole core; afterwards only its share of one.
            account.connections.prepare()
        return account

    @property
    def domain(self) -> str:
        """AWS's domain, which is another one in China."""
        return "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"

    def send(self, call: Call) -> Answer:
        """Return the service's answer, which is a success.

        Raises:
            ServiceError: the service refused or failed, or did not answer; one of `errors.ERRORS`.
        """
        patience = call.patience or self.patience
        for count in range(1, patience.tries + 1):
            try:
                return self._try(call, patience)
            except ServiceError as error:
                error.tries = count
                if count == patience.tries or not _may_repeat(call, error):
                    raise
            time.sleep(random.uniform(0, patience.pause_seconds * 2 ** (count - 1)))  # noqa: S311 - no secret
        message = "Patience.tries must be at least 1"
        raise ValueError(message)

    def send_document(self, call: Call, kind: type[Document]) -> Document:
        """Return the service's answer, read from JSON as a *kind*.

        Raises:
            ServiceError: as `send`; `UnavailableError` if the answer is something else.
        """
        answer = self.send(call)
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            message = f"the answer is not what the service documents: {error}"
            raise UnavailableError(
                message, service=call.service, operation=call.operation, status=answer.status
            ) from error

    def presigned(self, call: Call, *, expires_seconds: int, now: datetime | None = None) -> str:
        """Return a link with which somebody else may make *call*, with exactly its headers.

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

    def _try(self, call: Call, patience: Patience) -> Answer:
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
        sending = Sending(call.method, target, headers, call.body)
        try:
            answer = self.connections.exchange(_address(url), sending, patience)
        except (NoConnectionError, NoAnswerError) as error:
            raise UnavailableError(
                str(error),
                service=call.service,
                operation=call.operation,
                unanswered=isinstance(error, NoAnswerError),
            ) from error
        if answer.status < _FIRST_STATUS_THAT_IS_NO_SUCCESS:
            return answer
        raise _refusal(call, answer)

    def _place(self, call: Call) -> tuple[str, str]:
        """Return the address to connect to, as scheme and host, and the `host` header."""
        url = call.url or f"https://{call.service}.{self.region}.{self.domain}"
        host = urlsplit(url).netloc
        if self.endpoint is None or not host.endswith(f".{self.domain}"):
            return url, host
        endpoint = self.endpoint.rstrip("/")
        # What is named after a resource of ours is selected by its host, wherever it runs.
        return endpoint, host if call.url else urlsplit(endpoint).netloc


def _may_repeat(call: Call, error: ServiceError) -> bool:
    unanswered = isinstance(error, UnavailableError) and error.unanswered
    return error.retryable and (call.repeatable or not unanswered)


def _refusal(call: Call, answer: Answer) -> ServiceError:
    name, message = named_error(answer.headers, answer.body)
    kind = error_class(name, answer.status, message)
    if kind is ClockSkewedError:
        message = f"{message} {_skew(answer.headers.get('date', ''))}".rstrip()
    return kind(
        message, service=call.service, operation=call.operation, status=answer.status, name=name
    )


def _skew(date: str) -> str:
    """Return how far this machine's clock is from AWS's, if the answer says the time."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - only when the clock is wrong

    try:
        seconds = time.time() - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return ""
    direction = "ahead of" if seconds > 0 else "behind"
    return f"This machine's clock is {abs(seconds) / 60:.0f} minutes {direction} AWS's."


def _address(url: str) -> Address:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    return Address(parts.hostname or "", parts.port or (443 if secure else 80), secure)


def _headers(call: Call) -> dict[str, str]:
    """Return the call's headers in lower case, none of which can end its line and begin another."""
    for name, value in call.headers.items():
        if not (name + value).isascii() or not (name + value).isprintable():
            message = f"the header {name!r} is not printable ASCII"
            raise InvalidRequestError(message, service=call.service, operation=call.operation)
    return {name.lower(): value for name, value in call.headers.items()}
