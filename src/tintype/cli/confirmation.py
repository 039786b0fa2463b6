"""Shared by `tintype deploy` and `tintype destroy`: options, and what to do next."""

from __future__ import annotations

from typing import Annotated

import typer

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
