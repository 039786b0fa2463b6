"""Purging the CDN: what was deleted or became private must not be served from a cache."""

from __future__ import annotations

import random
from enum import StrEnum

import msgspec

from tintype import messages
from tintype.aws.errors import UnavailableError
from tintype.messages import Purge
from tintype.processing.context import ProcessingContext

# Of the first postponement: an invalidation takes about a minute. Each next pause is twice as long, so
# that thousands of purges that wait do not ask thousands of times, up to SQS's limit.
_PAUSE_SECONDS = 30, 120
_LONGEST_PAUSE_SECONDS = 900
MOST_POSTPONEMENTS = 200  # two days at least


class PurgeOutcome(StrEnum):
    """What became of a purge."""

    PURGED = "PURGED"
    POSTPONED = "POSTPONED"  # CloudFront has as many in progress as it takes, or does not answer


def purge(context: ProcessingContext, request: Purge) -> PurgeOutcome:
    """Remove an image from the CDN's caches, or put it off.

    CloudFront takes 15 wildcards at a time, so that after many deletions most have to wait. What is
    put off is a new message: the tries of the queue, after which it would give up, are not used until
    CloudFront has been asked for days, which it may be unable to answer from the functions' network.

    Raises:
        ServiceError: CloudFront refused, or the queue failed, or nothing answered for days; retry.
    """
    if context.caches is None:
        return PurgeOutcome.PURGED
    try:
        context.caches.invalidate(request.paths, request.reference)
    except UnavailableError:
        if request.postponed >= MOST_POSTPONEMENTS:
            raise
        later = msgspec.structs.replace(request, postponed=request.postponed + 1)
        context.queue.send(messages.encode(later), delay_seconds=_pause(request.postponed))
        return PurgeOutcome.POSTPONED
    return PurgeOutcome.PURGED


def _pause(postponed: int) -> int:
    """Return the seconds to wait after so many postponements: a random part, so that not all ask at once."""
    least, most = (min(_LONGEST_PAUSE_SECONDS, one << min(postponed, 8)) for one in _PAUSE_SECONDS)
    return random.randint(min(least, _LONGEST_PAUSE_SECONDS // 2), most)  # noqa: S311 - no secret
