"""One original: read, announce, render, commit.

Start with `ProcessRun`. `process.py` decides what to do; this module implements the steps.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import unquote

import msgspec

from tintype import imaging, keys, messages, traces
from tintype.aws.errors import ArchivedError, NotFoundError, ServiceError
from tintype.aws.s3 import ObjectTooLargeError, StoredObject
from tintype.images import (
    Failure,
    Focus,
    Image,
    Manifest,
    Origin,
    Original,
    Rendition,
    Status,
    Timings,
    rendition,
    timestamp,
)
from tintype.imaging.errors import EmptyFileError, TooManyBytesError
from tintype.processing import faces, facts, files, focus, manifests
from tintype.processing.context import ProcessingContext
from tintype.processing.errors import OriginalNotFoundError, SupersededError
from tintype.processing.job import ProcessJob
from tintype.processing.manifests import ConflictError, ManifestHead
from tintype.processing.tombstones import nameless, tombstone

if TYPE_CHECKING:
    from tintype.imaging import Description, Face, Rendered, RenderedFile


@dataclass(slots=True)
class ProcessRun:
    """One job in progress; *head* is the head of the image's manifests as last read."""

    context: ProcessingContext
    job: ProcessJob
    image_id: str
    head: ManifestHead
    replaced: Image | None = None  # the record of the manifest that ours replaced
    before: ManifestHead = field(init=False)  # the chain's head when the run began
    has_left: bool = field(init=False, default=False)  # a rendition that a failure does not name
    _sequencer: str = field(init=False)
    _stored: StoredObject | None = field(init=False, default=None)
    _refused: Original | None = field(init=False, default=None)
    _refocus: messages.SetFocus | None = field(init=False, default=None)
    _rendered: Rendered | None = field(init=False, default=None)
    _rendered_focus: Focus | None = field(init=False, default=None)
    _milliseconds: dict[str, float] = field(init=False, default_factory=dict)
    _announced: bool = field(init=False, default=False)
    _stored_first: Rendition | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.before = self.head
        self._sequencer = self.job.sequencer or self.head.sequencer
        self.replaced = self.head.image

    def read(self) -> None:
        """Read the original, unless it exceeds the limit.

        Raises:
            OriginalNotFoundError: it does not exist.
            SupersededError: it was written by another PUT, which has its own event.
        """
        start = perf_counter()
        key, limit = self.job.key, self.context.limits.max_bytes
        try:
            self._stored = self.context.originals.get(key, max_bytes=limit)
        except NotFoundError as error:
            raise OriginalNotFoundError(key) from error
        except ObjectTooLargeError as error:
            self._stored = error.head
        except ArchivedError:
            self._stored = self.context.originals.head(key)
            raise
        finally:
            if self.trace:
                self.context.on_trace(self.trace)
        put, there = self.job.put, self._stored.version
        if put is not None and there is not None and there != put.id:
            raise SupersededError(self.image_id)
        request = self.job.refocus
        if request is not None and focus.is_about(request, self._stored.data):
            self._refocus = request
        self._took("read", start)

    @property
    def trace(self) -> str | None:
        """The trace of the originating request: the job's, else the upload's, else the run's own."""
        uploaded = self._stored.metadata.get(traces.METADATA) if self._stored else None
        return self.job.trace or traces.known(uploaded) or self.job.own_trace

    def is_done(self, head: ManifestHead) -> bool:
        """Whether *head* is already this run's result for the bytes that it read.

        A later event than the manifest's gets its own manifest even for the same bytes: otherwise a
        deletion from between the two could still replace it.
        """
        if head.manifest is None or head.is_deleted or self._stored is None:
            return False
        image, origin = head.manifest.image, head.manifest.origin
        return (
            (origin.key, origin.etag) == (self.job.key, self._stored.etag)
            and image.presets_revision == self.context.presets_revision
            and not (image.failure and image.failure.retryable)
            and not manifests.is_before(origin.sequencer, self._sequencer)
        )

    @property
    def is_empty(self) -> bool:
        """Whether the original is empty."""
        return self._stored is not None and self._stored.size == 0

    @property
    def was_ready(self) -> bool:
        """Whether the image was READY before the run, made from the same bytes."""
        manifest, stored = self.before.manifest, self._stored
        return (
            manifest is not None
            and stored is not None
            and manifest.image.status is Status.READY
            and (manifest.origin.key, manifest.origin.etag) == (self.job.key, stored.etag)
        )

    def is_deletion_done(self, head: ManifestHead) -> bool:
        """Whether *head* is a tombstone caused by this run's event or a later one.

        An older tombstone does not count: events from between the two would seem new.
        """
        return head.is_deleted and not manifests.is_before(head.sequencer, self._sequencer)

    def announce(self) -> None:
        """Announce to the catalogue that processing has begun; a failure to do so is ignored."""
        image = self._record(self.head, Status.PROCESSING)
        self._tell(
            msgspec.structs.replace(
                image, version=self.head.processing_version, renditions=self._kept(self.head)
            )
        )
        self._announced = True

    def _announce_first(self, made: RenderedFile, description: Description | None) -> None:
        """Store and announce the first rendition, unless the image has some; a failure is ignored."""
        if description is None or self._kept(self.head):
            return
        record = self._record(self.head, Status.PROCESSING)
        first = rendition(record, self._revision(self.head, description.sha256), made)
        self.has_left = True
        with suppress(ServiceError):
            files.write(self.context.renditions, record.visibility, {first: made.data})
            self._stored_first = first
            record = facts.looking_like(record, description)
            # Without a manifest of these bytes, no focus can be chosen for them.
            original = msgspec.structs.replace(record.original, sha256=None)
            version = self.head.first_picture_version
            self._tell(
                msgspec.structs.replace(
                    record, version=version, original=original, renditions=(first,)
                )
            )

    def _tell(self, image: Image) -> None:
        with suppress(ServiceError):
            announce = messages.Announce(image=image, trace=self.trace)
            self.context.catalogue.send(messages.encode(announce))

    def render(self) -> None:
        """Render all renditions.

        Raises:
            ImagingError: the original is refused, which is final.
        """
        context, stored = self.context, self._stored_object
        if not stored.data and stored.size > context.limits.max_bytes:
            message = f"{stored.size:,} bytes; the limit is {context.limits.max_bytes:,}"
            raise TooManyBytesError(message)
        if self.is_empty:
            message = "the file is empty; choose it again"
            raise EmptyFileError(message)
        start = perf_counter()
        self._rendered_focus = self._focus(self.head)
        presets = tuple(focus.with_focus(one, self._rendered_focus) for one in context.presets)
        # By its module: the function that only records failures has no libvips.
        self._rendered = imaging.render_all(
            stored.data,
            presets,
            context.limits,
            threads=context.threads,
            faces=faces.kept(self.head, self.job.key, stored.etag) if context.find_faces else None,
            find_faces=context.find_faces,
            on_first=self._announce_first if self._announced else None,
        )
        self._announced = False  # what is rendered again is another manifest's
        self._took("render", start)

    def commit(self, make: Callable[[ManifestHead], Image]) -> Image:
        """Append the manifest of the image that *make* returns to the chain.

        Raises:
            SupersededError: a later event, or another original's, was applied meanwhile.
        """
        while True:
            if self.job.refocus and focus.is_overtaken(self.job.refocus, self.head):
                raise SupersededError(self.image_id)
            self.replaced = self.head.image
            image = make(self.head)
            manifest = Manifest(image=image, origin=self._origin(image), faces=self._faces(image))
            try:
                self.head = manifests.append(self.context.renditions, self.head, manifest)
            except ConflictError:
                self.head = manifests.read(self.context.renditions, self.image_id)
            else:
                return image
            if not self.head.is_of(self.job.key):
                raise SupersededError(self.image_id)
            if self.head.image is not None and self._is_settled_by(self.head, image):
                return self.head.image
            if self.head.is_newer(self.job.key, self._sequencer):
                raise SupersededError(self.image_id)

    def ready(self, head: ManifestHead) -> Image:
        """Write the renditions, and return the record that lists them.

        Raises:
            ImagingError: as `render`, which is repeated if the focus has changed meanwhile.
        """
        if self._focus(head) != self._rendered_focus:
            self.render()
        if self._rendered is None or self._rendered.description is None:
            message = "render comes before ready"
            raise RuntimeError(message)
        description, made = self._rendered.description, self._rendered.renditions
        revision, record = (
            self._revision(head, description.sha256),
            self._record(head, Status.READY),
        )
        start = perf_counter()
        records = {rendition(record, revision, one): one.data for one in made}
        unwritten = {one: data for one, data in records.items() if one != self._stored_first}
        files.write(self.context.renditions, record.visibility, unwritten)
        self._took("write", start)
        return msgspec.structs.replace(
            facts.looking_like(record, description),
            renditions=tuple(records),
            revision=revision,
            timings=Timings(wait=self.job.wait_milliseconds, **self._milliseconds),
        )

    def failed(self, head: ManifestHead, failure: Failure) -> Image:
        """Return the record of a failed original, which keeps existing renditions."""
        return msgspec.structs.replace(
            self._record(head, Status.FAILED),
            renditions=self._kept(head),
            failure=failure,
            timings=Timings(wait=self.job.wait_milliseconds, **self._milliseconds),
        )

    def tombstone(self, head: ManifestHead) -> Image:
        """Return the record of a deleted image."""
        record = self._record(head, Status.DELETED)
        return tombstone(
            record.id,
            record.owner,
            record.version,
            self.job.key,
            self.context.now(),
            source=record.source,
            visibility=record.visibility,
        )

    def nameless_tombstone(self, head: ManifestHead) -> Image:
        """Return the record of an image of which nothing is left.

        It still keeps a concurrent run from committing. If that was faster, it is not nameless.
        """
        record = self.tombstone(head)
        return nameless(record) if head.is_nameless else record

    def _record(self, head: ManifestHead, status: Status) -> Image:
        """Return the part of a record that is the same for all outcomes."""
        before, stored, key = head.image, self._stored, self.job.key
        metadata = stored.metadata if stored else {}
        known = before if before and before.status is not Status.DELETED else None
        name = unquote(metadata.get("filename", ""), errors="replace")
        written = stored.last_modified if stored else self.context.now()
        return Image(
            id=self.image_id,
            owner=(before and before.owner) or self.context.owner(key),
            version=head.next_version,
            status=status,
            filename=name or (known.filename if known else keys.name_in(key)),
            source=facts.source(key, metadata.get("source"))
            if stored or not known
            else known.source,
            visibility=before.visibility
            if before
            else facts.visibility(key, metadata, self.context.visibility),
            focus=self._focus(head),
            original=Original(
                key=key,
                bytes=stored.size if stored else None,
                content_type=stored.content_type if stored else None,
            ),
            presets_revision=self.context.presets_revision,
            created_at=facts.created_at(self.image_id, key, known, written),
            updated_at=timestamp(self.context.now()),
        )

    def _kept(self, head: ManifestHead) -> tuple[Rendition, ...]:
        """Return the renditions that remain valid while the same bytes are rendered again."""
        if head.manifest is None or head.image is None or self._stored is None:
            return head.image.renditions if head.image and self.job.again else ()
        same = head.manifest.origin.etag == self._stored.etag
        return head.image.renditions if same else ()

    def _focus(self, head: ManifestHead) -> Focus | None:
        """Return the focus for the bytes that were read: the one asked for, else that of *head*."""
        if self._refocus is not None:
            return self._refocus.focus
        return focus.kept(head, self._stored.etag if self._stored else None)

    def _revision(self, head: ManifestHead, sha256: str) -> str:
        """Return *head*'s revision for these bytes, presets and this focus, or a new one."""
        image, presets = head.image, self.context.presets_revision
        made_of = (Status.READY, sha256, presets, self._rendered_focus)
        if image and made_of == (
            image.status,
            image.original.sha256,
            image.presets_revision,
            image.focus,
        ):
            return image.revision or ""
        return keys.revision(
            sha256, presets, head.next_version, focus=focus.text(self._rendered_focus)
        )

    def _origin(self, image: Image) -> Origin:
        new = Origin(bucket=self.context.originals.name, key=image.original.key)
        before = self.head.manifest.origin if self.head.manifest else new
        focused = self._stored.etag if self._stored else before.focus_etag
        return msgspec.structs.replace(
            new,
            etag=self._etag(image),
            sequencer=self._sequencer,
            trace=self.trace,
            visibility_requested_at=before.visibility_requested_at,
            focus_requested_at=(
                self._refocus.requested_at if self._refocus else before.focus_requested_at
            ),
            focus_etag=focused if image.focus else None,
        )

    def _faces(self, image: Image) -> tuple[Face, ...] | None:
        """Return the faces found by this run, or those known of the same bytes."""
        if image.status is Status.DELETED:
            return None
        if self._rendered is not None:
            return self._rendered.faces
        return faces.kept(self.head, self.job.key, self._etag(image))

    def _etag(self, image: Image) -> str | None:
        """Return the ETag of the bytes that were read, or of those behind kept renditions."""
        if image.status is Status.DELETED:
            return None
        if self._stored is not None:
            return self._stored.etag
        before = self.head.manifest
        return before.origin.etag if before is not None and image.renditions else None

    def _is_settled_by(self, head: ManifestHead, image: Image) -> bool:
        """Whether the manifest that another writer committed makes *image* unnecessary."""
        if image.status is Status.DELETED:
            return self.is_deletion_done(head)
        if image.failure and image.failure.retryable:
            return not head.is_deleted and head.sequencer == self._sequencer
        return self.is_done(head) and not self.job.again

    def _took(self, stage: str, start: float) -> None:
        self._milliseconds[stage] = round((perf_counter() - start) * 1000, 1)

    @property
    def _stored_object(self) -> StoredObject:
        if self._stored is None:
            message = "read comes before render"
            raise RuntimeError(message)
        return self._stored
