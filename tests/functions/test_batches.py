"""The develop and the catalogue function on whole batches: what fails comes again, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.functions.aws_events import Event, batch_of, event, message, s3_event
from tests.functions.lines import Log
from tests.functions.stack import BROKEN, FAILED_ARN, RETRY_SECONDS, Stack, original
from tests.simulation import MAX_TRIES, KilledError
from tintype import keys
from tintype.aws.errors import AccessDeniedError, UnavailableError
from tintype.functions import catalogue, develop
from tintype.giving_up import NOT_PROCESSED
from tintype.images import Source, Status, decode_manifest

POISON = [
    "",
    "no JSON",
    '{"command": "format disk"}',
    '{"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "%FF"}}}]}',
    "[" * 100_000,
]
UNAVAILABLE = UnavailableError(
    "Please reduce your request rate.",
    service="s3",
    operation="GetObject",
    status=503,
    name="SlowDown",
)


def put(stack: Stack, name: str, data: bytes | None = None) -> tuple[str, str]:
    """Put an original there; return its image's id and the message of S3, which nobody has received."""
    key = keys.original_key(keys.new_id(stack.world.now), name)
    image_id = stack.put(data or original(), key)
    (told,) = stack.orders.messages
    stack.orders.messages.clear()
    return image_id, told.body


def developed(stack: Stack, image_id: str) -> Status | None:
    stored = stack.renditions.objects.get(keys.manifest_key(image_id))
    return decode_manifest(stored.data).image.status if stored else None


def failed(answer: dict[str, object]) -> list[str]:
    found = answer["batchItemFailures"]
    assert isinstance(found, list)
    return [one["itemIdentifier"] for one in found]


@pytest.mark.parametrize("poison", POISON, ids=lambda body: body[:20])
def test_one_message_that_cannot_be_read_leaves_the_others_developed(
    stack: Stack, log: Log, poison: str
) -> None:
    first, told_first = put(stack, "first.png")
    last, told_last = put(stack, "last.png")
    batch = batch_of(
        message(told_first, id="1"), message(poison, id="2", received=2), message(told_last, id="3")
    )

    answer = develop.handler(batch, None)

    assert failed(answer) == ["2"]
    assert developed(stack, first) is developed(stack, last) is Status.READY
    line = log.line(level="ERROR", message_id="2")
    assert (line["code"], line["attempt"], line["Errors"]) == ("malformed_message", 2, 1)


@pytest.mark.parametrize("poison", POISON, ids=lambda body: body[:20])
def test_one_message_that_cannot_be_read_leaves_the_others_catalogued(
    stack: Stack, log: Log, poison: str
) -> None:
    images = [stack.put(original()), stack.put(BROKEN)]
    first, last = manifests_of(stack, images)

    answer = catalogue.handler(
        batch_of(message(first, id="1"), message(poison, id="2"), message(last, id="3")), None
    )

    assert failed(answer) == [], "nobody will be able to read it later"
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

    answer = develop.handler(
        batch_of(message(told_lost, id="1"), message(told_found, id="2")), None
    )

    assert failed(answer) == ["1"]
    assert stack.orders.soon == [(message("")["receiptHandle"], RETRY_SECONDS)]
    assert (developed(stack, lost), developed(stack, found)) == (None, Status.READY)
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

    answer = develop.handler(batch_of(message(told, id="1", received=MAX_TRIES)), None)

    assert failed(answer) == ["1"]
    image = decode_manifest(stack.renditions.objects[keys.manifest_key(image_id)].data).image
    assert image.failure is not None
    assert (image.failure.code, image.failure.retryable) == ("access_denied", True)


def test_a_mistake_of_ours_is_logged_with_its_trace_and_harms_no_other_message(
    stack: Stack, log: Log
) -> None:
    images = [stack.put(original()), stack.put(original())]
    first, last = manifests_of(stack, images)
    foreign = keys.new_id(stack.world.now)
    stack.renditions.put(keys.manifest_key(foreign), b"{}", content_type="application/json")
    (told,) = stack.news.messages

    answer = catalogue.handler(
        batch_of(message(first, id="1"), message(told.body, id="2"), message(last, id="3")), None
    )

    assert failed(answer) == ["2"]
    assert set(images) <= stack.table.items.keys()
    line = log.line(level="ERROR")
    assert line["message"].startswith("ValidationError: ")
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

    answer = catalogue.handler(batch_of(message(told)), None)

    assert failed(answer) == []
    assert stack.table.items[image_id]["status"] == "READY"
    line = log.line(level="WARNING")
    assert (line["message"], line["Recorded"], line["Unannounced"]) == ("WRITTEN", 1, 1)


def test_a_message_that_kills_is_received_again_and_ends_as_a_failure(stack: Stack) -> None:
    image_id, told = put(stack, "poison.png")
    stack.originals.poisoned = next(iter(stack.originals.objects))

    for received in range(1, MAX_TRIES + 1):
        with pytest.raises(KilledError):
            develop.handler(batch_of(message(told, received=received)), None)

    image = decode_manifest(stack.renditions.objects[keys.manifest_key(image_id)].data).image
    assert image.failure is not None
    assert (image.failure.code, image.failure.retryable) == ("processing_crashed", True)


def give_up(*bodies: str) -> dict[str, object]:
    """Hand messages that failed on every try to the function that ends their images."""
    messages = [message(body, id=str(number)) for number, body in enumerate(bodies)]
    return catalogue.handler(
        batch_of(*({**one, "eventSourceARN": FAILED_ARN} for one in messages)), None
    )


def test_what_no_function_was_started_for_fails_with_a_reason_and_is_kept(
    stack: Stack, log: Log
) -> None:
    image_id, told = put(stack, "refused.png")

    assert failed(give_up(told)) == []

    image = decode_manifest(stack.renditions.objects[keys.manifest_key(image_id)].data).image
    assert image.failure == NOT_PROCESSED
    assert image.original.key.endswith("/refused.png")
    assert [one.body for one in stack.dead_letters["develop"].messages] == [told]
    assert log.line(image_id=image_id)["code"] == "not_processed"


def test_what_no_function_was_started_for_keeps_the_name_that_its_ticket_has(stack: Stack) -> None:
    wanted = {"filename": "عکس ۱.png", "contentType": "image/png", "size": 9}
    image_id = stack.ask("POST", "/uploads", body=dict(wanted)).json["imageId"]
    stack.put(original(), keys.original_key(image_id, "عکس ۱.png"))
    (told,) = stack.orders.messages

    give_up(told.body)

    image = decode_manifest(stack.renditions.objects[keys.manifest_key(image_id)].data).image
    assert (image.filename, image.source) == ("عکس ۱.png", Source.UPLOAD)


def test_a_failed_message_whose_twin_had_success_is_done(stack: Stack) -> None:
    image_id, told = put(stack, "twice.png")
    develop.handler(batch_of(message(told)), None)
    before = stack.renditions.objects[keys.manifest_key(image_id)]

    assert failed(give_up(told)) == []

    after = stack.renditions.objects[keys.manifest_key(image_id)]
    assert decode_manifest(after.data).image.renditions == (
        decode_manifest(before.data).image.renditions
    )
    assert developed(stack, image_id) is Status.READY
    assert not stack.dead_letters["develop"].messages


def test_a_failed_message_says_why_it_failed_when_a_try_has_said_so(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id, told = put(stack, "denied.png")
    denied = AccessDeniedError("no", service="s3", operation="GetObject", status=403)

    def refuse(_key: str, **_: object) -> None:
        raise denied

    monkeypatch.setattr(stack.originals, "get", refuse)
    develop.handler(batch_of(message(told, received=MAX_TRIES)), None)

    give_up(told)

    image = decode_manifest(stack.renditions.objects[keys.manifest_key(image_id)].data).image
    assert image.failure is not None
    assert image.failure.code == "access_denied"
    assert len(stack.dead_letters["develop"].messages) == 1


def test_a_failed_message_of_an_original_that_has_gone_is_done(stack: Stack) -> None:
    image_id, told = put(stack, "gone.png")
    stack.originals.objects.clear()

    assert failed(give_up(told)) == []

    assert developed(stack, image_id) is None
    assert not stack.dead_letters["develop"].messages


@pytest.mark.parametrize("poison", POISON, ids=lambda body: body[:20])
def test_a_failed_message_that_cannot_be_read_is_kept_and_the_others_are_ended(
    stack: Stack, log: Log, poison: str
) -> None:
    image_id, told = put(stack, "refused.png")

    assert failed(give_up(poison, told)) == []

    assert developed(stack, image_id) is Status.FAILED
    kept = sorted(one.body for one in stack.dead_letters["develop"].messages)
    assert kept == sorted([poison, told])
    assert log.line(level="ERROR")["code"] == "malformed_message"


@pytest.mark.parametrize("command", ["discard", "sweep"])
def test_a_failed_message_that_asks_to_remove_something_is_kept(stack: Stack, command: str) -> None:
    image_id = stack.ready()
    body = json.dumps({"command": command, "imageId": image_id, "key": f"originals/{image_id}/a"})

    assert failed(give_up(body)) == []

    assert [one.body for one in stack.dead_letters["develop"].messages] == [body]


def test_a_failure_that_cannot_be_recorded_comes_again(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, told = put(stack, "later.png")

    def refuse(_prefix: str) -> None:
        raise UNAVAILABLE

    monkeypatch.setattr(stack.originals, "entries", refuse)

    assert failed(give_up(told)) == ["0"]
    assert not stack.dead_letters["develop"].messages
    assert stack.orders.soon == [], "it waits as long as its queue says"


def test_the_whole_way_of_an_original_is_three_lines(stack: Stack, log: Log) -> None:
    image_id = stack.ready()

    assert [(line["function"], line["message"]) for line in log.lines(image_id=image_id)] == [
        ("develop", "READY"),
        ("catalogue", "WRITTEN"),  # PROCESSING
        ("catalogue", "WRITTEN"),
    ]
    line = log.line(function="develop")
    assert (line["Ready"], line["Renditions"]) == (1, 2)
    assert line["OriginalBytes"] == len(original())
    assert line["ms"].keys() == {"wait", "read", "render", "write"}
    assert line["WaitMilliseconds"] == line["ms"]["wait"]
    assert stack.announcements.published[image_id] == [2, 3]


def test_a_refused_original_says_why_in_its_line(stack: Stack, log: Log) -> None:
    image_id = stack.failed()

    line = log.line(image_id=image_id, function="develop")
    assert (line["level"], line["message"], line["code"]) == ("INFO", "FAILED", "not_an_image")
    assert line["Failed"] == 1


def test_a_repeated_event_is_a_line_without_metrics(stack: Stack, log: Log) -> None:
    image_id, told = put(stack, "twice.png")
    develop.handler(batch_of(message(told, id="1")), None)
    log.forget()

    answer = develop.handler(batch_of(message(told, id="1")), None)

    assert failed(answer) == []
    line = log.line(image_id=image_id)
    assert line["message"] == "UNCHANGED"
    assert "_aws" not in line


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
    assert stack.announcements.published[image_id] == [3, 3]


@pytest.mark.usefixtures("stack")
def test_a_manifest_that_has_gone_is_no_failure(log: Log) -> None:
    answer = catalogue.handler(batch_of(message(s3_event("s3_manifest"))), None)

    assert failed(answer) == []
    assert log.line()["message"] == "MISSING"


@pytest.mark.parametrize("handler", [develop.handler, catalogue.handler])
def test_the_test_event_of_s3_is_done_with_nothing(
    stack: Stack, log: Log, handler: Callable[[Event, object], dict[str, object]]
) -> None:
    answer = handler(batch_of(message(json.dumps(event("s3_test")))), None)

    assert answer == {"batchItemFailures": []}
    assert log.lines() == []
    assert not stack.table.items


def test_a_multipart_upload_under_a_key_of_its_own_goes_the_same_way(stack: Stack) -> None:
    key = "holiday 2026/at the beach + café 100%.png"
    image_id = stack.put(original(), key)
    stack.orders.messages.clear()

    answer = develop.handler(batch_of(message(s3_event("s3_multipart"))), None)

    assert failed(answer) == []
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
    assert log.line(function="develop", message="DELETED")["Deleted"] == 1
    assert log.lines(function="develop", message="SWEPT")


def test_an_object_is_processed_while_the_caller_waits(stack: Stack) -> None:
    image_id = stack.put(original())
    (key,) = stack.originals.objects

    answer = develop.handler({"process": {"bucket": "originals", "key": key}}, None)

    assert answer["ending"] == "READY"
    image = answer["image"]
    assert isinstance(image, dict)
    assert (image["id"], image["status"]) == (image_id, "READY")


def test_an_object_that_is_not_there_is_gone(stack: Stack) -> None:
    answer = develop.handler({"process": {"bucket": "originals", "key": "nothing.png"}}, None)

    assert answer == {"ending": "GONE", "image": None}
    assert not stack.renditions.objects


def manifests_of(stack: Stack, images: list[str]) -> list[str]:
    """Have *images* developed, and return S3's messages about their manifests."""
    while (taken := stack.orders.receive()) is not None:
        develop.handler(batch_of(message(taken.body)), None)
        stack.orders.finish(taken, failed=False)
    told = [one.body for one in stack.news.messages if "Records" in one.body]
    stack.news.messages.clear()
    stack.world.now += timedelta(seconds=1)
    assert len(told) == len(images)
    return told
