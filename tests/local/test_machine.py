"""The pieces around the emulator: front door, ports, state folder, logs."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tintype.aws.signing import Credentials
from tintype.local.asgi import Message, Middleware, Receive, Scope, Send, header
from tintype.local.errors import AlreadyRunningError, PortTakenError
from tintype.local.front_door import front_door, over_tls
from tintype.local.hosts import with_known_hosts
from tintype.local.logs import read_line
from tintype.local.ports import HOST, HOST_IPV6, check_free, free_port, has_ipv6
from tintype.local.signed_headers import with_signed_headers
from tintype.local.state import LocalAddress, StateFolder, find_address
from tintype.local.synthesis import digest_of

DOMAIN = "d111.cloudfront.net"
NOON = datetime(2026, 11, 21, 12, 1, 33)  # noqa: DTZ001 - the clock on the wall


def ask(port: int, path: str, *, deployed: bool = True, location: str = "") -> tuple[Any, Any]:
    """Ask the front door on port 80; return what the distribution saw, and the answer's start."""
    seen: list[Scope] = []
    sent: list[Message] = []

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        seen.append(scope)
        headers = [(b"location", location.encode())] if location else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    scope = {
        "type": "http", "method": "GET", "path": path, "server": ("127.0.0.1", port),
        "headers": [(b"host", b"localhost:80")],
    }  # fmt: skip
    door = front_door(
        over_tls(app),
        port=80,
        domain=lambda: DOMAIN if deployed else None,
        compresses=lambda _domain, _path: False,
    )

    async def visit() -> None:
        await door(scope, receive, send)

    asyncio.run(visit())
    return (seen[0] if seen else None), sent[0]


def test_visitor_of_the_door_comes_to_the_distribution_by_https() -> None:
    seen, _ = ask(80, "/a.jpg")

    assert header(seen["headers"], b"host") == DOMAIN
    assert header(seen["headers"], b"x-forwarded-proto") == "https"


@pytest.mark.parametrize(("port", "path"), [(4566, "/a.jpg"), (80, "/graphql")])
def test_gateway_and_graphql_are_left_as_they_are(port: int, path: str) -> None:
    seen, _ = ask(port, path)

    assert header(seen["headers"], b"host") == "localhost:80"


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (f"https://{DOMAIN}/b?c=d", "http://localhost:80/b?c=d"),
        ("https://elsewhere.example/b", "https://elsewhere.example/b"),
        ("/b", "/b"),
    ],
)
def test_redirect_to_the_distribution_stays_at_the_door(location: str, expected: str) -> None:
    _, start = ask(80, "/a", location=location)

    assert header(start["headers"], b"location") == expected


def test_door_says_that_nothing_is_deployed_yet() -> None:
    seen, start = ask(80, "/a", deployed=False)

    assert seen is None
    assert start["status"] == 503


def test_digest_changes_with_content_name_and_facts(tmp_path: Path) -> None:
    folder = tmp_path / "1"
    folder.mkdir()
    (folder / "a.py").write_text("as it was")
    before = digest_of([folder], "3.11")

    assert digest_of([folder], "3.11") == before
    assert digest_of([folder], "3.12") != before
    (folder / "a.py").write_text("changed")
    assert digest_of([folder], "3.11") != before


def test_taken_port_is_named_with_who_has_it_and_the_way_out() -> None:
    with socket.socket() as taker:
        taker.bind((HOST, 0))
        taker.listen()
        port = taker.getsockname()[1]

        with pytest.raises(PortTakenError) as error:
            check_free(port, "--port")

    assert str(error.value).startswith(f"port {port} is taken by ")
    assert f"(process {os.getpid()})" in str(error.value)
    assert str(error.value).endswith(f"choose another with --port {port + 1}")


def test_free_port_is_free() -> None:
    check_free(free_port(), "--port", localhost=True)


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_port_that_is_taken_by_ipv6_alone_is_taken_where_localhost_is_meant() -> None:
    """A browser would show who answers there."""
    with socket.socket(socket.AF_INET6) as taker:
        taker.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        taker.bind((HOST_IPV6, 0))
        taker.listen()
        port = taker.getsockname()[1]

        check_free(port, "--gateway-port")
        with pytest.raises(PortTakenError) as error:
            check_free(port, "--port", localhost=True)

    assert str(error.value).startswith(f"port {port} is taken by ")
    assert f"(process {os.getpid()}) at ::1; choose another with --port " in str(error.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "[" * 100_000], ids=lambda text: text[:9])
def test_state_that_nobody_can_read_is_none(tmp_path: Path, text: str) -> None:
    state = StateFolder(tmp_path)
    with state.lock():
        for name in ("root.json", "local.json"):
            (tmp_path / name).write_text(text, "utf-8")

        assert find_address(tmp_path) is None
        assert state.root_credentials().access_key.startswith("AKIA")


def test_line_of_a_log_that_is_nested_deeply_is_text() -> None:
    assert read_line("api", '{"message":' * 100_000, NOON).text.startswith('{"message":')


def address(pid: int = 1) -> LocalAddress:
    key = Credentials("AKIA", "secret")
    return LocalAddress(
        pid, "http://127.0.0.1:1", "http://localhost:2", "us-east-1", key, {"A": "b"}
    )


def test_running_cloud_is_found_by_its_folder(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")

    with state.lock():
        state.announce(address())

        assert find_address(state.folder) == address()


def test_crashed_cloud_is_not_found(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    with state.lock():
        state.announce(address())

    assert find_address(state.folder) is None


def test_folder_in_use_is_refused_with_the_address(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")

    with state.lock():
        state.announce(address(77))
        with pytest.raises(
            AlreadyRunningError, match=r"running at http://localhost:2 \(process 77"
        ):
            state.lock()


def test_forgetting_keeps_nothing_and_counts_images(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    with state.lock():
        key = state.root_credentials()
        manifest = state.objects / "000000000000" / "renditions" / "01JD" / "manifest.json"
        manifest.parent.mkdir(parents=True)
        manifest.touch()
        assert state.image_count() == 1

        state.forget()

        assert state.image_count() == 0
        assert state.root_credentials() != key


def test_saved_addresses_follow_the_gateway_to_another_port(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    state.prepare()
    queues = state.emulator / "sqs.json"
    state.move_to(4566)
    queues.write_text('"http://localhost:4566/q" "http://localhost:45660/q" "127.0.0.1:4566"')

    state.move_to(5000)

    assert (
        queues.read_text()
        == '"http://localhost:5000/q" "http://localhost:45660/q" "127.0.0.1:5000"'
    )


def test_secret_is_not_shown() -> None:
    assert "secret" not in repr(Credentials("AKIA", "secret")).replace("secret_key", "")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("Traceback (most recent call last):", "Traceback (most recent call last):"),
        ('{"no": "message"}', '{"no": "message"}'),
        ("[1]", "[1]"),
        ('{"message": "WRITTEN", "image_id": "01JD", "status": "READY", "version": 3, "_aws": {}}',
         "WRITTEN 01JD READY"),
        ('{"message": "GET / 200", "bytes": 0, "request_id": "r", "RequestMilliseconds": 2.3}',
         "GET / 200 bytes=0 2 ms"),
        ('{"message": "READY", "Renditions": 1, "ms": {"wait": 900, "read": 1.5, "write": null}}',
         "READY 1 rendition 2 ms"),
        ('{"message": "FAILED", "code": "too_many_pixels"}', "FAILED code=too_many_pixels"),
    ],
)  # fmt: skip
def test_log_line_is_readable(line: str, text: str) -> None:
    assert str(read_line("process", line, NOON)) == f"12:01:33 process   {text}"


def test_file_names_cannot_harm_the_terminal_that_shows_the_log() -> None:
    line = json.dumps(
        {
            "message": "READY",
            "filename": "a\x1b[31m\nb\u202e.jpg",
            "code": "\x1b]0;X\x07",
            "trace": "1\n\x1b[2J",
        }
    )

    assert str(read_line("api", line, NOON)).split("\n") == [
        "12:01:33 api       READY a�[31m�b�.jpg code=�]0;X�",
        "1",
        "�[2J",
    ]
    assert "\x1b" not in str(read_line("api", "not json \x1b[2J", NOON))


def test_names_that_need_joiners_are_whole_in_the_log() -> None:
    line = json.dumps({"message": "READY", "filename": "👩\u200d👧 می\u200cخواهم.jpg"})

    assert "👩\u200d👧 می\u200cخواهم.jpg" in str(read_line("api", line, NOON))


def visited(scope: Scope, around: Middleware) -> Message:
    """Return the first thing that a request is answered by an app with *around* about it."""
    sent: list[Message] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def visit() -> None:
        await around(app)(scope, receive, send)

    asyncio.run(visit())
    return sent[0]


def status_for(host: str, *names: str) -> int:
    """Return what a request with this Host is answered."""
    scope = {"type": "http", "headers": [(b"host", host.encode())]}
    answer = visited(scope, partial(with_known_hosts, names=names))
    return int(answer["status"])


def call_of_a_page(origin: str, kind: str = "http", method: str = "GET") -> Message:
    """Return the answer to a page from *origin*; another name and another site are the user's."""
    headers = [(b"host", b"localhost:8080"), (b"Origin", origin.encode())]
    scope = {"type": kind, "method": method, "headers": headers}
    sites = ("*", "https://example.com")
    return visited(scope, partial(with_known_hosts, names=("studio.local",), origins=sites))


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080", "x.s3.localhost:4566",
     "pictures.s3.us-east-1.amazonaws.com", DOMAIN, "a1b2.execute-api.us-east-1.amazonaws.com"],
)  # fmt: skip
def test_name_of_this_machine_is_answered(host: str) -> None:
    assert status_for(host) == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8080", "localhost.evil.example", "evil-amazonaws.com", "", ":8080",
     "127.0.0.1.evil.example", "::1", "127.0.0.2"],
)  # fmt: skip
def test_other_name_is_not_answered_unless_the_user_says_so(host: str) -> None:
    assert status_for(host) == 421
    assert status_for("Studio.Local:8080", "studio.local") == 200


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:8080", "http://LOCALHOST:4200", "http://127.0.0.1:1", "https://[::1]", "",
     "http://studio.local:8080", "https://example.com"],
)  # fmt: skip
def test_page_of_this_machine_or_of_a_named_site_may_call(origin: str) -> None:
    assert call_of_a_page(origin)["status"] == 200
    assert call_of_a_page(origin, method="OPTIONS")["status"] == 200
    assert call_of_a_page(origin, "websocket")["type"] != "websocket.close"


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://localhost.evil.example", "http://evil.example:8080", "null", "*",
     "https://d111111abcdef8.cloudfront.net", "https://x.s3.amazonaws.com", "localhost",
     "https://example.com:8443", "http://example.com", "file://localhost"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS"])
def test_page_of_another_site_is_answered_nothing(origin: str, method: str) -> None:
    answer = call_of_a_page(origin, method=method)

    assert answer["status"] == 403
    assert not [name for name, _ in answer["headers"] if name.startswith(b"access-control")]
    assert call_of_a_page(origin, "websocket")["type"] == "websocket.close"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (b"filename=X-Amz-Credential", 200),
        (b"X-Amz-Credential=", 200),
        (b"X-Amz-Credential=key/20261128/us-east-1/s3/aws4_request", 403),
    ],
)
def test_only_a_signature_is_taken_for_one(query: bytes, status: int) -> None:
    headers = [(b"host", b"localhost"), (b"x-amz-acl", b"public-read")]
    scope = {"type": "http", "headers": headers, "query_string": query}

    assert visited(scope, around=with_signed_headers)["status"] == status


def test_the_address_of_a_cloud_that_was_killed_is_not_the_next_one_s(tmp_path: Path) -> None:
    state, key = StateFolder(tmp_path / "state"), Credentials("key", "secret")
    state.prepare()
    state.announce(LocalAddress(1, "http://127.0.0.1:1", "http://localhost:1", "r", key, {}))

    with state.lock():
        assert find_address(state.folder) is None
