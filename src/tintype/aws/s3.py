"""An S3 bucket: read, write on a condition, list, and sign links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import takewhile
from urllib.parse import quote, unquote_plus, urlencode

from tintype.aws.account import Account, Call
from tintype.aws.errors import (
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
    UnavailableError,
    named_error,
)
from tintype.aws.signing import encoded_path
from tintype.aws.transport import HttpResponse

METADATA_PREFIX = "x-amz-meta-"
_RANGE_NOT_SATISFIABLE = 416
# GLACIER_IR is not among them: it is readable immediately.
ARCHIVES = frozenset({"GLACIER", "DEEP_ARCHIVE"})


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object, or its metadata without *data* from `head`. *size* is always the object's size."""

    data: bytes
    etag: str
    content_type: str
    metadata: Mapping[str, str]
    last_modified: datetime
    size: int
    version: str | None = None  # in versioned buckets


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
        return self.storage_class in ARCHIVES


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an object in a versioned bucket; *is_marker*: a delete marker."""

    id: str
    etag: str
    size: int
    last_modified: datetime
    is_marker: bool


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version in a listing of several objects. In a bucket without versions its ID is `null`."""

    key: str
    version: Version


class ObjectTooLargeError(Exception):
    """An object exceeds the `max_bytes` of `get`; *head* is the object without its data."""

    def __init__(self, head: StoredObject) -> None:
        super().__init__(f"{head.size:,} bytes")
        self.head = head


@dataclass(frozen=True, slots=True)
class Bucket:
    """The bucket with this *name*. Keys are unencoded text of up to 1,024 bytes.

    For a missing key, S3 returns 403 instead of 404 to callers who may not list the bucket.
    """

    account: Account
    name: str

    def get(
        self, key: str, *, max_bytes: int | None = None, version: str | None = None
    ) -> StoredObject:
        """Return the object; at most *max_bytes* (at least 1) plus one byte are transferred.

        With a *version*, return that one instead of the current one.

        Raises:
            NotFoundError: there is no such object, or no such bucket.
            ObjectTooLargeError: it has more than *max_bytes*.
            ServiceError: the object cannot be read.
        """
        headers = {} if max_bytes is None else {"range": f"bytes=0-{max_bytes}"}
        query = {"versionId": version} if version else {}
        call = self._call("GetObject", "GET", key, headers=headers, query=query)
        try:
            answer = self.account.send(call)
        except InvalidRequestError as error:
            if error.status != _RANGE_NOT_SATISFIABLE:
                raise
            return self.head(key)  # an empty object has no byte range
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
        """Write an object and return its ETag, optionally only if *if_match* is the current ETag.

        *if_none_match*: only if there is no object. Metadata is printable ASCII; S3 strips
        whitespace around a value. If the response to a conditional write is lost, the retry finds
        our own object and fails: if `PreconditionFailedError.tries` is above 1, read the object and
        compare.

        Raises:
            PreconditionFailedError: the condition failed, or another write is in progress.
            InvalidRequestError: metadata is not printable ASCII, or S3 refuses the object.
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
            # A deleted object has changed as well: compare-and-swap must read again in both cases.
            raise _precondition_failed(error) from error
        return answer.headers.get("etag", "")

    def copy(self, source: Bucket, source_key: str, key: str) -> None:
        """Copy an object of up to 5 GB with its content type and metadata, without its tags.

        S3 copies on its side. It returns status 200 before it has finished, and may report a
        failure in the body (CopyObject, "Response and special errors").

        Raises:
            NotFoundError: there is no such object, or no such bucket.
            ServiceError: the object cannot be read or written.
        """
        headers = {
            "x-amz-copy-source": encoded_path(f"{source.name}/{source_key}"),
            "x-amz-tagging-directive": "REPLACE",  # reading tags needs another permission
        }
        answer = self.account.send(self._call("CopyObject", "PUT", key, headers=headers))
        if b"<Error>" in answer.body:
            name, message = named_error(answer.headers, answer.body)
            raise UnavailableError(message, service="s3", operation="CopyObject", name=name)

    def delete(self, key: str, *, version: str | None = None) -> None:
        """Delete an object, or hide it in a versioned bucket; a missing object is not an error.

        With a *version*, delete that version permanently; the previous one becomes current.

        Raises:
            ServiceError: the object cannot be deleted.
        """
        query = {"versionId": version} if version else {}
        self.account.send(self._call("DeleteObject", "DELETE", key, query=query))

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Yield the keys that begin with *prefix*, ordered by their UTF-8 bytes.

        Raises:
            ServiceError: the bucket cannot be listed.
        """
        return (entry.key for entry in self.entries(prefix))

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """Yield the objects whose keys begin with *prefix*, ordered by their keys' UTF-8 bytes.

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

    def versions(self, key: str) -> Iterator[Version]:
        """Yield the versions of one object, newest first; none if it never existed.

        Raises:
            ServiceError: the bucket's versions cannot be listed.
        """
        # It sorts before all other keys that begin with it.
        mine = takewhile(lambda one: one.key == key, self.versions_below(key))
        return (one.version for one in mine)

    def versions_below(self, prefix: str = "") -> Iterator[StoredVersion]:
        """Yield all versions of the objects whose keys begin with *prefix*, by key, newest first.

        Raises:
            ServiceError: the bucket's versions cannot be listed.
        """
        query = {"versions": "", "encoding-type": "url", "prefix": prefix}
        markers: dict[str, str] | None = {}
        while markers is not None:
            call = self._call("ListObjectVersions", "GET", "", query={**query, **markers})
            found, markers = _versions(self.account.send(call).body)
            yield from found

    def presign_put(
        self,
        key: str,
        *,
        headers: Mapping[str, str],
        expires_seconds: int,
        now: datetime | None = None,
    ) -> str:
        """Return a link for a PUT with exactly *headers*; S3 refuses all other requests.

        Sign `content-length` and `content-type` to fix size and type, and `if-none-match: *` to
        allow only one write. The link is a secret: anyone who has it can use it.

        Raises:
            InvalidRequestError: a header is not printable ASCII.
            ValueError: *expires_seconds* is not 1 to 604,800.
        """
        call = self._call("PutObject", "PUT", key, headers=headers)
        return self.account.presigned(call, expires_seconds=expires_seconds, now=now)

    def presign_get(
        self, key: str, *, expires_seconds: int, filename: str, now: datetime | None = None
    ) -> str:
        """Return a link to read the object, without headers. The link is a secret.

        Browsers save the object as *filename* instead of showing it.

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
        """Return a request with the bucket in the host name, or in the path if that is impossible.

        Names with dots do not match the certificate, and a local cloud's host has no subdomains.
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


def _stored(answer: HttpResponse, size: int) -> StoredObject:
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
        version=headers.get("x-amz-version-id"),
    )


def _total(answer: HttpResponse) -> int:
    """Return the object's full size from a whole or partial response."""
    total = answer.headers.get("content-range", "").rpartition("/")[2]
    return int(total) if total else len(answer.body)


def _listed(body: bytes) -> tuple[list[Entry], str | None]:
    """Return the objects of one page, and the token for the next."""
    import xml.etree.ElementTree as ET  # noqa: PLC0415 - 7 ms, only for listings

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


def _versions(body: bytes) -> tuple[list[StoredVersion], dict[str, str] | None]:
    """Return the versions on one page, and the start of the next."""
    import xml.etree.ElementTree as ET  # noqa: PLC0415 - as above

    root = ET.fromstring(body)  # noqa: S314 - S3's own answer
    read = unquote_plus if root.findtext("{*}EncodingType") == "url" else str
    found = [
        StoredVersion(
            read(one.findtext("{*}Key") or ""),
            Version(
                one.findtext("{*}VersionId") or "",
                one.findtext("{*}ETag") or "",
                int(one.findtext("{*}Size") or 0),
                datetime.fromisoformat(one.findtext("{*}LastModified") or ""),
                one.tag.endswith("DeleteMarker"),
            ),
        )
        for one in root
        if one.tag.rpartition("}")[2] in {"Version", "DeleteMarker"}
    ]
    if root.findtext("{*}IsTruncated") != "true":
        return found, None
    return found, {
        "key-marker": read(root.findtext("{*}NextKeyMarker") or ""),
        "version-id-marker": root.findtext("{*}NextVersionIdMarker") or "",
    }


def _precondition_failed(error: NotFoundError) -> PreconditionFailedError:
    changed = PreconditionFailedError(
        "the object no longer exists",
        service=error.service,
        operation=error.operation,
        status=error.status,
        name=error.name,
    )
    changed.tries = error.tries
    return changed
