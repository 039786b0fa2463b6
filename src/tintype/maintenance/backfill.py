"""Backfill: turn existing objects of a bucket into images of a stack.

Start with `make_plan`, then `Backfill.run`. There is no journal: an object is done if its image's
manifest is newer than the object, so an interrupted backfill can be resumed on any machine.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath
from time import monotonic

from tintype import keys
from tintype.aws.dynamodb import Table
from tintype.aws.errors import NotFoundError, ServiceError
from tintype.aws.ports import MessageQueue, ObjectStore
from tintype.aws.s3 import Bucket, Entry
from tintype.images import Image, Status
from tintype.imaging.formats import EXTENSIONS
from tintype.maintenance.errors import NotAnS3AddressError, NothingToBackfillError
from tintype.maintenance.parallel import in_parallel
from tintype.maintenance.reprocess import send_request
from tintype.processing.manifests import PROVISIONAL_SECONDS, read

FOLDER = "backfill"  # in the originals bucket; copies are stored in it by source bucket
LONGEST_KEY = 1024  # bytes of UTF-8 (S3, "Naming Amazon S3 objects")
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, PAUSE_GROWTH = 0.2, 4.0, 1.4


class SkipReason(StrEnum):
    """Why an object is skipped."""

    NOT_AN_IMAGE = "not an image, by its name"
    EMPTY = "empty"
    ARCHIVED = "archived; restore it in S3 first"
    LONG_KEY = "its key is too long to copy"


@dataclass(frozen=True, slots=True)
class BucketPrefix:
    """A bucket and a key prefix."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


@dataclass(frozen=True, slots=True)
class BackfillObject:
    """An object: its source key, its key in the originals bucket, and its image."""

    source_key: str
    key: str
    image_id: str
    bytes: int


@dataclass(slots=True)
class BackfillPlan:
    """The objects to render, and those to skip."""

    objects: list[BackfillObject] = field(default_factory=list)
    done: int = 0
    skipped: Counter[SkipReason] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """The number of objects."""
        return len(self.objects) + self.done + self.skipped.total()

    @property
    def bytes(self) -> int:
        """The size of the objects to render."""
        return sum(one.bytes for one in self.objects)


@dataclass(frozen=True, slots=True)
class BackfillResult:
    """The result for one object and its duration: *image* is READY or FAILED, None after a timeout."""

    image: Image | None
    seconds: float


def parse_address(address: str) -> BucketPrefix:
    """Return the bucket and the prefix of an address.

    >>> parse_address("s3://holiday/2026/")
    BucketPrefix(bucket='holiday', prefix='2026/')

    Raises:
        NotAnS3AddressError: it is not of this form.
    """
    bucket, _, prefix = address.removeprefix("s3://").partition("/")
    if not address.startswith("s3://") or not bucket:
        message = f"{address} is not of the form s3://bucket/prefix"
        raise NotAnS3AddressError(message)
    return BucketPrefix(bucket, prefix)


def failed_images(images: Table) -> frozenset[str]:
    """Return the IDs of images whose record says FAILED.

    Raises:
        ServiceError: the table cannot be read.
    """
    return frozenset(str(one["id"]) for one in images.scan() if one.get("status") == Status.FAILED)


def make_plan(
    entries: Iterable[Entry],
    source: BucketPrefix,
    *,
    originals: str,
    manifests: Mapping[str, datetime],
    again: frozenset[str] = frozenset(),
    any_name: bool = False,
) -> BackfillPlan:
    """Return which of *entries*, the objects of *source*, still need rendering.

    *originals* is the name of the originals bucket, *manifests* maps images to the time of their
    manifest, and *again* are images to render in any case.

    Raises:
        NothingToBackfillError: there are no objects.
        ServiceError: *entries* cannot be listed.
    """
    plan = BackfillPlan()
    for entry in entries:
        key = entry.key if source.bucket == originals else copied_key(source.bucket, entry.key)
        reason = _why_skipped(entry, key, any_name=any_name)
        image_id = keys.image_id(originals, key)
        if reason is not None:
            plan.skipped[reason] += 1
        elif image_id not in again and _is_done(entry, manifests.get(image_id)):
            plan.done += 1
        else:
            plan.objects.append(BackfillObject(entry.key, key, image_id, entry.size))
    if not plan.total:
        message = f"there are no objects under {source}"
        raise NothingToBackfillError(message)
    return plan


def copied_key(bucket: str, key: str) -> str:
    """Return the key in the originals bucket for the copy of another bucket's object.

    >>> copied_key("holiday", "2026/beach.jpg")
    'backfill/holiday/2026/beach.jpg'
    """
    return f"{FOLDER}/{bucket}/{key}"


def _is_done(entry: Entry, manifest: datetime | None) -> bool:
    return manifest is not None and manifest >= entry.last_modified


def _why_skipped(entry: Entry, key: str, *, any_name: bool) -> SkipReason | None:
    if not entry.size:
        return SkipReason.EMPTY  # including the folders that S3's console creates
    if not any_name and PurePosixPath(entry.key).suffix.lower() not in EXTENSIONS:
        return SkipReason.NOT_AN_IMAGE
    if entry.is_archived:
        return SkipReason.ARCHIVED
    if len(key.encode("utf-8", "surrogatepass")) > LONGEST_KEY:
        return SkipReason.LONG_KEY
    return None


@dataclass(frozen=True, slots=True)
class Backfill:
    """Renders objects and waits for each to finish; thread-safe."""

    source: Bucket
    originals: Bucket
    renditions: ObjectStore
    queue: MessageQueue
    timeout_seconds: float

    def run(
        self, objects: Iterable[BackfillObject], *, at_once: int
    ) -> Iterator[tuple[BackfillObject, BackfillResult | ServiceError]]:
        """Yield the result of each object, with *at_once* in progress at the same time.

        If the caller stops early, objects in progress are finished.
        """
        return in_parallel(self.render, objects, at_once=at_once)

    def render(self, one: BackfillObject) -> BackfillResult:
        """Start processing an object, and return its result.

        An object of another bucket is copied, which triggers an event like any upload. For an
        object of the originals bucket, whose event came before the stack, a request is sent to the
        process queue.

        Raises:
            ServiceError: a bucket or the queue refused or failed.
        """
        start = monotonic()
        before = self._tag(one)
        if self.source.name == self.originals.name:
            send_request(self.queue, one.image_id, one.key)
        else:
            self.originals.copy(self.source, one.source_key, one.key)
        return BackfillResult(self._end(one, before, start), monotonic() - start)

    def _tag(self, one: BackfillObject) -> str | None:
        try:
            return self.renditions.head(keys.manifest_key(one.image_id)).etag
        except NotFoundError:
            return None

    def _end(self, one: BackfillObject, before: str | None, start: float) -> Image | None:
        """Return the image once it is READY or finally FAILED, or None after a timeout."""
        pause, failed_at = FIRST_PAUSE_SECONDS, None
        while monotonic() - start < self.timeout_seconds:
            time.sleep(pause)
            pause = min(pause * PAUSE_GROWTH, LONGEST_PAUSE_SECONDS)
            image = self._processed(one, before)
            if image is None or image.status is Status.DELETED:
                continue
            if image.failure is None or not image.failure.retryable:
                return image
            # Written before the last try, in case that is interrupted; a success may still follow.
            failed_at = failed_at or monotonic()
            if monotonic() - failed_at > PROVISIONAL_SECONDS:
                return image
        return None

    def _processed(self, one: BackfillObject, before: str | None) -> Image | None:
        head = read(self.renditions, one.image_id)
        return None if head.etag == before else head.checked().image
