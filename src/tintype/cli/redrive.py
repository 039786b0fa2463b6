"""`tintype redrive`: what failed for good goes back to its queue, after its cause is mended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from time import time
from typing import Annotated

import typer

from tintype.aws.dynamodb import Table
from tintype.aws.sqs import Message, Queue
from tintype.cli.documents import Document, plain, printed
from tintype.cli.letters import Subject, subject_of
from tintype.cli.operating import Parts, WorkBar
from tintype.cli.options import INTERRUPTED, Json
from tintype.cli.pictures import print_wide
from tintype.cli.remote import (
    DryRun,
    Profile,
    Region,
    StackName,
    Yes,
    confirm,
    finding_errors,
    remarks,
    remote_errors,
)
from tintype.cli.screen import Screen, open_screen
from tintype.cli.stacks import find
from tintype.cli.tables import plain_table
from tintype.cli.words import count, name_of

HIDDEN_SECONDS = 30  # how long nobody else gets a message that is being moved or shown
EMPTY_ANSWERS = 2  # SQS asks only some of its machines each time, so one empty answer proves little
_MILLISECONDS = 1000


class QueueName(StrEnum):
    """The queues that have a dead-letter queue."""

    DEVELOP = "develop"
    CATALOGUE = "catalogue"


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter: what it is about, and why the image failed, as far as the table knows."""

    queue: QueueName
    subject: Subject
    reason: str
    moved: bool
    dropped: bool = False


def redrive(
    *,
    queue: Annotated[
        QueueName | None,
        typer.Option(
            "--queue", help="Only this queue's dead letters; else both's.", show_default=False
        ),
    ] = None,
    drop: Annotated[
        bool,
        typer.Option("--drop", help="Remove, for good, the messages that nobody can read."),
    ] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Move dead letters back to the queues they came from.

    A message that failed at every try lies in a dead-letter queue, for days.
    Mend the cause, then have it tried again. Shows what each message is about.
    A message that no function can read would fail again: it stays, unless --drop removes it.

    Examples:
      tintype redrive --dry-run
      tintype redrive --queue develop
    """
    screen = open_screen(quiet=json)
    with finding_errors(screen, json=json):
        place = find(stack, profile=profile, region=region, say=remarks(screen))
        parts = Parts(place)
        routes = [Route.of(parts, name) for name in QueueName if queue in {None, name}]
        if drop and not dry_run:
            question = f"Remove from {place.title} what no function can read, for good?"
            confirm(question, yes=yes, asking=not json)
    letters: list[Letter] = []
    interrupted = False
    with remote_errors(screen, json=json):
        total = sum(route.dead.counts().visible for route in routes)
        with WorkBar(screen, "Looking" if dry_run else "Moving", total) as bar:
            try:
                for route in routes:
                    for letter in carried(route, parts.images, dry_run=dry_run, drop=drop):
                        letters.append(letter)
                        bar.advance()
            except KeyboardInterrupt:
                interrupted = True
    if json:
        typer.echo(printed(letters_document(letters, dry_run=dry_run)))
    else:
        show_letters(letters, screen, place.title, dry_run=dry_run)
    if interrupted:
        raise typer.Exit(INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Route:
    """A queue and where its dead letters lie."""

    name: QueueName
    dead: Queue
    source: Queue

    @classmethod
    def of(cls, parts: Parts, name: QueueName) -> Route:
        """Return the route of a queue of the stack."""
        output = name.capitalize()
        return cls(name, parts.queue(f"{output}DeadLetter"), parts.queue(output))


def carried(route: Route, images: Table, *, dry_run: bool, drop: bool = False) -> Iterator[Letter]:
    """Yield each dead letter once it is moved; with *dry_run* none is.

    What no function can read stays where it is; with *drop* it is deleted.

    It is sent before it is deleted: if that is all that happens, it comes twice, which does no harm.
    What dies again meanwhile stays where it is.
    """
    for message in _dead_letters(route.dead, before=time()):
        subject = subject_of(message.body)
        reason = subject.why or _reason(images, subject.image_id)
        moved = not dry_run and not subject.is_hopeless
        dropped = not dry_run and subject.is_hopeless and drop
        if moved:
            route.source.send(message.body)
        if moved or dropped:
            route.dead.delete(message.receipt)
        yield Letter(route.name, subject, reason, moved=moved, dropped=dropped)


def _dead_letters(queue: Queue, *, before: float) -> Iterator[Message]:
    """Yield the messages that were sent before a moment (epoch seconds), each once."""
    seen: set[str] = set()
    empty = 0
    while empty < EMPTY_ANSWERS:
        messages = [
            message
            for message in queue.receive(visibility_seconds=HIDDEN_SECONDS)
            if message.id not in seen and _sent_at(message) < before
        ]
        seen.update(message.id for message in messages)
        empty = 0 if messages else empty + 1
        yield from messages


def _sent_at(message: Message) -> float:
    """Return when a message first entered its queue, in epoch seconds; moving it does not change that."""
    return int(message.attributes.get("SentTimestamp", "0")) / _MILLISECONDS


def _reason(images: Table, image_id: str | None) -> str:
    """Return why an image failed, by its record; of one that has none, that."""
    record = images.get(image_id) if image_id else None
    if record is None:
        return "no record" if image_id else ""
    failure = record.get("failure")
    if isinstance(failure, dict):
        return f"{failure.get('code')}: {failure.get('message')}"
    return str(record.get("status", ""))


def letters_document(letters: Sequence[Letter], *, dry_run: bool) -> Document:
    """Return what `tintype redrive --json` prints."""
    return {
        "tintype": version("tintype"),
        "dryRun": dry_run,
        "messages": [
            {
                "queue": letter.queue.value,
                "what": letter.subject.what,
                "imageId": letter.subject.image_id,
                "key": plain(letter.subject.key),
                "reason": letter.reason,
                "moved": letter.moved,
                "dropped": letter.dropped,
            }
            for letter in letters
        ],
    }


def show_letters(letters: Sequence[Letter], screen: Screen, title: str, *, dry_run: bool) -> None:
    """Print the dead letters, and what became of them."""
    if not letters:
        screen.out.print(f"No dead letters in {title}.")
        return
    table = plain_table("Queue", "Message", "Image", "Key", "Reason")
    for letter in letters:
        subject = letter.subject
        shown = (subject.what, subject.image_id or "", subject.key or "", letter.reason)
        table.add_row(letter.queue.value, *map(name_of, shown))
    print_wide(screen, table)
    screen.out.print()
    hopeless = sum(one.subject.is_hopeless for one in letters)
    dropped = sum(one.dropped for one in letters)
    if dropped:
        screen.out.print(f"{count(dropped, 'message')} that no function can read removed.")
    elif hopeless:
        screen.out.print(
            f"{count(hopeless, 'message')} that no function can read stay. --drop removes them."
        )
    number = count(len(letters) - hopeless, "message")
    if dry_run:
        screen.out.print(
            f"{number} would be moved back. They can be received again in {HIDDEN_SECONDS} s."
        )
    else:
        screen.out.print(f"{number} moved back in {title}.")
