"""`tintype presets`: what would be rendered, or a `tintype.toml` to begin with."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from tintype.cli.documents import Document, plain, printed
from tintype.cli.errors import ConfigExistsError, OutputUnwritableError
from tintype.cli.options import ConfigPath, Json, usage_errors
from tintype.cli.screen import Screen, open_screen
from tintype.cli.tables import plain_table
from tintype.cli.words import amount, duration, format_of, name_of, operations_of, size_of
from tintype.config import FILE_NAME, Config, load, shipped
from tintype.imaging import Limits


def presets(
    config: ConfigPath = None,
    *,
    init: Annotated[
        bool,
        typer.Option(
            "--init", help="Write a tintype.toml with all settings explained, to begin with."
        ),
    ] = False,
    json: Json = False,
) -> None:
    """List the presets and the limits, or write a tintype.toml to begin with.

    They come from --config, else from tintype.toml in this folder, else they are
    the defaults.

    Examples:
      tintype presets
      tintype presets --init
      tintype presets --config site/tintype.toml --json
    """
    screen = open_screen()
    with usage_errors(screen, json=json):
        if init:
            written = write_starter(config or Path(FILE_NAME))
            screen.err.print(f"{name_of(written)} is written; every setting is explained in it.")
            return
        settings = load(config)
    if json:
        typer.echo(printed(presets_document(settings)))
    else:
        show(settings, screen)


def write_starter(path: Path) -> Path:
    """Write the shipped `tintype.toml` to *path*.

    Raises:
        ConfigExistsError: there is one already.
        OutputUnwritableError: the folder is missing or forbidden.
    """
    try:
        with path.open("xb") as file:
            file.write(shipped().read_bytes())
    except FileExistsError as error:
        message = f"{path} is there already"
        raise ConfigExistsError(message) from error
    except OSError as error:
        message = f"{path}: {error.strerror or error}"
        raise OutputUnwritableError(message) from error
    return path


def presets_document(settings: Config) -> Document:
    """Return what `tintype presets --json` prints: settings under their names in `tintype.toml`."""
    return {
        "config": plain(settings.path),
        "limits": settings_document(settings.limits),
        "presets": [settings_document(preset) for preset in settings.presets],
    }


def settings_document(value: object) -> Document:
    """Return settings as JSON has them; of a watermark's files, only how large they are."""
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
    'up to 50 MB, 100 megapixels, 30,000 pixels a side, 200 frames and 30 s of work'
    """
    return (
        f"up to {amount(limits.max_bytes)}, {limits.max_pixels / 1e6:g} megapixels, "
        f"{limits.max_side:,} pixels a side, {limits.max_frames:,} frames "
        f"and {duration(limits.timeout_seconds)} of work"
    )
