"""Erasure: take everything that a stack stores of one owner, and look whether anything is left.

Start with `Erasure.run`. Of each image a last tombstone is written first: no function that is at work
can commit anything after it, and no event that arrives changes it. It names the owner, so that an
interrupted erasure finds the image again, and it is removed last.

Events that arrive even later find nothing, and `processing.discard` then writes a tombstone without
owner and name.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import TypeVar

from tintype import keys
from tintype.aws.errors import ServiceError
from tintype.aws.s3 import Bucket, StoredVersion
from tintype.aws.sqs import Queue
from tintype.images import Manifest, Origin
from tintype.maintenance.dead_letters import subject_of
from tintype.maintenance.owned import (
    OwnedImage,
    Stores,
    access_ids,
    find_images,
    read_image,
)
from tintype.maintenance.parallel import in_parallel
from tintype.maintenance.redrive import waiting_messages
from tintype.processing.manifests import ConflictError, append, read
from tintype.processing.tombstones import tombstone
from tintype.records import Records
from tintype.usage import counters_id

LAST = "F" * 32  # a sequencer after that of every event
ROUNDS = 3  # what arrives during a round is taken in the next one
COUNTS_THE_REST = "counts the images that are left"
_PAUSE_SECONDS = 0.5

Result = TypeVar("Result")


class ErasureStep(StrEnum):
    """A step of an erasure."""

    TAKING = "Deleting files"
    SETTLING = "Waiting for events"
    CLEARING = "Deleting records"
    LOOKING = "Looking for leftovers"


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long to wait for events, in seconds: *least* for their arrival, *most* in all."""

    least: float = 10.0
    most: float = 120.0


@dataclass(slots=True)
class ErasureResult:
    """What was taken, and the images and items that are left, with reasons where there are some.

    *waiting* is the number of messages that the queues had at the end: one may still name the owner.
    """

    images: int = 0
    objects: int = 0
    bytes: int = 0
    items: int = 0
    left: dict[str, str] = field(default_factory=dict)
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Erasure:
    """Takes what is stored of *owner*; *purge* takes the CDN's copies.

    *on_step* is told each step and the number of its parts, *advance* each part that is done.
    """

    stores: Stores
    queues: Sequence[Queue]
    dead_letters: Sequence[Queue]
    owner: str
    purge: Callable[[], None]
    waiting: Waiting = Waiting()
    on_step: Callable[[ErasureStep, int], None] = lambda _step, _total: None
    advance: Callable[[], None] = lambda: None

    def run(self, image_ids: Iterable[str]) -> ErasureResult:
        """Take these images of the owner's, and all that names the owner; then look what is left.

        Can be repeated after an interruption at any moment, with the images found then.

        Raises:
            ServiceError: a listing or the CDN failed; failures of single images are in the result.
        """
        result, taken = ErasureResult(), set(image_ids)
        self._clear_access(taken, result, spares={counters_id(self.owner)})
        todo = sorted(taken)
        for _ in range(ROUNDS):
            result.left = self._take(todo, result) if todo else {}
            if not result.left:  # else the counters are still those of records
                self._clear_access(taken, result)
            self.on_step(ErasureStep.LOOKING, 0)
            todo = self._left(taken)
            taken.update(todo)
            if not todo:
                break
        result.images = len(taken)
        self._drop_dead_letters(taken, result)
        for image_id in todo:
            result.left.setdefault(image_id, "new files or records appeared")
        for item_id in access_ids(self.stores, self.owner, taken):
            counts = result.left and item_id == counters_id(self.owner)
            result.left[item_id] = COUNTS_THE_REST if counts else "appeared in the access table"
        result.waiting = self._messages()
        return result

    def _take(self, image_ids: Sequence[str], result: ErasureResult) -> dict[str, str]:
        """Take images, and return why some of them could not be taken."""
        failures = dict[str, str]()
        for image_id, found in self._each(ErasureStep.TAKING, self._empty, image_ids):
            if isinstance(found, ServiceError):
                failures[image_id] = f"{found.code}: {found}"
            else:
                result.objects += len(found)
                result.bytes += sum(one.version.size for one in found)
        self.purge()
        self._settle()
        whole = [one for one in image_ids if one not in failures]
        for image_id, done in self._each(ErasureStep.CLEARING, self._clear, whole):
            if isinstance(done, ServiceError):
                failures[image_id] = f"{done.code}: {done}"
        return failures

    def _each(
        self, step: ErasureStep, work: Callable[[str], Result], image_ids: Sequence[str]
    ) -> Iterator[tuple[str, Result | ServiceError]]:
        self.on_step(step, len(image_ids))
        for one in in_parallel(work, image_ids):
            yield one
            self.advance()

    def _empty(self, image_id: str) -> list[StoredVersion]:
        """Write the last tombstone, and delete all versions of all files."""
        self._seal(image_id)
        found = read_image(self.stores, image_id, self.owner)
        _delete(self.stores.renditions, found.files)
        _delete(self.stores.originals, found.originals)
        return [*found.files, *found.originals]

    def _seal(self, image_id: str) -> None:
        head = read(self.stores.renditions, image_id)
        while not (head.is_deleted and head.sequencer == LAST):
            with suppress(ConflictError):
                append(self.stores.renditions, head, self._last(image_id, head.next_version))
            head = read(self.stores.renditions, image_id)

    def _last(self, image_id: str, version: int) -> Manifest:
        image = tombstone(image_id, self.owner, version, "", datetime.now(UTC))
        origin = Origin(bucket=self.stores.originals.name, key="", sequencer=LAST)
        return Manifest(image=image, origin=origin)

    def _settle(self) -> None:
        """Wait until the functions have handled the events, which may still write records."""
        self.on_step(ErasureStep.SETTLING, 0)
        start = time.monotonic()
        while (passed := time.monotonic() - start) < self.waiting.most:
            if passed >= self.waiting.least and not self._messages():
                return
            time.sleep(min(_PAUSE_SECONDS, self.waiting.most))

    def _messages(self) -> int:
        """Return how many messages are waiting or in progress; sweeps are delayed and name no owner."""
        counts = [queue.counts() for queue in self.queues]
        return sum(one.visible + one.in_flight for one in counts)

    def _clear(self, image_id: str) -> None:
        """Delete the record, and the manifest last: by it an interrupted erasure finds the image."""
        self._forget(image_id)
        found = read_image(self.stores, image_id, self.owner)
        if found.originals or found.files:
            return  # they came meanwhile: the tombstone stays until the next round
        _delete(self.stores.renditions, found.manifests)

    def _forget(self, image_id: str) -> None:
        """Remove the record, with what it adds to the owner's counters."""
        records = Records(self.stores.images)
        while (there := records.get(image_id)) is not None and not records.remove(there):
            pass  # somebody wrote it meanwhile

    def _clear_access(
        self, image_ids: set[str], result: ErasureResult, spares: Collection[str] = ()
    ) -> None:
        for item_id in access_ids(self.stores, self.owner, image_ids):
            if item_id not in spares:
                self.stores.access.delete(item_id)
                result.items += 1

    def _drop_dead_letters(self, image_ids: set[str], result: ErasureResult) -> None:
        """Delete dead letters about the images: a redrive could bring a record back."""
        for queue in self.dead_letters:
            for message in waiting_messages(queue, before=time.time()):
                subject = subject_of(message.body)
                named = keys.owner_in(subject.key or "") == self.owner
                if named or subject.image_id in image_ids:
                    queue.delete(message.receipt)
                    result.items += 1

    def _left(self, taken: set[str]) -> list[str]:
        """Return the owner's images of which something is stored, those that were taken included."""
        again = find_images(self.stores, self.owner)
        looked = in_parallel(partial(read_image, self.stores, owner=self.owner), sorted(taken))
        left = {
            one for one, found in looked if isinstance(found, ServiceError) or not found.is_gone
        }
        return sorted(left.union(again))


def read_images(
    stores: Stores, owner: str, image_ids: Iterable[str]
) -> Iterator[tuple[str, OwnedImage | ServiceError]]:
    """Yield what is stored of each image, in any order."""
    return in_parallel(partial(read_image, stores, owner=owner), image_ids)


def _delete(bucket: Bucket, versions: Iterable[StoredVersion]) -> None:
    for one in versions:
        bucket.delete(one.key, version=one.version.id)
