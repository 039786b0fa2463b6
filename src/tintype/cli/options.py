"""Options that commands share, with their help, and exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from tintype.cli.errors import CliError
from tintype.cli.output.console import Screen, print_error
from tintype.cli.output.json import error_document, plain, printed
from tintype.client.errors import ClientError
from tintype.config import ConfigError

FAILED, USAGE, INTERRUPTED = 1, 2, 130  # exit codes; 130 is the shell's for Ctrl-C

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILES",
        help="Files, folders (searched recursively) and 'quoted patterns'.",
        show_default=False,
    ),
]
ConfigPath = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="A tintype.toml. Default: the one in this folder, else the built-in settings.",
        show_default=False,
    ),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="Print a single JSON document to standard output."),
]


@contextmanager
def usage_errors(screen: Screen, *, json: bool) -> Iterator[None]:
    """If arguments or configuration are wrong, print the error and exit with code 2."""
    try:
        yield
    except (CliError, ClientError, ConfigError) as error:
        if json:
            mistakes = plain(error.mistakes) if isinstance(error, ConfigError) else None
            typer.echo(printed(error_document(error.code, str(error), mistakes)))
        else:
            print_error(screen, error)
        raise typer.Exit(USAGE) from error
