"""What all commands that talk to a stack share: the options that find it, and how errors end them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from tintype.aws.errors import ServiceError
from tintype.cli.documents import error_document, printed
from tintype.cli.errors import AccountRefusedError, CliError, NotConfirmedError
from tintype.cli.options import FAILED, INTERRUPTED, USAGE
from tintype.cli.screen import Screen, say_error
from tintype.cli.words import lines_of

StackName = Annotated[
    str | None,
    typer.Option(
        "--stack",
        envvar="TINTYPE_STACK",
        help='The CloudFormation stack, or "local"; else the local cloud that runs here, else tintype.',
        show_default=False,
    ),
]
Profile = Annotated[
    str | None,
    typer.Option("--profile", help="The AWS profile whose credentials to use.", show_default=False),
]
Region = Annotated[
    str | None,
    typer.Option("--region", help="The AWS region that the stack is in.", show_default=False),
]
Endpoint = Annotated[
    str | None,
    typer.Option(
        "--endpoint",
        help="The API's address (https://…/api) in place of a stack; needs no credentials.",
        show_default=False,
    ),
]
ImageId = Annotated[
    str, typer.Argument(metavar="ID", help="The image's id, as upload and list print it.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would be done; change nothing.")
]


class Via(StrEnum):
    """How the bytes go: with a ticket to the bucket, or through the API in one request."""

    TICKETS = "tickets"
    DIRECT = "direct"


@contextmanager
def remote_errors(screen: Screen, *, json: bool, code: int = FAILED) -> Iterator[None]:
    """End the command with *code* when the stack or the way to it fails, and say why."""
    try:
        yield
    except (CliError, ServiceError) as error:
        told = error if isinstance(error, CliError) else account_error(error)
        if json:
            typer.echo(printed(error_document(told.code, str(told))))
        else:
            say_error(screen, told)
        raise typer.Exit(code) from error
    except KeyboardInterrupt:
        screen.err.print("Stopped.", style="bold yellow")
        raise typer.Exit(INTERRUPTED) from None


def finding_errors(screen: Screen, *, json: bool) -> AbstractContextManager[None]:
    """End the command with exit code 2 when the stack cannot be found: nothing was begun."""
    return remote_errors(screen, json=json, code=USAGE)


def confirm(question: str, *, yes: bool, asking: bool = True) -> None:
    """Go on if the answer is yes, which *yes* gives beforehand.

    Raises:
        NotConfirmedError: it is no, or nobody can be asked.
    """
    if yes:
        return
    if not asking or not sys.stdin.isatty():
        message = "nobody can be asked here; --yes says it beforehand"
        raise NotConfirmedError(message)
    if not typer.confirm(question, err=True):
        message = "nothing was changed"
        raise NotConfirmedError(message)


def failure_line(name: str, error: CliError | ServiceError) -> Text:
    """Return what failed, with its code and its reason."""
    return Text.assemble(
        ("✗ ", "bold red"), (f"{name}: ", "bold"), (f"{error.code}: ", "red"), lines_of(str(error))
    )


def remarks(screen: Screen) -> Callable[[str], None]:
    """Return what says a remark beside the results, unless the command is to be quiet."""
    return lambda text: None if screen.quiet else screen.err.print(text, style="dim")


def account_error(error: ServiceError) -> AccountRefusedError:
    """Return a service's error as one of ours, with its own code."""
    return AccountRefusedError(str(error), code=error.code)
