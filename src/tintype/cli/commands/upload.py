"""`tintype upload`: upload originals to a stack, and print their renditions' addresses."""

from __future__ import annotations

from typing import Annotated

import typer

from tintype.access import Visibility
from tintype.cli.connection import Endpoint, Profile, Region, StackName, Via
from tintype.cli.errors import NothingToUploadError
from tintype.cli.files.find import collect
from tintype.cli.options import FAILED, INTERRUPTED, USAGE, Files, Json, reported_errors
from tintype.cli.output.console import open_screen
from tintype.cli.output.json import print_document
from tintype.cli.output.text import count
from tintype.cli.stack import find
from tintype.outputs import Output

TIMEOUT_SECONDS = 300.0  # longer than the pause between two tries


def upload(
    files: Files,
    *,
    no_wait: Annotated[
        bool,
        typer.Option("--no-wait", help="Exit once everything is uploaded; print the image IDs."),
    ] = False,
    via: Annotated[
        Via,
        typer.Option(
            "--via", help="To the bucket with tickets, or directly through the API (up to 4.5 MB)."
        ),
    ] = Via.TICKETS,
    parallel: Annotated[
        int,
        typer.Option("--parallel", "-j", min=1, max=32, help="Files uploaded at the same time."),
    ] = 4,
    timeout: Annotated[
        float,
        typer.Option(
            "--timeout", min=1, help="Give up on an image after this many seconds without news."
        ),
    ] = TIMEOUT_SECONDS,
    visibility: Annotated[
        Visibility | None,
        typer.Option(
            "--visibility", help="Who can get the renditions; by default what the stack says."
        ),
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="The same as --visibility private.")
    ] = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    endpoint: Endpoint = None,
    again: Annotated[
        bool, typer.Option("--again", help="Upload files again even if they already exist.")
    ] = False,
    json: Json = False,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="Print only failures."),
    ] = False,
) -> None:
    """Upload images to a stack, and wait until they are ready or have failed.

    Files that were uploaded before are not sent again, so the same command
    resumes a stopped upload. A failure does not stop the rest.

    When piped, prints one tab-separated line per rendition, without headings:
    image ID, file, status, preset, format, width, height, bytes and address.
    With --no-wait: image ID and file.

    Exit codes: 0 every image is ready (with --no-wait: uploaded), 1 some failed,
    2 nothing was started, 130 stopped by Ctrl-C.

    Examples:
      tintype upload photos
      tintype upload beach.jpg --no-wait
      tintype upload beach.jpg --private
      tintype upload 'photos/**/*.jpg' --stack tintype --region eu-central-1
      tintype upload photos --json | jq '.uploads[].image.renditions'
    """
    screen = open_screen(quiet=quiet or json)
    with reported_errors(screen, json=json, code=USAGE):
        found = collect(files)
        if not found.originals and not found.failures:
            message = f"no images among {count(len(found.passed_over), 'file')}"
            raise NothingToUploadError(message)
        deployed = find(screen, stack, profile=profile, region=region, endpoint=endpoint)
        deployed.output(Output.API_URL)
    # The HTTP client takes as long to load as everything else, and other commands do not need it.
    from tintype.cli.output.uploads import report, uploads_document  # noqa: PLC0415
    from tintype.cli.uploads.run import UploadOptions, run_uploads  # noqa: PLC0415

    options = UploadOptions(
        via=via,
        parallel=parallel,
        again=again,
        wait=not no_wait,
        timeout_seconds=timeout,
        visibility=Visibility.PRIVATE if private else visibility,
    )
    with reported_errors(screen, json=json):
        uploads = run_uploads(found, options, deployed, screen)
    if json:
        document = uploads_document(uploads, deployed, passed_over=len(found.passed_over))
        print_document(document)
    else:
        report(uploads, options, screen, passed_over=len(found.passed_over))
    if uploads.interrupted:
        raise typer.Exit(INTERRUPTED)
    if not found.originals:
        raise typer.Exit(USAGE)
    if uploads.aborted or any(one.failure for one in uploads.uploads):
        raise typer.Exit(FAILED)
