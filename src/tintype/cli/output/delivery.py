"""What `tintype delivery` prints: files of addresses by size, what was deleted, what was requested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from tintype.aws.errors import ServiceError
from tintype.cli.output.console import Screen, print_errors
from tintype.cli.output.json import Document, errors_document
from tintype.cli.output.listings import Column, Listing
from tintype.cli.output.text import amount, count
from tintype.client.warming import WarmResult
from tintype.maintenance.delivered import DeletedFiles, DeliveredFiles
from tintype.maintenance.errors import MaintenanceError

Failures = Mapping[str, MaintenanceError | ServiceError]


def show_totals(found: Sequence[DeliveredFiles], screen: Screen) -> None:
    """Print the files by size and format, with their sum."""
    if not found:
        screen.err.print("No files.", style="dim")
        return
    listing = Listing(
        Column("Size", whole=True),
        Column("Format", whole=True),
        Column("Files", right=True, whole=True),
        Column("Bytes", right=True, whole=True),
    )
    for one in found:
        record = one.size, one.extension, one.files, one.bytes
        listing.add(one.size, one.extension, f"{one.files:,}", amount(one.bytes), record=record)
    listing.print(screen.out)
    files, size = sum(one.files for one in found), sum(one.bytes for one in found)
    screen.err.print(f"{count(files, 'file')}, {amount(size)}", style="dim")


def totals_document(found: Sequence[DeliveredFiles]) -> dict[str, Document]:
    """Return what `tintype delivery stats --json` prints."""
    return {
        "files": sum(one.files for one in found),
        "bytes": sum(one.bytes for one in found),
        "sizes": [
            {"size": one.size, "format": one.extension, "files": one.files, "bytes": one.bytes}
            for one in found
        ],
    }


def show_purged(
    done: Mapping[str, DeletedFiles], failures: Failures, screen: Screen, *, is_purged: bool
) -> None:
    """Print what was deleted, and whether the CDN has deleted its copies."""
    print_errors(screen, failures)
    files, size = _sum(done)
    screen.out.print(f"{count(files, 'file')} deleted, {amount(size)}.")
    if not is_purged:
        screen.remark("CloudFront is still deleting its copies.")


def purge_document(
    done: Mapping[str, DeletedFiles], failures: Failures, *, is_purged: bool
) -> dict[str, Document]:
    """Return what `tintype delivery purge --json` prints."""
    files, size = _sum(done)
    return {
        "files": files,
        "bytes": size,
        "failed": errors_document(failures),
        "isPurged": is_purged,
    }


def show_warmed(results: Sequence[WarmResult], screen: Screen) -> None:
    """Print how many addresses gave a file, and why the others did not."""
    good = [one for one in results if one.failure is None]
    size = sum(one.bytes for one in good)
    screen.out.print(f"{count(len(good), 'file')} served, {amount(size)}.")
    for failure, number in Counter(one.failure for one in results if one.failure).items():
        screen.err.print(f"{count(number, 'request')}: {failure}", style="bold red")


def warm_document(results: Sequence[WarmResult]) -> dict[str, Document]:
    """Return what `tintype delivery warm --json` prints."""
    return {
        "served": sum(one.failure is None for one in results),
        "bytes": sum(one.bytes for one in results),
        "failed": [
            {"url": one.url, "accept": one.accept, "message": one.failure}
            for one in results
            if one.failure is not None
        ],
    }


def _sum(done: Mapping[str, DeletedFiles]) -> tuple[int, int]:
    return sum(one.files for one in done.values()), sum(one.bytes for one in done.values())
