"""A plain client of AppSync's real-time protocol, by API key or signed."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Key
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tintype.aws.signing import Credentials

Json = dict[str, Any]


def signed(
    url: str, body: str, credentials: Credentials, region: str = "us-east-1"
) -> dict[str, str]:
    """Return the headers of a POST of *body* to *url*, signed as AWS's clients sign it."""
    headers = {
        "host": urlsplit(url).netloc,
        "accept": "application/json, text/javascript",
        "content-encoding": "amz-1.0",
        "content-type": "application/json; charset=UTF-8",
    }
    request = AWSRequest("POST", url, data=body.encode(), headers=headers)
    key = Key(credentials.access_key, credentials.secret_key)
    SigV4Auth(key, "appsync", region).add_auth(request)
    return dict(request.headers)


def encoded(headers: dict[str, str]) -> str:
    return base64.b64encode(json.dumps(headers).encode()).decode()


class Talk:
    """One connection, spoken in whole messages."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def send(self, **message: object) -> None:
        await self._socket.send(json.dumps(message))

    async def receive(self) -> Json:
        """Return the next message that is not a sign of life."""
        while True:
            message: Json = json.loads(await self._socket.recv())
            if message["type"] != "ka":
                return message

    async def start(
        self, id_: str, query: str, authorization: dict[str, str], **variables: object
    ) -> Json:
        await self.send(**start_message(id_, query, authorization, **variables))
        return await self.receive()


def start_message(id_: str, query: str, authorization: dict[str, str], **variables: object) -> Json:
    payload = {
        "data": json.dumps({"query": query, "variables": variables}),
        "extensions": {"authorization": authorization},
    }
    return {"id": id_, "type": "start", "payload": payload}


@asynccontextmanager
async def talk(
    url: str, headers: dict[str, str], *, in_protocol: bool = False
) -> AsyncIterator[Talk]:
    """Connect; the authorisation goes into the address, or into a subprotocol as newer clients do."""
    protocols = [Subprotocol("graphql-ws")]
    if in_protocol:
        text = encoded(headers).replace("+", "-").replace("/", "_").rstrip("=")
        protocols.append(Subprotocol(f"header-{text}"))
    else:
        url = f"{url}?{httpx.QueryParams(header=encoded(headers), payload='e30=')}"
    async with connect(url, subprotocols=protocols) as socket:
        yield Talk(socket)


async def post(
    url: str, headers: dict[str, str], query: str, **variables: object
) -> httpx.Response:
    """Execute a query or a mutation."""
    async with httpx.AsyncClient() as client:
        return await client.post(
            url, headers=headers, json={"query": query, "variables": variables}
        )
