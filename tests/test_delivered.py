"""Files made for addresses: whatever happens to an image meanwhile, only what it is now is left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from typing import TypeAlias

import pytest

from tests.delivering import (
    FILES,
    PRIVATE,
    PUBLIC,
    DeliveringCloud,
    assert_only_current,
    keys_of_addresses,
)
from tests.event_path import BROKEN, CALM, KINDS, SWEEP_SECONDS, lives, original
from tests.rendered_once import render_once
from tests.world import Odds, Worker
from tintype import imaging, keys, messages
from tintype.access import Visibility
from tintype.images import delivered_key

Event: TypeAlias = Callable[[DeliveringCloud], None]

KEY = "beach.png"
SOON = timedelta(seconds=SWEEP_SECONDS // 3)  # every event is handled by then, and no sweep
STEPS = range(8)  # one more than a request has
FILE = FILES[0]

render_one_once = cache(imaging.render_one)


@pytest.fixture(autouse=True)
def _rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imaging, "render_all", render_once)
    monkeypatch.setattr(imaging, "render_one", render_one_once)


def delete(cloud: DeliveringCloud) -> None:
    cloud.originals.delete(KEY)


def overwrite(cloud: DeliveringCloud) -> None:
    cloud.upload(KEY, original(2))


def overwrite_with_nonsense(cloud: DeliveringCloud) -> None:
    cloud.upload(KEY, BROKEN)


def reprocess(cloud: DeliveringCloud) -> None:
    cloud.deploy_presets("others")
    cloud.process_queue.put(messages.encode(messages.Reprocess(key=KEY)))


def delete_and_bring_back(cloud: DeliveringCloud) -> None:
    cloud.originals.delete(KEY)
    cloud.run_for(SOON / 2)
    cloud.upload(KEY, original(1))


def make_other(visibility: Visibility, cloud: DeliveringCloud) -> None:
    cloud.set_visibility(KEY, visibility)


EVENTS: dict[str, Event] = {
    "deleted": delete,
    "overwritten": overwrite,
    "overwritten with nonsense": overwrite_with_nonsense,
    "rendered again": reprocess,
    "deleted and brought back": delete_and_bring_back,
    "private": partial(make_other, PRIVATE),
    "public": partial(make_other, PUBLIC),
}
CASES = [
    pytest.param(visibility, event, id=f"{visibility}, then {name}")
    for visibility in Visibility
    for name, event in EVENTS.items()
    if name != visibility
]


def at_every_step(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test with every event, at each step of a request."""
    run: Callable[..., None] = pytest.mark.parametrize(("visibility", "event"), CASES)(test)
    for_all: Callable[..., None] = pytest.mark.parametrize("step", STEPS)(run)
    return for_all


def cloud_with(visibility: Visibility) -> tuple[DeliveringCloud, str]:
    """Return a stack with one image, and the key of a file of it that is not there yet."""
    cloud = DeliveringCloud(1, CALM)
    cloud.context = replace(cloud.context, visibility=visibility)
    return cloud, delivered_key(cloud.ready(KEY, original(1)), FILE)


def requested(visibility: Visibility, step: int = 0) -> tuple[DeliveringCloud, str, Worker]:
    """Return the same, and a request for that file that has come as far as *step*."""
    cloud, wanted = cloud_with(visibility)
    request = Worker(cloud.world, partial(viewer, cloud, wanted))
    for _ in range(step):
        request.step()
    return cloud, wanted, request


def viewer(cloud: DeliveringCloud, wanted: str) -> None:
    cloud.edge.fetch(wanted)


@at_every_step
def test_an_event_at_any_step_of_a_request_leaves_nothing_old_at_once(
    visibility: Visibility, event: Event, step: int
) -> None:
    cloud, _, request = requested(visibility, step)

    event(cloud)
    cloud.run_for(SOON)
    while not request.done:
        request.step()

    assert request.error is None
    marks = set(cloud.marks(keys.image_id("originals", KEY)))
    for mark in marks:  # the sweep's
        cloud.renditions.objects.pop(mark)
    assert_only_current(cloud, KEY)


@at_every_step
def test_a_request_that_dies_at_any_step_leaves_nothing_old_for_longer_than_until_the_sweep(
    visibility: Visibility, event: Event, step: int
) -> None:
    cloud, _, request = requested(visibility)
    event(cloud)
    for _ in range(step):
        request.step()

    cloud.run()

    assert_only_current(cloud, KEY)


@at_every_step
def test_what_another_viewer_gets_meanwhile_is_not_kept_by_the_edge_for_longer_than_until_the_sweep(
    visibility: Visibility, event: Event, step: int
) -> None:
    cloud, wanted, request = requested(visibility, step)

    event(cloud)
    cloud.run_for(SOON)
    while not request.done:
        if wanted in cloud.renditions.objects:
            cloud.edge.fetch(wanted)
        request.step()
    cloud.run()

    assert_only_current(cloud, KEY)


@pytest.mark.parametrize("odds", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("seed", range(30))
def test_whatever_happens_to_images_and_requests_only_what_they_are_now_is_left(
    seed: int, odds: Odds
) -> None:
    cloud = DeliveringCloud(seed, odds)
    dice, all_lives = cloud.world.random, lives(cloud, 8)

    def people() -> None:
        waiting = [(life.key, list(life.contents)) for life in all_lives]
        while waiting:
            key, contents = dice.choice(waiting)
            owner = keys.owner_in(key) or cloud.context.bucket_owner
            places = keys_of_addresses(keys.image_id("originals", key), owner)
            for _ in range(dice.randrange(1, 9)):
                wait = timedelta(seconds=dice.choice([0, 1, 5, 30, 90, 1_000]))
                cloud.requests.put(dice.choice(places), wait)
            if dice.random() < 0.3:
                cloud.set_visibility(key, dice.choice([PUBLIC, PRIVATE]))
            if dice.random() < 0.1:
                cloud.deploy_presets(f"presets {dice.randrange(3)}")
            content = contents.pop(0)
            if not contents:
                waiting.remove((key, contents))
            if content is None:
                cloud.originals.delete(key)
            else:
                cloud.upload(key, content)

    cloud.run(people)
    cloud.redrive()

    for life in all_lives:
        assert_only_current(cloud, life.key)
        image = cloud.image(life.key)
        assert image is not None
        assert bool(cloud.edge.fetch(delivered_key(image, FILE))) == bool(image.renditions)


def test_only_images_that_anything_was_delivered_of_cost_an_invalidation() -> None:
    cloud = DeliveringCloud(3, CALM)
    asked, other = cloud.ready("asked.png", original(1)), cloud.ready("other.png", original(2))
    cloud.edge.fetch(delivered_key(asked, FILE))
    cloud.deploy_presets("others")
    for image in (asked, other):
        request = messages.Reprocess(image_id=image.id, key=image.original.key)
        cloud.process_queue.put(messages.encode(request))

    cloud.run()

    assert cloud.edge.invalidations == [(f"/{asked.id}/*", f"/i/{asked.id}*")]
    assert not cloud.marks(asked.id)
    assert not cloud.delivered(asked.id)


def test_what_has_expired_is_forgotten_by_the_edge_all_the_same() -> None:
    cloud = DeliveringCloud(4, CALM)
    image = cloud.ready(KEY, original(1))
    cloud.edge.fetch(delivered_key(image, FILE))
    cloud.renditions.objects.pop(delivered_key(image, FILE))  # as the lifecycle rule does

    overwrite(cloud)
    cloud.run()

    assert cloud.edge.invalidations == [(f"/{image.id}/*", f"/i/{image.id}*")]
    assert not cloud.edge.cached


def test_a_sweep_spares_what_is_current_and_purges_nothing() -> None:
    cloud = DeliveringCloud(5, CALM)
    image = cloud.ready(KEY, original(1))
    for name in FILES:
        cloud.edge.fetch(delivered_key(image, name))
    before = cloud.delivered(image.id)
    assert len(before) == len(FILES)

    cloud.world.now += timedelta(days=30)
    cloud.process_queue.put(messages.encode(messages.Sweep(image_id=image.id)))
    cloud.run()

    assert cloud.delivered(image.id) == before
    assert cloud.marks(image.id)
    assert not cloud.edge.invalidations
