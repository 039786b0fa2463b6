"""Developing: an original in the bucket becomes renditions, and a manifest that says so.

Start with `develop`; it, `discard` and `sweep` each carry out one order. The manifest is the
commit point, and the manifests of an image form a chain (`manifests.py`). So it does not matter how
often, in what order or how many at once the events of an original are handled:

- a repeated event finds its own manifest and changes nothing;
- an event that is older than the chain's last one is put aside;
- who loses the race to commit looks again, and writes its renditions anew before it tries again.

What the engine refuses is final and becomes a manifest with a failure. Everything else propagates,
and the queue tries again. Before the last try a provisional failure is committed, so that even a
crash ends where somebody sees it. What no manifest names in the end, `sweep` removes: later than any
function lives, so that it never takes what another one is about to commit.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tintype import keys, manifests
from tintype.aws.errors import ArchivedError, NotFoundError, ServiceError
from tintype.darkroom import Darkroom
from tintype.developing import Job, OriginalNotFoundError, SupersededError
from tintype.images import FIRST_VERSION, Failure, Image, Status
from tintype.imaging import ImagingError
from tintype.imaging.errors import TooManyBytesError
from tintype.manifests import Chain
from tintype.orders import Order

CRASHED = Failure(
    "processing_crashed",
    "processing ended without a result, most often for want of memory or time",
    retryable=True,
)


class Ending(StrEnum):
    """How an order ended."""

    READY = "READY"
    FAILED = "FAILED"
    DELETED = "DELETED"
    SWEPT = "SWEPT"
    UNCHANGED = "UNCHANGED"  # a repeated event: what it asks for is there
    SUPERSEDED = "SUPERSEDED"  # something newer has happened to the original
    IGNORED = "IGNORED"  # the object is no image: a folder's marker, or put there empty
    GONE = "GONE"  # the original is not there any more


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an order; *image* is the record where one was written or found."""

    ending: Ending
    image_id: str
    image: Image | None = None


def develop(room: Darkroom, order: Order) -> Outcome:
    """Render the original at `order.key`, or record why that cannot be.

    Raises:
        ServiceError: a service did not do its part; try again.
    """
    if order.put is not None and room.must_turn_away(order):
        return _turn_away(room, order, order.put.id)
    return _develop_now(room, order)


def _turn_away(room: Darkroom, order: Order, version: str) -> Outcome:
    """Delete for good what came too large by a link that signs no size, and develop what is left.

    The failure is committed before: by it `discard` knows that nobody has deleted the image. One that
    is ready already stays so.
    """
    chain = manifests.read(room.renditions, room.image_id(order))
    is_ready = chain.image is not None and chain.image.status is Status.READY
    refused = None if is_ready else _develop_now(room, order)
    room.originals.delete(order.key, version=version)
    left = _develop_now(room, order)
    return refused if refused and left.ending is Ending.GONE else left


def _develop_now(room: Darkroom, order: Order) -> Outcome:
    image_id = room.image_id(order)
    if order.key.endswith("/"):  # what consoles make to show a folder
        return Outcome(Ending.IGNORED, image_id)
    chain = manifests.read(room.renditions, image_id)
    if chain.is_newer(order.key, order.sequencer):
        return _ended(room, order, Outcome(Ending.SUPERSEDED, image_id, chain.image))
    job = Job(room, order, image_id, chain)
    try:
        return _ended(room, order, _develop_visibly(job))
    except SupersededError:
        room.order_sweep(image_id)
        return Outcome(Ending.SUPERSEDED, image_id, job.chain.image)
    except OriginalNotFoundError:
        return _ended(room, order, Outcome(Ending.GONE, image_id))


def discard(room: Darkroom, order: Order) -> Outcome:
    """Leave a tombstone for an original that was deleted, and remove its renditions.

    Raises:
        ServiceError: a service did not do its part; try again.
    """
    image_id = room.image_id(order)
    chain = manifests.read(room.renditions, image_id)
    if order.key.endswith("/") and chain.image is None:
        return Outcome(Ending.IGNORED, image_id)
    if chain.is_newer(order.key, order.sequencer) or _original_exists(room, order.key):
        return Outcome(Ending.SUPERSEDED, image_id)
    if order.for_good and _is_turned_away(chain.image):
        return Outcome(Ending.UNCHANGED, image_id, chain.image)
    job = Job(room, order, image_id, chain)
    buried = chain.image
    if not job.is_buried(chain):
        try:
            buried = job.commit(job.tombstone)
        except SupersededError:
            return Outcome(Ending.SUPERSEDED, image_id)
    for rendition in job.replaced:
        room.renditions.delete(rendition.key)
    room.order_sweep(image_id)
    return Outcome(Ending.DELETED, image_id, buried)


def sweep(room: Darkroom, image_id: str) -> Outcome:
    """Delete what no manifest names and nobody can be about to commit.

    Raises:
        ServiceError: a service did not do its part; try again.
    """
    oldest = room.now() - timedelta(seconds=room.sweep_seconds)
    found = list(room.renditions.entries(f"{image_id}/"))
    image = manifests.read(room.renditions, image_id).image
    named = {one.key for one in image.renditions} if image else set()
    named.add(keys.manifest_key(image_id))
    for entry in found:
        if entry.key not in named and entry.last_modified < oldest:
            room.renditions.delete(entry.key)
    return Outcome(Ending.SWEPT, image_id, image)


def _develop_visibly(job: Job) -> Outcome:
    """Develop; on the last try so that whatever happens, somebody sees it."""
    if not 1 < job.room.max_tries <= job.order.attempt:
        return _develop(job)
    if _is_settled(job.chain, job):  # what stands is final: no failure takes its place
        return _develop(job, last=True)
    job.commit(lambda chain: job.failed(chain, CRASHED))
    try:
        return _develop(job, last=True)
    except ServiceError as error:
        failure = Failure(error.code, str(error), retryable=True)
        with suppress(ServiceError):
            job.commit(lambda chain: job.failed(chain, failure))
        raise


def _develop(job: Job, *, last: bool = False) -> Outcome:
    try:
        job.read()
    except ArchivedError as error:
        failure = Failure(error.code, str(error))
        image = job.commit(lambda chain: job.failed(chain, failure))
        return Outcome(Ending(image.status), job.image_id, image)
    if not job.order.again and job.is_done(job.chain):
        return Outcome(Ending.UNCHANGED, job.image_id, job.chain.image)
    known = job.chain.image is not None and job.chain.image.status is not Status.DELETED
    if job.is_empty and not known and not keys.is_ours(job.order.key):
        return Outcome(Ending.IGNORED, job.image_id)
    if not last:  # a `PROCESSING` would replace the failure that stands until this try succeeds
        job.announce()
    try:
        job.render()
    except ImagingError as error:
        failure = Failure(error.code, str(error))
        image = job.commit(lambda chain: job.failed(chain, failure))
    else:
        image = job.commit(job.ready)
    return Outcome(Ending(image.status), job.image_id, image)


def _is_turned_away(image: Image | None) -> bool:
    """Whether an image has no original because we have deleted it."""
    code = image.failure.code if image and image.failure else None
    return code == TooManyBytesError.code and keys.is_ours(image.original.key if image else "")


def _is_settled(chain: Chain, job: Job) -> bool:
    """Whether the event of this last try has its final manifest already."""
    image = chain.image
    if image is None or image.status is Status.DELETED or job.order.again:
        return False
    handled = job.order.sequencer is None or not manifests.is_before(
        chain.sequencer, job.order.sequencer
    )
    return handled and not (image.failure and image.failure.retryable)


def _ended(room: Darkroom, order: Order, outcome: Outcome) -> Outcome:
    """Order a sweep, unless this was the first try at what has only had one manifest yet."""
    version = outcome.image.version if outcome.image else FIRST_VERSION
    if order.attempt > 1 or version > FIRST_VERSION:
        room.order_sweep(outcome.image_id)
    return outcome


def _original_exists(room: Darkroom, key: str) -> bool:
    try:
        room.originals.head(key)
    except NotFoundError:
        return False
    return True
