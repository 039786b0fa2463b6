"""The options that commands share, each with its help, and how a command ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from tintype.cli.documents import error_document, plain, printed
from tintype.cli.errors import CliError
from tintype.cli.screen import Screen, say_error
from tintype.config import ConfigError

FAILED, USAGE, INTERRUPTED = 1, 2, 130  # exit codes; 130 is the shell's for Ctrl-C

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILES",
        help="Files, folders (with all below them) and 'quoted patterns'.",
        show_default=False,
    ),
]
ConfigPath = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="A tintype.toml; else the one in this folder, else the defaults.",
        show_default=False,
    ),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON document and nothing else on standard output."),
]


@contextmanager
def usage_errors(screen: Screen, *, json: bool) -> Iterator[None]:
    """End the command with exit code 2 when its arguments or its configuration are wrong."""
    try:
        yield
    except (CliError, ConfigError) as error:
        if json:
            mistakes = plain(error.mistakes) if isinstance(error, ConfigError) else None
            typer.echo(printed(error_document(error.code, str(error), mistakes)))
        else:
            say_error(screen, error)
        raise typer.Exit(USAGE) from error
