"""What failed on every try is recorded as a failure with its reason, and kept for `redrive`."""

from __future__ import annotations

import json

import pytest

from tests.functions.aws_events import batch_of, message
from tests.functions.batches import POISON, UNAVAILABLE, failed, give_up, processed, put
from tests.functions.lines import Log
from tests.functions.stack import Stack, original
from tests.simulation import MAX_TRIES
from tintype import keys
from tintype.aws.errors import AccessDeniedError
from tintype.functions import process
from tintype.images import Source, Status, decode_manifest
from tintype.processing.giving_up import NOT_PROCESSED


def test_what_no_function_was_started_for_fails_with_a_reason_and_is_kept(
    stack: Stack, log: Log
) -> None:
    image_id, told = put(stack, "refused.png")

    assert failed(give_up(told)) == []

    image = decode_manifest(stack.renditions.objects[keys.manifest_key(image_id)].data).image
    assert image.failure == NOT_PROCESSED
    assert image.original.key.endswith("/refused.png")
    assert [one.body for one in stack.dead_letters["process"].messages] == [told]
    assert log.line(image_id=image_id)["code"] == "not_processed"


def test_what_no_function_was_started_for_keeps_the_name_that_its_ticket_has(stack: Stack) -> None:
    wanted = {"filename": "عکس ۱.png", "contentType": "image/png", "size": 9}
    image_id = stack.ask("POST", "/uploads", body=dict(wanted)).json["imageId"]
    stack.put(original(), keys.original_key(image_id, "عکس ۱.png"))
    (told,) = stack.process_queue.messages

    give_up(told.body)

    image = decode_manifest(stack.renditions.objects[keys.manifest_key(image_id)].data).image
    assert (image.filename, image.source) == ("عکس ۱.png", Source.UPLOAD)


def test_a_failed_message_whose_twin_had_success_is_done(stack: Stack) -> None:
    image_id, told = put(stack, "twice.png")
    process.handler(batch_of(message(told)), None)
    before = stack.renditions.objects[keys.manifest_key(image_id)]

    assert failed(give_up(told)) == []

    after = stack.renditions.objects[keys.manifest_key(image_id)]
    assert decode_manifest(after.data).image.renditions == (
        decode_manifest(before.data).image.renditions
    )
    assert processed(stack, image_id) is Status.READY
    assert not stack.dead_letters["process"].messages


def test_a_failed_message_says_why_it_failed_when_a_try_has_said_so(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id, told = put(stack, "denied.png")
    denied = AccessDeniedError("no", service="s3", operation="GetObject", status=403)

    def refuse(_key: str, **_: object) -> None:
        raise denied

    monkeypatch.setattr(stack.originals, "get", refuse)
    process.handler(batch_of(message(told, received=MAX_TRIES)), None)

    give_up(told)

    image = decode_manifest(stack.renditions.objects[keys.manifest_key(image_id)].data).image
    assert image.failure is not None
    assert image.failure.code == "access_denied"
    assert len(stack.dead_letters["process"].messages) == 1


def test_a_failed_message_of_an_original_that_has_gone_is_done(stack: Stack) -> None:
    image_id, told = put(stack, "gone.png")
    stack.originals.objects.clear()

    assert failed(give_up(told)) == []

    assert processed(stack, image_id) is None
    assert not stack.dead_letters["process"].messages


@pytest.mark.parametrize("poison", POISON, ids=lambda body: body[:20])
def test_a_failed_message_that_cannot_be_read_is_kept_and_the_others_are_ended(
    stack: Stack, log: Log, poison: str
) -> None:
    image_id, told = put(stack, "refused.png")

    assert failed(give_up(poison, told)) == []

    assert processed(stack, image_id) is Status.FAILED
    kept = sorted(one.body for one in stack.dead_letters["process"].messages)
    assert kept == sorted([poison, told])
    assert log.line(level="ERROR")["code"] == "malformed_message"


@pytest.mark.parametrize("command", ["discard", "sweep"])
def test_a_failed_message_that_asks_to_remove_something_is_kept(stack: Stack, command: str) -> None:
    image_id = stack.ready()
    body = json.dumps({"command": command, "imageId": image_id, "key": f"originals/{image_id}/a"})

    assert failed(give_up(body)) == []

    assert [one.body for one in stack.dead_letters["process"].messages] == [body]


def test_a_failure_that_cannot_be_recorded_comes_again(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, told = put(stack, "later.png")

    def refuse(_prefix: str) -> None:
        raise UNAVAILABLE

    monkeypatch.setattr(stack.originals, "entries", refuse)

    assert failed(give_up(told)) == ["0"]
    assert not stack.dead_letters["process"].messages
    assert stack.process_queue.soon == [], "it waits as long as its queue says"
