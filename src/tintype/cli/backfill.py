"""`tintype backfill`: what lies in a bucket already is rendered, each object once. See `adopting.py`."""

from __future__ import annotations

import json as json_
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import Annotated, TextIO

import msgspec
import typer

from tintype import keys
from tintype.aws.errors import ServiceError
from tintype.aws.s3 import Bucket
from tintype.cli.adopting import Adopted, Adopter, Found, Plan, Source, parse_source, plan
from tintype.cli.documents import Document, printed
from tintype.cli.errors import NothingToBackfillError, OutputUnwritableError
from tintype.cli.operating import Parts, WorkBar, in_parallel, rate
from tintype.cli.options import FAILED, INTERRUPTED, Json
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
from tintype.cli.words import amount, count, duration
from tintype.images import Failure, Status

SAY_SECONDS = 10.0  # between two lines of progress where there is no terminal for a bar


@dataclass(slots=True)
class Tally:
    """What became of the objects so far."""

    ready: int = 0
    renditions: int = 0
    rendition_bytes: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    interrupted: bool = False

    @property
    def ended(self) -> int:
        """How many objects are ready or have failed."""
        return self.ready + self.failures.total()


def backfill(
    address: Annotated[
        str, typer.Argument(metavar="S3://BUCKET/PREFIX", help="The objects to render.")
    ],
    *,
    at_once: Annotated[
        int, typer.Option("--at-once", min=1, max=256, help="Objects under way at the same time.")
    ] = 32,
    any_name: Annotated[
        bool, typer.Option("--any-name", help="Try objects that are not named like images, too.")
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Render those again that have failed before.")
    ] = False,
    source_region: Annotated[
        str | None,
        typer.Option(
            "--source-region", help="The bucket's region, if not the stack's.", show_default=False
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, help="Seconds to wait for one object.")
    ] = 900,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", help="A file that gets a line of JSON for each object.", show_default=False
        ),
    ] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Render the objects that are in a bucket already.

    Those of another bucket are copied into the originals bucket first, by S3
    itself. What is done is not done again: stop with Ctrl-C, and the same
    command goes on.

    Examples:
      tintype backfill s3://holiday-photos/2026/ --dry-run
      tintype backfill s3://holiday-photos --report backfill.jsonl
    """
    screen = open_screen(quiet=json)
    with finding_errors(screen, json=json):
        source = parse_source(address)
        parts = Parts(find(stack, profile=profile, region=region, say=remarks(screen)))
        account = parts.account
        place = Bucket(replace(account, region=source_region or account.region), source.bucket)
    tally = Tally()
    with ExitStack() as closing:
        closing.enter_context(remote_errors(screen, json=json))
        made = look(parts, place, source, screen, again=retry_failed, any_name=any_name)
        if not json:
            show_plan(made, source, screen)
        if made.objects and not dry_run:
            number = count(len(made.objects), "object")
            question = f"Render {number} ({amount(made.bytes)}) in {parts.stack.title}?"
            confirm(question, yes=yes, asking=not json)
            adopter = Adopter(
                place, parts.originals, parts.renditions, parts.queue("Develop"), timeout
            )
            lines = closing.enter_context(open_report(report)) if report else None
            adopt_all(made, adopter, tally, screen, at_once=at_once, lines=lines)
    if json:
        typer.echo(printed(tally_document(made, tally, dry_run=dry_run)))
    elif not dry_run:
        show_tally(made, tally, screen)
    if tally.interrupted:
        raise typer.Exit(INTERRUPTED)
    if tally.failures:
        raise typer.Exit(FAILED)


def look(
    parts: Parts, place: Bucket, source: Source, screen: Screen, *, again: bool, any_name: bool
) -> Plan:
    """Return what there is to do; with *again*, also what has failed.

    Raises:
        NothingToBackfillError: there is no object.
        ServiceError: a bucket or the table cannot be read.
    """
    with WorkBar(screen, "Looking for manifests") as bar:
        manifests = {}
        for entry in parts.renditions.entries():
            image_id = keys.id_of_manifest(entry.key)
            if image_id:
                manifests[image_id] = entry.last_modified
                bar.advance()
    failed = (str(item["id"]) for item in parts.images.scan() if item.get("status") == "FAILED")
    made = plan(
        place.entries(source.prefix),
        source,
        originals=parts.originals.name,
        manifests=manifests,
        again=frozenset(failed if again else ()),
        any_name=any_name,
    )
    if not made.total:
        message = f"there is nothing under {source}"
        raise NothingToBackfillError(message)
    return made


def open_report(path: Path) -> TextIO:
    """Return the report's file, to which lines are added.

    Raises:
        OutputUnwritableError: the file system refuses.
    """
    try:
        return path.open("a", encoding="utf-8")
    except OSError as error:
        message = f"{path}: {error.strerror or error}"
        raise OutputUnwritableError(message) from error


def adopt_all(
    made: Plan,
    adopter: Adopter,
    tally: Tally,
    screen: Screen,
    *,
    at_once: int,
    lines: TextIO | None,
) -> None:
    """Have all objects rendered; Ctrl-C ends it early, and what is under way will be done."""
    start = said = monotonic()
    with WorkBar(screen, "Rendering", len(made.objects)) as bar:
        try:
            for one, result in in_parallel(adopter.adopt, made.objects, at_once=at_once):
                note(tally, one, result)
                if lines:
                    lines.write(json_.dumps(line_of(one, result), ensure_ascii=False) + "\n")
                    lines.flush()
                bar.advance(f"{tally.failures.total()} failed" if tally.failures else "")
                tally.seconds = monotonic() - start
                if monotonic() - said > SAY_SECONDS and not screen.err.is_terminal:
                    said = monotonic()
                    remarks(screen)(progress_line(tally, len(made.objects)))
        except KeyboardInterrupt:
            tally.interrupted = True
    tally.seconds = monotonic() - start


def note(tally: Tally, one: Found, result: Adopted | ServiceError) -> None:
    """Count how an object ended."""
    failure = result.failure if isinstance(result, Adopted) else result
    if failure is not None:
        tally.failures[failure.code] += 1
        tally.examples.setdefault(failure.code, one.source_key)
    elif isinstance(result, Adopted) and result.image:
        tally.ready += 1
        tally.renditions += len(result.image.renditions)
        tally.rendition_bytes += sum(made.bytes for made in result.image.renditions)


def line_of(one: Found, result: Adopted | ServiceError) -> dict[str, object]:
    """Return an object's line in the report."""
    line: dict[str, object] = {"key": one.source_key, "imageId": one.image_id, "bytes": one.bytes}
    if isinstance(result, ServiceError):
        failure: Failure | None = Failure(result.code, str(result), result.retryable)
    else:
        failure = result.failure
        line["seconds"] = round(result.seconds, 3)
        line["status"] = result.image.status if result.image else None
    return line | {"failure": msgspec.to_builtins(failure)} if failure else line


def progress_line(tally: Tally, total: int) -> str:
    """Return how far it is, how fast, and how long still.

    >>> progress_line(Tally(ready=300, seconds=30.0), 1200)
    '300 of 1,200 · 10/s · 1 min 30 s left'
    """
    speed = tally.ended / tally.seconds
    left = duration((total - tally.ended) / speed)
    failed = f" · {tally.failures.total():,} failed" if tally.failures else ""
    return f"{tally.ended:,} of {total:,} · {rate(speed)} · {left} left{failed}"


def tally_document(made: Plan, tally: Tally, *, dry_run: bool) -> Document:
    """Return what `tintype backfill --json` prints."""
    return {
        "tintype": version("tintype"),
        "dryRun": dry_run,
        "objects": made.total,
        "doneBefore": made.done,
        "passedOver": {why.name.lower(): number for why, number in made.passed_over.items()},
        "toRender": len(made.objects),
        "ready": tally.ready,
        "failed": dict(tally.failures),
        "renditions": tally.renditions,
        "renditionBytes": tally.rendition_bytes,
        "interrupted": tally.interrupted,
        "seconds": round(tally.seconds, 3),
    }


def show_plan(made: Plan, source: Source, screen: Screen) -> None:
    """Say what there is."""
    said = [f"{count(len(made.objects), 'object')} to render ({amount(made.bytes)})"]
    said += [f"{made.done:,} done before"] if made.done else []
    said += [f"{number:,} {why.value}" for why, number in made.passed_over.items()]
    screen.out.print(f"{source}: {', '.join(said)}.", soft_wrap=True)


def show_tally(made: Plan, tally: Tally, screen: Screen) -> None:
    """Say what became of them, with one example for each reason of failure."""
    for code, number in tally.failures.most_common():
        example = tally.examples[code]
        screen.err.print(f"✗ {code}: {count(number, 'object')}, such as {example}", style="red")
    if tally.interrupted:
        rest = len(made.objects) - tally.ended
        said = f"Stopped with {count(rest, 'object')} to go; the same command goes on."
        screen.err.print(said, style="bold yellow")
    if made.objects:
        speed = f" ({rate(tally.ended / tally.seconds)})" if tally.ended else ""
        screen.out.print(
            f"{count(tally.ready, 'image')} {Status.READY.value.lower()} · "
            f"{count(tally.renditions, 'rendition')} · {amount(tally.rendition_bytes)} · "
            f"{duration(tally.seconds)}{speed}"
        )
