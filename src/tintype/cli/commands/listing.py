"""`tintype list`: list the newest images of a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tintype.cli.connection import Endpoint, Profile, Region, StackName
from tintype.cli.options import USAGE, Json, reported_errors
from tintype.cli.output.console import Screen, open_screen
from tintype.cli.output.images import local_time, status_text
from tintype.cli.output.json import Document, print_document
from tintype.cli.output.listings import Column, Listing
from tintype.cli.output.text import amount, count, name_of
from tintype.cli.stack import find
from tintype.client.responses import as_image
from tintype.images import Image, Status

if TYPE_CHECKING:
    from tintype.client.api import Api

PAGE = 100  # images per request


def list_images(
    *,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="Maximum number of images.")
    ] = 20,
    status: Annotated[
        Status | None,
        typer.Option(
            "--status",
            case_sensitive=False,
            help="Only this status.",
            show_default=False,
        ),
    ] = None,
    owner: Annotated[
        str | None,
        typer.Option(
            "--owner", help="The images of another owner, for admins.", show_default=False
        ),
    ] = None,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    endpoint: Endpoint = None,
    json: Json = False,
) -> None:
    """List the newest images of a stack: yours, where people sign in.

    When piped, prints one tab-separated line per image, without headings: ID,
    status, file, the original's width, height and bytes, the number of renditions,
    and the creation time (UTC).

    Examples:
      tintype list
      tintype list --status failed --limit 100
      tintype list --status failed | cut -f1
      tintype list --owner public
      tintype list --json | jq -r '.images[].id'
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region, endpoint=endpoint)
    with reported_errors(screen, json=json), deployed.api() as api:
        documents, more = newest(api, limit=limit, status=status, owner=owner)
        if not json:
            show_list([as_image(document) for document in documents], screen, more=more)
            return
    print_document({"images": list(documents), "more": more})


def newest(
    api: Api, *, limit: int, status: Status | None, owner: str | None = None
) -> tuple[list[dict[str, Document]], bool]:
    """Return up to *limit* images, and whether there are more."""
    found: list[dict[str, Document]] = []
    cursor = None
    while True:
        at_once = min(PAGE, limit if status is None else PAGE)
        page = api.images(limit=at_once, cursor=cursor, owner=owner)
        found += [one for one in page.images if status is None or one.get("status") == status]
        cursor = page.cursor
        if len(found) >= limit or cursor is None:
            return found[:limit], cursor is not None or len(found) > limit


def show_list(images: list[Image], screen: Screen, *, more: bool) -> None:
    """Print images as a table."""
    if not images:
        screen.err.print("No images.", style="dim")
        return
    listing = Listing(
        Column("Image", whole=True),
        Column("Status", whole=True),
        Column("File"),
        Column("Pixels", drop=2, whole=True),
        Column("Size", right=True, drop=3, whole=True),
        Column("Renditions", right=True, drop=4, whole=True),
        Column("Created", drop=1, whole=True),
    )
    for image in images:
        original, renditions, name = image.original, len(image.renditions), name_of(image.filename)
        size = original.width, original.height, original.bytes
        listing.add(
            image.id,
            status_text(image.status),
            name,
            f"{original.width} × {original.height}" if original.width else "",
            amount(original.bytes) if original.bytes else "",
            str(renditions or ""),
            local_time(image.created_at),
            record=(image.id, image.status, name, *size, renditions, image.created_at),
        )
    listing.print(screen.out)
    if more:
        screen.err.print(
            f"The newest {count(len(images), 'image')}. Pass --limit for more.", style="dim"
        )
