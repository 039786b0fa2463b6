"""`tintype keys`: make, list and revoke API keys, as the stack's operator."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from tintype import api_keys, owners
from tintype.access import AccessMode, Scope
from tintype.api_keys import ApiKeyRecord
from tintype.aws.dynamodb import Table
from tintype.cli.connection import Profile, Region, StackName, Yes, confirm
from tintype.cli.errors import BadKeyError, UnknownKeyError
from tintype.cli.operating import Parts
from tintype.cli.options import USAGE, Json, reported_errors
from tintype.cli.output.console import Screen, open_screen
from tintype.cli.output.images import local_time
from tintype.cli.output.json import Document, print_document
from tintype.cli.output.listings import Column, Listing
from tintype.cli.output.text import name_of
from tintype.cli.stack import Stack, find
from tintype.outputs import Output

keys = typer.Typer(
    name="keys",
    no_args_is_help=True,
    help="""API keys of programs.

    Needs AWS credentials, and no sign-in. People make keys of their own on the page.
    """,
)


@keys.command("add")
def add_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the key is for.")],
    *,
    scope: Annotated[
        list[Scope],
        typer.Option(
            "--scope",
            help="What the key may do: read, upload, delete, admin. Repeat it for several.",
            show_default=False,
        ),
    ],
    owner: Annotated[
        str | None,
        typer.Option(
            "--owner",
            help="Whose images it uploads and sees: an owner, as in `tintype show`. Default: "
            "public, where access is open or the scopes include admin.",
            show_default=False,
        ),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(
            "--days",
            min=1,
            max=api_keys.MAX_DAYS,
            help="Expire after so many days; with the scope admin at most 90, the default.",
            show_default=False,
        ),
    ] = None,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Make an API key and print it, once: the stack stores only a hash of it.

    The scope delete includes processing again; admin includes everything, for the
    images of all owners. Keys with the same owner see the same images.

    Examples:
      tintype keys add shop --scope read --scope upload --owner shop
      tintype keys add clean-up --scope delete --owner shop --days 30
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region)
        table = Parts(deployed).access
        if owner is None:
            owner = _default_owner(scope, deployed)
        made = _named(name, owner)
        _check_days(days, scope)
        now = datetime.now(UTC)
        expires_at = None if days is None else now + timedelta(days=days)
    with reported_errors(screen, json=json):
        record, credential = api_keys.new_key(
            made[1], made[0], scope, now=now, expires_at=expires_at
        )
        table.put_new(api_keys.item(record))
    if json:
        own: dict[str, Document] = {"key": str(credential)}
        print_document({**own, **key_document(record)})
    else:
        typer.echo(str(credential))
        screen.err.print(
            f"Key {record.id} of {record.owner}. Nobody can show it again.", style="dim"
        )


@keys.command("list")
def list_keys(
    *,
    owner: Annotated[
        str | None,
        typer.Option("--owner", help="Only the keys of this owner.", show_default=False),
    ] = None,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """List the API keys of a stack, those of people included.

    When piped, prints one tab-separated line per key, without headings: ID, name,
    owner, scopes (with commas), and the times of creation, last use and expiry (UTC).

    Examples:
      tintype keys list
      tintype keys list --owner shop
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region)
        parts = Parts(deployed)
        access = parts.access
    with reported_errors(screen, json=json):
        items = Table(access.account, access.name).scan() if owner is None else access.owned(owner)
        records = [one for item in items if (one := api_keys.from_item(item))]
    records.sort(key=lambda one: one.created_at, reverse=True)
    if json:
        found: list[Document] = [key_document(one) for one in records]
        print_document({"keys": found})
    else:
        show_keys(records, screen)


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[
        str, typer.Argument(metavar="ID", help="The key's ID, as in `tintype keys list`.")
    ],
    *,
    yes: Yes = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Revoke an API key, at once and for good.

    Examples:
      tintype keys revoke abcdefghij27 --yes
    """
    screen = open_screen()
    with reported_errors(screen, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region)
        table = Parts(deployed).access
    with reported_errors(screen):
        item = table.get(api_keys.item_id(key_id)) if api_keys.is_id(key_id) else None
        record = api_keys.from_item(item) if item else None
        if record is None:
            message = f"{deployed.title} has no API key with the ID {key_id}"
            raise UnknownKeyError(message)
        confirm(f"Revoke key {record.id} ({name_of(record.name)}) of {record.owner}?", yes=yes)
        table.delete(api_keys.item_id(record.id))
    screen.out.print(f"Key {record.id} is revoked.")


def key_document(record: ApiKeyRecord) -> dict[str, Document]:
    """Return what `--json` prints about a key."""
    return {
        "id": record.id,
        "name": record.name,
        "owner": record.owner,
        "scopes": [scope.value for scope in record.scopes],
        "createdAt": record.created_at,
        "lastUsedAt": record.last_used_at,
        "expiresAt": api_keys.expiry(record),
    }


def show_keys(records: Sequence[ApiKeyRecord], screen: Screen) -> None:
    """Print keys as a table."""
    if not records:
        screen.err.print("No API keys.", style="dim")
        return
    listing = Listing(
        Column("Key", whole=True),
        Column("Name"),
        Column("Owner"),
        Column("Scopes", whole=True),
        Column("Created", drop=3, whole=True),
        Column("Last used", drop=1, whole=True),
        Column("Expires", drop=2, whole=True),
    )
    for record in records:
        times = record.created_at, record.last_used_at, api_keys.expiry(record)
        name = name_of(record.name)
        listing.add(
            record.id,
            name,
            record.owner,
            ", ".join(record.scopes),
            *(local_time(time) if time else "never" for time in times),
            record=(record.id, name, record.owner, ",".join(record.scopes), *times),
        )
    listing.print(screen.out)


def _default_owner(scopes: Sequence[Scope], deployed: Stack) -> str:
    """Return the owner of a key for which none was given.

    Raises:
        BadKeyError: where people sign in, nobody would see what such a key uploads.
    """
    is_open = deployed.output(Output.ACCESS_MODE) == AccessMode.OPEN
    if is_open or Scope.ADMIN in scopes:
        return owners.PUBLIC
    message = (
        "pass --owner: nobody signs in as public. Use a name for programs, such as shop, "
        "or a person's owner, as in `tintype users list`"
    )
    raise BadKeyError(message)


def _check_days(days: int | None, scopes: Sequence[Scope]) -> None:
    """Raise a `BadKeyError` if a key with these scopes may not be valid for so long."""
    most = api_keys.most_days(scopes)
    if days is not None and days > most:
        message = f"a key with the scope admin is valid for at most {most} days, not {days}"
        raise BadKeyError(message)


def _named(name: str, owner: str) -> tuple[str, str]:
    """Return a key's name and owner.

    Raises:
        BadKeyError: one of them is not valid.
    """
    name = name.strip()
    if not 1 <= len(name) <= api_keys.MAX_NAME_LENGTH:
        message = f"a key's name has 1 to {api_keys.MAX_NAME_LENGTH} characters, not {len(name)}"
        raise BadKeyError(message)
    if owners.known(owner) is None:
        message = (
            f'"{owner}" is not an owner: 1 to {owners.MAX_LENGTH} printable ASCII characters '
            "without spaces or slashes"
        )
        raise BadKeyError(message)
    return name, owner
