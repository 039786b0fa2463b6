"""Processing: from an original in the bucket to renditions and the manifest that lists them.

Start with `process`; it, `discard` and `sweep` each carry out one job. The manifest is the
commit point, and the manifests of an image form a chain (`manifests.py`). So the events of an
original may be handled repeatedly, in any order and concurrently:

- a repeated event finds its own manifest and changes nothing;
- an event older than the chain's last one is ignored;
- the losing writer of a commit reads again, and rewrites its renditions before it retries.

Refusals by the engine are final and become a manifest with a failure. Other errors propagate, and
the queue retries. Before the last try a provisional failure is committed, so that even a crash is
recorded. `sweep` removes objects that no manifest names. It runs later than any function can, so it
never removes what another one is about to commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

import msgspec

from tintype import keys
from tintype.access import Visibility
from tintype.aws.errors import (
    AccessDeniedError,
    ArchivedError,
    NotFoundError,
    ServiceError,
    UnreadableObjectError,
)
from tintype.aws.s3 import Version
from tintype.images import (
    FIRST_VERSION,
    Failure,
    Image,
    Status,
    cached_paths,
    folders,
    public_paths,
)
from tintype.imaging import ImagingError
from tintype.imaging.errors import TooManyBytesError
from tintype.messages import PutVersion
from tintype.processing import focus, manifests
from tintype.processing.context import ProcessingContext
from tintype.processing.delivered import forget, is_delivered, outdated, remove
from tintype.processing.errors import OriginalNotFoundError, SupersededError
from tintype.processing.job import ProcessJob
from tintype.processing.manifests import ManifestHead
from tintype.processing.run import ProcessRun

CRASHED = Failure(
    "processing_crashed",
    "processing ended without a result, usually because memory or time ran out",
    retryable=True,
)
# From issuing a link to the last possible upload through it: the link is valid for at most an hour
# (`ticket_minutes`), and uploads started in time may take long.
LINKS_END = timedelta(days=1)


class JobOutcome(StrEnum):
    """The outcome of a job."""

    READY = "READY"
    FAILED = "FAILED"
    DELETED = "DELETED"
    CHANGED = "CHANGED"  # its visibility
    SWEPT = "SWEPT"
    UNCHANGED = "UNCHANGED"  # a repeated event whose result exists
    SUPERSEDED = "SUPERSEDED"  # the original has a newer event
    IGNORED = "IGNORED"  # not an image: a folder marker, empty, or next to an original
    GONE = "GONE"  # the original no longer exists


@dataclass(frozen=True, slots=True)
class JobResult:
    """The result of a job; *image* is the record, if one was written or found.

    *unreadable* describes an object at the manifest's key that is not a manifest; *obstacle* is why
    an image was left unchanged; *cause* is what a library said of a refused original.
    """

    outcome: JobOutcome
    image_id: str
    image: Image | None = None
    unreadable: UnreadableObjectError | None = None
    obstacle: Failure | None = None
    cause: str | None = None


def process(context: ProcessingContext, job: ProcessJob) -> JobResult:
    """Render the original at `job.key`, or record why that is impossible.

    An upload link works once: the original is the first upload that is not too large. Each later
    upload is deleted permanently when its own event is handled, so only the first one is ever read.

    Raises:
        ServiceError: a service refused or failed; retry.
    """
    if job.put is None or not keys.is_ours(job.key):
        return _process_now(context, job)
    versions = list(context.originals.versions(job.key))
    if _is_late(context.image_id(job), job.put, versions):
        return _process_now(context, replace(job, put=None))
    first = _first(context, versions)
    if first is not None and first.id == job.put.id:
        return _process_now(context, job)
    if not manifests.read(context.renditions, context.image_id(job)).is_of(job.key):
        return JobResult(JobOutcome.IGNORED, context.image_id(job))
    return _turn_away(context, replace(job, put=None), job.put, first)


def _is_late(image_id: str, put: PutVersion, versions: Sequence[Version]) -> bool:
    """Whether this was put after the link's expiry, and thus by the bucket's owner."""
    written = next((one.last_modified for one in versions if one.id == put.id), None)
    return written is not None and abs(written - keys.created_at(image_id)) > LINKS_END


def _first(context: ProcessingContext, versions: Sequence[Version]) -> Version | None:
    """Return the upload that used the link; a deletion before any upload uses it as well."""
    limit = context.limits.max_bytes
    return next((one for one in reversed(versions) if one.is_marker or one.size <= limit), None)


def _turn_away(
    context: ProcessingContext, job: ProcessJob, put: PutVersion, first: Version | None
) -> JobResult:
    """Delete uploads that are too large or follow the *first*, and ensure that one is processed.

    If all were too large, the failure is committed first: it tells `discard` that the image was not
    deleted by a client. A version kept by an object lock replaces the previous one, as in a bucket
    without versioning.
    """
    head = manifests.read(context.renditions, context.image_id(job))
    is_ready = head.image is not None and head.image.status is Status.READY
    refused = _process_now(context, job) if first is None and not is_ready else None
    try:
        context.originals.delete(job.key, version=put.id)
    except AccessDeniedError as error:
        kept = refused or _process_now(context, job)
        return replace(kept, obstacle=Failure(error.code, str(error)))
    if first is None:
        left = _process_now(context, job)
        return refused if refused and left.outcome is JobOutcome.GONE else left
    if not first.is_marker and head.is_made_of(first.etag):
        return JobResult(JobOutcome.UNCHANGED, context.image_id(job), head.image)
    wanted = PutVersion(first.id, first.size)
    return _process_now(context, replace(job, sequencer=None, put=wanted))


def _process_now(context: ProcessingContext, job: ProcessJob) -> JobResult:
    image_id = context.image_id(job)
    head = manifests.read(context.renditions, image_id)
    # A folder marker created by a console, or put next to the original by someone with write access.
    if job.key.endswith("/") or not head.is_of(job.key):
        return JobResult(JobOutcome.IGNORED, image_id)
    if needless := _needless(job, head):
        return _ended(context, job, JobResult(needless, image_id, head.image))
    run = ProcessRun(context, job, image_id, head)
    try:
        result = replace(_process_visibly(run), unreadable=head.unreadable)
        if result.image is not None:
            forget(context, run.replaced, result.image)
        return _ended(context, job, result, left=run.has_left)
    except SupersededError:
        if job.refocus is not None:  # by the same bytes, maybe: the new head decides
            return _process_now(context, job)
        context.schedule_sweep(image_id)
        return JobResult(JobOutcome.SUPERSEDED, image_id, run.head.image)
    except OriginalNotFoundError:
        return _ended(context, job, JobResult(JobOutcome.GONE, image_id))


def _needless(job: ProcessJob, head: ManifestHead) -> JobOutcome | None:
    """Return why there is nothing to render, or None."""
    request = job.refocus
    if head.is_newer(job.key, job.sequencer):
        return JobOutcome.SUPERSEDED
    if request is None:
        return None
    if head.checked().image is None or head.is_deleted:
        return JobOutcome.GONE
    if focus.is_overtaken(request, head):
        return JobOutcome.SUPERSEDED
    return JobOutcome.UNCHANGED if focus.is_settled(request, head) else None


def discard(context: ProcessingContext, job: ProcessJob) -> JobResult:
    """Write a tombstone for a deleted original, and remove its renditions.

    If nothing of the image is left, the tombstone has no name: an erased owner does not come back.

    Raises:
        ServiceError: a service refused or failed; retry.
    """
    image_id = context.image_id(job)
    head = manifests.read(context.renditions, image_id)
    if (job.key.endswith("/") and head.image is None) or not head.is_of(job.key):
        return JobResult(JobOutcome.IGNORED, image_id)
    if head.is_newer(job.key, job.sequencer) or _original_exists(context, job.key):
        return JobResult(JobOutcome.SUPERSEDED, image_id)
    if job.for_good and _is_turned_away(head.image):
        return JobResult(JobOutcome.UNCHANGED, image_id, head.image)
    run = ProcessRun(context, job, image_id, head)
    deleted = head.image
    if not run.is_deletion_done(head):
        erased = head.is_nameless and _is_gone_for_good(context, job)
        try:
            deleted = run.commit(run.nameless_tombstone if erased else run.tombstone)
        except SupersededError:
            return JobResult(JobOutcome.SUPERSEDED, image_id)
    for rendition in run.replaced.renditions if run.replaced else ():
        context.renditions.delete(rendition.key)
    first = _delete_what_was_there(context, deleted) if deleted else False
    if deleted is not None and (deleted.version > FIRST_VERSION or first):  # it was served
        has_changed = head.manifest is not None and head.manifest.origin.visibility_requested_at
        context.schedule_purge(deleted, *(Visibility if has_changed else ()))
    context.schedule_sweep(image_id)
    return JobResult(JobOutcome.DELETED, image_id, deleted, head.unreadable)


def _delete_what_was_there(context: ProcessingContext, tombstone: Image) -> bool:
    """Delete a deleted image's files for addresses, and first renditions from before its tombstone.

    Of what no manifest named, only what is older than the tombstone: whoever commits a manifest after
    it has written its renditions after it as well. S3 tells times in whole seconds, so the sweep may
    find some. Return whether there were renditions.
    """
    manifest, found = keys.manifest_key(tombstone.id), False
    written = context.renditions.head(manifest).last_modified
    for folder in folders(tombstone):
        for entry in context.renditions.entries(folder):
            if is_delivered(entry.key):
                context.renditions.delete(entry.key)
            elif entry.key != manifest and entry.last_modified < written:
                context.renditions.delete(entry.key)
                found = True
    return found


def sweep(context: ProcessingContext, image_id: str) -> JobResult:
    """Delete objects that no manifest names and no running function can be about to commit.

    If the manifest cannot be read, nothing is deleted, since what it names is unknown.

    Raises:
        ServiceError: a service refused or failed; retry.
    """
    oldest = context.now() - timedelta(seconds=context.sweep_seconds)
    before = manifests.read(context.renditions, image_id).image
    places = folders(before) if before else (keys.image_folder(image_id),)
    found = [entry for folder in places for entry in context.renditions.entries(folder)]
    head = manifests.read(context.renditions, image_id)  # later than what it may name
    if head.unreadable:
        return JobResult(JobOutcome.UNCHANGED, image_id, unreadable=head.unreadable)
    image = head.image
    named = {one.key for one in image.renditions} if image else set()
    named.add(keys.manifest_key(image_id))
    delivered = [one.key for one in found if is_delivered(one.key)]
    unnamed = [
        one.key
        for one in found
        if one.key not in {*named, *delivered} and one.last_modified < oldest
    ]
    for key in unnamed:
        context.renditions.delete(key)
    old = outdated(context.renditions, image, delivered)
    known = [] if image is not None and _is_public(image) else unnamed
    remove(context, old, lambda: _purge_swept(context, image_id, before, old, known))
    return JobResult(JobOutcome.SWEPT, image_id, image)


def _purge_swept(
    context: ProcessingContext,
    image_id: str,
    image: Image | None,
    delivered: Sequence[str],
    unnamed: Sequence[str],
) -> None:
    """Have the CDN forget what was swept at addresses that were known.

    That is all that was made for addresses, which do not change with the image, and the renditions of
    a run that lost against a deletion, or a change to private, and wrote them after the purge.
    """
    folder = keys.image_folder(image_id)
    is_public = any(one.startswith(folder) for one in (*delivered, *unnamed))
    paths = public_paths(image_id) if is_public else ()
    if image is not None and any(one.startswith(keys.PRIVATE) for one in delivered):
        private = msgspec.structs.replace(image, visibility=Visibility.PRIVATE)
        paths = (*paths, *cached_paths(private))
    if paths:
        context.schedule_purge_of_swept(image_id, paths)


def _is_public(image: Image) -> bool:
    return image.status is not Status.DELETED and image.visibility is Visibility.PUBLIC


def _process_visibly(run: ProcessRun) -> JobResult:
    """Process; before the last try, commit a provisional failure in case of a crash."""
    if not 1 < run.context.max_tries <= run.job.attempt:
        return _process(run)
    if _is_settled(run.head, run):  # the result is final and must not be replaced by a failure
        return _process(run, last=True)
    if run.head.is_deleted and not _original_exists(run.context, run.job.key):
        raise OriginalNotFoundError(run.job.key)  # a failure would take the tombstone's place
    run.commit(lambda head: run.failed(head, CRASHED))
    try:
        return _process(run, last=True)
    except ServiceError as error:
        failure = Failure(error.code, str(error), retryable=True)
        with suppress(ServiceError):
            run.commit(lambda head: run.failed(head, failure))
        raise


def _process(run: ProcessRun, *, last: bool = False) -> JobResult:
    try:
        run.read()
    except ArchivedError as error:
        return _left_archived(run, Failure(error.code, str(error)))
    if not run.job.again and run.is_done(run.head):
        return JobResult(JobOutcome.UNCHANGED, run.image_id, run.head.image)
    known = run.head.image is not None and run.head.image.status is not Status.DELETED
    if run.is_empty and not known and not keys.is_ours(run.job.key):
        return JobResult(JobOutcome.IGNORED, run.image_id)
    if not last:  # `PROCESSING` would replace the provisional failure
        run.announce()
    try:
        run.render()
        image = run.commit(run.ready)
    except ImagingError as error:
        failure = Failure(error.code, str(error))
        image = run.commit(lambda head: run.failed(head, failure))
        return JobResult(JobOutcome(image.status), run.image_id, image, cause=error.cause)
    return JobResult(JobOutcome(image.status), run.image_id, image)


def _left_archived(run: ProcessRun, failure: Failure) -> JobResult:
    """End a run whose original cannot be read, keeping existing renditions."""
    was = run.before.image
    if was is None or not run.was_ready:
        image = run.commit(lambda head: run.failed(head, failure))
        return JobResult(JobOutcome(image.status), run.image_id, image)
    there = run.head.image
    if run.head is not run.before:  # the provisional failure during the last try
        there = run.commit(lambda head: msgspec.structs.replace(was, version=head.next_version))
    return JobResult(JobOutcome.UNCHANGED, run.image_id, there, obstacle=failure)


def _is_gone_for_good(context: ProcessingContext, job: ProcessJob) -> bool:
    """Whether an S3 event is about an original of which no version is left."""
    return job.sequencer is not None and not any(context.originals.versions(job.key))


def _is_turned_away(image: Image | None) -> bool:
    """Whether an image has no original because we deleted it."""
    code = image.failure.code if image and image.failure else None
    return code == TooManyBytesError.code and keys.is_ours(image.original.key if image else "")


def _is_settled(head: ManifestHead, run: ProcessRun) -> bool:
    """Whether the event of this last try already has its final manifest."""
    image = head.image
    if image is None or image.status is Status.DELETED or run.job.again:
        return False
    handled = run.job.sequencer is None or not manifests.is_before(
        head.sequencer, run.job.sequencer
    )
    return handled and not (image.failure and image.failure.retryable)


def _ended(
    context: ProcessingContext, job: ProcessJob, result: JobResult, *, left: bool = False
) -> JobResult:
    """Schedule a sweep, unless this was the first try and wrote the first manifest.

    *left*: it has stored a rendition as well, which a failure does not name.
    """
    version = result.image.version if result.image else FIRST_VERSION
    failed = left and result.outcome is not JobOutcome.READY
    if job.attempt > 1 or version > FIRST_VERSION or failed:
        context.schedule_sweep(result.image_id)
    return result


def _original_exists(context: ProcessingContext, key: str) -> bool:
    try:
        context.originals.head(key)
    except NotFoundError:
        return False
    return True
