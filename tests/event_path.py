"""The event path wired to services in memory, and lives of images that people put through it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial

from tests.images_table import MemoryTable
from tests.pictures import picture
from tests.simulation import (
    MAX_TRIES,
    MemoryAnnouncements,
    MemoryBucket,
    MemoryQueue,
    QueuedMessage,
    as_stored,
    s3_event,
)
from tests.world import KilledError, Odds, Worker, World
from tintype import delivery, keys, messages
from tintype.aws.errors import ServiceError
from tintype.catalogue import Catalogue
from tintype.functions.events import (
    ChangeImage,
    DiscardOriginal,
    ProcessOriginal,
    SqsAttributes,
    SqsRecord,
    announcements,
    instructions,
)
from tintype.images import Image, Status, decode_manifest, item
from tintype.imaging import Encoding, Format, Limits, Preset
from tintype.messages import Purge
from tintype.owners import PUBLIC
from tintype.processing.change import change
from tintype.processing.context import ProcessingContext
from tintype.processing.giving_up import give_up
from tintype.processing.process import discard, process, sweep
from tintype.processing.purge import purge
from tintype.records import Records
from tintype.tickets import Tickets
from tintype.uploads import TicketRequest, UploadService

PRESETS = (
    Preset(name="thumb", width=4, height=4),
    Preset(name="dot", width=2, formats=(Encoding(format=Format.PNG),)),
)
CDN = "https://cdn"
SWEEP_SECONDS = 900
TICKET_SECONDS = 900
SQS_RETENTION = timedelta(days=14)
ENDLESS_TRIES = 1_000  # of the queues for what failed; as in the template
BUCKET_OWNER = "museum"
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
        self.processing_refused = False  # Lambda starts no process function, whoever asks
        self.dead_letter_queue, self.dead_news = MemoryQueue(world), MemoryQueue(world)
        self.failed_queue = MemoryQueue(world, self.dead_letter_queue, ENDLESS_TRIES)
        self.process_queue = MemoryQueue(world, self.failed_queue)
        self.catalogue_queue = MemoryQueue(world, self.dead_news, ENDLESS_TRIES)
        self.originals = MemoryBucket(world, "originals", self._original_changed)
        self.renditions = MemoryBucket(world, "renditions", self._rendition_written)
        self.table, self.announcements = MemoryTable(world), MemoryAnnouncements(world)
        self.announcements.check = self._check_announced
        self.context = ProcessingContext(
            originals=self.originals,
            renditions=self.renditions,
            queue=self.process_queue,
            catalogue=self.catalogue_queue,
            presets=PRESETS,
            presets_revision="presets",
            limits=Limits(max_bytes=MAX_BYTES),
            max_tries=MAX_TRIES,
            sweep_seconds=SWEEP_SECONDS,
            bucket_owner=BUCKET_OWNER,
            threads=1,  # of one decoder: what is rendered here are a few pixels
            now=lambda: world.now,
        )
        self.tickets = Tickets(
            records=Records(self.table),
            originals=self.originals,
            queue=self.catalogue_queue,
            now=lambda: world.now,
        )
        self.catalogue = Catalogue(
            self.renditions,
            Records(self.table),
            self.announcements,
            CDN,
        )

    def _original_changed(
        self, event: str, key: str, sequencer: str, size: int, version: str
    ) -> None:
        body = s3_event(event, "originals", key, sequencer, size, self.world.now, version)
        self.process_queue.put(body, self._delay())

    def _rendition_written(
        self, event: str, key: str, sequencer: str, size: int, version: str
    ) -> None:
        if event.startswith("ObjectCreated:") and key.endswith("/manifest.json"):
            body = s3_event(event, "renditions", key, sequencer, size, self.world.now, version)
            self.catalogue_queue.put(body, self._delay())

    def _check_announced(self, image_id: str, version: int, urls: set[str]) -> None:
        """Whoever hears of a rendition can have it, unless there is later news."""
        stored = {f"{CDN}{delivery.path(key)}" for key in self.renditions.written}
        there = {f"{CDN}{delivery.path(key)}" for key in self.renditions.objects}
        assert urls <= stored, "a rendition was announced before it was stored"
        manifest = self.manifest(image_id)
        is_old = manifest is not None and manifest.version > version
        assert is_old or urls <= there, "a rendition was announced that is gone"

    def _delay(self) -> timedelta:
        return timedelta(seconds=self.world.random.choice([0, 0, 0, 1, 30]))

    def upload(self, key: str, data: bytes) -> None:
        self.originals.put(key, data, content_type="image/png")

    def process(self, message: QueuedMessage) -> None:
        for instruction in instructions(_record(message), self.world.now):
            if isinstance(instruction, ProcessOriginal):
                process(self.context, instruction.job)
            elif isinstance(instruction, DiscardOriginal):
                discard(self.context, instruction.job)
            elif isinstance(instruction, ChangeImage):
                change(
                    self.context,
                    instruction.job,
                    instruction.visibility,
                    instruction.requested_at,
                )
            elif isinstance(instruction, Purge):
                purge(self.context, instruction)
            else:
                sweep(self.context, instruction.image_id)

    def record(self, message: QueuedMessage) -> None:
        for found in announcements(_record(message)):
            if isinstance(found, messages.Announce):
                self.catalogue.write(found.image)
            elif isinstance(found, messages.Expire):
                self.tickets.expire(found)
            else:
                self.catalogue.write_manifest(found)

    def give_up(self, message: QueuedMessage) -> None:
        """Do as the catalogue function does with what failed in the orders' queue."""
        found = instructions(_record(message), self.world.now)
        ended = [
            give_up(self.context, one.job) for one in found if isinstance(one, ProcessOriginal)
        ]
        if len(ended) < len(found) or any(one.worth_a_try for one in ended):
            self.dead_letter_queue.send(message.body)

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
        refused = queue is self.process_queue and self.processing_refused
        return refused or self.world.random.random() < self.world.odds.throttled

    def _jobs(self) -> list[tuple[MemoryQueue, Callable[[QueuedMessage], None]]]:
        return [
            (self.process_queue, self.process),
            (self.catalogue_queue, self.record),
            (self.failed_queue, self.give_up),
        ]

    def redrive(self) -> None:
        """Do what an operator does: send the dead letters again, on a better day."""
        self.world.odds = Odds()
        for _ in range(3):
            moved = self.dead_letter_queue.redrive(self.process_queue)
            if moved + self.dead_news.redrive(self.catalogue_queue):
                self.run()

    def kept_huge(self, key: str) -> int:
        """Return how many versions there are of a key that have more bytes than an original may."""
        versions = self.originals.written[key].values()
        return sum(one is not None and one.size > MAX_BYTES for one in versions)

    def kept(self, key: str) -> int:
        """Return how many versions there are of a key."""
        return sum(one is not None for one in self.originals.written[key].values())

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
            owner = "alice" if number % 3 else "public"
            key = keys.original_key(keys.new_id(cloud.world.now), f"{number}.png", owner)
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
        keys.image_id("originals", one.job.key)
        for message in cloud.dead_letter_queue.messages
        for one in instructions(_record(message), cloud.world.now)
        if isinstance(one, DiscardOriginal)
    }
    if image_id in waiting:
        return
    entered = cloud.table.items.get(image_id)
    assert entered is not None, "an image was forgotten"
    assert entered["status"] in {"READY", "FAILED", "DELETED"}
    image = cloud.manifest(image_id)
    assert image is not None
    assert entered == as_stored(item(image)), "an image hangs"
    owner = keys.owner_in(life.key) or BUCKET_OWNER
    assert image.owner == owner, "an image changed hands"
    assert cloud.announcements.owners.get(image_id, {owner}) == {owner}
    if life.contents[-1] is None:
        assert entered["status"] == "DELETED"


def assert_ended_right(cloud: Cloud, life: Life) -> None:
    image_id = keys.image_id("originals", life.key)
    image = cloud.manifest(image_id)
    assert image is not None, "an image was lost"
    last = life.contents[-1]
    if keys.is_ours(life.key):  # a link that is used again
        assert not cloud.kept_huge(life.key), "what is too large is kept"
        assert cloud.kept(life.key) <= 1, "an upload after the first is kept"
        first = next((one for one in life.contents if one is not HUGE), HUGE)
        last = None if None in life.contents else first
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
    assert cloud.table.items[image_id] == as_stored(item(image)), "reindex would change the table"
    history = cloud.table.history[image_id]
    assert history == sorted(set(history)), "a version did not grow"


CALM = Odds()
ROUGH = Odds(killed=0.04, refused=0.04, response_lost=0.03, doubled=0.3)
THROTTLED = Odds(killed=0.02, refused=0.02, response_lost=0.02, doubled=0.3, throttled=0.6)
KINDS = {"calm": CALM, "doubled": Odds(doubled=1.0), "rough": ROUGH, "throttled": THROTTLED}


def ticket(cloud: Cloud, name: str) -> str:
    """Ask for leave to upload, and return the key that the original will have."""
    counter = UploadService(
        originals=cloud.originals,
        records=Records(cloud.table),
        expiries=cloud.catalogue_queue,
        max_bytes=1_000,
        ticket_seconds=TICKET_SECONDS,
        processed="thumb.jpg",
        now=lambda: cloud.world.now,
    )
    wanted = TicketRequest(filename=name, content_type="image/png", size=100)
    return keys.original_key(counter.issue(wanted, owner=PUBLIC).image_id, name)
