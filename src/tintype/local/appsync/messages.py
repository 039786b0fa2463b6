"""The messages of AppSync's real-time WebSocket protocol.

https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias
from urllib.parse import parse_qs

PROTOCOL = "graphql-ws"
HEADER_ = "header-"
CONNECTION_TIMEOUT_MS = 300_000
REFUSED_STATUS = 401
MALFORMED_STATUS = 400

UNAUTHORIZED = "You are not authorized to make this call."
NO_CREDENTIALS = "Valid authorization header not provided."
NOT_A_JWT = "Unable to parse JWT token."
HAS_EXPIRED = "Token has expired."
NO_PERMISSION = "Permission denied"

Json: TypeAlias = dict[str, Any]


class ErrorType(StrEnum):
    """AppSync's error types."""

    BAD_REQUEST = "BadRequestException"
    DENIED = "Unauthorized"
    DUPLICATED = "DuplicatedOperationError"
    NO_PROTOCOL = "NoProtocolError"
    TOO_DEEP = "QueryDepthLimitReached"
    TOO_MANY = "MaxSubscriptionsReachedError"
    TOO_MANY_RESOLVERS = "ResolverExecutionLimitReached"
    UNAUTHORIZED = "UnauthorizedException"
    UNKNOWN = "UnknownOperationError"
    UNSUPPORTED = "UnsupportedOperation"


class UnauthorizedError(Exception):
    """Authentication or authorisation failed; the message is AppSync's."""


class FieldRefusedError(Exception):
    """A field's directives or its resolver refused the caller; *kind* is the error type."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class MalformedError(Exception):
    """The client violated the protocol; *kind* is AppSync's error type."""

    def __init__(self, kind: ErrorType, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Start:
    """A client's request to subscribe: the text that it signed, and its content."""

    id: str
    signed: str
    query: str
    variables: Json
    authorization: Mapping[str, str]


def handshake_headers(query_string: str, protocols: Sequence[str]) -> Json:
    """Return the authorisation of a connection, from its URL or its subprotocols.

    Raises:
        MalformedError: there is none, or it is not JSON in base64.
    """
    if PROTOCOL not in protocols:
        raise MalformedError(ErrorType.NO_PROTOCOL, f"the subprotocol must be {PROTOCOL}")
    in_protocol = [each.removeprefix(HEADER_) for each in protocols if each != PROTOCOL]
    in_query = parse_qs(query_string).get("header", [])
    for text in (*in_query, *in_protocol):
        return _decoded(text)
    raise MalformedError(ErrorType.UNAUTHORIZED, 'Both, the "header" and the "payload" are missing')


def _decoded(text: str) -> Json:
    standard = text.replace("-", "+").replace("_", "/").replace(" ", "+").rstrip("=")
    try:
        return parse_message(base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True))
    except binascii.Error as error:
        raise MalformedError(ErrorType.BAD_REQUEST, "the header is not base64") from error


def parse_message(text: str | bytes) -> Json:
    """Return a client's message, or a JSON object in one.

    Raises:
        MalformedError: it is not a JSON object.
    """
    try:
        value = json.loads(text)
    except ValueError as error:
        raise MalformedError(ErrorType.BAD_REQUEST, "not JSON") from error
    if not isinstance(value, dict):
        raise MalformedError(ErrorType.BAD_REQUEST, "not a JSON object")
    return value


def parse_start(message: Json) -> Start:
    """Parse a `start` message.

    Raises:
        MalformedError: a field is missing or has the wrong type.
    """
    payload = message.get("payload")
    if not isinstance(payload, dict) or not isinstance(payload.get("data"), str):
        raise MalformedError(ErrorType.BAD_REQUEST, "payload.data must be a string")
    data = parse_message(payload["data"])
    query, variables = data.get("query"), data.get("variables") or {}
    extensions = payload.get("extensions")
    authorization = extensions.get("authorization") if isinstance(extensions, dict) else None
    if not isinstance(query, str) or not isinstance(variables, dict):
        raise MalformedError(ErrorType.BAD_REQUEST, "query must be a string, variables an object")
    if not isinstance(authorization, dict):
        raise MalformedError(ErrorType.UNAUTHORIZED, "Required headers are missing.")
    return Start(str(message["id"]), payload["data"], query, variables, authorization)


def connection_ack() -> Json:
    """Confirm the connection, with the keep-alive timeout."""
    return {
        "type": "connection_ack",
        "payload": {"connectionTimeoutMs": CONNECTION_TIMEOUT_MS},
    }


def connection_error(kind: ErrorType, message: str) -> Json:
    """Report why there is no connection; clients do not retry after the codes 400, 401 and 403."""
    refused = kind is ErrorType.UNAUTHORIZED
    code = REFUSED_STATUS if refused else MALFORMED_STATUS
    errors = [{"errorType": kind, "message": message, "errorCode": code}]
    return {"type": "connection_error", "payload": {"errors": errors}}


def keep_alive() -> Json:
    """Return a keep-alive message."""
    return {"type": "ka"}


def start_ack(start_id: str) -> Json:
    """Confirm a subscription."""
    return {"type": "start_ack", "id": start_id}


def complete(start_id: str) -> Json:
    """Report the end of a subscription."""
    return {"type": "complete", "id": start_id}


def data(start_id: str, payload: Json) -> Json:
    """Deliver an event to a subscriber."""
    return {"type": "data", "id": start_id, "payload": payload}


def error(start_id: str | None, *errors: tuple[str, str]) -> Json:
    """Report errors: pairs of an error type, AppSync's or a resolver's, and a message."""
    listed = [{"errorType": kind, "message": message} for kind, message in errors]
    answer: Json = {"type": "error", "payload": {"errors": listed}}
    return answer if start_id is None else {**answer, "id": start_id}
