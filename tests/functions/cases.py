"""Every route, asked so that it succeeds, and so that it refuses for each reason that it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from tests.functions.stack import (
    BROKEN,
    MAX_BYTES,
    PROCESS_SLOTS,
    PROCESSED,
    ApiResponse,
    Stack,
    original,
)
from tintype.access import Scope
from tintype.functions import errors
from tintype.functions.key_operations import MAX_KEYS
from tintype.functions.routes import ErrorType
from tintype.images import document, from_document
from tintype.uploads import (
    MAX_BODY_BYTES,
    BodyTooLargeError,
    EmptyBodyError,
    InvalidFilenameError,
    PrivateNeedsSignInError,
    UnsupportedContentTypeError,
    UploadTooLargeError,
)
from tintype.usage import Allowance, OverQuotaError, counters_id

MakeRequest: TypeAlias = Callable[[Stack], ApiResponse]
RouteKey: TypeAlias = tuple[str, str]

PNG = {"content-type": "image/png"}
TICKET: dict[str, Any] = {"filename": "beach.png", "contentType": "image/png", "size": 1024}
PLAIN: dict[str, Any] = {"filename": "beach.png", "contentType": "image/png"}
UNKNOWN_ID = "01M7XPE600ABCDEFGHJKMNPQRS"

UPLOADS: RouteKey = ("POST", "/uploads")
IMAGES: RouteKey = ("POST", "/images")
LISTING: RouteKey = ("GET", "/images")
IMAGE: RouteKey = ("GET", "/images/{id}")
ORIGINAL: RouteKey = ("GET", "/images/{id}/original")
DELETION: RouteKey = ("DELETE", "/images/{id}")
CHANGE: RouteKey = ("PATCH", "/images/{id}")
REPROCESSING: RouteKey = ("POST", "/images/{id}/reprocess")
ADDRESS: RouteKey = ("POST", "/images/{id}/address")
PROCESSING: RouteKey = ("POST", "/process")
PLAIN_UPLOAD: RouteKey = ("POST", "/generate-upload-url")
PLAIN_ADDRESS: RouteKey = ("GET", "/get-processed-image-url")
SESSION: RouteKey = ("POST", "/session")
SIGN_OFF: RouteKey = ("DELETE", "/session")
ME: RouteKey = ("GET", "/me")
KEYS: RouteKey = ("GET", "/keys")
NEW_KEY: RouteKey = ("POST", "/keys")
REVOCATION: RouteKey = ("DELETE", "/keys/{id}")
KEY: dict[str, Any] = {"name": "camera", "scopes": ["upload", "read"]}


def post(path: str, body: bytes | dict[str, object]) -> MakeRequest:
    return lambda stack: stack.ask("POST", path, body=body)


def send(
    data: bytes, content_type: str = "image/png", query: str = "filename=beach.png"
) -> MakeRequest:
    headers = {"content-type": content_type}
    return lambda stack: stack.ask("POST", "/images", query=query, headers=headers, body=data)


def beside_another(make: MakeRequest) -> MakeRequest:
    """Return a request of an owner who has an image, by the counters, and may have one."""

    def ask(stack: Stack) -> ApiResponse:
        counters = counters_id("public")
        stack.access.items[counters] = {"id": counters, "images": 1, "bytes": 9, "version": 1}
        stack.limit(Allowance(images=1))
        return make(stack)

    return ask


def get(path: str, query: str = "") -> MakeRequest:
    return lambda stack: stack.ask("GET", path, query=query)


def picture_of(image: Callable[[Stack], str], name: str = PROCESSED) -> MakeRequest:
    return lambda stack: stack.ask(
        "GET", "/get-processed-image-url", query=f"filename={image(stack)}-{name}"
    )


def named(name: str, image: Callable[[Stack], str] | None = None) -> MakeRequest:
    """Ask as a client does that knows no more than a file name."""

    def ask(stack: Stack) -> ApiResponse:
        if image:
            image(stack)
        query = f"filename=processed-{name}"
        return stack.ask("GET", "/get-processed-image-url", query=query)

    return ask


def process(stack: Stack, data: bytes | None, **other: object) -> ApiResponse:
    key = "holiday 2026/café.png"
    if data is not None:
        stack.put(data, key)
    return stack.ask("POST", "/process", body={"bucket": "originals", "key": key, **other})


def process_beside_many(stack: Stack) -> ApiResponse:
    now = int(stack.world.now.timestamp())
    for slot in range(PROCESS_SLOTS):
        stack.access.lease(f"process#{slot}", now=now, until=now + 60)
    return process(stack, None)


def process_what_is_deleted_meanwhile(stack: Stack) -> ApiResponse:
    image_id = stack.deleted()
    key = from_document(stack.table.items[image_id]).original.key
    return stack.ask("POST", "/process", body={"bucket": "originals", "key": key})


def process_with_other_settings(stack: Stack, **facts: object) -> ApiResponse:
    """Have the process function answer as one that is of another deployment might."""
    image = document(from_document(stack.table.items[stack.ready()]))
    stack.function.handler = lambda _event, _context: {"ending": "READY", "image": image | facts}
    return process(stack, None)


def original_of(stack: Stack, image_id: str) -> ApiResponse:
    return stack.ask("GET", f"/images/{image_id}/original")


def original_where_none_is_given(stack: Stack) -> ApiResponse:
    stack.service = replace(stack.service, originals_readable=False)
    return original_of(stack, stack.ready())


def change(
    stack: Stack, image_id: str, body: bytes | dict[str, object] | None = None
) -> ApiResponse:
    wanted: bytes | dict[str, object] = {"visibility": "public"} if body is None else body
    return stack.ask("PATCH", f"/images/{image_id}", body=wanted)


def address(
    stack: Stack, body: bytes | dict[str, object], image_id: str | None = None
) -> ApiResponse:
    stack.has_signing_keys()
    return stack.ask("POST", f"/images/{image_id or stack.ready()}/address", body=body)


def start_session(stack: Stack) -> ApiResponse:
    stack.has_signing_keys()
    return stack.ask("POST", "/session", subject="alice")


def key_id(stack: Stack) -> str:
    """Return the id of a key that alice has made."""
    return str(stack.ask("POST", "/keys", body=KEY, subject="alice").json["id"])


def one_key_too_many(stack: Stack) -> ApiResponse:
    for _ in range(MAX_KEYS):
        stack.key_of("alice", Scope.READ)
    return make_key(KEY)(stack)


def make_key(body: bytes | dict[str, object]) -> MakeRequest:
    return lambda stack: stack.ask("POST", "/keys", body=body, subject="alice")


SUCCESSES: dict[RouteKey, MakeRequest] = {
    UPLOADS: post("/uploads", TICKET | {"sha256": "aB" * 32}),
    IMAGES: send(original()),
    LISTING: lambda stack: (stack.ready(), stack.expected(), stack.ask("GET", "/images"))[-1],
    IMAGE: lambda stack: stack.ask("GET", f"/images/{stack.ready()}"),
    ORIGINAL: lambda stack: stack.ask("GET", f"/images/{stack.ready()}/original"),
    DELETION: lambda stack: stack.ask("DELETE", f"/images/{stack.ready()}"),
    CHANGE: lambda stack: change(stack, stack.ready(), {"visibility": "public"}),
    REPROCESSING: lambda stack: stack.ask("POST", f"/images/{stack.outdated()}/reprocess"),
    ADDRESS: lambda stack: address(stack, {"w": 400, "h": 300, "fit": "crop", "expiresIn": 90}),
    PROCESSING: lambda stack: process(stack, original()),
    PLAIN_UPLOAD: post("/generate-upload-url", PLAIN),
    PLAIN_ADDRESS: picture_of(Stack.ready),
    SESSION: start_session,
    SIGN_OFF: lambda stack: stack.ask("DELETE", "/session", subject="alice"),
    ME: get("/me"),
    KEYS: lambda stack: (key_id(stack), stack.ask("GET", "/keys", subject="alice"))[-1],
    NEW_KEY: make_key(KEY | {"expiresAt": "2026-12-24T18:00:00+01:00"}),
    REVOCATION: lambda stack: stack.ask("DELETE", f"/keys/{key_id(stack)}", subject="alice"),
}

ERROR_CASES: list[tuple[RouteKey, ErrorType, MakeRequest]] = [
    (UPLOADS, errors.MalformedJsonError, post("/uploads", b"{")),
    (UPLOADS, errors.MalformedJsonError, post("/uploads", b"\xff\xfe")),
    (UPLOADS, errors.MalformedJsonError, post("/uploads", b"")),
    (UPLOADS, errors.MalformedJsonError, post("/uploads", b'{"a":' + b"[" * 100_000)),
    (UPLOADS, errors.BadRequestError, post("/uploads", TICKET | {"size": 0})),
    (UPLOADS, errors.BadRequestError, post("/uploads", TICKET | {"size": "1"})),
    (UPLOADS, errors.BadRequestError, post("/uploads", TICKET | {"sha256": "abc"})),
    (UPLOADS, InvalidFilenameError, post("/uploads", TICKET | {"filename": "a\nb.png"})),
    (UPLOADS, InvalidFilenameError, post("/uploads", TICKET | {"filename": "写" * 255})),
    (
        UPLOADS,
        UnsupportedContentTypeError,
        post("/uploads", TICKET | {"contentType": "image/svg+xml"}),
    ),
    (UPLOADS, UploadTooLargeError, post("/uploads", TICKET | {"size": MAX_BYTES + 1})),
    (UPLOADS, UploadTooLargeError, post("/uploads", TICKET | {"size": 10**30})),
    (UPLOADS, errors.BadRequestError, post("/uploads", TICKET | {"visibility": "secret"})),
    (UPLOADS, PrivateNeedsSignInError, post("/uploads", TICKET | {"visibility": "private"})),
    (IMAGES, errors.BadRequestError, send(b"x", query="visibility=secret")),
    (IMAGES, PrivateNeedsSignInError, send(b"x", query="visibility=private")),
    (IMAGES, InvalidFilenameError, send(b"x", query="filename=a%00b")),
    (IMAGES, InvalidFilenameError, send(b"x", query="filename=" + "a" * 256)),
    (IMAGES, UnsupportedContentTypeError, send(b"x", "application/json")),
    (IMAGES, UnsupportedContentTypeError, send(b"x", "image/png, text/html")),
    (IMAGES, EmptyBodyError, send(b"")),
    (IMAGES, BodyTooLargeError, send(b"x" * (MAX_BODY_BYTES + 1))),
    (LISTING, errors.BadRequestError, get("/images", "limit=0")),
    (LISTING, errors.BadRequestError, get("/images", "limit=101")),
    (LISTING, errors.BadRequestError, get("/images", "limit=")),
    (LISTING, errors.BadRequestError, get("/images", "limit=%C2%B2")),
    (LISTING, errors.BadRequestError, get("/images", "limit=" + "9" * 6000)),
    (LISTING, errors.BadRequestError, get("/images", "cursor=nonsense")),
    (IMAGE, errors.ImageNotFoundError, get(f"/images/{UNKNOWN_ID}")),
    (IMAGE, errors.ImageNotFoundError, get(f"/images/{UNKNOWN_ID.lower()}")),
    (IMAGE, errors.ImageNotFoundError, get("/images/beach.jpg")),
    (IMAGE, errors.ImageNotFoundError, lambda stack: get(f"/images/{stack.deleted()}")(stack)),
    (ORIGINAL, errors.ImageNotFoundError, get(f"/images/{UNKNOWN_ID}/original")),
    (ORIGINAL, errors.NotUploadedError, lambda stack: original_of(stack, stack.expected())),
    (ORIGINAL, errors.OriginalsNotPublicError, original_where_none_is_given),
    (
        DELETION,
        errors.ImageNotFoundError,
        lambda stack: stack.ask("DELETE", f"/images/{UNKNOWN_ID}"),
    ),
    (
        DELETION,
        errors.ImageNotFoundError,
        lambda stack: stack.ask("DELETE", f"/images/{stack.deleted()}"),
    ),
    (CHANGE, errors.MalformedJsonError, lambda stack: change(stack, stack.ready(), b"")),
    (
        CHANGE,
        errors.BadRequestError,
        lambda stack: change(stack, stack.ready(), {"visibility": "secret"}),
    ),
    (CHANGE, errors.ImageNotFoundError, lambda stack: change(stack, UNKNOWN_ID)),
    (CHANGE, errors.ImageNotFoundError, lambda stack: change(stack, stack.deleted())),
    (CHANGE, errors.StillProcessingError, lambda stack: change(stack, stack.begun())),
    (CHANGE, errors.NotUploadedError, lambda stack: change(stack, stack.expected())),
    (
        CHANGE,
        PrivateNeedsSignInError,
        lambda stack: change(stack, stack.ready(), {"visibility": "private"}),
    ),
    (REPROCESSING, errors.ImageNotFoundError, post(f"/images/{UNKNOWN_ID}/reprocess", b"")),
    (
        REPROCESSING,
        errors.NotUploadedError,
        lambda stack: stack.ask("POST", f"/images/{stack.expected()}/reprocess"),
    ),
    (ADDRESS, errors.MalformedJsonError, lambda stack: address(stack, b"w=640")),
    (ADDRESS, errors.BadRequestError, lambda stack: address(stack, {"w": 0})),
    (ADDRESS, errors.ImageNotFoundError, lambda stack: address(stack, {"w": 9}, UNKNOWN_ID)),
    (PROCESSING, errors.MalformedJsonError, post("/process", b"bucket=a")),
    (PROCESSING, errors.BadRequestError, post("/process", {"bucket": "originals"})),
    (PROCESSING, errors.BadRequestError, lambda stack: process(stack, None, key="ä" * 513)),
    (PROCESSING, errors.BucketNotAllowedError, lambda stack: process(stack, None, bucket="b")),
    (PROCESSING, errors.ObjectNotFoundError, lambda stack: process(stack, None)),
    (PROCESSING, errors.TooManyRequestsError, process_beside_many),
    (PROCESSING, errors.ObjectNotFoundError, process_what_is_deleted_meanwhile),
    (
        PROCESSING,
        errors.RenditionNotFoundError,
        lambda stack: process_with_other_settings(stack, renditions=[]),
    ),
    (
        PROCESSING,
        errors.NotReadyError,
        lambda stack: process_with_other_settings(stack, renditions=[], status="PROCESSING"),
    ),
    (PROCESSING, errors.ProcessingFailedError, lambda stack: process(stack, BROKEN)),
    (UPLOADS, OverQuotaError, beside_another(post("/uploads", TICKET))),
    (IMAGES, OverQuotaError, beside_another(send(original()))),
    (PLAIN_UPLOAD, OverQuotaError, beside_another(post("/generate-upload-url", PLAIN))),
    (PLAIN_UPLOAD, errors.MalformedJsonError, post("/generate-upload-url", b"")),
    (PLAIN_UPLOAD, errors.BadRequestError, post("/generate-upload-url", {})),
    (PLAIN_UPLOAD, InvalidFilenameError, post("/generate-upload-url", PLAIN | {"filename": "\t"})),
    (
        PLAIN_UPLOAD,
        PrivateNeedsSignInError,
        post("/generate-upload-url", PLAIN | {"visibility": "private"}),
    ),
    (
        PLAIN_UPLOAD,
        UnsupportedContentTypeError,
        post("/generate-upload-url", PLAIN | {"contentType": "text/html"}),
    ),
    (PLAIN_ADDRESS, errors.BadRequestError, get("/get-processed-image-url")),
    (PLAIN_ADDRESS, errors.BadRequestError, picture_of(lambda _stack: "beach")),
    (PLAIN_ADDRESS, errors.ImageNotFoundError, picture_of(lambda _stack: UNKNOWN_ID)),
    (PLAIN_ADDRESS, errors.ImageNotFoundError, picture_of(Stack.deleted)),
    (PLAIN_ADDRESS, errors.BadRequestError, named("")),
    (PLAIN_ADDRESS, errors.ImageNotFoundError, named("never.png")),
    (PLAIN_ADDRESS, errors.ImageNotFoundError, named("beach.png", Stack.deleted)),
    (PLAIN_ADDRESS, errors.NotReadyError, named("a.png", Stack.expected)),
    (PLAIN_ADDRESS, errors.ProcessingFailedError, named("beach.png", Stack.failed)),
    (PLAIN_ADDRESS, errors.NotReadyError, picture_of(Stack.expected)),
    (PLAIN_ADDRESS, errors.ProcessingFailedError, picture_of(Stack.failed)),
    (PLAIN_ADDRESS, errors.RenditionNotFoundError, picture_of(Stack.ready, "huge.png")),
    (PLAIN_ADDRESS, errors.RenditionNotFoundError, picture_of(Stack.ready, "")),
    (NEW_KEY, errors.MalformedJsonError, make_key(b"name=camera")),
    (NEW_KEY, errors.BadRequestError, make_key(KEY | {"name": ""})),
    (NEW_KEY, errors.BadRequestError, make_key(KEY | {"name": "a\x1b[2Jb"})),
    (NEW_KEY, errors.BadRequestError, make_key(KEY | {"name": "a\n"})),
    (NEW_KEY, errors.BadRequestError, make_key(KEY | {"scopes": []})),
    (NEW_KEY, errors.BadRequestError, make_key(KEY | {"scopes": ["write"]})),
    (NEW_KEY, errors.BadRequestError, make_key(KEY | {"expiresAt": "2026-11-20T00:00:00Z"})),
    (NEW_KEY, errors.BadRequestError, make_key(KEY | {"expiresAt": "2027-11-20T00:00:00"})),
    (NEW_KEY, errors.BadRequestError, make_key(KEY | {"expiresAt": "9999-12-31T23:59:59-12:00"})),
    (NEW_KEY, errors.BadRequestError, make_key(KEY | {"expiresAt": "0001-01-01T00:00:00+12:00"})),
    (NEW_KEY, errors.TooManyKeysError, one_key_too_many),
    (
        REVOCATION,
        errors.ApiKeyNotFoundError,
        lambda stack: stack.ask("DELETE", f"/keys/{key_id(stack)}", subject="bob"),
    ),
    (
        REVOCATION,
        errors.ApiKeyNotFoundError,
        lambda stack: stack.ask("DELETE", "/keys/beach.jpg", subject="alice"),
    ),
]
