"""What `tintype owners` prints: owners, what is stored of one, an export and an erasure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tintype.api_keys import ApiKeyRecord
from tintype.aws.errors import ServiceError
from tintype.cli.output.console import Screen, print_errors
from tintype.cli.output.json import Document, errors_document
from tintype.cli.output.listings import Column, Listing
from tintype.cli.output.text import amount, count, name_of
from tintype.images import timestamp
from tintype.maintenance.erase import ErasureResult
from tintype.maintenance.export import ImageExport
from tintype.maintenance.owned import OwnerTotals
from tintype.maintenance.quotas import Recount
from tintype.owners import PUBLIC

if TYPE_CHECKING:
    from tintype.aws.users import Person


@dataclass(slots=True)
class Holdings:
    """What a stack stores of an owner."""

    images: list[str]
    versions: int = 0
    bytes: int = 0
    keys: list[ApiKeyRecord] = field(default_factory=list)
    person: Person | None = None


def show_owners(found: Sequence[OwnerTotals], screen: Screen) -> None:
    """Print owners as a table."""
    if not found:
        screen.err.print("No images.", style="dim")
        return
    listing = Listing(
        Column("Owner", whole=True),
        Column("Images", right=True, whole=True),
        Column("Originals", right=True, whole=True),
        Column("Renditions", right=True, whole=True),
    )
    for one in found:
        sizes = one.original_bytes, one.rendition_bytes
        listing.add(
            name_of(one.owner),
            f"{one.images:,}",
            *map(amount, sizes),
            record=(one.owner, one.images, *sizes),
        )
    listing.print(screen.out)


def recount_documents(found: Sequence[Recount]) -> list[Document]:
    """Return what `tintype owners recount --json` prints of each owner."""
    return [
        {
            "owner": one.owner,
            "images": one.after.images,
            "bytes": one.after.bytes,
            "imagesBefore": one.before.images,
            "bytesBefore": one.before.bytes,
        }
        for one in found
    ]


def show_recounts(found: Sequence[Recount], screen: Screen, *, dry_run: bool) -> None:
    """Print the owners whose counters were wrong, and how many were right."""
    wrong = [one for one in found if one.before != one.after]
    for one in wrong:
        said = f"{count(one.before.images, 'image')}, {one.before.bytes:,} bytes"
        now = f"{count(one.after.images, 'image')}, {one.after.bytes:,} bytes"
        screen.out.print(f"{name_of(one.owner)}: {said} counted, {now} stored")
    would = " (nothing written: --dry-run)" if dry_run else ""
    screen.err.print(f"{count(len(found), 'owner')}: {len(wrong):,} corrected{would}", style="dim")


def export_document(
    folder: Path, done: Sequence[ImageExport], failed: Mapping[str, ServiceError]
) -> dict[str, Document]:
    """Return what `tintype owners export --json` prints."""
    return {
        "folder": str(folder),
        "images": len(done),
        "files": sum(one.files for one in done),
        "bytes": sum(one.bytes for one in done),
        "written": sum(one.written for one in done),
        "replaced": sum(one.replaced for one in done),
        "failed": errors_document(failed),
    }


def show_export(
    folder: Path, done: Sequence[ImageExport], failed: Mapping[str, ServiceError], screen: Screen
) -> None:
    """Print what was copied, and what could not be."""
    print_errors(screen, failed)
    files, size = sum(one.files for one in done), sum(one.bytes for one in done)
    written = sum(one.written for one in done)
    replaced = sum(one.replaced for one in done)
    old = f", {count(replaced, 'file')} replaced that had changed" if replaced else ""
    screen.out.print(
        f"{count(len(done), 'image')} in {name_of(folder)}: {count(files, 'file')}, "
        f"{amount(size)}; {written:,} copied now{old}",
        soft_wrap=True,
    )


def show_holdings(owner: str, held: Holdings, screen: Screen, title: str, *, user: bool) -> None:
    """Print what is stored of an owner, and what becomes of it."""
    lines = [f"{name_of(owner)} has in {title}:"]
    if owner == PUBLIC:
        lines.append("  public owns all images that were uploaded without sign-in")
    images = count(len(held.images), "image")
    versions = count(held.versions, "version")
    lines.append(f"  {images}, deleted ones included: {versions} of files, {amount(held.bytes)}")
    lines += [f"  API key {one.id} ({name_of(one.name)})" for one in held.keys]
    if held.person:
        end = "deleted" if user else "kept; --user deletes it"
        lines.append(f"  user {name_of(held.person.email)}: {end}")
    lines.append("All of it is deleted permanently, except what is marked as kept.")
    for line in lines:
        screen.err.print(line, soft_wrap=True, highlight=False, markup=False)


def erasure_document(result: ErasureResult, again: datetime, *, user: bool) -> dict[str, Document]:
    """Return what `tintype owners erase --json` prints."""
    return {
        "images": result.images,
        "versions": result.objects,
        "bytes": result.bytes,
        "items": result.items,
        "user": user,
        "left": [{"id": name, "reason": reason} for name, reason in result.left.items()],
        "messagesWaiting": result.waiting,
        "tokensAndLinksEnd": timestamp(again),
    }


def show_erasure(owner: str, result: ErasureResult, screen: Screen, again: datetime) -> None:
    """Print what was deleted, what is left, and until when more may come."""
    for name, reason in result.left.items():
        screen.err.print(f"✗ left_behind: {name_of(name)}: {reason}", style="red", soft_wrap=True)
    screen.out.print(
        f"{count(result.images, 'image')} of {name_of(owner)} erased: "
        f"{count(result.objects, 'version')} of files, {amount(result.bytes)}, "
        f"{count(result.items, 'item')} of the access table and dead letters",
        soft_wrap=True,
    )
    if result.left:
        screen.err.print("Not everything is gone. Run the command again.", style="bold yellow")
        return
    screen.err.print("✓ nothing of this owner was found afterwards", style="bold green")
    if result.waiting:
        messages = count(result.waiting, "message")
        screen.err.print(
            f"{messages} waiting in the queues may name the owner; they bring nothing back."
        )
    moment = again.astimezone().strftime("%H:%M")
    screen.err.print(
        f"Tokens and upload links issued before are valid until {moment} at the latest; "
        "if they may be used, run the command again after that.",
        style="dim",
        soft_wrap=True,
    )
