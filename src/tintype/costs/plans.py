"""CloudFront's flat-rate plans, which are sold since 18 November 2025 beside payment by use. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from tintype.costs.prices import GIGABYTES_OF_A_TERABYTE, MILLION, Proof

SOURCE = "https://aws.amazon.com/cloudfront/pricing/"
SEEN = "2026-09-05"
PROOF = Proof.SECOND_HAND  # two who quote AWS's page, and agree


@dataclass(frozen=True, slots=True)
class Plan:
    """A month of one distribution: *usd* for up to so many *requests* and *gigabytes* to viewers.

    What goes beyond is not charged, but may be slowed. A plan needs a WAF web ACL.
    """

    name: str
    usd: float
    requests: int
    gigabytes: float


PLANS = (
    Plan("Free", 0, MILLION, 100),
    Plan("Pro", 15, 10 * MILLION, 50 * GIGABYTES_OF_A_TERABYTE),
    Plan("Business", 200, 125 * MILLION, 50 * GIGABYTES_OF_A_TERABYTE),
    Plan("Premium", 1_000, 500 * MILLION, 50 * GIGABYTES_OF_A_TERABYTE),
)


def plan_for(requests: float, gigabytes: float) -> Plan | None:
    """Return the cheapest plan whose allowance is enough, None if none is.

    >>> plan_for(120e6, 4_000).name, plan_for(600e6, 1)
    ('Business', None)
    """
    enough = (one for one in PLANS if requests <= one.requests and gigabytes <= one.gigabytes)
    return min(enough, key=lambda one: one.usd, default=None)
