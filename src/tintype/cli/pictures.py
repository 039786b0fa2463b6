"""Images as the stack knows them, in words and tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from rich.table import Table
from rich.text import Text

from tintype.cli.documents import Document
from tintype.cli.errors import NotTheApiError
from tintype.cli.listings import Column
from tintype.cli.screen import Screen
from tintype.cli.words import amount
from tintype.images import Image, Rendition, Status, document, from_document

WIDE = 2000  # columns; what is wider than a terminal is wrapped by it, so that addresses stay whole

RENDITION_VALUES = 6  # of a `rendition_record`
STYLES = {
    Status.AWAITING_UPLOAD: "yellow",
    Status.PROCESSING: "yellow",
    Status.READY: "green",
    Status.FAILED: "red",
    Status.DELETED: "dim",
}
SIGNS = {Status.READY: "✓", Status.FAILED: "✗"}


def as_image(document: Mapping[str, object]) -> Image:
    """Read an image of the API.

    Raises:
        NotTheApiError: it is none.
    """
    try:
        return from_document(document)
    except msgspec.ValidationError as error:
        message = f"what came is no image: {error}"
        raise NotTheApiError(message) from error


def status_text(status: Status) -> Text:
    """Return a status as people read it."""
    words = status.lower().replace("_", " ")
    return Text(" ".join(filter(None, (SIGNS.get(status), words))), STYLES[status])


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
    """Return a rendition as programs get it: preset, format, width, height, bytes and address."""
    address = rendition.url or rendition.key
    size = rendition.width, rendition.height, rendition.bytes
    return rendition.preset, rendition.format, *size, address


def local_time(moment: str) -> str:
    """Return a record's time as it is on this machine's clock, to the second."""
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return found.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def document_of(image: Image) -> Document:
    """Return an image as JSON has it."""
    found: dict[str, Document] = {**document(image)}
    return found


def print_wide(screen: Screen, table: Table) -> None:
    """Print a table as wide as it is, so that an address or an id can be copied."""
    width, screen.out.width = screen.out.width, WIDE
    screen.out.print(table, crop=False)
    screen.out.width = width
