"""The two streams, and printing errors.

Results go to standard output; progress, failures and remarks to standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, get_args

from rich.console import Console
from rich.text import Text

from tintype.aws.errors import ServiceError
from tintype.cli.errors import CliError
from tintype.cli.files.batch import FileOutcome
from tintype.cli.output.text import count, lines_of, name_of
from tintype.client.errors import ClientError
from tintype.config import ConfigError
from tintype.deployment.errors import DeployError
from tintype.local.errors import LocalCloudError
from tintype.maintenance.errors import MaintenanceError

WIDTH_WITHOUT_TERMINAL = 120
# The errors of all layers, each with a stable code; others are bugs.
ReportedError: TypeAlias = (
    CliError
    | ClientError
    | ConfigError
    | DeployError
    | LocalCloudError
    | MaintenanceError
    | ServiceError
)
REPORTED: tuple[type[ReportedError], ...] = get_args(ReportedError)


@dataclass(frozen=True, slots=True)
class Screen:
    """The two streams; with *quiet*, only failures are printed."""

    out: Console
    err: Console
    quiet: bool = False

    def remark(self, text: str) -> None:
        """Print a remark to standard error, unless it is quiet."""
        if not self.quiet:
            self.err.print(text, style="dim")


def open_screen(*, quiet: bool = False) -> Screen:
    """Return the screen of this process."""
    return Screen(_console(stderr=False), _console(stderr=True), quiet)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else WIDTH_WITHOUT_TERMINAL
    return Console(
        stderr=stderr,
        width=width,
        color_system=None if os.environ.get("NO_COLOR") else "auto",  # bold and dim go as well
        highlight=False,
        markup=False,
        emoji=False,
    )


def print_failures(screen: Screen, outcomes: Iterable[FileOutcome]) -> None:
    """List the failures, each with its code and reason."""
    for outcome in sorted(outcomes, key=lambda outcome: outcome.file):
        if outcome.failure:
            failure = outcome.failure
            screen.err.print(failure_line(failure.code, failure.message, name_of(outcome.file)))


def print_error(screen: Screen, error: ReportedError) -> None:
    """Print why the command ended."""
    mistakes = error.mistakes if isinstance(error, ConfigError) else ()
    summary = count(len(mistakes), "mistake") if len(mistakes) > 1 else str(error)
    screen.err.print(failure_line(error.code, summary), soft_wrap=True)
    if len(mistakes) > 1:
        screen.err.print(lines_of(str(error)), soft_wrap=True)


def failure_line(code: str, message: str, name: str = "") -> Text:
    """Return the line for a failure, of what has this *name* if there were several."""
    named = (f"{name}: ", "bold") if name else ""
    return Text.assemble(("✗ ", "bold red"), named, (f"{code}: ", "red"), lines_of(message))


def print_errors(screen: Screen, errors: Mapping[str, ReportedError]) -> None:
    """List the errors of some images, by ID."""
    for image_id, error in errors.items():
        screen.err.print(failure_line(error.code, str(error), name_of(image_id)))
