"""Messages of S3 and of our own, read: which object, what happened, when, and for the how-manieth time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tests.functions.aws_events import batch_of, event, message, s3_event
from tintype.functions.events import (
    Develop,
    Discard,
    Instruction,
    MalformedMessageError,
    SqsRecord,
    Sweep,
    batch,
    instructions,
    records,
)
from tintype.images import Image, Original, Source, Status, document
from tintype.orders import Order, PutVersion

IMAGE_ID = "01M7XPE600ABCDEFGHJKMNPQRS"
KEY = f"originals/{IMAGE_ID}/beach.png"
HAPPENED = datetime(2026, 11, 21, 10, 0, 0, 123_000, UTC)
NOW = HAPPENED + timedelta(seconds=2)
IMAGE = Image(
    id=IMAGE_ID,
    version=2,
    status=Status.PROCESSING,
    filename="beach.png",
    source=Source.UPLOAD,
    original=Original(key=KEY),
    created_at="2026-11-21T10:00:00.123Z",
    updated_at="2026-11-21T10:00:01.000Z",
)


def record(body: str, *, received: int = 1) -> SqsRecord:
    (found,) = batch(batch_of(message(body, received=received)))
    return found


def read(body: str, *, received: int = 1) -> list[Instruction]:
    return instructions(record(body, received=received), NOW)


def test_an_object_that_was_put_is_developed() -> None:
    assert read(s3_event("s3_put"), received=2) == [
        Develop(
            Order(
                key=KEY,
                sequencer="0055AED6DCD90281E5",
                attempt=2,
                wait_milliseconds=2000.0,
                put=PutVersion("096fKKXTRTtl3on89fVO.nfljtsv6qko", 1024),
            )
        )
    ]


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("ObjectCreated:Copy", "1"),
        ("ObjectCreated:CompleteMultipartUpload", "1"),
        ("ObjectCreated:Put", "null"),
        ("ObjectCreated:Put", None),
    ],
)
def test_only_one_version_of_a_put_may_be_deleted_for_good(name: str, version: str | None) -> None:
    body = event("s3_put")
    body["Records"][0]["eventName"] = name
    body["Records"][0]["s3"]["object"]["versionId"] = version

    (found,) = read(json.dumps(body))

    assert isinstance(found, Develop)
    assert found.order.put is None


@pytest.mark.parametrize(
    ("name", "version", "for_good"),
    [
        ("ObjectRemoved:Delete", "1", True),
        ("ObjectRemoved:Delete", None, False),
        ("ObjectRemoved:DeleteMarkerCreated", "1", False),
    ],
)
def test_one_version_less_is_told_from_a_hidden_object(
    name: str, version: str | None, *, for_good: bool
) -> None:
    body = event("s3_put")
    body["Records"][0]["eventName"] = name
    body["Records"][0]["s3"]["object"]["versionId"] = version

    (found,) = read(json.dumps(body))

    assert isinstance(found, Discard)
    assert found.order.for_good is for_good


def test_a_key_is_decoded_just_once() -> None:
    (found,) = read(s3_event("s3_multipart"))

    assert isinstance(found, Develop)
    assert found.order.key == "holiday 2026/at the beach + café 100%.png"


@pytest.mark.parametrize(
    "key",
    [
        "a b/c  d.png",
        "1+1=2.png",
        "100%25 %2B.png",
        "日本/写真 🏖️.png",
        "a&b;c?d#e'f\"g.png",
        "ä" * 512,
        "line\nbreak\t.png",
    ],
    ids=["spaces", "plus", "percent", "unicode", "reserved", "1,024 bytes", "control"],
)
def test_every_key_comes_out_as_it_was_put(key: str) -> None:
    (found,) = read(s3_event("s3_put", key=key))

    assert isinstance(found, Develop)
    assert found.order.key == key


def test_a_delete_marker_is_a_removal() -> None:
    assert read(s3_event("s3_delete_marker")) == [
        Discard(Order(key=KEY, sequencer="0055AED6DCD90281E7", wait_milliseconds=2000.0))
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ObjectCreated:Copy", Develop),
        ("ObjectCreated:Post", Develop),
        ("s3:ObjectCreated:Put", Develop),
        ("ObjectRemoved:Delete", Discard),
        ("s3:ObjectRemoved:DeleteMarkerCreated", Discard),
        ("LifecycleExpiration:Delete", Discard),
        ("LifecycleExpiration:DeleteMarkerCreated", Discard),
    ],
)
def test_what_happened_stands_in_the_event_s_name(name: str, kind: type[Instruction]) -> None:
    body = event("s3_put")
    body["Records"][0]["eventName"] = name

    (found,) = read(json.dumps(body))

    assert isinstance(found, kind)


def test_a_clock_that_goes_slow_makes_no_negative_wait() -> None:
    found = instructions(record(s3_event("s3_put")), HAPPENED - timedelta(seconds=5))

    assert [one.order.wait_milliseconds for one in found if isinstance(one, Develop)] == [0.0]


def test_several_objects_in_one_message_are_all_there() -> None:
    body = event("s3_put")
    body["Records"] += event("s3_delete_marker")["Records"]

    assert [type(one) for one in read(json.dumps(body))] == [Develop, Discard]


def test_the_first_message_of_a_queue_asks_for_nothing() -> None:
    assert read(json.dumps(event("s3_test"))) == []
    assert records(record(json.dumps(event("s3_test")))) == []


def test_commands_of_ours_are_understood() -> None:
    reprocess = {"command": "reprocess", "imageId": IMAGE_ID, "key": KEY}
    discard = reprocess | {"command": "discard"}
    sweep = {"command": "sweep", "imageId": IMAGE_ID}

    found = [one for body in (reprocess, discard, sweep) for one in read(json.dumps(body))]

    order = Order(key=KEY, again=True, wait_milliseconds=1623.0)  # since SQS's SentTimestamp
    assert found == [Develop(order), Discard(order), Sweep(IMAGE_ID)]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no JSON",
        "null",
        "[]",
        "{}",
        '"Records"',
        '{"command": "format disk"}',
        '{"command": "reprocess"}',
        '{"command": "sweep", "imageId": ""}',
        '{"Event": "s3:OtherEvent"}',
        '{"Records": [{}]}',
        '{"Records": [{"eventName": "ObjectCreated:Put"}]}',
        '{"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "%FF.png"}}}]}',
        '{"x": ' + "[" * 100_000,
    ],
    ids=lambda body: body[:30],
)
def test_what_is_neither_of_ours_nor_of_s3_is_malformed(body: str) -> None:
    with pytest.raises(MalformedMessageError):
        read(body)


@pytest.mark.parametrize("body", ["", "{}", '{"image": {"id": 1}}', '{"Records": [{}]}'])
def test_what_the_catalogue_cannot_read_is_malformed(body: str) -> None:
    with pytest.raises(MalformedMessageError):
        records(record(body))


def test_the_catalogue_hears_of_manifests_and_of_no_other_object() -> None:
    body = event("s3_manifest")
    body["Records"] += event("s3_put")["Records"]

    assert records(record(json.dumps(body))) == [IMAGE_ID]


def test_the_catalogue_takes_a_record_as_it_is() -> None:
    body = msgspec.json.encode({"image": document(IMAGE)}).decode()

    assert records(record(body)) == [IMAGE]


def test_an_empty_batch_has_no_messages() -> None:
    assert batch({}) == []
    assert batch(batch_of()) == []
