"""Counters of a deployed stack: whoever uploads and deletes at the same time, they are the records' sum."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from tests.cloud.operator import Operator
from tests.cloud.stack import TIMEOUT_SECONDS, Stack
from tests.pictures import picture
from tintype.imaging import Format

PNG = picture(8, 8, Format.PNG)


def sums(operator: Operator) -> tuple[int, int]:
    """Return how many records are the public's, and the bytes of their originals together."""
    pages = operator.client("dynamodb").get_paginator("scan")
    items: Iterator[dict[str, dict[str, dict[str, dict[str, str]]]]] = (
        item
        for page in pages.paginate(TableName=operator.outputs["ImagesTable"], ConsistentRead=True)
        for item in page["Items"]
        if item.get("owner", {}).get("S") == "public"
    )
    sizes = [int(item["original"]["M"].get("bytes", {}).get("N", "0")) for item in items]
    return len(sizes), sum(sizes)


def counters(stack: Stack) -> tuple[int, int]:
    used = stack.request("GET", "/me").json()["used"]
    return used["images"], used["bytes"]


def test_the_counters_are_the_records_sum_after_uploads_deletions_and_objects_by_hand(
    stack: Stack, operator: Operator
) -> None:
    s3, bucket = operator.client("s3"), operator.outputs["OriginalsBucket"]

    def upload_and_perhaps_delete(number: int) -> None:
        if number % 3 == 2:
            key = f"quota-{number}.png"
            s3.put_object(Bucket=bucket, Key=key, Body=PNG)
            s3.put_object(Bucket=bucket, Key=key, Body=PNG[:-9])  # no picture any more
            return
        image_id = stack.upload(PNG)
        if number % 3:
            stack.ready(image_id)
            stack.request("DELETE", f"/images/{image_id}").raise_for_status()

    before = sums(operator)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(upload_and_perhaps_delete, range(12)))

    deadline = time.monotonic() + TIMEOUT_SECONDS
    while sums(operator)[0] != before[0] + 8 and time.monotonic() < deadline:
        time.sleep(0.2)
    while sums(operator) != counters(stack) and time.monotonic() < deadline:
        time.sleep(0.2)  # a write in between
    assert counters(stack) == sums(operator)
    assert sums(operator)[0] == before[0] + 8
