"""Changing who may see an image: the last request wins, and no file is served or lost by a race."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.functions.stack import BROKEN, Stack, original
from tests.functions.test_private import (
    FOLDER,
    PRIVATE,
    PUBLIC,
    by_ticket,
    change,
    contents,
    files_of,
    image_of,
)
from tintype import messages
from tintype.images import Manifest, Status
from tintype.processing import change as change_module
from tintype.processing import manifests
from tintype.processing import process as process_module
from tintype.processing.job import ProcessJob
from tintype.processing.manifests import ManifestHead


@pytest.fixture(autouse=True)
def signed_in(stack: Stack) -> None:
    stack.sign_in()


def test_an_image_that_becomes_private_has_new_files_at_once_and_no_old_ones(stack: Stack) -> None:
    image_id = by_ticket(stack, original(), PUBLIC)
    stack.settle()
    before, bytes_before = image_of(stack, image_id), contents(stack)

    said = change(stack, image_id, PRIVATE)

    after = image_of(stack, image_id)
    assert said.status == 202
    assert (after.visibility, after.version) == (PRIVATE, before.version + 3)
    assert after.revision != before.revision
    assert files_of(stack) == {one.key for one in after.renditions}
    assert all(key.startswith(f"{FOLDER}{image_id}/{after.revision}/") for key in files_of(stack))
    assert contents(stack) == bytes_before
    cached = {stack.renditions.cache_control[key] for key in files_of(stack)}
    assert cached == {"private, max-age=3600"}
    assert len(stack.announcements.owners[image_id]) == 1


def test_an_image_that_becomes_public_has_files_that_anyone_may_keep(stack: Stack) -> None:
    image_id = by_ticket(stack, original())
    stack.settle()

    change(stack, image_id, PUBLIC)

    image = image_of(stack, image_id)
    public = {key for key in files_of(stack) if not key.startswith("private/")}
    assert public == {one.key for one in image.renditions}
    assert {stack.renditions.cache_control[key] for key in public} == {
        "public, max-age=31536000, immutable"
    }


def test_a_changed_image_is_changed_once(stack: Stack) -> None:
    image_id = by_ticket(stack, original())
    stack.settle()
    before = image_of(stack, image_id)

    change(stack, image_id, PRIVATE)

    assert image_of(stack, image_id) == before


@pytest.mark.parametrize("order", ["late", "late, and private already", "rendered in between"])
def test_a_late_request_does_not_make_public_what_was_made_private_after_it(
    stack: Stack, order: str
) -> None:
    image_id = by_ticket(stack, original(), PUBLIC if order == "late" else PRIVATE)
    stack.settle()
    key = image_of(stack, image_id).original.key
    said = stack.ask("PATCH", f"/images/{image_id}", body={"visibility": PUBLIC}, subject="alice")
    assert said.status == 202
    (late,) = stack.process_queue.messages
    stack.process_queue.messages.clear()  # its first try failed
    stack.world.now += timedelta(seconds=1)

    change(stack, image_id, PRIVATE)
    if order == "rendered in between":
        stack.process_queue.send(messages.encode(messages.Reprocess(key=key)))
        stack.settle()
    stack.process_queue.send(late.body)
    stack.settle()

    assert image_of(stack, image_id).visibility is PRIVATE
    assert all(name.startswith(FOLDER) for name in files_of(stack))


def test_an_interrupted_change_is_completed_by_the_next_try(stack: Stack) -> None:
    image_id = by_ticket(stack, original())
    stack.settle()
    left = f"{image_id}/0123456789abcdef/thumb.webp"  # deleting it was interrupted
    stack.renditions.put(left, b"old", content_type="image/webp")

    change(stack, image_id, PRIVATE)

    assert left not in stack.renditions.objects


def test_a_failed_image_can_become_private(stack: Stack) -> None:
    image_id = by_ticket(stack, BROKEN, None)
    stack.settle()

    change(stack, image_id, PRIVATE)

    image = image_of(stack, image_id)
    assert (image.status, image.visibility) == (Status.FAILED, PRIVATE)


def test_a_deleted_image_is_not_changed(stack: Stack) -> None:
    image_id = by_ticket(stack, original(), None)
    stack.settle()
    key = image_of(stack, image_id).original.key
    stack.ask("DELETE", f"/images/{image_id}", subject="alice")
    stack.settle()

    stack.process_queue.send(messages.encode(messages.SetVisibility(key=key, visibility=PRIVATE)))
    stack.settle()

    assert image_of(stack, image_id).status is Status.DELETED


def test_a_change_meets_another_manifest_and_is_made_again(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = by_ticket(stack, original(), None)
    stack.settle()
    append = manifests.append

    def late(bucket: Any, head: ManifestHead, manifest: Manifest) -> ManifestHead:
        monkeypatch.setattr(manifests, "append", append)
        key = image_of(stack, image_id).original.key
        process_module.process(stack.context, ProcessJob(key=key, again=True))
        return append(bucket, head, manifest)

    monkeypatch.setattr(manifests, "append", late)
    change(stack, image_id, PRIVATE)

    image = image_of(stack, image_id)
    assert (image.visibility, image.version) == (PRIVATE, 10)
    assert files_of(stack) == {one.key for one in image.renditions}


def test_what_becomes_public_again_meanwhile_keeps_its_new_files(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = by_ticket(stack, original(), PUBLIC)
    stack.settle()
    job = ProcessJob(key=image_of(stack, image_id).original.key, again=True)
    append = manifests.append

    def slow(bucket: Any, head: ManifestHead, manifest: Manifest) -> ManifestHead:
        monkeypatch.setattr(manifests, "append", append)
        end = append(bucket, head, manifest)
        change_module.change(stack.context, job, PUBLIC)
        return end

    monkeypatch.setattr(manifests, "append", slow)
    change_module.change(stack.context, job, PRIVATE)
    stack.settle()

    image = image_of(stack, image_id)
    assert (image.visibility, image.version) == (PUBLIC, 10)
    assert {one.key for one in image.renditions} <= files_of(stack)


def test_files_copied_for_a_change_to_public_outlive_the_end_of_an_older_change_to_private(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = by_ticket(stack, original(), PUBLIC)
    stack.settle()
    job = ProcessJob(key=image_of(stack, image_id).original.key, again=True)
    change_module.change(stack.context, job, PRIVATE)
    append = manifests.append

    def meanwhile(bucket: Any, head: ManifestHead, manifest: Manifest) -> ManifestHead:
        monkeypatch.setattr(manifests, "append", append)
        stack.world.now += timedelta(seconds=1)
        change_module.change(stack.context, job, PRIVATE)  # again: it removes what is left
        return append(bucket, head, manifest)

    monkeypatch.setattr(manifests, "append", meanwhile)
    stack.world.now += timedelta(seconds=1)
    change_module.change(stack.context, job, PUBLIC)

    image = image_of(stack, image_id)
    assert image.visibility is PUBLIC
    assert {one.key for one in image.renditions} <= files_of(stack)
