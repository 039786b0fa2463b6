"""Giving up on a message that failed on every try, maybe because no function was started for it.

Start with `give_up`. Lambda counts a message as tried even if it could not start a function (an
account out of concurrency), and a function that fails to load writes nothing. So the reader of the
failed messages ends their images, with a manifest later than any of their `PROCESSING` records.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import msgspec

from tintype.images import Failure, Image, Manifest, Status
from tintype.processing import manifests
from tintype.processing.context import ProcessingContext
from tintype.processing.errors import SupersededError
from tintype.processing.job import ProcessJob
from tintype.processing.manifests import ConflictError, ManifestHead
from tintype.processing.run import ProcessRun

NOT_PROCESSED = Failure(
    "not_processed",
    "no attempt to process this original was started or finished",
    retryable=True,
)


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The image's current record, and whether its message is worth a retry."""

    image_id: str
    image: Image | None
    worth_a_try: bool


def give_up(context: ProcessingContext, job: ProcessJob, expected: Image | None = None) -> GivenUp:
    """End a job's image, restoring its previous state or as FAILED.

    *expected* is its record, with the facts of its ticket. The original is not read: this function
    may not see its content.

    Raises:
        ServiceError: a service refused or failed; retry.
    """
    image_id = context.image_id(job)
    if job.key.endswith("/"):  # a folder marker, which never becomes an image
        return GivenUp(image_id, None, worth_a_try=False)
    given_up = _give_up(context, job, image_id, expected)
    # It is still in the bucket, or what it replaced was not processed.
    if context.must_turn_away(job):
        given_up = replace(given_up, worth_a_try=True)
    context.schedule_sweep(image_id)  # remove the leftovers of interrupted tries
    return given_up


def _give_up(
    context: ProcessingContext, job: ProcessJob, image_id: str, expected: Image | None
) -> GivenUp:
    head = manifests.read(context.renditions, image_id)
    if not head.is_of(job.key) or not _is_expected(expected, job.key):
        return GivenUp(image_id, None, worth_a_try=False)  # stored next to the image's original
    # It may be a later upload through the link, which must still be removed.
    by_link = context.is_by_link(job) and head.manifest is not None
    if head.is_newer(job.key, job.sequencer):
        return GivenUp(image_id, head.image, worth_a_try=by_link)
    if head.manifest is not None and _covers(head, job):
        image = _write_again(context, head, head.manifest)
    elif next((one.key for one in context.originals.entries(job.key)), None) != job.key:
        return GivenUp(image_id, None, worth_a_try=by_link)  # it was deleted
    else:
        run = ProcessRun(context, job, image_id, head)
        try:
            image = run.commit(lambda end: _named(_not_processed(run, end), end.image, expected))
        except SupersededError:  # now there is a manifest
            return GivenUp(image_id, None, worth_a_try=context.is_by_link(job))
    retryable = image.failure is not None and image.failure.retryable
    return GivenUp(image_id, image, worth_a_try=retryable or job.again)


def _is_expected(expected: Image | None, key: str) -> bool:
    """Whether an object may be the original of a record."""
    return expected is None or expected.status is Status.DELETED or expected.original.key == key


def _covers(head: ManifestHead, job: ProcessJob) -> bool:
    """Whether the latest manifest already settles the image without this job."""
    if head.image is None or head.image.status is Status.DELETED:
        return False
    sequencer = job.sequencer
    return sequencer is None or not manifests.is_before(head.sequencer, sequencer)


def _not_processed(run: ProcessRun, end: ManifestHead) -> Image:
    """Return the record of a failure that keeps the served renditions: no other bytes were read."""
    renditions = end.image.renditions if end.image else ()
    return msgspec.structs.replace(run.failed(end, NOT_PROCESSED), renditions=renditions)


def _named(image: Image, before: Image | None, expected: Image | None) -> Image:
    if expected is None or expected.status is Status.DELETED:
        return image
    original = msgspec.structs.replace(
        image.original,
        content_type=expected.original.content_type,
        bytes=expected.original.bytes,
    )
    return msgspec.structs.replace(
        image,
        filename=expected.filename,
        source=expected.source,
        visibility=before.visibility if before else expected.visibility,
        original=original,
    )


def _write_again(context: ProcessingContext, head: ManifestHead, manifest: Manifest) -> Image:
    """Write the latest manifest again, so that it replaces a `PROCESSING` record of this job."""
    image = msgspec.structs.replace(manifest.image, version=head.next_version)
    with suppress(ConflictError):  # another writer's manifest is later than ours
        manifests.append(context.renditions, head, msgspec.structs.replace(manifest, image=image))
    return image
