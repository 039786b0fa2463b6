"""A stack as its operator reaches it: buckets, queues and a table on the emulator, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3

from tests.aws.emulator import REGION, Emulator
from tests.cli.processed import REVISION
from tintype import keys
from tintype.aws.account import Account
from tintype.aws.attributes import attributes, item_of
from tintype.aws.dynamodb import INDEX, Table
from tintype.aws.s3 import Bucket
from tintype.aws.sqs import Queue
from tintype.images import Image, Manifest, Origin, Original, Source, Status, encode, item
from tintype.records import Records

QUEUES = (
    "Process",
    "Background",
    "ProcessFailed",
    "ProcessDeadLetter",
    "Catalogue",
    "CatalogueDeadLetter",
)


@dataclass(frozen=True, slots=True)
class Cloud:
    """A stack's resources, and what the tests put into them."""

    server: Emulator
    outputs: Mapping[str, str]
    account: Account

    def queue(self, name: str) -> Queue:
        return Queue(self.account, self.outputs[f"{name}QueueUrl"])

    @property
    def originals(self) -> Bucket:
        return Bucket(self.account, self.outputs["OriginalsBucket"])

    @property
    def renditions(self) -> Bucket:
        return Bucket(self.account, self.outputs["RenditionsBucket"])

    @property
    def table(self) -> Table:
        return Table(self.account, self.outputs["ImagesTable"], self.outputs["AccessTable"])

    def bodies(self, name: str) -> list[dict[str, Any]]:
        """Take out what lies in a queue."""
        messages = self.queue(name).receive(visibility_seconds=0)
        for message in messages:
            self.queue(name).delete(message.receipt)
        return [json.loads(message.body) for message in messages]

    def write_manifest(self, image: Image) -> None:
        origin = Origin(
            bucket="b",
            key=image.original.key,
            etag=None,
            sequencer="01",
        )
        self.renditions.put(
            keys.manifest_key(image.id),
            encode(Manifest(image=image, origin=origin)),
            content_type="application/json",
        )

    def write_record(self, image: Image) -> None:
        Records(self.table).put_newer(item(image))

    def has_record(self, image: Image) -> bool:
        """Whether the table has an image as its manifest has it."""
        found = self.table.get(image.id)
        return found is not None and found == item_of(attributes(item(image)))

    def write_original(self, image: Image) -> None:
        self.originals.put(image.original.key, b"bytes", content_type="image/jpeg")


def resources(server: Emulator, name: str) -> dict[str, str]:
    s3, sqs, dynamodb = (client(server, service) for service in ("s3", "sqs", "dynamodb"))
    place: Any = {"LocationConstraint": REGION}
    for bucket in ("originals", "renditions"):
        s3.create_bucket(Bucket=f"{name}-{bucket}", CreateBucketConfiguration=place)
    for table in (name, f"{name}-access"):
        dynamodb.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[
                {"AttributeName": attribute, "AttributeType": "S"}
                for attribute in ("id", "owner", "createdAt")
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": INDEX,
                    "KeySchema": [
                        {"AttributeName": "owner", "KeyType": "HASH"},
                        {"AttributeName": "createdAt", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
    urls = {
        f"{queue}QueueUrl": sqs.create_queue(QueueName=f"{name}-{queue}")["QueueUrl"]
        for queue in QUEUES
    }
    return {
        "OriginalsBucket": f"{name}-originals",
        "RenditionsBucket": f"{name}-renditions",
        "ImagesTable": name,
        "AccessTable": f"{name}-access",
        **urls,
    }


def client(server: Emulator, service: str) -> Any:
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=server.endpoint,
        aws_access_key_id=server.root.access_key,
        aws_secret_access_key=server.root.secret_key,
    )


def image(version: int = 3, **changes: Any) -> Image:
    image_id = keys.new_id(datetime.now(UTC))
    facts: dict[str, Any] = {
        "id": image_id,
        "version": version,
        "status": Status.READY,
        "filename": "beach.jpg",
        "source": Source.UPLOAD,
        "original": Original(key=keys.original_key(image_id, "beach.jpg")),
        "presets_revision": REVISION,
        "created_at": "2026-11-21T10:00:00.123Z",
        "updated_at": "2026-11-21T10:00:01.123Z",
    }
    return Image(**facts | changes)


def event(bucket: str, key: str) -> str:
    s3 = {"bucket": {"name": bucket}, "object": {"key": key, "sequencer": "01"}}
    return json.dumps({"Records": [{"eventName": "ObjectCreated:Put", "s3": s3}]})
