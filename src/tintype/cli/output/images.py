"""Print a stack's images as text and tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import assert_never

from rich.table import Table
from rich.text import Text

from tintype.cli.output.console import Screen
from tintype.cli.output.listings import Column
from tintype.cli.output.text import amount, name_of
from tintype.images import Camera, Rendition, Status
from tintype.imaging import CameraMetadata

WIDE = 2000  # columns; the terminal wraps longer lines, so that addresses stay whole

RENDITION_VALUES = 6  # of a `rendition_record`


def status_text(status: Status) -> Text:
    """Return a status as readable text."""
    words = status.lower().replace("_", " ")
    match status:
        case Status.AWAITING_UPLOAD | Status.PROCESSING:
            return Text(words, "yellow")
        case Status.READY:
            return Text(f"✓ {words}", "green")
        case Status.FAILED:
            return Text(f"✗ {words}", "red")
        case Status.DELETED:
            return Text(words, "dim")
        case _:
            assert_never(status)


def rendition_columns() -> tuple[Column, ...]:
    """Return the columns for `rendition_cells`."""
    return (
        Column("Rendition"),
        Column("Pixels", drop=2),
        Column("Size", right=True, drop=1),
        Column("Address", whole=True),
    )


def rendition_cells(rendition: Rendition) -> list[str | Text]:
    """Return a rendition as a row."""
    return [
        f"{rendition.preset} {rendition.format}",
        f"{rendition.width} × {rendition.height}",
        amount(rendition.bytes),
        rendition.url or rendition.key,
    ]


def rendition_record(rendition: Rendition) -> tuple[str | int, ...]:
    """Return a rendition's record for programs: preset, format, width, height, bytes and address."""
    address = rendition.url or rendition.key
    size = rendition.width, rendition.height, rendition.bytes
    return rendition.preset, rendition.format, *size, address


def local_time(moment: str) -> str:
    """Return a record's time in local time, to the second."""
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return found.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def print_wide(screen: Screen, table: Table) -> None:
    """Print a table at its full width, so that addresses and IDs can be copied."""
    width, screen.out.width = screen.out.width, WIDE
    screen.out.print(table, crop=False)
    screen.out.width = width


def facts_table(facts: Iterable[tuple[str, str | Text]]) -> Table:
    """Return facts line by line, each with its name before it."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts:
        table.add_row(name, value)
    return table


def hdr_text(hdr: str | None) -> str:
    """Return how high dynamic range is stored, to follow the name of the colour space."""
    return f", HDR ({_HDR_NAMES.get(hdr, hdr)})" if hdr else ""


_HDR_NAMES = {"pq": "PQ", "hlg": "HLG", "gain_map": "gain map"}


def camera_facts(camera: Camera | CameraMetadata) -> Iterator[tuple[str, str]]:
    """Yield what is known of the camera and its settings."""
    if camera.make or camera.model:
        yield "Camera", name_of(" ".join(filter(None, (camera.make, camera.model))))
    if camera.lens:
        yield "Lens", name_of(camera.lens)
    exposure = (
        f"{camera.exposure_seconds} s" if camera.exposure_seconds else "",
        f"f/{camera.aperture:g}" if camera.aperture else "",
        f"ISO {camera.iso}" if camera.iso else "",
        f"{camera.focal_length_mm:g} mm" if camera.focal_length_mm else "",
    )
    if any(exposure):
        yield "Exposure", ", ".join(filter(None, exposure))
    if camera.taken_at:
        yield "Taken", camera.taken_at.replace("T", " ")
