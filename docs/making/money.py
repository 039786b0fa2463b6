"""What a month costs, from the same arithmetic as `tintype cost`: the bill, the prices, the assumptions."""

from __future__ import annotations

from docs.making.tables import code, sentence, table
from tintype.config import load, shipped
from tintype.costs.bill import Bill, Line, Month
from tintype.costs.bill import bill as billed
from tintype.costs.measured import ASSUMED
from tintype.costs.prices import PRICES, Region

MILLION = 1_000_000
_SHORTEST = 0.01  # dollars that a line shows in figures


def bill() -> str:
    """Return a month with a million images, service by service and position by position."""
    made = a_million()
    sums = [[service, _usd(usd)] for service, usd in made.by_service().items()]
    whole = [["**together**", f"**{_usd(made.usd)}**"]]
    lines = [
        [one.service, one.what, one.formula, _quantity(one), _usd(one.usd)] for one in made.lines
    ]
    headings = ["Service", "What", "How it comes about", "Quantity", "A month"]
    return "\n".join([table(["Service", "A month"], sums + whole), table(headings, lines)])


def prices() -> str:
    """Return the table of prices, with where and when each was read."""
    rows = []
    for name, regions in PRICES.items():
        first = regions[Region.VIRGINIA]
        each = [f"${regions[region].usd:.10g}" for region in Region]
        free = f"{first.free:,.0f}" if first.free else "–"
        where = f"[{first.proof}]({first.source}), {first.seen}"
        rows.append([code(name), *each, f"{first.per:,.0f} {first.unit}", free, where])
    headings = ["Price", *(f"{region}" for region in Region), "For", "Free a month", "Read"]
    return table(headings, rows)


def assumptions() -> str:
    """Return the numbers that nobody has measured on AWS."""
    return table(
        ["Number", "What it is"], ([f"{one.value:g}", sentence(one.unit)] for one in ASSUMED)
    )


def a_million() -> Bill:
    """Return the bill of a million images in a month, at the defaults of `tintype cost`."""
    return billed(load(shipped()), Month(images=MILLION), Region.VIRGINIA)


def _quantity(line: Line) -> str:
    return f"{line.quantity:,.0f} {line.price.unit}"


def _usd(usd: float) -> str:
    return f"${usd:,.2f}" if usd >= _SHORTEST else "under $0.01"
