"""Shared by `tintype deploy` and `tintype destroy`: options, confirmation, errors and Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.text import Text

from tintype.aws.errors import ServiceError
from tintype.cli.errors import CliError, NotConfirmedError
from tintype.cli.options import FAILED, INTERRUPTED
from tintype.cli.output.console import Screen
from tintype.cli.output.json import error_document, printed
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
        help="Continue only if the credentials belong to this account.",
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
    """On an error, print it and exit with *code*; on Ctrl-C, print the lines of *interrupted*."""
    try:
        yield
    except (CliError, DeployError, ServiceError) as error:
        if json:
            typer.echo(printed(error_document(error.code, str(error))))
        else:
            _print(screen, error.code, str(error))
        raise typer.Exit(code) from error
    except KeyboardInterrupt:
        for line in interrupted():
            screen.err.print(line, style="bold yellow", soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None


def _print(screen: Screen, code: str, message: str) -> None:
    first, _, rest = message.partition("\n")
    line = Text.assemble(("✗ ", "bold red"), (f"{code}: ", "red"), first)
    screen.err.print(line, soft_wrap=True)
    if rest:
        screen.err.print(rest, soft_wrap=True)


def is_interactive(*, json: bool) -> bool:
    """Whether there is a terminal to ask on."""
    return not json and sys.stdin.isatty()


def confirm_by_name(name: str, *, yes: bool, interactive: bool) -> None:
    """Ask the user to type the stack's name; *yes* skips the question.

    Raises:
        NotConfirmedError: the name differs, or there is no terminal to ask on.
    """
    if yes:
        return
    if not interactive:
        message = "no terminal to ask on; pass --yes to confirm"
        raise NotConfirmedError(message)
    if typer.prompt(f"Type {name} to confirm", err=True, default="", show_default=False) != name:
        message = "nothing was changed"
        raise NotConfirmedError(message)


def which(name: str, region: str) -> str:
    """Return the options that select the stack in a `tintype` command.

    >>> which("tintype", "eu-central-1")
    '--stack tintype --region eu-central-1'
    """
    return f"--stack {name} --region {region}"


def following(name: str, region: str) -> list[str]:
    """Return the message for Ctrl-C while AWS continues the work."""
    where = f"--stack-name {name} --region {region}"
    return [
        f"Stopped watching; AWS is still working on {name}. To follow it, run the command again, or",
        f"  aws cloudformation describe-stack-events {where}",
    ]
