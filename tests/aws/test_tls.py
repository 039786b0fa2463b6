"""Over TLS, as on AWS: certificates are checked, connections kept, closed ones replaced."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.aws.hostile_server import hostile_server, http
from tests.aws.test_tries import QUICK, account_at, bucket_at
from tintype.aws.errors import UnavailableError
from tintype.aws.s3 import Bucket

# The server answers at once, but a busy machine may not.
LONG_TIMEOUT = replace(QUICK, read_seconds=20.0)

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="makes its certificate with openssl")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a certificate for 127.0.0.1 and its key."""
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    command = (
        f"{OPENSSL} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
        f" -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout {file}.key -out {file}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)  # noqa: S603
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, f"{certificate}.key")
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.mark.usefixtures("trusted")
def test_a_connection_serves_many_requests(tls: ssl.SSLContext) -> None:
    with hostile_server(http(200, b"bytes"), tls=tls) as server:
        bucket = Bucket(account_at(server.endpoint, LONG_TIMEOUT), "pictures")

        assert bucket.get("key").data == b"bytes"
        bucket.put("key", bytes(3_000_000), content_type="image/png")

    assert server.connections == 1


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("size", [0, 5_000_000])
def test_a_kept_connection_that_was_closed_is_replaced_at_once(
    tls: ssl.SSLContext, size: int
) -> None:
    with hostile_server(http(200, close=True), tls=tls) as server:
        bucket = Bucket(
            account_at(server.endpoint, replace(LONG_TIMEOUT, pause_seconds=60)), "pictures"
        )
        bucket.get("key")

        bucket.put("key", bytes(size), content_type="image/png")

    assert server.connections == 2


def test_a_certificate_that_nobody_vouches_for_is_not_spoken_to(tls: ssl.SSLContext) -> None:
    with (
        hostile_server(tls=tls) as server,
        pytest.raises(UnavailableError, match="certificate verify failed"),
    ):
        bucket_at(server).get("key")

    assert server.requests == []


def test_a_server_that_does_not_speak_tls_is_unavailable() -> None:
    with hostile_server(http(400, close=True)) as server:
        endpoint = server.endpoint.replace("http:", "https:")

        with pytest.raises(UnavailableError):
            Bucket(account_at(endpoint, replace(QUICK, connect_seconds=0.3)), "pictures").get("key")
