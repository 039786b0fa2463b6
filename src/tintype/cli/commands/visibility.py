"""`tintype visibility`: make images public or private."""

from __future__ import annotations

from typing import Annotated

import typer

from tintype.access import Visibility
from tintype.cli.connection import Endpoint, Profile, Region, StackName
from tintype.cli.options import FAILED, USAGE, Json, reported_errors
from tintype.cli.output.console import open_screen, print_errors
from tintype.cli.output.json import Document, errors_document, print_document
from tintype.cli.output.text import count
from tintype.cli.stack import find
from tintype.client.errors import ApiRefusedError


def visibility(
    chosen: Annotated[
        Visibility, typer.Argument(metavar="public|private", help="Who can get the renditions.")
    ],
    image_ids: Annotated[
        list[str],
        typer.Argument(
            metavar="ID", help="Image IDs, as printed by upload and list.", show_default=False
        ),
    ],
    *,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    endpoint: Endpoint = None,
    json: Json = False,
) -> None:
    """Make images public or private, which gives their renditions new addresses.

    Private images are for their owner and admins, and for anyone to whom they give
    a signed address, which is valid for one to two hours: `tintype show` prints
    it. The addresses of an image that becomes private stop working in a moment.

    Examples:
      tintype visibility private 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B
      tintype visibility public 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B --stack tintype
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region, endpoint=endpoint)
    changed: list[str] = []
    failures: dict[str, ApiRefusedError] = {}
    with reported_errors(screen, json=json), deployed.api() as api:
        for image_id in dict.fromkeys(image_ids):
            try:
                api.change(image_id, {"visibility": chosen})
            except ApiRefusedError as error:
                failures[image_id] = error
            else:
                changed.append(image_id)
    if json:
        print_document({"changed": list[Document](changed), "failed": errors_document(failures)})
    else:
        if changed:
            screen.out.print(f"{count(len(changed), 'image')} will be {chosen} in a moment.")
        print_errors(screen, failures)
    if failures:
        raise typer.Exit(FAILED)
