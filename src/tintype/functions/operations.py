"""The operations of the HTTP API: one function per route, from request to response.

`routes.py` maps routes to them and describes them for the OpenAPI document.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, assert_never

import msgspec

from tintype import keys, messages, owners
from tintype.access import AccessMode, Action, Caller, Decision, Visibility, may
from tintype.functions import http
from tintype.functions.api_service import ApiService, is_hidden
from tintype.functions.errors import (
    BadRequestError,
    BucketNotAllowedError,
    NotAllowedError,
    NotReadyError,
    NotUploadedError,
    ObjectNotFoundError,
    OriginalsNotPublicError,
    ProcessingFailedError,
    RenditionNotFoundError,
)
from tintype.functions.http import Request, Response
from tintype.images import (
    Failure,
    Image,
    Rendition,
    Status,
    from_document,
    rendition_of,
    timestamp,
)
from tintype.uploads import (
    FilenameTicketRequest,
    TicketRequest,
    processed_filename,
    split_processed_filename,
)

DEFAULT_LIMIT, MAX_LIMIT = 50, 100
_LIMIT_DIGITS = 10  # int() takes seconds for thousands of digits, and refuses more
_LINK_SECONDS = 15 * 60
PROCESSED_PREFIX = "processed-"  # plain clients put this before a file name


class Page(msgspec.Struct, frozen=True):
    """A page of the listing. `cursor` is null on the last page."""

    images: tuple[Image, ...]
    cursor: str | None = None


class Accepted(msgspec.Struct, frozen=True, rename="camel"):
    """The request was accepted; watch the image for the result."""

    image_id: str
    processed_filename: str


class Reprocessing(Accepted, frozen=True, rename="camel"):
    """The request was accepted; watch the image for the result, unless that is `current`.

    Then nothing is rendered: the image is ready, and was rendered with the current presets.
    """

    current: bool


class ProcessRequest(msgspec.Struct, frozen=True):
    """An object already in the originals bucket."""

    bucket: Annotated[str, msgspec.Meta(min_length=1)]
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=keys.MAX_KEY_BYTES)]


class Processed(msgspec.Struct, frozen=True, rename="camel"):
    """The names of an original and its picture, and the picture's URL.

    `original` is the object's key as requested; `processed` can be used as a `processedFilename`.
    """

    original: str
    processed: str
    processed_url: str
    image: Image


class PictureAddress(msgspec.Struct, frozen=True):
    """The URL of a picture."""

    url: str


class OriginalLink(msgspec.Struct, frozen=True, rename="camel"):
    """A link to an original's bytes, valid for 15 minutes for anyone who has it."""

    url: str
    expires_at: str


class _JobReply(msgspec.Struct):
    # While a stack is updated, functions of two releases call each other: the field keeps its name.
    outcome: str = msgspec.field(name="ending")
    image: Image | None = None


class _Position(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    id: str
    owner: str
    created_at: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


def issue_ticket(service: ApiService, request: Request, _path: Mapping[str, str]) -> Response:
    """Issue a ticket to upload one original directly to the bucket."""
    wanted = http.parsed(request.body, TicketRequest)
    ticket = service.uploads.issue(wanted, request.trace, owner=request.caller.owner)
    return http.json(201, ticket, image_id=ticket.image_id)


def accept_image(service: ApiService, request: Request, _path: Mapping[str, str]) -> Response:
    """Upload an original as the request body."""
    content_type = request.headers.get("content-type", "")
    filename = request.query.get("filename") or "image"
    image = service.uploads.accept(
        request.body,
        filename,
        content_type,
        request.trace,
        owner=request.caller.owner,
        visibility=_visibility(request.query),
    )
    return http.json(202, _accepted(service, image), image_id=image.id)


def _visibility(query: Mapping[str, str]) -> Visibility | None:
    wanted = query.get("visibility")
    if wanted is None:
        return None
    if wanted not in set(Visibility):
        message = f"visibility: {wanted!r:.60} is neither public nor private"
        raise BadRequestError(message)
    return Visibility(wanted)


def process_object(service: ApiService, request: Request, _path: Mapping[str, str]) -> Response:
    """Render an object in the originals bucket now, and wait for the result."""
    wanted = http.parsed(request.body, ProcessRequest)
    if wanted.bucket != service.originals.name:
        message = f"{wanted.bucket!r} is not the originals bucket of this stack"
        raise BucketNotAllowedError(message)
    if len(wanted.key.encode()) > keys.MAX_KEY_BYTES:
        message = f"key: longer than {keys.MAX_KEY_BYTES} bytes of UTF-8"
        raise BadRequestError(message)
    _demand_object(service, request.caller, wanted.key)
    asked = {"bucket": wanted.bucket, "key": wanted.key, "trace": request.trace}
    job = msgspec.json.encode({"process": asked})
    with service.slots.taken():
        reply = msgspec.json.decode(service.processor.invoke(job), type=_JobReply)
    image = reply.image
    if (
        image is None
        or image.status is Status.DELETED
        or is_hidden(request.caller, Action.PROCESS, image.owner)
    ):
        raise _no_object(wanted.key)
    picture = _picture(service, image)
    processed = Processed(
        original=wanted.key,
        processed=f"{PROCESSED_PREFIX}{image.id}.{picture.key.rpartition('.')[2]}",
        processed_url=service.url(picture),
        image=service.shown(image),
    )
    return http.json(200, processed, image_id=image.id)


def _demand_object(service: ApiService, caller: Caller, key: str) -> None:
    """Make sure that an object, which may not exist, is the caller's, before any work is done.

    Raises:
        ObjectNotFoundError: it is not.
    """
    found = service.table.get(keys.image_id(service.originals.name, key))
    recorded = from_document(found).owner if found else None
    owner = recorded or keys.owner_in(key) or service.bucket_owner
    if is_hidden(caller, Action.PROCESS, owner):
        raise _no_object(key)


def _no_object(key: str) -> ObjectNotFoundError:
    return ObjectNotFoundError(f"the originals bucket has no object {key!r}")


def list_images(service: ApiService, request: Request, _path: Mapping[str, str]) -> Response:
    """List the caller's images, newest first; an admin may ask for another owner's."""
    limit, cursor, owner = (
        _limit(request.query),
        request.query.get("cursor"),
        _listed_owner(request),
    )
    after = _position(cursor, owner) if cursor else None
    page = service.table.query(owner, limit=limit, after=after)
    images = tuple(service.shown(from_document(found)) for found in page.items)
    return http.json(200, Page(images, _cursor(page.after) if page.after else None))


def _listed_owner(request: Request) -> str:
    owner = request.query.get("owner", request.caller.owner)
    if may(request.caller, Action.READ, owner) is not Decision.ALLOWED:
        message = "only admins can list the images of another owner"
        raise NotAllowedError(message)
    if owners.known(owner) is None:
        message = f"owner: {owner!r:.300} is not an owner"
        raise BadRequestError(message)
    return owner


def show_image(service: ApiService, request: Request, path: Mapping[str, str]) -> Response:
    """Return one image."""
    image = service.image(request.caller, Action.READ, path["id"])
    return http.json(200, service.shown(image))


def link_original(service: ApiService, request: Request, path: Mapping[str, str]) -> Response:
    """Return a link to the original, including the metadata that renditions omit."""
    if service.authentication.mode is AccessMode.OPEN and not service.originals_readable:
        message = "this stack does not give out links to originals"
        raise OriginalsNotPublicError(message)
    image = service.image(request.caller, Action.READ_ORIGINAL, path["id"])
    if image.status is Status.AWAITING_UPLOAD:
        message = "the original has not been uploaded yet"
        raise NotUploadedError(message)
    now = service.uploads.now()
    url = service.originals.presign_get(
        image.original.key, expires_seconds=_LINK_SECONDS, filename=image.filename, now=now
    )
    expires_at = timestamp(now + timedelta(seconds=_LINK_SECONDS))
    return http.json(200, OriginalLink(url=url, expires_at=expires_at))


def delete_image(service: ApiService, request: Request, path: Mapping[str, str]) -> Response:
    """Delete the original; its renditions and its record follow."""
    image = service.image(request.caller, Action.DELETE, path["id"])
    service.originals.delete(image.original.key)
    if image.status is not Status.READY:
        # S3 need not send an event if the object never existed or is already gone.
        discard = messages.Discard(image_id=image.id, key=image.original.key, trace=request.trace)
        service.process_queue.send(messages.encode(discard))
    return http.json(202, _accepted(service, image), image_id=image.id)


def reprocess_image(service: ApiService, request: Request, path: Mapping[str, str]) -> Response:
    """Render an image again; a result that is current, or a waiting request, answers for this one."""
    image = service.image(request.caller, Action.REPROCESS, path["id"])
    if image.status is Status.AWAITING_UPLOAD:
        message = "nothing to render: the original has not been uploaded yet"
        raise NotUploadedError(message)
    current = service.is_current(image)
    if not current:
        again = messages.Reprocess(image_id=image.id, key=image.original.key, trace=request.trace)
        with service.slots.once(image) as first:
            if first:
                service.background_queue.send(messages.encode(again))
    accepted = Reprocessing(
        image.id, processed_filename(image.id, service.processed), current=current
    )
    return http.json(202, accepted, image_id=image.id)


def issue_for_filename_ticket(
    service: ApiService, request: Request, _path: Mapping[str, str]
) -> Response:
    """Issue an upload link to a client that knows only a file name."""
    wanted = http.parsed(request.body, FilenameTicketRequest)
    ticket = service.uploads.issue_for_filename(wanted, owner=request.caller.owner)
    image_id = keys.image_id(service.originals.name, ticket.key)
    return http.json(200, ticket, image_id=image_id)


def find_processed(service: ApiService, request: Request, _path: Mapping[str, str]) -> Response:
    """Return the URL of an upload's picture, by file name or `processedFilename`."""
    asked = request.query.get("filename", "")
    split = split_processed_filename(asked)
    if split is not None:
        image, rendition = service.image(request.caller, Action.READ, split[0]), split[1]
    elif len(asked) > len(PROCESSED_PREFIX) and asked.startswith(PROCESSED_PREFIX):
        name = asked.removeprefix(PROCESSED_PREFIX)
        image = service.named(request.caller, Action.READ, name)
        rendition = service.processed
    else:
        message = f"filename: {asked!r:.300} is not processed-<file name> or a processedFilename"
        raise BadRequestError(message)
    picture = _picture(service, image, rendition)
    return http.json(200, PictureAddress(service.url(picture)), image_id=image.id)


def _picture(service: ApiService, image: Image, filename: str | None = None) -> Rendition:
    """Return the rendition for a plain client.

    Raises:
        NotReadyError: it is still being rendered.
        ProcessingFailedError: it will not be rendered.
        RenditionNotFoundError: the image is ready and has no such rendition.
    """
    wanted = service.processed if filename is None else filename
    picture = rendition_of(image, wanted)
    if picture is not None:
        return picture
    match image.status:
        case Status.FAILED:
            failure = image.failure or Failure("unknown", "no reason was recorded")
            message = f"{failure.code}: {failure.message}"
            raise ProcessingFailedError(message)
        case Status.READY:
            message = f"the image has no rendition {wanted!r}"
            raise RenditionNotFoundError(message)
        case Status.AWAITING_UPLOAD | Status.PROCESSING | Status.DELETED:
            message = f"the image is {image.status}"
            raise NotReadyError(message)
        case _:
            assert_never(image.status)


def _accepted(service: ApiService, image: Image) -> Accepted:
    return Accepted(image.id, processed_filename(image.id, service.processed))


def _limit(query: Mapping[str, str]) -> int:
    text = query.get("limit", str(DEFAULT_LIMIT))
    digits = text.isascii() and text.isdigit() and len(text) <= _LIMIT_DIGITS
    if not digits or not 1 <= int(text) <= MAX_LIMIT:
        message = f"limit: {text!r:.60} is not a number from 1 to {MAX_LIMIT}"
        raise BadRequestError(message)
    return int(text)


def _cursor(after: Mapping[str, object]) -> str:
    return urlsafe_b64encode(msgspec.json.encode(after)).decode().rstrip("=")


def _position(cursor: str, owner: str) -> Mapping[str, object]:
    message = "cursor: not a cursor returned by this listing"
    try:
        plain = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        position = msgspec.json.decode(plain, type=_Position)
    except (ValueError, RecursionError) as error:
        raise BadRequestError(message) from error
    if position.owner != owner or not keys.is_id(position.id):
        raise BadRequestError(message)
    known: dict[str, object] = msgspec.to_builtins(position)
    return known
