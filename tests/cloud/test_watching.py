"""Who watches is told: the GraphQL API's subscription and queries, spoken to as any client does."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.cloud.stack import Stack
from tests.pictures import picture
from tintype.imaging import Format

PNG = picture(300, 200, Format.PNG)
SECONDS = 30.0
CHANGES = """
subscription Changes($id: ID) {
  imageChanged(id: $id) {
    id version status filename renditions { preset format url width } failure { code }
    original { width camera { make } } timings { render }
  }
}
"""
LISTING = """
query Listing($limit: Int, $nextToken: String) {
  images(limit: $limit, nextToken: $nextToken) {
    images { id version status createdAt renditions { url } } nextToken
  }
}
"""


class Watcher:
    """A subscriber on a socket of its own."""

    def __init__(self, socket: ClientConnection, key: Mapping[str, str]) -> None:
        self._socket, self._key = socket, key

    def subscribe(self, **variables: str) -> None:
        """Subscribe, and return when it stands."""
        data = json.dumps({"query": CHANGES, "variables": variables})
        payload = {"data": data, "extensions": {"authorization": self._key}}
        self._socket.send(json.dumps({"id": "1", "type": "start", "payload": payload}))
        self.wait_for("start_ack")

    def next(self) -> dict[str, Any]:
        """Return the next change."""
        changed: dict[str, Any] = self.wait_for("data")["payload"]["data"]["imageChanged"]
        return changed

    def until(self, image_id: str, status: str) -> list[dict[str, Any]]:
        """Return the changes of an image up to that *status*."""
        heard: list[dict[str, Any]] = []
        while not heard or heard[-1]["status"] != status:
            change = self.next()
            if change["id"] == image_id:
                heard.append(change)
        return heard

    def wait_for(self, kind: str) -> dict[str, Any]:
        while True:
            message: dict[str, Any] = json.loads(self._socket.recv(SECONDS))
            if message["type"] == kind:
                return message
            assert message["type"] == "ka", message


@contextmanager
def watching(stack: Stack) -> Iterator[Watcher]:
    outputs = stack.outputs
    host = urlsplit(outputs["GraphqlUrl"]).netloc
    key = {"host": host, "x-api-key": outputs["GraphqlApiKey"]}
    header = quote(base64.b64encode(json.dumps(key).encode()).decode())
    address = f"{outputs['GraphqlRealtimeUrl']}?header={header}&payload=e30="
    with connect(address, subprotocols=[Subprotocol("graphql-ws")]) as socket:
        socket.send('{"type": "connection_init"}')
        watcher = Watcher(socket, key)
        watcher.wait_for("connection_ack")
        yield watcher


def query(stack: Stack, text: str, **variables: object) -> dict[str, Any]:
    answer = stack.client.post(
        stack.outputs["GraphqlUrl"],
        json={"query": text, "variables": variables},
        headers={"x-api-key": stack.outputs["GraphqlApiKey"]},
    ).json()
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


def test_a_watcher_hears_each_version_once_and_in_order(stack: Stack) -> None:
    with watching(stack) as watcher:
        watcher.subscribe()
        image_id = stack.upload(PNG, "watched.png")
        heard = watcher.until(image_id, "READY")

    versions = [one["version"] for one in heard]
    assert versions == sorted(set(versions))
    assert [one["status"] for one in heard] == ["PROCESSING"] * (len(heard) - 1) + ["READY"]
    assert (versions[0], versions[-1]) == (2, 4)  # 3 has the first rendition, unless 4 overtook it
    ready = heard[-1]
    assert ready["filename"] == "watched.png"
    assert ready["original"] == {"width": 300, "camera": None}
    image = stack.image(image_id)
    assert image is not None
    assert [one["url"] for one in ready["renditions"]] == [
        one["url"] for one in image["renditions"]
    ]


def test_who_watches_one_image_hears_of_no_other(stack: Stack) -> None:
    ticket = stack.ticket(PNG, "mine.png", "image/png")
    with watching(stack) as watcher:
        watcher.subscribe(id=ticket["imageId"])
        other = stack.upload(PNG, "other.png")
        stack.ready(other)
        stack.put(ticket, PNG)
        heard = [watcher.next(), watcher.next()]

    assert {one["id"] for one in heard} == {ticket["imageId"]}


def test_a_failure_and_a_deletion_are_told(stack: Stack) -> None:
    with watching(stack) as watcher:
        watcher.subscribe()
        image_id = stack.upload(b"GIF89a", "cut.gif", "image/gif")
        failed = watcher.until(image_id, "FAILED")[-1]
        stack.request("DELETE", f"/images/{image_id}")
        deleted = watcher.until(image_id, "DELETED")[-1]

    assert failed["failure"]["code"] == "truncated_image"
    assert deleted["filename"] == ""
    assert deleted["version"] > failed["version"]


def test_the_queries_answer_what_http_answers(stack: Stack) -> None:
    image = stack.ready(stack.upload(PNG))

    text = (
        "query One($id: ID!) { image(id: $id) { id version status source filename "
        "renditions { preset format contentType width height bytes url quality } removed placeholder } }"
    )
    found = query(stack, text, id=image["id"])["image"]

    assert found["renditions"] == [
        {name: value for name, value in one.items() if name != "key"} for one in image["renditions"]
    ]
    for name in ("id", "version", "status", "source", "filename", "removed", "placeholder"):
        assert found[name] == image[name]


def test_the_listing_has_the_newest_first_in_pages_and_no_deleted_ones(stack: Stack) -> None:
    ids = [stack.upload(PNG) for _ in range(4)]
    for image_id in ids:
        stack.ready(image_id)
    stack.request("DELETE", f"/images/{ids[1]}")
    stack.when(ids[1], lambda one: one is None)

    first = query(stack, LISTING, limit=2)["images"]
    second = query(stack, LISTING, limit=2, nextToken=first["nextToken"])["images"]

    listed = [one["id"] for one in first["images"] + second["images"]]
    assert listed[:3] == [ids[3], ids[2], ids[0]]
    assert ids[1] not in listed
