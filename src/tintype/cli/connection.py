"""Shared by all commands that talk to a stack: options that select it, and confirmation."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from tintype.cli.errors import NotConfirmedError

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


def is_interactive(*, json: bool) -> bool:
    """Whether there is a terminal to ask on."""
    return not json and sys.stdin.isatty()


def confirm(question: str, *, yes: bool, json: bool = False, word: str = "") -> None:
    """Ask for confirmation, or with a *word* for that to be typed; *yes* skips the question.

    Raises:
        NotConfirmedError: the answer is no, or there is no terminal to ask on.
    """
    if yes:
        return
    if not is_interactive(json=json):
        message = "no terminal to ask on; pass --yes to confirm"
        raise NotConfirmedError(message)
    if word:
        agreed = typer.prompt(question, err=True, default="", show_default=False) == word
    else:
        agreed = typer.confirm(question, err=True)
    if not agreed:
        message = "nothing was changed"
        raise NotConfirmedError(message)
