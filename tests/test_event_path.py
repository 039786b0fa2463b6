"""Nothing lost, nothing doubled: the event path in a world where everything goes wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, cast

import pytest

from tests.pictures import picture
from tests.simulation import (
    MAX_TRIES,
    KilledError,
    MemoryAnnouncements,
    MemoryBucket,
    MemoryQueue,
    MemoryTable,
    Odds,
    QueuedMessage,
    Worker,
    World,
    s3_event,
)
from tintype import keys
from tintype.aws.errors import ServiceError
from tintype.catalogue import Catalogue, record
from tintype.darkroom import Darkroom
from tintype.develop import CRASHED, develop, discard, sweep
from tintype.functions.events import Develop, Discard, SqsAttributes, SqsRecord, instructions
from tintype.functions.events import records as records_of
from tintype.images import Image, Status, decode_manifest
from tintype.imaging import Encoding, Format, Limits, Preset

if TYPE_CHECKING:
    from tintype.aws.appsync import GraphqlApi
    from tintype.aws.dynamodb import Table
    from tintype.aws.s3 import Bucket
    from tintype.aws.sqs import Queue

PRESETS = (
    Preset(name="thumb", width=4, height=4),
    Preset(name="dot", width=2, formats=(Encoding(format=Format.PNG),)),
)
SWEEP_SECONDS = 900
BROKEN = b"GIF is not what this is"
WORKERS = 6


@dataclass(frozen=True)
class Running:
    """Who is at work, and on which message of which queue."""

    worker: Worker
    queue: MemoryQueue | None = None
    message: QueuedMessage | None = None


class Cloud:
    """The event path, wired as the stack wires it, to services in memory."""

    def __init__(self, seed: int, odds: Odds) -> None:
        world = self.world = World(seed, odds)
        self.orders, self.catalogue_queue = MemoryQueue(world), MemoryQueue(world)
        self.originals = MemoryBucket(world, "originals", self._original_changed)
        self.renditions = MemoryBucket(world, "renditions", self._rendition_written)
        self.table, self.announcements = MemoryTable(world), MemoryAnnouncements(world)
        self.darkroom = Darkroom(
            originals=cast("Bucket", self.originals),
            renditions=cast("Bucket", self.renditions),
            orders=cast("Queue", self.orders),
            catalogue=cast("Queue", self.catalogue_queue),
            presets=PRESETS,
            presets_revision="presets",
            limits=Limits(),
            max_tries=MAX_TRIES,
            sweep_seconds=SWEEP_SECONDS,
            now=lambda: world.now,
        )
        self.catalogue = Catalogue(
            cast("Bucket", self.renditions),
            cast("Table", self.table),
            cast("GraphqlApi", self.announcements),
            "https://cdn",
        )

    def _original_changed(self, event: str, key: str, sequencer: str, size: int) -> None:
        now = self.world.now
        self.orders.put(s3_event(event, "originals", key, sequencer, size, now), self._delay())

    def _rendition_written(self, event: str, key: str, sequencer: str, size: int) -> None:
        if event.startswith("ObjectCreated:") and key.endswith("/manifest.json"):
            body = s3_event(event, "renditions", key, sequencer, size, self.world.now)
            self.catalogue_queue.put(body, self._delay())

    def _delay(self) -> timedelta:
        return timedelta(seconds=self.world.random.choice([0, 0, 0, 1, 30]))

    def upload(self, key: str, data: bytes) -> None:
        self.originals.put(key, data, content_type="image/png")

    def develop(self, message: QueuedMessage) -> None:
        for instruction in instructions(_record(message), self.world.now):
            if isinstance(instruction, Develop):
                develop(self.darkroom, instruction.order)
            elif isinstance(instruction, Discard):
                discard(self.darkroom, instruction.order)
            else:
                sweep(self.darkroom, instruction.image_id)

    def record(self, message: QueuedMessage) -> None:
        for found in records_of(_record(message)):
            if isinstance(found, Image):
                self.catalogue.enter(found)
            else:
                self.catalogue.enter_manifest(found)

    def run(self, people: Callable[[], None] | None = None) -> None:
        """Let messages be handled, several at once, until nobody and no queue has anything to do."""
        running = [Running(Worker(self.world, people, lucky=True))] if people else []
        while running or self.orders.messages or self.catalogue_queue.messages:
            if len(running) < WORKERS:
                running += self._start()
            if not running:
                self.world.now += timedelta(seconds=5)
                continue
            chosen = self.world.random.choice(running)
            chosen.worker.step()
            if chosen.worker.done:
                running.remove(chosen)
                self._finish(chosen)

    def _finish(self, ended: Running) -> None:
        error = ended.worker.error
        if error is not None and not isinstance(error, ServiceError | KilledError):
            raise error
        if ended.queue is not None and ended.message is not None:
            ended.queue.finish(ended.message, failed=error is not None)

    def _start(self) -> list[Running]:
        jobs: list[tuple[MemoryQueue, Callable[[QueuedMessage], None]]] = [
            (self.orders, self.develop),
            (self.catalogue_queue, self.record),
        ]
        self.world.random.shuffle(jobs)
        for queue, work in jobs:
            message = queue.receive()
            if message is not None:
                return [Running(Worker(self.world, partial(work, message)), queue, message)]
        return []

    def redrive(self) -> None:
        """Do what an operator does: send the dead letters again, on a better day."""
        self.world.odds = Odds()
        for _ in range(3):
            if self.orders.redrive() + self.catalogue_queue.redrive():
                self.run()

    def image(self, key: str) -> Image | None:
        return self.manifest(keys.image_id("originals", key))

    def manifest(self, image_id: str) -> Image | None:
        stored = self.renditions.objects.get(keys.manifest_key(image_id))
        return decode_manifest(stored.data).image if stored else None


def _record(message: QueuedMessage) -> SqsRecord:
    attributes = SqsAttributes(approximate_receive_count=str(message.received))
    return SqsRecord(message_id=str(message.id), body=message.body, attributes=attributes)


@cache
def original(number: int) -> bytes:
    return picture(6 + number % 5, 5 + number % 7, Format.PNG)


@dataclass(frozen=True)
class Life:
    """What happens to one key: what is put there, in turn; None deletes it."""

    key: str
    contents: tuple[bytes | None, ...]


def lives(cloud: Cloud, count: int) -> list[Life]:
    """Return lives of all kinds: uploaded once, overwritten, broken, deleted, born again."""
    dice = cloud.world.random
    made = []
    for number in range(count):
        first, second = original(dice.randrange(35)), original(dice.randrange(35))
        contents: tuple[bytes | None, ...] = dice.choice(
            [
                (first,),
                (first,),
                (BROKEN,),
                (first, second),
                (first, second, first),
                (first, BROKEN),
                (BROKEN, first),
                (first, None),
                (first, None, first),
                (first, None, second, None),
            ]
        )
        if number % 2:
            key = keys.original_key(keys.new_id(cloud.world.now), f"{number}.png")
        else:
            key = f"holiday 2026/{number} + ä.png"
        made.append(Life(key, contents))
    return made


def live(cloud: Cloud, all_lives: list[Life]) -> None:
    """Let everything happen, each life in its order, while the event path is at work."""
    dice = cloud.world.random

    def people() -> None:
        waiting = [(life, list(life.contents)) for life in all_lives]
        while waiting:
            life, contents = dice.choice(waiting)
            content = contents.pop(0)
            if not contents:
                waiting.remove((life, contents))
            if content is None:
                cloud.originals.delete(life.key)
            else:
                cloud.upload(life.key, content)

    cloud.run(people)


def assert_ended_right(cloud: Cloud, life: Life) -> None:
    image_id = keys.image_id("originals", life.key)
    image = cloud.manifest(image_id)
    assert image is not None, "an image was lost"
    last = life.contents[-1]
    if last is None:
        assert image.status is Status.DELETED
    elif last is BROKEN:
        assert (image.status, image.failure and image.failure.code) == (
            Status.FAILED,
            "not_an_image",
        )
    else:
        assert image.status is Status.READY
        assert image.original.sha256 == hashlib.sha256(last).hexdigest(), "an old state won"
        assert len(image.renditions) == len(PRESETS)
    there = sorted(key for key in cloud.renditions.objects if key.startswith(f"{image_id}/"))
    named = sorted([keys.manifest_key(image_id), *(one.key for one in image.renditions)])
    assert there == named, "a rendition is missing, or one too many"
    manifest = cloud.renditions.objects[keys.manifest_key(image_id)].data
    assert cloud.table.items[image_id] == record(manifest), "reindex would change the table"
    history = cloud.table.history[image_id]
    assert history == sorted(set(history)), "a version did not grow"


CALM = Odds()
ROUGH = Odds(killed=0.04, refused=0.04, answer_lost=0.03, doubled=0.3)


@pytest.mark.parametrize("odds", [CALM, Odds(doubled=1.0), ROUGH], ids=["calm", "doubled", "rough"])
@pytest.mark.parametrize("seed", range(40))
def test_every_image_ends_right_whatever_happens(seed: int, odds: Odds) -> None:
    cloud = Cloud(seed, odds)
    all_lives = lives(cloud, 25)

    live(cloud, all_lives)
    cloud.redrive()

    for life in all_lives:
        assert_ended_right(cloud, life)
    assert not cloud.orders.dead
    assert not cloud.catalogue_queue.dead


def test_a_crash_at_every_try_ends_as_a_failure_that_says_so() -> None:
    cloud = Cloud(1, CALM)
    key = keys.original_key(keys.new_id(cloud.world.now), "poison.png")
    cloud.upload(key, original(1))
    cloud.originals.poisoned = key

    cloud.run()

    image = cloud.image(key)
    assert image is not None
    assert image.failure == CRASHED
    assert [message.received for message in cloud.orders.dead] == [MAX_TRIES]
    assert cloud.table.items[image.id]["status"] == "FAILED"


def test_a_redriven_original_becomes_ready_after_its_provisional_failure() -> None:
    cloud = Cloud(2, Odds(killed=1.0))
    key = keys.original_key(keys.new_id(cloud.world.now), "later.png")
    cloud.upload(key, original(1))
    cloud.run()
    assert len(cloud.orders.dead) == 1

    cloud.redrive()

    image = cloud.image(key)
    assert image is not None
    assert image.status is Status.READY


def test_an_unannounced_record_is_announced_when_the_message_comes_again() -> None:
    cloud = Cloud(3, CALM)
    key = keys.original_key(keys.new_id(cloud.world.now), "told.png")
    cloud.upload(key, original(1))
    cloud.run()
    image = cloud.image(key)
    assert image is not None
    told = cloud.announcements.published[image.id]
    assert told == [2, 3]

    cloud.catalogue.enter(image)

    assert cloud.announcements.published[image.id] == [2, 3, 3]
