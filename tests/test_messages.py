"""The bodies of the queues' messages: what is written, what is read, and what is neither."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tests.functions.aws_events import event, s3_event
from tintype.images import Focus, Image, Original, Source, Status, document
from tintype.messages import (
    Announce,
    Discard,
    MalformedMessageError,
    PutVersion,
    Reprocess,
    Request,
    S3Event,
    S3Record,
    SetFocus,
    Sweep,
    decode,
    encode,
)

IMAGE_ID = "01M7XPE600ABCDEFGHJKMNPQRS"
KEY = f"originals/{IMAGE_ID}/beach.png"
TIME = "2026-11-21T10:00:00.123Z"
TRACE = "1-67891233-abcdef012345678912345678"
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
REQUESTS: list[Request] = [
    Reprocess(image_id=IMAGE_ID, key=KEY),
    Discard(image_id=IMAGE_ID, key=KEY, trace=TRACE),
    Sweep(image_id=IMAGE_ID),
    Announce(image=IMAGE, trace=TRACE),
    Announce(image=msgspec.structs.replace(IMAGE, owner=None)),
    SetFocus(image_id=IMAGE_ID, key=KEY, focus=Focus(x=0.25, y=1), requested_at=TIME),
    SetFocus(key=KEY, sha256="0" * 64, requested_at=TIME),
]


def changed(**facts: object) -> S3Record:
    """Return what is read of an event with these *facts* of the object."""
    message = decode(s3_event("s3_put", **facts))
    assert isinstance(message, S3Event)
    return message.records[0]


def body(request: Request) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(encode(request))
    return plain


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: type(one).__name__)
def test_what_is_written_is_read(request_: Request) -> None:
    assert decode(encode(request_)) == request_


def test_a_request_says_what_is_asked_for_and_leaves_out_what_is_not_known() -> None:
    assert body(REQUESTS[0]) == {"command": "reprocess", "imageId": IMAGE_ID, "key": KEY}
    assert body(REQUESTS[1])["trace"] == TRACE
    assert body(REQUESTS[2]) == {"command": "sweep", "imageId": IMAGE_ID}
    assert body(REQUESTS[3])["command"] == "announce"


@pytest.mark.parametrize(
    ("earlier", "request_"),
    [
        ({"image": document(IMAGE)}, Announce(image=IMAGE)),
        ({"image": document(IMAGE), "trace": None}, Announce(image=IMAGE)),
        ({"image": document(IMAGE), "trace": TRACE}, Announce(image=IMAGE, trace=TRACE)),
        (
            {"command": "discard", "imageId": IMAGE_ID, "key": KEY, "trace": TRACE},
            Discard(image_id=IMAGE_ID, key=KEY, trace=TRACE),
        ),
        ({"command": "reprocess", "key": KEY, "trace": None}, Reprocess(key=KEY)),
    ],
)
def test_what_waits_in_a_queue_while_its_functions_are_updated_is_read(
    earlier: dict[str, object], request_: Request
) -> None:
    assert decode(json.dumps(earlier)) == request_


def test_an_event_of_s3_says_what_happened_to_which_object() -> None:
    one = changed()

    assert (one.name, one.bucket, one.key) == ("ObjectCreated:Put", "originals", KEY)
    assert one.event_time == datetime(2026, 11, 21, 10, 0, 0, 123_000, UTC)
    assert one.sequencer == "0055AED6DCD90281E5"
    assert one.put == PutVersion("096fKKXTRTtl3on89fVO.nfljtsv6qko", 1024)
    assert not one.removes


def test_a_key_is_decoded_just_once() -> None:
    assert changed(key="100%25 %2B.png").key == "100%25 %2B.png"


@pytest.mark.parametrize("version", ["null", None])
def test_where_no_versions_are_kept_no_put_can_be_told_from_another(version: str | None) -> None:
    one = changed(versionId=version)

    assert (one.version_id, one.put) == (None, None)


def test_the_first_message_of_a_queue_is_an_event_without_records() -> None:
    assert decode(json.dumps(event("s3_test"))) == S3Event()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no JSON",
        "\ud800",
        "null",
        "[]",
        "{}",
        '"Records"',
        '{"command": "format disk"}',
        '{"command": "reprocess"}',
        '{"command": "reprocess", "key": ""}',
        '{"command": "sweep", "imageId": ""}',
        '{"command": "announce"}',
        '{"command": "setfocus", "key": "a", "focus": {"x": 2, "y": 0}, "requestedAt": "2026"}',
        '{"command": "setfocus", "key": "a", "focus": {"x": 0, "y": 0}}',
        '{"image": null}',
        '{"image": {"id": 1}}',
        '{"Event": "s3:OtherEvent"}',
        '{"Records": [{}]}',
        '{"Records": [{"eventName": "ObjectCreated:Put"}]}',
        '{"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "%FF.png"}}}]}',
        '{"x": ' + "[" * 100_000,
    ],
    ids=lambda body: ascii(body[:30]),
)
def test_what_neither_s3_nor_tintype_writes_is_malformed(body: str) -> None:
    with pytest.raises(MalformedMessageError):
        decode(body)
