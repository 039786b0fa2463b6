"""The GraphQL API of a stack with sign-in, spoken to with a token as any client of AppSync does."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.cloud.stack import Json

CHANGES = """subscription Changes($id: ID, $owner: String) {
  imageChanged(id: $id, owner: $owner) { id owner status }
}"""
SECONDS = 30.0


class RefusedError(Exception):
    """AppSync did not let somebody in; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Graphql:
    """The API by its outputs."""

    outputs: dict[str, str]
    client: httpx.Client

    def query(self, token: str, text: str, **variables: object) -> tuple[int, Json]:
        headers = {"authorization": token} if token else {}
        answer = self.client.post(
            self.outputs["GraphqlUrl"],
            json={"query": text, "variables": variables},
            headers=headers,
        )
        return answer.status_code, answer.json()

    @contextmanager
    def hearing(self, token: str, **variables: str) -> Iterator[Hearing]:
        """Subscribe to changes while the block lasts.

        Raises:
            RefusedError: AppSync refuses the connection or the subscription.
        """
        key = {"host": urlsplit(self.outputs["GraphqlUrl"]).netloc, "Authorization": token}
        header = quote(base64.b64encode(json.dumps(key).encode()).decode())
        address = f"{self.outputs['GraphqlRealtimeUrl']}?header={header}&payload=e30="
        try:
            socket = connect(address, subprotocols=[Subprotocol("graphql-ws")])
        except InvalidStatus as error:
            raise RefusedError(str(error)) from error
        with socket:
            socket.send('{"type": "connection_init"}')
            hearing = Hearing(socket)
            hearing.message("connection_ack")
            data = json.dumps({"query": CHANGES, "variables": variables})
            payload = {"data": data, "extensions": {"authorization": key}}
            socket.send(json.dumps({"id": "1", "type": "start", "payload": payload}))
            hearing.message("start_ack")
            yield hearing


class Hearing:
    """An open subscription."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    def until(self, image_id: str, status: str) -> list[Json]:
        """Return all changes that come until an image has that status."""
        heard: list[Json] = []
        while not heard or (heard[-1]["id"], heard[-1]["status"]) != (image_id, status):
            heard.append(self.message("data")["payload"]["data"]["imageChanged"])
        return heard

    def message(self, kind: str) -> dict[str, Any]:
        while True:
            message: dict[str, Any] = json.loads(self._socket.recv(SECONDS))
            if message["type"] in {"error", "connection_error"}:
                raise RefusedError(json.dumps(message["payload"]))
            if message["type"] == kind:
                return message
            assert message["type"] == "ka", message
