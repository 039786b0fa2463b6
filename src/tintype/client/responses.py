"""The API's responses, as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from tintype.client.errors import NotTheApiError
from tintype.images import Image, from_document


class UploadTicket(msgspec.Struct, frozen=True, rename="camel"):
    """A pre-signed request: it takes exactly these headers, once, until it expires (ISO 8601)."""

    method: str
    url: str
    headers: dict[str, str]
    expires_at: str


class Admission(msgspec.Struct, frozen=True, rename="camel"):
    """The response of `POST /uploads`: the future image's ID, and the ticket."""

    image_id: str
    upload: UploadTicket


class ImagePage(msgspec.Struct, frozen=True):
    """A page of images, newest first; `cursor` is None on the last page."""

    images: list[dict[str, Any]]  # msgspec does not support recursive types
    cursor: str | None = None


class AcceptedImage(msgspec.Struct, frozen=True, rename="camel"):
    """The response of `POST /images`."""

    image_id: str


class Link(msgspec.Struct, frozen=True):
    """A link to an original."""

    url: str


class AddressReply(msgspec.Struct, frozen=True, rename="camel"):
    """The response of `POST /images/{id}/address`."""

    url: str
    expires_at: str | None = None


class SignInConfig(msgspec.Struct, frozen=True, rename="camel"):
    """How people sign in. *url* is the base of managed login, empty if the *issuer* is discovered."""

    issuer: str = ""
    client_id: str = ""
    url: str = ""
    scope: str = ""
    audience: str = ""


class DeliveryConfig(msgspec.Struct, frozen=True):
    """Which sizes addresses can ask for without a signature; older pages do not say it."""

    unsigned: str | None = None
    widths: str | None = None  # of the grid in pixels, with commas


class PageConfig(msgspec.Struct, frozen=True, rename="camel"):
    """The fields of the page's `/config.json` that clients and the doctor need."""

    graphql_url: str
    realtime_url: str
    api_key: str
    region: str
    access_mode: str | None = None  # older pages do not say it, and are open
    sign_in: SignInConfig = SignInConfig()
    anyone: str | None = None  # what everybody may do if access is open, with commas
    delivery: DeliveryConfig = DeliveryConfig()


class Me(msgspec.Struct, frozen=True):
    """The response of `GET /me`: who calls, and what the caller may do.

    `used` has the owner's `images` and `bytes`; `limits` have them too, and `requestsPerMinute`.
    """

    owner: str
    admin: bool
    scopes: list[str]
    access: str
    used: dict[str, int] = {}
    limits: dict[str, int] = {}


class ProblemDocument(msgspec.Struct, frozen=True):
    """The part of RFC 9457 that we use; `message` is API Gateway's own, when no function was called."""

    title: str = ""
    detail: str = ""
    message: str = ""
    code: str | None = None


def as_image(document: Mapping[str, object]) -> Image:
    """Parse an image returned by the API.

    Raises:
        NotTheApiError: it is not an image.
    """
    try:
        return from_document(document)
    except msgspec.ValidationError as error:
        message = f"the response is not an image: {error}"
        raise NotTheApiError(message) from error
