"""`tintype users`: the people of a stack that brings its own sign-in, for its operator."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tintype import api_keys, owners
from tintype.access import Scope
from tintype.api_keys import ApiKeyRecord
from tintype.cli.commands.keys import show_keys
from tintype.cli.connection import Profile, Region, StackName, Yes, confirm
from tintype.cli.errors import NoUserPoolError, UnknownUserError, UserExistsError
from tintype.cli.operating import Parts
from tintype.cli.options import USAGE, Json, reported_errors
from tintype.cli.output.console import Screen, open_screen
from tintype.cli.output.images import local_time
from tintype.cli.output.json import Document, print_document
from tintype.cli.output.listings import Column, Listing
from tintype.cli.output.text import count, name_of
from tintype.cli.stack import LOCAL_NAME, Stack, find
from tintype.images import timestamp
from tintype.outputs import Output

if TYPE_CHECKING:
    from tintype.aws.access_table import AccessTable
    from tintype.aws.users import CognitoPool, Person

users = typer.Typer(
    name="users",
    no_args_is_help=True,
    help="""People of a stack with its own sign-in (access mode "cognito").

    Needs AWS credentials, and no sign-in. With another issuer, people are managed there.
    """,
)
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The person's e-mail address.")]
ShowPassword = Annotated[
    bool,
    typer.Option(
        "--show-password",
        help="Print a temporary password instead of having one mailed; always on a local cloud.",
    ),
]


@users.command("add")
def add_user(
    email: Email,
    *,
    admin: Annotated[
        bool | None,
        typer.Option(
            "--admin/--no-admin",
            help="Whether the person sees and changes everybody's images.",
            show_default=False,
        ),
    ] = None,
    show_password: ShowPassword = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Invite a person, or change whether one is an admin.

    Cognito mails a temporary password, which is valid for seven days. --no-admin also
    revokes the person's API keys with the scope admin.

    Examples:
      tintype users add ann@example.com
      tintype users add ann@example.com --admin
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        deployed, pool = _pool(stack, profile, region, screen)
    with reported_errors(screen, json=json):
        password = _password(deployed, shown=show_password)
        is_new = pool.add(email, password=password)
        if not is_new and admin is None:
            message = f"{email} is there already; --admin and --no-admin change what it may do"
            raise UserExistsError(message)
        if admin is not None:
            pool.set_admin(email, admin=admin)
        person = pool.person(email)
        revoked = set[str]()
        if admin is False:  # only now: a member of the group could make another
            revoked = _revoke(Parts(deployed).access, person, Scope.ADMIN)
    shown = password if is_new else None
    if json:
        own: dict[str, Document] = {"temporaryPassword": shown, "revokedKeys": [*sorted(revoked)]}
        print_document({**person_document(person), **own})
        return
    kind = "an admin" if person.admin else "a user"
    keys = f"; {count(len(revoked), 'admin key')} revoked" if revoked else ""
    screen.out.print(f"{name_of(person.email)} is now {kind} of {deployed.title}{keys}")
    _tell(shown, screen, mailed="A temporary password was mailed." if is_new else "")


@users.command("list")
def list_users(
    *,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """List the people of a stack, with the owner of their images.

    When piped, prints one tab-separated line per person, without headings: e-mail
    address, owner, admin or user, Cognito's status, and the time of creation (UTC).

    Examples:
      tintype users list
      tintype users list | cut -f1,2
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        _, pool = _pool(stack, profile, region, screen)
    with reported_errors(screen, json=json):
        people = sorted(pool.people(), key=lambda one: one.email)
    if json:
        found: list[Document] = [person_document(one) for one in people]
        print_document({"users": found})
    else:
        show_people(people, screen)


@users.command("remove")
def remove_user(
    email: Email,
    *,
    yes: Yes = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Revoke a person's API keys, and remove the person. The images stay.

    An access token that is in use is valid until it expires, which takes up to an
    hour. If the person comes back, it is as another owner.

    Examples:
      tintype users remove ann@example.com --yes
    """
    screen = open_screen()
    with reported_errors(screen, code=USAGE):
        deployed, pool = _pool(stack, profile, region, screen)
        table = Parts(deployed).access
    with reported_errors(screen):
        person = _known(pool, email, deployed)
        confirm(f"Remove {name_of(person.email)} from {deployed.title}?", yes=yes)
        revoked = _revoke(table, person)  # before: without the person, a second run finds none
        pool.remove(person.email)
        revoked |= _revoke(table, person)  # made in between
    keys = f", and {count(len(revoked), 'API key')} revoked" if revoked else ""
    screen.out.print(f"{name_of(person.email)} is removed{keys}. The owner was {person.subject}")


@users.command("reset")
def reset_user(
    email: Email,
    *,
    second_factor: Annotated[
        bool,
        typer.Option(
            "--second-factor",
            help="Remove the second factor, if the pool was changed to require one.",
        ),
    ] = False,
    show_password: ShowPassword = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Make a person choose a new password, and end all sign-ins of that person.

    Cognito mails a code, or a new temporary password to those who never signed in. The
    person's API keys stay valid, and are listed.

    Examples:
      tintype users reset ann@example.com
    """
    screen = open_screen()
    with reported_errors(screen, code=USAGE):
        deployed, pool = _pool(stack, profile, region, screen)
    with reported_errors(screen):
        person = _known(pool, email, deployed)
        password = _password(deployed, shown=show_password)
        pool.reset(person, password=password)
        if second_factor:
            pool.remove_second_factor(person.email)
        keys, now = _keys(Parts(deployed).access, person), datetime.now(UTC)
        valid = [one for one in keys if not one.has_expired(now)]
    screen.out.print(f"{name_of(person.email)} must choose a new password.")
    what = "A code" if person.has_signed_in else "A temporary password"
    _tell(password, screen, mailed=f"{what} was mailed.")
    if valid:
        screen.out.print("These API keys stay valid; `tintype keys revoke ID` ends one:")
        show_keys(valid, screen)


def person_document(person: Person) -> dict[str, Document]:
    """Return what `--json` prints about a person."""
    return {
        "email": person.email,
        "owner": owners.of_subject(person.subject),
        "admin": person.admin,
        "status": person.status,
        "enabled": person.enabled,
        "createdAt": timestamp(person.created_at),
    }


def show_people(people: Sequence[Person], screen: Screen) -> None:
    """Print people as a table."""
    if not people:
        screen.err.print("No users.", style="dim")
        return
    listing = Listing(
        Column("User"),
        Column("Owner", whole=True),
        Column("May", whole=True),
        Column("Status", drop=2, whole=True),
        Column("Created", drop=1, whole=True),
    )
    for person in people:
        owner, created = owners.of_subject(person.subject), timestamp(person.created_at)
        kind = "admin" if person.admin else "user"
        status = person.status.lower().replace("_", " ") if person.enabled else "disabled"
        email = name_of(person.email)  # with self sign-up, anybody's text
        listing.add(
            email,
            owner,
            kind,
            status,
            local_time(created),
            record=(email, owner, kind, person.status, created),
        )
    listing.print(screen.out)


def _pool(
    stack: str | None, profile: str | None, region: str | None, screen: Screen
) -> tuple[Stack, CognitoPool]:
    """Return a stack and its user pool.

    Raises:
        NoUserPoolError: it has none.
        ServiceError: AWS refuses or does not answer.
    """
    deployed = find(screen, stack, profile=profile, region=region)
    return deployed, open_pool(deployed)


def open_pool(deployed: Stack) -> CognitoPool:
    """Return a stack's user pool.

    Raises:
        NoUserPoolError: it has none.
        ServiceError: AWS refuses or does not answer.
    """
    account = Parts(deployed).account
    pool_id = deployed.output(Output.USER_POOL_ID)
    if not pool_id:
        mode = deployed.output(Output.ACCESS_MODE)
        message = f'{deployed.title} has no users of its own: its access mode is "{mode}"'
        raise NoUserPoolError(message)
    from tintype.aws.sdk import clients_of  # noqa: PLC0415 - loads AWS's SDK
    from tintype.aws.users import CognitoPool  # noqa: PLC0415 - only here

    return CognitoPool(clients_of(account), pool_id, deployed.output(Output.ADMIN_GROUP))


def _known(pool: CognitoPool, email: str, deployed: Stack) -> Person:
    """Return a person.

    Raises:
        UnknownUserError: there is no such person.
        ServiceError: AWS refuses or does not answer.
    """
    from tintype.aws.errors import NotFoundError  # noqa: PLC0415 - only here

    try:
        return pool.person(email)
    except NotFoundError as error:
        message = f"{deployed.title} has no user {email}; `tintype users list` shows them"
        raise UnknownUserError(message) from error


def _keys(table: AccessTable, person: Person) -> list[ApiKeyRecord]:
    items = table.owned(owners.of_subject(person.subject))
    return [record for item in items if (record := api_keys.from_item(item))]


def _revoke(table: AccessTable, person: Person, scope: Scope | None = None) -> set[str]:
    """Revoke a person's API keys, or only those with a *scope*, and return their IDs.

    Raises:
        ServiceError: the table cannot be read or written.
    """
    ids = {one.id for one in _keys(table, person) if scope is None or scope in one.scopes}
    for key_id in ids:
        table.delete(api_keys.item_id(key_id))
    return ids


def _password(deployed: Stack, *, shown: bool) -> str | None:
    """Return a temporary password to show, or None if Cognito mails one: a local cloud mails nothing."""
    from tintype.aws.users import temporary_password  # noqa: PLC0415 - only here

    return temporary_password() if shown or deployed.name == LOCAL_NAME else None


def _tell(password: str | None, screen: Screen, *, mailed: str) -> None:
    if password:
        screen.out.print(f"Temporary password: {password}", highlight=False, markup=False)
    elif mailed:
        screen.err.print(mailed, style="dim")
