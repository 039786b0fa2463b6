"""The CDN's caches: what the functions remove from them. An operator removes all with `cloudfront.purge`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tintype.aws.account import GLOBAL_REGION, Account, Call

_VERSION = "2020-05-31"  # of CloudFront's API


@dataclass(frozen=True, slots=True)
class Distribution:
    """The distribution with this *id*."""

    account: Account
    id: str

    def invalidate(self, paths: Sequence[str], reference: str) -> None:
        """Begin to remove *paths*, percent-encoded, from the caches; a `*` at the end is a wildcard.

        Another request with the same *reference* and paths does nothing.

        Raises:
            UnavailableError: as many invalidations as possible are in progress: 15 with a wildcard.
            ServiceError: it may not be invalidated, or does not exist.
        """
        items = "".join(f"<Path>{path}</Path>" for path in paths)
        body = (
            f'<InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/{_VERSION}/">'
            f"<Paths><Quantity>{len(paths)}</Quantity><Items>{items}</Items></Paths>"
            f"<CallerReference>{reference}</CallerReference></InvalidationBatch>"
        )
        call = Call(
            "cloudfront",
            "CreateInvalidation",
            path=f"/{_VERSION}/distribution/{self.id}/invalidation",
            headers={"content-type": "application/xml"},
            body=body.encode(),
            url=f"https://cloudfront.{self.account.domain}",
        )
        # CloudFront has one region, whatever the function's is.
        replace(self.account, region=GLOBAL_REGION).send(call)
