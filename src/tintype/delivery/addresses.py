"""Addresses for pages: one, a set of widths, and the HTML that shows an image.

Start with `url`. An address is in canonical form, so that equal pictures have equal addresses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, Unpack
from urllib.parse import quote

from tintype import keys
from tintype.delivery.grammar import GRID, AddressError, variant_of
from tintype.delivery.signing import signed_variant, variant_path

_OF_ADDRESS = frozenset({"name", "owner", "key", "expires"})


class AddressOptions(TypedDict, total=False):
    """What an address says besides the image: the grammar's parameters, and these.

    *name* stands at its end, for people and search engines. *owner* is a private image's. *key* signs
    it; *expires* is when the signature does, in seconds since 1970, which a private image needs.
    """

    name: str
    owner: str
    key: str
    expires: int
    preset: str
    w: int
    h: int
    dpr: float
    fit: str
    gravity: str
    fp_x: float
    fp_y: float
    q: int
    fm: str
    bg: str
    blur: float
    sharpen: float
    sat: int
    rotate: int
    flip: str
    rect: tuple[int, int, int, int]


def url(base: str, image_id: str, **options: Unpack[AddressOptions]) -> str:
    """Return the address of an image in any size; *base* is the page's, such as `https://images.example`.

    >>> url("https://images.example", "01M7XPE600ABCDEFGHJKMNPQRS", w=320, dpr=2, name="beach.jpg")
    'https://images.example/i/01M7XPE600ABCDEFGHJKMNPQRS/beach.jpg?w=640'

    Raises:
        AddressError: a parameter is wrong, or the signature of a private image never expires.
    """
    if not keys.is_id(image_id):
        raise AddressError(image_id, "is not an image ID")
    given = {
        name.replace("_", "-"): _text(value)
        for name, value in options.items()
        if name not in _OF_ADDRESS
    }
    variant = variant_of(given)
    owner, key, expires = options.get("owner"), options.get("key"), options.get("expires")
    image = variant_path(image_id, owner)
    if key is None:
        query = variant.query()
    elif owner is not None and expires is None:
        raise AddressError(image, "a signature of a private image needs a time when it expires")
    else:
        query = signed_variant(image, variant, key, expires).partition("?")[2]
    # Only dots are a parent folder, to browsers.
    name = options.get("name", "").strip(".") and f"/{quote(options['name'], safe='')}"
    return f"{base.rstrip('/')}{image}{name}{'?' if query else ''}{query}"


def srcset(
    base: str,
    image_id: str,
    *,
    widths: Sequence[int] = GRID,
    ratio: float | None = None,
    **options: Unpack[AddressOptions],
) -> str:
    """Return the value of an `srcset`: an address for each of *widths*, in pixels.

    With a *ratio* of width to height, each has a height as well, for pictures that are cut; they need a
    signature. By default the widths are those of the grid, which need none.

    >>> srcset("https://images.example", "01M7XPE600ABCDEFGHJKMNPQRS", widths=(320, 640))[:65]
    'https://images.example/i/01M7XPE600ABCDEFGHJKMNPQRS?w=320 320w, h'

    Raises:
        AddressError: as `url` does.
    """
    addresses = ((url(base, image_id, **_sized(options, width, ratio)), width) for width in widths)
    return ", ".join(f"{address} {width}w" for address, width in addresses)


def img(
    base: str,
    image_id: str,
    *,
    alt: str,
    sizes: str = "100vw",
    widths: Sequence[int] = GRID,
    ratio: float | None = None,
    lazy: bool = True,
    **options: Unpack[AddressOptions],
) -> str:
    """Return an HTML element that shows an image, from which a browser chooses a width.

    *alt* is its description for those who cannot see it, *sizes* the width that it has on the page, in
    CSS. A *lazy* image is loaded when it is about to be seen. A *ratio* reserves its place. For browsers
    without `srcset`, it has the largest width.

    >>> img("https://images.example", "01M7XPE600ABCDEFGHJKMNPQRS", alt='A "beach"', widths=(640,))[-58:]
    'alt="A &quot;beach&quot;" loading="lazy" decoding="async">'

    Raises:
        AddressError: as `url` does.
    """
    # Imports its table of all entities, which no function on Lambda needs.
    from html import escape  # noqa: PLC0415

    largest = _sized(options, max(widths), ratio)
    attributes = {
        "src": url(base, image_id, **largest),
        "srcset": srcset(base, image_id, widths=widths, ratio=ratio, **options),
        "sizes": sizes,
        "alt": alt,
    }
    if ratio is not None:
        attributes |= {"width": str(largest["w"]), "height": str(largest["h"])}
    if lazy:
        attributes["loading"] = "lazy"
    attributes["decoding"] = "async"
    written = (f'{name}="{escape(value)}"' for name, value in attributes.items())
    return f"<img {' '.join(written)}>"


def _sized(options: AddressOptions, width: int, ratio: float | None) -> AddressOptions:
    """Return the options with a width, and the height of the ratio."""
    sized = options.copy()
    sized["w"] = width
    if ratio is not None:
        sized["h"] = max(1, round(width / ratio))
    return sized


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:.10g}" if isinstance(value, float) else str(value)
