"""`tintype render`: render originals into folders of renditions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from tintype.cli.errors import (
    DetectorMissingError,
    NothingToRenderError,
    OutputUnwritableError,
    UnknownPresetError,
)
from tintype.cli.files.batch import FileOutcome, RenderOptions, failed, render_batch
from tintype.cli.files.find import Collection, collect
from tintype.cli.options import FAILED, INTERRUPTED, USAGE, ConfigPath, Files, Json, reported_errors
from tintype.cli.output.console import Screen, open_screen, print_failures
from tintype.cli.output.json import print_document, render_document
from tintype.cli.output.progress import WorkBar
from tintype.cli.output.tables import batch_table, sum_line
from tintype.cli.output.text import count, saving
from tintype.config import load
from tintype.imaging import Preset
from tintype.imaging.faces import INSTALL, model_file, needs_faces


@dataclass(frozen=True, slots=True)
class Batch:
    """The result of a batch: an outcome for each finished original, in any order."""

    outcomes: tuple[FileOutcome, ...]
    total: int
    seconds: float

    @property
    def interrupted(self) -> bool:
        """Whether it was stopped early."""
        return len(self.outcomes) < self.total


def render(
    files: Files,
    preset: Annotated[
        list[str] | None,
        typer.Option(
            "--preset", "-p", help="Render only this preset. Repeatable.", show_default=False
        ),
    ] = None,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Folder for the renditions.", file_okay=False),
    ] = Path("renditions"),
    config: ConfigPath = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            help="Originals at once. Default: one per core. Fewer need less memory.",
            show_default=False,
        ),
    ] = None,
    *,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite",
            help="Replace existing files, but never an original.",
        ),
    ] = False,
    json: Json = False,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="Print only failures."),
    ] = False,
) -> None:
    """Render every preset of every original.

    Each original gets a folder: photos/beach.jpg becomes renditions/beach/*.
    Originals are never changed. A failure does not stop the rest.

    Exit codes: 0 success, 1 some files failed, 2 nothing was started,
    130 stopped by Ctrl-C.

    Examples:
      tintype render photos
      tintype render beach.jpg sky.heic -o out
      tintype render 'photos/**/*.jpg' -p thumb -p display
      tintype render photos --json | jq '.originals[].failure'
    """
    screen = open_screen(quiet=quiet or json)
    with reported_errors(screen, json=json, code=USAGE):
        settings = load(config)
        presets = chosen_presets(settings.presets, preset or [])
        check_detector(presets)
        found = collect(files, output=output, svg=settings.limits.svg)
        if not found.originals and not found.failures:
            message = f"no images among {count(len(found.passed_over), 'file')}"
            if any(path.suffix.lower() == ".svg" for path in found.passed_over):
                message += "; SVG is taken with `svg = true` under [limits]"
            raise NothingToRenderError(message)
        options = RenderOptions(presets, settings.limits, output, jobs or cores(), overwrite)
        if found.originals:
            _make(output)
    batch = run_batch(found, options, screen)
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
    """Return the presets with these names, or all if there are no names.

    Raises:
        UnknownPresetError: a name is not a preset's.
    """
    known = {preset.name: preset for preset in presets}
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f'did you mean "{close[0]}"?' if close else f"known presets: {', '.join(known)}"
            message = f'there is no preset "{name}"; {hint}'
            raise UnknownPresetError(message)
    return tuple(preset for preset in presets if not names or preset.name in names)


def check_detector(presets: Sequence[Preset]) -> None:
    """Check that faces can be found here if a preset keeps or hides them.

    Raises:
        DetectorMissingError: they cannot.
    """
    named = next((preset.name for preset in presets if needs_faces(preset)), None)
    if named is not None and model_file() is None:
        message = f'preset "{named}" looks for faces, which needs a detector; run: {INSTALL}'
        raise DetectorMissingError(message)


def run_batch(found: Collection, options: RenderOptions, screen: Screen) -> Batch:
    """Render a collection; Ctrl-C ends it early and keeps what is finished."""
    start = perf_counter()
    outcomes = [failed(path, error) for path, error in found.failures.items()]
    total = len(outcomes) + len(found.originals)
    before = after = 0
    with WorkBar(screen, "Rendering", total) as bar:
        for _ in outcomes:
            bar.advance()
        try:
            for outcome in render_batch(list(found.originals.values()), options):
                outcomes.append(outcome)
                if not outcome.failure:
                    before += outcome.bytes
                    after += sum(rendition.bytes for rendition in outcome.renditions)
                bar.advance(saving(before, after))
        except KeyboardInterrupt:
            pass  # see `Batch.interrupted`
    return Batch(tuple(outcomes), total, perf_counter() - start)


def report(batch: Batch, found: Collection, output: Path, screen: Screen) -> None:
    """Print the results of a batch."""
    if not screen.quiet and batch.outcomes:
        screen.out.print(batch_table(batch.outcomes))
        screen.out.print()
    print_failures(screen, batch.outcomes)
    if batch.interrupted:
        rest = batch.total - len(batch.outcomes)
        screen.err.print(f"Stopped: {rest} of {batch.total} not rendered.", style="bold yellow")
    if screen.quiet:
        return
    if found.passed_over:
        others = count(len(found.passed_over), "other file")
        screen.err.print(f"Skipped {others}: not an image by name", style="dim")
    screen.out.print(sum_line(batch.outcomes, output, batch.seconds))


def _print_document(batch: Batch, found: Collection, output: Path) -> None:
    document = render_document(
        sorted(batch.outcomes, key=lambda outcome: outcome.file),
        output=output,
        passed_over=len(found.passed_over),
        interrupted=batch.interrupted,
        seconds=batch.seconds,
    )
    print_document(document)


def _make(output: Path) -> None:
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{output}: {error.strerror or error}"
        raise OutputUnwritableError(message) from error


def cores() -> int:
    """Return the number of cores this process may use; in a container, fewer than exist."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows
        return os.cpu_count() or 1
