"""What `tintype upload` says at its end: a table, ids, or a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version

from rich.text import Text

from tintype.cli.batch import Outcome
from tintype.cli.documents import Document, plain
from tintype.cli.listings import Column, Listing
from tintype.cli.pictures import (
    RENDITION_VALUES,
    document_of,
    rendition_cells,
    rendition_columns,
    rendition_record,
)
from tintype.cli.screen import Screen, say_failures
from tintype.cli.stacks import Stack
from tintype.cli.tables import short_name
from tintype.cli.uploading import Order, Upload, Uploads
from tintype.cli.words import amount, count, duration, name_of


def report(uploads: Uploads, order: Order, screen: Screen, *, passed_over: int) -> None:
    """Say how a run ended: results on standard output, all else beside it."""
    there = [one for one in uploads.uploads if one.image_id]
    if not screen.quiet:
        listing = renditions_listing(there) if order.wait else ids_listing(there)
        listing.print(screen.out)
    say_failures(screen, map(_outcome, uploads.uploads))
    _say_rest(uploads, order, screen)
    if screen.quiet:
        return
    if passed_over:
        others = count(passed_over, "other file")
        screen.err.print(f"{others} in the folders passed over: not an image by name", style="dim")
    if uploads.uploads:
        screen.err.print(sum_line(uploads))


def uploads_document(uploads: Uploads, stack: Stack, *, passed_over: int) -> Document:
    """Return what `tintype upload --json` prints."""
    there = [one for one in uploads.uploads if one.image_id]
    return {
        "tintype": version("tintype"),
        "stack": stack.name,
        "uploads": [_upload_document(one) for one in uploads.uploads],
        "passedOver": passed_over,
        "interrupted": uploads.interrupted,
        "totals": {
            "files": uploads.total,
            "uploaded": sum(not one.skipped for one in there),
            "skipped": sum(one.skipped for one in there),
            "failed": sum(one.failure is not None for one in uploads.uploads),
            "bytes": sum(one.bytes for one in there if not one.skipped),
            "seconds": round(uploads.seconds, 3),
        },
    }


def sum_line(uploads: Uploads) -> Text:
    """Return the sum of a run."""
    there = [one for one in uploads.uploads if one.image_id]
    sent = [one for one in there if not one.skipped]
    skipped = len(there) - len(sent)
    failures = sum(one.failure is not None for one in uploads.uploads)
    return Text.assemble(
        (f"{count(len(sent), 'file')} · {amount(sum(one.bytes for one in sent))}", "bold"),
        " uploaded",
        f" · {skipped} there already" if skipped else "",
        (f" · {duration(uploads.seconds)}", "dim"),
        (f" · {failures} failed", "bold red") if failures else "",
    )


def _upload_document(upload: Upload) -> Document:
    return {
        "file": plain(upload.file),
        "bytes": upload.bytes,
        "imageId": upload.image_id,
        "skipped": upload.skipped,
        "image": document_of(upload.image) if upload.image else None,
        "failure": plain(upload.failure),
        "seconds": round(upload.seconds, 3),
    }


def renditions_listing(uploads: Sequence[Upload]) -> Listing:
    """Return a row for each rendition of what was uploaded, or one that says how its image ended."""
    listing = Listing(Column("File"), *rendition_columns())
    names = [one.file for one in uploads]
    for one in uploads:
        image, name = one.image, short_name(one.file, names)
        known = (one.image_id, name_of(one.file), image.status if image else "")
        for rendition in image.renditions if image else ():
            record = (*known, *rendition_record(rendition))
            listing.add(name, *rendition_cells(rendition), record=record)
            name = ""
        if not (image and image.renditions):
            record = (*known, *([None] * RENDITION_VALUES))
            listing.add(name, _end(one), "", "", "", record=record)
    return listing


def _end(upload: Upload) -> Text:
    if upload.failure:
        return Text(f"✗ {upload.failure.code}", "red")
    return Text("still processing", "yellow")


def ids_listing(uploads: Sequence[Upload]) -> Listing:
    """Return the ids of the images beside their files."""
    listing = Listing(Column("Image", whole=True), Column("File"))
    names = [one.file for one in uploads]
    for one in uploads:
        image_id, name = one.image_id or "", short_name(one.file, names)
        listing.add(image_id, name, record=(image_id, name_of(one.file)))
    return listing


def _outcome(upload: Upload) -> Outcome:
    """Return how an upload ended; of an image that failed, the message has its id."""
    failure = upload.failure
    if failure and upload.image_id:
        failure = replace(failure, message=f"{failure.message} (image {upload.image_id})")
    return Outcome(upload.file, upload.bytes, failure=failure)


def _say_rest(uploads: Uploads, order: Order, screen: Screen) -> None:
    """Say what was not done, and that the same command goes on from here."""
    if not uploads.interrupted and not uploads.aborted:
        return
    rest = uploads.total - len(uploads.uploads)
    waiting = [one for one in uploads.uploads if one.image_id and not one.image and not one.failure]
    said = f"Stopped: {rest} of {uploads.total} not uploaded"
    if order.wait and waiting:
        said += f", {len(waiting)} uploaded and still processing"
    screen.err.print(f"{said}. The same command goes on from here.", style="bold yellow")
