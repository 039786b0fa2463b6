"""`tintype show`: everything that a stack knows of one image."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tintype.cli.documents import printed
from tintype.cli.listings import Listing
from tintype.cli.options import Json
from tintype.cli.pictures import (
    as_image,
    local_time,
    rendition_cells,
    rendition_columns,
    rendition_record,
    status_text,
)
from tintype.cli.remote import (
    Endpoint,
    ImageId,
    Profile,
    Region,
    StackName,
    finding_errors,
    remarks,
    remote_errors,
)
from tintype.cli.screen import Screen, open_screen
from tintype.cli.stacks import find
from tintype.cli.words import amount, count, duration, lines_of, name_of
from tintype.images import Camera, Image, Source, Status, Timings

SOURCES = {
    Source.UPLOAD: "uploaded with a ticket",
    Source.API: "sent to the API",
    Source.BUCKET: "put into the bucket",
}
# What to do about the failures that the same original may outlive; all others are final.
_RETRY = "It may succeed if it is tried again: tintype reprocess {id}"
_FINAL = "The same original fails the same way again; docs/errors.md says what to do about {code}."


def show(
    image_id: ImageId,
    *,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    endpoint: Endpoint = None,
    json: Json = False,
) -> None:
    """Show everything about one image.

    Its original, its renditions with their addresses, how long each stage
    took, and, if it failed, why and what to do.

    Into a pipe, a rendition is preset, format, width, height, bytes and address,
    separated by tabs.

    Examples:
      tintype show 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B
      tintype show 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B --json | jq '.image.renditions'
    """
    screen = open_screen(quiet=json)
    with finding_errors(screen, json=json):
        place = find(stack, profile=profile, region=region, endpoint=endpoint, say=remarks(screen))
    with remote_errors(screen, json=json), place.api() as api:
        document = api.image_document(image_id)
        if not json:
            image = as_image(document)
            show_image(image, screen, api.original_link(image.id))
            return
    typer.echo(printed({"tintype": version("tintype"), "image": document}))


def show_image(image: Image, screen: Screen, original: str | None) -> None:
    """Print an image: its facts, its failure, its renditions, and the link to its original."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in _facts(image):
        facts.add_row(name, value)
    parts: list[RenderableType] = [Text(name_of(image.filename), "bold"), facts]
    if image.failure:
        parts += ["", failure_text(image)]
    screen.out.print(Group(*parts))
    if image.renditions:
        listing = Listing(*rendition_columns())
        for rendition in image.renditions:
            listing.add(*rendition_cells(rendition), record=rendition_record(rendition))
        screen.out.print()
        listing.print(screen.out)
    if original:
        screen.out.print("The original, for a few minutes:", style="dim")
        screen.out.print(original, soft_wrap=True)


def failure_text(image: Image) -> Text:
    """Return why an image failed, and what to do about it."""
    failure = image.failure
    if failure is None:
        return Text()
    advice = _RETRY if failure.retryable else _FINAL
    return Text.assemble(
        ("✗ ", "bold red"),
        (f"{failure.code}: ", "red"),
        lines_of(failure.message),
        (f"\n  {advice.format(id=image.id, code=failure.code)}", "dim"),
    )


def _facts(image: Image) -> Iterator[tuple[str, str | Text]]:
    yield "Image", f"{image.id}, version {image.version}"
    yield "Status", status_text(image.status)
    yield "Created", f"{local_time(image.created_at)}, {SOURCES[image.source]}"
    yield "Updated", local_time(image.updated_at)
    yield from _original_facts(image)
    if image.original.camera:
        yield from _camera_facts(image.original.camera)
    if image.dominant_colour:
        yield (
            "Colour",
            Text.assemble(("  ", f"on {image.dominant_colour}"), f" {image.dominant_colour}"),
        )
    if image.status in {Status.READY, Status.FAILED}:
        yield "Private", ", ".join(image.removed) or "nothing found"
    if image.timings and (stages := timings_in_words(image.timings)):
        yield "Timings", stages
    if image.revision:
        yield "Revision", f"{image.revision} (presets {image.presets_revision})"


def _original_facts(image: Image) -> Iterator[tuple[str, str]]:
    original = image.original
    if original.format and original.width and original.height:
        size = f", {amount(original.bytes)}" if original.bytes else ""
        frames = (
            f", {count(original.frames, 'frame')}"
            if original.frames and original.frames > 1
            else ""
        )
        pixels = f"{original.width} × {original.height} pixels"
        yield "Original", f"{original.format.upper()}, {pixels}{size}{frames}"
        alpha = "with" if original.has_alpha else "without"
        yield "Colours", f"{original.colour_space}, {alpha} transparency"
    if original.sha256:
        yield "SHA-256", original.sha256
    yield "Key", name_of(original.key)


def _camera_facts(camera: Camera) -> Iterator[tuple[str, str]]:
    if camera.make or camera.model:
        yield "Camera", name_of(" ".join(filter(None, (camera.make, camera.model))))
    if camera.lens:
        yield "Lens", name_of(camera.lens)
    if camera.taken_at:
        yield "Taken", camera.taken_at.replace("T", " ")


def timings_in_words(timings: Timings) -> str:
    """Return what each stage took.

    >>> timings_in_words(Timings(wait=12.0, render=210.3))
    'waited 12 ms, rendered 210 ms'
    """
    stages = {
        "waited": timings.wait,
        "read": timings.read,
        "rendered": timings.render,
        "wrote": timings.write,
    }
    return ", ".join(
        f"{stage} {duration(ms / 1000)}" for stage, ms in stages.items() if ms is not None
    )
