"""CloudFront's flat-rate plans, available since 18 November 2025 as an alternative. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from tintype.costs.prices import GIGABYTES_OF_A_TERABYTE, MILLION, Proof

SOURCE = "https://aws.amazon.com/cloudfront/pricing/"
SEEN = "2026-09-05"
PROOF = Proof.SECOND_HAND  # two secondary sources that quote AWS's page and agree


@dataclass(frozen=True, slots=True)
class CdnPlan:
    """A plan for one distribution: *usd* per month for up to *requests* and *gigabytes* to viewers.

    Usage beyond that is not charged but may be slowed. A plan needs a WAF web ACL.
    """

    name: str
    usd: float
    requests: int
    gigabytes: float


PLANS = (
    CdnPlan("Free", 0, MILLION, 100),
    CdnPlan("Pro", 15, 10 * MILLION, 50 * GIGABYTES_OF_A_TERABYTE),
    CdnPlan("Business", 200, 125 * MILLION, 50 * GIGABYTES_OF_A_TERABYTE),
    CdnPlan("Premium", 1_000, 500 * MILLION, 50 * GIGABYTES_OF_A_TERABYTE),
)


def plan_for(requests: float, gigabytes: float) -> CdnPlan | None:
    """Return the cheapest plan with a sufficient allowance, or None.

    >>> plan_for(120e6, 4_000).name, plan_for(600e6, 1)
    ('Business', None)
    """
    enough = (one for one in PLANS if requests <= one.requests and gigabytes <= one.gigabytes)
    return min(enough, key=lambda one: one.usd, default=None)
