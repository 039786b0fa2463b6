"""Every route, asked so that it succeeds, and so that it refuses for each reason that it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from tests.functions.stack import BROKEN, MAX_BYTES, PROCESSED, Said, Stack, original
from tintype.functions import problems
from tintype.functions.routes import Refusal
from tintype.images import document, from_document
from tintype.uploads import (
    MAX_BODY_BYTES,
    BodyTooLargeError,
    EmptyBodyError,
    InvalidFilenameError,
    UnsupportedContentTypeError,
    UploadTooLargeError,
)

Asking: TypeAlias = Callable[[Stack], Said]
Place: TypeAlias = tuple[str, str]

PNG = {"content-type": "image/png"}
TICKET: dict[str, Any] = {"filename": "beach.png", "contentType": "image/png", "size": 1024}
PLAIN: dict[str, Any] = {"filename": "beach.png", "contentType": "image/png"}
NOBODY = "01M7XPE600ABCDEFGHJKMNPQRS"

UPLOADS: Place = ("POST", "/uploads")
IMAGES: Place = ("POST", "/images")
LISTING: Place = ("GET", "/images")
IMAGE: Place = ("GET", "/images/{id}")
ORIGINAL: Place = ("GET", "/images/{id}/original")
DELETION: Place = ("DELETE", "/images/{id}")
REPROCESSING: Place = ("POST", "/images/{id}/reprocess")
PROCESSING: Place = ("POST", "/process")
PLAIN_UPLOAD: Place = ("POST", "/generate-upload-url")
PLAIN_ADDRESS: Place = ("GET", "/get-processed-image-url")


def post(path: str, body: bytes | dict[str, object]) -> Asking:
    return lambda stack: stack.ask("POST", path, body=body)


def send(data: bytes, content_type: str = "image/png", query: str = "filename=beach.png") -> Asking:
    headers = {"content-type": content_type}
    return lambda stack: stack.ask("POST", "/images", query=query, headers=headers, body=data)


def get(path: str, query: str = "") -> Asking:
    return lambda stack: stack.ask("GET", path, query=query)


def picture_of(image: Callable[[Stack], str], name: str = PROCESSED) -> Asking:
    return lambda stack: stack.ask(
        "GET", "/get-processed-image-url", query=f"filename={image(stack)}-{name}"
    )


def named(name: str, image: Callable[[Stack], str] | None = None) -> Asking:
    """Ask as a client does that knows no more than a file name."""

    def ask(stack: Stack) -> Said:
        if image:
            image(stack)
        query = f"filename=processed-{name}"
        return stack.ask("GET", "/get-processed-image-url", query=query)

    return ask


def process(stack: Stack, data: bytes | None, **other: object) -> Said:
    key = "holiday 2026/café.png"
    if data is not None:
        stack.put(data, key)
    return stack.ask("POST", "/process", body={"bucket": "originals", "key": key, **other})


def process_what_is_deleted_meanwhile(stack: Stack) -> Said:
    image_id = stack.deleted()
    key = str(stack.table.items[image_id]["original"]["key"])  # type: ignore[index] # an object
    return stack.ask("POST", "/process", body={"bucket": "originals", "key": key})


def process_with_other_settings(stack: Stack, **facts: object) -> Said:
    """Have the develop function answer as one that is of another deployment might."""
    image = document(from_document(stack.table.items[stack.ready()]))
    stack.function.handler = lambda _event, _context: {"ending": "READY", "image": image | facts}
    return process(stack, None)


def original_of(stack: Stack, image_id: str) -> Said:
    return stack.ask("GET", f"/images/{image_id}/original")


def original_where_none_is_given(stack: Stack) -> Said:
    stack.service = replace(stack.service, originals_readable=False)
    return original_of(stack, stack.ready())


SUCCESSES: dict[Place, Asking] = {
    UPLOADS: post("/uploads", TICKET | {"sha256": "aB" * 32}),
    IMAGES: send(original()),
    LISTING: lambda stack: (stack.ready(), stack.expected(), stack.ask("GET", "/images"))[-1],
    IMAGE: lambda stack: stack.ask("GET", f"/images/{stack.ready()}"),
    ORIGINAL: lambda stack: stack.ask("GET", f"/images/{stack.ready()}/original"),
    DELETION: lambda stack: stack.ask("DELETE", f"/images/{stack.ready()}"),
    REPROCESSING: lambda stack: stack.ask("POST", f"/images/{stack.ready()}/reprocess"),
    PROCESSING: lambda stack: process(stack, original()),
    PLAIN_UPLOAD: post("/generate-upload-url", PLAIN),
    PLAIN_ADDRESS: picture_of(Stack.ready),
}

REFUSALS: list[tuple[Place, Refusal, Asking]] = [
    (UPLOADS, problems.MalformedJsonError, post("/uploads", b"{")),
    (UPLOADS, problems.MalformedJsonError, post("/uploads", b"\xff\xfe")),
    (UPLOADS, problems.MalformedJsonError, post("/uploads", b"")),
    (UPLOADS, problems.MalformedJsonError, post("/uploads", b'{"a":' + b"[" * 100_000)),
    (UPLOADS, problems.InvalidRequestError, post("/uploads", TICKET | {"size": 0})),
    (UPLOADS, problems.InvalidRequestError, post("/uploads", TICKET | {"size": "1"})),
    (UPLOADS, problems.InvalidRequestError, post("/uploads", TICKET | {"sha256": "abc"})),
    (UPLOADS, InvalidFilenameError, post("/uploads", TICKET | {"filename": "a\nb.png"})),
    (UPLOADS, InvalidFilenameError, post("/uploads", TICKET | {"filename": "写" * 255})),
    (
        UPLOADS,
        UnsupportedContentTypeError,
        post("/uploads", TICKET | {"contentType": "image/svg+xml"}),
    ),
    (UPLOADS, UploadTooLargeError, post("/uploads", TICKET | {"size": MAX_BYTES + 1})),
    (UPLOADS, UploadTooLargeError, post("/uploads", TICKET | {"size": 10**30})),
    (IMAGES, InvalidFilenameError, send(b"x", query="filename=a%00b")),
    (IMAGES, InvalidFilenameError, send(b"x", query="filename=" + "a" * 256)),
    (IMAGES, UnsupportedContentTypeError, send(b"x", "application/json")),
    (IMAGES, UnsupportedContentTypeError, send(b"x", "image/png, text/html")),
    (IMAGES, EmptyBodyError, send(b"")),
    (IMAGES, BodyTooLargeError, send(b"x" * (MAX_BODY_BYTES + 1))),
    (LISTING, problems.InvalidRequestError, get("/images", "limit=0")),
    (LISTING, problems.InvalidRequestError, get("/images", "limit=101")),
    (LISTING, problems.InvalidRequestError, get("/images", "limit=")),
    (LISTING, problems.InvalidRequestError, get("/images", "limit=%C2%B2")),
    (LISTING, problems.InvalidRequestError, get("/images", "limit=" + "9" * 6000)),
    (LISTING, problems.InvalidRequestError, get("/images", "cursor=nonsense")),
    (IMAGE, problems.ImageNotFoundError, get(f"/images/{NOBODY}")),
    (IMAGE, problems.ImageNotFoundError, get(f"/images/{NOBODY.lower()}")),
    (IMAGE, problems.ImageNotFoundError, get("/images/beach.jpg")),
    (IMAGE, problems.ImageNotFoundError, lambda stack: get(f"/images/{stack.deleted()}")(stack)),
    (ORIGINAL, problems.ImageNotFoundError, get(f"/images/{NOBODY}/original")),
    (ORIGINAL, problems.NotUploadedError, lambda stack: original_of(stack, stack.expected())),
    (ORIGINAL, problems.OriginalsNotPublicError, original_where_none_is_given),
    (DELETION, problems.ImageNotFoundError, lambda stack: stack.ask("DELETE", f"/images/{NOBODY}")),
    (
        DELETION,
        problems.ImageNotFoundError,
        lambda stack: stack.ask("DELETE", f"/images/{stack.deleted()}"),
    ),
    (REPROCESSING, problems.ImageNotFoundError, post(f"/images/{NOBODY}/reprocess", b"")),
    (
        REPROCESSING,
        problems.NotUploadedError,
        lambda stack: stack.ask("POST", f"/images/{stack.expected()}/reprocess"),
    ),
    (PROCESSING, problems.MalformedJsonError, post("/process", b"bucket=a")),
    (PROCESSING, problems.InvalidRequestError, post("/process", {"bucket": "originals"})),
    (PROCESSING, problems.InvalidRequestError, lambda stack: process(stack, None, key="ä" * 513)),
    (PROCESSING, problems.BucketNotAllowedError, lambda stack: process(stack, None, bucket="b")),
    (PROCESSING, problems.ObjectNotFoundError, lambda stack: process(stack, None)),
    (PROCESSING, problems.ObjectNotFoundError, process_what_is_deleted_meanwhile),
    (
        PROCESSING,
        problems.RenditionNotFoundError,
        lambda stack: process_with_other_settings(stack, renditions=[]),
    ),
    (
        PROCESSING,
        problems.NotReadyError,
        lambda stack: process_with_other_settings(stack, renditions=[], status="PROCESSING"),
    ),
    (PROCESSING, problems.ProcessingFailedError, lambda stack: process(stack, BROKEN)),
    (PLAIN_UPLOAD, problems.MalformedJsonError, post("/generate-upload-url", b"")),
    (PLAIN_UPLOAD, problems.InvalidRequestError, post("/generate-upload-url", {})),
    (PLAIN_UPLOAD, InvalidFilenameError, post("/generate-upload-url", PLAIN | {"filename": "\t"})),
    (
        PLAIN_UPLOAD,
        UnsupportedContentTypeError,
        post("/generate-upload-url", PLAIN | {"contentType": "text/html"}),
    ),
    (PLAIN_ADDRESS, problems.InvalidRequestError, get("/get-processed-image-url")),
    (PLAIN_ADDRESS, problems.InvalidRequestError, picture_of(lambda _stack: "beach")),
    (PLAIN_ADDRESS, problems.ImageNotFoundError, picture_of(lambda _stack: NOBODY)),
    (PLAIN_ADDRESS, problems.ImageNotFoundError, picture_of(Stack.deleted)),
    (PLAIN_ADDRESS, problems.InvalidRequestError, named("")),
    (PLAIN_ADDRESS, problems.ImageNotFoundError, named("never.png")),
    (PLAIN_ADDRESS, problems.ImageNotFoundError, named("beach.png", Stack.deleted)),
    (PLAIN_ADDRESS, problems.NotReadyError, named("a.png", Stack.expected)),
    (PLAIN_ADDRESS, problems.ProcessingFailedError, named("beach.png", Stack.failed)),
    (PLAIN_ADDRESS, problems.NotReadyError, picture_of(Stack.expected)),
    (PLAIN_ADDRESS, problems.ProcessingFailedError, picture_of(Stack.failed)),
    (PLAIN_ADDRESS, problems.RenditionNotFoundError, picture_of(Stack.ready, "huge.png")),
    (PLAIN_ADDRESS, problems.RenditionNotFoundError, picture_of(Stack.ready, "")),
]
