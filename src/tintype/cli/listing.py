"""`tintype list`: the newest images of a stack."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

import typer

from tintype.cli.documents import Document, printed
from tintype.cli.options import Json
from tintype.cli.pictures import as_image, local_time, print_wide, status_text
from tintype.cli.remote import (
    Endpoint,
    Profile,
    Region,
    StackName,
    finding_errors,
    remarks,
    remote_errors,
)
from tintype.cli.screen import Screen, open_screen
from tintype.cli.stacks import find
from tintype.cli.tables import plain_table
from tintype.cli.words import amount, count, name_of
from tintype.images import Image, Status

if TYPE_CHECKING:
    from tintype.cli.client import Api

PAGE = 100  # images asked for at once


def list_images(
    *,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="How many images at most.")
    ] = 20,
    status: Annotated[
        Status | None,
        typer.Option(
            "--status", case_sensitive=False, help="Only images in this state.", show_default=False
        ),
    ] = None,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    endpoint: Endpoint = None,
    json: Json = False,
) -> None:
    """List the newest images of a stack.

    Examples:
      tintype list
      tintype list --status failed --limit 100
      tintype list --json | jq -r '.images[].id'
    """
    screen = open_screen(quiet=json)
    with finding_errors(screen, json=json):
        place = find(stack, profile=profile, region=region, endpoint=endpoint, say=remarks(screen))
    with remote_errors(screen, json=json), place.api() as api:
        documents, more = newest(api, limit=limit, status=status)
        if not json:
            show_list([as_image(document) for document in documents], screen, more=more)
            return
    typer.echo(printed({"tintype": version("tintype"), "images": list(documents), "more": more}))


def newest(
    api: Api, *, limit: int, status: Status | None
) -> tuple[list[dict[str, Document]], bool]:
    """Return up to *limit* images, and whether there are more beyond them."""
    found: list[dict[str, Document]] = []
    cursor = None
    while True:
        page = api.images(limit=min(PAGE, limit if status is None else PAGE), cursor=cursor)
        found += [one for one in page.images if status is None or one.get("status") == status]
        cursor = page.cursor
        if len(found) >= limit or cursor is None:
            return found[:limit], cursor is not None or len(found) > limit


def show_list(images: list[Image], screen: Screen, *, more: bool) -> None:
    """Print images as a table."""
    if not images:
        screen.err.print("No images.", style="dim")
        return
    right = ("Size", "Renditions")
    table = plain_table("Image", "Status", "File", "Pixels", *right, "Created", right=right)
    for image in images:
        original = image.original
        table.add_row(
            image.id,
            status_text(image.status),
            name_of(image.filename),
            f"{original.width} × {original.height}" if original.width else "",
            amount(original.bytes) if original.bytes else "",
            str(len(image.renditions) or ""),
            local_time(image.created_at),
        )
    print_wide(screen, table)
    if more:
        screen.err.print(
            f"The newest {count(len(images), 'image')}; --limit for more.", style="dim"
        )
