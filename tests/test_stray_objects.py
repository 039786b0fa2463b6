"""What is no image, or stands beside one: folders' markers, empty files, a second object of an id."""

from __future__ import annotations

import hashlib

import pytest

from tests.event_path import CALM, KINDS, Cloud, original, ticket
from tintype import keys
from tintype.images import Status, from_document
from tintype.processing import manifests
from tintype.processing.giving_up import give_up
from tintype.processing.job import ProcessJob
from tintype.processing.process import discard, process
from tintype.processing.run import ProcessRun


@pytest.mark.parametrize(("key", "data"), [("holiday/", b""), ("holiday/", b"x"), ("a.jpg", b"")])
def test_a_folder_s_marker_and_what_somebody_put_there_empty_are_no_images(
    key: str, data: bytes
) -> None:
    cloud = Cloud(7, CALM)
    cloud.upload(key, data)

    cloud.run()

    assert not cloud.renditions.objects
    assert not cloud.table.items
    cloud.originals.delete("holiday/")
    cloud.run()
    assert not cloud.table.items


def test_a_folder_s_marker_that_no_function_was_started_for_is_no_image_either() -> None:
    cloud = Cloud(16, CALM)
    cloud.processing_refused = True
    cloud.upload("holiday/", b"")

    cloud.run()

    assert not cloud.renditions.objects
    assert not cloud.table.items
    assert not cloud.dead_letter_queue.messages


def test_an_image_that_is_overwritten_by_nothing_fails() -> None:
    cloud = Cloud(12, CALM)
    cloud.upload("a.png", original(1))
    cloud.run()
    cloud.upload("a.png", b"")

    cloud.run()

    image = cloud.image("a.png")
    assert image is not None
    assert image.failure is not None
    assert image.failure.code == "empty_file"


def test_an_image_of_a_key_that_ends_like_a_folder_can_be_deleted() -> None:
    """They were made before such keys were left alone."""
    cloud = Cloud(13, CALM)
    context, order = cloud.context, ProcessJob(key="holiday/", sequencer="01")
    cloud.upload("holiday/", original(1))
    job = ProcessRun(context, order, context.image_id(order), manifests.ManifestHead())
    job.read()
    job.render()
    job.commit(job.ready)
    cloud.originals.delete("holiday/")

    discard(context, ProcessJob(key="holiday/", sequencer="02"))

    image = cloud.image("holiday/")
    assert image is not None
    assert image.status is Status.DELETED


def test_an_empty_upload_of_a_ticket_fails_with_a_code_of_its_own() -> None:
    cloud = Cloud(8, CALM)
    key = ticket(cloud, "empty.png")
    cloud.upload(key, b"")

    cloud.run()

    image = cloud.image(key)
    assert image is not None
    assert image.failure is not None
    assert (image.failure.code, image.failure.retryable) == ("empty_file", False)


BESIDE = "second.png"


def two_originals(cloud: Cloud) -> tuple[str, str]:
    """Return the key of an image that is ready, and one beside it that has an object as well."""
    key = ticket(cloud, "first.png")
    cloud.upload(key, original(1))
    cloud.run()
    other = f"{key.rpartition('/')[0]}/{BESIDE}"
    cloud.upload(other, original(2))
    return key, other


def test_an_object_beside_an_original_does_not_take_its_image() -> None:
    cloud = Cloud(19, CALM)
    key, other = two_originals(cloud)
    before = cloud.image(key)
    assert before is not None

    cloud.run()

    assert cloud.image(key) == before
    assert process(cloud.context, ProcessJob(key=other, again=True)).outcome == "IGNORED"
    cloud.originals.delete(other)
    cloud.run()
    assert cloud.image(key) == before, "its removal does not remove the image"
    cloud.originals.delete(key)
    cloud.run()
    image = cloud.image(key)
    assert image is not None
    assert image.status is Status.DELETED


def test_an_object_beside_an_original_that_no_function_was_started_for_fails_no_image() -> None:
    cloud = Cloud(20, CALM)
    key, _ = two_originals(cloud)
    before = cloud.image(key)
    cloud.processing_refused = True

    cloud.run()

    assert cloud.image(key) == before
    assert not any("Records" in one.body for one in cloud.dead_letter_queue.messages)


def test_of_an_awaited_upload_only_its_own_key_can_be_given_up() -> None:
    cloud = Cloud(21, CALM)
    key = ticket(cloud, "first.png")
    other = f"{key.rpartition('/')[0]}/{BESIDE}"
    cloud.originals.put(other, original(2), content_type="image/png")
    image_id = keys.image_id("originals", key)
    expected = from_document(cloud.table.items[image_id])

    given_up = give_up(cloud.context, ProcessJob(key=other, sequencer="01"), expected)

    assert given_up.image is None
    assert not given_up.worth_a_try
    assert not cloud.renditions.objects


@pytest.mark.parametrize("seed", range(20))
def test_two_originals_of_one_id_that_come_at_once_are_one_image(seed: int) -> None:
    cloud = Cloud(seed, KINDS["doubled"])
    one = keys.original_key(keys.new_id(cloud.world.now), "one.png")
    other = f"{one.rpartition('/')[0]}/{BESIDE}"
    cloud.upload(one, original(1))
    cloud.upload(other, original(2))

    cloud.run()

    image = cloud.image(one)
    assert image is not None
    assert image.status is Status.READY
    data = cloud.originals.objects[image.original.key].data
    assert image.original.sha256 == hashlib.sha256(data).hexdigest()
    there = {key for key in cloud.renditions.objects if not key.endswith("manifest.json")}
    assert there == {found.key for found in image.renditions}
    published = cloud.announcements.published[image.id]
    assert max(published) <= 5, "it did not go back and forth"


def test_an_id_that_no_clock_has_made_is_one_all_the_same() -> None:
    cloud = Cloud(22, CALM)
    key = f"originals/{'7' + 25 * 'Z'}/far.png"
    cloud.upload(key, original(1))

    cloud.run()

    image = cloud.image(key)
    assert image is not None
    assert image.status is Status.READY
