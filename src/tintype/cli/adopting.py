"""Objects that lie in a bucket already become images of a stack: which of them, and each to its end.

Start with `plan`. There is no journal: an object is done when its image's manifest is newer than the
object itself, so a command that was stopped goes on where it was, from any machine.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath
from time import monotonic

import msgspec

from tintype import keys
from tintype.aws.errors import NotFoundError
from tintype.aws.s3 import Bucket, Entry
from tintype.aws.sqs import Queue
from tintype.cli.errors import NotAnS3AddressError, NotReadyInTimeError
from tintype.cli.files import EXTENSIONS
from tintype.cli.following import PROVISIONAL_SECONDS
from tintype.cli.words import duration
from tintype.images import Failure, Image, Status, decode_manifest

FOLDER = "backfill"  # of the originals bucket: copies lie in it by the bucket that they come from
LONGEST_KEY = 1024  # bytes of UTF-8 (S3, "Naming Amazon S3 objects")
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, PAUSE_GROWTH = 0.2, 4.0, 1.4


class PassedOver(StrEnum):
    """Why an object is left alone."""

    NOT_AN_IMAGE = "not an image by its name"
    EMPTY = "empty"
    ARCHIVED = "archived: restore it in S3 first"
    LONG_KEY = "its key is too long to be copied"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the objects are: a bucket, and what their keys begin with."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


@dataclass(frozen=True, slots=True)
class Found:
    """An object: its key there, its key in the originals bucket, and the image that it is."""

    source_key: str
    key: str
    image_id: str
    bytes: int


@dataclass(slots=True)
class Plan:
    """What is to be done, and what not."""

    objects: list[Found] = field(default_factory=list)
    done: int = 0
    passed_over: Counter[PassedOver] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """How many objects there are."""
        return len(self.objects) + self.done + self.passed_over.total()

    @property
    def bytes(self) -> int:
        """The size of the objects that are to be rendered."""
        return sum(one.bytes for one in self.objects)


@dataclass(frozen=True, slots=True)
class Adopted:
    """How one object ended, after how long: *image* is READY or FAILED, None if no end was seen."""

    image: Image | None
    seconds: float

    @property
    def failure(self) -> Failure | None:
        """Why there are no renditions."""
        if self.image is not None:
            return self.image.failure if self.image.status is Status.FAILED else None
        message = f"no end within {duration(self.seconds)}; the same command goes on later"
        return Failure(NotReadyInTimeError.code, message, retryable=True)


def parse_source(address: str) -> Source:
    """Return the bucket and the prefix of an address.

    >>> parse_source("s3://holiday/2026/")
    Source(bucket='holiday', prefix='2026/')

    Raises:
        NotAnS3AddressError: it is none.
    """
    bucket, _, prefix = address.removeprefix("s3://").partition("/")
    if not address.startswith("s3://") or not bucket:
        message = f"{address} is not an address like s3://bucket/prefix"
        raise NotAnS3AddressError(message)
    return Source(bucket, prefix)


def plan(
    entries: Iterable[Entry],
    source: Source,
    *,
    originals: str,
    manifests: Mapping[str, datetime],
    again: frozenset[str] = frozenset(),
    any_name: bool = False,
) -> Plan:
    """Return what of *entries*, the objects of *source*, is still to be rendered.

    *originals* is the name of the originals bucket, *manifests* tells when each image's was written,
    *again* are images that are rendered in any case.
    """
    made = Plan()
    for entry in entries:
        key = entry.key if source.bucket == originals else copied_key(source.bucket, entry.key)
        why = _passed_over(entry, key, any_name=any_name)
        image_id = keys.image_id(originals, key)
        if why is not None:
            made.passed_over[why] += 1
        elif image_id not in again and _is_done(entry, manifests.get(image_id)):
            made.done += 1
        else:
            made.objects.append(Found(entry.key, key, image_id, entry.size))
    return made


def copied_key(bucket: str, key: str) -> str:
    """Return where the copy of another bucket's object lies in the originals bucket.

    >>> copied_key("holiday", "2026/beach.jpg")
    'backfill/holiday/2026/beach.jpg'
    """
    return f"{FOLDER}/{bucket}/{key}"


def _is_done(entry: Entry, manifest: datetime | None) -> bool:
    return manifest is not None and manifest >= entry.last_modified


def _passed_over(entry: Entry, key: str, *, any_name: bool) -> PassedOver | None:
    if not entry.size:
        return PassedOver.EMPTY  # the folders that S3's console makes, too
    if not any_name and PurePosixPath(entry.key).suffix.lower() not in EXTENSIONS:
        return PassedOver.NOT_AN_IMAGE
    if entry.is_archived:
        return PassedOver.ARCHIVED
    if len(key.encode("utf-8", "surrogatepass")) > LONGEST_KEY:
        return PassedOver.LONG_KEY
    return None


@dataclass(frozen=True, slots=True)
class Adopter:
    """Has one object after the other rendered, and waits for its end; safe to use from many threads."""

    source: Bucket
    originals: Bucket
    renditions: Bucket
    queue: Queue
    timeout_seconds: float

    def adopt(self, one: Found) -> Adopted:
        """Bring an object on its way, and return what became of it.

        Another bucket's object is copied, which is announced like any upload; one of the originals
        bucket was announced before there was anybody to hear it, so the develop queue is told.

        Raises:
            ServiceError: a bucket or the queue did not do its part.
        """
        start = monotonic()
        before = self._tag(one)
        if self.source.name == self.originals.name:
            self.queue.send(reprocess_command(one.image_id, one.key))
        else:
            self.originals.copy(self.source, one.source_key, one.key)
        return Adopted(self._end(one, before, start), monotonic() - start)

    def _tag(self, one: Found) -> str | None:
        try:
            return self.renditions.head(keys.manifest_key(one.image_id)).etag
        except NotFoundError:
            return None

    def _end(self, one: Found, before: str | None, start: float) -> Image | None:
        """Return the image when it is ready, or has failed and will not be tried again; None if late."""
        pause, failed_at = FIRST_PAUSE_SECONDS, None
        while monotonic() - start < self.timeout_seconds:
            time.sleep(pause)
            pause = min(pause * PAUSE_GROWTH, LONGEST_PAUSE_SECONDS)
            image = self._developed(one, before)
            if image is None or image.status is Status.DELETED:
                continue
            if image.failure is None or not image.failure.retryable:
                return image
            # Written before the last try, in case that it is cut off: a success may follow.
            failed_at = failed_at or monotonic()
            if monotonic() - failed_at > PROVISIONAL_SECONDS:
                return image
        return None

    def _developed(self, one: Found, before: str | None) -> Image | None:
        try:
            stored = self.renditions.get(keys.manifest_key(one.image_id))
        except NotFoundError:
            return None
        return None if stored.etag == before else decode_manifest(stored.data).image


def reprocess_command(image_id: str, key: str) -> str:
    """Return the message that has an image rendered, whatever there is of it.

    >>> reprocess_command("01JD", "originals/01JD/a.jpg")
    '{"command":"reprocess","imageId":"01JD","key":"originals/01JD/a.jpg"}'
    """
    order = {"command": "reprocess", "imageId": image_id, "key": key}
    return msgspec.json.encode(order).decode()
