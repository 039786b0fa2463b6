"""`tintype delete`: images go, with their originals and renditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from tintype.cli.documents import Document, printed
from tintype.cli.errors import ApiRefusedError, CliError
from tintype.cli.options import FAILED, Json
from tintype.cli.remote import (
    Endpoint,
    Profile,
    Region,
    StackName,
    Yes,
    confirm,
    failure_line,
    finding_errors,
    remarks,
    remote_errors,
)
from tintype.cli.screen import Screen, open_screen
from tintype.cli.stacks import Stack, find
from tintype.cli.words import amount, count, name_of
from tintype.images import Image

if TYPE_CHECKING:
    from tintype.cli.client import Api


def delete(
    image_ids: Annotated[
        list[str],
        typer.Argument(
            metavar="ID",
            help="The images' ids, as upload and list print them.",
            show_default=False,
        ),
    ],
    *,
    yes: Yes = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    endpoint: Endpoint = None,
    json: Json = False,
) -> None:
    """Delete images: the original, all renditions, and the record.

    Says what goes, and asks. Whoever watches an image is told.

    Examples:
      tintype delete 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B
      tintype delete 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B --yes --stack tintype
    """
    screen = open_screen(quiet=json)
    with finding_errors(screen, json=json):
        place = find(stack, profile=profile, region=region, endpoint=endpoint, say=remarks(screen))
    with remote_errors(screen, json=json), place.api() as api:
        found, failures = looked_up(api, image_ids)
        if found:
            screen.err.print(what_goes(found, place))
            confirm(f"Delete {count(len(found), 'image')} for ever?", yes=yes, asking=not json)
        deleted = _deleted(api, found, failures)
    if json:
        typer.echo(printed(delete_document(deleted, failures)))
    else:
        say_deleted(deleted, failures, screen)
    if failures:
        raise typer.Exit(FAILED)


def looked_up(api: Api, image_ids: Sequence[str]) -> tuple[dict[str, Image], dict[str, CliError]]:
    """Return the images that are there, and why the others are not."""
    found: dict[str, Image] = {}
    failures: dict[str, CliError] = {}
    for image_id in dict.fromkeys(image_ids):
        try:
            found[image_id] = api.image(image_id)
        except ApiRefusedError as error:
            failures[image_id] = error
    return found, failures


def what_goes(images: Mapping[str, Image], place: Stack) -> Text:
    """Return what will be gone."""
    text = Text.assemble("From ", (place.title, "bold"), " go:")
    for image in images.values():
        size = f", {amount(image.original.bytes)}" if image.original.bytes else ""
        renditions = count(len(image.renditions), "rendition")
        text.append(f"\n  {image.id}  {name_of(image.filename)}{size}, {renditions}")
    return text


def delete_document(deleted: Sequence[str], failures: Mapping[str, CliError]) -> Document:
    """Return what `tintype delete --json` prints."""
    return {
        "tintype": version("tintype"),
        "deleted": list(deleted),
        "failed": [
            {"imageId": image_id, "code": error.code, "message": str(error)}
            for image_id, error in failures.items()
        ],
    }


def say_deleted(deleted: Sequence[str], failures: Mapping[str, CliError], screen: Screen) -> None:
    """Say what went, and what did not."""
    if deleted:
        screen.out.print(f"{count(len(deleted), 'image')} deleted.")
    for image_id, error in failures.items():
        screen.err.print(failure_line(name_of(image_id), error))


def _deleted(api: Api, images: Mapping[str, Image], failures: dict[str, CliError]) -> list[str]:
    """Delete images; return those that went, and add to *failures* why others did not."""
    deleted = []
    for image_id in images:
        try:
            api.delete(image_id)
        except CliError as error:
            failures[image_id] = error
        else:
            deleted.append(image_id)
    return deleted
