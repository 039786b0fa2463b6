"""`tintype destroy`: the stack goes, with everything that deploying it has made."""

from __future__ import annotations

from importlib.metadata import version
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from tintype.cli.deploying import (
    Account,
    DeployedStack,
    can_ask,
    confirm_by_name,
    deploy_errors,
    following,
    which,
)
from tintype.cli.documents import Document, printed
from tintype.cli.options import FAILED, USAGE, Json
from tintype.cli.remote import Profile, Region, Yes
from tintype.cli.screen import Screen, open_screen
from tintype.cli.stacks import DEFAULT_NAME
from tintype.cli.words import amount, count, duration
from tintype.deployment.errors import ChecksFailedError
from tintype.deployment.findings import State

if TYPE_CHECKING:
    from tintype.deployment.destroying import Ended
    from tintype.deployment.inventory import Contents, Inventory, Store


def destroy(
    *,
    stack: DeployedStack = DEFAULT_NAME,
    delete_images: Annotated[
        bool,
        typer.Option(
            "--delete-images", help="Delete the images too, also where keep_data keeps them."
        ),
    ] = False,
    yes: Yes = False,
    account: Account = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Remove the stack from AWS, with all that deploying it has made.

    Says how many images there are and what becomes of them, and asks for the
    stack's name. With keep_data, which is the default, the buckets of originals
    and renditions and the images table stay; --delete-images removes them, also
    those that a stack has left which is gone.

    Examples:
      tintype destroy
      tintype destroy --stack pictures --delete-images --yes
    """
    from tintype.deployment.checks import find_place  # noqa: PLC0415 - boto3 takes 0.2 s to load
    from tintype.deployment.destroying import destroy as remove  # noqa: PLC0415
    from tintype.deployment.destroying import find_what_to_destroy  # noqa: PLC0415

    screen, start = open_screen(quiet=json), perf_counter()
    with deploy_errors(screen, json=json, code=USAGE):
        place, findings = find_place(profile, region, account)
        unfit = [finding for finding in findings if finding.state is State.BAD]
        if place is None or unfit:
            message = "; ".join(f"{each.code}: {each.message}; {each.advice}" for each in unfit)
            raise ChecksFailedError(message)
        found = find_what_to_destroy(place, stack)
    from tintype.cli.deploy_board import Board  # noqa: PLC0415

    where = place.clients.region
    begun: list[str] = []

    def interrupted() -> list[str]:
        if not begun:
            return ["Stopped; nothing was changed."]
        return [
            "Stopped. What has gone is gone; the same command goes on.",
            *following(stack, where),
        ]

    with deploy_errors(screen, json=json, interrupted=interrupted):
        if not json:
            screen.err.print(what_goes(found, where, delete_images=delete_images), soft_wrap=True)
        if something_goes(found, delete_images=delete_images):
            confirm_by_name(stack, yes=yes, asking=can_ask(json=json))
        begun.append(stack)
        with Board(screen) as board:
            ended = remove(place, found, board, delete_images=delete_images)
    if json:
        typer.echo(printed(ended_document(ended, stack, where)))
    else:
        say_ended(ended, screen, perf_counter() - start, which(stack, where))
    if ended.left:
        raise typer.Exit(FAILED)


def something_goes(found: Inventory, *, delete_images: bool) -> bool:
    """Whether anything would be removed; all that a deleted stack has left may be to be kept."""
    is_gone = found.stack.is_deleted
    doomed = found.doomed(delete_images=delete_images)
    return not is_gone or bool(doomed or found.packages or found.certificate)


def what_goes(found: Inventory, region: str, *, delete_images: bool) -> Text:
    """Return what there is, and what becomes of it."""
    name, stored = found.stack.name, found.stored
    doomed = found.doomed(delete_images=delete_images)
    text = Text.assemble("Stack ", (f"{name} in {region}", "bold"))
    if found.stack.is_deleted:
        text.append(" is gone; this is what it has left:")
    else:
        text.append(f" goes, with its {count(found.resources, 'resource')}.")
    images = f"{_number(found.images, 'image')}, {_number(stored, 'object')} of {_bytes(stored)}"
    lost = [store for store in doomed if not store.is_page]
    if lost:
        text.append(f"\n  {images}: ")
        text.append("DELETED, for ever", style="bold red")
    elif found.stores:
        text.append(f"\n  {images}: kept (--delete-images deletes them)")
    for store in found.stores:
        becomes = ("goes", "red") if store in doomed else ("stays", "green")
        text.append(f"\n    {store.title} {store.name}: ").append(*becomes)
    if found.packages:
        text.append(f"\n    packages bucket {found.packages}: ").append("goes", "red")
    if found.certificate:
        text.append(f"\n    certificate, stack {found.certificate.name} in us-east-1: ")
        text.append("goes", "red")
    return text


def _number(contents: Contents, noun: str) -> str:
    return f"{'' if contents.complete else 'at least '}{count(contents.count, noun)}"


def _bytes(contents: Contents) -> str:
    return f"{'' if contents.complete else 'at least '}{amount(contents.bytes)}"


def ended_document(ended: Ended, stack: str, region: str) -> Document:
    """Return what `tintype destroy --json` prints."""
    return {
        "tintype": version("tintype"),
        "stack": stack,
        "region": region,
        "removed": list(ended.removed),
        "objects": ended.objects,
        "kept": [{"title": store.title, "name": store.name} for store in ended.kept],
        "left": list(ended.left),
    }


def say_ended(ended: Ended, screen: Screen, seconds: float, options: str) -> None:
    """Say what went, what stays and how to get rid of it; *options* name the stack in a command."""
    for name in ended.removed:
        screen.out.print(f"removed  {name}", soft_wrap=True)
    for store in ended.kept:
        screen.out.print(f"kept     {store.title} {store.name}", soft_wrap=True)
    if ended.kept:
        for line in about_kept(ended.kept, options):
            screen.err.print(line, style="dim", soft_wrap=True)
    for name in ended.left:
        screen.err.print(f"✗ left_behind: {name} is still there", style="red", soft_wrap=True)
    if not ended.left:
        rest = "what was to stay is left" if ended.kept else "nothing is left"
        screen.err.print(f"✓ {rest} · {duration(seconds)}", style="bold green")


def about_kept(kept: tuple[Store, ...], options: str) -> list[str]:
    """Return how to go on with what was kept; *options* name the stack in a command."""
    originals = next((store.name for store in kept if store.part == "originals"), None)
    lines = [f"To delete it too: tintype destroy --delete-images {options}"]
    if originals:
        # All of the bucket, whatever the names: everything in it was an original.
        takes = f"tintype backfill s3://{originals} --any-name {options}"
        lines.append(f"To take it over once there is a new stack: {takes}")
    return lines
