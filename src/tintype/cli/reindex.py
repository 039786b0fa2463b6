"""`tintype reindex`: the table is an index of the manifests, and this builds it anew from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import version
from time import perf_counter

import msgspec
import typer

from tintype import keys
from tintype.aws.attributes import attributes, item_of
from tintype.aws.dynamodb import Table
from tintype.aws.errors import NotFoundError, ServiceError
from tintype.aws.s3 import Bucket
from tintype.catalogue import record
from tintype.cli.documents import Document, printed
from tintype.cli.operating import Parts, WorkBar, in_parallel
from tintype.cli.options import FAILED, INTERRUPTED, Json
from tintype.cli.remote import (
    DryRun,
    Profile,
    Region,
    StackName,
    failure_line,
    finding_errors,
    remarks,
    remote_errors,
)
from tintype.cli.screen import Screen, open_screen
from tintype.cli.stacks import find
from tintype.cli.words import count, duration
from tintype.images import Status


class Found(StrEnum):
    """How a manifest compares with its record."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NEWER = "newer"  # the record is ahead: the image is being developed again
    FORGOTTEN = "forgotten"  # of a deleted image, whose record has gone
    UNREADABLE = "unreadable"


@dataclass(slots=True)
class Tally:
    """How many manifests compared how, and which could not be compared."""

    counts: Counter[Found] = field(default_factory=Counter)
    failures: dict[str, ServiceError] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    total: int = 0
    seconds: float = 0.0
    interrupted: bool = False

    @property
    def complete(self) -> bool:
        """Whether every manifest has its record now."""
        return not self.failures and not self.unreadable and not self.interrupted


def reindex(
    *,
    dry_run: DryRun = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Build the images table anew from the manifests in the renditions bucket.

    Writes what is missing or differs, never over a newer record; a second run
    changes nothing.

    Examples:
      tintype reindex --dry-run
      tintype reindex
    """
    screen = open_screen(quiet=json)
    with finding_errors(screen, json=json):
        place = find(stack, profile=profile, region=region, say=remarks(screen))
        parts = Parts(place)
        bucket, table = parts.renditions, parts.images
    with remote_errors(screen, json=json):
        with WorkBar(screen, "Looking for manifests") as bar:
            image_ids = manifests(bucket, bar)
        tally = compare(image_ids, Comparison(bucket, table, dry_run), screen)
    if json:
        typer.echo(printed(tally_document(tally, dry_run=dry_run)))
    else:
        show_tally(tally, screen, place.title, dry_run=dry_run)
    if tally.interrupted:
        raise typer.Exit(INTERRUPTED)
    if not tally.complete:
        raise typer.Exit(FAILED)


def manifests(bucket: Bucket, bar: WorkBar) -> list[str]:
    """Return the images that have a manifest."""
    found = []
    for key in bucket.keys():  # noqa: SIM118 - no dict
        image_id = keys.id_of_manifest(key)
        if image_id:
            found.append(image_id)
            bar.advance()
    return found


@dataclass(frozen=True, slots=True)
class Comparison:
    """Compares one manifest after the other with the table; with *dry_run* nothing is written."""

    renditions: Bucket
    table: Table
    dry_run: bool

    def of(self, image_id: str) -> Found:
        """Compare an image's manifest with its record, and write the record if it should be another.

        Raises:
            ServiceError: the bucket or the table did not do its part.
        """
        try:
            wanted = record(self.renditions.get(keys.manifest_key(image_id)).data)
        except NotFoundError:
            return Found.FORGOTTEN
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return Found.UNREADABLE
        found = compared(wanted, self.table.get(image_id))
        if found in {Found.ADDED, Found.CHANGED} and not self.dry_run:
            written = self.table.put_newer(wanted, or_equal=True)
            return found if written else Found.NEWER
        return found


def compared(wanted: Mapping[str, object], there: Mapping[str, object] | None) -> Found:
    """Return how the record that is there compares with the one that a manifest wants.

    >>> compared({"id": "1", "version": 3}, {"id": "1", "version": 4})
    <Found.NEWER: 'newer'>
    """
    if there is None:
        return Found.FORGOTTEN if wanted.get("status") == Status.DELETED else Found.ADDED
    if there == item_of(attributes(wanted)):  # as it would come back: lists for tuples
        return Found.UNCHANGED
    # Versions are whole numbers in every record; the types of a table's values are not known.
    newer = int(str(there.get("version", 0))) > int(str(wanted["version"]))
    return Found.NEWER if newer else Found.CHANGED


def compare(image_ids: Sequence[str], comparison: Comparison, screen: Screen) -> Tally:
    """Compare all manifests; Ctrl-C ends it early, and what is written is written."""
    tally = Tally(total=len(image_ids))
    start = perf_counter()
    with WorkBar(screen, "Comparing", len(image_ids)) as bar:
        try:
            for image_id, result in in_parallel(comparison.of, image_ids):
                if isinstance(result, ServiceError):
                    tally.failures[image_id] = result
                else:
                    tally.counts[result] += 1
                    if result is Found.UNREADABLE:
                        tally.unreadable.append(image_id)
                bar.advance(f"{tally.counts[Found.ADDED]} added")
        except KeyboardInterrupt:
            tally.interrupted = True
    tally.seconds = perf_counter() - start
    return tally


def tally_document(tally: Tally, *, dry_run: bool) -> Document:
    """Return what `tintype reindex --json` prints."""
    return {
        "tintype": version("tintype"),
        "dryRun": dry_run,
        "manifests": tally.total,
        **{found.value: tally.counts[found] for found in Found},
        "failed": [
            {"imageId": image_id, "code": error.code, "message": str(error)}
            for image_id, error in tally.failures.items()
        ],
        "interrupted": tally.interrupted,
        "seconds": round(tally.seconds, 3),
    }


def show_tally(tally: Tally, screen: Screen, title: str, *, dry_run: bool) -> None:
    """Say what became of the table."""
    for image_id, error in tally.failures.items():
        screen.err.print(failure_line(image_id, error))
    for image_id in tally.unreadable:
        screen.err.print(f"{keys.manifest_key(image_id)} is no manifest.", style="red")
    if tally.interrupted:
        rest = tally.total - tally.counts.total() - len(tally.failures)
        screen.err.print(f"Stopped: {rest} of {tally.total} not compared.", style="bold yellow")
    shown = [Found.ADDED, Found.CHANGED, Found.UNCHANGED]
    shown += [found for found in Found if found not in shown and tally.counts[found]]
    said = ", ".join(f"{tally.counts[found]:,} {found.value}" for found in shown)
    would = " (nothing written: --dry-run)" if dry_run else ""
    number = count(tally.total, "manifest")
    screen.out.print(f"{number} in {title}: {said}{would} · {duration(tally.seconds)}")
