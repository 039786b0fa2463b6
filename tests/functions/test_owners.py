"""Whose an image is: from the caller's token by every way in to the record, and to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, cast
from urllib.parse import unquote, urlsplit

import pytest

from tests.functions.aws_events import batch_of, message
from tests.functions.cases import PLAIN, PNG, TICKET
from tests.functions.stack import BROKEN, BUCKET_OWNER, FAILED_ARN, Stack, original
from tests.images_table import MemoryTable
from tests.simulation import MAX_TRIES
from tintype import keys
from tintype.aws.errors import UnavailableError
from tintype.functions import catalogue, process
from tintype.images import Status, decode_manifest
from tintype.maintenance.reindex import RecordState, Reindex
from tintype.records import Records

if TYPE_CHECKING:
    from tintype.aws.s3 import Bucket

Way: TypeAlias = Callable[[Stack, bytes, "str | None"], str]

CLAIM = {"owner": "mallory"}  # what somebody may have written beside the bytes
BY_HAND = "holiday/~mallory/beach.png"


def by_ticket(stack: Stack, data: bytes, subject: str | None) -> str:
    said = stack.ask("POST", "/uploads", body=TICKET | CLAIM, subject=subject).json
    key = unquote(urlsplit(said["upload"]["url"]).path).removeprefix("/")
    stack.originals.put(key, data, content_type="image/png", metadata=CLAIM)
    return str(said["imageId"])


def by_plain_link(stack: Stack, data: bytes, subject: str | None) -> str:
    said = stack.ask("POST", "/generate-upload-url", body=PLAIN | CLAIM, subject=subject).json
    key = str(said["key"])
    stack.originals.put(key, data, content_type="image/png", metadata=CLAIM)
    return keys.image_id("originals", key)


def by_the_api(stack: Stack, data: bytes, subject: str | None) -> str:
    headers = {**PNG, "x-amz-meta-owner": "mallory"}
    query = "filename=beach.png&owner=mallory"
    said = stack.ask("POST", "/images", query=query, headers=headers, body=data, subject=subject)
    return str(said.json["imageId"])


def by_hand(stack: Stack, data: bytes, _subject: str | None = None) -> str:
    stack.originals.put(BY_HAND, data, content_type="image/png", metadata=CLAIM)
    return keys.image_id("originals", BY_HAND)


WAYS = pytest.mark.parametrize("way", [by_ticket, by_plain_link, by_the_api])


def owners_of(stack: Stack, image_id: str) -> tuple[object, object, set[object]]:
    """Return the owners in the manifest, in the table and in all announcements."""
    manifest = decode_manifest(stack.renditions.objects[keys.manifest_key(image_id)].data)
    recorded = stack.table.items[image_id].get("owner")
    return manifest.image.owner, recorded, stack.announcements.owners[image_id]


def all_of(owner: str) -> tuple[object, object, set[object]]:
    return owner, owner, {owner}


@WAYS
@pytest.mark.parametrize("data", [original(), BROKEN], ids=["ready", "failed"])
@pytest.mark.parametrize(
    ("subject", "owner"),
    [
        ("alice", "alice"),
        (None, "public"),
        ("zoë o/x@example.com", "zo%C3%AB%20o%2Fx@example.com"),
        ("public", "%70ublic"),
        ("1" * 255, "%sha256-b0306970816286ff30f2606c1260f4823fc67cf002411b967f6c4637bc1b9425"),
    ],
)
def test_an_image_is_its_uploader_s(
    stack: Stack, way: Way, data: bytes, subject: str | None, owner: str
) -> None:
    image_id = way(stack, data, subject)
    assert stack.table.items[image_id]["owner"] == owner, "while it is awaited"

    stack.settle()

    assert owners_of(stack, image_id) == all_of(owner)


@pytest.mark.parametrize("data", [original(), BROKEN], ids=["ready", "failed"])
def test_what_was_put_by_hand_is_the_bucket_owner_s_whatever_it_claims(
    stack: Stack, data: bytes
) -> None:
    image_id = by_hand(stack, data)

    stack.settle()

    assert owners_of(stack, image_id) == all_of(BUCKET_OWNER)


@pytest.mark.parametrize(
    ("way", "owner"),
    [(by_ticket, "alice"), (by_plain_link, "alice"), (by_hand, BUCKET_OWNER)],
)
def test_an_image_stays_its_owner_s_when_it_is_rendered_again(
    stack: Stack, way: Way, owner: str
) -> None:
    image_id = way(stack, original(), "alice")
    stack.settle()
    stack.context = replace(stack.context, bucket_owner="new owner")
    stack.change_presets()

    stack.sign_in()
    stack.ask("POST", f"/images/{image_id}/reprocess", subject="eve", groups=["admin"])
    stack.settle()

    assert stack.table.items[image_id]["version"] == 7
    assert owners_of(stack, image_id) == all_of(owner)


@pytest.mark.parametrize("is_processed", [True, False])
@pytest.mark.parametrize(
    ("way", "owner"),
    [(by_ticket, "alice"), (by_plain_link, "alice"), (by_hand, BUCKET_OWNER)],
)
def test_what_is_left_of_a_deleted_image_is_its_owner_s_and_in_no_listing(
    stack: Stack, way: Way, owner: str, *, is_processed: bool
) -> None:
    image_id = way(stack, original(), "alice")
    if is_processed:
        stack.settle()

    stack.originals.delete(next(iter(stack.originals.objects)))
    stack.settle()

    assert stack.table.items[image_id]["status"] == Status.DELETED
    assert owners_of(stack, image_id) == (owner, None, {owner})
    assert stack.ask("GET", "/images", subject="alice").json["images"] == []


@WAYS
def test_a_failure_of_which_nothing_was_read_is_the_uploader_s(
    stack: Stack, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = way(stack, original(), "alice")

    def refuse(*_: object, **__: object) -> None:
        message = "Slow Down"
        raise UnavailableError(message, service="s3", operation="GetObject", status=503)

    monkeypatch.setattr(stack.originals, "get", refuse)
    taken = stack.process_queue.receive()
    assert taken is not None
    process.handler(batch_of(message(taken.body, received=MAX_TRIES)), None)
    stack.deliver(stack.news, catalogue.handler)

    assert stack.table.items[image_id]["status"] == Status.FAILED
    assert owners_of(stack, image_id) == all_of("alice")


@WAYS
def test_an_image_that_no_function_was_started_for_is_the_uploader_s(
    stack: Stack, way: Way
) -> None:
    image_id = way(stack, original(), "alice")
    taken = stack.process_queue.receive()
    assert taken is not None

    failed = message(taken.body)
    catalogue.handler(batch_of({**failed, "eventSourceARN": FAILED_ARN}), None)
    stack.deliver(stack.news, catalogue.handler)

    assert stack.table.items[image_id]["status"] == Status.FAILED
    assert owners_of(stack, image_id) == all_of("alice")


def test_reindexing_restores_the_owners(stack: Stack) -> None:
    hers, public = by_ticket(stack, original(), "alice"), by_plain_link(stack, original(), None)
    by_the_museum = by_hand(stack, BROKEN)
    stack.settle()
    table = MemoryTable(stack.world)
    table.put_new(stack.table.items[public] | {"owner": "mallory"})
    reindex = Reindex(cast("Bucket", stack.renditions), Records(table))

    found = {one: reindex.compare(one) for one in (hers, public, by_the_museum)}

    assert found == {
        hers: RecordState.ADDED,
        public: RecordState.CHANGED,
        by_the_museum: RecordState.ADDED,
    }
    table.assert_counted()
    assert {one: table.items[one]["owner"] for one in found} == {
        hers: "alice",
        public: "public",
        by_the_museum: BUCKET_OWNER,
    }


def test_the_listing_is_the_caller_s_own_and_so_is_its_cursor(stack: Stack) -> None:
    hers = {by_ticket(stack, original(), "alice") for _ in range(3)}
    by_ticket(stack, original(), "bob")
    by_ticket(stack, original(), None)
    stack.settle()

    first = stack.ask("GET", "/images", query="limit=2", subject="alice").json
    query = f"limit=2&cursor={first['cursor']}"
    second = stack.ask("GET", "/images", query=query, subject="alice").json

    assert {one["id"] for one in first["images"] + second["images"]} == hers
    for other in ("bob", None):
        refused = stack.ask("GET", "/images", query=query, subject=other)
        assert (refused.status, refused.json["code"]) == (400, "invalid_request")


def test_a_file_name_means_the_caller_s_own_upload(stack: Stack) -> None:
    for subject in ("alice", "bob", None):
        by_plain_link(stack, original(), subject)
    stack.settle()
    query = "filename=processed-beach.png"

    urls = {
        stack.ask("GET", "/get-processed-image-url", query=query, subject=one).json["url"]
        for one in ("alice", "bob", None)
    }

    assert len(urls) == 3
    said = stack.ask("GET", "/get-processed-image-url", query=query, subject="mallory")
    assert (said.status, said.json["code"]) == (404, "image_not_found")
