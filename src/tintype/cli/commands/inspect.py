"""`tintype inspect`: describe an original."""

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

from tintype.cli.files.batch import FileOutcome, failed
from tintype.cli.files.find import collect, read_original
from tintype.cli.options import FAILED, USAGE, ConfigPath, Files, Json, reported_errors
from tintype.cli.output.console import open_screen, print_failures
from tintype.cli.output.images import camera_facts, facts_table, hdr_text
from tintype.cli.output.json import inspect_document, print_document
from tintype.cli.output.text import amount, count, name_of
from tintype.config import load
from tintype.imaging import Description, Encoding, Format, Limits, Preset, RenderedFile, render_all
from tintype.imaging.attachments import CREDENTIALS
from tintype.imaging.metadata import SOURCE_TYPE

# The picture in a terminal: one character is one pixel wide and two high.
PREVIEW = Preset(
    name="preview", width=24, height=24, formats=(Encoding(format=Format.PNG),), animate=False
)
KEPT_ON_REQUEST = {
    **dict.fromkeys(("artist name", "copyright"), "keep_copyright"),
    **dict.fromkeys((SOURCE_TYPE, CREDENTIALS), "keep_ai_label"),
}
MANY_COLOURS = {"256", "truecolor"}  # terminals that can show a photograph
OPAQUE_ENOUGH = MIDDLE = 128  # of 255

# EXIF 2.32, table 6: how the stored picture is transformed.
ORIENTATIONS = {
    1: "upright",
    2: "mirrored left to right",
    3: "rotated 180°",
    4: "mirrored top to bottom",
    5: "mirrored and rotated 90° anticlockwise",
    6: "rotated 90° anticlockwise",
    7: "mirrored and rotated 90° clockwise",
    8: "rotated 90° clockwise",
}


def inspect(files: Files, config: ConfigPath = None, *, json: Json = False) -> None:
    """Describe an original, and list the private metadata in it.

    Shows its format, size, camera, colours and fingerprints.

    Exit codes: 0 success, 1 some files failed, 2 nothing was started.

    Examples:
      tintype inspect beach.jpg
      tintype inspect photos --json | jq '.originals[].description.sha256'
    """
    screen = open_screen()
    with reported_errors(screen, json=json, code=USAGE):
        limits = load(config).limits
        found = collect(files, svg=limits.svg)
    outcomes = [failed(path, error) for path, error in found.failures.items()]
    for original in found.originals.values():
        outcome, preview = _described(original.path, limits)
        outcomes.append(outcome)
        if outcome.description and not json:
            shown = [preview] if preview and screen.out.color_system in MANY_COLOURS else []
            screen.out.print(panel(original.path, outcome.description, *shown))
    if json:
        print_document(inspect_document(outcomes))
    else:
        print_failures(screen, outcomes)
    if not found.originals and found.failures:
        raise typer.Exit(USAGE)
    if any(outcome.failure for outcome in outcomes):
        raise typer.Exit(FAILED)


def _described(path: Path, limits: Limits) -> tuple[FileOutcome, RenderedFile | None]:
    try:
        data = read_original(path, max_bytes=limits.max_bytes)
        rendered = render_all(data, [PREVIEW], limits)
    except Exception as error:  # noqa: BLE001 - the next file may be fine
        return failed(path, error), None
    return FileOutcome(path, len(data), rendered.description), rendered.renditions[0]


def panel(path: Path, about: Description, *previews: RenderedFile) -> Panel:
    """Return a description as a panel: a preview in blocks, with the facts next to it."""
    facts = facts_table(_facts(about))
    columns: list[RenderableType] = [picture_in_blocks(preview) for preview in previews]
    both = Table.grid(padding=(0, 3))
    both.add_row(*columns, Group(facts, Text(), privacy(about)))
    return Panel(both, title=Text(name_of(path), "bold"), title_align="left", expand=False)


def privacy(about: Description) -> Text:
    """Return the private metadata in the original."""
    if not about.removed:
        return Text("✓ No private metadata found.", "green")
    text = Text("Private metadata, removed from every rendition:", "bold yellow")
    for name in about.removed:
        text.append(f"\n  • {name}", "not bold")
        if name in KEPT_ON_REQUEST:
            text.append(f" (unless a preset sets {KEPT_ON_REQUEST[name]})", "not bold dim")
    return text


def picture_in_blocks(preview: RenderedFile) -> Text:
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
    """Yield the facts, line by line."""
    megapixels = about.width * about.height / 1e6
    yield "Format", f"{about.format.upper()} ({about.content_type}), {amount(about.bytes)}"
    yield "Size", f"{about.width} × {about.height} pixels, {megapixels:.3g} megapixels"
    if about.frames > 1:
        yield "Frames", count(about.frames, "frame")
    alpha = "with" if about.has_alpha else "without"
    space = f"{about.colour_space}{hdr_text(about.hdr)}"
    yield "Colours", f"{space}, {about.bits} bits per channel, {alpha} transparency"
    yield "Stored", f"{ORIENTATIONS[about.orientation]} (EXIF orientation {about.orientation})"
    yield from (("Note", note) for note in about.notes)
    if about.camera:
        yield from camera_facts(about.camera)
    yield from ((name, text) for name, text in _rights(about) if text)
    yield "SHA-256", about.sha256
    yield "dHash", f"{about.perceptual_hash} (a perceptual hash)"
    yield "ThumbHash", about.placeholder
    yield "Palette", swatches(about.palette)


def _rights(about: Description) -> Iterator[tuple[str, str | None]]:
    yield "Artist", about.artist
    yield "Copyright", about.copyright


def swatches(colours: Sequence[str]) -> Text:
    """Return colours as patches with their values; the dominant one is first."""
    text = Text()
    for colour in colours:
        red, green, blue = bytes.fromhex(colour.removeprefix("#"))
        ink = "black" if 0.299 * red + 0.587 * green + 0.114 * blue > MIDDLE else "white"
        text.append(f" {colour} ", f"{ink} on {colour}").append(" ")
    return text
