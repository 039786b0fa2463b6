"""Whoever owns the account: AWS's own clients, with the key that may do everything."""

from __future__ import annotations

import json
import shlex
from contextlib import ExitStack
from typing import Any

import boto3
import httpx
from botocore import xform_name
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

    def fetch(self, url: str) -> bytes:
        """Return what lies at a pre-signed address."""
        return httpx.get(url).raise_for_status().content

    def run(self, command: str) -> None:
        """Do what a command of AWS's own command line would do, such as the doctor advises."""
        words = shlex.split(command)
        assert words[:5] == ["aws", "--endpoint-url", self._endpoint, "--region", "us-east-1"]
        name, operation, *options = words[5:]
        client = self.client({"s3api": "s3"}.get(name, name))
        method = operation.replace("-", "_")
        shape = client.meta.service_model.operation_model(
            client.meta.method_to_api_mapping[method]
        ).input_shape
        members = {xform_name(member, "-"): member for member in shape.members}
        given: dict[str, Any] = {}
        while options:
            option = options.pop(0).removeprefix("--")
            value = options.pop(0) if options and not options[0].startswith("--") else "true"
            member = members[option]
            given[member] = _typed(shape.members[member].type_name, value)
        getattr(client, method)(**given)

    def change_record(self, image_id: str, **changes: object) -> None:
        """Set attributes of an image's record, which may not be there; strings and whole numbers."""
        self.client("dynamodb").update_item(
            TableName=self.outputs["ImagesTable"],
            Key={"id": {"S": image_id}},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changes),
            ExpressionAttributeNames={f"#{name}": name for name in changes},
            ExpressionAttributeValues={
                f":{name}": {"N" if isinstance(value, int) else "S": str(value)}
                for name, value in changes.items()
            },
        )

    def objects(self, output: str) -> list[str]:
        """Return the keys in the bucket that an output names."""
        answer = self.client("s3").list_objects_v2(Bucket=self.outputs[output])
        return [str(one["Key"]) for one in answer.get("Contents", [])]


def _typed(kind: str, value: str) -> object:
    """Return an option's value as the command line would send it."""
    if kind in {"list", "map", "structure"}:
        try:
            return json.loads(value)
        except ValueError:
            return [value]
    if kind in {"boolean", "integer", "long"}:
        return json.loads(value)
    return value
