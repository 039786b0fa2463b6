"""`tintype open`: a rendition in the browser."""

from __future__ import annotations

import webbrowser
from typing import Annotated

import typer

from tintype.cli.errors import NoRenditionError
from tintype.cli.remote import (
    Endpoint,
    ImageId,
    Profile,
    Region,
    StackName,
    finding_errors,
    remarks,
    remote_errors,
)
from tintype.cli.screen import open_screen
from tintype.cli.stacks import find
from tintype.images import Image, Rendition


def open_image(
    image_id: ImageId,
    *,
    preset: Annotated[
        str | None,
        typer.Option(
            "--preset",
            "-p",
            help="The rendition of this preset; else the largest.",
            show_default=False,
        ),
    ] = None,
    only_print: Annotated[
        bool, typer.Option("--print", help="Print the address instead of opening it.")
    ] = False,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    endpoint: Endpoint = None,
) -> None:
    """Open a rendition in the browser; print its address if no browser can be opened.

    Examples:
      tintype open 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B
      tintype open 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B --print
      tintype open 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B --preset thumb
    """
    screen = open_screen()
    with finding_errors(screen, json=False):
        place = find(stack, profile=profile, region=region, endpoint=endpoint, say=remarks(screen))
    with remote_errors(screen, json=False), place.api() as api:
        rendition = chosen(api.image(image_id), preset)
        address = rendition.url or f"{place.output('CdnUrl')}/{rendition.key}"
    if only_print or not webbrowser.open(address):
        typer.echo(address)


def chosen(image: Image, preset: str | None) -> Rendition:
    """Return the rendition of a preset, else the one with the most pixels.

    Raises:
        NoRenditionError: there is none.
    """
    found = [one for one in image.renditions if preset in {None, one.preset}]
    if not found:
        presets = ", ".join(dict.fromkeys(one.preset for one in image.renditions))
        status = image.status.lower().replace("_", " ")
        has = f"it has {presets}" if presets else f"it is {status}"
        message = (
            f'the image has no rendition "{preset}"; {has}' if preset else f"no renditions; {has}"
        )
        raise NoRenditionError(message)
    return max(found, key=lambda one: one.width * one.height)
