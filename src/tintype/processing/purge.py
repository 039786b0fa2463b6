"""Purging the CDN: what was deleted or became private must not be served from a cache."""

from __future__ import annotations

import random
from enum import StrEnum

from tintype import messages
from tintype.aws.errors import UnavailableError
from tintype.messages import Purge
from tintype.processing.context import ProcessingContext

_PAUSE_SECONDS = 30, 120  # an invalidation takes about a minute


class PurgeOutcome(StrEnum):
    """What became of a purge."""

    PURGED = "PURGED"
    POSTPONED = "POSTPONED"  # CloudFront has as many in progress as it takes, or does not answer


def purge(context: ProcessingContext, request: Purge) -> PurgeOutcome:
    """Remove an image from the CDN's caches, or put it off.

    CloudFront takes 15 wildcards at a time, so that after many deletions most have to wait. What is
    put off is a new message: the tries of the queue, after which it would give up, are not used.

    Raises:
        ServiceError: CloudFront refused, or the queue failed; retry.
    """
    if context.caches is None:
        return PurgeOutcome.PURGED
    try:
        context.caches.invalidate(request.paths, request.reference)
    except UnavailableError:
        pause = random.randint(*_PAUSE_SECONDS)  # noqa: S311 - no secret
        context.queue.send(messages.encode(request), delay_seconds=pause)
        return PurgeOutcome.POSTPONED
    return PurgeOutcome.PURGED
