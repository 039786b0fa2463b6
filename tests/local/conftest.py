"""A local cloud with a small stack, in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.local.aws_client import SCRIPT, install
from tests.local.template import write_release
from tintype.aws.signing import Credentials
from tintype.local.state import LocalAddress, find_address

START_SECONDS = 40


@dataclass
class Served:
    """A local cloud that runs elsewhere; it can be stopped in peace or killed, and started again."""

    state: Path
    release: Path
    process: subprocess.Popen[str] | None = None

    def start(self) -> LocalAddress:
        command = [sys.executable, "-m", "tests.local.serve", str(self.state), str(self.release)]
        self.process = subprocess.Popen(  # noqa: S603
            command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            address = find_address(self.state)
            if address:
                return address
            time.sleep(0.05)
        self.process.kill()
        raise AssertionError(self.process.communicate()[0])

    def end(self, how: signal.Signals = signal.SIGTERM) -> str:
        assert self.process
        self.process.send_signal(how)
        said, _ = self.process.communicate(timeout=40)
        return said


@dataclass(frozen=True)
class Cloud:
    """Where the shared cloud is, and clients for it."""

    address: LocalAddress

    @property
    def outputs(self) -> Any:
        return self.address.outputs

    def client(
        self,
        service: str,
        credentials: Credentials | None = None,
        settings: Config | None = None,
    ) -> Any:
        usual = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
        key = credentials or self.address.credentials
        return boto3.client(
            service,
            endpoint_url=self.address.endpoint,
            region_name=self.address.region,
            aws_access_key_id=key.access_key,
            aws_secret_access_key=key.secret_key,
            config=usual.merge(settings) if settings else usual,
        )

    @cached_property
    def watcher(self) -> Credentials:
        return self._key_of("Watcher")

    @cached_property
    def stranger(self) -> Credentials:
        return self._key_of("Stranger")

    def _key_of(self, user: str) -> Credentials:
        made = self.client("iam").create_access_key(UserName=self.outputs[user])["AccessKey"]
        return Credentials(made["AccessKeyId"], made["SecretAccessKey"])


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A cloud of the test's own, not yet started."""
    served = Served(tmp_path / "state", write_release(tmp_path / "release"))
    yield served
    if served.process and served.process.poll() is None:
        served.end()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A cloud that a module's tests share."""
    folder = tmp_path_factory.mktemp("cloud")
    served = Served(folder / "state", write_release(folder / "release"))
    yield Cloud(served.start())
    served.end()


@pytest.fixture(scope="session")
def installed_client() -> Path:
    """The script that speaks with AWS's own client."""
    failure = install()
    if failure:
        pytest.skip(f"npm cannot install AWS's client here: {failure}")
    return SCRIPT
