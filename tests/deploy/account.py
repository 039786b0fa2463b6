"""An emulated account: its endpoint, its owner's key, and what a tool or a browser needs to use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import httpx
from botocore.config import Config

from tests.deploy.emulator import READY
from tintype.local.state import ACCOUNT, REGION

START_SECONDS = 60.0
STOP_SECONDS = 60.0
# Path style: the bucket's name before the emulator's would be a host that nobody resolves.
_CONFIG = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1})


@dataclass
class Account:
    """An account of which IAM is enforced, and its owner's key."""

    folder: Path
    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str = REGION
    number: str = ACCOUNT
    closing: ExitStack = field(default_factory=ExitStack, repr=False)
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)

    def environment(self, **more: str) -> dict[str, str]:
        """Return the variables by which the AWS CLI, Terraform, boto3 and we find the account.

        Nothing of this machine's own AWS settings is in them.
        """
        inherited = {
            name: text
            for name, text in os.environ.items()
            if not name.startswith(("AWS_", "TF_", "TINTYPE_"))
        }
        return {
            **inherited,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_CONFIG_FILE": str(self.folder / "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "no-credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            **more,
        }

    def client(self, name: str) -> Any:
        """Return boto3's client of a service, as the account's owner; boto3 has no types."""
        if name not in self._clients:
            client = boto3.client(
                name,
                endpoint_url=self.endpoint,
                region_name=self.region,
                aws_access_key_id=self.access_key,
                aws_secret_access_key=self.secret_key,
                config=_CONFIG,
            )
            self.closing.callback(client.close)
            self._clients[name] = client
        return self._clients[name]

    def browser(self) -> httpx.Client:
        """Return an HTTP client for which every host of AWS is this account's emulator.

        So the stack's addresses are used as they are: `https://d123.cloudfront.net/api/images`.
        """
        client = httpx.Client(transport=_Hosts(self.endpoint), timeout=60.0)
        self.closing.callback(client.close)
        return client


class _Hosts(httpx.BaseTransport):
    """Connects to the emulator whatever the address, and lets the `Host` header say the address."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = httpx.URL(endpoint)
        self._network = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        there = self._endpoint
        request.url = request.url.copy_with(scheme=there.scheme, host=there.host, port=there.port)
        return self._network.handle_request(request)

    def close(self) -> None:
        self._network.close()


@contextmanager
def empty_account(folder: Path) -> Iterator[Account]:
    """Start an emulator that keeps its state in *folder*, and stop it.

    Raises:
        RuntimeError: it does not start; the message is its log.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "process.log"
    with log.open("wb") as written:
        child = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "tests.deploy.emulator", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        known = _when_ready(folder / READY, child, log)
        with ExitStack() as closing:
            yield Account(
                folder=folder,
                endpoint=known["endpoint"],
                access_key=known["access_key"],
                secret_key=known["secret_key"],
                closing=closing,
            )
    finally:
        child.terminate()
        child.wait(STOP_SECONDS)


def _when_ready(ready: Path, child: subprocess.Popen[bytes], log: Path) -> Mapping[str, str]:
    deadline = time.monotonic() + START_SECONDS
    while not ready.exists():
        if child.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text(encoding="utf-8", errors="replace"))
        time.sleep(0.05)
    known: dict[str, str] = json.loads(ready.read_text())
    return known
