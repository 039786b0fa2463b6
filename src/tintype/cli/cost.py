"""`tintype cost`: what a month costs on AWS, from measured milliseconds and list prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from typing import Annotated

import typer
from rich.text import Text

from tintype.cli.documents import Document, plain, printed
from tintype.cli.options import ConfigPath, Json, usage_errors
from tintype.cli.screen import Screen, open_screen
from tintype.cli.tables import plain_table
from tintype.cli.words import amount, count
from tintype.config import load
from tintype.costs.bill import Bill, Line, bill
from tintype.costs.months import Month
from tintype.costs.prices import Region

STORED = 1_000_000  # images of the last column, which are stored while none comes
STORED_HEADING = f"{STORED:,} stored"
_MEGA = 1_000_000
_CENT = 0.01


def cost(
    *,
    images: Annotated[int, typer.Option("--images", "-n", min=1, help="Images a month.")] = 10_000,
    size: Annotated[
        float, typer.Option("--size", min=0.01, max=1_000, help="Average original, in MB.")
    ] = 3.0,
    views: Annotated[
        float,
        typer.Option("--views", min=0, help="Renditions fetched a month for each image stored."),
    ] = 10,
    months: Annotated[
        float, typer.Option("--months", min=0, help="Months of images that are stored.")
    ] = 12,
    watchers: Annotated[
        float, typer.Option("--watchers", min=0, help="Pages open at a time, on average.")
    ] = 1,
    cached: Annotated[
        float, typer.Option("--cached", min=0, max=1, help="Share of views that the CDN has.")
    ] = 0.9,
    develop_ms: Annotated[
        float | None,
        typer.Option(
            "--develop-ms",
            min=1,
            help="Milliseconds that your develop function is billed for an original.",
            show_default=False,
        ),
    ] = None,
    region: Annotated[
        Region, typer.Option("--region", help="The AWS region whose prices to take.")
    ] = Region.VIRGINIA,
    free_tier: Annotated[
        bool, typer.Option("--free-tier", help="Take off what every account has free, for good.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show how each position comes about.")
    ] = False,
    config: ConfigPath = None,
    json: Json = False,
) -> None:
    """Estimate what a month costs on AWS, service by service.

    Arithmetic from measured milliseconds and list prices, for the presets, the
    memory and the originals_class of tintype.toml: the first month, the month in
    which so many months are stored, and a million images stored while none comes.

    Examples:
      tintype cost --images 50000
      tintype cost --images 50000 --size 4.5 --region eu-central-1 --explain
      tintype cost --free-tier --json
    """
    screen = open_screen(quiet=json)
    month = Month(
        images=images,
        original_bytes=round(size * _MEGA),
        views=views,
        stored_months=months,
        watchers=watchers,
        cached=cached,
        develop_ms=develop_ms,
    )
    with usage_errors(screen, json=json):
        settings = load(config)
    compared = (
        replace(month, stored_months=min(1, months)),
        month,
        replace(month, images=0, stored_months=0, older=STORED),
    )
    first, asked, stored = (bill(settings, one, region, free_tier=free_tier) for one in compared)
    if json:
        typer.echo(printed(bill_document(asked, first, stored)))
        return
    show_bill(
        {"Month 1": first, f"Month {month.stored_months:g}": asked, STORED_HEADING: stored}, screen
    )
    show_plan(asked, screen)
    if explain:
        show_lines(asked, screen)
    show_doubts(asked, screen, explain=explain)


def show_bill(bills: Mapping[str, Bill], screen: Screen) -> None:
    """Print what each service costs in each of the months; the one before the last was asked for."""
    table = plain_table("Service", *bills, right=bills)
    sums = [one.by_service() for one in bills.values()]
    for service in sums[0]:
        table.add_row(service, *(dollars(one[service]) for one in sums))
    table.add_section()
    table.add_row(
        Text("A month", "bold"), *(Text(dollars(one.usd), "bold") for one in bills.values())
    )
    thousands = [_for_a_thousand(one) for one in bills.values()]
    table.add_row("A thousand new images", *thousands)
    screen.out.print(table)
    *_, asked, _stored = bills.values()
    month = asked.month
    files = sum(file.bytes for file in asked.files)
    screen.out.print(
        f"\n{month.images:,} new images a month, all kept. Originals of {amount(month.original_bytes)}, "
        f"{count(len(asked.files), 'rendition')} of {amount(round(files))} together, "
        f"{asked.develop_ms:,.0f} ms to develop one; {month.views:g} views a month of each image "
        f"stored; {asked.region.value}.",
        soft_wrap=True,
    )


def show_plan(asked: Bill, screen: Screen) -> None:
    """Say which flat-rate plan of CloudFront's would be cheaper, if one is."""
    if asked.plan is None:
        return
    spent = asked.by_service()["CloudFront"]
    screen.out.print(
        f"CloudFront's flat-rate plan {asked.plan.name} would cost {dollars(asked.plan.usd)} instead of "
        f"{dollars(spent)}: up to {asked.plan.requests:,} requests and {asked.plan.gigabytes:,.0f} GB a "
        "month; it needs a WAF web ACL.",
        soft_wrap=True,
    )


def show_lines(asked: Bill, screen: Screen) -> None:
    """Print every position with how it comes about."""
    right = ("Quantity", "Price", "Dollars")
    table = plain_table("Position", *right, "How", right=right)
    for line in asked.lines:
        free = f"; {line.free:,.0f} free" if line.free else ""
        table.add_row(
            f"{line.service}, {line.what}",
            f"{line.quantity:,.2f}" if line.quantity < 100 else f"{line.quantity:,.0f}",  # noqa: PLR2004 - digits that matter
            price_of(line),
            dollars(line.usd),
            f"{line.formula}{free}",
        )
    screen.out.print()
    screen.out.print(table)


def show_doubts(asked: Bill, screen: Screen, *, explain: bool) -> None:
    """Say what of it is not confirmed, or at least how much."""
    if screen.quiet:
        return
    if not explain:
        number = count(len(asked.doubts), "number")
        remark = f"An estimate: {number} of it not confirmed; --explain shows which, and all else."
        screen.err.print(f"\n{remark}", style="dim")
        return
    screen.err.print("\nNot confirmed:", style="dim")
    for doubt in asked.doubts:
        screen.err.print(f"  {doubt}", style="dim", soft_wrap=True)


def price_of(line: Line) -> str:
    """Return a price with its unit, such as "$0.4 / 1,000,000 requests"."""
    per = "" if line.price.per == 1 else f"{line.price.per:,.0f} "
    usd = f"{line.price.usd:.10f}".rstrip("0").rstrip(".")
    return f"${usd} / {per}{line.price.unit}"


def dollars(usd: float) -> str:
    """Return an amount of money.

    >>> dollars(0.004), dollars(3.456), dollars(12345.6)
    ('< $0.01', '$3.46', '$12,346')
    """
    if 0 < usd < _CENT:
        return "< $0.01"
    return f"${usd:,.2f}" if usd < 1_000 else f"${usd:,.0f}"  # noqa: PLR2004 - cents do not matter


def _for_a_thousand(one: Bill) -> str:
    return dollars(one.usd / one.month.images * 1_000) if one.month.images else "–"


def bill_document(asked: Bill, first: Bill, stored: Bill) -> Document:
    """Return what `tintype cost --json` prints."""
    return {
        "tintype": version("tintype"),
        "currency": "USD",
        "region": asked.region.value,
        "month": plain(asked.month),
        "developMs": round(asked.develop_ms, 1),
        "renditions": [plain(file) for file in asked.files],
        "lines": [_line_document(line) for line in asked.lines],
        "services": _services(asked),
        "total": round(asked.usd, 4),
        "firstMonth": {"services": _services(first), "total": round(first.usd, 4)},
        "millionStored": {"services": _services(stored), "total": round(stored.usd, 4)},
        "cloudfrontPlan": plain(asked.plan),
        "notConfirmed": list(asked.doubts),
    }


def _services(one: Bill) -> Document:
    return {service: round(usd, 4) for service, usd in one.by_service().items()}


def _line_document(line: Line) -> Document:
    price = line.price
    return {
        "service": line.service,
        "what": line.what,
        "quantity": round(line.quantity, 4),
        "free": round(line.free, 4),
        "unit": price.unit,
        "price": price.usd,  # not rounded: some are millionths
        "per": price.per,
        "usd": round(line.usd, 4),
        "formula": line.formula,
        "source": price.source,
        "seen": price.seen,
        "proof": price.proof.value,
    }
