"""`tintype reprocess`: images are rendered again, because the presets changed or something was mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Annotated

import typer

from tintype.aws.errors import ServiceError
from tintype.cli.adopting import reprocess_command
from tintype.cli.choosing import Chosen, chosen_by_id, everything, outdated
from tintype.cli.documents import Document, printed
from tintype.cli.errors import CliError, NothingChosenError
from tintype.cli.listings import Column, Listing
from tintype.cli.operating import Parts, WorkBar, in_parallel
from tintype.cli.options import FAILED, INTERRUPTED, Json
from tintype.cli.remote import (
    DryRun,
    Profile,
    Region,
    StackName,
    Yes,
    confirm,
    failure_line,
    finding_errors,
    remarks,
    remote_errors,
)
from tintype.cli.screen import Screen, open_screen
from tintype.cli.stacks import find
from tintype.cli.tables import ROWS_AT_MOST
from tintype.cli.words import count, name_of


@dataclass(slots=True)
class Asked:
    """What was asked of the develop queue."""

    sent: list[Chosen] = field(default_factory=list)
    failures: dict[str, CliError | ServiceError] = field(default_factory=dict)
    interrupted: bool = False


def reprocess(
    image_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="The images' ids.", show_default=False),
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every original in the bucket.")] = False,
    old: Annotated[
        bool,
        typer.Option(
            "--outdated",
            help="Images of other presets than the deployed ones, and originals with no manifest.",
        ),
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Render images again, as the deployed presets say.

    After a change of presets: --outdated. The old renditions are served until
    the new ones are there.

    Into a pipe, one line for each image, without headings: id, reason and key,
    separated by tabs. More than 30 are only counted; --json has them all.

    Examples:
      tintype reprocess 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B
      tintype reprocess --outdated --dry-run
      tintype reprocess --all --yes --stack tintype
    """
    screen = open_screen(quiet=json)
    with finding_errors(screen, json=json):
        if [bool(image_ids), every, old].count(True) != 1:
            message = "name images, or --outdated, or --all; one of the three"
            raise NothingChosenError(message)
        parts = Parts(find(stack, profile=profile, region=region, say=remarks(screen)))
    asked = Asked()
    with remote_errors(screen, json=json):
        if every:
            chosen = everything(parts, say=remarks(screen))
        elif old:
            chosen = outdated(parts, say=remarks(screen))
        else:
            chosen, asked.failures = chosen_by_id(parts, image_ids or [])
        if chosen and not json:
            show_chosen(chosen, screen)
        if chosen and not dry_run:
            confirm(
                f"Render {count(len(chosen), 'image')} again in {parts.stack.title}?",
                yes=yes or not (every or old),
                asking=not json,
            )
            send(parts, chosen, asked, screen)
    if json:
        typer.echo(printed(asked_document(chosen, asked, dry_run=dry_run)))
    else:
        show_asked(chosen, asked, screen, dry_run=dry_run)
    if asked.interrupted:
        raise typer.Exit(INTERRUPTED)
    if asked.failures:
        raise typer.Exit(FAILED)


def send(parts: Parts, chosen: Sequence[Chosen], asked: Asked, screen: Screen) -> None:
    """Send a command for each image; Ctrl-C ends it early, and what is sent will be done."""
    queue = parts.queue("Develop")
    with WorkBar(screen, "Sending", len(chosen)) as bar:
        try:
            for one, result in in_parallel(
                lambda one: queue.send(reprocess_command(one.image_id, one.key)), chosen
            ):
                if isinstance(result, ServiceError):
                    asked.failures[one.image_id] = result
                else:
                    asked.sent.append(one)
                bar.advance()
        except KeyboardInterrupt:
            asked.interrupted = True


def show_chosen(chosen: Sequence[Chosen], screen: Screen) -> None:
    """Print the images, or, when they are many, how many there are for each reason."""
    if len(chosen) > ROWS_AT_MOST:
        for why, number in Counter(one.why for one in chosen).items():
            screen.err.print(f"{count(number, 'image')}: {why.value}", style="dim")
        return
    listing = Listing(Column("Image", whole=True), Column("Why"), Column("Key", drop=1))
    for one in chosen:
        cells = one.image_id, one.why.value, name_of(one.key)
        listing.add(*cells, record=cells)
    listing.print(screen.out)


def asked_document(chosen: Sequence[Chosen], asked: Asked, *, dry_run: bool) -> Document:
    """Return what `tintype reprocess --json` prints."""
    return {
        "tintype": version("tintype"),
        "dryRun": dry_run,
        "images": [
            {"imageId": one.image_id, "key": one.key, "why": one.why.value} for one in chosen
        ],
        "sent": len(asked.sent),
        "failed": [
            {"imageId": image_id, "code": error.code, "message": str(error)}
            for image_id, error in asked.failures.items()
        ],
        "interrupted": asked.interrupted,
    }


def show_asked(chosen: Sequence[Chosen], asked: Asked, screen: Screen, *, dry_run: bool) -> None:
    """Say what will be done."""
    for image_id, error in asked.failures.items():
        screen.err.print(failure_line(name_of(image_id), error))
    if asked.interrupted:
        rest = len(chosen) - len(asked.sent)
        screen.err.print(f"Stopped: {rest} of {len(chosen)} not sent.", style="bold yellow")
    if not chosen:
        screen.err.print("Nothing to render again.")
    elif dry_run:
        screen.err.print(f"{count(len(chosen), 'image')} would be rendered again.")
    else:
        screen.err.print(f"{count(len(asked.sent), 'image')} will be rendered again.")
