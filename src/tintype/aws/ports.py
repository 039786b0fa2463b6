"""The protocols that use cases require of a bucket, a queue, a table, an API and a function.

`s3.Bucket`, `sqs.Queue`, `dynamodb.Table`, `access_table.AccessTable`, `appsync.GraphqlApi` and
`lambda_.Function` implement and document them; so do the in-memory services of the tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # so that functions load only the services they use
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from tintype.aws.attributes import Item
    from tintype.aws.dynamodb import ItemPage
    from tintype.aws.s3 import Entry, StoredObject, Version
    from tintype.usage import Allowance, Usage


class ObjectStore(Protocol):
    """A bucket: `s3.Bucket`."""

    @property
    def name(self) -> str:
        """The bucket's name."""

    def get(self, key: str, *, max_bytes: int | None = None) -> StoredObject:
        """Return an object."""

    def head(self, key: str) -> StoredObject:
        """Return an object without its data."""

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
        """Write an object, optionally on a condition, and return its ETag."""

    def delete(self, key: str, *, version: str | None = None) -> None:
        """Delete an object, or one version of it."""

    def entries(self, prefix: str = "") -> Iterable[Entry]:
        """List the objects whose keys begin with *prefix*."""

    def versions(self, key: str) -> Iterable[Version]:
        """List the versions of an object, newest first."""

    def presign_put(
        self,
        key: str,
        *,
        headers: Mapping[str, str],
        expires_seconds: int,
        now: datetime | None = None,
    ) -> str:
        """Return a link for one PUT with exactly *headers*."""

    def presign_get(
        self, key: str, *, expires_seconds: int, filename: str, now: datetime | None = None
    ) -> str:
        """Return a link to save an object as *filename*."""


class MessageQueue(Protocol):
    """A queue: `sqs.Queue`."""

    def send(self, body: str, *, delay_seconds: int = 0) -> str:
        """Send a message, delivered after *delay_seconds*, and return its ID."""

    def show_after(self, receipt: str, seconds: int) -> None:
        """Make a received message visible again after *seconds*."""


class Caches(Protocol):
    """The CDN's caches: `caches.Distribution`."""

    def invalidate(self, paths: Sequence[str], reference: str) -> None:
        """Begin to remove *paths* from the caches, once for each *reference*."""


class ImageTable(Protocol):
    """The table of records: `dynamodb.Table`."""

    def get(self, id: str) -> Item | None:  # noqa: A002 - the attribute's name
        """Return a record."""

    def used(self, owner: str) -> Usage:
        """Return what an owner's counters say."""

    def put_alike(self, item: Mapping[str, object], *, or_equal: bool = False) -> bool:
        """Write a record in place of an older one that counts the same; return whether it did."""

    def write(
        self,
        item: Mapping[str, object],
        *,
        replaces: Mapping[str, object] | None,
        changes: Mapping[str, Usage],
        allowance: Allowance = ...,
    ) -> bool:
        """Write a record in place of another and change the counters; return whether it did."""

    def remove(self, there: Mapping[str, object], *, changes: Mapping[str, Usage]) -> bool:
        """Remove a record and change the counters; return whether it did."""

    def query(
        self, owner: str, *, limit: int, after: Mapping[str, object] | None = None
    ) -> ItemPage:
        """Return an owner's records, newest first."""

    def named(self, owner_filename: str, *, limit: int) -> tuple[str, ...]:
        """Return the IDs of the records with this `ownerFilename`, newest first."""


class KeyStore(Protocol):
    """The table of API keys and leases: `access_table.AccessTable`."""

    def get(self, id: str) -> Item | None:  # noqa: A002 - the attribute's name
        """Return an item."""

    def put_new(self, item: Mapping[str, object]) -> bool:
        """Write an item if there is none with its `id`; return whether it was written."""

    def owned(self, owner: str) -> tuple[Item, ...]:
        """Return an owner's items, newest first."""

    def lease(self, id: str, *, now: int, until: int) -> bool:  # noqa: A002
        """Take a lease that nobody holds; return whether it was taken."""

    def count(self, id: str, *, most: int, until: int) -> bool:  # noqa: A002
        """Add one to a number that is less than *most*; return whether it was added."""

    def note_use(self, id: str, at: str, *, unless_after: str) -> bool:  # noqa: A002
        """Write when an item was last used, at most once in a while and if it is still there."""

    def delete(self, id: str) -> None:  # noqa: A002
        """Delete an item."""


class Announcements(Protocol):
    """Where changes are announced: `appsync.GraphqlApi`."""

    def execute(self, query: str, variables: Mapping[str, object]) -> dict[str, object]:
        """Execute a query or mutation and return its data."""


class Invocable(Protocol):
    """A function that returns a response: `lambda_.Function`."""

    def invoke(self, payload: bytes, *, timeout_seconds: float = 60.0) -> bytes:
        """Invoke it with JSON and return its response, also JSON."""
