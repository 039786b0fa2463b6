"""`tintype delivery`: addresses of any size, and the files that were made for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tintype import delivery as addresses
from tintype.aws.errors import NotFoundError, ServiceError
from tintype.cli.commands.delivery_addresses import address, warm
from tintype.cli.connection import Profile, Region, StackName, Yes, confirm
from tintype.cli.errors import NothingChosenError
from tintype.cli.operating import Parts
from tintype.cli.options import FAILED, USAGE, Json, reported_errors
from tintype.cli.output.console import Screen, open_screen
from tintype.cli.output.delivery import (
    purge_document,
    show_purged,
    show_totals,
    totals_document,
)
from tintype.cli.output.json import print_document
from tintype.cli.output.progress import WorkBar
from tintype.cli.stack import Stack, find
from tintype.delivery import SigningKeys
from tintype.maintenance.delivered import (
    DeletedFiles,
    delete_entries,
    delete_files,
    image_of,
    of_all,
    of_image,
    to_purge,
    totals,
)
from tintype.maintenance.errors import MaintenanceError
from tintype.outputs import Output

if TYPE_CHECKING:
    from collections.abc import Sequence

delivery = typer.Typer(
    name="delivery",
    no_args_is_help=True,
    help="""Addresses of any size: write, sign and request them; count and delete their files.

    `purge`, `stats` and `key` are for the stack's operator: they need AWS credentials,
    and no sign-in.
    """,
)
delivery.command("url")(address)
delivery.command("warm")(warm)


@delivery.command("purge")
def purge(
    image_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="Image IDs.", show_default=False),
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="The files of all images.")] = False,
    yes: Yes = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Delete the files that were made for images' addresses, and the CDN's copies.

    Originals, renditions of presets and addresses stay. A deleted file is made again
    when its address is next requested.

    Examples:
      tintype delivery purge 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B
      tintype delivery purge --all --yes --stack tintype
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        if bool(image_ids) == every:
            message = "pass image IDs or --all: exactly one of the two"
            raise NothingChosenError(message)
        deployed = find(screen, stack, profile=profile, region=region)
        parts = Parts(deployed)
        deployed.output(Output.DISTRIBUTION_ID)  # before anything is deleted
    done: dict[str, DeletedFiles] = {}
    failures: dict[str, MaintenanceError | ServiceError] = {}
    with reported_errors(screen, json=json):
        if every:
            question = f"Delete the files of all addresses in {deployed.title}?"
            confirm(question, yes=yes, json=json)
            with WorkBar(screen, "Deleting files") as bar:
                files, size = delete_entries(
                    parts.renditions, of_all(parts.renditions), bar.advance
                )
            done["all"] = DeletedFiles(files, size, ("/*",))
        else:
            _purge_images(parts, list(dict.fromkeys(image_ids or [])), done, failures, screen)
        is_purged = not done or parts.purge(to_purge(done.values()))
    if json:
        print_document(purge_document(done, failures, is_purged=is_purged))
    else:
        show_purged(done, failures, screen, is_purged=is_purged)
    if failures:
        raise typer.Exit(FAILED)


@delivery.command("stats")
def stats(
    image_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="One image; by default, all.")
    ] = None,
    *,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Count the files that were made for addresses, by size and format.

    Without an ID, this lists the whole renditions bucket: a request for every 1,000
    objects. A format that begins with `auto` was chosen for the browser.

    When piped, prints one tab-separated line per size and format, without headings:
    size, format, files, bytes.

    Examples:
      tintype delivery stats
      tintype delivery stats 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B --json
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region)
        renditions = Parts(deployed).renditions
    with reported_errors(screen, json=json), WorkBar(screen, "Listing files") as bar:
        if image_id is None:
            entries = of_all(renditions)
        else:
            entries = of_image(renditions, image_of(renditions, image_id))
        found = totals(bar.each(entries))
    if json:
        print_document(totals_document(found))
    else:
        show_totals(found, screen)


@delivery.command("key")
def key(
    *,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Print the key that signs addresses, for a server of yours that signs them itself.

    It is a secret: whoever has it can open every private image and have files of any
    size made. After `tintype deploy --rotate-signing-keys`, read it again.

    Examples:
      export TINTYPE_SIGNING_KEY="$(tintype delivery key --stack tintype)"
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region)
    with reported_errors(screen, json=json):
        known = _signing_keys(deployed)
        is_new = known.in_use(datetime.now(UTC)) != known.current
    if json:
        print_document({"key": known.current, "isNew": is_new})
        return
    screen.remark("This key opens every private image. Keep it on a server, out of logs and code.")
    if is_new:
        screen.remark("It was made a few minutes ago; the CDN may not accept it yet.")
    screen.out.print(known.current, soft_wrap=True, highlight=False)


def _signing_keys(deployed: Stack) -> SigningKeys:
    found = Parts(deployed).access.get(addresses.KEYS_ITEM)
    if found is None:
        raise NotFoundError(
            addresses.KEYS_ITEM,
            service="dynamodb",
            operation="GetItem",
            status=404,
            name="no such item; deploy the stack again",
        )
    return addresses.from_item(found)


def _purge_images(
    parts: Parts,
    image_ids: Sequence[str],
    done: dict[str, DeletedFiles],
    failures: dict[str, MaintenanceError | ServiceError],
    screen: Screen,
) -> None:
    with WorkBar(screen, "Deleting files of", len(image_ids)) as bar:
        for image_id in bar.each(image_ids):
            try:
                done[image_id] = delete_files(parts.renditions, image_id)
            except (MaintenanceError, ServiceError) as error:
                failures[image_id] = error
