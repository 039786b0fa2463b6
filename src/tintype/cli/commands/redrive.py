"""`tintype redrive`: move dead letters back to their queues, once the cause is fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from tintype.cli.connection import DryRun, Profile, Region, StackName, Yes, confirm
from tintype.cli.operating import Parts
from tintype.cli.options import INTERRUPTED, USAGE, Json, reported_errors
from tintype.cli.output.console import Screen, open_screen
from tintype.cli.output.images import print_wide
from tintype.cli.output.json import Document, plain, print_document
from tintype.cli.output.progress import WorkBar
from tintype.cli.output.tables import plain_table
from tintype.cli.output.text import count, name_of
from tintype.cli.stack import find
from tintype.maintenance.redrive import (
    HIDDEN_SECONDS,
    DeadLetter,
    QueueName,
    RedriveRoute,
    move_dead_letters,
)
from tintype.outputs import Output

# Where the dead letters of a name go, and where they are. Nobody waits for them any more.
QUEUES: Mapping[QueueName, tuple[Output, Output]] = {
    QueueName.PROCESS: (Output.BACKGROUND_QUEUE_URL, Output.PROCESS_DEAD_LETTER_QUEUE_URL),
    QueueName.CATALOGUE: (Output.CATALOGUE_QUEUE_URL, Output.CATALOGUE_DEAD_LETTER_QUEUE_URL),
}


def redrive(
    *,
    queue: Annotated[
        QueueName | None,
        typer.Option(
            "--queue",
            help="Only this queue's dead letters. Default: both queues.",
            show_default=False,
        ),
    ] = None,
    drop: Annotated[
        bool,
        typer.Option("--drop", help="Permanently delete messages that no function can read."),
    ] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Move dead letters back to the queues they came from.

    A message that failed on every attempt is kept in a dead-letter queue for days.
    Fix the cause, then move it back to retry it. Shows what each message is about.
    A message that no function can read would fail again: it stays, unless --drop deletes it.

    Examples:
      tintype redrive --dry-run
      tintype redrive --queue process
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region)
        parts = Parts(deployed)
        routes = [route(parts, name) for name in QueueName if queue in {None, name}]
        if drop and not dry_run:
            question = f"Permanently delete unreadable messages from {deployed.title}?"
            confirm(question, yes=yes, json=json)
    dead_letters: list[DeadLetter] = []
    interrupted = False
    with reported_errors(screen, json=json):
        total = sum(one.dead.counts().visible for one in routes)
        with WorkBar(screen, "Looking" if dry_run else "Moving", total) as bar:
            try:
                for one in routes:
                    moved = move_dead_letters(one, parts.images, dry_run=dry_run, drop=drop)
                    # One by one, so that an interrupt loses none.
                    dead_letters.extend(bar.each(moved))
            except KeyboardInterrupt:
                interrupted = True
        hidden = 0 if json or dead_letters else sum(one.dead.counts().in_flight for one in routes)
    if json:
        print_document(redrive_document(dead_letters, dry_run=dry_run))
    elif dead_letters:
        show_dead_letters(dead_letters, screen, deployed.title, dry_run=dry_run)
    elif hidden:
        screen.out.print(
            f"{count(hidden, 'dead letter')} in {deployed.title} cannot be received yet: a redrive, a dry run "
            f"or another program holds them. Try again in {HIDDEN_SECONDS} s."
        )
    else:
        screen.out.print(f"No dead letters in {deployed.title}.")
    if interrupted:
        raise typer.Exit(INTERRUPTED)


def route(parts: Parts, name: QueueName) -> RedriveRoute:
    """Return the route of a queue of the stack."""
    queue, dead = QUEUES[name]
    return RedriveRoute(name, parts.queue(dead), parts.queue(queue))


def redrive_document(dead_letters: Sequence[DeadLetter], *, dry_run: bool) -> dict[str, Document]:
    """Return what `tintype redrive --json` prints."""
    return {
        "dryRun": dry_run,
        "messages": [
            {
                "queue": dead_letter.queue.value,
                "what": dead_letter.subject.what,
                "imageId": dead_letter.subject.image_id,
                "key": plain(dead_letter.subject.key),
                "reason": dead_letter.reason,
                "moved": dead_letter.moved,
                "dropped": dead_letter.dropped,
            }
            for dead_letter in dead_letters
        ],
    }


def show_dead_letters(
    dead_letters: Sequence[DeadLetter], screen: Screen, title: str, *, dry_run: bool
) -> None:
    """Print the dead letters, and what happened to them."""
    table = plain_table("Queue", "Message", "Image", "Key", "Reason")
    for dead_letter in dead_letters:
        subject = dead_letter.subject
        shown = (subject.what, subject.image_id or "", subject.key or "", dead_letter.reason)
        table.add_row(dead_letter.queue.value, *map(name_of, shown))
    print_wide(screen, table)
    screen.out.print()
    hopeless = sum(one.subject.is_hopeless for one in dead_letters)
    dropped = sum(one.dropped for one in dead_letters)
    if dropped:
        screen.out.print(f"Deleted {count(dropped, 'message')} that no function can read.")
    elif hopeless:
        screen.out.print(
            f"Kept {count(hopeless, 'message')} that no function can read. Pass --drop to delete them."
        )
    number = count(len(dead_letters) - hopeless, "message")
    if dry_run:
        screen.out.print(f"{number} would be moved back. They stay hidden for {HIDDEN_SECONDS} s.")
    else:
        screen.out.print(f"{number} moved back in {title}.")
