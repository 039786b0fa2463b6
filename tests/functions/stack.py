"""The three functions and all that they act on: services in memory on which nothing goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pytest

from tests.functions.aws_events import Event, batch_of, http_event, message
from tests.pictures import picture
from tests.simulation import (
    MAX_TRIES,
    MemoryAnnouncements,
    MemoryBucket,
    MemoryFunction,
    MemoryQueue,
    MemoryTable,
    Odds,
    World,
    s3_event,
)
from tintype import keys
from tintype.catalogue import Catalogue
from tintype.darkroom import Darkroom
from tintype.functions import api, catalogue, develop
from tintype.functions.batches import Retry
from tintype.functions.operations import Service
from tintype.imaging import Encoding, Format, Limits, Preset
from tintype.uploads import Counter

if TYPE_CHECKING:
    from _typeshed import SupportsLenAndGetItem

    from tintype.aws.appsync import GraphqlApi
    from tintype.aws.dynamodb import Table
    from tintype.aws.invocations import Function
    from tintype.aws.s3 import Bucket
    from tintype.aws.sqs import Queue

PUBLIC_URL = "https://cdn.example"
MAX_BYTES = 20_000_000
TICKET_SECONDS = 900
RETRY_SECONDS = 90
FAILED_ARN = "arn:aws:sqs:eu-north-1:1:develop-failed"
PROCESSED = "processed.png"
PRESETS = (
    Preset(name="processed", width=4, height=4, formats=(Encoding(format=Format.PNG),)),
    Preset(name="thumb", width=2),
)
BROKEN = b"GIF is not what this is"

T = TypeVar("T")


@dataclass(frozen=True)
class Said:
    """An answer of the API as a client gets it."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


class InOrder(Random):
    """Dice that always fall as they should: queues give the oldest message first."""

    def choice(self, seq: SupportsLenAndGetItem[T]) -> T:
        return seq[0]


class Stack:
    """The stack, which hands every message that is sent to the function that it is for."""

    def __init__(self) -> None:
        world = self.world = World(0, Odds())
        world.random = InOrder()
        self.orders, self.news = MemoryQueue(world), MemoryQueue(world)
        self.dead_letters = {name: MemoryQueue(world) for name in ("develop", "catalogue")}
        self.originals = MemoryBucket(world, "originals", self._original_changed)
        self.renditions = MemoryBucket(world, "renditions", self._rendition_written)
        self.table, self.announcements = MemoryTable(world), MemoryAnnouncements(world)
        self.darkroom = Darkroom(
            originals=cast("Bucket", self.originals),
            renditions=cast("Bucket", self.renditions),
            orders=cast("Queue", self.orders),
            catalogue=cast("Queue", self.news),
            presets=PRESETS,
            presets_revision="presets",
            limits=Limits(),
            max_tries=MAX_TRIES,
            sweep_seconds=900,
            now=lambda: world.now,
        )
        self.catalogue = Catalogue(
            cast("Bucket", self.renditions),
            cast("Table", self.table),
            cast("GraphqlApi", self.announcements),
            PUBLIC_URL,
        )
        self.counter = Counter(
            originals=cast("Bucket", self.originals),
            table=cast("Table", self.table),
            max_bytes=MAX_BYTES,
            ticket_seconds=TICKET_SECONDS,
            processed=PROCESSED,
            now=lambda: world.now,
        )
        self.function = MemoryFunction(world, develop.handler)
        self.service = Service(
            originals=cast("Bucket", self.originals),
            table=cast("Table", self.table),
            orders=cast("Queue", self.orders),
            darkroom=cast("Function", self.function),
            counter=self.counter,
            public_url=PUBLIC_URL,
            originals_readable=True,
            processed=PROCESSED,
            presets_revision="presets",
        )

    def wire(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have the functions find these services instead of those in their environment."""
        monkeypatch.setattr(api, "service", lambda: self.service)
        monkeypatch.setattr(develop, "darkroom", lambda: self.darkroom)
        monkeypatch.setattr(develop, "retry", lambda: Retry(self.darkroom.orders, RETRY_SECONDS))
        monkeypatch.setattr(catalogue, "catalogue", lambda: self.catalogue)
        monkeypatch.setattr(catalogue, "darkroom", lambda: self.darkroom)
        monkeypatch.setattr(
            catalogue, "retry", lambda: Retry(self.darkroom.catalogue, RETRY_SECONDS)
        )
        monkeypatch.setattr(catalogue, "dead_letters", lambda name: self.dead_letters[name])
        monkeypatch.setenv("TINTYPE_DEVELOP_FAILED_QUEUE_ARN", FAILED_ARN)

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        body: bytes | dict[str, object] | None = None,
    ) -> Said:
        """Send a request to the api function."""
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        answer = api.handler(
            http_event(method, path, query=query, headers=headers, body=data), None
        )
        assert answer["isBase64Encoded"] is False
        return Said(
            status=cast("int", answer["statusCode"]),
            headers=cast("dict[str, str]", answer["headers"]),
            body=cast("str", answer["body"]),
        )

    def settle(self) -> None:
        """Let the functions handle every message, those included that they cause."""
        while self.orders.messages or self.news.messages:
            self._deliver(self.orders, develop.handler)
            self._deliver(self.news, catalogue.handler)
            self.world.now += timedelta(seconds=30)

    def put(self, data: bytes, key: str | None = None) -> str:
        """Put an original into the bucket, and return its image's id."""
        key = key or keys.original_key(keys.new_id(self.world.now), "beach.png")
        self.originals.put(key, data, content_type="image/png")
        return keys.image_id(self.originals.name, key)

    def ready(self) -> str:
        """Return the id of an image that is ready."""
        return self._settled(original())

    def failed(self) -> str:
        """Return the id of an image whose original was refused."""
        return self._settled(BROKEN)

    def expected(self) -> str:
        """Return the id of an image whose original has not come yet."""
        ticket = self.ask(
            "POST", "/uploads", body={"filename": "a.png", "contentType": "image/png", "size": 9}
        )
        return str(ticket.json["imageId"])

    def deleted(self) -> str:
        """Return the id of an image that is no more."""
        image_id = self.ready()
        self.ask("DELETE", f"/images/{image_id}")
        self.settle()
        return image_id

    def _settled(self, data: bytes) -> str:
        image_id = self.put(data)
        self.settle()
        return image_id

    def _deliver(
        self, queue: MemoryQueue, handler: Callable[[Event, object], dict[str, object]]
    ) -> None:
        while (taken := queue.receive()) is not None:
            said = handler(
                batch_of(message(taken.body, id=str(taken.id), received=taken.received)), None
            )
            queue.finish(taken, failed=bool(said["batchItemFailures"]))

    def _original_changed(
        self, event: str, key: str, sequencer: str, size: int, version: str
    ) -> None:
        now = self.world.now
        self.orders.put(s3_event(event, "originals", key, sequencer, size, now, version))

    def _rendition_written(
        self, event: str, key: str, sequencer: str, size: int, version: str
    ) -> None:
        if event.startswith("ObjectCreated:") and key.endswith("/manifest.json"):
            now = self.world.now
            self.news.put(s3_event(event, "renditions", key, sequencer, size, now, version))


@cache
def original() -> bytes:
    return picture(8, 6, Format.PNG)
