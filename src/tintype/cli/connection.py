"""Shared by all commands that talk to a stack: options that select it, confirmation, errors."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from tintype.aws.errors import ServiceError
from tintype.cli.errors import AccountRefusedError, CliError, NotConfirmedError
from tintype.cli.options import FAILED, INTERRUPTED, USAGE
from tintype.cli.output.console import Screen, print_error
from tintype.cli.output.json import error_document, printed
from tintype.cli.output.text import lines_of
from tintype.client.errors import ClientError
from tintype.maintenance.errors import MaintenanceError

StackName = Annotated[
    str | None,
    typer.Option(
        "--stack",
        envvar="TINTYPE_STACK",
        help='CloudFormation stack, or "local". Default: the running local cloud, else tintype.',
        show_default=False,
    ),
]
Profile = Annotated[
    str | None,
    typer.Option("--profile", help="AWS profile to take credentials from.", show_default=False),
]
Region = Annotated[
    str | None,
    typer.Option("--region", help="AWS region of the stack.", show_default=False),
]
Endpoint = Annotated[
    str | None,
    typer.Option(
        "--endpoint",
        help="API address (https://…/api) to use instead of a stack; needs no credentials.",
        show_default=False,
    ),
]
ImageId = Annotated[
    str, typer.Argument(metavar="ID", help="Image ID, as printed by upload and list.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done; change nothing.")]


class Via(StrEnum):
    """How to upload: with a ticket to the bucket, or through the API in one request."""

    TICKETS = "tickets"
    DIRECT = "direct"


@contextmanager
def remote_errors(screen: Screen, *, json: bool, code: int = FAILED) -> Iterator[None]:
    """If the stack or the connection to it fails, print the error and exit with *code*."""
    try:
        yield
    except (CliError, ClientError, MaintenanceError, ServiceError) as error:
        error_shown = account_error(error) if isinstance(error, ServiceError) else error
        if json:
            typer.echo(printed(error_document(error_shown.code, str(error_shown))))
        else:
            print_error(screen, error_shown)
        raise typer.Exit(code) from error
    except KeyboardInterrupt:
        screen.err.print("Stopped.", style="bold yellow")
        raise typer.Exit(INTERRUPTED) from None


def finding_errors(screen: Screen, *, json: bool) -> AbstractContextManager[None]:
    """If the stack cannot be found, print the error and exit with code 2: nothing was started."""
    return remote_errors(screen, json=json, code=USAGE)


def confirm(question: str, *, yes: bool, interactive: bool = True) -> None:
    """Ask for confirmation; *yes* skips the question.

    Raises:
        NotConfirmedError: the answer is no, or there is no terminal to ask on.
    """
    if yes:
        return
    if not interactive or not sys.stdin.isatty():
        message = "no terminal to ask on; pass --yes to confirm"
        raise NotConfirmedError(message)
    if not typer.confirm(question, err=True):
        message = "nothing was changed"
        raise NotConfirmedError(message)


def failure_line(
    name: str, error: CliError | ClientError | MaintenanceError | ServiceError
) -> Text:
    """Return the line for a failure, with its code and reason."""
    return Text.assemble(
        ("✗ ", "bold red"), (f"{name}: ", "bold"), (f"{error.code}: ", "red"), lines_of(str(error))
    )


def remarks(screen: Screen) -> Callable[[str], None]:
    """Return a function that prints remarks to standard error, unless the command is quiet."""
    return lambda text: None if screen.quiet else screen.err.print(text, style="dim")


def account_error(error: ServiceError) -> AccountRefusedError:
    """Return a service's error as a `CliError` that keeps its code."""
    return AccountRefusedError(str(error), code=error.code)
