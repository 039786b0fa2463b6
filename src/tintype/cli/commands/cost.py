"""`tintype cost`: estimate a month's cost on AWS, from measured milliseconds and list prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import typer
from rich.text import Text

from tintype.cli.options import USAGE, ConfigPath, Json, reported_errors
from tintype.cli.output.console import Screen, open_screen
from tintype.cli.output.json import Document, plain, print_document
from tintype.cli.output.tables import plain_table
from tintype.cli.output.text import amount, count
from tintype.config import load
from tintype.costs.bill import Bill, bill
from tintype.costs.line import Line
from tintype.costs.months import Month
from tintype.costs.prices import PriceRegion

STORED = 1_000_000  # images of the last column: all stored, none new
STORED_HEADING = f"{STORED:,} stored"
_MEGA = 1_000_000
_CENT = 0.01


def cost(
    *,
    images: Annotated[
        int, typer.Option("--images", "-n", min=1, help="New images per month.")
    ] = 10_000,
    size: Annotated[
        float,
        typer.Option("--size", min=0.01, max=1_000, help="Average original, in MB."),
    ] = 3.0,
    views: Annotated[
        float,
        typer.Option("--views", min=0, help="Renditions fetched per stored image per month."),
    ] = 10,
    months: Annotated[
        float, typer.Option("--months", min=0, help="Months of uploads in storage.")
    ] = 12,
    watchers: Annotated[
        float, typer.Option("--watchers", min=0, help="Average number of pages open at once.")
    ] = 1,
    people: Annotated[
        float,
        typer.Option("--people", min=0, help="People who sign in with the stack's user pool."),
    ] = 0,
    cached: Annotated[
        float,
        typer.Option("--cached", min=0, max=1, help="Share of views served from the CDN's cache."),
    ] = 0.9,
    sizes: Annotated[
        float,
        typer.Option(
            "--sizes", min=0, help="Files of any size made per stored image per month, by address."
        ),
    ] = 0,
    by_address: Annotated[
        float,
        typer.Option("--by-address", min=0, max=1, help="Share of views of files of any size."),
    ] = 0,
    purged: Annotated[
        int,
        typer.Option("--purged", min=0, help="Images deleted, replaced or made private per month."),
    ] = 0,
    process_ms: Annotated[
        float | None,
        typer.Option(
            "--process-ms",
            min=1,
            help="Milliseconds billed per original by your process function.",
            show_default=False,
        ),
    ] = None,
    region: Annotated[
        PriceRegion, typer.Option("--region", help="AWS region whose prices apply.")
    ] = PriceRegion.VIRGINIA,
    free_tier: Annotated[
        bool, typer.Option("--free-tier", help="Subtract AWS's always-free allowance.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show how each item is calculated.")
    ] = False,
    config: ConfigPath = None,
    json: Json = False,
) -> None:
    """Estimate what a month costs on AWS, service by service.

    Calculates from measured milliseconds and list prices, for the presets, memory
    and originals_class of tintype.toml: the first month, the month given by
    --months, and a million stored images with no new ones.

    Examples:
      tintype cost --images 50000
      tintype cost --images 50000 --size 4.5 --region eu-central-1 --explain
      tintype cost --sizes 2 --by-address 0.5
      tintype cost --free-tier --json
    """
    screen = open_screen(quiet=json)
    month = Month(
        images=images,
        original_bytes=round(size * _MEGA),
        views=views,
        stored_months=months,
        watchers=watchers,
        people=people,
        cached=cached,
        sizes=sizes,
        by_address=by_address,
        purged=purged,
        process_ms=process_ms,
    )
    with reported_errors(screen, json=json, code=USAGE):
        settings = load(config)
    compared = (
        replace(month, stored_months=min(1, months)),
        month,
        replace(month, images=0, stored_months=0, older=STORED),
    )
    first, requested, stored = (
        bill(settings, one, region, free_tier=free_tier) for one in compared
    )
    if json:
        print_document(bill_document(requested, first, stored))
        return
    show_bill(
        {"Month 1": first, f"Month {month.stored_months:g}": requested, STORED_HEADING: stored},
        screen,
    )
    show_plan(requested, screen)
    if explain:
        show_lines(requested, screen)
    show_unconfirmed(requested, screen, explain=explain)


def show_bill(bills: Mapping[str, Bill], screen: Screen) -> None:
    """Print the cost of each service in each month; the second to last is the requested one."""
    table = plain_table("Service", *bills, right=bills)
    sums = [one.by_service() for one in bills.values()]
    for service in sums[0]:
        table.add_row(service, *(dollars(one[service]) for one in sums))
    table.add_section()
    table.add_row(
        Text("Per month", "bold"), *(Text(dollars(one.usd), "bold") for one in bills.values())
    )
    thousands = [_for_a_thousand(one) for one in bills.values()]
    table.add_row("Per 1,000 new images", *thousands)
    screen.out.print(table)
    *_, requested, _stored = bills.values()
    month = requested.month
    files = sum(file.bytes for file in requested.files)
    screen.out.print(
        f"\n{month.images:,} new images per month, all kept. Originals of {amount(month.original_bytes)}, "
        f"{count(len(requested.files), 'rendition')} of {amount(round(files))} in total, "
        f"{requested.process_ms:,.0f} ms to process; {month.views:g} views per stored image per month; "
        f"{requested.region.value}.",
        soft_wrap=True,
    )


def show_plan(requested: Bill, screen: Screen) -> None:
    """Print the CloudFront flat-rate plan that would be cheaper, if any."""
    if requested.plan is None:
        return
    spent = requested.by_service()["CloudFront"]
    screen.out.print(
        f"CloudFront's flat-rate plan {requested.plan.name} would cost {dollars(requested.plan.usd)} instead of "
        f"{dollars(spent)}, for up to {requested.plan.requests:,} requests and "
        f"{requested.plan.gigabytes:,.0f} GB per month; it requires a WAF web ACL.",
        soft_wrap=True,
    )


def show_lines(requested: Bill, screen: Screen) -> None:
    """Print every item with its calculation."""
    right = ("Quantity", "Price", "Dollars")
    table = plain_table("Item", *right, "How", right=right)
    for line in requested.lines:
        free = f"; {line.free:,.0f} free" if line.free else ""
        table.add_row(
            f"{line.service}, {line.what}",
            f"{line.quantity:,.2f}" if line.quantity < 100 else f"{line.quantity:,.0f}",  # noqa: PLR2004 - significant digits
            price_of(line),
            dollars(line.usd),
            f"{line.formula}{free}",
        )
    screen.out.print()
    screen.out.print(table)


def show_unconfirmed(requested: Bill, screen: Screen, *, explain: bool) -> None:
    """Print the unconfirmed inputs, or at least their number."""
    if screen.quiet:
        return
    if not explain:
        number = count(len(requested.unconfirmed), "unconfirmed input")
        remark = f"Estimate with {number}; see --explain."
        screen.err.print(f"\n{remark}", style="dim")
        return
    screen.err.print("\nUnconfirmed:", style="dim")
    for remark in requested.unconfirmed:
        screen.err.print(f"  {remark}", style="dim", soft_wrap=True)


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


def bill_document(requested: Bill, first: Bill, stored: Bill) -> dict[str, Document]:
    """Return what `tintype cost --json` prints."""
    return {
        "currency": "USD",
        "region": requested.region.value,
        "month": plain(requested.month),
        "processMs": round(requested.process_ms, 1),
        "renditions": plain(requested.files),
        "lines": [_line_document(line) for line in requested.lines],
        "services": _services(requested),
        "total": round(requested.usd, 4),
        "firstMonth": {"services": _services(first), "total": round(first.usd, 4)},
        "millionStored": {"services": _services(stored), "total": round(stored.usd, 4)},
        "cloudfrontPlan": plain(requested.plan),
        "notConfirmed": list(requested.unconfirmed),
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
