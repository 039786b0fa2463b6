"""`tintype login`: sign in to a stack with the browser."""

from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING, Annotated

import typer

from tintype.cli.connection import Endpoint, Profile, Region, StackName
from tintype.cli.errors import SignInNotNeededError, SignInUnwritableError
from tintype.cli.login.credential import LoginCredential, page_of
from tintype.cli.options import USAGE, Json, reported_errors
from tintype.cli.output.console import Screen, open_screen
from tintype.cli.output.identity import identity_document, identity_line
from tintype.cli.output.json import print_document
from tintype.cli.stack import Stack, find
from tintype.client.errors import NotSignedInError
from tintype.outputs import Output
from tintype.printable import printable

if TYPE_CHECKING:
    from tintype.cli.login.store import LoginFile
    from tintype.client.responses import Me, SignInConfig


def login(
    *,
    only_print: Annotated[
        bool,
        typer.Option("--print", help="Print the sign-in address instead of opening the browser."),
    ] = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    endpoint: Endpoint = None,
    json: Json = False,
) -> None:
    """Sign in to a stack with the browser.

    Waits up to five minutes on port 8976 of this machine, to which the browser
    returns. Other commands then use the sign-in, and renew it as needed, until
    `tintype logout`. It is kept in the system's keyring if the Python package
    keyring is installed, else in a file that only you can read.

    Programs use an API key in TINTYPE_API_KEY instead.

    Examples:
      tintype login
      tintype login --endpoint https://images.example.com/api
      tintype login --print
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region, endpoint=endpoint)
    with reported_errors(screen, json=json):
        config = sign_in_config(deployed)
        file = signed_in(deployed, config, screen, only_print=only_print)
        me, name = introduced(deployed, file)
    if json:
        print_document(identity_document(me, via="login", name=name))
    else:
        screen.out.print(identity_line(deployed.title, me, name))


def sign_in_config(deployed: Stack) -> SignInConfig:
    """Return how people sign in to a stack, from its page.

    Raises:
        SignInNotNeededError: nobody has to.
        ClientError: the page does not say it.
    """
    from tintype.client.api import Api  # noqa: PLC0415 - httpx takes 0.2 s to load
    from tintype.client.credentials import require_confidential  # noqa: PLC0415 - only here

    with Api(deployed.output(Output.API_URL)) as api:
        require_confidential(api.url)
        config = api.page_config()
    if not config.sign_in.client_id:
        message = f"{deployed.title} is open: everybody can use it without a sign-in"
        raise SignInNotNeededError(message)
    return config.sign_in


def signed_in(
    deployed: Stack, config: SignInConfig, screen: Screen, *, only_print: bool
) -> LoginFile:
    """Sign in with the browser and store the tokens.

    Raises:
        ClientError: the issuer refuses or does not answer.
        CliError: the browser does not come back, or the tokens cannot be stored.
    """
    from tintype.cli.login.callback import Callback  # noqa: PLC0415 - loads an HTTP server
    from tintype.cli.login.store import Login, login_file  # noqa: PLC0415 - loads httpx
    from tintype.client import sign_in  # noqa: PLC0415 - loads httpx

    endpoints = sign_in.discover(config)
    attempt = sign_in.Attempt()
    with Callback(attempt.state, endpoints.issuer) as callback:
        url = sign_in.authorization_url(endpoints, attempt, callback.redirect_uri, config)
        _show(url, screen, only_print=only_print)
        code = callback.code()
    tokens = sign_in.redeem(endpoints, attempt, code, callback.redirect_uri)
    address = page_of(deployed.output(Output.API_URL))
    file = login_file(address)
    try:
        with file.lock():
            file.write(Login(address, endpoints), tokens)
    except OSError as error:
        message = f"cannot store the sign-in in {file.path.parent}: {error.strerror or error}"
        raise SignInUnwritableError(message) from error
    return file


def introduced(deployed: Stack, file: LoginFile) -> tuple[Me, str]:
    """Return who the stack takes the signed-in person for, and the name that the issuer gave.

    Raises:
        NotSignedInError: the stack does not accept the issuer's token; it is then forgotten.
    """
    from tintype.client.api import Api  # noqa: PLC0415 - httpx takes 0.2 s to load

    stored = file.read()
    with Api(deployed.output(Output.API_URL), LoginCredential(file)) as api:
        try:
            return api.me(), stored[1].name if stored else ""
        except NotSignedInError:
            if stored:
                file.delete(stored[0].address)
            raise


def _show(url: str, screen: Screen, *, only_print: bool) -> None:
    """Open the address in the browser, or print it."""
    if only_print or not webbrowser.open(url):
        screen.err.print("Open this address in a browser on this machine:", style="dim")
        typer.echo(printable(url))  # most of it is what the issuer says of itself
    else:
        screen.err.print("The browser asks you to sign in; waiting for it.", style="dim")
