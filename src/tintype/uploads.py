"""Accept originals: a ticket for a signed upload, or the bytes themselves.

Start with `UploadService`: `issue` returns a ticket, `accept` takes bytes. S3 enforces what it can:
the signed request fixes the type, the size and "only if no such object exists". The image's record
is `AWAITING_UPLOAD` until the bucket reports the upload.
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

from tintype import keys, traces
from tintype.access import Visibility
from tintype.aws.ports import MessageQueue, ObjectStore
from tintype.aws.s3 import METADATA_PREFIX
from tintype.content_types import MAX_LENGTH, PATTERN, UNKNOWN, why_not_accepted
from tintype.images import (
    TICKET_VERSION,
    VISIBILITY,
    Image,
    Original,
    Source,
    Status,
    item,
    timestamp,
)
from tintype.messages import Expire
from tintype.records import Records
from tintype.tickets import send_expiry
from tintype.usage import NO_LIMIT, Allowance

MAX_BODY_BYTES = 4_500_000  # 6 MB in base64, Lambda's limit for one request
MAX_NAME_LENGTH = 255  # characters, the limit of file systems
# S3 checks a link when an upload begins: 50 MB at 128 kbit/s take 52 minutes.
LONGEST_UPLOAD_SECONDS = 3_600
MAX_HEADER_LENGTH = 1_900  # bytes of the name as S3 metadata, which S3 limits to 2 KB per object


class UploadError(Exception):
    """Base class of upload errors; all are final."""

    code = "upload_error"


class InvalidFilenameError(UploadError):
    """The file name is empty, too long or contains control characters."""

    code = "invalid_filename"


class UnsupportedContentTypeError(UploadError):
    """The content type is not one of the accepted image types."""

    code = "unsupported_content_type"


class UploadTooLargeError(UploadError):
    """The announced size is more than `limits.max_bytes`."""

    code = "upload_too_large"


class PrivateNeedsSignInError(UploadError):
    """Access is open, so anyone could see a private image."""

    code = "private_needs_sign_in"


class EmptyBodyError(UploadError):
    """The body is empty."""

    code = "empty_body"


class BodyTooLargeError(UploadError):
    """The body exceeds the limit of one request; request a ticket for larger files."""

    code = "body_too_large"


# For the OpenAPI document; violations are refused with codes of their own.
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
    """The file to upload: `size` in bytes, `sha256` in hexadecimal.

    Without `visibility`, the image has that of the deployment.
    """

    filename: Filename
    content_type: ContentType = ""
    # A float, since JSON has one number type: 454.0 is an integer as well.
    size: Annotated[float, msgspec.Meta(ge=1, multiple_of=1, extra_json_schema={"type": "integer"})]
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-fA-F]{64}$")] | None = None
    visibility: Visibility | None = None


class FilenameTicketRequest(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An upload by a client that knows only a file name.

    With `visibility`, the upload must send the header `x-amz-meta-visibility` with the same value.
    """

    filename: Filename
    content_type: ContentType = ""
    visibility: Visibility | None = None


class Upload(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The request that uploads the bytes; it must carry exactly these headers."""

    method: str
    url: str
    headers: dict[str, str]
    expires_at: str


class Ticket(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Permission to upload one original."""

    image_id: str
    upload: Upload
    processed_filename: str


class FilenameTicket(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Permission to upload one original, for a client that knows only a file name."""

    upload_url: str
    key: str
    processed_filename: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadService:
    """Accepts originals."""

    originals: ObjectStore
    records: Records
    expiries: MessageQueue  # of messages about the ends of tickets
    max_bytes: int
    ticket_seconds: int
    allowance: Allowance = NO_LIMIT  # of each owner
    processed: str  # the file name of the rendition that a `processedFilename` means
    visibility: Visibility = Visibility.PUBLIC  # of images whose request does not say
    may_be_private: bool = False  # where people sign in
    svg: bool = False  # `[limits] svg`
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def issue(self, request: TicketRequest, trace: str | None = None, *, owner: str) -> Ticket:
        """Return permission to PUT one object of that type, size and, if given, checksum.

        The object carries the caller's *trace* and belongs to *owner*.

        Raises:
            UploadError: the upload would be refused.
            ServiceError: the record was not stored; no ticket was issued.
        """
        content_type, size = _checked_type(request.content_type, svg=self.svg), int(request.size)
        if size > self.max_bytes:
            message = f"{size:,} bytes; the limit is {self.max_bytes:,}"
            raise UploadTooLargeError(message)
        headers = {
            "content-type": content_type or UNKNOWN,
            "content-length": str(size),
            "if-none-match": "*",
            f"{METADATA_PREFIX}filename": _header(request.filename),
        }
        if trace is not None:
            headers[f"{METADATA_PREFIX}{traces.METADATA}"] = trace
        headers |= self._visibility_header(request.visibility)
        if request.sha256 is not None:
            headers["x-amz-checksum-sha256"] = b64encode(bytes.fromhex(request.sha256)).decode()
        image = self._expect(
            request.filename, content_type, size, owner, visibility=request.visibility
        )
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

    def issue_for_filename(self, request: FilenameTicketRequest, *, owner: str) -> FilenameTicket:
        """Return permission to PUT one object, for a client that sends no header but the type.

        If the request names a type, the upload must use it. The object belongs to *owner*.

        Raises:
            UploadError: the upload would be refused.
            ServiceError: the record was not stored; no link was issued.
        """
        content_type = _checked_type(request.content_type, svg=self.svg)
        _header(request.filename)
        headers = self._visibility_header(request.visibility)
        image = self._expect(
            request.filename,
            content_type,
            None,
            owner,
            visibility=request.visibility,
            name_in_key=True,
        )
        headers |= {"content-type": content_type} if content_type else {}
        return FilenameTicket(
            upload_url=self._signed(image, headers),
            key=image.original.key,
            processed_filename=self._processed(image),
        )

    def accept(
        self,
        data: bytes,
        filename: str,
        content_type: str,
        trace: str | None = None,
        *,
        owner: str,
        visibility: Visibility | None = None,
    ) -> Image:
        """Store an *owner*'s original from the body of the request with this *trace*.

        Raises:
            UploadError: it is empty, too large for a request, or not of an accepted type.
            ServiceError: the bucket or the table refused or failed.
        """
        content_type = _checked_type(content_type, svg=self.svg)
        if not data:
            message = "the body is empty; send the image's bytes"
            raise EmptyBodyError(message)
        if len(data) > MAX_BODY_BYTES:
            message = (
                f"{len(data):,} bytes; the limit here is {MAX_BODY_BYTES:,}. "
                "For larger files, get a ticket from POST /uploads"
            )
            raise BodyTooLargeError(message)
        metadata = {"filename": _header(filename), "source": "api"}
        if trace is not None:
            metadata[traces.METADATA] = trace
        self.check(visibility)
        if visibility is not None:
            metadata[VISIBILITY] = visibility.value
        image = self._expect(
            filename, content_type, len(data), owner, Source.API, visibility=visibility
        )
        # Unconditional: the key is new, and a retry after a lost response may repeat the write.
        self.originals.put(
            image.original.key, data, content_type=content_type or UNKNOWN, metadata=metadata
        )
        return image

    def has_lapsed(self, image: Image) -> bool:
        """Whether an image's ticket has expired and no event has reported an upload yet."""
        given = datetime.fromisoformat(image.created_at)
        lasted = self.now() - given > timedelta(seconds=self.ticket_seconds)
        return image.status is Status.AWAITING_UPLOAD and lasted

    def _expect(
        self,
        filename: str,
        content_type: str,
        size: int | None,
        owner: str,
        source: Source = Source.UPLOAD,
        *,
        visibility: Visibility | None,
        name_in_key: bool = False,
    ) -> Image:
        """Write the record of an image whose original will be uploaded later.

        If the upload carries no metadata, the name must be in the key (*name_in_key*).
        """
        if size is None and self.allowance.bytes:
            size = self.max_bytes  # as much room as it may take, until it is known
        now = self.now()
        image_id = keys.new_id(now)
        make_key = keys.key_with_name if name_in_key else keys.original_key
        key = make_key(image_id, filename, owner)
        if key is None:
            message = f"too long for an S3 key, which has at most {keys.MAX_KEY_BYTES:,} bytes"
            raise InvalidFilenameError(message)
        image = Image(
            id=image_id,
            owner=owner,
            version=TICKET_VERSION,
            status=Status.AWAITING_UPLOAD,
            filename=filename,
            source=source,
            visibility=visibility or self.visibility,
            original=Original(
                key=key,
                content_type=content_type or None,
                bytes=size,
            ),
            created_at=timestamp(now),
            updated_at=timestamp(now),
        )
        # First: no record may wait for an upload that nothing will end.
        last_upload = int(now.timestamp()) + self.ticket_seconds + LONGEST_UPLOAD_SECONDS
        expire = Expire(image_id=image_id, at=last_upload)
        send_expiry(self.expiries, expire, now)
        self.records.put_new(item(image), self.allowance)
        return image

    def _visibility_header(self, visibility: Visibility | None) -> dict[str, str]:
        self.check(visibility)
        return {f"{METADATA_PREFIX}{VISIBILITY}": visibility.value} if visibility else {}

    def check(self, visibility: Visibility | None) -> None:
        """Make sure that an image can have this visibility.

        Raises:
            PrivateNeedsSignInError: it cannot.
        """
        if visibility is Visibility.PRIVATE and not self.may_be_private:
            message = "anyone can see every image of this stack, since access is open"
            raise PrivateNeedsSignInError(message)

    def _signed(self, image: Image, headers: Mapping[str, str]) -> str:
        return self.originals.presign_put(
            image.original.key,
            headers=headers,
            expires_seconds=self.ticket_seconds,
            now=self.now(),
        )

    def _processed(self, image: Image) -> str:
        return processed_filename(image.id, self.processed)


def processed_filename(image_id: str, rendition: str) -> str:
    """Return the name under which a plain client requests its picture.

    >>> processed_filename("01M7XPE600ABCDEFGHJKMNPQRS", "processed.jpg")
    '01M7XPE600ABCDEFGHJKMNPQRS-processed.jpg'
    """
    return f"{image_id}-{rendition}"


def split_processed_filename(filename: str) -> tuple[str, str] | None:
    """Return the image's ID and the rendition's file name, or None if it is not such a name."""
    image_id, dash, rendition = filename.partition("-")
    return (image_id, rendition) if dash and keys.is_id(image_id) else None


def _checked_type(content_type: str, *, svg: bool) -> str:
    """Return the client's content type, as it will send it; empty if it names none."""
    if message := why_not_accepted(content_type, svg=svg):
        raise UnsupportedContentTypeError(message)
    return content_type.strip()


def _header(filename: str) -> str:
    """Return a file name in the form that S3 metadata can store: percent-encoded."""
    if not 1 <= len(filename) <= MAX_NAME_LENGTH or any(map(is_control, filename)):
        message = f"must have 1 to {MAX_NAME_LENGTH} characters and no control characters"
        raise InvalidFilenameError(message)
    encoded = quote(filename, safe="", errors="replace")
    if len(encoded) > MAX_HEADER_LENGTH:
        message = (
            f"too long for S3 metadata: {len(encoded)} bytes; the limit is {MAX_HEADER_LENGTH}"
        )
        raise InvalidFilenameError(message)
    return encoded


def is_control(character: str) -> bool:
    """Whether a character is a control character, a surrogate or a line separator.

    `isprintable` rejects more: the narrow space in the names of macOS screenshots, the joiners in
    emoji, and every character newer than Python's Unicode data.
    """
    return category(character) in {"Cc", "Cs", "Zl", "Zp"}
