"""Options that commands share, with their help, exit codes, and what they print on errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from tintype.cli.output.console import REPORTED, Screen, print_error
from tintype.cli.output.json import Document, plain, print_document
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
def reported_errors(
    screen: Screen,
    *,
    json: bool = False,
    code: int = FAILED,
    interrupted: Callable[[], list[str]] = lambda: ["Stopped."],
) -> Iterator[None]:
    """On an error, print it and exit with *code*; on Ctrl-C, print the lines of *interrupted*.

    The code is `USAGE` as long as nothing was started.
    """
    try:
        yield
    except REPORTED as error:
        if json:
            said: dict[str, Document] = {"code": error.code, "message": str(error)}
            if isinstance(error, ConfigError):
                said["mistakes"] = plain(error.mistakes)
            print_document({"error": said})
        else:
            print_error(screen, error)
        raise typer.Exit(code) from error
    except KeyboardInterrupt:
        for line in interrupted():
            screen.err.print(line, style="bold yellow", soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None
