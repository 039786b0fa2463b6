"""`tintype render`: originals in, folders of renditions out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from tintype.cli.batch import Order, Outcome, failed, render_batch
from tintype.cli.documents import printed, render_document
from tintype.cli.errors import NothingToRenderError, OutputUnwritableError, UnknownPresetError
from tintype.cli.files import Collection, collect
from tintype.cli.options import FAILED, INTERRUPTED, USAGE, ConfigPath, Files, Json, usage_errors
from tintype.cli.screen import RenderProgress, Screen, open_screen, say_failures
from tintype.cli.tables import batch_table, sum_line
from tintype.cli.words import count
from tintype.config import load
from tintype.imaging import Preset


@dataclass(frozen=True, slots=True)
class Batch:
    """How a whole batch ended: an outcome for each original that was finished, in any order."""

    outcomes: tuple[Outcome, ...]
    total: int
    seconds: float

    @property
    def interrupted(self) -> bool:
        """Whether it was stopped before its end."""
        return len(self.outcomes) < self.total


def render(
    files: Files,
    preset: Annotated[
        list[str] | None,
        typer.Option(
            "--preset", "-p", help="Only this preset; may be repeated.", show_default=False
        ),
    ] = None,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="The folder for the renditions.", file_okay=False),
    ] = Path("renditions"),
    config: ConfigPath = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            help="Originals at once; else one for each core. Fewer need less memory.",
            show_default=False,
        ),
    ] = None,
    *,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite",
            help="Replace files that stand where renditions go; never an original.",
        ),
    ] = False,
    json: Json = False,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="Say nothing but what failed."),
    ] = False,
) -> None:
    """Render every preset of every original.

    Every original gets a folder: photos/beach.jpg becomes renditions/beach/*.
    Originals are never changed. A failure does not stop the rest.

    Exit codes: 0 all is well, 1 some failed, 2 not begun, 130 stopped by Ctrl-C.

    Examples:
      tintype render photos
      tintype render beach.jpg sky.heic -o out
      tintype render 'photos/**/*.jpg' -p thumb -p display
      tintype render photos --json | jq '.originals[].failure'
    """
    screen = open_screen(quiet=quiet or json)
    with usage_errors(screen, json=json):
        settings = load(config)
        presets = chosen_presets(settings.presets, preset or [])
        found = collect(files, output=output)
        if not found.originals and not found.failures:
            message = f"no image among {count(len(found.passed_over), 'file')}"
            raise NothingToRenderError(message)
        order = Order(presets, settings.limits, output, jobs or cores(), overwrite)
        if found.originals:
            _make(output)
    batch = run_batch(found, order, screen)
    if json:
        _print_document(batch, found, output)
    else:
        report(batch, found, output, screen)
    if batch.interrupted:
        raise typer.Exit(INTERRUPTED)
    if not found.originals:
        raise typer.Exit(USAGE)
    if any(outcome.failure for outcome in batch.outcomes):
        raise typer.Exit(FAILED)


def chosen_presets(presets: Sequence[Preset], names: Sequence[str]) -> tuple[Preset, ...]:
    """Return the presets with these names, all if there is none.

    Raises:
        UnknownPresetError: the first name that no preset has.
    """
    known = {preset.name: preset for preset in presets}
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f'did you mean "{close[0]}"?' if close else f"known are {', '.join(known)}"
            message = f'there is no preset "{name}"; {hint}'
            raise UnknownPresetError(message)
    return tuple(preset for preset in presets if not names or preset.name in names)


def run_batch(found: Collection, order: Order, screen: Screen) -> Batch:
    """Render a collection; Ctrl-C ends it early and keeps what is finished."""
    start = perf_counter()
    outcomes = [failed(path, error) for path, error in found.failures.items()]
    total = len(outcomes) + len(found.originals)
    with RenderProgress(screen, total) as progress:
        for outcome in outcomes:
            progress.add(outcome)
        try:
            for outcome in render_batch(list(found.originals.values()), order):
                outcomes.append(outcome)
                progress.add(outcome)
        except KeyboardInterrupt:
            pass  # `Batch.interrupted` tells
    return Batch(tuple(outcomes), total, perf_counter() - start)


def report(batch: Batch, found: Collection, output: Path, screen: Screen) -> None:
    """Say how a batch ended."""
    if not screen.quiet and batch.outcomes:
        screen.out.print(batch_table(batch.outcomes))
        screen.out.print()
    say_failures(screen, batch.outcomes)
    if batch.interrupted:
        rest = batch.total - len(batch.outcomes)
        screen.err.print(f"Stopped: {rest} of {batch.total} not rendered.", style="bold yellow")
    if screen.quiet:
        return
    if found.passed_over:
        others = count(len(found.passed_over), "other file")
        screen.err.print(f"{others} in the folders passed over: not an image by name", style="dim")
    screen.out.print(sum_line(batch.outcomes, output, batch.seconds))


def _print_document(batch: Batch, found: Collection, output: Path) -> None:
    document = render_document(
        sorted(batch.outcomes, key=lambda outcome: outcome.file),
        output=output,
        passed_over=len(found.passed_over),
        interrupted=batch.interrupted,
        seconds=batch.seconds,
    )
    typer.echo(printed(document))


def _make(output: Path) -> None:
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{output}: {error.strerror or error}"
        raise OutputUnwritableError(message) from error


def cores() -> int:
    """Return how many cores this process may use, which in a container are fewer than there are."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows
        return os.cpu_count() or 1
