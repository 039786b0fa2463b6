"""One original in the darkroom: read, announce, render, commit.

Start with `Job`. `develop.py` decides what is done; this is how each step is done.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import unquote

import msgspec

from tintype import imaging, keys, manifests
from tintype.aws.errors import ArchivedError, NotFoundError, ServiceError
from tintype.aws.s3 import ObjectTooLargeError, StoredObject
from tintype.darkroom import Darkroom
from tintype.images import (
    Failure,
    Image,
    Manifest,
    Origin,
    Original,
    Rendition,
    Source,
    Status,
    Timings,
    described,
    document,
    rendition,
    timestamp,
)
from tintype.imaging.errors import EmptyFileError, TooManyBytesError
from tintype.manifests import Chain, ConflictError
from tintype.orders import Order

if TYPE_CHECKING:
    from tintype.imaging import Rendered

IMMUTABLE = "public, max-age=31536000, immutable"
TOMBSTONE_SECONDS = 30 * 24 * 3600  # as long as the lifecycle rule keeps a tombstone's manifest
_WRITERS = 4  # renditions written at once: S3 takes longer to answer than to be sent them


class OriginalNotFoundError(Exception):
    """There is no object at the key that should be developed."""

    code = "original_not_found"


class SupersededError(Exception):
    """While the job was under way, a later event of its original was applied."""


@dataclass(slots=True)
class Job:
    """One order under way; *chain* is the end of the image's manifests as last seen."""

    room: Darkroom
    order: Order
    image_id: str
    chain: Chain
    replaced: tuple[Rendition, ...] = ()  # what the manifest named that ours took the place of
    _sequencer: str = field(init=False)
    _stored: StoredObject | None = field(init=False, default=None)
    _refused: Original | None = field(init=False, default=None)
    _rendered: Rendered | None = field(init=False, default=None)
    _milliseconds: dict[str, float] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._sequencer = self.order.sequencer or self.chain.sequencer
        if self.chain.image is not None:
            self.replaced = self.chain.image.renditions

    def read(self) -> None:
        """Fetch the original, unless it is larger than may be.

        Raises:
            OriginalNotFoundError: it is not there.
        """
        start = perf_counter()
        key, limit = self.order.key, self.room.limits.max_bytes
        try:
            self._stored = self.room.originals.get(key, max_bytes=limit)
        except NotFoundError as error:
            raise OriginalNotFoundError(key) from error
        except ObjectTooLargeError as error:
            self._stored = error.head
        except ArchivedError:
            self._stored = self.room.originals.head(key)
            raise
        self._took("read", start)

    def is_done(self, chain: Chain) -> bool:
        """Whether *chain* ends with what this job would make of the bytes that it has read.

        A later event than the manifest's gets a manifest of its own, even with the same bytes:
        otherwise a deletion from between the two could still take its place.
        """
        if chain.manifest is None or chain.is_deleted or self._stored is None:
            return False
        image, origin = chain.manifest.image, chain.manifest.origin
        return (
            (origin.key, origin.etag) == (self.order.key, self._stored.etag)
            and image.presets_revision == self.room.presets_revision
            and not (image.failure and image.failure.retryable)
            and not manifests.is_before(origin.sequencer, self._sequencer)
        )

    @property
    def is_empty(self) -> bool:
        """Whether the original that was read has no bytes."""
        return self._stored is not None and self._stored.size == 0

    def is_buried(self, chain: Chain) -> bool:
        """Whether *chain* ends with a tombstone that this job's event, or a later one, has caused.

        An older tombstone will not do: events from between the two would pass for news.
        """
        return chain.is_deleted and not manifests.is_before(chain.sequencer, self._sequencer)

    def announce(self) -> None:
        """Tell the catalogue that work has begun; a picture is not lost because that failed."""
        image = msgspec.structs.replace(
            self._record(self.chain, Status.PROCESSING),
            version=self.chain.processing_version,
            renditions=self._kept(self.chain),
        )
        with suppress(ServiceError):
            self.room.catalogue.send(msgspec.json.encode({"image": document(image)}).decode())

    def render(self) -> None:
        """Have the engine make every rendition.

        Raises:
            ImagingError: the original is refused, for good.
        """
        room, stored = self.room, self._stored_object
        if not stored.data and stored.size > room.limits.max_bytes:
            message = f"{stored.size:,} bytes; the limit is {room.limits.max_bytes:,}"
            raise TooManyBytesError(message)
        if self.is_empty:
            message = "the file has no bytes; choose it again, or send what it should have in it"
            raise EmptyFileError(message)
        start = perf_counter()
        # By its module: who only records a failure has no libvips.
        self._rendered = imaging.render_all(
            stored.data, room.presets, room.limits, threads=room.threads
        )
        self._took("render", start)

    def commit(self, make: Callable[[Chain], Image]) -> Image:
        """Put the manifest of the image that *make* returns at the end of the chain.

        Raises:
            SupersededError: a later event has been applied meanwhile.
        """
        while True:
            image = make(self.chain)
            manifest = Manifest(image=image, origin=self._origin(image))
            try:
                self.chain = manifests.append(self.room.renditions, self.chain, manifest)
            except ConflictError:
                self.chain = manifests.read(self.room.renditions, self.image_id)
            else:
                return image
            if self.chain.image is not None and self._is_settled_by(self.chain, image):
                return self.chain.image
            if self.chain.is_newer(self.order.key, self._sequencer):
                raise SupersededError(self.image_id)
            self.replaced = self.chain.image.renditions if self.chain.image else ()

    def ready(self, chain: Chain) -> Image:
        """Write the renditions, and return the record that names them."""
        if self._rendered is None or self._rendered.description is None:
            message = "render comes before ready"
            raise RuntimeError(message)
        description, made = self._rendered.description, self._rendered.renditions
        revision = self._revision(chain, description.sha256)
        start = perf_counter()
        records = tuple(rendition(self.image_id, revision, one) for one in made)
        with ThreadPoolExecutor(_WRITERS) as writers:
            list(writers.map(self._write, records, (one.data for one in made)))
        self._took("write", start)
        return msgspec.structs.replace(
            self._record(chain, Status.READY),
            original=described(self.order.key, description),
            renditions=records,
            placeholder=description.placeholder,
            dominant_colour=description.dominant_colour,
            removed=description.removed,
            revision=revision,
            timings=Timings(wait=self.order.wait_milliseconds, **self._milliseconds),
        )

    def failed(self, chain: Chain, failure: Failure) -> Image:
        """Return the record of an original that has no renditions, or keeps those that it had."""
        return msgspec.structs.replace(
            self._record(chain, Status.FAILED),
            renditions=self._kept(chain),
            failure=failure,
            timings=Timings(wait=self.order.wait_milliseconds, **self._milliseconds),
        )

    def tombstone(self, chain: Chain) -> Image:
        """Return what is left of a deleted image: nothing that tells about it."""
        now = self.room.now()
        return Image(
            id=self.image_id,
            owner=None,
            version=chain.next_version,
            status=Status.DELETED,
            filename="",
            source=self._record(chain, Status.DELETED).source,
            original=Original(key=self.order.key),
            created_at=timestamp(now),
            updated_at=timestamp(now),
            expires=int(now.timestamp()) + TOMBSTONE_SECONDS,
        )

    def _record(self, chain: Chain, status: Status) -> Image:
        """Return the part of a record that no stage changes."""
        before, stored, key = chain.image, self._stored, self.order.key
        metadata = stored.metadata if stored else {}
        known = before if before and before.status is not Status.DELETED else None
        name = unquote(metadata.get("filename", ""), errors="replace")
        if known:
            created = known.created_at
        elif keys.is_ours(key):
            created = timestamp(keys.created_at(self.image_id))
        else:
            created = timestamp(stored.last_modified if stored else self.room.now())
        return Image(
            id=self.image_id,
            version=chain.next_version,
            status=status,
            filename=name or (known.filename if known else keys.name_in(key)),
            source=_source(key, metadata.get("source")) if stored or not known else known.source,
            original=Original(
                key=key,
                bytes=stored.size if stored else None,
                content_type=stored.content_type if stored else None,
            ),
            presets_revision=self.room.presets_revision,
            created_at=created,
            updated_at=timestamp(self.room.now()),
        )

    def _kept(self, chain: Chain) -> tuple[Rendition, ...]:
        """Return the renditions that stay good while the same bytes are rendered again."""
        if chain.manifest is None or chain.image is None or self._stored is None:
            return chain.image.renditions if chain.image and self.order.again else ()
        same = chain.manifest.origin.etag in {None, self._stored.etag}
        return chain.image.renditions if same else ()

    def _revision(self, chain: Chain, sha256: str) -> str:
        """Return the revision that *chain* has of these bytes and presets, or a new one."""
        image, presets = chain.image, self.room.presets_revision
        wanted = (Status.READY, sha256, presets)
        if image and (image.status, image.original.sha256, image.presets_revision) == wanted:
            return image.revision or ""
        return keys.revision(sha256, presets, chain.next_version)

    def _origin(self, image: Image) -> Origin:
        deleted = image.status is Status.DELETED
        return Origin(
            bucket=self.room.originals.name,
            key=self.order.key,
            etag=None if deleted or self._stored is None else self._stored.etag,
            sequencer=self._sequencer,
        )

    def _is_settled_by(self, chain: Chain, image: Image) -> bool:
        """Whether the manifest that somebody else has committed is as good as *image*."""
        if image.status is Status.DELETED:
            return self.is_buried(chain)
        if image.failure and image.failure.retryable:
            return not chain.is_deleted and chain.sequencer == self._sequencer
        return self.is_done(chain) and not self.order.again

    def _write(self, record: Rendition, data: bytes) -> None:
        self.room.renditions.put(
            record.key, data, content_type=record.content_type, cache_control=IMMUTABLE
        )

    def _took(self, stage: str, start: float) -> None:
        self._milliseconds[stage] = round((perf_counter() - start) * 1000, 1)

    @property
    def _stored_object(self) -> StoredObject:
        if self._stored is None:
            message = "read comes before render"
            raise RuntimeError(message)
        return self._stored


def _source(key: str, said: str | None) -> Source:
    if said == "api":
        return Source.API
    return Source.UPLOAD if keys.is_ours(key) else Source.BUCKET
