"""`tintype focus`: choose what the crops of an image keep."""

from __future__ import annotations

from typing import Annotated

import typer

from tintype.cli.connection import Endpoint, ImageId, Profile, Region, StackName
from tintype.cli.errors import NothingChosenError
from tintype.cli.options import USAGE, Json, reported_errors
from tintype.cli.output.console import open_screen
from tintype.cli.output.json import Document, print_document
from tintype.cli.stack import find


def focus(
    image_id: ImageId,
    x: Annotated[
        float | None,
        typer.Argument(
            metavar="X", min=0, max=1, help="Share of the width, from the left.", show_default=False
        ),
    ] = None,
    y: Annotated[
        float | None,
        typer.Argument(
            metavar="Y", min=0, max=1, help="Share of the height, from the top.", show_default=False
        ),
    ] = None,
    *,
    clear: Annotated[
        bool, typer.Option("--clear", help="Remove the focus: presets decide again.")
    ] = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    endpoint: Endpoint = None,
    json: Json = False,
) -> None:
    """Choose the point that crops of an image keep near their centre.

    The point is one of the upright original: 0 0 is its top left corner, 1 1
    its bottom right. All presets are rendered again, and the renditions get new
    addresses; until then the old ones are served. Another original has no focus.

    Examples:
      tintype focus 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B 0.7 0.35
      tintype focus 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B --clear
    """
    screen = open_screen(quiet=json)
    chosen: dict[str, Document] | None = None if x is None or y is None else {"x": x, "y": y}
    with reported_errors(screen, json=json, code=USAGE):
        if (chosen is None) is not clear or (clear and x is not None):
            message = "Give X and Y, or --clear."
            raise NothingChosenError(message)
        deployed = find(screen, stack, profile=profile, region=region, endpoint=endpoint)
    with reported_errors(screen, json=json), deployed.api() as api:
        api.change(image_id, {"focus": chosen})
    if json:
        print_document({"changed": [image_id], "focus": chosen})
    elif chosen:
        screen.out.print("The image will be rendered with this focus in a moment.")
    else:
        screen.out.print("The image will be rendered without a focus in a moment.")
