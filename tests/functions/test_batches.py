"""The process and the catalogue function on whole batches: what fails comes again, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import cast

import pytest

from tests.functions.aws_events import Event, batch_of, event, message, s3_event
from tests.functions.batches import POISON, UNAVAILABLE, failed, manifests_of, processed, put
from tests.functions.lines import Log
from tests.functions.stack import BROKEN, RETRY_SECONDS, Stack, original
from tests.simulation import MAX_TRIES
from tests.world import KilledError
from tintype import keys
from tintype.aws.account import Account
from tintype.aws.errors import AccessDeniedError, ArchivedError
from tintype.aws.signing import Credentials
from tintype.aws.sqs import Queue
from tintype.functions import catalogue, process
from tintype.images import Status, decode_manifest


@pytest.mark.parametrize("poison", POISON, ids=lambda body: body[:20])
def test_one_message_that_cannot_be_read_leaves_the_others_processed(
    stack: Stack, log: Log, poison: str
) -> None:
    first, told_first = put(stack, "first.png")
    last, told_last = put(stack, "last.png")
    batch = batch_of(
        message(told_first, id="1"), message(poison, id="2", received=2), message(told_last, id="3")
    )

    response = process.handler(batch, None)

    assert failed(response) == ["2"]
    assert processed(stack, first) is processed(stack, last) is Status.READY
    line = log.line(level="ERROR", message_id="2")
    assert (line["code"], line["attempt"], line["Errors"]) == ("malformed_message", 2, 1)


@pytest.mark.parametrize("poison", POISON, ids=lambda body: body[:20])
def test_one_message_that_cannot_be_read_leaves_the_others_catalogued(
    stack: Stack, log: Log, poison: str
) -> None:
    images = [stack.put(original()), stack.put(BROKEN)]
    first, last = manifests_of(stack, images)

    response = catalogue.handler(
        batch_of(message(first, id="1"), message(poison, id="2"), message(last, id="3")), None
    )

    assert failed(response) == [], "nobody will be able to read it later"
    assert [one.body for one in stack.dead_letters["catalogue"].messages] == [poison]
    assert [stack.table.items[one]["status"] for one in images] == ["READY", "FAILED"]
    assert log.line(level="ERROR", message_id="2")["code"] == "malformed_message"


def test_a_service_that_does_not_answer_has_the_message_come_again(
    stack: Stack, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, told_lost = put(stack, "lost.png")
    found, told_found = put(stack, "found.png")
    get = stack.originals.get

    def flaky(key: str, *, max_bytes: int | None = None) -> object:
        if lost in key:
            raise UNAVAILABLE
        return get(key, max_bytes=max_bytes)

    monkeypatch.setattr(stack.originals, "get", flaky)

    response = process.handler(
        batch_of(message(told_lost, id="1"), message(told_found, id="2")), None
    )

    assert failed(response) == ["1"]
    assert stack.process_queue.soon == [(message("")["receiptHandle"], RETRY_SECONDS)]
    assert (processed(stack, lost), processed(stack, found)) == (None, Status.READY)
    line = log.line(level="ERROR")
    assert line["code"] == "service_unavailable"
    assert line["message"] == "s3 GetObject: SlowDown: Please reduce your request rate."


def test_on_the_last_try_a_service_s_refusal_is_there_to_see(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id, told = put(stack, "lost.png")
    denied = AccessDeniedError("no", service="s3", operation="GetObject", status=403)

    def refuse(_key: str, **_: object) -> None:
        raise denied

    monkeypatch.setattr(stack.originals, "get", refuse)

    response = process.handler(batch_of(message(told, id="1", received=MAX_TRIES)), None)

    assert failed(response) == ["1"]
    image = decode_manifest(stack.renditions.objects[keys.manifest_key(image_id)].data).image
    assert image.failure is not None
    assert (image.failure.code, image.failure.retryable) == ("access_denied", True)


def test_a_mistake_of_ours_is_logged_with_its_trace_and_harms_no_other_message(
    stack: Stack, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = [stack.put(original()), stack.put(original())]
    first, last = manifests_of(stack, images)
    put_alike = stack.table.put_alike

    def mistaken(item: Mapping[str, object], *, or_equal: bool = False) -> bool:
        return put_alike(item if item["id"] != images[0] else {}, or_equal=or_equal)

    monkeypatch.setattr(stack.table, "put_alike", mistaken)

    response = catalogue.handler(batch_of(message(first, id="1"), message(last, id="2")), None)

    assert failed(response) == ["1"]
    assert list(stack.table.items) == [images[1]]
    line = log.line(level="ERROR")
    assert line["message"].startswith("KeyError: ")
    assert line["trace"].startswith("Traceback")
    assert line["Errors"] == 1


def test_a_record_that_nobody_could_be_told_of_is_done_all_the_same(
    stack: Stack, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = stack.put(original())
    (told,) = manifests_of(stack, [image_id])

    def refuse(_query: str, _variables: object) -> None:
        raise UNAVAILABLE

    monkeypatch.setattr(stack.announcements, "execute", refuse)

    response = catalogue.handler(batch_of(message(told)), None)

    assert failed(response) == []
    assert stack.table.items[image_id]["status"] == "READY"
    line = log.line(level="WARNING")
    assert (line["message"], line["Recorded"], line["Unannounced"]) == ("WRITTEN", 1, 1)


def test_a_message_that_kills_is_received_again_and_ends_as_a_failure(stack: Stack) -> None:
    image_id, told = put(stack, "poison.png")
    stack.originals.poisoned = next(iter(stack.originals.objects))

    for received in range(1, MAX_TRIES + 1):
        with pytest.raises(KilledError):
            process.handler(batch_of(message(told, received=received)), None)

    image = decode_manifest(stack.renditions.objects[keys.manifest_key(image_id)].data).image
    assert image.failure is not None
    assert (image.failure.code, image.failure.retryable) == ("processing_crashed", True)


def test_the_whole_way_of_an_original_is_four_lines(stack: Stack, log: Log) -> None:
    image_id = stack.ready()

    assert [(line["function"], line["message"]) for line in log.lines(image_id=image_id)] == [
        ("process", "READY"),
        ("catalogue", "WRITTEN"),  # PROCESSING
        ("catalogue", "WRITTEN"),  # and the first rendition
        ("catalogue", "WRITTEN"),
    ]
    line = log.line(function="process")
    assert (line["Ready"], line["Renditions"]) == (1, 2)
    assert line["OriginalBytes"] == len(original())
    assert line["ms"].keys() == {"wait", "read", "render", "write"}
    assert line["WaitMilliseconds"] == line["ms"]["wait"]
    assert stack.announcements.published[image_id] == [2, 3, 4]


def test_a_refused_original_says_why_in_its_line(stack: Stack, log: Log) -> None:
    image_id = stack.failed()

    line = log.line(image_id=image_id, function="process")
    assert (line["level"], line["message"], line["code"]) == ("INFO", "FAILED", "not_an_image")
    assert line["Failed"] == 1


def test_a_repeated_event_is_a_line_without_metrics(stack: Stack, log: Log) -> None:
    image_id, told = put(stack, "twice.png")
    process.handler(batch_of(message(told, id="1")), None)
    log.forget()

    response = process.handler(batch_of(message(told, id="1")), None)

    assert failed(response) == []
    line = log.line(image_id=image_id)
    assert line["message"] == "UNCHANGED"
    assert "_aws" not in line


def test_a_ready_image_whose_original_is_archived_says_so_in_its_line(
    stack: Stack, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = stack.outdated()
    log.forget()

    def refuse(_key: str, **_: object) -> None:
        message = "no"
        raise ArchivedError(message, service="s3", operation="GetObject", status=403)

    monkeypatch.setattr(stack.originals, "get", refuse)
    stack.ask("POST", f"/images/{image_id}/reprocess")
    stack.settle()

    line = log.line(image_id=image_id, function="process")
    assert (line["message"], line["code"]) == ("UNCHANGED", "original_archived")
    assert "_aws" not in line
    assert stack.table.items[image_id]["status"] == "READY"


def test_a_record_that_is_there_already_is_told_again_and_not_counted_twice(
    stack: Stack, log: Log
) -> None:
    image_id = stack.put(original())
    (told,) = manifests_of(stack, [image_id])
    catalogue.handler(batch_of(message(told)), None)
    log.forget()

    catalogue.handler(batch_of(message(told)), None)

    line = log.line(image_id=image_id)
    assert line["message"] == "REPEATED"
    assert "Recorded" not in line
    assert stack.announcements.published[image_id] == [4, 4]


@pytest.mark.usefixtures("stack")
def test_a_manifest_that_has_gone_is_no_failure(log: Log) -> None:
    response = catalogue.handler(batch_of(message(s3_event("s3_manifest"))), None)

    assert failed(response) == []
    assert log.line()["message"] == "MISSING"


@pytest.mark.parametrize("handler", [process.handler, catalogue.handler])
def test_the_test_event_of_s3_is_done_with_nothing(
    stack: Stack, log: Log, handler: Callable[[Event, object], dict[str, object]]
) -> None:
    response = handler(batch_of(message(json.dumps(event("s3_test")))), None)

    assert response == {"batchItemFailures": []}
    assert log.lines() == []
    assert not stack.table.items


def test_a_multipart_upload_under_a_key_of_its_own_goes_the_same_way(stack: Stack) -> None:
    key = "holiday 2026/at the beach + café 100%.png"
    image_id = stack.put(original(), key)
    stack.process_queue.messages.clear()

    response = process.handler(batch_of(message(s3_event("s3_multipart"))), None)

    assert failed(response) == []
    image = decode_manifest(stack.renditions.objects[keys.manifest_key(image_id)].data).image
    assert (image.status, image.original.key) == (Status.READY, key)
    assert image.filename == "at the beach + café 100%.png"
    assert image.source == "BUCKET"


def test_the_longest_key_that_s3_has_goes_the_same_way(stack: Stack) -> None:
    key = "ä" * 510 + ".png"
    image_id = stack.put(original(), key)

    stack.settle()

    assert len(key.encode()) == 1024
    assert stack.table.items[image_id]["status"] == "READY"


def test_a_deletion_takes_everything_but_the_tombstone(stack: Stack, log: Log) -> None:
    image_id = stack.deleted()

    assert list(stack.renditions.objects) == [keys.manifest_key(image_id)]
    item = stack.table.items[image_id]
    assert (item["status"], item["filename"]) == ("DELETED", "")
    assert "owner" not in item
    assert log.line(function="process", message="DELETED")["Deleted"] == 1
    assert log.lines(function="process", message="SWEPT")


def test_an_object_is_processed_while_the_caller_waits(stack: Stack) -> None:
    image_id = stack.put(original())
    (key,) = stack.originals.objects

    response = process.handler({"process": {"bucket": "originals", "key": key}}, None)

    assert response["ending"] == "READY"
    image = response["image"]
    assert isinstance(image, dict)
    assert (image["id"], image["status"]) == (image_id, "READY")


def test_an_object_that_is_not_there_is_gone(stack: Stack) -> None:
    response = process.handler({"process": {"bucket": "originals", "key": "nothing.png"}}, None)

    assert response == {"ending": "GONE", "image": None}
    assert not stack.renditions.objects


def test_a_failed_message_is_tried_again_in_the_queue_that_it_came_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    urls = {
        name: f"https://sqs.us-east-1.amazonaws.com/1/{name}" for name in ("main", "background")
    }
    monkeypatch.setenv("TINTYPE_BACKGROUND_QUEUE_URL", urls["background"])
    monkeypatch.setenv("TINTYPE_RETRY_SECONDS", "90")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    account = Account("us-east-1", None, lambda: Credentials("key", "secret"))
    monkeypatch.setattr(Account, "from_environment", lambda: account)
    context = SimpleNamespace(queue=Queue(account, urls["main"]))
    monkeypatch.setattr(process, "context", lambda: context)
    retry = process.retry.__wrapped__

    found = {
        name: cast("Queue", retry(f"arn:aws:sqs:us-east-1:1:{name}").queue).url for name in urls
    }

    assert found == urls
