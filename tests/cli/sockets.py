"""AppSync's real-time protocol, the server's side, for one client of the small stack."""

from __future__ import annotations

import base64
import json
from queue import SimpleQueue
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

if TYPE_CHECKING:
    from tests.cli.service import Service

KEY = "da2-test"


def listen(service: Service, socket: ServerConnection) -> None:
    """Speak AppSync's protocol with one client."""
    assert socket.request is not None
    query = parse_qs(urlsplit(socket.request.path).query)
    door = json.loads(base64.b64decode(query["header"][0]))
    host = urlsplit(service.graphql).netloc
    service.requests["SOCKET"] += 1
    try:
        assert json.loads(socket.recv())["type"] == "connection_init"
        if service.tokens:
            is_known = door["host"] == host and door.get("Authorization") in service.tokens
        else:
            is_known = door == {"host": host, "x-api-key": KEY}
        if service.faults.refuse_sockets or not is_known:
            complaint = {"errorType": "Unauthorized", "message": service.faults.refuse_sockets}
            refusal = {"type": "connection_error", "payload": {"errors": [complaint]}}
            socket.send(json.dumps(refusal))
            return
        acknowledgement = {"type": "connection_ack", "payload": {"connectionTimeoutMs": 300_000}}
        socket.send(json.dumps(acknowledgement))
        socket.send(json.dumps({"type": "ka"}))
        start = json.loads(socket.recv())
        assert start["type"] == "start"
        assert start["payload"]["extensions"]["authorization"] == door
        asked = json.loads(start["payload"]["data"])
        assert "imageChanged" in asked["query"]
        service.subscriptions.append(asked["variables"])
        news: SimpleQueue[str | None] = SimpleQueue()
        service.listeners.append(news)
        socket.send(json.dumps({"type": "start_ack", "id": start["id"]}))
        if service.faults.happens("dropped_sockets"):
            service.listeners.remove(news)
            return
        while (message := news.get()) is not None:
            socket.send(message)
    except ConnectionClosed:
        pass
