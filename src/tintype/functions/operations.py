"""What the HTTP API can do: one function a route, each a request in and an answer out.

`routes.py` says which of them is called, and describes them for the OpenAPI document.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import msgspec

from tintype import keys
from tintype.aws.dynamodb import Table
from tintype.aws.invocations import Function
from tintype.aws.s3 import Bucket
from tintype.aws.sqs import Queue
from tintype.functions import http
from tintype.functions.http import Answer, Request
from tintype.functions.problems import (
    BucketNotAllowedError,
    ImageNotFoundError,
    InvalidRequestError,
    NotReadyError,
    NotUploadedError,
    ObjectNotFoundError,
    OriginalsNotPublicError,
    ProcessingFailedError,
    RenditionNotFoundError,
)
from tintype.images import (
    OWNER,
    Failure,
    Image,
    Rendition,
    Status,
    from_document,
    owner_filename,
    rendition_of,
    timestamp,
    with_urls,
)
from tintype.uploads import (
    Counter,
    PlainRequest,
    TicketRequest,
    processed_filename,
    split_processed_filename,
)

DEFAULT_LIMIT, MAX_LIMIT = 50, 100
_LIMIT_DIGITS = 10  # int() takes seconds for some thousands, and refuses more
_LINK_SECONDS = 15 * 60
PROCESSED_PREFIX = "processed-"  # what plain clients put before a file name
_NAMESAKES = 200  # records of one name that are looked at, newest first, until one counts


class Page(msgspec.Struct, frozen=True):
    """A page of the listing. `cursor` is null on the last one."""

    images: tuple[Image, ...]
    cursor: str | None = None


class Accepted(msgspec.Struct, frozen=True, rename="camel"):
    """What was asked for will be done; watch the image for it."""

    image_id: str
    processed_filename: str


class ProcessRequest(msgspec.Struct, frozen=True):
    """An object that is in the originals bucket already."""

    bucket: Annotated[str, msgspec.Meta(min_length=1)]
    key: Annotated[str, msgspec.Meta(min_length=1, max_length=keys.MAX_KEY_BYTES)]


class Processed(msgspec.Struct, frozen=True, rename="camel"):
    """The names of an original and of its picture, and where the picture is served.

    `original` is the object's key as it was asked for; `processed` may be asked for as a
    `processedFilename`.
    """

    original: str
    processed: str
    processed_url: str
    image: Image


class PictureAddress(msgspec.Struct, frozen=True):
    """Where a picture is served."""

    url: str


class OriginalLink(msgspec.Struct, frozen=True, rename="camel"):
    """A link to an original's bytes, for a few minutes. Whoever has it may use it."""

    url: str
    expires_at: str


class _Developed(msgspec.Struct):
    ending: str
    image: Image | None = None


class _Position(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    id: str
    owner: str
    created_at: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """All that the operations act on."""

    originals: Bucket
    table: Table
    orders: Queue
    darkroom: Function
    counter: Counter
    public_url: str
    originals_readable: bool  # by whoever may call the API
    processed: str
    presets_revision: str

    def image(self, image_id: str) -> Image:
        """Return the record of an image.

        Raises:
            ImageNotFoundError: there is none, or it is of a deleted one.
        """
        found = self.table.get(image_id) if keys.is_id(image_id) else None
        image = from_document(found) if found else None
        if image is None or image.status is Status.DELETED:
            message = f"no image has the id {image_id!r}"
            raise ImageNotFoundError(message)
        return image

    def named(self, filename: str) -> Image:
        """Return the record of the newest upload of a file name.

        A ticket counts from the moment that it is given, so that nobody who replaces a picture is
        shown the one before; it counts no more when it has run out and no record says that its
        original came. Where that is only because the event still waits, the one before is meant until
        then: nothing here may look into the bucket. `<id>.<ending>`, as `POST /process` names what it
        has made, is a name as well.

        Raises:
            ImageNotFoundError: there is none, or none among the newest records of that name.
        """
        for image_id in self.table.named(owner_filename(OWNER, filename), limit=_NAMESAKES):
            found = self.table.get(image_id)
            image = from_document(found) if found else None
            if image and image.status is not Status.DELETED and not self.counter.has_lapsed(image):
                return image
        image_id = filename.rpartition(".")[0]
        if keys.is_id(image_id):
            return self.image(image_id)
        message = f"no image has the name {filename!r:.300}"
        raise ImageNotFoundError(message)

    def shown(self, image: Image) -> Image:
        """Return a record with the addresses of its renditions."""
        return with_urls(image, self.public_url)


def issue_ticket(service: Service, request: Request, _path: Mapping[str, str]) -> Answer:
    """Give leave to upload one original straight into the bucket."""
    ticket = service.counter.issue(http.parsed(request.body, TicketRequest))
    return http.json(201, ticket, image_id=ticket.image_id)


def accept_image(service: Service, request: Request, _path: Mapping[str, str]) -> Answer:
    """Take an original's bytes."""
    content_type = request.headers.get("content-type", "")
    filename = request.query.get("filename") or "image"
    image = service.counter.accept(request.body, filename, content_type)
    return http.json(202, _accepted(service, image), image_id=image.id)


def process_object(service: Service, request: Request, _path: Mapping[str, str]) -> Answer:
    """Render an object of the originals bucket now, and wait for it."""
    wanted = http.parsed(request.body, ProcessRequest)
    if wanted.bucket != service.originals.name:
        message = f"{wanted.bucket!r} is not this stack's originals bucket"
        raise BucketNotAllowedError(message)
    if len(wanted.key.encode()) > keys.MAX_KEY_BYTES:
        message = f"key: at most {keys.MAX_KEY_BYTES} bytes of UTF-8"
        raise InvalidRequestError(message)
    order = msgspec.json.encode({"process": {"bucket": wanted.bucket, "key": wanted.key}})
    developed = msgspec.json.decode(service.darkroom.invoke(order), type=_Developed)
    image = developed.image
    if image is None or image.status is Status.DELETED:
        message = f"there is no object at {wanted.key!r}"
        raise ObjectNotFoundError(message)
    picture = _picture(service, image)
    processed = Processed(
        original=wanted.key,
        processed=f"{PROCESSED_PREFIX}{image.id}.{picture.key.rpartition('.')[2]}",
        processed_url=f"{service.public_url}/{picture.key}",
        image=service.shown(image),
    )
    return http.json(200, processed, image_id=image.id)


def list_images(service: Service, request: Request, _path: Mapping[str, str]) -> Answer:
    """List images, newest first."""
    limit, cursor = _limit(request.query), request.query.get("cursor")
    page = service.table.query(OWNER, limit=limit, after=_position(cursor) if cursor else None)
    images = tuple(service.shown(from_document(found)) for found in page.items)
    return http.json(200, Page(images, _cursor(page.after) if page.after else None))


def show_image(service: Service, _request: Request, path: Mapping[str, str]) -> Answer:
    """Return one image."""
    return http.json(200, service.shown(service.image(path["id"])))


def link_original(service: Service, _request: Request, path: Mapping[str, str]) -> Answer:
    """Return a link to the original, with all the metadata that no rendition has."""
    if not service.originals_readable:
        message = "this stack gives nobody a link to an original"
        raise OriginalsNotPublicError(message)
    image = service.image(path["id"])
    if image.status is Status.AWAITING_UPLOAD:
        message = "there is no original yet"
        raise NotUploadedError(message)
    now = service.counter.now()
    url = service.originals.presign_get(
        image.original.key, expires_seconds=_LINK_SECONDS, filename=image.filename, now=now
    )
    expires_at = timestamp(now + timedelta(seconds=_LINK_SECONDS))
    return http.json(200, OriginalLink(url=url, expires_at=expires_at))


def delete_image(service: Service, _request: Request, path: Mapping[str, str]) -> Answer:
    """Delete the original; its renditions and its record follow."""
    image = service.image(path["id"])
    service.originals.delete(image.original.key)
    if image.status in {Status.AWAITING_UPLOAD, Status.FAILED}:
        # Where nothing was, or what was too large is gone, S3 need not tell of a removal.
        _order(service, "discard", image)
    return http.json(202, _accepted(service, image), image_id=image.id)


def reprocess_image(service: Service, _request: Request, path: Mapping[str, str]) -> Answer:
    """Render an image again."""
    image = service.image(path["id"])
    if image.status is Status.AWAITING_UPLOAD:
        message = "there is nothing to render yet"
        raise NotUploadedError(message)
    _order(service, "reprocess", image)
    return http.json(202, _accepted(service, image), image_id=image.id)


def issue_plain_ticket(service: Service, request: Request, _path: Mapping[str, str]) -> Answer:
    """Give leave to upload, to a client that knows no more than a file name."""
    ticket = service.counter.issue_plain(http.parsed(request.body, PlainRequest))
    image_id = keys.image_id(service.originals.name, ticket.key)
    return http.json(200, ticket, image_id=image_id)


def find_processed(service: Service, request: Request, _path: Mapping[str, str]) -> Answer:
    """Return where the picture of an upload is served: by its file name, or its `processedFilename`."""
    asked = request.query.get("filename", "")
    split = split_processed_filename(asked)
    if split is not None:
        image, rendition = service.image(split[0]), split[1]
    elif len(asked) > len(PROCESSED_PREFIX) and asked.startswith(PROCESSED_PREFIX):
        image, rendition = service.named(asked.removeprefix(PROCESSED_PREFIX)), service.processed
    else:
        message = (
            f"filename: {asked!r:.300} is neither processed-<file name> nor a processedFilename"
        )
        raise InvalidRequestError(message)
    picture = _picture(service, image, rendition)
    address = PictureAddress(f"{service.public_url}/{picture.key}")
    return http.json(200, address, image_id=image.id)


def _picture(service: Service, image: Image, filename: str | None = None) -> Rendition:
    """Return the rendition that a plain client means.

    Raises:
        NotReadyError: it is still being made.
        ProcessingFailedError: it will not be made.
        RenditionNotFoundError: there are others, and not this one.
    """
    wanted = service.processed if filename is None else filename
    picture = rendition_of(image, wanted)
    if picture is not None:
        return picture
    if image.status is Status.FAILED:
        failure = image.failure or Failure("unknown", "no reason was recorded")
        message = f"{failure.code}: {failure.message}"
        raise ProcessingFailedError(message)
    if image.status is Status.READY:
        message = f"the image is ready and has no {wanted!r}"
        raise RenditionNotFoundError(message)
    message = f"the image is {image.status}"
    raise NotReadyError(message)


def _order(service: Service, command: str, image: Image) -> None:
    order = {"command": command, "imageId": image.id, "key": image.original.key}
    service.orders.send(msgspec.json.encode(order).decode())


def _accepted(service: Service, image: Image) -> Accepted:
    return Accepted(image.id, processed_filename(image.id, service.processed))


def _limit(query: Mapping[str, str]) -> int:
    text = query.get("limit", str(DEFAULT_LIMIT))
    digits = text.isascii() and text.isdigit() and len(text) <= _LIMIT_DIGITS
    if not digits or not 1 <= int(text) <= MAX_LIMIT:
        message = f"limit: {text!r:.60} is not a number from 1 to {MAX_LIMIT}"
        raise InvalidRequestError(message)
    return int(text)


def _cursor(after: Mapping[str, object]) -> str:
    return urlsafe_b64encode(msgspec.json.encode(after)).decode().rstrip("=")


def _position(cursor: str) -> Mapping[str, object]:
    message = "cursor: it is none that a page of the listing has given"
    try:
        plain = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        position = msgspec.json.decode(plain, type=_Position)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError(message) from error
    if position.owner != OWNER or not keys.is_id(position.id):
        raise InvalidRequestError(message)
    known: dict[str, object] = msgspec.to_builtins(position)
    return known
