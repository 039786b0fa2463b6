"""A full gallery, made by the account's owner: copies of processed images under ids of their own."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.cloud.operator import Operator
from tests.cloud.stack import Json, Stack
from tests.pictures import picture
from tintype import keys

SIZES = ((1200, 800), (800, 1200), (1000, 1000), (1600, 900), (900, 700), (1400, 600))
AT_ONCE = 8
BATCH = 25  # records in one request, as DynamoDB has it
START = datetime(2026, 1, 1, tzinfo=UTC)


def fill(stack: Stack, operator: Operator, count: int) -> list[str]:
    """Make *count* processed images, with renditions of their own; return their ids, newest first."""
    table, dynamodb = operator.outputs["ImagesTable"], operator.client("dynamodb")
    shown = [_processed(stack, number) for number in range(len(SIZES))]
    names = [{"id": {"S": image["id"]}} for image in shown]
    records = [dynamodb.get_item(TableName=table, Key=name)["Item"] for name in names]
    copies = [_copied(records[number % len(records)], number) for number in range(count)]
    with ThreadPoolExecutor(AT_ONCE) as people:
        files = [_files(image) for image in shown]
        made = people.map(
            lambda one: _put(operator, files[one[0] % len(files)], one[1]["id"]["S"]),
            enumerate(copies),
        )
        list(made)
    for start in range(0, count, BATCH):
        puts = [{"PutRequest": {"Item": one}} for one in copies[start : start + BATCH]]
        answer = dynamodb.batch_write_item(RequestItems={table: puts})
        assert not answer["UnprocessedItems"]
    for image in shown:
        stack.request("DELETE", f"/images/{image['id']}").raise_for_status()
        stack.when(image["id"], lambda one: one is None)
    return [str(one["id"]["S"]) for one in reversed(copies)]


def empty(operator: Operator, ids: list[str]) -> None:
    """Forget the records again."""
    table, dynamodb = operator.outputs["ImagesTable"], operator.client("dynamodb")
    for start in range(0, len(ids), BATCH):
        gone = [
            {"DeleteRequest": {"Key": {"id": {"S": one}}}} for one in ids[start : start + BATCH]
        ]
        dynamodb.batch_write_item(RequestItems={table: gone})


def _processed(stack: Stack, number: int) -> Json:
    width, height = SIZES[number]
    return stack.ready(stack.upload(picture(width, height, quality=85), "p.jpg", "image/jpeg"))


def _copied(record: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a record like another, made *number* minutes after the start of the year."""
    moment = START + timedelta(minutes=number)
    text = json.dumps(record).replace(record["id"]["S"], keys.new_id(moment))
    said = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    named = {"filename": f"image {number:04}.jpg", "createdAt": said, "updatedAt": said}
    return {**json.loads(text), **{name: {"S": value} for name, value in named.items()}}


def _files(image: Json) -> list[tuple[str, bytes, str]]:
    """Return an image's renditions: what comes after its id in their keys, their bytes, their type."""
    with httpx.Client() as client:
        return [
            (
                one["url"].split(image["id"], 1)[1],
                client.get(one["url"]).raise_for_status().content,
                one["contentType"],
            )
            for one in image["renditions"]
        ]


def _put(operator: Operator, files: list[tuple[str, bytes, str]], image_id: str) -> None:
    for rest, data, kind in files:
        operator.client("s3").put_object(
            Bucket=operator.outputs["RenditionsBucket"],
            Key=f"{image_id}{rest}",
            Body=data,
            ContentType=kind,
            CacheControl="public, max-age=31536000, immutable",
        )
