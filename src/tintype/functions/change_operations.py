"""The operation that changes an image: who may see it, and what its crops keep."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import UNSET, UnsetType

from tintype import messages
from tintype.access import Action, Visibility
from tintype.functions import http
from tintype.functions.api_service import ApiService
from tintype.functions.errors import BadRequestError, NotUploadedError, StillProcessingError
from tintype.functions.http import Request, Response
from tintype.functions.operations import Accepted
from tintype.images import FIRST_VERSION, Focus, Image, Status, timestamp
from tintype.uploads import processed_filename


class ImageChange(msgspec.Struct, frozen=True):
    """What an image is to be: what is absent stays, and `focus` null removes the focus."""

    visibility: Visibility | UnsetType = UNSET
    focus: Focus | UnsetType | None = UNSET


def change_image(service: ApiService, request: Request, path: Mapping[str, str]) -> Response:
    """Make an image public or private, or choose what its crops keep: its renditions get new addresses.

    Another focus is rendered in the background queue, so that uploads never wait behind it.
    """
    image = service.image(request.caller, Action.CHANGE, path["id"])
    wanted = http.parsed(request.body, ImageChange)
    if wanted.visibility is UNSET and wanted.focus is UNSET:
        message = "the body names nothing to change; send visibility, focus or both"
        raise BadRequestError(message)
    if wanted.visibility is not UNSET:
        service.uploads.check(wanted.visibility)
    _demand_manifest(image)
    requested_at = timestamp(service.uploads.now())
    if wanted.visibility is not UNSET:
        _request_visibility(service, image, wanted.visibility, requested_at, request.trace)
    if wanted.focus is not UNSET:
        _request_focus(service, image, wanted.focus, requested_at, request.trace)
    accepted = Accepted(image.id, processed_filename(image.id, service.processed))
    return http.json(202, accepted, image_id=image.id)


def _demand_manifest(image: Image) -> None:
    """Make sure that there is a manifest to change.

    Raises:
        NotUploadedError, StillProcessingError: there is none yet.
    """
    if image.status is Status.AWAITING_UPLOAD:
        message = "nothing to change: the original has not been uploaded yet"
        raise NotUploadedError(message)
    if image.status is Status.PROCESSING and image.version < FIRST_VERSION:
        message = "the image is being processed for the first time"
        raise StillProcessingError(message)


def _request_visibility(
    service: ApiService, image: Image, wanted: Visibility, requested_at: str, trace: str | None
) -> None:
    change = messages.SetVisibility(
        image_id=image.id,
        key=image.original.key,
        visibility=wanted,
        requested_at=requested_at,
        trace=trace,
    )
    service.process_queue.send(messages.encode(change))


def _request_focus(
    service: ApiService, image: Image, wanted: Focus | None, requested_at: str, trace: str | None
) -> None:
    change = messages.SetFocus(
        image_id=image.id,
        key=image.original.key,
        focus=wanted,
        sha256=image.original.sha256,
        requested_at=requested_at,
        trace=trace,
    )
    service.background_queue.send(messages.encode(change))
