"""Nothing lost, nothing doubled: the event path in a world where everything goes wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, cast

import msgspec
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
from tintype import imaging, keys, manifests
from tintype.aws.errors import ArchivedError, ServiceError, error_class
from tintype.catalogue import Catalogue, record
from tintype.darkroom import Darkroom
from tintype.develop import CRASHED, develop, discard, sweep
from tintype.developing import Job
from tintype.functions.events import Develop, Discard, SqsAttributes, SqsRecord, instructions
from tintype.functions.events import records as records_of
from tintype.giving_up import NOT_PROCESSED, give_up
from tintype.images import Image, Status, decode_manifest
from tintype.imaging import Encoding, Format, Limits, Preset
from tintype.orders import Order
from tintype.uploads import Counter, TicketRequest

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
TICKET_SECONDS = 900
SQS_RETENTION = timedelta(days=14)
ENDLESS_TRIES = 1_000  # of the queues for what failed; as in the template
BROKEN = b"GIF is not what this is"
MAX_BYTES = 4_000
HUGE = bytes(MAX_BYTES + 1)
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
        self.developing_refused = False  # Lambda starts no develop function, whoever asks
        self.dead_orders, self.dead_news = MemoryQueue(world), MemoryQueue(world)
        self.failed_orders = MemoryQueue(world, self.dead_orders, ENDLESS_TRIES)
        self.orders = MemoryQueue(world, self.failed_orders)
        self.catalogue_queue = MemoryQueue(world, self.dead_news, ENDLESS_TRIES)
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
            limits=Limits(max_bytes=MAX_BYTES),
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

    def _original_changed(
        self, event: str, key: str, sequencer: str, size: int, version: str
    ) -> None:
        body = s3_event(event, "originals", key, sequencer, size, self.world.now, version)
        self.orders.put(body, self._delay())

    def _rendition_written(
        self, event: str, key: str, sequencer: str, size: int, version: str
    ) -> None:
        if event.startswith("ObjectCreated:") and key.endswith("/manifest.json"):
            body = s3_event(event, "renditions", key, sequencer, size, self.world.now, version)
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

    def give_up(self, message: QueuedMessage) -> None:
        """Do as the catalogue function does with what failed in the orders' queue."""
        found = instructions(_record(message), self.world.now)
        ended = [give_up(self.darkroom, one.order) for one in found if isinstance(one, Develop)]
        if len(ended) < len(found) or any(one.worth_a_try for one in ended):
            self.dead_orders.send(message.body)

    def run(self, people: Callable[[], None] | None = None) -> None:
        """Let messages be handled, several at once, until nobody and no queue has anything to do."""
        running = [Running(Worker(self.world, people, lucky=True))] if people else []
        while running or any(queue.messages for queue, _ in self._jobs()):
            self.table.forget_expired()
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
        jobs = self._jobs()
        self.world.random.shuffle(jobs)
        for queue, work in jobs:
            message = queue.receive()
            if message is not None and self._is_throttled(queue):
                queue.finish(message, failed=True)
            elif message is not None:
                return [Running(Worker(self.world, partial(work, message)), queue, message)]
        return []

    def _is_throttled(self, queue: MemoryQueue) -> bool:
        refused = queue is self.orders and self.developing_refused
        return refused or self.world.random.random() < self.world.odds.throttled

    def _jobs(self) -> list[tuple[MemoryQueue, Callable[[QueuedMessage], None]]]:
        return [
            (self.orders, self.develop),
            (self.catalogue_queue, self.record),
            (self.failed_orders, self.give_up),
        ]

    def redrive(self) -> None:
        """Do what an operator does: send the dead letters again, on a better day."""
        self.world.odds = Odds()
        for _ in range(3):
            moved = self.dead_orders.redrive(self.orders)
            if moved + self.dead_news.redrive(self.catalogue_queue):
                self.run()

    def kept_huge(self, key: str) -> int:
        """Return how many versions there are of a key that have more bytes than an original may."""
        versions = self.originals.versions[key].values()
        return sum(one is not None and one.size > MAX_BYTES for one in versions)

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
                (HUGE,),
                (HUGE, HUGE),
                (first, HUGE),
                (HUGE, first),
                (BROKEN, HUGE),
                (HUGE, None),
                (first, HUGE, None),
                (first, HUGE, second, HUGE),
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


def assert_ended(cloud: Cloud, life: Life) -> None:
    """Before anybody mends anything, every image that is not about to be deleted has an end."""
    image_id = keys.image_id("originals", life.key)
    waiting = {
        keys.image_id("originals", one.order.key)
        for message in cloud.dead_orders.messages
        for one in instructions(_record(message), cloud.world.now)
        if isinstance(one, Discard)
    }
    if image_id in waiting:
        return
    item = cloud.table.items.get(image_id)
    assert item is not None, "an image was forgotten"
    assert item["status"] in {"READY", "FAILED", "DELETED"}
    manifest = cloud.renditions.objects[keys.manifest_key(image_id)].data
    assert item == record(manifest), "an image hangs"
    if life.contents[-1] is None:
        assert item["status"] == "DELETED"


def assert_ended_right(cloud: Cloud, life: Life) -> None:
    image_id = keys.image_id("originals", life.key)
    image = cloud.manifest(image_id)
    assert image is not None, "an image was lost"
    last = life.contents[-1]
    if keys.is_ours(life.key):  # a link that is used again, with more bytes than may be
        assert not cloud.kept_huge(life.key), "what is too large is kept"
        last = next((one for one in reversed(life.contents) if one is not HUGE), HUGE)
    else:
        assert cloud.kept_huge(life.key) == life.contents.count(HUGE), "it is its owner's"
    if last is None:
        assert image.status is Status.DELETED
    elif last is HUGE:
        assert image.failure is not None
        assert image.failure.code == "too_many_bytes"
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
THROTTLED = Odds(killed=0.02, refused=0.02, answer_lost=0.02, doubled=0.3, throttled=0.6)
KINDS = {"calm": CALM, "doubled": Odds(doubled=1.0), "rough": ROUGH, "throttled": THROTTLED}


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
    assert not cloud.dead_orders.messages
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
    assert len(cloud.dead_orders.messages) == 1
    assert cloud.table.items[image.id]["status"] == "FAILED"


def test_a_redriven_original_becomes_ready_after_its_provisional_failure() -> None:
    cloud = Cloud(2, CALM)
    key = keys.original_key(keys.new_id(cloud.world.now), "later.png")
    cloud.upload(key, original(1))
    cloud.originals.poisoned = key
    cloud.run()
    assert len(cloud.dead_orders.messages) == 1

    cloud.originals.poisoned = ""
    cloud.redrive()

    image = cloud.image(key)
    assert image is not None
    assert image.status is Status.READY


def ticket(cloud: Cloud, name: str) -> str:
    """Ask for leave to upload, and return the key that the original will have."""
    counter = Counter(
        originals=cast("Bucket", cloud.originals),
        table=cast("Table", cloud.table),
        max_bytes=1_000,
        ticket_seconds=TICKET_SECONDS,
        processed="thumb.jpg",
        now=lambda: cloud.world.now,
    )
    wanted = TicketRequest(filename=name, content_type="image/png", size=100)
    return keys.original_key(counter.issue(wanted).image_id, name)


def test_an_original_that_no_function_was_started_for_fails_with_a_reason_and_can_be_redriven() -> (
    None
):
    cloud = Cloud(4, CALM)
    key = ticket(cloud, "refused.png")
    cloud.developing_refused = True
    cloud.upload(key, original(1))

    cloud.run()

    image = cloud.image(key)
    assert image is not None
    assert image.failure == NOT_PROCESSED
    assert cloud.table.items[image.id] == record(
        cloud.renditions.objects[keys.manifest_key(image.id)].data
    )
    assert "expires" not in cloud.table.items[image.id]
    assert cloud.announcements.published[image.id] == [3]
    assert len(cloud.dead_orders.messages) == 2  # the original's, and that of the sweep

    cloud.developing_refused = False
    cloud.redrive()

    image = cloud.image(key)
    assert image is not None
    assert image.status is Status.READY


def test_a_record_outlives_two_weeks_in_a_queue_if_its_original_came() -> None:
    cloud = Cloud(5, CALM)
    key, unused = ticket(cloud, "late.png"), ticket(cloud, "never.png")
    cloud.world.now += timedelta(seconds=TICKET_SECONDS)
    cloud.upload(key, original(1))
    for message in cloud.orders.messages:
        message.visible = cloud.world.now + SQS_RETENTION

    cloud.run()

    image = cloud.image(key)
    assert image is not None
    assert image.status is Status.READY
    seen = cloud.table.history[image.id]
    assert seen[0] == 1, "the ticket's record was there all the time"
    assert cloud.table.forgotten == []
    cloud.world.now += timedelta(days=2)
    cloud.table.forget_expired()
    assert cloud.table.forgotten == [keys.image_id("originals", unused)]


def test_what_a_killed_try_has_begun_does_not_hang_when_no_other_is_started() -> None:
    """PROCESSING of a try that died must not stand where every later one was refused."""
    cloud = Cloud(6, CALM)
    key = keys.original_key(keys.new_id(cloud.world.now), "begun.png")
    cloud.upload(key, original(1))
    cloud.run()
    image = cloud.image(key)
    assert image is not None
    begun = {"command": "reprocess", "imageId": image.id, "key": key}
    cloud.orders.put(msgspec.json.encode(begun).decode())
    chain = manifests.read(cast("Bucket", cloud.renditions), image.id)
    job = Job(cloud.darkroom, Order(key=key, again=True), image.id, chain)
    job.read()
    job.announce()
    cloud.developing_refused = True

    cloud.run()

    assert cloud.table.items[image.id] == record(
        cloud.renditions.objects[keys.manifest_key(image.id)].data
    ), "it hangs"
    assert cloud.table.items[image.id]["status"] == "READY"
    assert len(cloud.dead_orders.messages) == 2


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


def test_a_replaced_picture_is_served_until_its_successor_is_processed() -> None:
    cloud = Cloud(11, CALM)
    cloud.upload("a.png", original(1))
    cloud.run()
    before = cloud.image("a.png")
    assert before is not None
    cloud.developing_refused = True
    cloud.upload("a.png", original(2))

    cloud.run()
    cloud.world.now += timedelta(days=1)
    sweep(cloud.darkroom, before.id)

    image = cloud.image("a.png")
    assert image is not None
    assert image.failure == NOT_PROCESSED
    assert image.renditions == before.renditions
    assert all(one.key in cloud.renditions.objects for one in before.renditions)


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
    room, order = cloud.darkroom, Order(key="holiday/", sequencer="01")
    cloud.upload("holiday/", original(1))
    job = Job(room, order, room.image_id(order), manifests.Chain())
    job.read()
    job.render()
    job.commit(job.ready)
    cloud.originals.delete("holiday/")

    discard(room, Order(key="holiday/", sequencer="02"))

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


def test_an_archived_original_fails_for_good_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud(9, CALM)
    key = ticket(cloud, "cold.png")
    cloud.upload(key, original(1))
    name = "InvalidObjectState"
    cold = ArchivedError("no", service="s3", operation="GetObject", status=403, name=name)

    def refuse(_key: str, **_: object) -> None:
        raise cold

    monkeypatch.setattr(cloud.originals, "get", refuse)
    cloud.run()

    image = cloud.image(key)
    assert image is not None
    assert image.failure is not None
    assert (image.failure.code, image.failure.retryable) == ("original_archived", False)
    assert not cloud.dead_orders.messages
    assert error_class(name, 403) is ArchivedError


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

    (item,) = cloud.table.items.values()
    assert item["status"] == "FAILED"


def test_an_unannounced_record_is_announced_when_the_message_comes_again() -> None:
    cloud = Cloud(3, CALM)
    key = keys.original_key(keys.new_id(cloud.world.now), "told.png")
    cloud.upload(key, original(1))
    cloud.run()
    image = cloud.image(key)
    assert image is not None
    told = list(cloud.announcements.published[image.id])
    assert told[-1] == 3

    cloud.catalogue.enter(image)

    assert cloud.announcements.published[image.id] == [*told, 3]
