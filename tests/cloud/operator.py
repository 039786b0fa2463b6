"""Whoever owns the account: AWS's own clients, with the key that may do everything."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import boto3
from botocore.config import Config

from tests.cloud.running import RunningCloud

# Path style: the bucket's name before the emulator's would be a host that nobody resolves.
_CONFIG = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1})


class Operator:
    """Clients of the local cloud's services by name, closed when *closing* is."""

    def __init__(self, cloud: RunningCloud, closing: ExitStack) -> None:

        self.outputs = cloud.outputs
        self._endpoint, self._closing = cloud.endpoint, closing
        self._clients: dict[str, Any] = {}
        self._session = boto3.Session(
            aws_access_key_id=cloud.access_key,
            aws_secret_access_key=cloud.secret_key,
            region_name=cloud.outputs["Region"],
        )

    def client(self, name: str) -> Any:
        """Return boto3's client of a service; boto3 has no types."""
        if name not in self._clients:
            client = self._session.client(name, endpoint_url=self._endpoint, config=_CONFIG)
            self._closing.callback(client.close)
            self._clients[name] = client
        return self._clients[name]
