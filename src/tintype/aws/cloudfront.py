"""The CDN's copies: take all of them, or those of some paths."""

from __future__ import annotations

import time
from collections.abc import Sequence
from uuid import uuid4

from tintype.aws.sdk import Clients

EVERYTHING = "/*"  # one path, whatever the number of files; each path is billed
LONGEST_SECONDS = 900.0  # CloudFront usually takes less than a minute
_PAUSE_SECONDS = 2.0


def purge(
    clients: Clients,
    distribution_id: str,
    *,
    paths: Sequence[str] = (EVERYTHING,),
    most: float = LONGEST_SECONDS,
) -> bool:
    """Invalidate a distribution's copies, and return whether that ended within *most* seconds.

    Raises:
        ServiceError: CloudFront refuses or does not answer.
    """
    batch = {
        "Paths": {"Quantity": len(paths), "Items": list(paths)},
        "CallerReference": str(uuid4()),
    }
    made = clients.ask(
        "cloudfront",
        "create_invalidation",
        DistributionId=distribution_id,
        InvalidationBatch=batch,
    )["Invalidation"]
    deadline = time.monotonic() + most
    while made["Status"] != "Completed":
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE_SECONDS)
        made = clients.ask(
            "cloudfront", "get_invalidation", DistributionId=distribution_id, Id=made["Id"]
        )["Invalidation"]
    return True
