"""`tintype logout`: end a sign-in, here and at the issuer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tintype.cli.connection import Endpoint, Profile, Region, StackName
from tintype.cli.errors import SignInUnwritableError
from tintype.cli.login.credential import page_of
from tintype.cli.options import USAGE, reported_errors
from tintype.cli.output.console import Screen, open_screen
from tintype.cli.stack import find
from tintype.client.errors import ClientError
from tintype.outputs import Output
from tintype.printable import printable

if TYPE_CHECKING:
    from tintype.cli.login.store import LoginFile


def logout(
    *,
    everywhere: Annotated[
        bool, typer.Option("--all", help="End all sign-ins on this machine.")
    ] = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    endpoint: Endpoint = None,
) -> None:
    """End the sign-in of `tintype login`: revoke it at the issuer and delete its tokens.

    An access token that is in use is valid until it expires, which takes up to an
    hour. The browser has a session of its own, which the page's sign-out ends.

    Examples:
      tintype logout
      tintype logout --endpoint https://images.example.com/api
      tintype logout --all
    """
    from tintype.cli.login.store import find_login, login_files  # noqa: PLC0415 - loads httpx

    screen = open_screen()
    if everywhere:
        files = login_files()
    else:
        with reported_errors(screen, code=USAGE):
            deployed = find(screen, stack, profile=profile, region=region, endpoint=endpoint)
            found = find_login(page_of(deployed.output(Output.API_URL)))
        files = [found] if found else []
    with reported_errors(screen):
        for file in files:
            end(file, screen)
    if not files:
        screen.err.print("Nobody was signed in.", style="dim")


def end(file: LoginFile, screen: Screen) -> None:
    """Revoke a sign-in, and delete it whether or not that succeeds.

    Raises:
        SignInUnwritableError: it cannot be deleted.
    """
    from tintype.client.sign_in import revoke  # noqa: PLC0415 - loads httpx

    stored = file.read()
    address = stored[0].address if stored else file.path.stem
    try:
        if stored:
            revoke(stored[0].endpoints, stored[1])
    except ClientError as error:
        screen.err.print(
            f"The issuer did not end the sign-in ({printable(str(error))}); it ends by itself.",
            style="yellow",
        )
    try:
        file.delete(address)
    except OSError as error:
        message = f"cannot delete {file.path}: {error.strerror or error}"
        raise SignInUnwritableError(message) from error
    screen.out.print(f"Signed out of {address}")
