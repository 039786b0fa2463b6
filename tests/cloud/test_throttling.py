"""Throttling is not failure: Lambda does not start the function for a while, and no image is forgotten.

With an account's concurrency used up, a message is received, hidden, and counts as tried.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest

from tests.cloud.operator import Operator
from tests.cloud.running import RunningCloud, running_cloud
from tests.cloud.stack import TIMEOUT_SECONDS, Stack
from tests.cloud.test_chaos import SETTINGS, command, dead_letters
from tests.pictures import picture
from tintype.config.service import Service
from tintype.imaging import Format

IMAGES = 80
AT_ONCE = 8
HIDDEN_SECONDS = 1  # instead of six times the function's timeout
LONG_SECONDS = 240.0
MAX_TRIES = Service().max_tries
EVERY_TRY = 1_000  # a message that is received again meanwhile shows a try too many


@pytest.fixture(scope="module")
def throttled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    folder = tmp_path_factory.mktemp("throttled")
    config = folder / "settings.toml"
    config.write_text(SETTINGS, encoding="utf-8")
    program = (sys.executable, "-m", "tests.cloud.throttled", "--config", str(config))
    with running_cloud(folder / ".tintype", program) as running:
        yield running


@pytest.fixture(scope="module")
def owner(throttled: RunningCloud) -> Iterator[Operator]:
    with ExitStack() as closing:
        operator = Operator(throttled, closing)
        operator.client("sqs").set_queue_attributes(
            QueueUrl=operator.outputs["ProcessQueueUrl"],
            Attributes={"VisibilityTimeout": str(HIDDEN_SECONDS)},
        )
        yield operator


@pytest.fixture
def stack(throttled: RunningCloud) -> Iterator[Stack]:
    with httpx.Client(timeout=TIMEOUT_SECONDS) as client:
        yield Stack(throttled.outputs, client)


def refuse(throttled: RunningCloud, tries: int) -> None:
    (throttled.state / "refused").write_text(str(tries), "utf-8")


@pytest.mark.usefixtures("owner")
def test_all_uploads_end_although_no_function_is_started_at_first(
    throttled: RunningCloud, stack: Stack
) -> None:
    """The first half is never started at all: its tries are over before the account has room again."""
    data = picture(12, 9, Format.PNG)
    refuse(throttled, EVERY_TRY)
    with ThreadPoolExecutor(AT_ONCE) as people:
        lost = list(people.map(lambda _: stack.upload(data), range(IMAGES // 2)))
        given_up = [stack.ended(one, LONG_SECONDS) for one in lost]
        refuse(throttled, MAX_TRIES - 1)
        late = list(people.map(lambda _: stack.upload(data), range(IMAGES // 2)))
        ended = [stack.ended(one, LONG_SECONDS) for one in late]

    assert Counter(one["status"] for one in given_up) == {"FAILED": IMAGES // 2}
    assert {one["failure"]["code"] for one in given_up} == {"not_processed"}
    assert all(one["failure"]["retryable"] for one in given_up)
    assert {one["status"] for one in ended} <= {"READY", "FAILED"}
    assert len({one["id"] for one in (*given_up, *ended)}) == IMAGES
    last = [stack.when(one, lambda it: it is not None and it["status"] == "READY") for one in late]
    assert len(last) == IMAGES // 2


def test_what_was_never_started_says_so_and_is_ready_after_a_redrive(
    throttled: RunningCloud, owner: Operator, stack: Stack
) -> None:
    refuse(throttled, EVERY_TRY)
    before = dead_letters(owner)
    image_id = stack.upload(picture(12, 9, Format.PNG))

    failed = stack.ended(image_id)

    assert (failed["status"], failed["failure"]["code"]) == ("FAILED", "not_processed")
    item = owner.client("dynamodb").get_item(
        TableName=owner.outputs["ImagesTable"], Key={"id": {"S": image_id}}
    )["Item"]
    assert "expires" not in item
    refuse(throttled, 0)
    assert dead_letters(owner) >= before + 1
    moved = command(throttled, "redrive")["messages"]
    assert image_id in {one["imageId"] for one in moved}
    stack.when(image_id, lambda one: one is not None and one["status"] == "READY")
