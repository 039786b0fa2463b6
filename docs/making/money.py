"""What a month costs, calculated as in `tintype cost`: the bill, the prices, the assumptions."""

from __future__ import annotations

from docs.making.tables import code, sentence, table
from tintype.config import load, shipped
from tintype.config.service import OriginalsClass
from tintype.costs.bill import Bill
from tintype.costs.bill import bill as billed
from tintype.costs.line import Line
from tintype.costs.measured import ASSUMED
from tintype.costs.months import Month
from tintype.costs.plans import PLANS
from tintype.costs.prices import PRICES, PriceRegion

MILLION = 1_000_000
_ABOUT_ORIGINALS = ("originals", "moves", "monitoring")
_ABOUT_ANY_SIZE = ("render", "any size", "transfer", "functions at the edge")
_SHORTEST = 0.01  # dollars that a line shows in figures


def bill() -> str:
    """Return what a million images a month cost: at the beginning, after a year, and afterwards."""
    months = bills()
    last = months["month 12"]
    services = last.by_service()
    sums = {name: one.by_service() for name, one in months.items()}
    rows = [[service, *(_usd(sums[name][service]) for name in months)] for service in services]
    whole = [["**together**", *(f"**{_usd(one.usd)}**" for one in months.values())]]
    lines = [
        [one.service, one.what, one.formula, _quantity(one), _usd(one.usd)] for one in last.lines
    ]
    parts = [
        table(["Service", *months], rows + whole),
        "Month 12, item by item:\n",
        table(["Service", "What", "Calculation", "Quantity", "Per month"], lines),
    ]
    return "\n".join(parts)


def classes() -> str:
    """Return what month 12 costs with each class for old originals."""
    rows = []
    for one in OriginalsClass:
        made = a_million(one)
        kept = sum(line.usd for line in made.lines if line.what.startswith(_ABOUT_ORIGINALS))
        rows.append([code(one.value), _usd(kept), _usd(made.usd)])
    return table(["`originals_class`", "Originals, month 12", "All, month 12"], rows)


def sizes() -> str:
    """Return what files of any size add to month 12, item by item."""
    config = load(shipped())
    month = Month(images=MILLION, sizes=1, by_address=0.5)
    found = billed(config, month, PriceRegion.VIRGINIA)
    rows = [
        [one.service, one.what, one.formula, _quantity(one), _usd(one.usd)]
        for one in found.lines
        if one.what.startswith(_ABOUT_ANY_SIZE)
    ]
    return table(["Service", "What", "Calculation", "Quantity", "Per month"], rows)


def plans() -> str:
    """Return CloudFront's flat-rate plans beside what it costs by use."""
    rows = [
        [one.name, f"${one.usd:,.0f}", f"{one.requests:,}", f"{one.gigabytes:,.0f}"]
        for one in PLANS
    ]
    return table(["Plan", "Per month", "Requests", "GB to viewers"], rows)


def prices() -> str:
    """Return the table of prices, with where and when each was read."""
    rows = []
    for name, regions in PRICES.items():
        first = regions[PriceRegion.VIRGINIA]
        each = [f"${regions[region].usd:.10g}" for region in PriceRegion]
        free = f"{first.free:,.0f}" if first.free else "–"
        where = f"[{first.proof}]({first.source}), {first.seen}"
        rows.append([code(name), *each, f"{first.per:,.0f} {first.unit}", free, where])
    headings = ["Price", *(f"{region}" for region in PriceRegion), "For", "Free per month", "Read"]
    return table(headings, rows)


def assumptions() -> str:
    """Return the numbers that are not measured on AWS."""
    return table(
        ["Number", "What it is"], ([f"{one.value:g}", sentence(one.unit)] for one in ASSUMED)
    )


def bills() -> dict[str, Bill]:
    """Return the bills of the first month, of the twelfth, and of a million stored and none added."""
    config = load(shipped())
    months = {
        "month 1": Month(images=MILLION, stored_months=1),
        "month 12": Month(images=MILLION),
        "a million stored, none new": Month(images=0, stored_months=0, older=MILLION),
    }
    return {name: billed(config, month, PriceRegion.VIRGINIA) for name, month in months.items()}


def a_million(originals_class: OriginalsClass) -> Bill:
    """Return the twelfth month of a million images a month, with a class for originals of 90 days."""
    config = load(shipped(), service={"originals_class": originals_class.value})
    return billed(config, Month(images=MILLION), PriceRegion.VIRGINIA)


def _quantity(line: Line) -> str:
    return f"{line.quantity:,.0f} {line.price.unit}"


def _usd(usd: float) -> str:
    return f"${usd:,.2f}" if usd >= _SHORTEST or not usd else "under $0.01"
