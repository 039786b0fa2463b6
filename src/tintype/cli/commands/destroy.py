"""`tintype destroy`: remove the stack and everything that deploying it created."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from tintype.cli.confirmation import Account, DeployedStack, following, which
from tintype.cli.connection import Profile, Region, Yes, confirm
from tintype.cli.options import FAILED, USAGE, Json, reported_errors
from tintype.cli.output.console import Screen, open_screen
from tintype.cli.output.json import Document, print_document
from tintype.cli.output.text import amount, count, duration
from tintype.cli.stack import DEFAULT_NAME
from tintype.deployment.checks.findings import CheckState
from tintype.deployment.errors import ChecksFailedError

if TYPE_CHECKING:
    from tintype.deployment.destroy import DestroyResult
    from tintype.deployment.inventory import Contents, Inventory, Store


def destroy(
    *,
    stack: DeployedStack = DEFAULT_NAME,
    delete_images: Annotated[
        bool,
        typer.Option("--delete-images", help="Also delete the images, even if keep_data is set."),
    ] = False,
    yes: Yes = False,
    account: Account = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Remove the stack and everything that deploying it created.

    Shows how many images there are and what happens to them, and asks for the
    stack's name. With keep_data, the default, the originals and renditions
    buckets and the images table are kept; --delete-images removes them, also
    after the stack itself is gone.

    Examples:
      tintype destroy
      tintype destroy --stack pictures --delete-images --yes
    """
    from tintype.deployment.checks.run import find_account  # noqa: PLC0415 - boto3 takes 0.2 s to load
    from tintype.deployment.destroy import destroy as remove  # noqa: PLC0415
    from tintype.deployment.destroy import find_what_to_destroy  # noqa: PLC0415

    screen, start = open_screen(quiet=json), perf_counter()
    with reported_errors(screen, json=json, code=USAGE):
        context, findings = find_account(profile, region, account)
        unfit = [finding for finding in findings if finding.state is CheckState.BAD]
        if context is None or unfit:
            message = "; ".join(f"{each.code}: {each.message}; {each.advice}" for each in unfit)
            raise ChecksFailedError(message)
        found = find_what_to_destroy(context, stack)
    from tintype.cli.output.deploy_progress import Board  # noqa: PLC0415

    where = context.clients.region
    begun: list[str] = []

    def interrupted() -> list[str]:
        if not begun:
            return ["Stopped; nothing was changed."]
        return [
            "Stopped. Removed resources stay removed; run the same command to continue.",
            *following(stack, where),
        ]

    with reported_errors(screen, json=json, interrupted=interrupted):
        if not json:
            screen.err.print(what_goes(found, where, delete_images=delete_images), soft_wrap=True)
        if something_goes(found, delete_images=delete_images):
            confirm(f"Type {stack} to confirm", yes=yes, json=json, word=stack)
        begun.append(stack)
        with Board(screen) as board:
            ended = remove(context, found, board, delete_images=delete_images)
    if json:
        print_document(ended_document(ended, stack, where))
    else:
        print_ended(ended, screen, perf_counter() - start, which(stack, where))
        if ended.people:
            screen.err.print(about_people(ended.people, where), style="dim", soft_wrap=True)
    if ended.left:
        raise typer.Exit(FAILED)


def something_goes(found: Inventory, *, delete_images: bool) -> bool:
    """Whether anything would be removed; a deleted stack may have left only data to keep."""
    is_gone = found.stack.is_deleted
    doomed = found.doomed(delete_images=delete_images)
    return not is_gone or bool(doomed or found.packages or found.certificate)


def what_goes(found: Inventory, region: str, *, delete_images: bool) -> Text:
    """Return what exists, and what will happen to it."""
    name, stored = found.stack.name, found.stored
    doomed = found.doomed(delete_images=delete_images)
    text = Text.assemble("Stack ", (f"{name} in {region}", "bold"))
    if found.stack.is_deleted:
        text.append(" is already deleted; it left behind:")
    else:
        text.append(f" will be deleted, with its {count(found.resources, 'resource')}.")
    images = f"{_number(found.images, 'image')}, {_number(stored, 'object')} of {_bytes(stored)}"
    lost = [store for store in doomed if not store.is_page]
    if lost:
        text.append(f"\n  {images}: ")
        text.append("permanently DELETED", style="bold red")
    elif found.stores:
        text.append(f"\n  {images}: kept (--delete-images deletes them)")
    for store in found.stores:
        becomes = ("deleted", "red") if store in doomed else ("kept", "green")
        text.append(f"\n    {store.title} {store.name}: ").append(*becomes)
    if found.people:
        text.append(f"\n    user pool {found.people}, with all accounts: ").append("kept", "green")
    if found.packages:
        text.append(f"\n    packages bucket {found.packages}: ").append("deleted", "red")
    if found.certificate:
        text.append(f"\n    certificate, stack {found.certificate.name} in us-east-1: ")
        text.append("deleted", "red")
    return text


def _number(contents: Contents, noun: str) -> str:
    return f"{'' if contents.complete else 'at least '}{count(contents.count, noun)}"


def _bytes(contents: Contents) -> str:
    return f"{'' if contents.complete else 'at least '}{amount(contents.bytes)}"


def ended_document(ended: DestroyResult, stack: str, region: str) -> dict[str, Document]:
    """Return what `tintype destroy --json` prints."""
    return {
        "stack": stack,
        "region": region,
        "removed": list(ended.removed),
        "objects": ended.objects,
        "kept": [{"title": store.title, "name": store.name} for store in ended.kept],
        "userPool": ended.people,
        "left": list(ended.left),
    }


def print_ended(ended: DestroyResult, screen: Screen, seconds: float, options: str) -> None:
    """Print what was removed and kept, and how to remove the rest; *options* select the stack."""
    for name in ended.removed:
        screen.out.print(f"removed  {name}", soft_wrap=True)
    for store in ended.kept:
        screen.out.print(f"kept     {store.title} {store.name}", soft_wrap=True)
    if ended.people:
        screen.out.print(f"kept     user pool {ended.people}", soft_wrap=True)
    if ended.kept:
        for line in about_kept(ended.kept, options):
            screen.err.print(line, style="dim", soft_wrap=True)
    for name in ended.left:
        screen.err.print(f"✗ left_behind: {name} still exists", style="red", soft_wrap=True)
    if not ended.left:
        is_kept = ended.kept or ended.people
        rest = "only the kept data is left" if is_kept else "nothing is left"
        screen.err.print(f"✓ {rest} · {duration(seconds)}", style="bold green")


def about_people(pool: str, region: str) -> str:
    """Return how to delete the kept user pool, which no option does.

    >>> about_people("eu-west-1_Ab12", "eu-west-1")
    'To delete all accounts: aws cognito-idp delete-user-pool --user-pool-id eu-west-1_Ab12 --region eu-west-1'
    """
    command = f"aws cognito-idp delete-user-pool --user-pool-id {pool} --region {region}"
    return f"To delete all accounts: {command}"


def about_kept(kept: tuple[Store, ...], options: str) -> list[str]:
    """Return what to do with the kept data; *options* select the stack in a command."""
    originals = next((store.name for store in kept if store.part == "originals"), None)
    lines = [f"To delete it too: tintype destroy --delete-images {options}"]
    if originals:
        # The whole bucket, whatever the names: everything in it was an original.
        takes = f"tintype backfill s3://{originals} --any-name {options}"
        lines.append(f"To import it into a new stack: {takes}")
    return lines
