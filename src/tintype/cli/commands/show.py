"""`tintype show`: show everything about one image."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from tintype.cli.connection import Endpoint, ImageId, Profile, Region, StackName
from tintype.cli.options import USAGE, Json, reported_errors
from tintype.cli.output.console import Screen, open_screen
from tintype.cli.output.images import (
    camera_facts,
    facts_table,
    hdr_text,
    local_time,
    rendition_cells,
    rendition_columns,
    rendition_record,
    status_text,
)
from tintype.cli.output.json import print_document
from tintype.cli.output.listings import Listing
from tintype.cli.output.text import amount, count, duration, lines_of, name_of
from tintype.cli.stack import find
from tintype.client.responses import as_image
from tintype.images import Image, Source, Status, Timings

SOURCES = {
    Source.UPLOAD: "uploaded with a ticket",
    Source.API: "sent to the API",
    Source.BUCKET: "put into the bucket",
}
# Advice for retryable failures; all others are final.
_RETRY = "A retry may succeed: tintype reprocess {id}"
_FINAL = "A retry would fail the same way. To fix {code}, see docs/reference/errors.md."


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

    When piped, each rendition is a tab-separated line: preset, format, width,
    height, bytes and address.

    Examples:
      tintype show 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B
      tintype show 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B --json | jq '.image.renditions'
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region, endpoint=endpoint)
    with reported_errors(screen, json=json), deployed.api() as api:
        document = api.image_document(image_id)
        if not json:
            image = as_image(document)
            show_image(image, screen, api.original_link(image.id))
            return
    print_document({"image": document})


def show_image(image: Image, screen: Screen, original: str | None) -> None:
    """Print an image: its facts, its failure, its renditions, and the link to its original."""
    title = Text(name_of(image.filename), "bold")
    parts: list[RenderableType] = [title, facts_table(_facts(image))]
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
        screen.out.print("Link to the original, valid for a few minutes:", style="dim")
        screen.out.print(original, soft_wrap=True)


def failure_text(image: Image) -> Text:
    """Return why an image failed, and how to fix it."""
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
    yield "Visibility", image.visibility.value
    if image.focus:
        yield "Focus", f"{image.focus.x:.0%} from the left, {image.focus.y:.0%} from the top"
    yield from _original_facts(image)
    if image.original.camera:
        yield from camera_facts(image.original.camera)
    if image.dominant_colour:
        yield (
            "Colour",
            Text.assemble(("  ", f"on {image.dominant_colour}"), f" {image.dominant_colour}"),
        )
    if image.status in {Status.READY, Status.FAILED}:
        yield "Private", ", ".join(image.removed) or "nothing found"
    for note in image.notes:
        yield "Note", note
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
        space = f"{original.colour_space}{hdr_text(original.hdr)}"
        yield "Colours", f"{space}, {alpha} transparency"
    if original.sha256:
        yield "SHA-256", original.sha256
    yield "Key", name_of(original.key)


def timings_in_words(timings: Timings) -> str:
    """Return the duration of each stage.

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
