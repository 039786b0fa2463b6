"""One HTTP request and its answer, over connections that are kept for the next one.

Knows nothing of AWS: `account.py` signs, decides what an answer means, and tries again.
"""

from __future__ import annotations

import http.client
import ssl  # http.client loads it anyway
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, and how often to try.

    *read_seconds* is the longest silence, not the length of the whole answer. Before try n + 1 we
    wait a random part of *pause_seconds* × 2ⁿ⁻¹, so that many who were refused together do not come back
    together.
    """

    connect_seconds: float = 2.0
    read_seconds: float = 20.0
    tries: int = 3
    pause_seconds: float = 0.2
    idle_seconds: float = 60.0  # a connection that was not used for so long may be dead in silence


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect to; the `host` header may say something else."""

    host: str
    port: int
    secure: bool


@dataclass(frozen=True, slots=True)
class Sending:
    """A request as it goes over the wire: *target* is path and query, both percent-encoded."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NoConnectionError(Exception):
    """Nobody answered at the address: nothing was sent."""


class NoAnswerError(Exception):
    """The request was sent, as a whole or in part, and no complete answer came back."""


class Connections:
    """Idle connections by address. A thread that takes one has it to itself until it gives it back.

    So there are never more to an address than threads that used it at the same moment, and
    threads that end leave theirs to the others.
    """

    __slots__ = ("_clock", "_idle", "_tls")

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        # Not the monotonic clock, which stands still while Lambda has a function frozen.
        self._clock = clock
        self._idle: dict[Address, list[tuple[http.client.HTTPConnection, float]]] = {}
        self._tls: ssl.SSLContext | None = None

    def __del__(self) -> None:
        self.close()

    def prepare(self) -> None:
        """Read the certificates of the authorities now instead of at the first request: 18 ms of CPU."""
        if self._tls is None:
            self._tls = ssl.create_default_context()

    def close(self) -> None:
        """Close what is idle; the next request opens a connection of its own."""
        while self._idle:
            _, idle = self._idle.popitem()
            for connection, _ in idle:
                connection.close()

    def exchange(self, address: Address, sending: Sending, patience: Patience) -> Answer:
        """Send, and return whatever the other side answers.

        A kept connection that the other side has closed meanwhile is no failure: the request goes
        out again at once on a new one. One that was idle for `Patience.idle_seconds` is not used again:
        whatever cut it in silence would cost `read_seconds`.

        Raises:
            NoConnectionError: nobody answered at the address.
            NoAnswerError: the connection broke, or was silent for `Patience.read_seconds`.
        """
        kept = self._take(address, patience.idle_seconds)
        if kept is not None:
            try:
                return self._use(kept, address, sending, patience)
            except NoAnswerError as error:
                if not isinstance(error.__cause__, _CLOSED):
                    raise
        return self._use(self._open(address, patience), address, sending, patience)

    def _use(
        self,
        connection: http.client.HTTPConnection,
        address: Address,
        sending: Sending,
        patience: Patience,
    ) -> Answer:
        connection.sock.settimeout(patience.read_seconds)
        try:
            answer = _exchange(connection, sending)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise NoAnswerError(_sentence(error)) from error
        except BaseException:  # such as Ctrl-C: half an answer must not be the next one's
            connection.close()
            raise
        if connection.sock is not None:  # None if the answer said `connection: close`
            self._idle.setdefault(address, []).append((connection, self._clock()))
        return answer

    def _take(self, address: Address, idle_seconds: float) -> http.client.HTTPConnection | None:
        while True:
            try:
                connection, since = self._idle[address].pop()
            except (KeyError, IndexError):
                return None
            if abs(self._clock() - since) < idle_seconds:
                return connection
            connection.close()

    def _open(self, address: Address, patience: Patience) -> http.client.HTTPConnection:
        connection = self._connection(address, patience.connect_seconds)
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            raise NoConnectionError(_sentence(error)) from error
        return connection

    def _connection(self, address: Address, timeout_seconds: float) -> http.client.HTTPConnection:
        if not address.secure:
            return http.client.HTTPConnection(address.host, address.port, timeout=timeout_seconds)
        self.prepare()
        return http.client.HTTPSConnection(
            address.host, address.port, timeout=timeout_seconds, context=self._tls
        )


# How a connection ends that the other side closed while it was idle.
_CLOSED = (
    http.client.RemoteDisconnected,
    ConnectionResetError,
    BrokenPipeError,
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
)


def _exchange(connection: http.client.HTTPConnection, sending: Sending) -> Answer:
    try:
        connection.request(
            sending.method, sending.target, body=sending.body, headers=dict(sending.headers)
        )
    except (BrokenPipeError, ConnectionResetError):
        # Who refuses a body before its end may have said why; then the connection is used up.
        answer = _answer(connection)
        connection.close()
        return answer
    return _answer(connection)


def _answer(connection: http.client.HTTPConnection) -> Answer:
    response = connection.getresponse()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, response.read())


def _sentence(error: Exception) -> str:
    return str(error) or type(error).__name__
