"""The operation that signs addresses of any size."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from tintype.access import Action
from tintype.delivery.grammar import AddressError, Variant, variant_of
from tintype.functions import http
from tintype.functions.api_service import ApiService, demand
from tintype.functions.errors import BadRequestError
from tintype.functions.http import Request, Response
from tintype.images import timestamp

_SHORTEST, _LONGEST = 60, 365 * 86_400  # seconds that an address may be asked to be valid
_EXPIRES_IN = "expiresIn"
# The grammar's word for a format in presets.
_FORMATS = {"jpg": "jpeg"}


class AddressRequest(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the file at an address is to be: the parameters of addresses, as they are called there.

    `expiresIn` is for how many seconds the address is valid at least; addresses of private images
    always expire, after one to two hours by default.
    """

    preset: str | None = None
    w: int | None = None
    h: int | None = None
    dpr: float | None = None
    fit: str | None = None
    gravity: str | None = None
    fp_x: float | None = msgspec.field(name="fp-x", default=None)
    fp_y: float | None = msgspec.field(name="fp-y", default=None)
    q: int | None = None
    fm: str | None = None
    bg: str | None = None
    blur: float | None = None
    sharpen: float | None = None
    sat: int | None = None
    rotate: int | None = None
    flip: str | None = None
    rect: str | None = None
    expires_in: Annotated[int, msgspec.Meta(ge=_SHORTEST, le=_LONGEST)] | None = msgspec.field(
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
    signed = service.signer.variant(image, variant, wanted.expires_in)
    expires_at = signed.expires and timestamp(datetime.fromtimestamp(signed.expires, UTC))
    address = SignedAddress(f"{service.public_url}{signed.path}", expires_at or None)
    return http.json(200, address, image_id=image.id)


def _variant(service: ApiService, wanted: AddressRequest) -> Variant:
    """Return what is wanted in canonical form.

    Raises:
        BadRequestError: a parameter is wrong, or the stack has no such preset.
    """
    given: dict[str, Any] = msgspec.to_builtins(wanted)
    texts = {name: _text(value) for name, value in given.items() if name != _EXPIRES_IN}
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


def _text(value: float | str) -> str:
    """Return a parameter as it is in an address.

    >>> _text(640), _text(2.0), _text(0.25), _text("crop")
    ('640', '2', '0.25', 'crop')
    """
    return f"{value:.10g}" if isinstance(value, float) else str(value)
