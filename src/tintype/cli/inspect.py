"""`tintype inspect`: everything that an original tells about itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import typer
from PIL import Image
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from tintype.cli.batch import Outcome, failed
from tintype.cli.documents import inspect_document, printed
from tintype.cli.files import collect, read_original
from tintype.cli.options import FAILED, USAGE, ConfigPath, Files, Json, usage_errors
from tintype.cli.screen import open_screen, say_failures
from tintype.cli.words import amount, count, name_of
from tintype.config import load
from tintype.imaging import (
    Camera,
    Description,
    Encoding,
    Format,
    Limits,
    Preset,
    Rendition,
    render_all,
)

# The picture in a terminal: one character is one pixel wide and two high.
PREVIEW = Preset(
    name="preview", width=24, height=24, formats=(Encoding(format=Format.PNG),), animate=False
)
KEPT_ON_REQUEST = {"artist name", "copyright"}
MANY_COLOURS = {"256", "truecolor"}  # terminals that can show a photograph
OPAQUE_ENOUGH = MIDDLE = 128  # of 255

# EXIF 2.32, table 6: what was done to the picture before it was stored.
ORIENTATIONS = {
    1: "upright",
    2: "mirrored left to right",
    3: "turned by 180°",
    4: "mirrored top to bottom",
    5: "mirrored, and turned by 90° anticlockwise",
    6: "turned by 90° anticlockwise",
    7: "mirrored, and turned by 90° clockwise",
    8: "turned by 90° clockwise",
}


def inspect(files: Files, config: ConfigPath = None, *, json: Json = False) -> None:
    """Show what an original is, and what it would tell about its owner.

    Format, size, camera, colours, fingerprints, and the private metadata in it.

    Exit codes: 0 all is well, 1 some failed, 2 not begun.

    Examples:
      tintype inspect beach.jpg
      tintype inspect photos --json | jq '.originals[].description.sha256'
    """
    screen = open_screen()
    with usage_errors(screen, json=json):
        limits = load(config).limits
        found = collect(files)
    outcomes = [failed(path, error) for path, error in found.failures.items()]
    for original in found.originals.values():
        outcome, preview = _described(original.path, limits)
        outcomes.append(outcome)
        if outcome.description and not json:
            shown = [preview] if preview and screen.out.color_system in MANY_COLOURS else []
            screen.out.print(panel(original.path, outcome.description, *shown))
    if json:
        typer.echo(printed(inspect_document(outcomes)))
    else:
        say_failures(screen, outcomes)
    if not found.originals and found.failures:
        raise typer.Exit(USAGE)
    if any(outcome.failure for outcome in outcomes):
        raise typer.Exit(FAILED)


def _described(path: Path, limits: Limits) -> tuple[Outcome, Rendition | None]:
    try:
        data = read_original(path, max_bytes=limits.max_bytes)
        rendered = render_all(data, [PREVIEW], limits)
    except Exception as error:  # noqa: BLE001 - the next file may be fine
        return failed(path, error), None
    return Outcome(path, len(data), rendered.description), rendered.renditions[0]


def panel(path: Path, about: Description, *previews: Rendition) -> Panel:
    """Return a description as a panel: the picture in a few blocks, and the facts beside it."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in _facts(about):
        facts.add_row(name, value)
    columns: list[RenderableType] = [picture_in_blocks(preview) for preview in previews]
    both = Table.grid(padding=(0, 3))
    both.add_row(*columns, Group(facts, Text(), privacy(about)))
    return Panel(both, title=Text(name_of(path), "bold"), title_align="left", expand=False)


def privacy(about: Description) -> Text:
    """Return what the original would have told about its owner."""
    if not about.removed:
        return Text("✓ Nothing private found in it.", "green")
    text = Text("Private, and removed from every rendition:", "bold yellow")
    for name in about.removed:
        text.append(f"\n  • {name}", "not bold")
        if name in KEPT_ON_REQUEST:
            text.append(" (unless a preset has keep_copyright)", "not bold dim")
    return text


def picture_in_blocks(preview: Rendition) -> Text:
    """Return a small PNG as half blocks, two pixels to a character."""
    with Image.open(BytesIO(preview.data)) as png:
        rgba = png.convert("RGBA")
    text = Text(no_wrap=True)
    for y in range(0, rgba.height, 2):
        for x in range(rgba.width):
            upper = _colour(rgba, x, y)
            lower = _colour(rgba, x, y + 1)
            text.append(*_block(upper, lower))
        text.append("\n")
    return text


def _colour(rgba: Image.Image, x: int, y: int) -> str | None:
    """Return the pixel's colour, or None where it is transparent or below the picture."""
    pixel = rgba.getpixel((x, y)) if y < rgba.height else (0, 0, 0, 0)
    red, green, blue, alpha = pixel if isinstance(pixel, tuple) else (0, 0, 0, 0)
    return f"#{red:02x}{green:02x}{blue:02x}" if alpha >= OPAQUE_ENOUGH else None


def _block(upper: str | None, lower: str | None) -> tuple[str, str]:
    """Return the character and the style that show two pixels, one above the other."""
    if upper:
        return "▀", f"{upper} on {lower}" if lower else upper
    return ("▄", lower) if lower else (" ", "")


def _facts(about: Description) -> Iterator[tuple[str, str | Text]]:
    """Yield what is known, line by line."""
    megapixels = about.width * about.height / 1e6
    yield "Format", f"{about.format.upper()} ({about.content_type}), {amount(about.bytes)}"
    yield "Size", f"{about.width} × {about.height} pixels, {megapixels:.3g} megapixels"
    if about.frames > 1:
        yield "Frames", count(about.frames, "frame")
    alpha = "with" if about.has_alpha else "without"
    yield "Colours", f"{about.colour_space}, {about.bits} bits a channel, {alpha} transparency"
    yield "Stored", f"{ORIENTATIONS[about.orientation]} (EXIF orientation {about.orientation})"
    yield from _camera_facts(about.camera or Camera())
    yield from ((name, text) for name, text in _rights(about) if text)
    yield "SHA-256", about.sha256
    yield "dHash", f"{about.perceptual_hash} (a perceptual hash)"
    yield "ThumbHash", about.placeholder
    yield "Palette", swatches(about.palette)


def _camera_facts(camera: Camera) -> Iterator[tuple[str, str]]:
    if camera.model or camera.make:
        yield "Camera", " ".join(part for part in (camera.make, camera.model) if part)
    if camera.lens:
        yield "Lens", camera.lens
    exposure = (
        f"{camera.exposure_seconds} s" if camera.exposure_seconds else "",
        f"f/{camera.aperture:g}" if camera.aperture else "",
        f"ISO {camera.iso}" if camera.iso else "",
        f"{camera.focal_length_mm:g} mm" if camera.focal_length_mm else "",
    )
    if any(exposure):
        yield "Exposure", ", ".join(part for part in exposure if part)
    if camera.taken_at:
        yield "Taken", camera.taken_at.replace("T", " ")


def _rights(about: Description) -> Iterator[tuple[str, str | None]]:
    yield "Artist", about.artist
    yield "Copyright", about.copyright


def swatches(colours: Sequence[str]) -> Text:
    """Return colours as patches with their values on them; the dominant one is the first."""
    text = Text()
    for colour in colours:
        red, green, blue = bytes.fromhex(colour.removeprefix("#"))
        ink = "black" if 0.299 * red + 0.587 * green + 0.114 * blue > MIDDLE else "white"
        text.append(f" {colour} ", f"{ink} on {colour}").append(" ")
    return text
