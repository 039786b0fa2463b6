"""The `tintype` command. Each subcommand is a module beside this one."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from tintype.cli.inspect import inspect
from tintype.cli.options import INTERRUPTED
from tintype.cli.presets import presets
from tintype.cli.render import render

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (render, inspect, presets):
    app.command()(command)


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


def run() -> None:
    """Run the command line; the entry point."""
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
