"""The three functions and all that they act on: services in memory on which nothing goes wrong."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote

import pytest

from tests import delivery_cases
from tests.access_table import MemoryAccessTable
from tests.functions.aws_events import Event, batch_of, http_event, message, url_event
from tests.images_table import MemoryTable
from tests.pictures import picture
from tests.simulation import (
    MAX_TRIES,
    MemoryAnnouncements,
    MemoryBucket,
    MemoryFunction,
    MemoryQueue,
    s3_event,
)
from tests.world import Odds, World
from tintype import access, api_keys, delivery, keys
from tintype.access import AccessMode, Scope
from tintype.catalogue import Catalogue
from tintype.delivery.grammar import ADDRESS_HEADER
from tintype.functions import api, catalogue, process, render
from tintype.functions.api_service import ApiService
from tintype.functions.authentication import Authentication
from tintype.functions.batches import Retry
from tintype.functions.logging import note_trace
from tintype.functions.request_limit import RequestLimit
from tintype.functions.signing import AddressSigner
from tintype.functions.slots import Slots
from tintype.imaging import Encoding, Format, Limits, Preset
from tintype.processing.context import ProcessingContext
from tintype.processing.deliver import DeliveryContext
from tintype.records import Records
from tintype.tickets import Tickets
from tintype.uploads import UploadService
from tintype.usage import NO_LIMIT, Allowance

if TYPE_CHECKING:
    from _typeshed import SupportsLenAndGetItem


PUBLIC_URL = "https://cdn.example"
MAX_BYTES = 20_000_000
TICKET_SECONDS = 900
RETRY_SECONDS = 90
FAILED_ARN = "arn:aws:sqs:eu-north-1:1:process-failed"
PROCESSED = "processed.png"
PRESETS = (
    Preset(name="processed", width=4, height=4, formats=(Encoding(format=Format.PNG),)),
    Preset(name="thumb", width=2),
)
BUCKET_OWNER = "museum"
BROKEN = b"GIF is not what this is"

T = TypeVar("T")


@dataclass(frozen=True)
class DeliveredResponse:
    """An answer of the render function as CloudFront gets it."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def code(self) -> str:
        found: str = json.loads(self.body)["code"]
        return found


@dataclass(frozen=True)
class ApiResponse:
    """An answer of the API as a client gets it."""

    status: int
    headers: Mapping[str, str]
    body: str
    cookies: tuple[str, ...] = ()

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


class InOrder(Random):
    """Dice that always fall as they should: queues give the oldest message first."""

    def choice(self, seq: SupportsLenAndGetItem[T]) -> T:
        return seq[0]


PROCESS_SLOTS = 2
SIGNING_KEYS = {
    "id": delivery.KEYS_ITEM,
    "current": delivery_cases.CURRENT,
    "changedAt": "2026-01-01T00:00:00.000Z",
}


class Stack:
    """The stack, which hands every message that is sent to the function that it is for."""

    def __init__(self) -> None:
        world = self.world = World(0, Odds())
        world.random = InOrder()
        self.process_queue, self.news = MemoryQueue(world), MemoryQueue(world)
        self.background_queue = MemoryQueue(world)
        self.dead_letters = {name: MemoryQueue(world) for name in ("process", "catalogue")}
        self.originals = MemoryBucket(world, "originals", self._original_changed)
        self.renditions = MemoryBucket(world, "renditions", self._rendition_written)
        self.table, self.announcements = MemoryTable(world), MemoryAnnouncements(world)
        self.context = ProcessingContext(
            originals=self.originals,
            renditions=self.renditions,
            queue=self.process_queue,
            catalogue=self.news,
            presets=PRESETS,
            presets_revision="presets",
            limits=Limits(),
            max_tries=MAX_TRIES,
            sweep_seconds=900,
            bucket_owner=BUCKET_OWNER,
            now=lambda: world.now,
            on_trace=note_trace,
        )
        self.delivery = DeliveryContext(
            originals=self.originals,
            renditions=self.renditions,
            presets=PRESETS,
            limits=Limits(),
        )
        self.catalogue = Catalogue(
            self.renditions,
            Records(self.table),
            self.announcements,
            PUBLIC_URL,
            on_trace=note_trace,
        )
        self.tickets = Tickets(
            records=Records(self.table),
            originals=self.originals,
            queue=self.news,
            now=lambda: world.now,
        )
        self.uploads = UploadService(
            originals=self.originals,
            records=Records(self.table),
            expiries=self.news,
            max_bytes=MAX_BYTES,
            ticket_seconds=TICKET_SECONDS,
            processed=PROCESSED,
            now=lambda: world.now,
        )
        self.access = MemoryAccessTable(world)
        self.table.counters = self.access.items
        self.authentication = Authentication(
            mode=AccessMode.OPEN,
            anyone=access.ALL,
            admin_group="admin",
            groups_claim="cognito:groups",
            keys=self.access,
            now=lambda: world.now,
        )
        self.function = MemoryFunction(world, process.handler)
        self.service = ApiService(
            originals=self.originals,
            table=self.table,
            process_queue=self.process_queue,
            background_queue=self.background_queue,
            processor=self.function,
            uploads=self.uploads,
            public_url=PUBLIC_URL,
            originals_readable=True,
            processed=PROCESSED,
            presets_revision="presets",
            presets={
                one.name: frozenset(each.format.value for each in one.formats) for one in PRESETS
            },
            bucket_owner=BUCKET_OWNER,
            authentication=self.authentication,
            slots=Slots(self.access, PROCESS_SLOTS, now=lambda: world.now),
            request_limit=RequestLimit(self.access, 0, now=lambda: world.now),
            signer=AddressSigner(self.access, now=lambda: world.now),
        )

    def wire(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have the functions find these services instead of those in their environment."""
        monkeypatch.setattr(api, "service", lambda: self.service)
        monkeypatch.setattr(process, "context", lambda: self.context)
        monkeypatch.setattr(
            process, "retry", lambda _source: Retry(self.context.queue, RETRY_SECONDS)
        )
        monkeypatch.setattr(render, "context", lambda: self.delivery)
        monkeypatch.setattr(catalogue, "catalogue", lambda: self.catalogue)
        monkeypatch.setattr(catalogue, "tickets", lambda: self.tickets)
        monkeypatch.setattr(catalogue, "context", lambda: self.context)
        monkeypatch.setattr(
            catalogue, "retry", lambda: Retry(self.context.catalogue, RETRY_SECONDS)
        )
        monkeypatch.setattr(catalogue, "dead_letters", lambda name: self.dead_letters[name])
        monkeypatch.setenv("TINTYPE_PROCESS_FAILED_QUEUE_ARN", FAILED_ARN)

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        body: bytes | dict[str, object] | None = None,
        subject: str | None = None,
        groups: Sequence[str] = (),
        key: str | None = None,
    ) -> ApiResponse:
        """Send a request to the api function: *subject*, of these *groups*, or the holder of *key*."""
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        headers = dict(headers or {})
        if key is not None:
            path, headers["authorization"] = f"/with-key{path}", f"Bearer {key}"
        response = api.handler(
            http_event(
                method,
                path,
                query=query,
                headers=headers,
                body=data,
                subject=subject,
                groups=groups,
            ),
            None,
        )
        assert response["isBase64Encoded"] is False
        return ApiResponse(
            status=cast("int", response["statusCode"]),
            headers=cast("dict[str, str]", response["headers"]),
            body=cast("str", response["body"]),
            cookies=tuple(cast("list[str]", response.get("cookies", []))),
        )

    def fetch(self, key: str, *, address: str = "", method: str = "GET") -> DeliveredResponse:
        """Ask the render function for the file at *key*, as CloudFront does for an *address*."""
        headers = {ADDRESS_HEADER: address}
        response = render.handler(url_event(f"/{quote(key)}", method=method, headers=headers), None)
        body = cast("str", response["body"])
        return DeliveredResponse(
            status=cast("int", response["statusCode"]),
            headers=cast("dict[str, str]", response["headers"]),
            body=b64decode(body) if response["isBase64Encoded"] else body.encode(),
        )

    def sign_in(self, mode: AccessMode = AccessMode.COGNITO, **facts: Any) -> None:
        """Have the stack ask who calls; at first it is open, and everyone may all."""
        self.authentication = replace(self.authentication, mode=mode, **facts)
        closed = mode is not AccessMode.OPEN
        self.service = replace(
            self.service,
            authentication=self.authentication,
            uploads=replace(self.service.uploads, may_be_private=closed),
        )

    def has_signing_keys(self) -> None:
        """Have what the template's custom resource makes."""
        self.access.items[delivery.KEYS_ITEM] = dict(SIGNING_KEYS)

    def limit(self, allowance: Allowance = NO_LIMIT, *, requests: int = 0) -> None:
        """Limit what each owner may have, and send in a minute."""
        uploads = replace(self.service.uploads, allowance=allowance)
        limit = replace(self.service.request_limit, number=requests)
        self.service = replace(self.service, uploads=uploads, request_limit=limit)

    def key_of(self, owner: str, *scopes: Scope, expires_at: datetime | None = None) -> str:
        """Return a new API key of *owner*."""
        record, credential = api_keys.new_key(
            owner, "camera", scopes, now=self.world.now, expires_at=expires_at
        )
        self.access.put_new(api_keys.item(record))
        return str(credential)

    def settle(self) -> None:
        """Let the functions handle every message, those included that they cause.

        What waits for the end of a ticket is not waited for.
        """
        queues = self.process_queue, self.background_queue, self.news
        while any('"expire"' not in message.body for queue in queues for message in queue.messages):
            self.deliver(self.process_queue, process.handler)
            self.deliver(self.background_queue, process.handler)
            self.deliver(self.news, catalogue.handler)
            self.world.now += timedelta(seconds=30)

    def put(self, data: bytes, key: str | None = None) -> str:
        """Put an original into the bucket, and return its image's id."""
        key = key or keys.original_key(keys.new_id(self.world.now), "beach.png")
        self.originals.put(key, data, content_type="image/png")
        return keys.image_id(self.originals.name, key)

    def ready(self) -> str:
        """Return the id of an image that is ready."""
        return self._settled(original())

    def outdated(self) -> str:
        """Return the id of an image that was ready before the presets changed."""
        image_id = self.ready()
        self.change_presets()
        return image_id

    def change_presets(self) -> None:
        """Deploy the same presets under a new revision."""
        revision = f"{self.service.presets_revision} changed"
        self.context = replace(self.context, presets_revision=revision)
        self.service = replace(self.service, presets_revision=revision)

    def failed(self) -> str:
        """Return the id of an image whose original was refused."""
        return self._settled(BROKEN)

    def expected(self) -> str:
        """Return the id of an image whose original has not come yet."""
        ticket = self.ask(
            "POST", "/uploads", body={"filename": "a.png", "contentType": "image/png", "size": 9}
        )
        return str(ticket.json["imageId"])

    def begun(self) -> str:
        """Return the id of an image that is being processed for the first time."""
        image_id = self.ready()
        self.table.items[image_id] |= {"status": "PROCESSING", "version": 2}
        return image_id

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

    def deliver(
        self, queue: MemoryQueue, handler: Callable[[Event, object], dict[str, object]]
    ) -> None:
        """Let a function handle every message of a queue."""
        while (taken := queue.receive()) is not None:
            said = handler(
                batch_of(message(taken.body, id=str(taken.id), received=taken.received)), None
            )
            queue.finish(taken, failed=bool(said["batchItemFailures"]))

    def _original_changed(
        self, event: str, key: str, sequencer: str, size: int, version: str
    ) -> None:
        now = self.world.now
        self.process_queue.put(s3_event(event, "originals", key, sequencer, size, now, version))

    def _rendition_written(
        self, event: str, key: str, sequencer: str, size: int, version: str
    ) -> None:
        if event.startswith("ObjectCreated:") and key.endswith("/manifest.json"):
            now = self.world.now
            self.news.put(s3_event(event, "renditions", key, sequencer, size, now, version))


@cache
def original() -> bytes:
    return picture(8, 6, Format.PNG)
