"""An S3 bucket: read, write on a condition, list, and sign links for others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, unquote_plus, urlencode

from tintype.aws.account import Account, Call
from tintype.aws.errors import (
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
    UnavailableError,
)
from tintype.aws.refusals import named_error
from tintype.aws.signing import encoded_path
from tintype.aws.transport import Answer

METADATA_PREFIX = "x-amz-meta-"
_RANGE_NOT_SATISFIABLE = 416
# What is in GLACIER_IR is read at once.
_ARCHIVES = frozenset({"GLACIER", "DEEP_ARCHIVE"})


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object, or with `head` all but its bytes. *size* is the object's, whether *data* is here or not."""

    data: bytes
    etag: str
    content_type: str
    metadata: Mapping[str, str]
    last_modified: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An object in a listing; *size* in bytes."""

    key: str
    size: int
    last_modified: datetime
    storage_class: str = "STANDARD"

    @property
    def is_archived(self) -> bool:
        """Whether it must be restored before it can be read."""
        return self.storage_class in _ARCHIVES


class ObjectTooLargeError(Exception):
    """An object has more bytes than `get` was to take; *head* is all but its data."""

    def __init__(self, head: StoredObject) -> None:
        super().__init__(f"{head.size:,} bytes")
        self.head = head


@dataclass(frozen=True, slots=True)
class Bucket:
    """The bucket of that *name*. Keys are text of up to 1,024 bytes, any characters, never encoded.

    S3 answers 403 instead of 404 for a missing key to those who may not list the bucket.
    """

    account: Account
    name: str

    def get(self, key: str, *, max_bytes: int | None = None) -> StoredObject:
        """Return the object, of which at most *max_bytes* (at least 1) and one more ever come over the wire.

        Raises:
            NotFoundError: there is no such object, or no such bucket.
            ObjectTooLargeError: it has more than *max_bytes*.
            ServiceError: the object cannot be read.
        """
        headers = {} if max_bytes is None else {"range": f"bytes=0-{max_bytes}"}
        try:
            answer = self.account.send(self._call("GetObject", "GET", key, headers=headers))
        except InvalidRequestError as error:
            if error.status != _RANGE_NOT_SATISFIABLE:
                raise
            return self.head(key)  # no byte at all has no first one either
        stored = _stored(answer, _total(answer))
        if max_bytes is not None and stored.size > max_bytes:
            raise ObjectTooLargeError(replace(stored, data=b""))
        return stored

    def head(self, key: str) -> StoredObject:
        """Return the object without its data.

        Raises:
            NotFoundError: there is no such object, or no such bucket.
            ServiceError: the object cannot be read.
        """
        answer = self.account.send(self._call("HeadObject", "HEAD", key))
        return _stored(answer, int(answer.headers.get("content-length", "0")))

    def put(
        self,
        key: str,
        data: bytes,
        *,
        content_type: str,
        cache_control: str | None = None,
        metadata: Mapping[str, str] | None = None,
        if_match: str | None = None,
        if_none_match: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Write an object and return its ETag, on the condition that *if_match* is the ETag of what it replaces.

        *if_none_match*: only if there is no object. Metadata is printable ASCII; S3 strips what surrounds a value.

        If the answer to a conditional write is lost, the next try finds our own object and reports it
        as somebody else's. Where `PreconditionFailedError.tries` is above 1, read the object and compare.

        Raises:
            PreconditionFailedError: the condition does not hold, or another write is under way.
            InvalidRequestError: metadata is not printable ASCII, or S3 does not accept the object.
            ServiceError: the object cannot be written.
        """
        headers = {
            "content-type": content_type,
            **({} if cache_control is None else {"cache-control": cache_control}),
            **({} if if_match is None else {"if-match": if_match}),
            **({"if-none-match": "*"} if if_none_match else {}),
            **({"x-amz-tagging": urlencode(tags)} if tags else {}),
            **{f"{METADATA_PREFIX}{name}": value for name, value in (metadata or {}).items()},
        }
        try:
            answer = self.account.send(
                self._call("PutObject", "PUT", key, headers=headers, body=data)
            )
        except NotFoundError as error:
            if if_match is None or error.name != "NoSuchKey":
                raise
            # Gone is changed as well: whoever compares and swaps reads again in both cases.
            raise _precondition_failed(error) from error
        return answer.headers.get("etag", "")

    def copy(self, source: Bucket, source_key: str, key: str) -> None:
        """Copy an object of up to 5 GB with its content type and metadata, without its tags.

        No byte comes here: S3 copies by itself. It answers 200 before it is done, and then may tell
        of a failure in the body (CopyObject, "Response and special errors").

        Raises:
            NotFoundError: there is no such object, or no such bucket.
            ServiceError: the object cannot be read or written.
        """
        headers = {
            "x-amz-copy-source": encoded_path(f"{source.name}/{source_key}"),
            "x-amz-tagging-directive": "REPLACE",  # reading tags is a permission of its own
        }
        answer = self.account.send(self._call("CopyObject", "PUT", key, headers=headers))
        if b"<Error>" in answer.body:
            name, message = named_error(answer.headers, answer.body)
            raise UnavailableError(message, service="s3", operation="CopyObject", name=name)

    def delete(self, key: str, *, version: str | None = None) -> None:
        """Delete an object; where the bucket keeps versions, hide it. It is no error if there is none.

        With a *version*, delete that one for good; what it had replaced is the object again.

        Raises:
            ServiceError: the object cannot be deleted.
        """
        query = {"versionId": version} if version else {}
        self.account.send(self._call("DeleteObject", "DELETE", key, query=query))

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Yield the keys that begin with *prefix*, in the order of their UTF-8 bytes.

        Raises:
            ServiceError: the bucket cannot be listed.
        """
        return (entry.key for entry in self.entries(prefix))

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """Yield the objects whose keys begin with *prefix*, in the order of their keys' UTF-8 bytes.

        Raises:
            ServiceError: the bucket cannot be listed.
        """
        query = {"list-type": "2", "encoding-type": "url", "prefix": prefix}
        token: str | None = ""
        while token is not None:
            more = {"continuation-token": token} if token else {}
            call = self._call("ListObjectsV2", "GET", "", query={**query, **more})
            found, token = _listed(self.account.send(call).body)
            yield from found

    def presign_put(
        self,
        key: str,
        *,
        headers: Mapping[str, str],
        expires_seconds: int,
        now: datetime | None = None,
    ) -> str:
        """Return a link for one PUT, to be sent with exactly *headers*; S3 refuses any other.

        Sign `content-length` and `content-type` to fix size and type, and `if-none-match: *` to let
        it write once. The link is a secret: whoever has it may use it.

        Raises:
            InvalidRequestError: a header is not printable ASCII.
            ValueError: *expires_seconds* is not 1 to 604,800.
        """
        call = self._call("PutObject", "PUT", key, headers=headers)
        return self.account.presigned(call, expires_seconds=expires_seconds, now=now)

    def presign_get(
        self, key: str, *, expires_seconds: int, filename: str, now: datetime | None = None
    ) -> str:
        """Return a link to read the object, with no headers. The link is a secret.

        A browser that is led there saves the object as *filename*, and shows nothing of it.

        Raises:
            ValueError: *expires_seconds* is not 1 to 604,800.
        """
        name = quote(filename, safe="", errors="replace")
        disposition = f"attachment; filename*=UTF-8''{name}"
        query = {"response-content-disposition": disposition}
        call = self._call("GetObject", "GET", key, query=query)
        return self.account.presigned(call, expires_seconds=expires_seconds, now=now)

    def _call(
        self,
        operation: str,
        method: str,
        key: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        query: Mapping[str, str] | None = None,
    ) -> Call:
        """Return a request for the bucket by its own host; by path where that has none.

        A name with dots does not fit the certificate, and a local cloud's host cannot have names
        before it.
        """
        by_path = self.account.endpoint is not None or "." in self.name
        host = f"{self.name}.s3.{self.account.region}.{self.account.domain}"
        return Call(
            "s3",
            operation,
            method,
            path=f"/{self.name}/{key}" if by_path else f"/{key}",
            query=query or {},
            headers=headers or {},
            body=body,
            url=None if by_path else f"https://{host}",
        )


def _stored(answer: Answer, size: int) -> StoredObject:
    headers = answer.headers
    modified = headers.get("last-modified")
    return StoredObject(
        data=answer.body,
        etag=headers.get("etag", ""),
        content_type=headers.get("content-type", ""),
        metadata={
            name.removeprefix(METADATA_PREFIX): value
            for name, value in headers.items()
            if name.startswith(METADATA_PREFIX)
        },
        last_modified=datetime.fromtimestamp(0, UTC)
        if modified is None
        else parsedate_to_datetime(modified),
        size=size,
    )


def _total(answer: Answer) -> int:
    """Return the size of the object that an answer has all or the beginning of."""
    total = answer.headers.get("content-range", "").rpartition("/")[2]
    return int(total) if total else len(answer.body)


def _listed(body: bytes) -> tuple[list[Entry], str | None]:
    """Return the objects of one page, and the token for the next."""
    import xml.etree.ElementTree as ET  # noqa: PLC0415 - 7 ms that only who lists needs

    root = ET.fromstring(body)  # noqa: S314 - S3's own answer
    entries = [
        Entry(
            unquote_plus(found.findtext("{*}Key") or ""),
            int(found.findtext("{*}Size") or 0),
            datetime.fromisoformat(found.findtext("{*}LastModified") or ""),
            found.findtext("{*}StorageClass") or "STANDARD",
        )
        for found in root.iterfind("{*}Contents")
    ]
    more = root.findtext("{*}IsTruncated") == "true"
    return entries, root.findtext("{*}NextContinuationToken") if more else None


def _precondition_failed(error: NotFoundError) -> PreconditionFailedError:
    changed = PreconditionFailedError(
        "there is no such object any more",
        service=error.service,
        operation=error.operation,
        status=error.status,
        name=error.name,
    )
    changed.tries = error.tries
    return changed
