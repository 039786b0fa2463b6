"""`tintype presets`: list presets and limits, or write a starter `tintype.toml`."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from tintype.cli.errors import ConfigExistsError, OutputUnwritableError
from tintype.cli.options import USAGE, ConfigPath, Json, reported_errors
from tintype.cli.output.console import Screen, open_screen
from tintype.cli.output.json import Document, plain, print_document
from tintype.cli.output.tables import plain_table
from tintype.cli.output.text import amount, duration, format_of, name_of, operations_of, size_of
from tintype.config import FILE_NAME, Config, load, shipped
from tintype.imaging import Limits


def presets(
    config: ConfigPath = None,
    *,
    init: Annotated[
        bool,
        typer.Option("--init", help="Write a starter tintype.toml with every setting explained."),
    ] = False,
    json: Json = False,
) -> None:
    """List the presets and limits, or write a starter tintype.toml.

    Reads --config, else tintype.toml in this folder, else the built-in settings.

    Examples:
      tintype presets
      tintype presets --init
      tintype presets --config site/tintype.toml --json
    """
    screen = open_screen()
    with reported_errors(screen, json=json, code=USAGE):
        if init:
            written = write_starter(config or Path(FILE_NAME))
            screen.err.print(f"Wrote {name_of(written)}; it explains every setting.")
            return
        settings = load(config)
    if json:
        print_document(presets_document(settings))
    else:
        show(settings, screen)


def write_starter(path: Path) -> Path:
    """Write the shipped `tintype.toml` to *path*.

    Raises:
        ConfigExistsError: the file exists.
        OutputUnwritableError: the folder is missing or not writable.
    """
    try:
        with path.open("xb") as file:
            file.write(shipped().read_bytes())
    except FileExistsError as error:
        message = f"{path} already exists"
        raise ConfigExistsError(message) from error
    except OSError as error:
        message = f"{path}: {error.strerror or error}"
        raise OutputUnwritableError(message) from error
    return path


def presets_document(settings: Config) -> dict[str, Document]:
    """Return what `tintype presets --json` prints: settings under their names in `tintype.toml`."""
    return {
        "config": plain(settings.path),
        "limits": settings_document(settings.limits),
        "presets": [settings_document(preset) for preset in settings.presets],
    }


def settings_document(value: object) -> Document:
    """Return settings as JSON; a watermark's files are given by size."""
    if is_dataclass(value):
        return {
            field.name: settings_document(getattr(value, field.name)) for field in fields(value)
        }
    if isinstance(value, tuple):
        return [settings_document(item) for item in value]
    return amount(len(value)) if isinstance(value, bytes) else plain(value)


def show(settings: Config, screen: Screen) -> None:
    """Print the presets as a table, and the limits as a sentence."""
    table = plain_table("Preset", "Size", "Formats", "Besides")
    for preset in settings.presets:
        separator = " or " if preset.auto else ", "
        formats = separator.join(format_of(encoding) for encoding in preset.formats)
        table.add_row(Text(preset.name, "bold"), size_of(preset), formats, operations_of(preset))
    screen.out.print(table)
    screen.out.print()
    screen.out.print(f"Originals: {limits_in_words(settings.limits)}.")
    screen.out.print(f"From {name_of(settings.path)}", style="dim")


def limits_in_words(limits: Limits) -> str:
    """Return the limits as a list.

    >>> limits_in_words(Limits())
    'up to 50 MB, 100 megapixels, 30,000 pixels a side and 30 s of work; of an animation, the first 1,000 frames'
    """
    return (
        f"up to {amount(limits.max_bytes)}, {limits.max_pixels / 1e6:g} megapixels, "
        f"{limits.max_side:,} pixels a side and {duration(limits.timeout_seconds)} of work; "
        f"of an animation, the first {limits.max_frames:,} frames"
    )
