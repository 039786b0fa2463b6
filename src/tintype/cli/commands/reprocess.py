"""`tintype reprocess`: render images again, after presets changed or a fault was fixed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated

import typer

from tintype.aws.errors import ServiceError
from tintype.cli.connection import DryRun, Profile, Region, StackName, Yes, confirm
from tintype.cli.errors import NothingChosenError
from tintype.cli.operating import Parts
from tintype.cli.options import FAILED, INTERRUPTED, USAGE, Json, reported_errors
from tintype.cli.output.console import Screen, open_screen, print_errors
from tintype.cli.output.json import Document, errors_document, print_document
from tintype.cli.output.listings import Column, Listing
from tintype.cli.output.progress import WorkBar
from tintype.cli.output.tables import ROWS_AT_MOST
from tintype.cli.output.text import count, name_of
from tintype.cli.stack import find
from tintype.client.errors import NotTheApiError
from tintype.maintenance.errors import MaintenanceError
from tintype.maintenance.reprocess import send_requests
from tintype.maintenance.selection import (
    SelectedImage,
    Selection,
    select_all,
    select_named,
    select_outdated,
)
from tintype.outputs import Output


@dataclass(slots=True)
class ReprocessResult:
    """The messages sent to the process queue."""

    sent: list[SelectedImage] = field(default_factory=list)
    failures: dict[str, MaintenanceError | ServiceError] = field(default_factory=dict)
    interrupted: bool = False


def reprocess(
    image_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="Image IDs.", show_default=False),
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every original in the bucket.")] = False,
    old: Annotated[
        bool,
        typer.Option(
            "--outdated",
            help="Images not rendered with the deployed presets, and all that are unfinished.",
        ),
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Render images again with the deployed presets.

    After changing presets, use --outdated. The old renditions are served until
    the new ones are ready.

    When piped, prints one tab-separated line per image, without headings: ID,
    reason and key. More than 30 are only counted; --json lists them all.

    Examples:
      tintype reprocess 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B
      tintype reprocess --outdated --dry-run
      tintype reprocess --all --yes --stack tintype
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        if [bool(image_ids), every, old].count(True) != 1:
            message = "pass image IDs, --outdated or --all: exactly one of the three"
            raise NothingChosenError(message)
        parts = Parts(find(screen, stack, profile=profile, region=region))
    reprocessed = ReprocessResult()
    with reported_errors(screen, json=json):
        selection = select(parts, image_ids or [], every=every, old=old)
        chosen = selection.images
        reprocessed.failures.update(selection.refused)
        print_left_out(selection, screen.remark)
        if chosen and not json:
            show_chosen(chosen, screen)
        if chosen and not dry_run:
            confirm(
                f"Render {count(len(chosen), 'image')} again in {parts.stack.title}?",
                yes=yes or not (every or old),
                json=json,
            )
            send(parts, chosen, reprocessed, screen)
    if json:
        print_document(reprocess_document(chosen, reprocessed, dry_run=dry_run))
    else:
        show_reprocessed(chosen, reprocessed, screen, dry_run=dry_run)
    if reprocessed.interrupted:
        raise typer.Exit(INTERRUPTED)
    if reprocessed.failures:
        raise typer.Exit(FAILED)


def select(parts: Parts, image_ids: Sequence[str], *, every: bool, old: bool) -> Selection:
    """Return the selected images.

    Raises:
        NotTheApiError: the API does not report its presets.
        ClientError, ServiceError: the API or AWS failed.
    """
    if every:
        return select_all(parts.originals)
    if old:
        deployed = deployed_presets(parts)
        return select_outdated(parts.originals, parts.renditions, parts.images, deployed=deployed)
    return select_named(parts.images, image_ids, stack=parts.stack.title)


def deployed_presets(parts: Parts) -> str:
    """Return the revision of the stack's presets, from its API.

    Raises:
        NotTheApiError: the API does not report it.
        ClientError: the API does not answer.
    """
    with parts.stack.api() as api:
        deployed = api.presets_revision()
    if deployed is None:
        message = f"{api.url} does not report its presets; deploy this version first"
        raise NotTheApiError(message)
    return deployed


def print_left_out(selection: Selection, on_remark: Callable[[str], None]) -> None:
    """Print which images were skipped, and what to do about it."""
    if selection.archived:
        archived = count(selection.archived, "archived original")
        on_remark(f"Skipped {archived}; restore those you need in S3 first")
    if selection.without_record:
        unrecorded = count(selection.without_record, "image")
        on_remark(f"Skipped {unrecorded} without a record; run first: tintype reindex")


def send(
    parts: Parts, chosen: Sequence[SelectedImage], reprocessed: ReprocessResult, screen: Screen
) -> None:
    """Send a message for each image; Ctrl-C ends it early, and sent messages are still processed."""
    queue = parts.queue(Output.BACKGROUND_QUEUE_URL)
    with WorkBar(screen, "Sending", len(chosen)) as bar:
        try:
            for one, result in bar.each(send_requests(queue, chosen)):
                if isinstance(result, ServiceError):
                    reprocessed.failures[one.image_id] = result
                else:
                    reprocessed.sent.append(one)
        except KeyboardInterrupt:
            reprocessed.interrupted = True


def show_chosen(chosen: Sequence[SelectedImage], screen: Screen) -> None:
    """Print the images or, if there are many, their number by reason."""
    if len(chosen) > ROWS_AT_MOST:
        for why, number in Counter(one.reason for one in chosen).items():
            screen.err.print(f"{count(number, 'image')}: {why.value}", style="dim")
        return
    listing = Listing(Column("Image", whole=True), Column("Why"), Column("Key", drop=1))
    for one in chosen:
        cells = one.image_id, one.reason.value, name_of(one.key)
        listing.add(*cells, record=cells)
    listing.print(screen.out)


def reprocess_document(
    chosen: Sequence[SelectedImage], reprocessed: ReprocessResult, *, dry_run: bool
) -> dict[str, Document]:
    """Return what `tintype reprocess --json` prints."""
    return {
        "dryRun": dry_run,
        "images": [
            {"imageId": one.image_id, "key": one.key, "why": one.reason.value} for one in chosen
        ],
        "sent": len(reprocessed.sent),
        "failed": errors_document(reprocessed.failures),
        "interrupted": reprocessed.interrupted,
    }


def show_reprocessed(
    chosen: Sequence[SelectedImage], reprocessed: ReprocessResult, screen: Screen, *, dry_run: bool
) -> None:
    """Print the results."""
    print_errors(screen, reprocessed.failures)
    if reprocessed.interrupted:
        rest = len(chosen) - len(reprocessed.sent)
        screen.err.print(f"Stopped: {rest} of {len(chosen)} not sent.", style="bold yellow")
    if not chosen:
        screen.err.print("Nothing to render again.")
    elif dry_run:
        screen.err.print(f"{count(len(chosen), 'image')} would be rendered again.")
    else:
        screen.err.print(f"{count(len(reprocessed.sent), 'image')} will be rendered again.")
