"""The operation that signs addresses of any size."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from tintype.access import Action
from tintype.delivery.grammar import (
    FITS,
    FLIPS,
    FORMATS,
    GRAVITIES,
    AddressError,
    Variant,
    variant_of,
)
from tintype.functions import http
from tintype.functions.api_service import ApiService, demand
from tintype.functions.errors import BadRequestError
from tintype.functions.http import Request, Response
from tintype.images import timestamp

_SHORTEST, _LONGEST = 60, 365 * 86_400  # seconds that an address may be asked to be valid
_EXPIRES_IN = "expiresIn"
# The grammar's word for a format in presets.
_FORMATS = {"jpg": "jpeg"}
_MOST = 999_999_999  # numbers have at most nine digits; the grammar narrows them down
# Decimals that the grammar reads, of the parameters that have some.
_DECIMALS = {"dpr": 2, "fp-x": 3, "fp-y": 3, "blur": 1, "sharpen": 1}


def _number(least: int) -> msgspec.Meta:
    """Describe a number in the schema; the grammar is what refuses a wrong one, by its name."""
    return msgspec.Meta(extra_json_schema={"minimum": least, "maximum": _MOST})


def _text_like(pattern: str) -> msgspec.Meta:
    """Describe a text in the schema; the grammar is what refuses a wrong one, by its name."""
    return msgspec.Meta(extra_json_schema={"pattern": f"^({pattern})$"})


class AddressRequest(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the file at an address is to be: the parameters of addresses, as they are called there.

    Numbers are rounded to the decimals that addresses have: 640.0 is 640 in JSON, too.

    `expiresIn` is for how many seconds the address is valid at least; addresses of private images
    always expire, after one to two hours by default.
    """

    preset: Annotated[str, _text_like("[a-z0-9][a-z0-9_-]{0,63}")] | None = None
    w: Annotated[float, _number(1)] | None = None
    h: Annotated[float, _number(1)] | None = None
    dpr: Annotated[float, _number(0)] | None = None
    fit: Annotated[str, _text_like("|".join(FITS))] | None = None
    gravity: Annotated[str, _text_like("|".join(GRAVITIES))] | None = None
    fp_x: Annotated[float, _number(0)] | None = msgspec.field(name="fp-x", default=None)
    fp_y: Annotated[float, _number(0)] | None = msgspec.field(name="fp-y", default=None)
    q: Annotated[float, _number(0)] | None = None
    fm: Annotated[str, _text_like("|".join((*FORMATS, "jpeg")))] | None = None
    bg: Annotated[str, _text_like("[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6}")] | None = None
    blur: Annotated[float, _number(0)] | None = None
    sharpen: Annotated[float, _number(0)] | None = None
    sat: Annotated[float, _number(-_MOST)] | None = None
    rotate: Annotated[float, _number(0)] | None = None
    flip: Annotated[str, _text_like("|".join(FLIPS))] | None = None
    rect: (
        Annotated[str, _text_like("[0-9]{1,9},[0-9]{1,9},[1-9][0-9]{0,8},[1-9][0-9]{0,8}")] | None
    ) = None
    expires_in: Annotated[float, msgspec.Meta(ge=_SHORTEST, le=_LONGEST)] | None = msgspec.field(
        name=_EXPIRES_IN, default=None
    )


class SignedAddress(msgspec.Struct, frozen=True, rename="camel"):
    """An address of a file, for anyone who has it; without `expiresAt` it is valid for as long as the key."""

    url: str
    expires_at: str | None = None


def sign_address(service: ApiService, request: Request, path: Mapping[str, str]) -> Response:
    """Sign the address of an image in any size, which then anyone may have made."""
    demand(
        request.caller, Action.READ
    )  # as well as to sign: a caller without it learns of no image
    image = service.image(request.caller, Action.READ, path["id"])
    wanted = http.parsed(request.body, AddressRequest)
    variant = _variant(service, wanted)
    seconds = None if wanted.expires_in is None else round(wanted.expires_in)
    signed = service.signer.variant(image, variant, seconds)
    expires_at = signed.expires and timestamp(datetime.fromtimestamp(signed.expires, UTC))
    address = SignedAddress(f"{service.public_url}{signed.path}", expires_at or None)
    return http.json(200, address, image_id=image.id)


def _variant(service: ApiService, wanted: AddressRequest) -> Variant:
    """Return what is wanted in canonical form.

    Raises:
        BadRequestError: a parameter is wrong, or the stack has no such preset.
    """
    given: dict[str, Any] = msgspec.to_builtins(wanted)
    texts = {
        name: _text(value, _DECIMALS.get(name, 0))
        for name, value in given.items()
        if name != _EXPIRES_IN
    }
    try:
        variant = variant_of(texts)
    except AddressError as error:
        raise BadRequestError(str(error)) from error
    if variant.preset is not None:
        _check_preset(service, variant.preset, variant.format)
    return variant


def _check_preset(service: ApiService, name: str, fm: str | None) -> None:
    formats = service.presets.get(name)
    if formats is None:
        message = f"preset: the stack has no preset {name!r:.60}"
        raise BadRequestError(message)
    if fm is not None and _FORMATS.get(fm, fm) not in formats:
        message = f"fm: the preset {name} has no {fm}"
        raise BadRequestError(message)


def _text(value: float | str, decimals: int) -> str:
    """Return a parameter as it is in an address, a number rounded to so many decimals.

    >>> _text(640, 0), _text(2.0, 2), _text(1 / 3, 3), _text("crop", 0)
    ('640', '2', '0.333', 'crop')
    """
    return f"{round(value, decimals) + 0.0:.12g}" if isinstance(value, float) else str(value)
