"""What people have done with a stack before it is updated, and what they go on doing meanwhile."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import quote, urlsplit

from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.cloud.stack import Json, Stack
from tests.cloud.test_watching import Watcher
from tests.deploy.account import Account
from tests.pictures import picture
from tintype.imaging import Format
from tintype.keys import derived_id

PHOTOGRAPH = picture(900, 600)
DRAWING = picture(800, 600, Format.PNG)
BY_HAND = "holiday/2026/by hand.png"
_PAUSE_SECONDS = 1.0  # between two uploads during an update: what takes them makes it slower
_LISTING = "query { images(limit: 50) { images { id version status renditions { url } } } }"


@dataclass(frozen=True)
class Known:
    """What is known of a stack and its images, to be compared with a later time.

    *renditions* are the bytes at each address.
    """

    outputs: Mapping[str, str]
    resources: Mapping[str, str]
    images: Mapping[str, Json]
    renditions: Mapping[str, bytes]


@dataclass(frozen=True)
class Left:
    """What people have left in a stack: the ids of their images, and two tickets that nobody has used yet."""

    photograph: str
    drawing: str
    by_hand: str
    failed: str
    deleted: Json  # as it was before
    plain: str  # the processedFilename of a client that knows no more
    ticket: Json  # will be used
    forgotten: Json  # will not

    @property
    def kept(self) -> tuple[str, ...]:
        """The images that are to be there afterwards, ready or failed."""
        return self.photograph, self.drawing, self.by_hand, self.failed


def use(stack: Stack, account: Account) -> Left:
    """Do everything once that can be done with the service, and return what is left of it."""
    photograph = stack.upload(PHOTOGRAPH, "beach.jpg", "image/jpeg")
    sent = stack.request(
        "POST",
        "/images?filename=drawing.png",
        content=DRAWING,
        headers={"Content-Type": "image/png"},
    ).json()
    bucket = stack.outputs["OriginalsBucket"]
    account.client("s3").put_object(Bucket=bucket, Key=BY_HAND, Body=DRAWING)
    by_hand = derived_id(bucket, BY_HAND)
    failed = stack.upload(b"GIF89a", "cut.gif", "image/gif")
    unwanted = stack.upload(DRAWING, "unwanted.png")
    stack.when(by_hand, lambda image: image is not None)
    for image_id in (photograph, sent["imageId"], by_hand):
        stack.ready(image_id)
    assert stack.ended(failed)["status"] == "FAILED"
    deleted = stack.ready(unwanted)
    assert stack.request("DELETE", f"/images/{unwanted}").status_code == 202
    stack.when(unwanted, lambda image: image is None)
    return Left(
        photograph=photograph,
        drawing=sent["imageId"],
        by_hand=by_hand,
        failed=failed,
        deleted=deleted,
        plain=sent["processedFilename"],
        ticket=stack.ticket(DRAWING, "later.png", "image/png"),
        forgotten=stack.ticket(DRAWING, "never.png", "image/png"),
    )


def known_now(stack: Stack, account: Account, left: Left) -> Known:
    """Return what is known now of the stack, and of the images that people have left in it."""
    images = {image_id: record(stack, image_id) for image_id in left.kept}
    urls = [one["url"] for image in images.values() for one in image["renditions"]]
    return Known(
        outputs=outputs_of(account),
        resources=resources_of(account),
        images=images,
        renditions={url: fetched(stack, url) for url in urls},
    )


def record(stack: Stack, image_id: str) -> Json:
    """Return an image that is there."""
    image = stack.image(image_id)
    assert image is not None, image_id
    return image


def fetched(stack: Stack, url: str) -> bytes:
    """Return what the CDN serves at an address."""
    answer = stack.client.get(url)
    assert answer.status_code == 200, f"{url}: {answer.text}"
    return answer.content


def listed(stack: Stack) -> dict[str, Json]:
    """Return the images by their ids, as the GraphQL API lists them to whoever has the page's key."""
    answer = stack.client.post(
        stack.outputs["GraphqlUrl"],
        json={"query": _LISTING},
        headers={"x-api-key": stack.outputs["GraphqlApiKey"]},
    ).json()
    assert "errors" not in answer, answer
    return {image["id"]: image for image in answer["data"]["images"]["images"]}


@contextmanager
def watching(stack: Stack, account: Account) -> Iterator[Watcher]:
    """Subscribe to all changes as the page does, with its key and at its address."""
    host = urlsplit(stack.outputs["GraphqlUrl"]).netloc
    key = {"host": host, "x-api-key": stack.outputs["GraphqlApiKey"]}
    header = quote(base64.b64encode(json.dumps(key).encode()).decode())
    # To the emulator, whatever the address; there is no TLS within a machine.
    there = urlsplit(account.endpoint)
    address = stack.outputs["GraphqlRealtimeUrl"].replace("wss://", "ws://", 1)
    with connect(
        f"{address}?header={header}&payload=e30=",
        sock=socket.create_connection((there.hostname, there.port)),
        subprotocols=[Subprotocol("graphql-ws")],
    ) as connected:
        connected.send('{"type": "connection_init"}')
        watcher = Watcher(connected, key)
        watcher.wait_for("connection_ack")
        watcher.subscribe()
        yield watcher


def outputs_of(account: Account, stack: str = "tintype") -> dict[str, str]:
    """Return a stack's outputs."""
    described = account.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}


def resources_of(account: Account, stack: str = "tintype") -> dict[str, str]:
    """Return what a stack's resources are called in the account, by their names in the template."""
    client = account.client("cloudformation")
    pages = client.get_paginator("list_stack_resources").paginate(StackName=stack)
    return {
        each["LogicalResourceId"]: each["PhysicalResourceId"]
        for page in pages
        for each in page["StackResourceSummaries"]
    }


@dataclass
class Uploader:
    """Somebody who uploads one picture after the other until the `with` block ends."""

    stack: Stack
    image_ids: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _go_on(self) -> None:
        while True:
            number = len(self.image_ids)
            try:
                self.image_ids.append(self.stack.upload(PHOTOGRAPH, f"{number}.jpg", "image/jpeg"))
            except Exception as error:  # noqa: BLE001 - a thread's own would go unseen
                self.refused.append(repr(error))
            if self._ended.wait(_PAUSE_SECONDS):
                return
