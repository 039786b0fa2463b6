"""Nothing lost, nothing doubled: many images through the deployed stack on a bad day.

`make test` sends 80, `make chaos` 500.

Functions are killed, DynamoDB, AppSync, S3 and SQS refuse them or lose their answers, and messages come
late, twice and out of order. `tests/test_event_path.py` proves the same with far more interleavings.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from tests.cloud.gremlin import Gremlin
from tests.cloud.operator import Operator
from tests.cloud.running import RunningCloud, running_cloud
from tests.cloud.stack import TIMEOUT_SECONDS, Stack
from tests.pictures import picture
from tintype import keys
from tintype.imaging import Format

IMAGES = int(os.environ.get("TINTYPE_CHAOS_IMAGES") or "80")
SEED = 20261121
AT_ONCE = 8
RETRY_SECONDS = 6  # instead of minutes; a function that takes longer meets its own double
SOON_SECONDS = 5  # until what failed by itself comes again
STUCK = 4  # times as long without one message fewer: then it was too short
LONGEST_RETRY_SECONDS = 48
QUIET_SECONDS = 480.0
QUEUES = ("ProcessQueueUrl", "ProcessFailedQueueUrl", "CatalogueQueueUrl")
BROKEN = b"\x89PNG\r\n\x1a\n this is where the picture should be"
SETTINGS = """
[service]
sweep_seconds = 1

[presets.thumb]
width = 8
height = 8
formats = ["webp"]

[presets.processed]
width = 16
formats = ["jpeg"]
"""
PRESETS = 2


@dataclass
class Life:
    """What was done with one image, and what must come of it: bytes, or None if it is deleted."""

    key: str
    image_id: str
    last: bytes | None


@dataclass
class Versions:
    """Every version that the table was ever seen to have of an image."""

    seen: dict[str, list[int]] = field(default_factory=dict)

    def look(self, dynamodb: Any, table: str) -> None:
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                self.seen.setdefault(item["id"]["S"], []).append(int(item["version"]["N"]))


@pytest.fixture(scope="module")
def chaotic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    folder = tmp_path_factory.mktemp("chaos")
    config = folder / "settings.toml"
    config.write_text(SETTINGS, encoding="utf-8")
    command = (sys.executable, "-m", "tests.cloud.chaotic", "--config", str(config))
    with running_cloud(folder / ".tintype", command) as running:
        yield running


@pytest.fixture(scope="module")
def owner(chaotic: RunningCloud) -> Iterator[Operator]:
    with ExitStack() as closing:
        operator = Operator(chaotic, closing)
        retry_soon(operator)
        yield operator


def retry_soon(owner: Operator) -> None:
    """Have what failed come again sooner than the setting allows: nobody else is waited for here."""
    functions = owner.client("lambda")
    for output in ("ProcessFunction", "CatalogueFunction"):
        name = owner.outputs[output]
        known = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        assert int(known["TINTYPE_RETRY_SECONDS"]) >= 30, "the least that the setting allows"
        variables = known | {"TINTYPE_RETRY_SECONDS": str(SOON_SECONDS)}
        functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": variables}
        )


def small(dice: Random) -> bytes:
    return picture(dice.randrange(5, 40), dice.randrange(5, 40), Format.PNG)


def patiently(work: Any) -> Any:
    """Do as any client does: try again when a server is in trouble."""
    for _ in range(20):
        answer = work()
        if answer.status_code < 500:
            return answer
        time.sleep(0.2)
    raise AssertionError(answer.text)


def upload(stack: Stack, data: bytes, name: str) -> Life:
    wanted = {"filename": name, "contentType": "image/png", "size": len(data)}
    ticket = patiently(lambda: stack.request("POST", "/uploads", json=wanted)).json()
    assert stack.put(ticket, data).status_code == 200
    image_id = str(ticket["imageId"])
    return Life(keys.original_key(image_id, name), image_id, data)


def live(stack: Stack, owner: Operator, number: int) -> Life:
    """Do with one image what people do."""
    dice = Random(SEED + number)
    first, name = small(dice) if number % 7 else BROKEN, f"{number}.png"
    bucket = owner.outputs["OriginalsBucket"]
    if number % 3:
        life = upload(stack, first, name)
    else:
        key = f"put by hand/{number} + ü.png"
        owner.client("s3").put_object(Bucket=bucket, Key=key, Body=first)
        life = Life(key, keys.image_id(bucket, key), first)
    fate = dice.choice(["leave", "leave", "leave", "overwrite", "delete", "reborn"])
    if fate == "leave":
        return life
    time.sleep(dice.choice([0, 0.3, 2]))
    if fate in {"delete", "reborn"}:
        owner.client("s3").delete_object(Bucket=bucket, Key=life.key)
        life.last = None
    if fate in {"overwrite", "reborn"}:
        again = small(dice)
        owner.client("s3").put_object(Bucket=bucket, Key=life.key, Body=again)
        if not keys.is_ours(life.key):  # a ticket's key takes one upload
            life.last = again
    return life


def queued(owner: Operator) -> dict[str, int]:
    """Return how many messages the queues have that are not empty, in flight and delayed ones too.

    The catalogue's delayed ones are about tickets, and come when those have ended.
    """
    found = {}
    for queue in QUEUES:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        if queue != "CatalogueQueueUrl":
            names.append("ApproximateNumberOfMessagesDelayed")
        said = owner.client("sqs").get_queue_attributes(
            QueueUrl=owner.outputs[queue], AttributeNames=names
        )
        found[queue] = sum(int(number) for number in said["Attributes"].values())
    return {queue: number for queue, number in found.items() if number}


def hide_messages(owner: Operator, seconds: int) -> None:
    """Have messages that a function has received come again after *seconds* if it does not end."""
    for name in QUEUES:
        owner.client("sqs").set_queue_attributes(
            QueueUrl=owner.outputs[name], Attributes={"VisibilityTimeout": str(seconds)}
        )


def hidden_seconds(owner: Operator) -> int:
    """Return for how long messages are hidden now."""
    said = owner.client("sqs").get_queue_attributes(
        QueueUrl=owner.outputs[QUEUES[0]], AttributeNames=["VisibilityTimeout"]
    )
    return int(said["Attributes"]["VisibilityTimeout"])


def wait_until_quiet(owner: Operator) -> None:
    """Wait until no message is left, for as long as they become fewer.

    On a machine where a function takes longer than its messages are hidden, the same ones come for
    ever: where they do not become fewer, they are hidden for longer from then on.
    """
    hidden, fewest, since = hidden_seconds(owner), sum(queued(owner).values()), time.monotonic()
    while left := queued(owner):
        stuck = time.monotonic() - since
        if sum(left.values()) < fewest:
            fewest, since = sum(left.values()), time.monotonic()
        elif stuck > hidden * STUCK and hidden < LONGEST_RETRY_SECONDS:
            hidden *= 2
            hide_messages(owner, hidden)
        assert stuck < QUIET_SECONDS, f"messages are left: {left}"
        time.sleep(0.5)


def command(cloud: RunningCloud, *words: str) -> dict[str, Any]:
    """Run an operator's command on the stack, from its state folder's parent."""
    tintype = Path(sys.executable).with_name("tintype")
    done = subprocess.run(  # noqa: S603 - our own program
        [tintype, *words, "--stack", "local", "--json"],
        cwd=cloud.state.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def dead_letters(owner: Operator) -> int:
    return sum(
        int(
            owner.client("sqs").get_queue_attributes(
                QueueUrl=owner.outputs[queue], AttributeNames=["ApproximateNumberOfMessages"]
            )["Attributes"]["ApproximateNumberOfMessages"]
        )
        for queue in ("ProcessDeadLetterQueueUrl", "CatalogueDeadLetterQueueUrl")
    )


def test_images_end_right_on_a_bad_day(
    chaotic: RunningCloud,
    owner: Operator,
    record_property: Any,
    request: pytest.FixtureRequest,
) -> None:
    assert IMAGES >= 1
    sqs, outputs = owner.client("sqs"), owner.outputs
    owner.client("dynamodb")
    owner.client("s3")
    hide_messages(owner, RETRY_SECONDS)
    gremlins = [
        Gremlin(sqs, outputs[name], SEED) for name in ("ProcessQueueUrl", "CatalogueQueueUrl")
    ]
    versions, over = Versions(), threading.Event()

    def watch() -> None:
        while not over.wait(0.5):
            versions.look(owner.client("dynamodb"), outputs["ImagesTable"])

    watcher = threading.Thread(target=watch, daemon=True)

    def stop_watching() -> None:
        over.set()
        watcher.join()

    watcher.start()
    request.addfinalizer(stop_watching)
    for gremlin in gremlins:
        gremlin.start()

    with httpx.Client(timeout=TIMEOUT_SECONDS) as client, ThreadPoolExecutor(AT_ONCE) as people:
        stack = Stack(outputs, client)
        lives = list(people.map(lambda number: live(stack, owner, number), range(IMAGES)))
    time.sleep(5)
    for gremlin in gremlins:
        gremlin.stop()
    wait_until_quiet(owner)
    (chaotic.state / "calm").touch()
    buried = dead_letters(owner)
    failed_before = _assert_all_ended(owner, lives, buried)
    if buried:
        command(chaotic, "redrive")
        wait_until_quiet(owner)
    stop_watching()
    versions.look(owner.client("dynamodb"), outputs["ImagesTable"])

    record_property("dead letters", buried)
    record_property("meddled", [dict(gremlin.done) for gremlin in gremlins])
    assert not dead_letters(owner)
    bodies = _bodies(owner)
    for life in lives:
        _assert_ended_right(bodies, life)
    for seen in versions.seen.values():
        assert seen == sorted(seen), "a version went back"
    assert failed_before >= 0
    index = command(chaotic, "reindex", "--dry-run")
    assert index["changed"] == index["added"] == 0, index


def test_an_original_that_kills_its_function_fails_visibly_and_can_be_redriven(
    chaotic: RunningCloud, owner: Operator
) -> None:
    (chaotic.state / "calm").touch()
    hide_messages(owner, hidden_seconds(owner) // 3)
    with httpx.Client(timeout=TIMEOUT_SECONDS) as client:
        stack = Stack(owner.outputs, client)
        image_id = upload(stack, small(Random(1)), "poison.png").image_id
        wait_until_quiet(owner)
        failed = stack.image(image_id)
        assert failed is not None
        assert failed["status"] == "FAILED"
        assert failed["failure"]["code"] == "processing_crashed"
        assert failed["failure"]["retryable"]
        assert dead_letters(owner) == 1

        (chaotic.state / "cured").touch()
        moved = command(chaotic, "redrive")["messages"]
        assert [(one["imageId"], one["moved"]) for one in moved] == [(image_id, True)]

        stack.when(image_id, lambda one: one is not None and one["status"] == "READY")
        assert dead_letters(owner) == 0


def _assert_all_ended(owner: Operator, lives: list[Life], buried: int) -> int:
    """Before anybody mends anything: READY, FAILED with a reason, or among the dead letters."""
    table = owner.client("dynamodb")
    unfinished = []
    for life in lives:
        found = table.get_item(
            TableName=owner.outputs["ImagesTable"], Key={"id": {"S": life.image_id}}
        ).get("Item")
        if found is None or found["status"]["S"] not in {"READY", "FAILED", "DELETED"}:
            unfinished.append((life, found and found["status"]["S"]))
        elif found["status"]["S"] == "FAILED":
            assert found["failure"]["M"]["code"]["S"]
    assert len(unfinished) <= buried, f"no dead letter tells of {unfinished}"
    return len(unfinished)


def _bodies(owner: Operator) -> dict[str, bytes]:
    """Return everything in the renditions bucket; only the manifests' bytes."""
    s3, bucket = owner.client("s3"), owner.outputs["RenditionsBucket"]
    found: dict[str, bytes] = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", []):
            key = entry["Key"]
            manifest = key.endswith("/manifest.json")
            found[key] = s3.get_object(Bucket=bucket, Key=key)["Body"].read() if manifest else b""
    return found


def _assert_ended_right(bodies: dict[str, bytes], life: Life) -> None:
    manifest = keys.manifest_key(life.image_id)
    assert manifest in bodies, "an image was lost"
    image = json.loads(bodies[manifest])["image"]
    if life.last is None:
        assert image["status"] == "DELETED"
    elif life.last is BROKEN:
        assert (image["status"], image["failure"]["code"]) == ("FAILED", "truncated_image")
    else:
        assert image["status"] == "READY", image["failure"]
        assert image["original"]["sha256"] == hashlib.sha256(life.last).hexdigest()
        assert len(image["renditions"]) == PRESETS
    there = sorted(key for key in bodies if key.startswith(f"{life.image_id}/"))
    named = sorted([manifest, *(one["key"] for one in image["renditions"])])
    assert there == named, "a rendition is missing, or one too many"
