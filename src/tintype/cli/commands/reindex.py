"""`tintype reindex`: rebuild the table, an index of the manifests, from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Annotated

import typer

from tintype import owners
from tintype.aws.errors import ServiceError
from tintype.cli.connection import DryRun, Profile, Region, StackName, Yes, confirm
from tintype.cli.operating import Parts
from tintype.cli.options import FAILED, INTERRUPTED, USAGE, Json, reported_errors
from tintype.cli.output.console import Screen, open_screen, print_errors
from tintype.cli.output.json import Document, errors_document, print_document
from tintype.cli.output.progress import WorkBar
from tintype.cli.output.text import count, duration
from tintype.cli.stack import find
from tintype.maintenance.listing import manifests
from tintype.maintenance.reindex import RecordState, Reindex
from tintype.records import Records


@dataclass(slots=True)
class ReindexTally:
    """The number of manifests by result, and those that could not be compared."""

    counts: Counter[RecordState] = field(default_factory=Counter)
    failures: dict[str, ServiceError] = field(default_factory=dict)
    total: int = 0
    seconds: float = 0.0
    interrupted: bool = False

    @property
    def complete(self) -> bool:
        """Whether every manifest now has its record."""
        return not self.failures and not self.interrupted


def reindex(
    *,
    owner: Annotated[
        str | None,
        typer.Option(
            "--owner",
            help="Also give images uploaded without sign-in to this owner.",
            show_default=False,
        ),
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Rebuild the images table from the manifests in the renditions bucket.

    Writes records that are missing or differ, but never overwrites a newer one;
    a second run changes nothing.

    After a stack has got sign-in, --owner gives every image of the owner `public`
    to another: a person's ID, as printed by `tintype users list`. This cannot be
    undone if that owner has other images.

    Examples:
      tintype reindex --dry-run
      tintype reindex
      tintype reindex --owner 5f7c8ec7-c33c-4c00-8bba-fe82aa1d9d3e
    """
    screen = open_screen(quiet=json)
    if owner is not None and (owners.known(owner) is None or owner == owners.PUBLIC):
        message = f"{owner!r} is not an owner's ID: printable ASCII without spaces or slashes"
        raise typer.BadParameter(message, param_hint="--owner")
    with reported_errors(screen, json=json, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region)
        parts = Parts(deployed)
        bucket, table = parts.renditions, parts.images
    with reported_errors(screen, json=json):
        with WorkBar(screen, "Looking for manifests") as bar:
            image_ids = [one.image_id for one in bar.each(manifests(bucket))]
        if owner is not None and not dry_run:
            question = f"Give all public images of {deployed.title} to {owner}?"
            confirm(question, yes=yes, json=json)
        reindexing = Reindex(bucket, Records(table), dry_run=dry_run, owner=owner)
        tally = compare(image_ids, reindexing, screen)
    if json:
        print_document(tally_document(tally, dry_run=dry_run))
    else:
        show_tally(tally, screen, deployed.title, dry_run=dry_run)
    if tally.interrupted:
        raise typer.Exit(INTERRUPTED)
    if not tally.complete:
        raise typer.Exit(FAILED)


def compare(image_ids: Sequence[str], reindexing: Reindex, screen: Screen) -> ReindexTally:
    """Compare all manifests; Ctrl-C ends it early and keeps written records."""
    tally = ReindexTally(total=len(image_ids))
    start = perf_counter()
    with WorkBar(screen, "Comparing", len(image_ids)) as bar:
        try:
            for image_id, result in reindexing.run(image_ids):
                if isinstance(result, ServiceError):
                    tally.failures[image_id] = result
                else:
                    tally.counts[result] += 1
                bar.advance(f"{tally.counts[RecordState.ADDED]} added")
        except KeyboardInterrupt:
            tally.interrupted = True
    tally.seconds = perf_counter() - start
    return tally


def tally_document(tally: ReindexTally, *, dry_run: bool) -> dict[str, Document]:
    """Return what `tintype reindex --json` prints."""
    return {
        "dryRun": dry_run,
        "manifests": tally.total,
        **{found.value: tally.counts[found] for found in RecordState},
        "failed": errors_document(tally.failures),
        "interrupted": tally.interrupted,
        "seconds": round(tally.seconds, 3),
    }


def show_tally(tally: ReindexTally, screen: Screen, title: str, *, dry_run: bool) -> None:
    """Print the results."""
    print_errors(screen, tally.failures)
    if tally.interrupted:
        rest = tally.total - tally.counts.total() - len(tally.failures)
        screen.err.print(f"Stopped: {rest} of {tally.total} not compared.", style="bold yellow")
    shown = [RecordState.ADDED, RecordState.CHANGED, RecordState.UNCHANGED]
    shown += [found for found in RecordState if found not in shown and tally.counts[found]]
    said = ", ".join(f"{tally.counts[found]:,} {found.value}" for found in shown)
    would = " (nothing written: --dry-run)" if dry_run else ""
    number = count(tally.total, "manifest")
    screen.out.print(f"{number} in {title}: {said}{would} · {duration(tally.seconds)}")
