"""`tintype owners`: list the owners of a stack's images, export and erase what is stored of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from tintype import owners as owner_names
from tintype.access import AccessMode
from tintype.aws.errors import ServiceError
from tintype.cli.commands.keys import key_document
from tintype.cli.commands.users import open_pool, person_document
from tintype.cli.connection import DryRun, Profile, Region, StackName, Yes, confirm
from tintype.cli.operating import Parts
from tintype.cli.options import FAILED, USAGE, Json, reported_errors
from tintype.cli.output.console import Screen, open_screen
from tintype.cli.output.json import Document, print_document
from tintype.cli.output.owners import (
    Holdings,
    erasure_document,
    export_document,
    recount_documents,
    show_erasure,
    show_export,
    show_holdings,
    show_owners,
    show_recounts,
)
from tintype.cli.output.progress import WorkBar
from tintype.cli.stack import LOCAL_NAME, Stack, find
from tintype.maintenance.erase import Erasure, ErasureResult, Waiting, read_images
from tintype.maintenance.errors import ExportFolderError, UnknownOwnerError
from tintype.maintenance.export import Export, ImageExport, finish, open_folder, write_document
from tintype.maintenance.owned import (
    Stores,
    api_keys_of,
    find_images,
    quota_of,
    totals,
)
from tintype.maintenance.parallel import in_parallel
from tintype.maintenance.quotas import Recount, owners_of, recount
from tintype.outputs import Output

if TYPE_CHECKING:
    from tintype.aws.users import Person

VALID_AFTERWARDS = timedelta(hours=1)  # of an access token, and at most of an upload link
LOCAL_WAITING = Waiting(least=1.0)  # a local cloud's events arrive at once
owners = typer.Typer(
    name="owners",
    no_args_is_help=True,
    help="""Owners of images: list them, export or erase what is stored of one.

    Needs AWS credentials, and no sign-in. An owner is a person's ID, as printed by
    `tintype users list`, a name given to API keys, or `public`.
    """,
)


def _owner(text: str) -> str:
    if owner_names.known(text) is None:
        message = f"{text!r} is not an owner: printable ASCII without spaces or slashes"
        raise typer.BadParameter(message)
    return text


Owner = Annotated[
    str,
    typer.Argument(metavar="OWNER", help="As in `tintype owners list`.", callback=_owner),
]


@owners.command("list")
def list_owners(
    *,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """List the owners of a stack's images, with the number of images and their bytes.

    Counts the records in the images table. When piped, prints one tab-separated line
    per owner, without headings: owner, images, bytes of originals and of renditions.

    Examples:
      tintype owners list
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region)
        table = Parts(deployed).images
    with reported_errors(screen, json=json), WorkBar(screen, "Reading records") as bar:
        found = totals(bar.each(table.scan()))
    if json:
        documents: list[Document] = [
            {
                "owner": one.owner,
                "images": one.images,
                "originalBytes": one.original_bytes,
                "renditionBytes": one.rendition_bytes,
            }
            for one in found
        ]
        print_document({"owners": documents})
    else:
        show_owners(found, screen)


@owners.command("recount")
def recount_owners(
    owner: Annotated[
        str | None, typer.Argument(metavar="OWNER", help="One owner; by default, all.")
    ] = None,
    *,
    dry_run: DryRun = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Count what owners have, and correct the counters behind the quotas.

    Needed after an update from a release without quotas, and after a table was
    restored or changed by hand.

    Examples:
      tintype owners recount --dry-run
      tintype owners recount
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region)
        images, access = Parts(deployed).images, Parts(deployed).access
    found: list[Recount] = []
    with reported_errors(screen, json=json), WorkBar(screen, "Counting") as bar:
        chosen = owners_of(images, access) if owner is None else [_owner(owner)]
        counting = in_parallel(lambda one: recount(images, access, one, dry_run=dry_run), chosen)
        for _, result in bar.each(counting):
            if isinstance(result, ServiceError):
                raise result
            found.append(result)
    if json:
        print_document({"dryRun": dry_run, "owners": recount_documents(found)})
    else:
        show_recounts(found, screen, dry_run=dry_run)


@owners.command("export")
def export_owner(
    owner: Owner,
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="A new or empty folder, or one to continue.", file_okay=False
        ),
    ],
    *,
    all_versions: Annotated[
        bool,
        typer.Option(
            "--all-versions", help="Also originals that were replaced or deleted, if still stored."
        ),
    ] = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Copy everything that a stack stores of an owner into a folder.

    The originals and renditions, the records, the metadata of API keys and the user's
    attributes in Cognito. `index.jsonl` lists the files. If interrupted, run the same
    command again to continue; it copies what is new or has changed.

    Examples:
      tintype owners export 5f7c8ec7-c33c-4c00-8bba-fe82aa1d9d3e ann
      tintype owners export shop shop-export --all-versions
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region)
        stores = stores_of(deployed)
    with reported_errors(screen, json=json):
        held = _holdings(deployed, stores, owner, screen)
        if not held.images and not held.keys and held.person is None:
            message = f"{deployed.title} stores nothing of {owner}"
            raise UnknownOwnerError(message)
        done: list[ImageExport] = []
        failed: dict[str, ServiceError] = {}
        try:
            target = open_folder(folder, stack=deployed.title, owner=owner)
            write_document(target, "owner.json", _owner_document(deployed, stores, owner, held))
            export = Export(stores, owner, target, all_versions=all_versions)
            with WorkBar(screen, "Copying images", len(held.images)) as bar:
                for image_id, result in bar.each(export.run(held.images)):
                    if isinstance(result, ServiceError):
                        failed[image_id] = result
                    else:
                        done.append(result)
            finish(target, stack=deployed.title, owner=owner)
        except OSError as error:
            message = f"{error.filename or folder}: {error.strerror or error}"
            raise ExportFolderError(message) from error
    if json:
        print_document(export_document(folder, done, failed))
    else:
        show_export(folder, done, failed, screen)
    if failed:
        raise typer.Exit(FAILED)


@owners.command("erase")
def erase_owner(
    owner: Owner,
    *,
    user: Annotated[
        bool, typer.Option("--user", help="Also delete the user in the stack's user pool.")
    ] = False,
    yes: Yes = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Permanently delete everything that a stack stores of an owner.

    The originals with all versions, the renditions, manifests and records, the API keys
    and the copies in the CDN. Shows what there is, and asks for the owner's name.
    Afterwards it looks whether anything is left. If interrupted, run it again.

    Tokens and upload links that were issued before are valid for up to an hour: what is
    uploaded with them is a new image. Run the command again after that.

    Examples:
      tintype owners erase 5f7c8ec7-c33c-4c00-8bba-fe82aa1d9d3e --user
      tintype owners erase shop --yes
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region)
        stores = stores_of(deployed)
        pool = open_pool(deployed) if user else None
    with reported_errors(screen, json=json):
        held = _holdings(deployed, stores, owner, screen, measure=True)
        if not json:
            show_holdings(owner, held, screen, deployed.title, user=user)
        confirm(f"Type {owner} to confirm", yes=yes, json=json, word=owner)
        if pool and held.person:
            pool.remove(held.person.email)  # first: nobody signs in again meanwhile
        result = _erased(deployed, stores, owner, held.images, screen)
    again = datetime.now(UTC) + VALID_AFTERWARDS
    if json:
        removed = bool(pool and held.person)
        print_document(erasure_document(result, again, user=removed))
    else:
        show_erasure(owner, result, screen, again)
    if result.left:
        raise typer.Exit(FAILED)


def stores_of(deployed: Stack) -> Stores:
    """Return where a stack stores what people bring."""
    parts = Parts(deployed)
    return Stores(parts.originals, parts.renditions, parts.images, parts.access)


def _holdings(
    deployed: Stack, stores: Stores, owner: str, screen: Screen, *, measure: bool = False
) -> Holdings:
    """Return what is stored of an owner; *measure* also counts versions and bytes.

    Raises:
        ServiceError: a service refuses or does not answer.
    """
    with WorkBar(screen, "Looking for images") as bar:
        held = Holdings(find_images(stores, owner, bar.advance))
    held.keys = api_keys_of(stores, owner)
    held.person = _person(deployed, owner)
    if measure:
        with WorkBar(screen, "Measuring", len(held.images)) as bar:
            for _, found in bar.each(read_images(stores, owner, held.images)):
                if isinstance(found, ServiceError):
                    raise found
                held.versions += len(found.originals) + len(found.files)
                held.bytes += found.bytes
    return held


def _person(deployed: Stack, owner: str) -> Person | None:
    if deployed.output(Output.ACCESS_MODE) != AccessMode.COGNITO:
        return None
    found = open_pool(deployed).with_subject(owner)
    return found[0] if found else None


def _attributes(deployed: Stack, owner: str) -> Document:
    found = open_pool(deployed).with_subject(owner)
    return {**found[1]} if found else None


def _owner_document(deployed: Stack, stores: Stores, owner: str, held: Holdings) -> Document:
    keys: list[Document] = [key_document(one) for one in held.keys]
    user: Document = None
    if held.person:
        user = {**person_document(held.person), "attributes": _attributes(deployed, owner)}
    quota: Document = msgspec.to_builtins(quota_of(stores, owner))
    return {"owner": owner, "stack": deployed.title, "user": user, "apiKeys": keys, "quota": quota}


def _erased(
    deployed: Stack, stores: Stores, owner: str, image_ids: Sequence[str], screen: Screen
) -> ErasureResult:
    """Erase, with a bar for each step.

    Raises:
        ServiceError: a service refuses or does not answer.
    """
    parts = Parts(deployed)
    working = (
        Output.PROCESS_QUEUE_URL,
        Output.BACKGROUND_QUEUE_URL,
        Output.PROCESS_FAILED_QUEUE_URL,
        Output.CATALOGUE_QUEUE_URL,
    )
    dead = (Output.PROCESS_DEAD_LETTER_QUEUE_URL, Output.CATALOGUE_DEAD_LETTER_QUEUE_URL)
    with WorkBar(screen, "Erasing") as bar:
        erasure = Erasure(
            stores,
            queues=[parts.queue(one) for one in working],
            dead_letters=[parts.queue(one) for one in dead],
            owner=owner,
            purge=lambda: _purged(parts.purge(), screen),
            waiting=LOCAL_WAITING if deployed.name == LOCAL_NAME else Waiting(),
            on_step=lambda step, total: bar.start(step.value, total or None),
            advance=bar.advance,
        )
        return erasure.run(image_ids)


def _purged(done: bool, screen: Screen) -> None:  # noqa: FBT001 - a result
    if not done:
        screen.remark("CloudFront is still deleting its copies.")
