"""`tintype delete`: delete images, with their originals and renditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from tintype.cli.connection import Endpoint, Profile, Region, StackName, Yes, confirm
from tintype.cli.options import FAILED, USAGE, Json, reported_errors
from tintype.cli.output.console import Screen, open_screen, print_errors
from tintype.cli.output.json import Document, errors_document, print_document
from tintype.cli.output.text import amount, count, name_of
from tintype.cli.stack import Stack, find
from tintype.client.errors import ApiRefusedError, ClientError
from tintype.images import Image

if TYPE_CHECKING:
    from tintype.client.api import Api


def delete(
    image_ids: Annotated[
        list[str],
        typer.Argument(
            metavar="ID",
            help="Image IDs, as printed by upload and list.",
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

    Shows what will be deleted and asks for confirmation. Subscribers to the
    image are notified.

    Examples:
      tintype delete 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B
      tintype delete 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B --yes --stack tintype
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region, endpoint=endpoint)
    with reported_errors(screen, json=json), deployed.api() as api:
        found, failures = looked_up(api, image_ids)
        if found:
            screen.err.print(what_goes(found, deployed))
            confirm(f"Permanently delete {count(len(found), 'image')}?", yes=yes, json=json)
        deleted = _deleted(api, found, failures)
    if json:
        print_document(delete_document(deleted, failures))
    else:
        print_deleted(deleted, failures, screen)
    if failures:
        raise typer.Exit(FAILED)


def looked_up(
    api: Api, image_ids: Sequence[str]
) -> tuple[dict[str, Image], dict[str, ClientError]]:
    """Return the existing images, and the errors of the others."""
    found: dict[str, Image] = {}
    failures: dict[str, ClientError] = {}
    for image_id in dict.fromkeys(image_ids):
        try:
            found[image_id] = api.image(image_id)
        except ApiRefusedError as error:
            failures[image_id] = error
    return found, failures


def what_goes(images: Mapping[str, Image], deployed: Stack) -> Text:
    """Return a description of what will be deleted."""
    text = Text.assemble("To be deleted from ", (deployed.title, "bold"), ":")
    for image in images.values():
        size = f", {amount(image.original.bytes)}" if image.original.bytes else ""
        renditions = count(len(image.renditions), "rendition")
        text.append(f"\n  {image.id}  {name_of(image.filename)}{size}, {renditions}")
    return text


def delete_document(
    deleted: Sequence[str], failures: Mapping[str, ClientError]
) -> dict[str, Document]:
    """Return what `tintype delete --json` prints."""
    return {
        "deleted": list(deleted),
        "failed": errors_document(failures),
    }


def print_deleted(
    deleted: Sequence[str], failures: Mapping[str, ClientError], screen: Screen
) -> None:
    """Print what was deleted, and what was not."""
    if deleted:
        screen.out.print(f"{count(len(deleted), 'image')} deleted.")
    print_errors(screen, failures)


def _deleted(api: Api, images: Mapping[str, Image], failures: dict[str, ClientError]) -> list[str]:
    """Delete images; return the deleted ones, and add errors to *failures*."""
    deleted = []
    for image_id in images:
        try:
            api.delete(image_id)
        except ClientError as error:
            failures[image_id] = error
        else:
            deleted.append(image_id)
    return deleted
