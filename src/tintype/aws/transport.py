"""HTTP requests and responses over reusable connections.

Independent of AWS: `account.py` signs, interprets responses and retries.
"""

from __future__ import annotations

import http.client
import ssl  # http.client loads it anyway
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Timeouts and the number of tries.

    *read_seconds* is the longest silence, not the duration of the whole response. Before try n + 1
    we wait a random part of *pause_seconds* × 2ⁿ⁻¹, so that clients refused together do not retry
    together.
    """

    connect_seconds: float = 2.0
    read_seconds: float = 20.0
    tries: int = 3
    pause_seconds: float = 0.2
    idle_seconds: float = 60.0  # a connection idle for longer may be dead without notice


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """The address to connect to; the `host` header may differ."""

    host: str
    port: int
    secure: bool


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as sent: *target* is path and query, both percent-encoded."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NoConnectionError(Exception):
    """The connection failed; nothing was sent."""


class NoResponseError(Exception):
    """The request was sent, in whole or in part, but no complete response arrived."""


class Connections:
    """Idle connections by address. A thread has exclusive use of the one it takes until it returns it.

    So an address never has more connections than it had simultaneous threads, and connections of
    finished threads are reused.
    """

    __slots__ = ("_clock", "_idle", "_tls")

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        # Not the monotonic clock, which stops while Lambda freezes a function.
        self._clock = clock
        self._idle: dict[ServerAddress, list[tuple[http.client.HTTPConnection, float]]] = {}
        self._tls: ssl.SSLContext | None = None

    def __del__(self) -> None:
        self.close()

    def prepare(self) -> None:
        """Load the CA certificates now (18 ms of CPU) instead of at the first request."""
        if self._tls is None:
            self._tls = ssl.create_default_context()

    def close(self) -> None:
        """Close idle connections; the next request opens a new one."""
        while self._idle:
            _, idle = self._idle.popitem()
            for connection, _ in idle:
                connection.close()

    def send(
        self, address: ServerAddress, request: HttpRequest, retry_policy: RetryPolicy
    ) -> HttpResponse:
        """Send a request and return the response, whatever its status.

        If the server has closed a kept connection, the request is sent again immediately on a new
        one. A connection idle for `RetryPolicy.idle_seconds` is not reused: if it had been dropped
        silently, waiting for it would take `read_seconds`.

        Raises:
            NoConnectionError: the connection failed.
            NoAnswerError: the connection broke, or was silent for `RetryPolicy.read_seconds`.
        """
        kept = self._take(address, retry_policy.idle_seconds)
        if kept is not None:
            try:
                return self._use(kept, address, request, retry_policy)
            except NoResponseError as error:
                if not isinstance(error.__cause__, _CLOSED):
                    raise
        return self._use(self._open(address, retry_policy), address, request, retry_policy)

    def _use(
        self,
        connection: http.client.HTTPConnection,
        address: ServerAddress,
        request: HttpRequest,
        retry_policy: RetryPolicy,
    ) -> HttpResponse:
        connection.sock.settimeout(retry_policy.read_seconds)
        try:
            answer = _request(connection, request)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise NoResponseError(_sentence(error)) from error
        except BaseException:  # such as Ctrl-C: no other response may begin with this rest
            connection.close()
            raise
        if connection.sock is not None:  # None if the response has `connection: close`
            self._idle.setdefault(address, []).append((connection, self._clock()))
        return answer

    def _take(
        self, address: ServerAddress, idle_seconds: float
    ) -> http.client.HTTPConnection | None:
        while True:
            try:
                connection, since = self._idle[address].pop()
            except (KeyError, IndexError):
                return None
            if abs(self._clock() - since) < idle_seconds:
                return connection
            connection.close()

    def _open(
        self, address: ServerAddress, retry_policy: RetryPolicy
    ) -> http.client.HTTPConnection:
        connection = self._connection(address, retry_policy.connect_seconds)
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            raise NoConnectionError(_sentence(error)) from error
        return connection

    def _connection(
        self, address: ServerAddress, timeout_seconds: float
    ) -> http.client.HTTPConnection:
        if not address.secure:
            return http.client.HTTPConnection(address.host, address.port, timeout=timeout_seconds)
        self.prepare()
        return http.client.HTTPSConnection(
            address.host, address.port, timeout=timeout_seconds, context=self._tls
        )


# Errors of a connection that the server closed while it was idle.
_CLOSED = (
    http.client.RemoteDisconnected,
    ConnectionResetError,
    BrokenPipeError,
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
)


def _request(connection: http.client.HTTPConnection, request: HttpRequest) -> HttpResponse:
    try:
        connection.request(
            request.method, request.target, body=request.body, headers=dict(request.headers)
        )
    except (BrokenPipeError, ConnectionResetError):
        # A server that refuses a body early may have sent the reason; the connection is not
        # reusable.
        answer = _answer(connection)
        connection.close()
        return answer
    return _answer(connection)


def _answer(connection: http.client.HTTPConnection) -> HttpResponse:
    response = connection.getresponse()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return HttpResponse(response.status, headers, response.read())


def _sentence(error: Exception) -> str:
    return str(error) or type(error).__name__
