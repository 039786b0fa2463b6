"""An original that another one replaces: which of them is the image, and what is served meanwhile."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.event_path import BROKEN, CALM, HUGE, Cloud, original, ticket
from tintype.images import Status
from tintype.imaging import Limits
from tintype.processing.giving_up import NOT_PROCESSED
from tintype.processing.process import LINKS_END, sweep


def test_a_replaced_picture_is_served_until_its_successor_is_processed() -> None:
    cloud = Cloud(11, CALM)
    cloud.upload("a.png", original(1))
    cloud.run()
    before = cloud.image("a.png")
    assert before is not None
    cloud.processing_refused = True
    cloud.upload("a.png", original(2))

    cloud.run()
    cloud.world.now += timedelta(days=1)
    sweep(cloud.context, before.id)

    image = cloud.image("a.png")
    assert image is not None
    assert image.failure == NOT_PROCESSED
    assert image.renditions == before.renditions
    assert all(one.key in cloud.renditions.objects for one in before.renditions)


def test_a_successor_that_is_refused_in_the_end_takes_the_old_picture_away() -> None:
    cloud = Cloud(14, CALM)
    cloud.upload("a.png", original(1))
    cloud.run()
    cloud.processing_refused = True
    cloud.upload("a.png", BROKEN)
    cloud.run()
    given_up = cloud.image("a.png")
    assert given_up is not None
    assert given_up.renditions, "nobody has seen the other bytes yet"

    cloud.processing_refused = False
    cloud.redrive()

    image = cloud.image("a.png")
    assert image is not None
    assert image.failure is not None
    assert (image.failure.code, image.renditions) == ("not_an_image", ())


def test_a_picture_that_no_function_was_started_for_again_keeps_what_it_has() -> None:
    """Given up, and then refused by a smaller limit: its renditions are of the same bytes."""
    cloud = Cloud(15, CALM)
    cloud.upload("a.png", original(1))
    cloud.run()
    before = cloud.image("a.png")
    assert before is not None
    cloud.processing_refused = True
    cloud.upload("a.png", original(1))
    cloud.run()
    cloud.processing_refused = False
    cloud.context = replace(cloud.context, limits=Limits(max_bytes=1))

    cloud.redrive()

    image = cloud.image("a.png")
    assert image is not None
    assert image.failure is not None
    assert (image.failure.code, image.renditions) == ("too_many_bytes", before.renditions)


def used_twice(cloud: Cloud, *contents: bytes) -> str:
    """Put several originals at the key of one ticket, and return it: none is handled yet."""
    key = ticket(cloud, "twice.png")
    for content in contents:
        cloud.upload(key, content)
    return key


@pytest.mark.parametrize("between", [True, False])
def test_the_first_upload_by_a_link_is_the_image_and_the_second_goes(between: bool) -> None:
    cloud = Cloud(23, CALM)
    key = used_twice(cloud, original(1))
    if between:
        cloud.run()
    before = cloud.image(key)
    cloud.upload(key, original(2))

    cloud.run()

    image = cloud.image(key)
    assert image is not None
    assert image.original.sha256 == hashlib.sha256(original(1)).hexdigest()
    assert cloud.kept(key) == 1
    assert before is None or image == before, "nothing is rendered again"


def test_an_upload_after_the_image_was_deleted_does_not_bring_it_back() -> None:
    cloud = Cloud(24, CALM)
    key = used_twice(cloud, original(1))
    cloud.run()
    cloud.originals.delete(key)
    cloud.upload(key, original(2))

    cloud.run()

    image = cloud.image(key)
    assert image is not None
    assert image.status is Status.DELETED
    assert cloud.kept(key) == 1, "what was deleted can be restored"


def test_what_the_bucket_s_owner_puts_there_later_takes_the_place_of_the_first() -> None:
    cloud = Cloud(25, CALM)
    key = used_twice(cloud, original(1))
    cloud.run()
    cloud.world.now += LINKS_END
    cloud.upload(key, original(2))

    cloud.run()

    image = cloud.image(key)
    assert image is not None
    assert image.original.sha256 == hashlib.sha256(original(2)).hexdigest()
    assert cloud.kept(key) == 2


def test_one_that_could_not_be_removed_is_kept_for_redrive() -> None:
    cloud = Cloud(26, CALM)
    key = used_twice(cloud, original(1))
    cloud.run()
    cloud.processing_refused = True
    cloud.upload(key, original(2))
    cloud.run()
    cloud.processing_refused = False

    cloud.redrive()

    image = cloud.image(key)
    assert image is not None
    assert image.status is Status.READY
    assert image.original.sha256 == hashlib.sha256(original(1)).hexdigest()
    assert cloud.kept(key) == 1


@pytest.mark.parametrize(
    ("contents", "ending"),
    [
        ((HUGE,), "too_many_bytes"),
        ((original(1), original(2)), None),
        ((original(1), HUGE), "too_many_bytes"),
    ],
)
def test_what_a_lock_of_the_bucket_keeps_replaces_the_one_before(
    contents: tuple[bytes, ...], ending: str | None
) -> None:
    cloud = Cloud(27, CALM)
    cloud.originals.locked = True
    key = used_twice(cloud, *contents)

    cloud.run()

    image = cloud.image(key)
    assert image is not None
    assert (image.failure and image.failure.code) == ending
    if ending is None:
        assert image.original.sha256 == hashlib.sha256(contents[-1]).hexdigest()
    assert not cloud.dead_letter_queue.messages
