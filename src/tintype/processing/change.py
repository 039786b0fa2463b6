"""Making an image public or private: its renditions are copied to keys of their own.

Start with `change`. The manifest is the commit point, as in `process.py`: copies come before it, and
what it replaces goes after it, at once where an image becomes private.

The queue has no order, and a failed message comes again much later, maybe from the dead letters. So
the manifest has the time of the last request, and an earlier one changes nothing: an image that was
made private never becomes public by an old request.
"""

from __future__ import annotations

from collections.abc import Container
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

import msgspec

from tintype import keys
from tintype.access import Visibility
from tintype.images import Image, Rendition, key_of, timestamp
from tintype.processing import focus, manifests
from tintype.processing.context import ProcessingContext
from tintype.processing.delivered import forget
from tintype.processing.files import CACHE_CONTROL
from tintype.processing.job import ProcessJob
from tintype.processing.manifests import ConflictError, ManifestHead
from tintype.processing.process import JobOutcome, JobResult

_COPIERS = 4  # S3's response takes longer than the copy


def change(
    context: ProcessingContext,
    job: ProcessJob,
    visibility: Visibility,
    requested_at: str | None = None,
) -> JobResult:
    """Give a job's image the visibility that was requested at a time (*requested_at*), and new keys to its renditions.

    Raises:
        ServiceError: a service refused or failed; retry.
    """
    image_id = context.image_id(job)
    while True:
        head = manifests.read(context.renditions, image_id).checked()
        if head.manifest is None or head.is_deleted or not head.is_of(job.key):
            return JobResult(JobOutcome.GONE, image_id)
        image, origin = head.manifest.image, head.manifest.origin
        replaced = {one.key for one in image.renditions}
        last = origin.visibility_requested_at or ""
        if requested_at is not None and requested_at < last:
            return JobResult(JobOutcome.SUPERSEDED, image_id, image)
        changes = image.visibility is not visibility
        if changes:
            image = _moved(context, head, image, visibility)
            origin = msgspec.structs.replace(origin, trace=job.trace)
        if changes or (requested_at or "") > last:
            origin = msgspec.structs.replace(
                origin, visibility_requested_at=requested_at or last or None
            )
            try:
                changed = msgspec.structs.replace(head.manifest, image=image, origin=origin)
                manifests.append(context.renditions, head, changed)
            except ConflictError:
                continue
        if visibility is Visibility.PRIVATE:  # also what an interrupted try has left
            _remove_public(context, image, replaced)
            context.schedule_purge(image, Visibility.PUBLIC)
        else:
            forget(context, head.image, image)
        context.schedule_sweep(image_id)
        outcome = JobOutcome.CHANGED if changes else JobOutcome.UNCHANGED
        return JobResult(outcome, image_id, image)


def _moved(
    context: ProcessingContext, head: ManifestHead, image: Image, visibility: Visibility
) -> Image:
    """Copy the renditions, and return the record that lists the copies."""
    sha256, presets = image.original.sha256 or "", image.presets_revision or ""
    revision = keys.revision(sha256, presets, head.next_version, focus=focus.text(image.focus))
    wanted = msgspec.structs.replace(
        image,
        version=head.next_version,
        visibility=visibility,
        revision=revision if image.renditions else image.revision,
        updated_at=timestamp(context.now()),
    )
    with ThreadPoolExecutor(_COPIERS) as copiers:
        copies = tuple(copiers.map(partial(_copied, context, wanted, revision), image.renditions))
    return msgspec.structs.replace(wanted, renditions=copies)


def _copied(
    context: ProcessingContext, image: Image, revision: str, rendition: Rendition
) -> Rendition:
    filename = rendition.key.rpartition("/")[2]
    copy = msgspec.structs.replace(rendition, key=key_of(image, revision, filename))
    context.renditions.put(
        copy.key,
        context.renditions.get(rendition.key).data,
        content_type=copy.content_type,
        cache_control=CACHE_CONTROL[image.visibility],
    )
    return copy


def _remove_public(context: ProcessingContext, private: Image, replaced: Container[str]) -> None:
    """Delete the renditions that had a public address before the image became private.

    Meanwhile it may be on the way to be public again: what is newer is that change's, or a late
    run's, which the sweep removes.
    """
    since = datetime.fromisoformat(private.updated_at)
    found = list(context.renditions.entries(keys.image_folder(private.id)))
    image = manifests.read(context.renditions, private.id).image
    kept = {one.key for one in image.renditions} if image else set()
    kept.add(keys.manifest_key(private.id))
    for entry in found:
        if entry.key not in kept and (entry.key in replaced or entry.last_modified < since):
            context.renditions.delete(entry.key)
