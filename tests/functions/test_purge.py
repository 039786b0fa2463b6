"""The CDN forgets what was deleted or became private, however many images that is at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from tests.functions.aws_events import batch_of, message
from tests.functions.cases import TICKET
from tests.functions.stack import Stack, original
from tests.functions.test_private import PRIVATE, PUBLIC, by_ticket, change, image_of
from tintype import messages
from tintype.aws.errors import AccessDeniedError, ServiceError, UnavailableError
from tintype.functions import process
from tintype.images import Manifest, Status
from tintype.processing import manifests
from tintype.processing import process as process_module
from tintype.processing.job import ProcessJob
from tintype.processing.manifests import ManifestHead

AT_ONCE = 15  # wildcards that CloudFront takes (Developer Guide, "Concurrent invalidation maximum")


@dataclass
class MemoryCaches:
    """A distribution, which takes some wildcards and no more until they are done."""

    error: ServiceError | None = None
    wildcards: int = AT_ONCE
    done: dict[str, Sequence[str]] = field(default_factory=dict)
    _in_progress: int = 0

    def invalidate(self, paths: Sequence[str], reference: str) -> None:
        if self.error is not None:
            raise self.error
        if self._in_progress + len(paths) > self.wildcards:
            self._in_progress = 0  # they are done by the next try
            raise refused(UnavailableError, "TooManyInvalidationsInProgress")
        self._in_progress += len(paths)
        assert self.done.setdefault(reference, paths) == paths


def refused(kind: type[ServiceError], name: str) -> ServiceError:
    return kind("no", service="cloudfront", operation="CreateInvalidation", status=400, name=name)


@pytest.fixture
def caches(stack: Stack) -> MemoryCaches:
    stack.sign_in()
    caches = MemoryCaches()
    stack.context = replace(stack.context, caches=caches)
    return caches


def public(image_id: str) -> tuple[str, ...]:
    return (f"/{image_id}/*", f"/i/{image_id}*")


def private(image_id: str) -> tuple[str, ...]:
    return (f"/p/alice/{image_id}*", f"/private/alice/{image_id}/*")


def delete(stack: Stack, *image_ids: str) -> None:
    for image_id in image_ids:
        stack.ask("DELETE", f"/images/{image_id}", subject="alice")
    stack.settle()


def test_what_was_private_is_purged_there_too_when_it_is_deleted(
    stack: Stack, caches: MemoryCaches
) -> None:
    image_id = by_ticket(stack, original(), PRIVATE)
    stack.settle()
    change(stack, image_id, PUBLIC)

    delete(stack, image_id)

    assert set(caches.done[f"{image_id}.10"]) == {*public(image_id), *private(image_id)}


@pytest.mark.parametrize("wanted", [PUBLIC, PRIVATE])
def test_what_is_deleted_is_purged_under_every_path_that_it_had(
    stack: Stack, caches: MemoryCaches, wanted: str
) -> None:
    image_id = by_ticket(stack, original(), wanted)
    stack.settle()
    assert not caches.done, "nothing is purged for a new image"

    delete(stack, image_id)

    paths = private(image_id) if wanted == PRIVATE else public(image_id)
    assert caches.done == {f"{image_id}.7": paths}


def test_what_becomes_private_is_purged_under_its_public_path(
    stack: Stack, caches: MemoryCaches
) -> None:
    image_id = by_ticket(stack, original(), PUBLIC)
    stack.settle()

    change(stack, image_id, PRIVATE)

    assert caches.done == {f"{image_id}.7": public(image_id)}


def test_what_becomes_public_is_not_purged(stack: Stack, caches: MemoryCaches) -> None:
    image_id = by_ticket(stack, original(), PRIVATE)
    stack.settle()

    change(stack, image_id, PUBLIC)

    assert not caches.done


@pytest.mark.parametrize("end", ["private", "deleted"])
def test_what_a_late_run_writes_at_a_known_public_address_is_swept_and_purged(
    stack: Stack, caches: MemoryCaches, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    image_id = by_ticket(stack, original(), PUBLIC)
    stack.settle()
    known = image_of(stack, image_id).renditions[0].key
    append = manifests.append

    def late(bucket: Any, head: ManifestHead, manifest: Manifest) -> ManifestHead:
        monkeypatch.setattr(manifests, "append", append)
        if end == "private":
            change(stack, image_id, PRIVATE)
        else:
            delete(stack, image_id)
        caches.done.clear()
        stack.renditions.put(known, b"late", content_type="image/webp")  # slower than the deletion
        return append(bucket, head, manifest)

    monkeypatch.setattr(manifests, "append", late)
    key = image_of(stack, image_id).original.key
    process_module.process(stack.context, ProcessJob(key=key, again=True))
    assert known in stack.renditions.objects
    stack.world.now += timedelta(hours=1)
    stack.settle()

    assert known not in stack.renditions.objects
    assert list(caches.done.values()) == [public(image_id)]


def test_a_sweep_of_a_public_image_purges_nothing(stack: Stack, caches: MemoryCaches) -> None:
    image_id = by_ticket(stack, original(), PUBLIC)
    stack.settle()

    stack.renditions.put(f"{image_id}/0123/thumb.webp", b"late", content_type="image/webp")
    stack.world.now += timedelta(hours=1)
    stack.process_queue.send(messages.encode(messages.Sweep(image_id=image_id)))
    stack.settle()

    assert not caches.done


def test_an_image_that_was_never_uploaded_is_not_purged(stack: Stack, caches: MemoryCaches) -> None:
    ticket = stack.ask("POST", "/uploads", body=TICKET, subject="alice").json

    delete(stack, ticket["imageId"])

    assert not caches.done


def test_a_hundred_deletions_in_a_row_are_all_purged_and_none_fails(
    stack: Stack, caches: MemoryCaches
) -> None:
    images = [by_ticket(stack, original(), PUBLIC) for _ in range(100)]
    stack.settle()

    delete(stack, *images)

    assert set(caches.done) == {f"{image_id}.7" for image_id in images}
    assert not any(queue.messages for queue in stack.dead_letters.values())
    assert all(stack.table.items[one]["status"] == Status.DELETED for one in images)


def test_a_purge_asks_ever_less_often_and_after_days_it_fails(
    stack: Stack, caches: MemoryCaches
) -> None:
    caches.error = refused(UnavailableError, "TooManyInvalidationsInProgress")
    told = messages.encode(messages.Purge(image_id="I", paths=("/I/*",), reference="I.5"))
    pauses: list[float] = []
    said: dict[str, object] = {"batchItemFailures": []}

    while not said["batchItemFailures"]:
        said = process.handler(batch_of(message(told, id="purge")), None)
        if stack.process_queue.messages:
            later = stack.process_queue.messages.pop()
            pauses.append((later.visible - stack.world.now).total_seconds())
            told = later.body

    assert 30 <= pauses[0] <= 120
    assert all(450 <= pause <= 900 for pause in pauses[4:]), "SQS takes 900 at most"
    assert 86_400 < sum(pauses) < 7 * 86_400


def test_a_purge_that_is_not_allowed_fails_by_itself(stack: Stack, caches: MemoryCaches) -> None:
    caches.error = refused(AccessDeniedError, "AccessDenied")
    told = messages.encode(messages.Purge(image_id="I", paths=("/I/*",), reference="I.5"))

    said = process.handler(batch_of(message(told, id="purge")), None)

    assert said == {"batchItemFailures": [{"itemIdentifier": "purge"}]}
    assert not stack.process_queue.messages
