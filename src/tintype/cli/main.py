"""The `tintype` command. Each subcommand is a module in `commands`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated

import typer

from tintype.cli.commands.backfill import backfill
from tintype.cli.commands.browse import open_image
from tintype.cli.commands.cost import cost
from tintype.cli.commands.delete import delete
from tintype.cli.commands.delivery import delivery
from tintype.cli.commands.deploy import deploy
from tintype.cli.commands.destroy import destroy
from tintype.cli.commands.doctor import doctor
from tintype.cli.commands.focus import focus
from tintype.cli.commands.inspect import inspect
from tintype.cli.commands.keys import keys
from tintype.cli.commands.listing import list_images
from tintype.cli.commands.login import login
from tintype.cli.commands.logout import logout
from tintype.cli.commands.owners import owners
from tintype.cli.commands.presets import presets
from tintype.cli.commands.redrive import redrive
from tintype.cli.commands.reindex import reindex
from tintype.cli.commands.render import render
from tintype.cli.commands.reprocess import reprocess
from tintype.cli.commands.show import show
from tintype.cli.commands.up import up
from tintype.cli.commands.upload import upload
from tintype.cli.commands.users import users
from tintype.cli.commands.visibility import visibility
from tintype.cli.commands.whoami import whoami
from tintype.cli.errors import UnexpectedError
from tintype.cli.options import INTERRUPTED

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS: dict[str, tuple[Callable[..., None] | typer.Typer, ...]] = {
    "Local files": (render, inspect, presets),
    "Images in a stack": (upload, list_images, show, open_image, visibility, focus, delete),
    "Addresses of any size": (delivery,),
    "Sign in": (login, logout, whoami),
    "Manage access to a stack": (users, keys, owners),
    "Run a stack locally": (up,),
    "Deploy to AWS": (deploy, destroy),
    "Operate a stack": (doctor, cost, redrive, reindex, reprocess, backfill),
}
NAMES: dict[object, str] = {
    list_images: "list",
    open_image: "open",
}  # names with another meaning in Python
for panel, commands in COMMANDS.items():
    for command in commands:
        if isinstance(command, typer.Typer):
            app.add_typer(command, rich_help_panel=panel)
        else:
            app.command(NAMES.get(command), rich_help_panel=panel)(command)

DEBUG = "TINTYPE_DEBUG"  # environment variable: show the traceback of an error
SHOWN = 300  # characters of an unexpected error


def _print_version(asked: bool) -> None:  # noqa: FBT001 - Typer's signature
    if asked:
        typer.echo(f"tintype {version('tintype')}")
        raise typer.Exit


@app.callback()
def tintype(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Every size and format of your images, from one command.

    Get started: tintype render PHOTOS
    """


def _write_plain_help() -> None:
    """Disable bold and dim in Typer's own pages as well."""
    import typer.rich_utils  # noqa: PLC0415 - it takes as long to load as all the rest

    typer.rich_utils.COLOR_SYSTEM = None


def run() -> None:
    """Run the command line; the entry point."""
    if os.environ.get("NO_COLOR"):
        _write_plain_help()
    for stream in (sys.stdout, sys.stderr):
        # A terminal or pipe that cannot encode an arrow gets a question mark.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr] # they are text files here
    try:
        app()
    except SystemExit as end:
        if end.code != INTERRUPTED:
            raise
        # Otherwise the interpreter would wait for running renderings, which are no longer wanted.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED)
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        # One line: a traceback does not help an operator, and hides the output before it.
        what = " ".join(f"{type(error).__name__}: {error}".split())[:SHOWN]
        typer.echo(
            f"error: {UnexpectedError.code}: {what}; set {DEBUG}=1 for a traceback. Please report it.",
            err=True,
        )
        raise SystemExit(1) from None
