"""Requests meet a server that hangs up, refuses, is silent, or talks nonsense."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.aws.hostile_server import HANG_UP, HostileServer, Reply, hostile_server, http
from tintype.aws.account import Account
from tintype.aws.dynamodb import Table
from tintype.aws.errors import (
    AccessDeniedError,
    ClockSkewedError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
    ServiceError,
    UnavailableError,
)
from tintype.aws.lambda_ import Function
from tintype.aws.s3 import Bucket
from tintype.aws.signing import Credentials
from tintype.aws.transport import Connections, RetryPolicy

QUICK = RetryPolicy(connect_seconds=1.0, read_seconds=0.3, tries=3, pause_seconds=0.01)
SLOW_DOWN = http(503, b"<Error><Code>SlowDown</Code><Message>Please.</Message></Error>")
THROTTLED = http(400, b'{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException"}')


def account_at(endpoint: str, retry_policy: RetryPolicy = QUICK) -> Account:
    return Account("eu-central-1", endpoint, lambda: Credentials("AKIA", "secret"), retry_policy)


def bucket_at(server: HostileServer) -> Bucket:
    return Bucket(account_at(server.endpoint), "pictures")


def test_a_connection_serves_many_requests() -> None:
    with hostile_server() as server:
        bucket = bucket_at(server)

        for _ in range(5):
            bucket.get("key")

    assert (server.connections, len(server.requests)) == (1, 5)


def test_threads_have_connections_of_their_own_and_leave_them_to_others() -> None:
    with hostile_server(*[http(200, delay=0.1)] * 4) as server:
        bucket = bucket_at(server)

        for _ in range(2):
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(bucket.get, "abcd"))

    assert (server.connections, len(server.requests)) == (4, 8)


def test_a_kept_connection_that_was_closed_is_replaced_at_once() -> None:
    with hostile_server(http(200, close=True)) as server:
        patient = replace(QUICK, pause_seconds=60)
        bucket = Bucket(account_at(server.endpoint, patient), "pictures")
        bucket.get("key")

        bucket.get("key")

    assert (server.connections, len(server.requests)) == (2, 2)


def test_even_a_call_that_is_not_repeatable_outlives_a_kept_connection() -> None:
    with hostile_server(http(200, close=True), http(200, b"{}")) as server:
        function = Function(account_at(server.endpoint), "process")
        function.invoke(b"{}")

        assert function.invoke(b"{}") == b"{}"


@pytest.mark.parametrize(
    "trouble",
    [
        HANG_UP,
        SLOW_DOWN,
        THROTTLED,
        http(500),
        http(502, b"<html>Bad gateway</html>"),
        http(429),
        Reply(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", close=True),
        Reply(b"not HTTP at all\r\n\r\n", close=True),
        http(200, delay=0.6),
    ],
    ids=lambda reply: reply.text[:60].decode() or "hang up",
)
def test_passing_trouble_is_overcome(trouble: Reply) -> None:
    with hostile_server(trouble, trouble, http(200, b"bytes")) as server:
        assert bucket_at(server).get("key").data == b"bytes"

    assert len(server.requests) == 3


@pytest.mark.parametrize("trouble", [HANG_UP, SLOW_DOWN, http(500), http(200, delay=0.6)])
def test_lasting_trouble_ends_after_three_tries(trouble: Reply) -> None:
    with (
        hostile_server(*[trouble] * 9) as server,
        pytest.raises(UnavailableError) as caught,
    ):
        bucket_at(server).get("key")

    assert caught.value.tries == len(server.requests) == 3
    assert caught.value.unanswered == (caught.value.status == 0)
    assert caught.value.retryable


def test_every_try_is_signed_anew() -> None:
    keys = iter(["FIRST", "SECOND", "THIRD"])
    with hostile_server(SLOW_DOWN) as server:
        account = Account(
            "eu-central-1", server.endpoint, lambda: Credentials(next(keys), "s"), QUICK
        )

        Bucket(account, "pictures").get("key")

    assert ["FIRST" in server.requests[0], "SECOND" in server.requests[1]] == [True, True]


def test_a_port_where_nobody_listens_is_unavailable_and_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(UnavailableError, match="refused") as caught:
        Bucket(account_at(f"http://127.0.0.1:{port}"), "pictures").get("key")

    assert not caught.value.unanswered


@pytest.mark.parametrize(
    ("reply", "kind", "name"),
    [
        (http(403, b"<Error><Code>AccessDenied</Code></Error>"), AccessDeniedError, "AccessDenied"),
        (http(404, b"<Error><Code>NoSuchKey</Code></Error>"), NotFoundError, "NoSuchKey"),
        (http(404), NotFoundError, ""),
        (http(412), PreconditionFailedError, ""),
        (
            http(409, b"<Error><Code>ConditionalRequestConflict</Code></Error>"),
            PreconditionFailedError,
            "ConditionalRequestConflict",
        ),
        (http(400, b"<Error><Code>InvalidTag</Code></Error>"), InvalidRequestError, "InvalidTag"),
        (
            http(400, b'{"__type":"a#ValidationException"}'),
            InvalidRequestError,
            "ValidationException",
        ),
        (
            http(301, b"<Error><Code>PermanentRedirect</Code></Error>"),
            InvalidRequestError,
            "PermanentRedirect",
        ),
        (http(400, b"\xff\x00"), InvalidRequestError, ""),
    ],
)
def test_final_refusals_are_not_tried_again(
    reply: Reply, kind: type[ServiceError], name: str
) -> None:
    with hostile_server(reply) as server, pytest.raises(kind) as caught:
        bucket_at(server).get("key")

    assert (caught.value.name, len(server.requests)) == (name, 1)


def test_an_invocation_without_an_answer_is_not_repeated() -> None:
    with (
        hostile_server(http(200, delay=0.6)) as server,
        pytest.raises(UnavailableError, match="timed out"),
    ):
        Function(account_at(server.endpoint), "process").invoke(b"{}", timeout_seconds=0.2)

    assert len(server.requests) == 1


def test_an_invocation_that_was_refused_is_repeated() -> None:
    throttled = http(429, headers="x-amzn-ErrorType: TooManyRequestsException\r\n")
    with hostile_server(throttled, http(200, b'"done"')) as server:
        assert Function(account_at(server.endpoint), "process").invoke(b"{}") == b'"done"'


def test_a_lost_answer_shows_in_the_tries_of_a_conditional_write() -> None:
    with (
        hostile_server(HANG_UP, http(412)) as server,
        pytest.raises(PreconditionFailedError) as caught,
    ):
        bucket_at(server).put("key", b"x", content_type="text/plain", if_none_match=True)

    assert caught.value.tries == 2


def test_a_service_that_stops_reading_early_is_heard() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_refuse_unread, args=(listener,))
        thread.start()
        bucket = Bucket(account_at(f"http://127.0.0.1:{listener.getsockname()[1]}"), "pictures")

        with pytest.raises(InvalidRequestError, match="EntityTooLarge"):
            bucket.put("key", bytes(50_000_000), content_type="image/png")
        thread.join()


def _refuse_unread(listener: socket.socket) -> None:
    body = b"<Error><Code>EntityTooLarge</Code></Error>"
    connection, _ = listener.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(
            b"HTTP/1.1 400 Bad\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
            % (len(body), body)
        )
        connection.shutdown(socket.SHUT_WR)
        for _ in range(100):  # reads a little, so that the answer arrives before the reset
            connection.recv(1000)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"Item": 1}'])
def test_an_answer_that_is_nonsense_is_the_service_s_trouble(body: bytes) -> None:
    with (
        hostile_server(http(200, body)) as server,
        pytest.raises(UnavailableError, match="unexpected response"),
    ):
        Table(account_at(server.endpoint), "images").get("a")


def test_messages_name_the_operation_and_show_no_signature() -> None:
    with hostile_server(SLOW_DOWN, SLOW_DOWN, SLOW_DOWN) as server:
        with pytest.raises(UnavailableError) as caught:
            bucket_at(server).get("secret-key")

        assert str(caught.value) == "s3 GetObject: SlowDown: Please."


@pytest.mark.parametrize(("idle_seconds", "connections"), [(59.0, 1), (61.0, 2), (-3600.0, 2)])
def test_connection_that_may_have_died_in_silence_is_not_used_again(
    idle_seconds: float, connections: int
) -> None:
    now = 1_000.0
    with hostile_server() as server:
        kept = Connections(clock=lambda: now)
        bucket = Bucket(replace(account_at(server.endpoint), connections=kept), "pictures")

        bucket.get("key")
        now += idle_seconds
        bucket.get("key")

    assert (server.connections, len(server.requests)) == (connections, 2)


@pytest.mark.parametrize(
    "reply",
    [
        http(
            403,
            b"<Error><Code>RequestTimeTooSkewed</Code><Message>Too large.</Message></Error>",
            headers="Date: Sat, 21 Nov 2020 10:00:00 GMT\r\n",
        ),
        http(
            400,
            b'{"__type":"InvalidSignatureException","message":"Signature expired: 1 is now earlier"}',
            headers="Date: Sat, 21 Nov 2020 10:00:00 GMT\r\n",
        ),
        http(403, b'{"message":"Signature not yet current: 1 is still later than 2"}'),
    ],
    ids=["s3", "expired", "not yet, without a date"],
)
def test_wrong_clock_is_named(reply: Reply) -> None:
    with hostile_server(reply) as server, pytest.raises(ClockSkewedError) as raised:
        bucket_at(server).get("key")

    assert raised.value.code == "clock_skewed"
    assert not raised.value.retryable
    assert ("minutes ahead of AWS's" in str(raised.value)) == (b"Date:" in reply.text)
