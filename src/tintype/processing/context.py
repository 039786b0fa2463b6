"""The context of processing: buckets, queues, presets and limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from tintype import keys, messages
from tintype.access import Visibility
from tintype.aws.ports import Caches, MessageQueue, ObjectStore
from tintype.images import Image, cached_paths
from tintype.imaging import Limits, Preset
from tintype.owners import PUBLIC
from tintype.processing.job import ProcessJob


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingContext:
    """The buckets, the queues, the presets and the limits.

    `sweep_seconds` is longer than any function runs, and at most SQS's longest delay, 900.
    `find_faces`: crops need the faces of originals. `bucket_owner` owns objects put directly into the bucket, and `visibility` is that of uploads that
    do not say any. `caches` are the CDN's, None if nothing is to be purged. `on_trace` is called with the trace of
    a job once it is known.
    """

    originals: ObjectStore
    renditions: ObjectStore
    queue: MessageQueue
    catalogue: MessageQueue
    presets: Sequence[Preset]
    presets_revision: str
    limits: Limits
    max_tries: int
    sweep_seconds: int
    find_faces: bool = False
    bucket_owner: str = PUBLIC
    visibility: Visibility = Visibility.PUBLIC
    caches: Caches | None = None
    threads: int = 2
    on_trace: Callable[[str], None] = lambda _trace: None
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def image_id(self, job: ProcessJob) -> str:
        """Return the ID of a job's image."""
        return keys.image_id(self.originals.name, job.key)

    def owner(self, key: str) -> str:
        """Return the owner of a new original at *key*, regardless of its metadata."""
        return keys.owner_in(key) or self.bucket_owner

    def is_by_link(self, job: ProcessJob) -> bool:
        """Whether a job is about a PUT at a key for which we issued a link."""
        return job.put is not None and keys.is_ours(job.key)

    def must_turn_away(self, job: ProcessJob) -> bool:
        """Whether an upload through a link without a signed size is too large."""
        too_large = job.put is not None and job.put.size > self.limits.max_bytes
        return too_large and self.is_by_link(job)

    def schedule_purge(self, image: Image, *visibilities: Visibility) -> None:
        """Have the CDN forget an image of these visibilities; by default, of its own.

        By a message of its own: CloudFront may have no time now.
        """
        had = (
            msgspec.structs.replace(image, visibility=one)
            for one in visibilities or (image.visibility,)
        )
        paths = tuple(path for one in had for path in cached_paths(one))
        self._purge(image.id, paths, str(image.version))

    def schedule_purge_of_swept(self, image_id: str, paths: tuple[str, ...]) -> None:
        """Have the CDN forget what it may have under these paths of an image since their last purge."""
        self._purge(image_id, paths, f"swept.{int(self.now().timestamp())}")

    def _purge(self, image_id: str, paths: tuple[str, ...], cause: str) -> None:
        request = messages.Purge(image_id=image_id, paths=paths, reference=f"{image_id}.{cause}")
        if self.caches is not None:
            self.queue.send(messages.encode(request))

    def schedule_sweep(self, image_id: str) -> None:
        """Schedule a sweep for when no function that runs now can still be running."""
        message = messages.encode(messages.Sweep(image_id=image_id))
        self.queue.send(message, delay_seconds=self.sweep_seconds)
