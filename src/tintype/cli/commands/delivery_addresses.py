"""`tintype delivery url` and `warm`: write or sign addresses of any size, and request them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from tintype.access import Visibility
from tintype.cli.connection import Endpoint, Profile, Region, StackName
from tintype.cli.errors import InvalidAddressError
from tintype.cli.options import FAILED, USAGE, Json, reported_errors
from tintype.cli.output.console import open_screen
from tintype.cli.output.delivery import show_warmed, warm_document
from tintype.cli.output.json import print_document
from tintype.cli.output.progress import WorkBar
from tintype.cli.stack import Stack, find
from tintype.config.delivery import Unsigned
from tintype.delivery import variant_path
from tintype.delivery.grammar import GRID, AddressError, Variant, variant_of
from tintype.outputs import Output, widths_of

if TYPE_CHECKING:
    from tintype.client.api import Api
    from tintype.client.warming import WarmRequest

FORMATS = ("avif", "webp", "jpg")
_WORDS = {"preset", "fit", "gravity", "fm", "bg", "flip", "rect"}
_OPEN_FORMATS = {None, *FORMATS}  # of an address without a signature

Parameters = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME=VALUE",
        help="Parameters, as in the address: w=640 h=480 fit=crop",
        show_default=False,
    ),
]


def address(
    image_id: Annotated[str, typer.Argument(metavar="ID", help="Image ID.")],
    parameters: Parameters = None,
    *,
    signed: Annotated[
        bool, typer.Option("--signed", help="Sign the address even if it works without.")
    ] = False,
    expires_in: Annotated[
        int | None,
        typer.Option(
            "--expires-in",
            metavar="SECONDS",
            min=60,
            max=31_536_000,
            help="For how long the address is valid, at least; it is then signed.",
            show_default=False,
        ),
    ] = None,
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    endpoint: Endpoint = None,
    json: Json = False,
) -> None:
    """Print the address of an image in any size and format.

    A width (rounded up to the stack's next one) or a preset needs no signature. All
    else, and every private image, is signed by the API, which takes the scope `upload`.

    Examples:
      tintype delivery url 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B w=640
      tintype delivery url 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B w=400 h=400 fit=crop
      tintype delivery url 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B w=640 --expires-in 3600
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        given = _given(parameters or [])
        variant = _variant(given)
        deployed = find(screen, stack, profile=profile, region=region, endpoint=endpoint)
    with reported_errors(screen, json=json), deployed.api() as api:
        image = api.image(image_id)
        expires_at = None
        if (
            signed
            or expires_in is not None
            or image.visibility is Visibility.PRIVATE
            or not is_open(variant, _rules(deployed, api)[0])
        ):
            made = api.address(image_id, _json(variant), expires_in)
            written, expires_at = made.url, made.expires_at
        else:
            written = _open_url(api, image_id, variant)
    if json:
        print_document({"url": written, "expiresAt": expires_at})
        return
    screen.out.print(written, soft_wrap=True)
    if expires_at is not None:
        screen.remark(f"Valid until {expires_at}")


def warm(
    image_ids: Annotated[
        list[str], typer.Argument(metavar="ID", help="Image IDs.", show_default=False)
    ],
    *,
    widths: Annotated[
        str | None,
        typer.Option(
            "--widths",
            metavar="W,W,…",
            help="Widths in pixels. Default: those of the stack.",
            show_default=False,
        ),
    ] = None,
    presets: Annotated[
        list[str] | None,
        typer.Option("--preset", help="A preset, instead of widths; may be repeated."),
    ] = None,
    formats: Annotated[
        str,
        typer.Option(
            "--formats",
            metavar="F,F,…",
            help="Browsers to act as: those that take AVIF, those that take WebP, all others (jpg).",
        ),
    ] = ",".join(FORMATS),
    stack: StackName = None,
    profile: Profile = None,
    region: Region = None,
    endpoint: Endpoint = None,
    json: Json = False,
) -> None:
    """Request addresses of images as browsers do, so that their files are made and stored.

    Otherwise the first visitor waits, a second or so. Files are kept for the `keep_days` of the
    settings. If interrupted, run it again: what is stored is not made again.

    Examples:
      tintype delivery warm 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B
      tintype delivery warm 01JD0Q4Y7S8T9V0W1X2Y3Z4A5B --widths 640,1280 --formats avif,webp
    """
    screen = open_screen(quiet=json)
    with reported_errors(screen, json=json, code=USAGE):
        variants = _variants(widths, presets or [])
        chosen = _formats(formats)
        deployed = find(screen, stack, profile=profile, region=region, endpoint=endpoint)
    with reported_errors(screen, json=json):
        from tintype.client.warming import warm as request_all  # noqa: PLC0415 - loads httpx

        requests = list(_requests(deployed, list(dict.fromkeys(image_ids)), variants, chosen))
        with WorkBar(screen, "Requesting", len(requests)) as bar:
            results = list(bar.each(request_all(requests)))
    if json:
        print_document(warm_document(results))
    else:
        show_warmed(results, screen)
    if any(one.failure for one in results):
        raise typer.Exit(FAILED)


def is_open(variant: Variant, unsigned: Unsigned = Unsigned.GRID) -> bool:
    """Whether a stack takes an address without a signature; *unsigned* is its setting.

    >>> [is_open(Variant(width=640)), is_open(Variant(width=640, height=480))]
    [True, False]
    >>> [is_open(one, Unsigned.PRESETS) for one in (Variant(width=640), Variant(preset="thumb"))]
    [False, True]
    """
    if variant.preset is not None:
        return unsigned is not Unsigned.NONE
    plain = Variant(width=variant.width, format=variant.format)
    is_plain = variant == plain and variant.format in _OPEN_FORMATS
    return is_plain and unsigned is Unsigned.GRID


def _rules(deployed: Stack, api: Api) -> tuple[Unsigned, Sequence[int]]:
    """Return what needs no signature, and the grid's widths; the defaults where the stack says neither.

    Raises:
        ClientError: only the API's address is known, and there is no page next to it.
    """
    if deployed.account is None:
        known = api.page_config().delivery
        outputs: dict[str, str] = {
            Output.DELIVERY_UNSIGNED: known.unsigned or "",
            Output.DELIVERY_WIDTHS: known.widths or "",
        }
    else:
        outputs = dict(deployed.outputs)
    unsigned = Unsigned(outputs.get(Output.DELIVERY_UNSIGNED) or Unsigned.GRID)
    return unsigned, widths_of(outputs) or GRID


def _json(variant: Variant) -> dict[str, float | str]:
    """Return the parameters for the API, whose numbers are numbers.

    >>> _json(Variant(width=640, blur=0.5, background="112233"))
    {'w': 640, 'bg': '112233', 'blur': 0.5}
    """
    texts = variant.parameters()
    return {
        name: text if name in _WORDS else float(text) if "." in text else int(text)
        for name, text in texts.items()
    }


def _given(words: Sequence[str]) -> Mapping[str, str]:
    given: dict[str, str] = {}
    for word in words:
        name, _, value = word.partition("=")
        if name in given:
            message = f"{name}: is there twice"
            raise InvalidAddressError(message)
        given[name] = value
    return given


def _variant(given: Mapping[str, str]) -> Variant:
    try:
        return variant_of(given)
    except AddressError as error:
        raise InvalidAddressError(str(error)) from error


def _variants(widths: str | None, presets: Sequence[str]) -> list[Variant] | None:
    """Return what to request; None stands for the stack's own widths."""
    if widths is not None and presets:
        message = "pass --widths or --preset, not both"
        raise InvalidAddressError(message)
    if presets:
        return [_variant({"preset": name}) for name in presets]
    if widths is None:
        return None
    return [_variant({"w": width.strip()}) for width in widths.split(",")]


def _formats(text: str) -> list[str]:
    chosen = [one.strip() for one in text.split(",")]
    for one in chosen:
        if one not in FORMATS:
            message = f"--formats: {one!r} is not one of {', '.join(FORMATS)}"
            raise InvalidAddressError(message)
    return chosen


def _requests(
    deployed: Stack,
    image_ids: Sequence[str],
    variants: Sequence[Variant] | None,
    formats: Sequence[str],
) -> Iterator[WarmRequest]:
    from tintype.client.warming import ACCEPT, WarmRequest  # noqa: PLC0415 - loads httpx

    with deployed.api() as api:
        unsigned, widths = _rules(deployed, api)
        chosen = [Variant(width=one) for one in widths] if variants is None else variants
        for image_id in image_ids:
            public = api.image(image_id).visibility is Visibility.PUBLIC
            for variant in chosen:
                url = _url(api, image_id, variant, is_open=public and is_open(variant, unsigned))
                yield from (WarmRequest(url, ACCEPT[one]) for one in formats)


def _url(api: Api, image_id: str, variant: Variant, *, is_open: bool) -> str:
    if not is_open:
        return api.address(image_id, _json(variant)).url
    return _open_url(api, image_id, variant)


def _open_url(api: Api, image_id: str, variant: Variant) -> str:
    query = variant.query()
    return f"{api.page_url}{variant_path(image_id)}{'?' if query else ''}{query}"
