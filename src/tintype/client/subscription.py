"""The client side of AppSync's real-time protocol: one socket that reports every change of an image.

Start with `Subscription`. Messages: connection_init → connection_ack, start → start_ack, then data and
ka (keep-alive) until either side closes (AWS AppSync developer guide, "Building a real-time WebSocket
client"). One subscription covers all images: a connection may have no more than 200, and one that is
open before the first upload misses nothing.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Event, Thread
from typing import TypeAlias
from urllib.parse import urlencode, urlsplit

import msgspec
from websockets.exceptions import (
    InvalidHandshake,
    InvalidMessage,
    InvalidStatus,
    InvalidURI,
    WebSocketException,
)
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tintype.client.credentials import BearerCredential, is_confidential
from tintype.client.errors import ApiUnreachableError, ClientError

PROTOCOL = Subprotocol("graphql-ws")
QUERY = "subscription Changes { imageChanged { id version status } }"
QUERY_OF_OWNER = (
    "subscription Changes($owner: String) { imageChanged(owner: $owner) { id version status } }"
)
OPEN_SECONDS = 10.0  # for the handshake, and for each acknowledgement
FIRST_PAUSE_SECONDS = 1.0  # before the socket is reopened; doubled each time
LONGEST_PAUSE_SECONDS = 30.0
_KEEP_ALIVE_MS = 300_000  # AppSync's connectionTimeoutMs, if the acknowledgement has none
_ID = "changes"


@dataclass(frozen=True, slots=True)
class Address:
    """The addresses of the socket and its GraphQL API, and what to subscribe with and to.

    That is the public key of an open stack, else a *credential*. *owner* limits the changes to the
    images of one owner, as a stack demands of everybody but its admins.
    """

    realtime_url: str
    graphql_url: str
    api_key: str = field(default="", repr=False)
    credential: BearerCredential | None = None
    owner: str = ""

    def authorization(self) -> dict[str, str]:
        """Return the authorization that AppSync requires to connect and for every subscription.

        Raises:
            ClientError: there is no valid token.
        """
        host = urlsplit(self.graphql_url).netloc
        if self.credential is None:
            return {"host": host, "x-api-key": self.api_key}
        return {"host": host, "Authorization": self.credential.token()}

    def url(self, authorization: Mapping[str, str]) -> str:
        """Return the socket's address, with the authorization, since browsers cannot send headers."""
        header = base64.b64encode(json.dumps(authorization).encode()).decode()
        return f"{self.realtime_url}?{urlencode({'header': header, 'payload': 'e30='})}"

    @property
    def subscription(self) -> dict[str, object]:
        """The GraphQL document, with its variables."""
        if not self.owner:
            return {"query": QUERY, "variables": {}}
        return {"query": QUERY_OF_OWNER, "variables": {"owner": self.owner}}


@dataclass(frozen=True, slots=True)
class Opened:
    """Every change from now on is reported; earlier ones are not."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is lost. *final* means that it is not reopened."""

    reason: str
    final: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """An image has a new version."""

    image_id: str
    version: int
    status: str


SubscriptionEvent: TypeAlias = Opened | Lost | Changed


class RefusedError(Exception):
    """The server refuses the subscription; a retry would not help."""


class _Change(msgspec.Struct, frozen=True):
    id: str
    version: int
    status: str


class _Data(msgspec.Struct, frozen=True):
    imageChanged: _Change | None = None  # noqa: N815 - the subscription's name


class _Complaint(msgspec.Struct, frozen=True, rename="camel"):
    message: str = ""
    error_type: str = ""


class _Payload(msgspec.Struct, frozen=True, rename="camel"):
    data: _Data | None = None
    errors: list[_Complaint] | None = None
    connection_timeout_ms: int = _KEEP_ALIVE_MS


class _Message(msgspec.Struct, frozen=True):
    type: str
    payload: _Payload | None = None


class Subscription:
    """Listens in its own thread and passes events to *on_event*, until `close`."""

    def __init__(self, address: Address, on_event: Callable[[SubscriptionEvent], None]) -> None:
        self._address = address
        self._on_event = on_event
        self._closed = Event()
        self._pause = FIRST_PAUSE_SECONDS
        self._may_renew = True
        self._socket: ClientConnection | None = None
        self._thread = Thread(target=self._run, name="subscription", daemon=True)

    def start(self) -> None:
        """Start listening; the first event is `Opened` or `Lost`."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._closed.set()
        if self._socket is not None:
            self._socket.close()
        self._thread.join(timeout=1)

    def _run(self) -> None:
        """Listen; if the connection breaks, report it, wait, and retry."""
        while not self._closed.is_set():
            loss = self._loss()
            if not self._closed.is_set():
                self._on_event(loss)
            if loss.final:
                return
            self._closed.wait(self._pause)
            self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)

    def _loss(self) -> Lost:
        """Listen until the connection is lost, and return why."""
        try:
            authorization = self._authorization()
        except ClientError as error:
            return Lost(str(error), final=not isinstance(error, ApiUnreachableError))
        try:
            self._listen(authorization)
        except RefusedError as error:
            return self._refused(str(error), authorization)
        except TimeoutError:
            return Lost("no answer", final=False)
        except (WebSocketException, OSError) as error:
            if _is_final(error):
                return self._refused(str(error), authorization)
            return Lost(str(error) or type(error).__name__, final=False)
        return Lost("closed", final=True)

    def _authorization(self) -> dict[str, str]:
        """Return the authorization for the next connection.

        Raises:
            ClientError: there is no valid token, or others could read it on its way.
        """
        address = self._address
        if address.credential and not is_confidential(address.realtime_url):
            message = f"{address.realtime_url} is not encrypted"
            raise ClientError(message)
        return address.authorization()

    def _refused(self, reason: str, authorization: Mapping[str, str]) -> Lost:
        """Return the loss by a refusal, which is final unless the token can be renewed."""
        credential = self._address.credential
        if credential is None or not self._may_renew:
            return Lost(reason, final=True)
        self._may_renew = False
        try:
            return Lost(reason, final=not credential.renew(authorization["Authorization"]))
        except ClientError as error:
            return Lost(str(error), final=not isinstance(error, ApiUnreachableError))

    def _listen(self, authorization: Mapping[str, str]) -> None:
        """Open a socket, subscribe, and pass on events until it closes."""
        with connect(
            self._address.url(authorization),
            subprotocols=[PROTOCOL],
            open_timeout=OPEN_SECONDS,
            close_timeout=1,
            ping_interval=None,  # AppSync does not answer pings; it sends keep-alives
        ) as socket:
            self._socket = socket
            _send(socket, {"type": "connection_init"})
            acknowledged = _awaited(socket, "connection_ack")
            _send(socket, self._start_message(authorization))
            _awaited(socket, "start_ack")
            self._pause = FIRST_PAUSE_SECONDS
            self._may_renew = True
            self._on_event(Opened())
            timeout = acknowledged.connection_timeout_ms / 1000
            while not self._closed.is_set():
                message = _receive(socket, timeout)
                if message.payload and message.payload.data and message.payload.data.imageChanged:
                    change = message.payload.data.imageChanged
                    self._on_event(Changed(change.id, change.version, change.status))

    def _start_message(self, authorization: Mapping[str, str]) -> Mapping[str, object]:
        return {
            "id": _ID,
            "type": "start",
            "payload": {
                "data": json.dumps(self._address.subscription),
                "extensions": {"authorization": authorization},
            },
        }


def _is_final(error: Exception) -> bool:
    """Whether a retry would fail too: a wrong address or key, but not an overload."""
    if isinstance(error, InvalidStatus):
        return error.response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    return isinstance(error, InvalidURI | InvalidHandshake) and not isinstance(
        error, InvalidMessage
    )


def _send(socket: ClientConnection, message: Mapping[str, object]) -> None:
    socket.send(json.dumps(message))


def _awaited(socket: ClientConnection, kind: str) -> _Payload:
    """Return the payload of the next message of a *kind*, skipping keep-alives."""
    while True:
        message = _receive(socket, OPEN_SECONDS)
        if message.type == kind:
            return message.payload or _Payload()


def _receive(socket: ClientConnection, timeout: float) -> _Message:
    """Return the next message.

    Raises:
        TimeoutError: no message, not even a keep-alive, came in *timeout* seconds.
        RefusedError: it is an error, or not a message of AppSync's protocol.
    """
    try:
        message = msgspec.json.decode(socket.recv(timeout=timeout), type=_Message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        said = f"not AppSync's protocol: {error}"
        raise RefusedError(said) from error
    if message.type in {"error", "connection_error"}:
        complaints = (message.payload.errors if message.payload else None) or []
        said = "; ".join(one.message or one.error_type for one in complaints)
        raise RefusedError(said or message.type)
    if message.type == "complete":
        said = "the server ended the subscription"
        raise RefusedError(said)
    return message
