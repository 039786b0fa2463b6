"""`tintype backfill` against the deployed stack: a bucket that was there before Tintype."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cloud.operator import Operator
from tests.cloud.running import RunningCloud
from tests.cloud.stack import Stack
from tests.pictures import picture
from tintype import keys

TINTYPE = str(Path(sys.executable).with_name("tintype"))
OLD = "holiday-photographs"


@pytest.fixture
def place(operator: Operator) -> Iterator[str]:
    """Return the address of a bucket that holds nothing yet."""
    s3 = operator.client("s3")
    s3.create_bucket(Bucket=OLD)
    yield f"s3://{OLD}/2026/"
    for entry in s3.list_objects_v2(Bucket=OLD).get("Contents", []):
        s3.delete_object(Bucket=OLD, Key=entry["Key"])
    s3.delete_bucket(Bucket=OLD)


def backfill(cloud: RunningCloud, *arguments: str) -> dict[str, Any]:
    """Run the command in the folder of the local cloud, and return what it prints."""
    done = subprocess.run(  # noqa: S603 - our own command
        [TINTYPE, "backfill", *arguments, "--stack", "local", "--yes", "--json"],
        cwd=_folder(cloud),
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed | {"exit": done.returncode}


def _folder(cloud: RunningCloud) -> Path:
    """Return a folder in which `--stack local` means this cloud."""
    folder = cloud.state / "here"
    folder.mkdir(exist_ok=True)
    link = folder / ".tintype"
    if not link.exists():
        link.symlink_to(cloud.state)
    return folder


def put(operator: Operator, bucket: str, key: str, data: bytes) -> None:
    operator.client("s3").put_object(Bucket=bucket, Key=key, Body=data)


def test_each_object_of_a_foreign_bucket_becomes_an_image_once(
    cloud: RunningCloud, operator: Operator, stack: Stack, place: str, tmp_path: Path
) -> None:
    for number in range(12):
        put(operator, OLD, f"2026/sea side/{number} é.jpg", picture(60 + number, 40))
    put(operator, OLD, "2026/cut.jpg", picture(300, 200)[:2000])
    put(operator, OLD, "2026/notes.txt", b"not an image")
    report = tmp_path / "report.jsonl"

    first = backfill(cloud, place, "--at-once", "6", "--report", str(report))
    second = backfill(cloud, place)

    assert (first["exit"], first["ready"], first["failed"]) == (1, 12, {"truncated_image": 1})
    assert first["passedOver"] == {"not_an_image": 1}
    assert (second["exit"], second["doneBefore"], second["toRender"]) == (0, 13, 0)
    lines = [json.loads(line) for line in report.read_text("utf-8").splitlines()]
    assert {line["key"] for line in lines if line["status"] == "READY"} == {
        f"2026/sea side/{number} é.jpg" for number in range(12)
    }
    one = next(line for line in lines if line["key"] == "2026/sea side/3 é.jpg")
    shown = stack.ready(one["imageId"])
    assert (shown["filename"], shown["original"]["width"]) == ("3 é.jpg", 63)


def test_an_object_that_changed_is_rendered_again_and_a_failed_one_when_asked(
    cloud: RunningCloud, operator: Operator, place: str
) -> None:
    put(operator, OLD, "2026/kept.jpg", picture(61, 41))
    put(operator, OLD, "2026/mended.jpg", picture(310, 200)[:2000])
    assert backfill(cloud, place)["failed"] == {"truncated_image": 1}

    assert backfill(cloud, place)["toRender"] == 0
    assert backfill(cloud, place, "--retry-failed")["toRender"] == 1
    _wait_for_the_next_second()
    put(operator, OLD, "2026/mended.jpg", picture(310, 200))
    mended = backfill(cloud, place)

    assert (mended["ready"], mended["doneBefore"], mended["exit"]) == (1, 1, 0)


def test_what_lay_in_the_originals_bucket_unannounced_is_rendered_where_it_is(
    cloud: RunningCloud, operator: Operator, stack: Stack
) -> None:
    originals = operator.outputs["OriginalsBucket"]
    s3 = operator.client("s3")
    before = s3.get_bucket_notification_configuration(Bucket=originals)
    before.pop("ResponseMetadata")
    s3.put_bucket_notification_configuration(Bucket=originals, NotificationConfiguration={})
    try:
        put(operator, originals, "archive/old.jpg", picture(71, 51))
    finally:
        s3.put_bucket_notification_configuration(Bucket=originals, NotificationConfiguration=before)

    said = backfill(cloud, f"s3://{originals}/archive/")

    assert (said["ready"], said["exit"]) == (1, 0)
    assert stack.ready(keys.derived_id(originals, "archive/old.jpg"))["source"] == "BUCKET"


def test_an_address_without_objects_and_none_at_all_are_refused(
    cloud: RunningCloud, place: str
) -> None:
    assert backfill(cloud, place)["error"]["code"] == "nothing_to_backfill"
    assert backfill(cloud, "holiday/2026")["error"]["code"] == "not_an_s3_address"
    assert backfill(cloud, "s3://no-such-bucket-anywhere/")["error"]["code"] == "not_found"


def _wait_for_the_next_second() -> None:
    """S3 tells whole seconds."""
    time.sleep(1.1)
