"""Counters of a deployed stack: whoever uploads and deletes at the same time, they are the records' sum."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.cloud.operator import Operator
from tests.cloud.stack import TIMEOUT_SECONDS, Stack
from tests.pictures import picture
from tintype.imaging import Format

PNG = picture(8, 8, Format.PNG)


def records(operator: Operator) -> list[dict[str, Any]]:
    """Return the `original` of every record that is the public's."""
    pages = operator.client("dynamodb").get_paginator("scan")
    return [
        item["original"]["M"]
        for page in pages.paginate(TableName=operator.outputs["ImagesTable"], ConsistentRead=True)
        for item in page["Items"]
        if item.get("owner", {}).get("S") == "public"
    ]


def sums(operator: Operator) -> tuple[int, int]:
    """Return how many records are the public's, and the bytes of their originals together."""
    sizes = [int(original.get("bytes", {}).get("N", "0")) for original in records(operator)]
    return len(sizes), sum(sizes)


def names(operator: Operator) -> set[str]:
    """Return the names of this test's originals, whatever others on this stack still delete."""
    keys = [original["key"]["S"] for original in records(operator)]
    return {key.rpartition("/")[2] for key in keys if "quota-" in key}


def counters(stack: Stack) -> tuple[int, int]:
    used = stack.request("GET", "/me").json()["used"]
    return used["images"], used["bytes"]


def test_the_counters_are_the_records_sum_after_uploads_deletions_and_objects_by_hand(
    stack: Stack, operator: Operator
) -> None:
    s3, bucket = operator.client("s3"), operator.outputs["OriginalsBucket"]

    def upload_and_perhaps_delete(number: int) -> None:
        key = f"quota-{number}.png"
        if number % 3 == 2:
            s3.put_object(Bucket=bucket, Key=key, Body=PNG)
            s3.put_object(Bucket=bucket, Key=key, Body=PNG[:-9])  # no picture any more
            return
        image_id = stack.upload(PNG, key)
        if number % 3:
            stack.ready(image_id)
            stack.request("DELETE", f"/images/{image_id}").raise_for_status()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(upload_and_perhaps_delete, range(12)))

    left = {f"quota-{number}.png" for number in range(12) if number % 3 != 1}
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while names(operator) != left and time.monotonic() < deadline:
        time.sleep(0.2)
    while sums(operator) != counters(stack) and time.monotonic() < deadline:
        time.sleep(0.2)  # a write in between
    assert counters(stack) == sums(operator)
    assert names(operator) == left
