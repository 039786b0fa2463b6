"""`tintype open`: open a rendition in the browser."""

from __future__ import annotations

import webbrowser
from typing import Annotated

import typer

from tintype.cli.connection import Endpoint, ImageId, Profile, Region, StackName
from tintype.cli.errors import NoRenditionError
from tintype.cli.options import USAGE, reported_errors
from tintype.cli.output.console import open_screen
from tintype.cli.stack import find
from tintype.images import Image, Rendition
from tintype.outputs import Output


def open_image(
    image_id: ImageId,
    *,
    preset: Annotated[
        str | None,
        typer.Option(
            "--preset",
            "-p",
            help="Preset to open. Default: the largest rendition.",
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
    """Open a rendition in the browser, or print its address if there is no browser.

    Examples:
      tintype open 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B
      tintype open 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B --print
      tintype open 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B --preset thumb
    """
    screen = open_screen()
    with reported_errors(screen, code=USAGE):
        deployed = find(screen, stack, profile=profile, region=region, endpoint=endpoint)
    with reported_errors(screen), deployed.api() as api:
        rendition = chosen(api.image(image_id), preset)
        address = rendition.url or f"{deployed.output(Output.CDN_URL)}/{rendition.key}"
    if only_print or not webbrowser.open(address):
        typer.echo(address)


def chosen(image: Image, preset: str | None) -> Rendition:
    """Return the rendition of a preset, else the one with the most pixels.

    Raises:
        NoRenditionError: it does not exist.
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
