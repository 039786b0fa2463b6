"""Nothing lost, nothing doubled: the event path in a world where everything goes wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.event_path import (
    CALM,
    KINDS,
    SQS_RETENTION,
    TICKET_SECONDS,
    Cloud,
    assert_ended,
    assert_ended_right,
    live,
    lives,
    original,
    ticket,
)
from tests.rendered_once import render_once
from tests.simulation import MAX_TRIES, as_stored
from tests.world import KilledError, Odds
from tintype import imaging, keys, messages
from tintype.images import Status, item
from tintype.processing import manifests
from tintype.processing.giving_up import NOT_PROCESSED
from tintype.processing.job import ProcessJob
from tintype.processing.process import CRASHED, process
from tintype.processing.run import ProcessRun


@pytest.fixture(autouse=True)
def _rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imaging, "render_all", render_once)


@pytest.mark.parametrize("odds", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("seed", range(40))
def test_every_image_ends_right_whatever_happens(seed: int, odds: Odds) -> None:
    cloud = Cloud(seed, odds)
    all_lives = lives(cloud, 25)

    live(cloud, all_lives)
    for life in all_lives:
        assert_ended(cloud, life)
    cloud.redrive()

    for life in all_lives:
        assert_ended_right(cloud, life)
    cloud.table.assert_counted()
    assert not cloud.dead_letter_queue.messages
    assert not cloud.dead_news.messages


def test_a_crash_at_every_try_ends_as_a_failure_that_says_so() -> None:
    cloud = Cloud(1, CALM)
    key = keys.original_key(keys.new_id(cloud.world.now), "poison.png")
    cloud.upload(key, original(1))
    cloud.originals.poisoned = key

    cloud.run()

    image = cloud.image(key)
    assert image is not None
    assert image.failure == CRASHED
    assert len(cloud.dead_letter_queue.messages) == 1
    assert cloud.table.items[image.id]["status"] == "FAILED"


def test_a_redriven_original_becomes_ready_after_its_provisional_failure() -> None:
    cloud = Cloud(2, CALM)
    key = keys.original_key(keys.new_id(cloud.world.now), "later.png")
    cloud.upload(key, original(1))
    cloud.originals.poisoned = key
    cloud.run()
    assert len(cloud.dead_letter_queue.messages) == 1

    cloud.originals.poisoned = ""
    cloud.redrive()

    image = cloud.image(key)
    assert image is not None
    assert image.status is Status.READY


def test_an_original_that_no_function_was_started_for_fails_with_a_reason_and_can_be_redriven() -> (
    None
):
    cloud = Cloud(4, CALM)
    key = ticket(cloud, "refused.png")
    cloud.processing_refused = True
    cloud.upload(key, original(1))

    cloud.run()

    image = cloud.image(key)
    assert image is not None
    assert image.failure == NOT_PROCESSED
    assert cloud.table.items[image.id] == as_stored(item(image))
    assert "expires" not in cloud.table.items[image.id]
    assert cloud.announcements.published[image.id] == [4]
    assert len(cloud.dead_letter_queue.messages) == 2  # the original's, and that of the sweep

    cloud.processing_refused = False
    cloud.redrive()

    image = cloud.image(key)
    assert image is not None
    assert image.status is Status.READY


def test_a_record_outlives_two_weeks_in_a_queue_if_its_original_came() -> None:
    cloud = Cloud(5, CALM)
    key, unused = ticket(cloud, "late.png"), ticket(cloud, "never.png")
    cloud.world.now += timedelta(seconds=TICKET_SECONDS)
    cloud.upload(key, original(1))
    for message in cloud.process_queue.messages:
        message.visible = cloud.world.now + SQS_RETENTION

    cloud.run()

    image = cloud.image(key)
    assert image is not None
    assert image.status is Status.READY
    seen = cloud.table.history[image.id]
    assert seen[0] == 1, "the ticket's record was there all the time"
    assert cloud.table.forgotten == []
    assert keys.image_id("originals", unused) not in cloud.table.items
    cloud.table.assert_counted()


def test_what_a_killed_try_has_begun_does_not_hang_when_no_other_is_started() -> None:
    """PROCESSING of a try that died must not stand where every later one was refused."""
    cloud = Cloud(6, CALM)
    key = keys.original_key(keys.new_id(cloud.world.now), "begun.png")
    cloud.upload(key, original(1))
    cloud.run()
    image = cloud.image(key)
    assert image is not None
    cloud.process_queue.put(messages.encode(messages.Reprocess(image_id=image.id, key=key)))
    chain = manifests.read(cloud.renditions, image.id)
    job = ProcessRun(cloud.context, ProcessJob(key=key, again=True), image.id, chain)
    job.read()
    job.announce()
    cloud.processing_refused = True

    cloud.run()

    after = cloud.image(key)
    assert after is not None
    assert cloud.table.items[image.id] == as_stored(item(after)), "it hangs"
    assert cloud.table.items[image.id]["status"] == "READY"
    assert len(cloud.dead_letter_queue.messages) == 2


def test_the_last_try_at_a_deleted_image_leaves_its_tombstone() -> None:
    cloud = Cloud(28, CALM)
    cloud.upload("a.png", original(1))
    cloud.run()
    cloud.originals.delete("a.png")
    cloud.run()

    outcome = process(cloud.context, ProcessJob(key="a.png", again=True, attempt=MAX_TRIES))

    assert outcome.outcome == "GONE"
    image = cloud.image("a.png")
    assert image is not None
    assert image.status is Status.DELETED


def test_a_crash_while_rendering_at_every_try_leaves_no_image_processing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die(*_: object, **__: object) -> None:
        raise KilledError

    monkeypatch.setattr(imaging, "render_all", die)
    cloud = Cloud(10, CALM)
    key = keys.original_key(keys.new_id(cloud.world.now), "huge.png")
    cloud.upload(key, original(1))

    monkeypatch.setattr(cloud, "give_up", lambda _message: None)  # the last try itself must do
    cloud.run()

    (entered,) = cloud.table.items.values()
    assert entered["status"] == "FAILED"


def test_an_unannounced_record_is_announced_when_the_message_comes_again() -> None:
    cloud = Cloud(3, CALM)
    key = keys.original_key(keys.new_id(cloud.world.now), "told.png")
    cloud.upload(key, original(1))
    cloud.run()
    image = cloud.image(key)
    assert image is not None
    told = list(cloud.announcements.published[image.id])
    assert told[-1] == 4

    cloud.catalogue.write(image)

    assert cloud.announcements.published[image.id] == [*told, 4]
