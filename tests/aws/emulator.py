"""MiniStack as a child process that enforces IAM, on a port of 127.0.0.1 that was free."""

from __future__ import annotations

import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tintype.aws.signing import Credentials

REGION = "eu-central-1"
_READY_SECONDS, _STOP_SECONDS = 60, 10


@dataclass(frozen=True, slots=True)
class Emulator:
    """Where it listens, and the key whose signatures it takes without looking at them."""

    endpoint: str
    root: Credentials


@contextmanager
def emulator(folder: Path) -> Iterator[Emulator]:
    """Run MiniStack with its files in *folder*."""
    port = _free_port()
    root = Credentials("AKIAROOTROOTROOTROOT", secrets.token_hex(20))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "S3_DATA_DIR": str(folder / "s3"),
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": root.access_key,
        "AWS_SECRET_ACCESS_KEY": root.secret_key,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
    }
    # Not MiniStack's own launcher: that one listens on every interface.
    command = [
        sys.executable,
        "-m",
        "hypercorn",
        "--bind",
        f"127.0.0.1:{port}",
        "ministack.app:app",
    ]
    with (folder / "emulator.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            command, env=environment, cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait_until_ready(process, port, folder / "emulator.log")
            yield Emulator(f"http://127.0.0.1:{port}", root)
        finally:
            _stop(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/_ministack/health")
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    message = f"the emulator does not start: {log.read_text(errors='replace')[-2000:]}"
    raise RuntimeError(message)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    try:
        os.killpg(process.pid, signal.SIGKILL)  # the functions that it ran
    except ProcessLookupError:
        return
