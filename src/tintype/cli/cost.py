"""`tintype cost`: what a month costs on AWS, from measured milliseconds and list prices."""

from __future__ import annotations

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
from tintype.costs.bill import Bill, Line, Month, bill
from tintype.costs.prices import Region

COMPARED = 1_000_000  # images, which a second column shows
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

    Arithmetic from measured milliseconds and list prices, for the presets and
    the memory of tintype.toml. A second column has a million images.

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
    asked = bill(settings, month, region, free_tier=free_tier)
    million = bill(settings, replace(month, images=COMPARED), region, free_tier=free_tier)
    if json:
        typer.echo(printed(bill_document(asked, million)))
        return
    show_bill(asked, million, screen)
    if explain:
        show_lines(asked, screen)
    show_doubts(asked, screen, explain=explain)


def show_bill(asked: Bill, million: Bill, screen: Screen) -> None:
    """Print what each service costs, beside a million images."""
    right = [f"{one.month.images:,} images" for one in (asked, million)]
    table = plain_table("Service", *dict.fromkeys(right), right=right)
    bills = (asked,) if asked.month.images == million.month.images else (asked, million)
    sums = [one.by_service() for one in bills]
    for service in sums[0]:
        table.add_row(service, *(dollars(one[service]) for one in sums))
    table.add_section()
    table.add_row(Text("A month", "bold"), *(Text(dollars(one.usd), "bold") for one in bills))
    table.add_row("A thousand images", *(dollars(_for_a_thousand(one)) for one in bills))
    screen.out.print(table)
    month = asked.month
    files = sum(file.bytes for file in asked.files)
    screen.out.print(
        f"\nOriginals of {amount(month.original_bytes)}, "
        f"{count(len(asked.files), 'rendition')} of {amount(round(files))} together, "
        f"{asked.develop_ms:,.0f} ms to develop one; {month.stored_months:g} months stored, "
        f"{month.views:g} views of each a month; {asked.region.value}.",
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


def _for_a_thousand(one: Bill) -> float:
    return one.usd / one.month.images * 1_000


def bill_document(asked: Bill, million: Bill) -> Document:
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
        "million": {"services": _services(million), "total": round(million.usd, 4)},
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
