"""The final output of `tintype upload`: a table, IDs, or a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.text import Text

from tintype.cli.files.batch import FileOutcome
from tintype.cli.output.console import Screen, print_failures
from tintype.cli.output.images import (
    RENDITION_VALUES,
    rendition_cells,
    rendition_columns,
    rendition_record,
)
from tintype.cli.output.json import Document, plain
from tintype.cli.output.listings import Column, Listing
from tintype.cli.output.tables import short_name
from tintype.cli.output.text import amount, count, duration, name_of
from tintype.cli.stack import Stack
from tintype.cli.uploads.run import FileUpload, UploadOptions, Uploads
from tintype.images import document


def report(uploads: Uploads, options: UploadOptions, screen: Screen, *, passed_over: int) -> None:
    """Print the results to standard output, and everything else to standard error."""
    there = [one for one in uploads.uploads if one.image_id]
    if not screen.quiet:
        listing = renditions_listing(there) if options.wait else ids_listing(there)
        listing.print(screen.out)
    print_failures(screen, map(_outcome, uploads.uploads))
    _print_rest(uploads, options, screen)
    if screen.quiet:
        return
    if passed_over:
        others = count(passed_over, "other file")
        screen.err.print(f"Skipped {others}: not an image by name", style="dim")
    if uploads.uploads:
        screen.err.print(sum_line(uploads))


def uploads_document(uploads: Uploads, stack: Stack, *, passed_over: int) -> dict[str, Document]:
    """Return what `tintype upload --json` prints."""
    there = [one for one in uploads.uploads if one.image_id]
    return {
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
    """Return the totals of a run."""
    there = [one for one in uploads.uploads if one.image_id]
    sent = [one for one in there if not one.skipped]
    skipped = len(there) - len(sent)
    failures = sum(one.failure is not None for one in uploads.uploads)
    return Text.assemble(
        (f"{count(len(sent), 'file')} · {amount(sum(one.bytes for one in sent))}", "bold"),
        " uploaded",
        f" · {skipped} already uploaded" if skipped else "",
        (f" · {duration(uploads.seconds)}", "dim"),
        (f" · {failures} failed", "bold red") if failures else "",
    )


def _upload_document(upload: FileUpload) -> Document:
    return {
        "file": plain(upload.file),
        "bytes": upload.bytes,
        "imageId": upload.image_id,
        "skipped": upload.skipped,
        "image": dict(document(upload.image)) if upload.image else None,
        "failure": plain(upload.failure),
        "seconds": round(upload.seconds, 3),
    }


def renditions_listing(uploads: Sequence[FileUpload]) -> Listing:
    """Return a row per rendition of the uploaded images, or one with the image's result."""
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


def _end(upload: FileUpload) -> Text:
    if upload.failure:
        return Text(f"✗ {upload.failure.code}", "red")
    return Text("still processing", "yellow")


def ids_listing(uploads: Sequence[FileUpload]) -> Listing:
    """Return the image IDs with their files."""
    listing = Listing(Column("Image", whole=True), Column("File"))
    names = [one.file for one in uploads]
    for one in uploads:
        image_id, name = one.image_id or "", short_name(one.file, names)
        listing.add(image_id, name, record=(image_id, name_of(one.file)))
    return listing


def _outcome(upload: FileUpload) -> FileOutcome:
    """Return the outcome of an upload; a failed image's message includes its ID."""
    failure = upload.failure
    if failure and upload.image_id:
        failure = replace(failure, message=f"{failure.message} (image {upload.image_id})")
    return FileOutcome(upload.file, upload.bytes, failure=failure)


def _print_rest(uploads: Uploads, options: UploadOptions, screen: Screen) -> None:
    """Print what was not done, and that the same command resumes."""
    if not uploads.interrupted and not uploads.aborted:
        return
    rest = uploads.total - len(uploads.uploads)
    waiting = [one for one in uploads.uploads if one.image_id and not one.image and not one.failure]
    said = f"Stopped: {rest} of {uploads.total} not uploaded"
    if options.wait and waiting:
        said += f", {len(waiting)} uploaded and still processing"
    screen.err.print(f"{said}. Run the same command to resume.", style="bold yellow")
