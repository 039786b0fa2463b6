"""The `tintype` command. Each subcommand is a module beside this one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated

import typer

from tintype.cli.backfill import backfill
from tintype.cli.browse import open_image
from tintype.cli.cost import cost
from tintype.cli.delete import delete
from tintype.cli.deploy import deploy
from tintype.cli.destroy import destroy
from tintype.cli.doctor import doctor
from tintype.cli.errors import UnexpectedError
from tintype.cli.inspect import inspect
from tintype.cli.listing import list_images
from tintype.cli.options import INTERRUPTED
from tintype.cli.presets import presets
from tintype.cli.redrive import redrive
from tintype.cli.reindex import reindex
from tintype.cli.render import render
from tintype.cli.reprocess import reprocess
from tintype.cli.show import show
from tintype.cli.up import up
from tintype.cli.upload import upload

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS: dict[str, tuple[Callable[..., None], ...]] = {
    "On this machine": (render, inspect, presets),
    "Images of a stack": (upload, list_images, show, open_image, delete),
    "The stack on this machine": (up,),
    "The stack on AWS": (deploy, destroy),
    "For its operator": (doctor, cost, redrive, reindex, reprocess, backfill),
}
NAMES = {list_images: "list", open_image: "open"}  # what Python has another meaning for
for panel, commands in COMMANDS.items():
    for command in commands:
        app.command(NAMES.get(command), rich_help_panel=panel)(command)

DEBUG = "TINTYPE_DEBUG"  # in the environment: show where an error comes from
SHOWN = 300  # characters of an error that nobody has foreseen


def _print_version(asked: bool) -> None:  # noqa: FBT001 - typer calls it so
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

    Begin with: tintype render PHOTOS
    """


def _write_plain_help() -> None:
    """Let Typer's own pages do without bold and dim as well."""
    import typer.rich_utils  # noqa: PLC0415 - it takes as long to load as all the rest

    typer.rich_utils.COLOR_SYSTEM = None


def run() -> None:
    """Run the command line; the entry point."""
    if os.environ.get("NO_COLOR"):
        _write_plain_help()
    for stream in (sys.stdout, sys.stderr):
        # A terminal or a pipe that knows no arrow gets a question mark in its place.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr] # they are text files here
    try:
        app()
    except SystemExit as end:
        if end.code != INTERRUPTED:
            raise
        # The interpreter would wait for the renderings that are under way; nobody wants them now.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED)
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        # One line: a trace tells whoever operates a stack nothing, and hides what was said before it.
        what = " ".join(f"{type(error).__name__}: {error}".split())[:SHOWN]
        typer.echo(
            f"error: {UnexpectedError.code}: {what}; {DEBUG}=1 shows where. Please report it.",
            err=True,
        )
        raise SystemExit(1) from None
