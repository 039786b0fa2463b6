"""Manifests that nobody can read: the others are recorded, and the image can be had again."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.foreign import KINDS, foreign_manifests
from tests.functions.aws_events import batch_of, message
from tests.functions.batches import failed, give_up, manifests_of, processed, put
from tests.functions.lines import Log
from tests.functions.stack import BROKEN, Stack, original
from tintype import keys
from tintype.functions import catalogue, process
from tintype.images import Status, from_document


@pytest.mark.parametrize("kind", KINDS)
def test_a_foreign_manifest_is_a_dead_letter_and_the_others_are_recorded(
    stack: Stack, log: Log, kind: str
) -> None:
    images = [stack.put(original()), stack.put(BROKEN)]
    first, last = manifests_of(stack, images)
    foreign = keys.new_id(stack.world.now)
    put_foreign(stack, foreign, kind)
    (told,) = stack.news.messages
    stack.news.messages.clear()

    response = catalogue.handler(
        batch_of(message(first, id="1"), message(told.body, id="2"), message(last, id="3")), None
    )

    assert failed(response) == [], "no try will read it before it is replaced"
    assert [one.body for one in stack.dead_letters["catalogue"].messages] == [told.body]
    assert set(stack.table.items) == set(images)
    line = log.line(level="ERROR", message_id="2")
    assert (line["code"], line["Errors"]) == ("object_unreadable", 1)
    assert f"{foreign}/manifest.json is not a manifest: " in line["message"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_with_a_foreign_manifest_is_ready_when_it_is_processed_again(
    stack: Stack, log: Log, kind: str
) -> None:
    image_id = stack.outdated()
    before = stack.table.items[image_id]
    put_foreign(stack, image_id, kind)
    stack.news.messages.clear()

    stack.ask("POST", f"/images/{image_id}/reprocess")
    stack.settle()

    assert processed(stack, image_id) is Status.READY
    after = stack.table.items[image_id]
    assert after["status"] == "READY"
    assert (after["renditions"], after["original"]) != (before["renditions"], None)
    assert f"{image_id}/manifest.json" in log.line(level="WARNING")["unreadable"]
    named = {one.key for one in from_document(after).renditions}
    assert named < set(stack.renditions.objects)


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_with_a_foreign_manifest_can_be_deleted(stack: Stack, kind: str) -> None:
    image_id = stack.ready()
    put_foreign(stack, image_id, kind)
    stack.news.messages.clear()

    stack.ask("DELETE", f"/images/{image_id}")
    stack.settle()

    assert processed(stack, image_id) is Status.DELETED
    assert stack.table.items[image_id]["status"] == "DELETED"
    stack.world.now += timedelta(days=1)
    sweep = json.dumps({"command": "sweep", "imageId": image_id})
    process.handler(batch_of(message(sweep)), None)
    assert list(stack.renditions.objects) == [keys.manifest_key(image_id)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_sweep_removes_nothing_when_nobody_can_read_what_is_named(
    stack: Stack, log: Log, kind: str
) -> None:
    image_id = stack.ready()
    there = set(stack.renditions.objects)
    put_foreign(stack, image_id, kind)
    stack.world.now += timedelta(days=1)

    response = process.handler(
        batch_of(message(json.dumps({"command": "sweep", "imageId": image_id}))), None
    )

    assert failed(response) == []
    assert set(stack.renditions.objects) == there
    assert log.line(level="WARNING")["message"] == "UNCHANGED"


@pytest.mark.parametrize("kind", KINDS)
def test_a_failure_is_recorded_in_a_foreign_manifest_s_place(stack: Stack, kind: str) -> None:
    image_id, told = put(stack, "refused.png")
    put_foreign(stack, image_id, kind)

    assert failed(give_up(told)) == []

    assert processed(stack, image_id) is Status.FAILED


def put_foreign(stack: Stack, image_id: str, kind: str) -> None:
    """Put what is no manifest into its place, two minutes after the last one at the earliest."""
    stack.world.now += timedelta(minutes=2)
    data = foreign_manifests(image_id)[kind]
    stack.renditions.put(keys.manifest_key(image_id), data, content_type="application/json")
