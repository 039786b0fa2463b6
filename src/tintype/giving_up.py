"""Giving up: a message that failed on every try, perhaps since no function was started for it.

Start with `give_up`. Lambda counts a message that it could not start a function for (an account out of
concurrency) as tried, and a function that cannot even be loaded writes nothing. So the reader of the
failed messages ends their images: each with a manifest that is later than any `PROCESSING` of theirs.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import msgspec

from tintype import manifests
from tintype.darkroom import Darkroom
from tintype.developing import Job, SupersededError
from tintype.images import Failure, Image, Manifest, Status
from tintype.manifests import Chain, ConflictError
from tintype.orders import Order

NOT_PROCESSED = Failure(
    "not_processed",
    "no try to process this original was started, or none came to an end",
    retryable=True,
)


@dataclass(frozen=True, slots=True)
class GivenUp:
    """What is known of the image now, and whether its message is worth another try."""

    image_id: str
    image: Image | None
    worth_a_try: bool


def give_up(room: Darkroom, order: Order, expected: Image | None = None) -> GivenUp:
    """End the image that an order was about: as it was before, or as failed.

    *expected* is its record, which knows what its ticket said. The original itself is not read: it
    has in it what nobody may see.

    Raises:
        ServiceError: a service did not do its part; try again.
    """
    image_id = room.image_id(order)
    given_up = _give_up(room, order, image_id, expected)
    if room.must_turn_away(
        order
    ):  # it is in the bucket still, or what it replaced was not developed
        given_up = replace(given_up, worth_a_try=True)
    room.order_sweep(image_id)  # of what tries have left that were killed
    return given_up


def _give_up(room: Darkroom, order: Order, image_id: str, expected: Image | None) -> GivenUp:
    if order.key.endswith("/"):
        return GivenUp(image_id, None, worth_a_try=False)
    chain = manifests.read(room.renditions, image_id)
    if chain.is_newer(order.key, order.sequencer):
        return GivenUp(image_id, chain.image, worth_a_try=False)
    if chain.manifest is not None and _covers(chain, order):
        image = _write_again(room, chain, chain.manifest)
    elif next((one.key for one in room.originals.entries(order.key)), None) != order.key:
        return GivenUp(image_id, None, worth_a_try=False)  # it has gone
    else:
        job = Job(room, order, image_id, chain)
        try:
            image = job.commit(lambda end: _named(_not_processed(job, end), expected))
        except SupersededError:
            return GivenUp(image_id, None, worth_a_try=False)
    retryable = image.failure is not None and image.failure.retryable
    return GivenUp(image_id, image, worth_a_try=retryable or order.again)


def _covers(chain: Chain, order: Order) -> bool:
    """Whether the chain's end says how the image is without this order."""
    if chain.image is None or chain.image.status is Status.DELETED:
        return False
    sequencer = order.sequencer
    return sequencer is None or not manifests.is_before(chain.sequencer, sequencer)


def _not_processed(job: Job, end: Chain) -> Image:
    """Return the record of a failure that keeps what is served: nobody has seen other bytes."""
    renditions = end.image.renditions if end.image else ()
    return msgspec.structs.replace(job.failed(end, NOT_PROCESSED), renditions=renditions)


def _named(image: Image, expected: Image | None) -> Image:
    if expected is None or expected.status is Status.DELETED:
        return image
    original = msgspec.structs.replace(
        image.original,
        content_type=expected.original.content_type,
        bytes=expected.original.bytes,
    )
    return msgspec.structs.replace(
        image, filename=expected.filename, source=expected.source, original=original
    )


def _write_again(room: Darkroom, chain: Chain, manifest: Manifest) -> Image:
    """Write what the chain ends with once more, so that it replaces a `PROCESSING` of this order."""
    image = msgspec.structs.replace(manifest.image, version=chain.next_version)
    with suppress(ConflictError):  # then another's is later than any of ours
        manifests.append(room.renditions, chain, Manifest(image=image, origin=manifest.origin))
    return image
