"""`tintype upload`: originals go to a stack, and their renditions' addresses come back."""

from __future__ import annotations

from typing import Annotated

import typer

from tintype.cli.documents import printed
from tintype.cli.errors import NothingToUploadError
from tintype.cli.files import collect
from tintype.cli.options import FAILED, INTERRUPTED, USAGE, Files, Json
from tintype.cli.remote import Endpoint, Profile, Region, StackName, Via, remarks, remote_errors
from tintype.cli.screen import open_screen
from tintype.cli.stacks import find
from tintype.cli.words import count

PATIENCE_SECONDS = 300.0  # longer than all three tries of the develop function


def upload(
    files: Files,
    *,
    no_wait: Annotated[
        bool,
        typer.Option("--no-wait", help="End when all is uploaded; print the images' ids."),
    ] = False,
    via: Annotated[
        Via,
        typer.Option(
            "--via", help="With tickets to the bucket, or direct through the API (up to 4.5 MB)."
        ),
    ] = Via.TICKETS,
    parallel: Annotated[
        int, typer.Option("--parallel", "-j", min=1, max=32, help="Files at the same time.")
    ] = 4,
    timeout: Annotated[
        float,
        typer.Option(
            "--timeout", min=1, help="Give up on an image after this many seconds without news."
        ),
    ] = PATIENCE_SECONDS,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    endpoint: Endpoint = None,
    again: Annotated[
        bool, typer.Option("--again", help="Upload files again even if they are there already.")
    ] = False,
    json: Json = False,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="Say nothing but what failed."),
    ] = False,
) -> None:
    """Upload images to a stack, and wait until they are ready or have failed.

    Files that were uploaded before are not sent again, so the same command
    resumes a stopped upload. A failure does not stop the rest.

    Into a pipe, one line for each rendition, without headings: the image's id,
    its file, status, preset, format, width, height, bytes and address, separated
    by tabs. With --no-wait: id and file.

    Exit codes: 0 every image is ready (with --no-wait: uploaded), 1 some failed,
    2 nothing was begun, 130 stopped by Ctrl-C.

    Examples:
      tintype upload photos
      tintype upload beach.jpg --no-wait
      tintype upload 'photos/**/*.jpg' --stack tintype --region eu-central-1
      tintype upload photos --json | jq '.uploads[].image.renditions'
    """
    screen = open_screen(quiet=quiet or json)
    with remote_errors(screen, json=json, code=USAGE):
        found = collect(files)
        if not found.originals and not found.failures:
            message = f"no image among {count(len(found.passed_over), 'file')}"
            raise NothingToUploadError(message)
        place = find(stack, profile=profile, region=region, endpoint=endpoint, say=remarks(screen))
        place.output("ApiUrl")
    # The HTTP client takes as long to load as all the rest; other commands do without.
    from tintype.cli.uploaded import report, uploads_document  # noqa: PLC0415
    from tintype.cli.uploading import Order, run_uploads  # noqa: PLC0415

    order = Order(
        via=via,
        parallel=parallel,
        again=again,
        wait=not no_wait,
        timeout_seconds=timeout,
    )
    uploads = run_uploads(found, order, place, screen)
    if json:
        document = uploads_document(uploads, place, passed_over=len(found.passed_over))
        typer.echo(printed(document))
    else:
        report(uploads, order, screen, passed_over=len(found.passed_over))
    if uploads.interrupted:
        raise typer.Exit(INTERRUPTED)
    if not found.originals:
        raise typer.Exit(USAGE)
    if uploads.aborted or any(one.failure for one in uploads.uploads):
        raise typer.Exit(FAILED)
