"""Taking originals in: a ticket for a signed upload, or the bytes themselves.

Start with `Counter`: `issue` gives a ticket, `accept` takes bytes. What S3 can refuse, S3 refuses: the signed
request names the type, the size and "only if nothing is there", and the image's record says
`AWAITING_UPLOAD` until the bucket tells that the bytes have come.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated
from unicodedata import category
from urllib.parse import quote

import msgspec

from tintype import keys
from tintype.aws.dynamodb import Table
from tintype.aws.s3 import Bucket
from tintype.content_types import CONTENT_TYPES, MAX_LENGTH, PATTERN, UNKNOWN, is_accepted
from tintype.images import TICKET_VERSION, Image, Original, Source, Status, item, timestamp

MAX_BODY_BYTES = 4_500_000  # in base64 it is 6 MB, the most that Lambda takes in one request
MAX_NAME_LENGTH = 255  # characters; the longest that file systems have
MAX_HEADER_LENGTH = 1_900  # bytes of the name as S3 metadata, of which an object can have 2 KB


class UploadError(Exception):
    """Base class of what can be wrong with an upload; all are final."""

    code = "upload_error"


class InvalidFilenameError(UploadError):
    """The file name is empty, too long or has control characters."""

    code = "invalid_filename"


class UnsupportedContentTypeError(UploadError):
    """The content type is of something else than the images that we open."""

    code = "unsupported_content_type"


class UploadTooLargeError(UploadError):
    """The announced size is more than `limits.max_bytes`."""

    code = "upload_too_large"


class EmptyBodyError(UploadError):
    """There are no bytes."""

    code = "empty_body"


class BodyTooLargeError(UploadError):
    """The bytes are more than one request to the API can carry; a ticket takes them."""

    code = "body_too_large"


# For the OpenAPI document; what does not keep to these two is refused with codes of their own.
FILENAME_PATTERN = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$"
ContentType = Annotated[
    str, msgspec.Meta(extra_json_schema={"pattern": PATTERN, "maxLength": MAX_LENGTH})
]
Filename = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=MAX_NAME_LENGTH,
        extra_json_schema={"pattern": FILENAME_PATTERN},
    ),
]


class TicketRequest(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What somebody wants to upload: `size` in bytes, `sha256` in hexadecimal."""

    filename: Filename
    content_type: ContentType = ""
    # A float, since JSON has one kind of number: 454.0 is as whole as 454.
    size: Annotated[float, msgspec.Meta(ge=1, multiple_of=1, extra_json_schema={"type": "integer"})]
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-fA-F]{64}$")] | None = None


class PlainRequest(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What a client that knows no more than a file name says of its upload."""

    filename: Filename
    content_type: ContentType = ""


class Upload(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The request that uploads the bytes: it must carry just these headers."""

    method: str
    url: str
    headers: dict[str, str]
    expires_at: str


class Ticket(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Leave to upload one original."""

    image_id: str
    upload: Upload
    processed_filename: str


class PlainTicket(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Leave to upload, for a client that knows no more than a file name."""

    upload_url: str
    key: str
    processed_filename: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Where originals are handed in."""

    originals: Bucket
    table: Table
    max_bytes: int
    ticket_seconds: int
    processed: str  # the file name of the rendition that a `processedFilename` means
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def issue(self, request: TicketRequest) -> Ticket:
        """Give leave to PUT one object of that type, that size and, if given, that checksum.

        Raises:
            UploadError: what is announced would be refused.
            ServiceError: the table did not take the record; nothing was given.
        """
        content_type, size = _checked_type(request.content_type), int(request.size)
        if size > self.max_bytes:
            message = f"{size:,} bytes; the limit is {self.max_bytes:,}"
            raise UploadTooLargeError(message)
        headers = {
            "content-type": content_type or UNKNOWN,
            "content-length": str(size),
            "if-none-match": "*",
            "x-amz-meta-filename": _header(request.filename),
        }
        if request.sha256 is not None:
            headers["x-amz-checksum-sha256"] = b64encode(bytes.fromhex(request.sha256)).decode()
        image = self._expect(request.filename, content_type, size)
        return Ticket(
            image_id=image.id,
            upload=Upload(
                method="PUT",
                url=self._signed(image, headers),
                headers=headers,
                expires_at=timestamp(self.now() + timedelta(seconds=self.ticket_seconds)),
            ),
            processed_filename=self._processed(image),
        )

    def issue_plain(self, request: PlainRequest) -> PlainTicket:
        """Give leave to PUT one object of that type, to a client that sends no other header.

        It sends the type that it names here, or any where it names none.

        Raises:
            UploadError: what is announced would be refused.
            ServiceError: the table did not take the record; nothing was given.
        """
        content_type = _checked_type(request.content_type)
        _header(request.filename)
        image = self._expect(request.filename, content_type, None, telling=True)
        headers = {"content-type": content_type} if content_type else {}
        return PlainTicket(
            upload_url=self._signed(image, headers),
            key=image.original.key,
            processed_filename=self._processed(image),
        )

    def accept(self, data: bytes, filename: str, content_type: str) -> Image:
        """Store an original whose bytes have come with the request.

        Raises:
            UploadError: it is empty, too large for a request, or of no type that we open.
            ServiceError: the bucket or the table did not do its part.
        """
        content_type = _checked_type(content_type)
        if not data:
            message = "the request has no body; send the image's bytes"
            raise EmptyBodyError(message)
        if len(data) > MAX_BODY_BYTES:
            message = (
                f"{len(data):,} bytes; the limit here is {MAX_BODY_BYTES:,}. "
                "POST /uploads gives a ticket for larger ones"
            )
            raise BodyTooLargeError(message)
        metadata = {"filename": _header(filename), "source": "api"}
        image = self._expect(filename, content_type, len(data), Source.API)
        # On no condition: the key is new, and a try whose answer was lost may be repeated.
        self.originals.put(
            image.original.key, data, content_type=content_type or UNKNOWN, metadata=metadata
        )
        return image

    def has_lapsed(self, image: Image) -> bool:
        """Whether an image's ticket has run out, and no event has told of an upload yet."""
        given = datetime.fromisoformat(image.created_at)
        lasted = self.now() - given > timedelta(seconds=self.ticket_seconds)
        return image.status is Status.AWAITING_UPLOAD and lasted

    def _expect(
        self,
        filename: str,
        content_type: str,
        size: int | None,
        source: Source = Source.UPLOAD,
        *,
        telling: bool = False,
    ) -> Image:
        """Write the record of an image whose original is still to come.

        The name has to be in the key (*telling*) where no metadata comes with the bytes.
        """
        now = self.now()
        image_id = keys.new_id(now)
        make_key = keys.telling_key if telling else keys.original_key
        key = make_key(image_id, filename)
        if key is None:
            message = f"too long for S3's keys, of which each has {keys.MAX_KEY_BYTES:,} bytes"
            raise InvalidFilenameError(message)
        image = Image(
            id=image_id,
            version=TICKET_VERSION,
            status=Status.AWAITING_UPLOAD,
            filename=filename,
            source=source,
            original=Original(
                key=key,
                content_type=content_type or None,
                bytes=size,
            ),
            created_at=timestamp(now),
            updated_at=timestamp(now),
            expires=int(now.timestamp()) + self.ticket_seconds + _GRACE_SECONDS,
        )
        self.table.put_new(item(image))
        return image

    def _signed(self, image: Image, headers: Mapping[str, str]) -> str:
        return self.originals.presign_put(
            image.original.key,
            headers=headers,
            expires_seconds=self.ticket_seconds,
            now=self.now(),
        )

    def _processed(self, image: Image) -> str:
        return processed_filename(image.id, self.processed)


# A ticket that was never used is forgotten. Of one that was used S3's event lies in a queue for at most
# 14 days (SQS's longest), by when a function has written a record without an end, or given up.
_GRACE_SECONDS = 15 * 24 * 3600


def processed_filename(image_id: str, rendition: str) -> str:
    """Return the name by which a plain client asks for its picture.

    >>> processed_filename("01M7XPE600ABCDEFGHJKMNPQRS", "processed.jpg")
    '01M7XPE600ABCDEFGHJKMNPQRS-processed.jpg'
    """
    return f"{image_id}-{rendition}"


def split_processed_filename(filename: str) -> tuple[str, str] | None:
    """Return the image's id and the rendition's file name, None if it is no such name."""
    image_id, dash, rendition = filename.partition("-")
    return (image_id, rendition) if dash and keys.is_id(image_id) else None


def _checked_type(content_type: str) -> str:
    """Return what a client calls the type, as it will send it; empty where it does not know."""
    if not is_accepted(content_type):
        known = ", ".join(sorted(CONTENT_TYPES))
        message = f"{content_type!r:.300} is not accepted; {known}, or none at all"
        raise UnsupportedContentTypeError(message)
    return content_type.strip()


def _header(filename: str) -> str:
    """Return a file name as S3's metadata can hold it: percent-encoded."""
    if not 1 <= len(filename) <= MAX_NAME_LENGTH or any(map(_is_control, filename)):
        message = f"1 to {MAX_NAME_LENGTH} characters, and no control characters among them"
        raise InvalidFilenameError(message)
    encoded = quote(filename, safe="", errors="replace")
    if len(encoded) > MAX_HEADER_LENGTH:
        message = f"too long for S3's metadata: {len(encoded)} bytes of {MAX_HEADER_LENGTH}"
        raise InvalidFilenameError(message)
    return encoded


def _is_control(character: str) -> bool:
    """Whether a character ends lines, rings bells or is none.

    `isprintable` says no to more: the narrow space in the names of macOS' screenshots, the joiners
    in emoji, and every character that is newer than Python.
    """
    return category(character) in {"Cc", "Cs", "Zl", "Zp"}
