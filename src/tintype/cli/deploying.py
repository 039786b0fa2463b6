"""What `tintype deploy` and `tintype destroy` share: options, how errors end them, and Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.text import Text

from tintype.aws.errors import ServiceError
from tintype.cli.documents import error_document, printed
from tintype.cli.errors import CliError, NotConfirmedError
from tintype.cli.options import FAILED, INTERRUPTED
from tintype.cli.screen import Screen
from tintype.deployment.errors import DeployError

DeployedStack = Annotated[
    str,
    typer.Option("--stack", envvar="TINTYPE_STACK", help="The CloudFormation stack's name."),
]
Account = Annotated[
    str | None,
    typer.Option(
        "--account",
        metavar="NUMBER",
        help="Go on only if the credentials are of this account.",
        show_default=False,
    ),
]


@contextmanager
def deploy_errors(
    screen: Screen,
    *,
    json: bool,
    code: int = FAILED,
    interrupted: Callable[[], list[str]] = lambda: ["Stopped."],
) -> Iterator[None]:
    """End the command with *code* when something fails, and say why; *interrupted* is said on Ctrl-C."""
    try:
        yield
    except (CliError, DeployError, ServiceError) as error:
        if json:
            typer.echo(printed(error_document(error.code, str(error))))
        else:
            _say(screen, error.code, str(error))
        raise typer.Exit(code) from error
    except KeyboardInterrupt:
        for line in interrupted():
            screen.err.print(line, style="bold yellow", soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None


def _say(screen: Screen, code: str, message: str) -> None:
    first, _, rest = message.partition("\n")
    line = Text.assemble(("✗ ", "bold red"), (f"{code}: ", "red"), first)
    screen.err.print(line, soft_wrap=True)
    if rest:
        screen.err.print(rest, soft_wrap=True)


def can_ask(*, json: bool) -> bool:
    """Whether somebody sits there to answer."""
    return not json and sys.stdin.isatty()


def confirm_by_name(name: str, *, yes: bool, asking: bool) -> None:
    """Go on if the stack's name is typed, which *yes* does beforehand.

    Raises:
        NotConfirmedError: it is not, or nobody can be asked.
    """
    if yes:
        return
    if not asking:
        message = "nobody can be asked here; --yes says it beforehand"
        raise NotConfirmedError(message)
    if typer.prompt(f"Type {name} to go on", err=True, default="", show_default=False) != name:
        message = "nothing was changed"
        raise NotConfirmedError(message)


def which(name: str, region: str) -> str:
    """Return the options that name the stack in a command of ours.

    >>> which("tintype", "eu-central-1")
    '--stack tintype --region eu-central-1'
    """
    return f"--stack {name} --region {region}"


def following(name: str, region: str) -> list[str]:
    """Return what to say when Ctrl-C ends the watching, but not the work."""
    where = f"--stack-name {name} --region {region}"
    return [
        f"No longer watching; AWS goes on with {name}. To follow it, run the command again, or",
        f"  aws cloudformation describe-stack-events {where}",
    ]
