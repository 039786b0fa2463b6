"""A line of the bill, and what is unconfirmed in some of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tintype.costs import measured
from tintype.costs.months import Month
from tintype.costs.plans import PROOF, SEEN, SOURCE
from tintype.costs.prices import CONFIRMED, Price, Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the bill: a number of units, its formula, and the price."""

    service: str
    what: str
    quantity: float
    formula: str
    price: Price
    free: float = 0

    @property
    def usd(self) -> float:
        """The cost of the line."""
        return self.price.cost(max(0.0, self.quantity - self.free))


def unconfirmed(lines: Sequence[Line], month: Month) -> Iterator[str]:
    """Yield what is unconfirmed in a bill: prices first, then unmeasured numbers."""
    for line in lines:
        if line.price.proof not in CONFIRMED:
            why = "assumed" if line.price.proof is Proof.ASSUMED else "from a secondary source"
            yield (
                f"{line.service}, {line.what}: ${line.price.usd:g} for {line.price.per:,.0f} "
                f"{line.price.unit} is {why}; check {line.price.source}"
            )
    if PROOF not in CONFIRMED:
        yield f"CloudFront, flat-rate plans: from a secondary source on {SEEN}; check {SOURCE}"
    for fact in measured.ASSUMED:
        if month.process_ms is None or fact not in {measured.LAMBDA_CPU, measured.OVERHEAD_MS}:
            yield f"{fact.value:g} {fact.unit}: {fact.source}"
