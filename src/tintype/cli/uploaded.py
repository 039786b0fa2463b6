"""What `tintype upload` says at its end: a table, ids, or a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import version

from rich.text import Text

from tintype.cli.batch import Outcome
from tintype.cli.documents import Document, plain
from tintype.cli.pictures import document_of, print_wide, rendition_cells, rendition_headings
from tintype.cli.screen import Screen, say_failures
from tintype.cli.stacks import Stack
from tintype.cli.tables import plain_table, short_name
from tintype.cli.uploading import Order, Upload, Uploads
from tintype.cli.words import amount, count, duration


def report(uploads: Uploads, order: Order, screen: Screen, *, passed_over: int) -> None:
    """Say how a run ended: results on standard output, all else beside it."""
    there = [one for one in uploads.uploads if one.image_id]
    if order.watch and there and not screen.quiet:
        _print_renditions(there, screen)
    elif not order.watch:
        _print_ids(there, screen)
    outcomes = [Outcome(one.file, one.bytes, failure=one.failure) for one in uploads.uploads]
    say_failures(screen, outcomes)
    _say_rest(uploads, order, screen)
    if screen.quiet:
        return
    if passed_over:
        others = count(passed_over, "other file")
        screen.err.print(f"{others} in the folders passed over: not an image by name", style="dim")
    if uploads.uploads:
        (screen.out if order.watch else screen.err).print(sum_line(uploads))


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


def _print_renditions(uploads: Sequence[Upload], screen: Screen) -> None:
    table = plain_table("File", *rendition_headings(), right=("Size",))
    names = [one.file for one in uploads]
    for one in uploads:
        name = short_name(one.file, names)
        for cells in _rows(one):
            table.add_row(name, *cells)
            name = ""
    print_wide(screen, table)
    screen.out.print()


def _rows(upload: Upload) -> Iterator[Sequence[str | Text]]:
    """Yield a row for each rendition, or one that says how far the image is."""
    if upload.image and upload.image.renditions:
        yield from map(rendition_cells, upload.image.renditions)
    elif upload.failure:
        yield [Text(f"✗ {upload.failure.code}", "red"), "", "", f"{upload.image_id}"]
    else:
        yield [Text("not developed yet", "yellow"), "", "", f"{upload.image_id}"]


def _print_ids(uploads: Sequence[Upload], screen: Screen) -> None:
    """Print the ids: beside their files for people, alone for a pipe."""
    if not screen.out.is_terminal:
        for one in uploads:
            screen.out.print(one.image_id)
        return
    table = plain_table("Image", "File")
    for one in uploads:
        table.add_row(one.image_id, short_name(one.file, [other.file for other in uploads]))
    print_wide(screen, table)
    screen.out.print()


def _say_rest(uploads: Uploads, order: Order, screen: Screen) -> None:
    """Say what was not done, and that the same command goes on from here."""
    if not uploads.interrupted and not uploads.aborted:
        return
    rest = uploads.total - len(uploads.uploads)
    waiting = [one for one in uploads.uploads if one.image_id and not one.image and not one.failure]
    said = f"Stopped: {rest} of {uploads.total} not uploaded"
    if order.watch and waiting:
        said += f", {len(waiting)} uploaded and still being developed"
    screen.err.print(f"{said}. The same command goes on from here.", style="bold yellow")
