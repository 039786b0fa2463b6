"""moto's server with the stack's buckets, queues and table, and the functions beside it.

A second emulator, whose authors know nothing of Tintype. It has no AppSync to publish to: each
announcement fails, which must not keep an image from being recorded.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3

from tests.functions.aws_events import Event, batch_of, http_event, message
from tests.functions.stack import ApiResponse
from tintype.aws.dynamodb import INDEX, NAME_INDEX
from tintype.functions import api, catalogue, process
from tintype.images import OWNER_FILENAME

REGION = "eu-central-1"
ORIGINALS, RENDITIONS, TABLE = "moto-originals", "moto-renditions", "moto-images"
ACCESS_TABLE = "moto-access"
KEY = {"AWS_ACCESS_KEY_ID": "AKIAMOTOMOTOMOTOMOTO", "AWS_SECRET_ACCESS_KEY": "moto"}
_READY_SECONDS = 60
_BY_OWNER = {"owner": "HASH", "createdAt": "RANGE"}
_MANIFESTS = {
    "Key": {"FilterRules": [{"Name": "suffix", "Value": "manifest.json"}]},
}

Handler = Callable[[Event, object], dict[str, object]]


@contextmanager
def moto_server(folder: Path) -> Iterator[str]:
    """Run moto's server on a free port of 127.0.0.1; yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "moto.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            command, env=os.environ | KEY, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait_until_it_answers(process, port, folder / "moto.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    message = f"moto does not start: {log.read_text(errors='replace')[-2000:]}"
    raise RuntimeError(message)


@dataclass(frozen=True, slots=True)
class MotoStack:
    """The resources that the functions are told of, and Lambda's part: messages become calls."""

    endpoint: str
    queues: Mapping[str, str]

    @classmethod
    def made(cls, endpoint: str) -> MotoStack:
        """Make the buckets with their notifications, the queues and the table."""
        stack = cls(endpoint, {})
        queues = {
            name: stack.client("sqs").create_queue(QueueName=name)
            for name in ("process", "background", "catalogue")
        }
        stack = cls(endpoint, {name: found["QueueUrl"] for name, found in queues.items()})
        stack._make_bucket(ORIGINALS, "process", {})
        stack._make_bucket(RENDITIONS, "catalogue", {"Filter": _MANIFESTS})
        stack._make_table()
        stack._make_access_table()
        return stack

    @property
    def environment(self) -> dict[str, str]:
        """What the template tells the three functions, and Lambda them all."""
        return KEY | {
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint,
            "TINTYPE_ORIGINALS_BUCKET": ORIGINALS,
            "TINTYPE_RENDITIONS_BUCKET": RENDITIONS,
            "TINTYPE_IMAGES_TABLE": TABLE,
            "TINTYPE_PROCESS_QUEUE_URL": self.queues["process"],
            "TINTYPE_BACKGROUND_QUEUE_URL": self.queues["background"],
            "TINTYPE_CATALOGUE_QUEUE_URL": self.queues["catalogue"],
            "TINTYPE_PROCESS_FUNCTION": "process",
            "TINTYPE_GRAPHQL_URL": f"{self.endpoint}/graphql",
            "TINTYPE_PUBLIC_URL": "https://cdn.example",
            "TINTYPE_ORIGINALS_READABLE": "true",
            "TINTYPE_TICKET_MINUTES": "15",
            "TINTYPE_MAX_TRIES": "5",
            "TINTYPE_RETRY_SECONDS": "90",
            "TINTYPE_PROCESS_FAILED_QUEUE_ARN": "arn:aws:sqs:us-east-1:123456789012:failed",
            "TINTYPE_SWEEP_SECONDS": "900",
            "TINTYPE_PROCESS_SLOTS": "10",
            "TINTYPE_BUCKET_OWNER": "public",
            "TINTYPE_VISIBILITY": "public",
            "TINTYPE_DISTRIBUTION": "E2EXAMPLE",
            "TINTYPE_ACCESS_TABLE": ACCESS_TABLE,
            "TINTYPE_QUOTA_BYTES": "0",
            "TINTYPE_QUOTA_IMAGES": "0",
            "TINTYPE_QUOTA_REQUESTS": "0",
            "TINTYPE_ACCESS_MODE": "open",
            "TINTYPE_ANYONE": "read,upload,delete",
            "TINTYPE_ADMIN_GROUP": "admin",
            "TINTYPE_GROUPS_CLAIM": "cognito:groups",
        }

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id=KEY["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEY["AWS_SECRET_ACCESS_KEY"],
        )

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        query: str = "",
        subject: str | None = None,
        key: str = "",
    ) -> ApiResponse:
        """Send a request to the api function: as *subject*, or with an API key."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {key}"} if key else {}
        asked = http_event(method, path, query=query, headers=headers, body=data, subject=subject)
        response = api.handler(asked, None)
        return ApiResponse(
            status=int(str(response["statusCode"])),
            headers={},
            body=str(response["body"]),
        )

    def put(self, url: str, headers: Mapping[str, str], data: bytes) -> int:
        """Send the signed PUT of a ticket as a client does; return the status."""
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=30)
        try:
            connection.request("PUT", f"{parts.path}?{parts.query}", data, dict(headers))
            return connection.getresponse().status
        finally:
            connection.close()

    def settle(self) -> None:
        """Give every message to its function, those included that they cause."""
        while self._deliver("process", process.handler) or self._deliver(
            "catalogue", catalogue.handler
        ):
            pass

    def _deliver(self, name: str, handler: Handler) -> int:
        sqs, url = self.client("sqs"), self.queues[name]
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"])
        messages = found.get("Messages", [])
        for one in messages:
            said = handler(batch_of(message(one["Body"], id=one["MessageId"])), None)
            assert said == {"batchItemFailures": []}
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return len(messages)

    def _make_bucket(self, name: str, queue: str, facts: Mapping[str, object]) -> None:
        s3, arn = self.client("s3"), f"arn:aws:sqs:{REGION}:123456789012:{queue}"
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        told = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"], **facts}
        s3.put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration={"QueueConfigurations": [told]}
        )

    def _make_access_table(self) -> None:
        self.client("dynamodb").create_table(
            TableName=ACCESS_TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("id", *_BY_OWNER)
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": INDEX,
                    "KeySchema": [
                        {"AttributeName": name, "KeyType": kind} for name, kind in _BY_OWNER.items()
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )

    def _make_table(self) -> None:
        self.client("dynamodb").create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"}
                for name in ("id", "owner", OWNER_FILENAME, "createdAt")
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": INDEX,
                    "KeySchema": [
                        {"AttributeName": "owner", "KeyType": "HASH"},
                        {"AttributeName": "createdAt", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                },
                {
                    "IndexName": NAME_INDEX,
                    "KeySchema": [
                        {"AttributeName": OWNER_FILENAME, "KeyType": "HASH"},
                        {"AttributeName": "createdAt", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                },
            ],
        )
