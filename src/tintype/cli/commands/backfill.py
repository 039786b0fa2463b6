"""`tintype backfill`: render objects that are already in a bucket, each once. See `maintenance/backfill.py`."""

from __future__ import annotations

import json as json_
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import Annotated, TextIO

import msgspec
import typer

from tintype.aws.errors import ServiceError
from tintype.aws.s3 import Bucket
from tintype.cli.connection import DryRun, Profile, Region, StackName, Yes, confirm
from tintype.cli.errors import OutputUnwritableError
from tintype.cli.operating import Parts
from tintype.cli.options import FAILED, INTERRUPTED, USAGE, Json, reported_errors
from tintype.cli.output.console import Screen, open_screen
from tintype.cli.output.json import Document, print_document
from tintype.cli.output.progress import WorkBar, rate
from tintype.cli.output.text import amount, count, duration
from tintype.cli.stack import find
from tintype.client.errors import NotReadyInTimeError
from tintype.images import Failure, Status
from tintype.maintenance.backfill import (
    Backfill,
    BackfillObject,
    BackfillPlan,
    BackfillResult,
    BucketPrefix,
    failed_images,
    make_plan,
    parse_address,
)
from tintype.maintenance.listing import manifests
from tintype.outputs import Output

PROGRESS_SECONDS = 10.0  # between two lines of progress without a terminal


@dataclass(slots=True)
class BackfillTally:
    """The results so far."""

    ready: int = 0
    renditions: int = 0
    rendition_bytes: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    interrupted: bool = False

    @property
    def ended(self) -> int:
        """The number of objects that are ready or have failed."""
        return self.ready + self.failures.total()


def backfill(
    address: Annotated[
        str, typer.Argument(metavar="S3://BUCKET/PREFIX", help="Objects to render.")
    ],
    *,
    at_once: Annotated[
        int,
        typer.Option(
            "--at-once",
            min=1,
            max=256,
            help="Objects in progress at the same time, queued ones included.",
        ),
    ] = 32,
    any_name: Annotated[
        bool, typer.Option("--any-name", help="Also try objects whose names are not image names.")
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Also retry objects that failed before.")
    ] = False,
    source_region: Annotated[
        str | None,
        typer.Option(
            "--source-region",
            help="The bucket's region, if not the stack's region.",
            show_default=False,
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, help="Seconds to wait for each object.")
    ] = 900,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", help="Append a line of JSON per object to this file.", show_default=False
        ),
    ] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Render objects that are already in a bucket.

    Objects in another bucket are first copied to the originals bucket by S3.
    Finished objects are skipped: after Ctrl-C, run the same command to resume.

    Examples:
      tintype backfill s3://holiday-photos/2026/ --dry-run
      tintype backfill s3://holiday-photos --report backfill.jsonl
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        source = parse_address(address)
        parts = Parts(find(screen, stack, profile=profile, region=region))
        account = parts.account
        source_bucket = Bucket(
            replace(account, region=source_region or account.region), source.bucket
        )
    tally = BackfillTally()
    with ExitStack() as closing:
        closing.enter_context(reported_errors(screen, json=json))
        made = survey(parts, source_bucket, source, screen, again=retry_failed, any_name=any_name)
        if not json:
            show_plan(made, source, screen)
        if made.objects and not dry_run:
            number = count(len(made.objects), "object")
            question = f"Render {number} ({amount(made.bytes)}) in {parts.stack.title}?"
            confirm(question, yes=yes, json=json)
            work = Backfill(
                source_bucket,
                parts.originals,
                parts.renditions,
                parts.queue(Output.BACKGROUND_QUEUE_URL),
                timeout,
            )
            lines = closing.enter_context(open_report(report)) if report else None
            render_all(made, work, tally, screen, at_once=at_once, lines=lines)
    if json:
        print_document(tally_document(made, tally, dry_run=dry_run))
    elif not dry_run:
        show_tally(made, tally, screen)
    if tally.interrupted:
        raise typer.Exit(INTERRUPTED)
    if tally.failures:
        raise typer.Exit(FAILED)


def survey(
    parts: Parts,
    source_bucket: Bucket,
    source: BucketPrefix,
    screen: Screen,
    *,
    again: bool,
    any_name: bool,
) -> BackfillPlan:
    """Return the plan; with *again*, it includes failed objects.

    Raises:
        NothingToBackfillError: there are no objects.
        ServiceError: a bucket or the table cannot be read.
    """
    with WorkBar(screen, "Looking for manifests") as bar:
        written = {one.image_id: one.written_at for one in bar.each(manifests(parts.renditions))}
    return make_plan(
        source_bucket.entries(source.prefix),
        source,
        originals=parts.originals.name,
        manifests=written,
        again=failed_images(parts.images) if again else frozenset(),
        any_name=any_name,
    )


def open_report(path: Path) -> TextIO:
    """Open the report's file for appending.

    Raises:
        OutputUnwritableError: the file system refuses.
    """
    try:
        return path.open("a", encoding="utf-8")
    except OSError as error:
        message = f"{path}: {error.strerror or error}"
        raise OutputUnwritableError(message) from error


def render_all(
    made: BackfillPlan,
    work: Backfill,
    tally: BackfillTally,
    screen: Screen,
    *,
    at_once: int,
    lines: TextIO | None,
) -> None:
    """Render all objects; Ctrl-C ends it early, and objects in progress are still finished."""
    start = said = monotonic()
    with WorkBar(screen, "Rendering", len(made.objects)) as bar:
        try:
            for one, result in work.run(made.objects, at_once=at_once):
                note(tally, one, result)
                if lines:
                    lines.write(json_.dumps(line_of(one, result), ensure_ascii=False) + "\n")
                    lines.flush()
                bar.advance(f"{tally.failures.total()} failed" if tally.failures else "")
                tally.seconds = monotonic() - start
                if monotonic() - said > PROGRESS_SECONDS and not screen.err.is_terminal:
                    said = monotonic()
                    screen.remark(progress_line(tally, len(made.objects)))
        except KeyboardInterrupt:
            tally.interrupted = True
    tally.seconds = monotonic() - start


def note(tally: BackfillTally, one: BackfillObject, result: BackfillResult | ServiceError) -> None:
    """Count an object's result."""
    failure = failure_of(result)
    if failure is not None:
        tally.failures[failure.code] += 1
        tally.examples.setdefault(failure.code, one.source_key)
    elif isinstance(result, BackfillResult) and result.image:
        tally.ready += 1
        tally.renditions += len(result.image.renditions)
        tally.rendition_bytes += sum(made.bytes for made in result.image.renditions)


def failure_of(result: BackfillResult | ServiceError) -> Failure | None:
    """Return why an object has no renditions, or None if it has."""
    if isinstance(result, ServiceError):
        return Failure(result.code, str(result), result.retryable)
    if result.image is not None:
        return result.image.failure if result.image.status is Status.FAILED else None
    message = f"not finished within {duration(result.seconds)}; run the same command to resume"
    return Failure(NotReadyInTimeError.code, message, retryable=True)


def line_of(one: BackfillObject, result: BackfillResult | ServiceError) -> dict[str, object]:
    """Return an object's line in the report."""
    line: dict[str, object] = {"key": one.source_key, "imageId": one.image_id, "bytes": one.bytes}
    if isinstance(result, BackfillResult):
        line["seconds"] = round(result.seconds, 3)
        line["status"] = result.image.status if result.image else None
    failure = failure_of(result)
    return line | {"failure": msgspec.to_builtins(failure)} if failure else line


def progress_line(tally: BackfillTally, total: int) -> str:
    """Return the progress, the rate and the time left.

    >>> progress_line(BackfillTally(ready=300, seconds=30.0), 1200)
    '300 of 1,200 · 10/s · 1 min 30 s left'
    """
    speed = tally.ended / tally.seconds
    left = duration((total - tally.ended) / speed)
    failed = f" · {tally.failures.total():,} failed" if tally.failures else ""
    return f"{tally.ended:,} of {total:,} · {rate(speed)} · {left} left{failed}"


def tally_document(
    made: BackfillPlan, tally: BackfillTally, *, dry_run: bool
) -> dict[str, Document]:
    """Return what `tintype backfill --json` prints."""
    return {
        "dryRun": dry_run,
        "objects": made.total,
        "doneBefore": made.done,
        "passedOver": {why.name.lower(): number for why, number in made.skipped.items()},
        "toRender": len(made.objects),
        "ready": tally.ready,
        "failed": dict(tally.failures),
        "renditions": tally.renditions,
        "renditionBytes": tally.rendition_bytes,
        "interrupted": tally.interrupted,
        "seconds": round(tally.seconds, 3),
    }


def show_plan(made: BackfillPlan, source: BucketPrefix, screen: Screen) -> None:
    """Print the plan."""
    said = [f"{count(len(made.objects), 'object')} to render ({amount(made.bytes)})"]
    said += [f"{made.done:,} already done"] if made.done else []
    said += [f"{number:,} {why.value}" for why, number in made.skipped.items()]
    screen.out.print(f"{source}: {', '.join(said)}.", soft_wrap=True)


def show_tally(made: BackfillPlan, tally: BackfillTally, screen: Screen) -> None:
    """Print the results, with an example for each kind of failure."""
    for code, number in tally.failures.most_common():
        example = tally.examples[code]
        screen.err.print(f"✗ {code}: {count(number, 'object')}, for example {example}", style="red")
    if tally.interrupted:
        rest = len(made.objects) - tally.ended
        said = f"Stopped with {count(rest, 'object')} to go. Run the same command to resume."
        screen.err.print(said, style="bold yellow")
    if made.objects:
        speed = f" ({rate(tally.ended / tally.seconds)})" if tally.ended else ""
        screen.out.print(
            f"{count(tally.ready, 'image')} {Status.READY.value.lower()} · "
            f"{count(tally.renditions, 'rendition')} · {amount(tally.rendition_bytes)} · "
            f"{duration(tally.seconds)}{speed}"
        )
