"""What a message asks of a function: which object, what happened, when, and which attempt it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.functions.aws_events import batch_of, event, message, s3_event
from tintype.functions.events import (
    DiscardOriginal,
    Instruction,
    ProcessOriginal,
    SqsRecord,
    announcements,
    batch,
    instructions,
)
from tintype.images import Image, Original, Source, Status
from tintype.messages import (
    Announce,
    Discard,
    MalformedMessageError,
    PutVersion,
    Reprocess,
    Sweep,
    encode,
)
from tintype.processing.job import ProcessJob

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
TRACE = "1-67891233-abcdef012345678912345678"
ANNOUNCE = Announce(image=IMAGE, trace=TRACE)


def record(body: str, *, received: int = 1) -> SqsRecord:
    (found,) = batch(batch_of(message(body, received=received)))
    return found


def read(body: str, *, received: int = 1) -> list[Instruction]:
    return instructions(record(body, received=received), NOW)


def test_an_object_that_was_put_is_processed() -> None:
    assert read(s3_event("s3_put"), received=2) == [
        ProcessOriginal(
            ProcessJob(
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

    assert isinstance(found, ProcessOriginal)
    assert found.job.put is None


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

    assert isinstance(found, DiscardOriginal)
    assert found.job.for_good is for_good


def test_a_key_is_decoded_just_once() -> None:
    (found,) = read(s3_event("s3_multipart"))

    assert isinstance(found, ProcessOriginal)
    assert found.job.key == "holiday 2026/at the beach + café 100%.png"


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

    assert isinstance(found, ProcessOriginal)
    assert found.job.key == key


def test_a_delete_marker_is_a_removal() -> None:
    assert read(s3_event("s3_delete_marker")) == [
        DiscardOriginal(
            ProcessJob(key=KEY, sequencer="0055AED6DCD90281E7", wait_milliseconds=2000.0)
        )
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ObjectCreated:Copy", ProcessOriginal),
        ("ObjectCreated:Post", ProcessOriginal),
        ("s3:ObjectCreated:Put", ProcessOriginal),
        ("ObjectRemoved:Delete", DiscardOriginal),
        ("s3:ObjectRemoved:DeleteMarkerCreated", DiscardOriginal),
        ("LifecycleExpiration:Delete", DiscardOriginal),
        ("LifecycleExpiration:DeleteMarkerCreated", DiscardOriginal),
    ],
)
def test_what_happened_stands_in_the_event_s_name(name: str, kind: type[Instruction]) -> None:
    body = event("s3_put")
    body["Records"][0]["eventName"] = name

    (found,) = read(json.dumps(body))

    assert isinstance(found, kind)


def test_a_clock_that_goes_slow_makes_no_negative_wait() -> None:
    found = instructions(record(s3_event("s3_put")), HAPPENED - timedelta(seconds=5))

    assert [one.job.wait_milliseconds for one in found if isinstance(one, ProcessOriginal)] == [0.0]


def test_several_objects_in_one_message_are_all_there() -> None:
    body = event("s3_put")
    body["Records"] += event("s3_delete_marker")["Records"]

    assert [type(one) for one in read(json.dumps(body))] == [ProcessOriginal, DiscardOriginal]


def test_the_first_message_of_a_queue_asks_for_nothing() -> None:
    assert read(json.dumps(event("s3_test"))) == []
    assert announcements(record(json.dumps(event("s3_test")))) == []


@pytest.mark.parametrize(
    ("trace", "known"), [(TRACE, TRACE), ("\x1b[2J", None), ("", None), (None, None)]
)
def test_requests_name_the_original_and_the_trace(trace: str | None, known: str | None) -> None:
    reprocess = Reprocess(image_id=IMAGE_ID, key=KEY, trace=trace)
    discard = Discard(image_id=IMAGE_ID, key=KEY, trace=trace)
    sweep = Sweep(image_id=IMAGE_ID)

    found = [one for request in (reprocess, discard, sweep) for one in read(encode(request))]

    # The wait is that since SQS's SentTimestamp.
    job = ProcessJob(key=KEY, again=True, wait_milliseconds=1623.0, trace=known)
    assert found == [ProcessOriginal(job), DiscardOriginal(job), sweep]


@pytest.mark.parametrize("body", ["", "{}", '{"Records": [{}]}', encode(ANNOUNCE)])
def test_what_the_process_function_cannot_read_is_malformed(body: str) -> None:
    with pytest.raises(MalformedMessageError):
        read(body)


@pytest.mark.parametrize(
    "body",
    ["", "{}", '{"image": {"id": 1}}', '{"Records": [{}]}', encode(Sweep(image_id=IMAGE_ID)),
     encode(Discard(key=KEY)), encode(Reprocess(key=KEY))],
)  # fmt: skip
def test_what_the_catalogue_cannot_read_is_malformed(body: str) -> None:
    with pytest.raises(MalformedMessageError):
        announcements(record(body))


def test_the_catalogue_hears_of_manifests_and_of_no_other_object() -> None:
    body = event("s3_manifest")
    body["Records"] += event("s3_put")["Records"]

    assert announcements(record(json.dumps(body))) == [IMAGE_ID]


def test_the_catalogue_takes_a_record_as_it_is() -> None:
    assert announcements(record(encode(ANNOUNCE))) == [ANNOUNCE]


def test_an_empty_batch_has_no_messages() -> None:
    assert batch({}) == []
    assert batch(batch_of()) == []
