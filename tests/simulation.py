"""S3, SQS, DynamoDB and AppSync in memory, as reliable as the real ones: not very.

Start with `World`. It runs the use cases under a scheduler that switches between workers at every call
of a service, delivers messages twice and out of order, loses answers, refuses calls and kills
workers between any two steps. One seed decides everything, so that a failure can be run again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import msgspec

from tintype.aws.attributes import attributes, item_of
from tintype.aws.errors import (
    AccessDeniedError,
    NotFoundError,
    PreconditionFailedError,
)
from tintype.aws.s3 import Entry, ObjectTooLargeError, StoredObject, Version

if TYPE_CHECKING:
    from tintype.aws.attributes import Item
from tests.world import VISIBILITY, KilledError, World

MAX_TRIES = 5


class MemoryBucket:
    """A bucket that keeps versions.

    *notify* is told the name of each event, the key, the sequencer, the size and the version.
    """

    def __init__(
        self,
        world: World,
        name: str,
        notify: Callable[[str, str, str, int, str], None] | None = None,
    ) -> None:
        self.world, self.name, self.notify = world, name, notify
        self.objects: dict[str, StoredObject] = {}
        self.written: dict[str, dict[str, StoredObject | None]] = {}  # None: a delete marker
        self.cache_control: dict[str, str | None] = {}
        self.tags: dict[str, Mapping[str, str]] = {}
        self.locked = False  # no version goes for good
        self.poisoned = ""  # the key of the object that kills who reads it
        self._sequence = 0

    def get(self, key: str, *, max_bytes: int | None = None) -> StoredObject:
        self.world.call()
        if key == self.poisoned:
            raise KilledError
        found = self._found(key)
        if max_bytes is not None and found.size > max_bytes:
            raise ObjectTooLargeError(found)
        return found

    def head(self, key: str) -> StoredObject:
        self.world.call()
        return self._found(key)

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
        def effect() -> str:
            there = self.objects.get(key)
            if (if_none_match and there) or (if_match and (not there or there.etag != if_match)):
                raise PreconditionFailedError(
                    key, service="s3", operation="PutObject", status=412, name="PreconditionFailed"
                )
            etag = hashlib.md5(data, usedforsecurity=False).hexdigest()
            stored = StoredObject(
                data, etag, content_type, dict(metadata or {}), self.world.now, len(data)
            )
            self.cache_control[key], self.tags[key] = cache_control, tags or {}
            self._tell("ObjectCreated:Put", key, len(data), self._keep(key, stored))
            return etag

        return str(self.world.call(effect))

    def delete(self, key: str, *, version: str | None = None) -> None:
        if version is not None and self.locked:
            raise AccessDeniedError(
                key, service="s3", operation="DeleteObject", status=403, name="AccessDenied"
            )

        def effect() -> None:
            if version is None:
                self._tell("ObjectRemoved:DeleteMarkerCreated", key, 0, self._keep(key, None))
            else:
                self.written.get(key, {}).pop(version, None)
                self._show(key)
                self._tell("ObjectRemoved:Delete", key, 0, version)

        self.world.call(effect)

    def _keep(self, key: str, stored: StoredObject | None) -> str:
        version = f"v{self._sequence + 1}"
        named = replace(stored, version=version) if stored else None
        self.written.setdefault(key, {})[version] = named
        self._show(key)
        return version

    def _show(self, key: str) -> None:
        """Let the newest version be the object, unless it is a delete marker."""
        newest = next(reversed(self.written.get(key, {}).values()), None)
        if newest is None:
            self.objects.pop(key, None)
        else:
            self.objects[key] = newest

    def versions(self, key: str) -> list[Version]:
        self.world.call()
        found = self.written.get(key, {})
        return [
            Version(
                version,
                stored.etag if stored else "",
                stored.size if stored else 0,
                stored.last_modified if stored else self.world.now,
                stored is None,
            )
            for version, stored in reversed(found.items())
        ]

    def presign_get(
        self, key: str, *, expires_seconds: int, filename: str, now: datetime | None = None
    ) -> str:
        assert filename
        return self._link(key, expires_seconds, now)

    def presign_put(
        self,
        key: str,
        *,
        headers: Mapping[str, str],
        expires_seconds: int,
        now: datetime | None = None,
    ) -> str:
        signed = "%3B".join(sorted(["host", *headers]))
        return f"{self._link(key, expires_seconds, now)}&X-Amz-SignedHeaders={signed}"

    def _link(self, key: str, expires_seconds: int, now: datetime | None) -> str:
        moment = (now or self.world.now).strftime("%Y%m%dT%H%M%SZ")
        parameters = f"X-Amz-Date={moment}&X-Amz-Expires={expires_seconds}&X-Amz-Signature=secret"
        return f"https://{self.name}.s3.example/{quote(key)}?{parameters}"

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        self.world.call()
        for key, stored in sorted(self.objects.items()):
            if key.startswith(prefix):
                yield Entry(key, stored.size, stored.last_modified)

    def _found(self, key: str) -> StoredObject:
        if key not in self.objects:
            raise NotFoundError(
                key, service="s3", operation="GetObject", status=404, name="NoSuchKey"
            )
        return self.objects[key]

    def _tell(self, event: str, key: str, size: int, version: str) -> None:
        self._sequence += 1
        if self.notify:
            self.notify(event, key, f"{self._sequence:016X}", size, version)


@dataclass
class QueuedMessage:
    """A message in a queue, and when it may be received."""

    id: int
    body: str
    visible: datetime
    received: int = 0
    taken: bool = False


@dataclass
class MemoryQueue:
    """A queue; what failed *max_tries* times goes to the queue *failed*, if there is one."""

    world: World
    failed: MemoryQueue | None = None
    max_tries: int = MAX_TRIES
    messages: list[QueuedMessage] = field(default_factory=list)
    soon: list[tuple[str, int]] = field(default_factory=list)
    _sent: int = 0

    def send(self, body: str, *, delay_seconds: int = 0) -> str:
        self.world.call(lambda: self.put(body, timedelta(seconds=delay_seconds)))
        return ""

    def put(self, body: str, delay: timedelta = timedelta()) -> None:
        copies = 1 + (self.world.random.random() < self.world.odds.doubled)
        self.world.doubled += copies - 1
        for _ in range(copies):
            self._sent += 1
            self.messages.append(QueuedMessage(self._sent, body, self.world.now + delay))

    def show_after(self, receipt: str, seconds: int) -> None:
        self.world.call(lambda: self.soon.append((receipt, seconds)))

    def receive(self) -> QueuedMessage | None:
        """Take any visible message: SQS promises no order."""
        visible = [one for one in self.messages if not one.taken and one.visible <= self.world.now]
        if not visible:
            return None
        message = self.world.random.choice(visible)
        message.taken, message.received = True, message.received + 1
        return message

    def finish(self, message: QueuedMessage, *, failed: bool) -> None:
        message.taken = False
        if not failed:
            self.messages.remove(message)
        elif self.failed is not None and message.received >= self.max_tries:
            self.messages.remove(message)
            self.failed.messages.append(message)
        else:
            message.visible = self.world.now + VISIBILITY

    def redrive(self, back: MemoryQueue) -> int:
        """Move everything that is here to another queue, as an operator does."""
        moved, self.messages = self.messages, []
        for message in moved:
            back.put(message.body)
        return len(moved)


def as_stored(item: Mapping[str, object]) -> Item:
    """Return an item as DynamoDB gives it back."""
    return item_of(attributes(item))


def whole(value: object) -> int:
    assert isinstance(value, int)
    return value


class MemoryAnnouncements:
    """The GraphQL API; `published` has the versions that were announced, `owners` whose, an image each."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.published: dict[str, list[int]] = {}
        self.check: Callable[[str, int, set[str]], None] | None = None  # with renditions' addresses
        self.owners: dict[str, set[object]] = {}

    def execute(self, query: str, variables: Mapping[str, object]) -> dict[str, object]:
        assert "publishImage" in query
        image = msgspec.convert(variables["image"], dict[str, object])

        def effect() -> None:
            image_id = str(image["id"])
            self.published.setdefault(image_id, []).append(whole(image["version"]))
            self.owners.setdefault(image_id, set()).add(image.get("owner"))
            if self.check is not None:
                renditions = msgspec.convert(image["renditions"], list[dict[str, object]])
                urls = {str(one["url"]) for one in renditions}
                self.check(image_id, whole(image["version"]), urls)

        self.world.call(effect)
        return {}


class MemoryFunction:
    """A function, invoked where it is; both ways through JSON, as Lambda has it."""

    def __init__(
        self, world: World, handler: Callable[[dict[str, object], object], dict[str, object]]
    ) -> None:
        self.world, self.handler = world, handler

    def invoke(self, payload: bytes, *, timeout_seconds: float = 60.0) -> bytes:  # noqa: ARG002
        self.world.call()
        event = msgspec.json.decode(payload, type=dict[str, object])
        return msgspec.json.encode(self.handler(event, None))


def s3_event(
    event: str,
    bucket: str,
    key: str,
    sequencer: str,
    size: int,
    time: datetime,
    version: str,
) -> str:
    """Return the message that S3 sends, with all that we read of it."""
    record = {
        "eventName": event,
        "eventTime": time.isoformat().replace("+00:00", "Z"),
        "s3": {
            "bucket": {"name": bucket},
            "object": {
                "key": quote_plus(key),
                "size": size,
                "sequencer": sequencer,
                "versionId": version,
            },
        },
    }
    return msgspec.json.encode({"Records": [record]}).decode()
