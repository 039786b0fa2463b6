"""The local cloud in a terminal: what `tintype up` does, from the first step to Ctrl-C."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from signal import SIG_IGN, SIGINT, SIGTERM, default_int_handler
from typing import TypeAlias

from rich.console import Console
from rich.text import Text

from tintype.access import AccessMode
from tintype.cli.connection import confirm
from tintype.cli.errors import CliError
from tintype.cli.leftovers import Leftovers
from tintype.cli.output.console import Screen, print_error
from tintype.cli.output.text import count
from tintype.cli.signals import signals
from tintype.local.cloud import LocalCloud
from tintype.local.deploy import Report
from tintype.local.errors import LocalCloudError
from tintype.local.logs import lambda_trouble, read_line, short_names
from tintype.local.state import ADDRESS_FILE, StateFolder
from tintype.outputs import Output

STYLES = {"WARNING": "yellow", "ERROR": "red"}
POLL_SECONDS = 1.0
Lines: TypeAlias = "queue.Queue[tuple[str, str]]"


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options of `tintype up`."""

    state: Path
    port: int
    gateway_port: int
    config: Path
    access: AccessMode
    hosts: tuple[str, ...]
    fresh: bool
    yes: bool


def run_until_stopped(screen: Screen, wishes: Wishes) -> bool:
    """Run the stack until Ctrl-C or SIGTERM; on an error, print it and return False."""
    try:
        # SIGTERM stops gracefully, as Ctrl-C does.
        with signals({SIGTERM: default_int_handler}):
            if wishes.fresh:
                forget(screen, StateFolder(wishes.state.resolve()), sure=wishes.yes)
            run(screen, wishes)
    except (LocalCloudError, CliError) as error:
        print_error(screen, error)
        return False
    except KeyboardInterrupt:
        if not screen.quiet:
            screen.err.print("Stopped.")
    return True


def forget(screen: Screen, state: StateFolder, *, sure: bool) -> None:
    """Empty the state folder; ask first if it contains images.

    Raises:
        AlreadyRunningError: it is in use.
        NotConfirmedError: the answer is no, or there is no terminal to ask on.
    """
    with state.lock():
        images = state.image_count()
        if images:
            confirm(f"Delete {count(images, 'image')} in {state.folder}?", yes=sure)
        state.forget()
    if images and not screen.quiet:
        screen.err.print(f"Deleted {count(images, 'image')}.")


def run(screen: Screen, wishes: Wishes) -> None:
    """Start, print the addresses, and follow the logs until interrupted."""
    lines: Lines = queue.Queue()

    def sink(function: str, line: str) -> None:
        lines.put((function, line))

    with starting(screen) as report:
        cloud = LocalCloud(
            wishes.state,
            port=wishes.port,
            gateway_port=wishes.gateway_port,
            config=wishes.config,
            access=wishes.access,
            hosts=wishes.hosts,
            sink=sink,
            report=report,
        )
        cloud.start()
    leftovers = Leftovers(
        cloud, lambda line: screen.out.print(Text(line, STYLES["WARNING"]), soft_wrap=True)
    )
    try:
        print_addresses(screen, cloud)
        leftovers.start()
        with lambda_trouble(sink):
            follow(screen.out, cloud, lines, quiet=screen.quiet)
    finally:
        leftovers.stop()
        with signals({SIGINT: SIG_IGN, SIGTERM: SIG_IGN}):  # while the state is saved
            cloud.stop()


@contextlib.contextmanager
def starting(screen: Screen) -> Iterator[Report]:
    """Show the current step, on one line in a terminal, else each on its own."""
    with screen.err.status("starting") as status:

        def report(step: str, *, detail: bool = False) -> None:
            if screen.err.is_terminal and not screen.quiet:
                status.update(f"{step} …")
            elif not (detail or screen.quiet):
                screen.err.print(step)

        if screen.quiet:
            status.stop()
        yield report


# What to do first where people sign in.
NEXT_STEPS = {
    AccessMode.COGNITO: "tintype users add YOU@example.com --admin",
    AccessMode.OIDC: "tintype login",
}


def print_addresses(screen: Screen, cloud: LocalCloud) -> None:
    """Print the addresses, and an example to get started."""
    url = cloud.public_url
    rows = (
        ("Page", url),
        ("API", cloud.outputs.get(Output.API_URL, "")),
        ("GraphQL", cloud.outputs.get(Output.GRAPHQL_URL, "")),
        ("AWS endpoint", f"{cloud.endpoint} (keys in {cloud.state.folder / ADDRESS_FILE})"),
    )
    for name, address in rows:
        screen.out.print(Text.assemble((f"{name:<13}", "bold"), address), soft_wrap=True)
    if not screen.quiet:
        example = (
            f"curl --data-binary @photo.jpg -H 'Content-Type: image/jpeg' '{url}/api/images?filename=photo.jpg'"
            if cloud.outputs.get(Output.ACCESS_MODE, AccessMode.OPEN) == AccessMode.OPEN
            else NEXT_STEPS[AccessMode(cloud.outputs[Output.ACCESS_MODE])]
        )
        screen.out.print(f"\n  {example}\n", soft_wrap=True)
        screen.out.print("Press Ctrl-C to stop; uploaded images are kept.", style="dim")


def follow(out: Console, cloud: LocalCloud, lines: Lines, *, quiet: bool) -> None:
    """Print what the functions log, until interrupted.

    Raises:
        NotStartedError: the emulator stopped unexpectedly.
    """
    names = short_names(cloud.outputs)
    while True:
        try:
            function, line = lines.get(timeout=POLL_SECONDS)
        except queue.Empty:
            cloud.check_running()
            continue
        said = read_line(names.get(function, function), line, datetime.now())  # noqa: DTZ005 - local time
        if not quiet or said.level != "INFO":
            out.print(Text(str(said), STYLES.get(said.level, "")), soft_wrap=True)
