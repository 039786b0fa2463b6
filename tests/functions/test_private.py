"""Private images: who asks for it, where their files are, and that nothing makes them public."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

import pytest

from tests.functions.aws_events import batch_of, message
from tests.functions.batches import give_up
from tests.functions.cases import PLAIN, PNG, TICKET
from tests.functions.stack import (
    BROKEN,
    BUCKET_OWNER,
    ApiResponse,
    Stack,
    original,
)
from tests.simulation import MAX_TRIES
from tintype import keys, messages
from tintype.access import Visibility
from tintype.aws.s3 import METADATA_PREFIX
from tintype.functions import process
from tintype.images import Image, Status, decode_manifest, from_document

Way: TypeAlias = Callable[[Stack, bytes, "str | None"], str]

PRIVATE, PUBLIC = Visibility.PRIVATE, Visibility.PUBLIC
FOLDER = "private/alice/"


def by_ticket(stack: Stack, data: bytes, wanted: str | None = PRIVATE) -> str:
    body = TICKET | ({"visibility": wanted} if wanted else {})
    said = stack.ask("POST", "/uploads", body=body, subject="alice").json
    headers: dict[str, str] = said["upload"]["headers"]
    key = unquote(urlsplit(said["upload"]["url"]).path).removeprefix("/")
    put(stack, key, data, headers)
    return str(said["imageId"])


def by_plain_link(stack: Stack, data: bytes, wanted: str | None = PRIVATE) -> str:
    body = PLAIN | ({"visibility": wanted} if wanted else {})
    said = stack.ask("POST", "/generate-upload-url", body=body, subject="alice").json
    headers = {f"{METADATA_PREFIX}visibility": wanted} if wanted else {}
    put(stack, said["key"], data, headers)
    return keys.image_id("originals", said["key"])


def by_the_api(stack: Stack, data: bytes, wanted: str | None = PRIVATE) -> str:
    query = f"visibility={wanted}" if wanted else ""
    said = stack.ask("POST", "/images", query=query, headers=PNG, body=data, subject="alice")
    return str(said.json["imageId"])


def put(stack: Stack, key: str, data: bytes, headers: dict[str, str]) -> None:
    metadata = {
        name.removeprefix(METADATA_PREFIX): value
        for name, value in headers.items()
        if name.startswith(METADATA_PREFIX)
    }
    stack.originals.put(key, data, content_type="image/png", metadata=metadata)


WAYS = pytest.mark.parametrize("way", [by_ticket, by_plain_link, by_the_api])


@pytest.fixture(name="stack")
def closed(stack: Stack) -> Stack:
    stack.sign_in()
    stack.has_signing_keys()
    return stack


def private_by_default(stack: Stack) -> None:
    stack.context = replace(stack.context, visibility=PRIVATE)
    uploads = replace(stack.service.uploads, visibility=PRIVATE)
    stack.service = replace(stack.service, uploads=uploads)


def image_of(stack: Stack, image_id: str) -> Image:
    """Return the image, whose visibility is the same in its manifest and in the table."""
    image = decode_manifest(stack.renditions.objects[keys.manifest_key(image_id)].data).image
    assert from_document(stack.table.items[image_id]).visibility is image.visibility
    return image


def files_of(stack: Stack) -> set[str]:
    return {key for key in stack.renditions.objects if not key.endswith("/manifest.json")}


@WAYS
@pytest.mark.parametrize("data", [original(), BROKEN], ids=["ready", "failed"])
def test_a_private_upload_is_private_from_its_first_record_on(
    stack: Stack, way: Way, data: bytes
) -> None:
    image_id = way(stack, data, PRIVATE)
    assert stack.table.items[image_id]["visibility"] == PRIVATE, "while it is awaited"

    stack.settle()

    assert image_of(stack, image_id).visibility is PRIVATE


@WAYS
def test_files_of_a_private_image_are_in_its_owner_s_folder_and_only_browsers_keep_them(
    stack: Stack, way: Way
) -> None:
    image_id = way(stack, original(), PRIVATE)

    stack.settle()

    files = files_of(stack)
    assert files == {one.key for one in image_of(stack, image_id).renditions}
    assert files
    assert all(key.startswith(f"{FOLDER}{image_id}/") for key in files)
    assert {stack.renditions.cache_control[key] for key in files} == {"private, max-age=3600"}


@WAYS
@pytest.mark.parametrize(("wanted", "is_private"), [(None, True), (PUBLIC, False), (PRIVATE, True)])
def test_an_upload_that_does_not_say_is_as_the_deployment_wants(
    stack: Stack, way: Way, wanted: str | None, *, is_private: bool
) -> None:
    private_by_default(stack)

    image_id = way(stack, original(), wanted)
    stack.settle()

    assert image_of(stack, image_id).visibility is (PRIVATE if is_private else PUBLIC)
    assert all(key.startswith(FOLDER) is is_private for key in files_of(stack))


@pytest.mark.parametrize("default", Visibility)
def test_what_was_put_by_hand_is_as_the_deployment_wants_whatever_it_claims(
    stack: Stack, default: Visibility
) -> None:
    stack.context = replace(stack.context, visibility=default)
    (other,) = set(Visibility) - {default}

    claim = {"visibility": other.value}
    stack.originals.put("beach.png", original(), content_type="image/png", metadata=claim)
    stack.settle()

    image = image_of(stack, keys.image_id("originals", "beach.png"))
    assert (image.visibility, image.owner) == (default, BUCKET_OWNER)


@pytest.mark.parametrize("again", ["rendered", "overwritten", "deleted and restored"])
def test_a_private_image_stays_private(stack: Stack, again: str) -> None:
    image_id = by_ticket(stack, original())
    stack.settle()
    key = image_of(stack, image_id).original.key
    stack.world.now += timedelta(days=2)  # later than any link

    if again == "rendered":
        stack.process_queue.send(messages.encode(messages.Reprocess(key=key)))
    if again == "deleted and restored":
        stack.originals.delete(key)
        stack.settle()
        assert image_of(stack, image_id).status is Status.DELETED
        assert image_of(stack, image_id).visibility is PRIVATE
    if again != "rendered":
        stack.originals.put(key, original(), content_type="image/png")
    stack.settle()

    image = image_of(stack, image_id)
    assert (image.status, image.visibility) == (Status.READY, PRIVATE)
    assert image.version > 4
    assert all(one.key.startswith(FOLDER) for one in image.renditions)


def test_a_public_image_stays_public_where_the_default_has_become_private(stack: Stack) -> None:
    image_id = by_ticket(stack, original(), None)
    stack.settle()
    private_by_default(stack)

    key = image_of(stack, image_id).original.key
    stack.process_queue.send(messages.encode(messages.Reprocess(key=key)))
    stack.settle()

    assert image_of(stack, image_id).visibility is PUBLIC


def test_a_private_upload_that_no_function_was_started_for_is_private(stack: Stack) -> None:
    image_id = by_ticket(stack, original())
    (told,) = stack.process_queue.messages

    give_up(told.body)

    image = decode_manifest(stack.renditions.objects[keys.manifest_key(image_id)].data).image
    assert (image.status, image.visibility) == (Status.FAILED, PRIVATE)


def test_nothing_is_left_of_a_private_image_that_is_deleted(stack: Stack) -> None:
    image_id = by_ticket(stack, original())
    stack.settle()

    stack.ask("DELETE", f"/images/{image_id}", subject="alice")
    stack.settle()

    assert files_of(stack) == set()


def change(stack: Stack, image_id: str, wanted: str, **caller: Any) -> ApiResponse:
    said = stack.ask(
        "PATCH",
        f"/images/{image_id}",
        body={"visibility": wanted},
        **(caller or {"subject": "alice"}),
    )
    stack.settle()
    return said


def contents(stack: Stack) -> list[bytes]:
    return sorted(stack.renditions.objects[key].data for key in files_of(stack))


def test_what_no_manifest_names_is_swept_from_both_folders(stack: Stack) -> None:
    image_id = by_ticket(stack, original())
    stack.settle()
    named = files_of(stack)
    for folder in (f"{image_id}/", f"{FOLDER}{image_id}/"):
        stack.renditions.put(f"{folder}old/thumb.webp", b"old", content_type="image/webp")
    stack.world.now += timedelta(hours=1)

    told = messages.encode(messages.Sweep(image_id=image_id))
    process.handler(batch_of(message(told, received=MAX_TRIES)), None)

    assert files_of(stack) == named
