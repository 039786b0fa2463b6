"""A small stack on 127.0.0.1 that keeps to the API's contract, and breaks where a test says so.

HTTP (tickets, uploads, images) is here, AppSync's real-time protocol in `sockets.py`.
"""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from websockets.sync.server import serve
from websockets.typing import Subprotocol

from tests.cli.answering import AnsweringHandler
from tests.cli.faults import Faults
from tests.cli.processed import REVISION, processed
from tests.cli.sockets import KEY, listen
from tintype import keys
from tintype.aws.signing import Credentials
from tintype.images import timestamp
from tintype.local.state import LocalAddress, StateFolder

Document = dict[str, Any]
MAX_BYTES = 200_000
OWNER = "3f1c0a52-0001"  # of everybody who is signed in


@dataclass(slots=True)
class Service:
    """The state of the small stack."""

    api: str = ""
    original: str = ""  # the link that it gives to each; empty: to nobody
    no_link: str = "originals_not_public"  # why it gives none
    graphql: str = ""
    realtime: str = ""
    faults: Faults = field(default_factory=Faults)
    images: dict[str, Document] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    tickets: dict[str, dict[str, str]] = field(default_factory=dict)
    failing: dict[str, Document] = field(default_factory=dict)  # by file name
    requests: Counter[str] = field(default_factory=Counter)
    subscriptions: list[Document] = field(default_factory=list)  # the variables of each
    listeners: list[SimpleQueue[str | None]] = field(default_factory=list)
    processes: bool = True
    has_config: bool = True  # the page has a config.json
    delivery: Document = field(default_factory=dict)  # what it says of addresses
    on_put: Callable[[str], None] | None = None
    tokens: set[str] = field(default_factory=set)  # what it accepts; empty: it is open
    admin: bool = False
    sign_in: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[str, str]] = field(default_factory=list)  # paths, with what came as credential
    delivered: list[tuple[str, str]] = field(default_factory=list)  # paths with queries, and Accept
    busy: int = 0  # pictures of any size that are not given out
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def key(self) -> str:
        """The public key for GraphQL, which an open stack alone has."""
        return "" if self.tokens else KEY

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of the template."""
        return {
            "ApiUrl": f"{self.api}/api",
            "CdnUrl": self.api,
            "GraphqlUrl": self.graphql,
            "GraphqlRealtimeUrl": self.realtime,
            "GraphqlApiKey": self.key,
            **{f"Delivery{name.capitalize()}": str(one) for name, one in self.delivery.items()},
        }

    @property
    def config(self) -> Document:
        """What the page's config.json says."""
        return {
            "graphqlUrl": self.graphql,
            "realtimeUrl": self.realtime,
            "apiKey": self.key,
            "region": "local",
            "accessMode": "cognito" if self.tokens else "open",
            "signIn": self.sign_in,
            "delivery": self.delivery,
        }

    def announce_local(
        self, endpoint: str = "", outputs: Mapping[str, str] | None = None, key: str = "test"
    ) -> None:
        """Write what `tintype up` writes while the local cloud of this folder runs."""
        address = LocalAddress(
            pid=os.getpid(),
            endpoint=endpoint or self.api,
            public_url=self.api,
            region="eu-central-1",
            credentials=Credentials(key, key),
            outputs=outputs or self.outputs,
        )
        StateFolder(Path(".tintype")).announce(address)

    def add(self, filename: str, **changes: object) -> Document:
        """Enter an image that waits for its upload."""
        time.sleep(0.001)  # ids of one millisecond have no order
        now = datetime.now(UTC)
        image_id = keys.new_id(now)
        image = {
            "id": image_id,
            "owner": "public",
            "version": 1,
            "status": "AWAITING_UPLOAD",
            "filename": filename,
            "source": "UPLOAD",
            "original": {"key": keys.original_key(image_id, filename)},
            "createdAt": timestamp(now),
            "updatedAt": timestamp(now),
            **changes,
        }
        with self.lock:
            self.images[image_id] = image
        return image

    def ready(self, filename: str, **changes: object) -> Document:
        """Enter an image that is processed."""
        image = self.add(filename)
        return self.change(image["id"], **{**processed(image, self.api), **changes})

    def change(self, image_id: str, **changes: object) -> Document:
        """Change an image, and announce it."""
        with self.lock:
            image = self.images[image_id]
            image.update(version=image["version"] + 1, **changes)
        self.announce(image)
        return image

    def announce(self, image: Document) -> None:
        """Tell everybody who listens."""
        change = {name: image[name] for name in ("id", "version", "status")}
        message = {"id": "changes", "type": "data", "payload": {"data": {"imageChanged": change}}}
        if not self.faults.silent:
            for listener in list(self.listeners):
                listener.put(json.dumps(message))

    def process(self, image_id: str) -> None:
        """Do what the functions do once an original is there."""
        if not self.processes:
            return
        image = self.change(image_id, status="PROCESSING")
        failure = self.failing.get(image["filename"])
        if failure:
            self.change(image_id, status="FAILED", failure={"retryable": False, **failure})
        else:
            self.change(image_id, **processed(image, self.api))


@contextmanager
def running() -> Iterator[Service]:
    """Run a small stack as long as the context lasts."""
    service = Service()

    class Handler(_Handler):
        pass

    Handler.service = service
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    sockets = serve(
        lambda socket: listen(service, socket),
        "127.0.0.1",
        0,
        subprotocols=[Subprotocol("graphql-ws")],
    )
    service.api = f"http://127.0.0.1:{http.server_address[1]}"
    service.graphql = f"{service.api}/graphql"
    service.realtime = f"ws://127.0.0.1:{sockets.socket.getsockname()[1]}/graphql/realtime"
    threads = [threading.Thread(target=http.serve_forever, args=(0.01,))]
    threads.append(threading.Thread(target=sockets.serve_forever))
    for thread in threads:
        thread.start()
    try:
        yield service
    finally:
        for listener in service.listeners:
            listener.put(None)
        http.shutdown()
        http.server_close()
        sockets.shutdown()
        for thread in threads:
            thread.join()


class _Handler(AnsweringHandler, BaseHTTPRequestHandler):
    """The API below `/api`, the bucket below `/bucket`, and pictures of any size below `/i` and `/p`."""

    service: Service

    def do_GET(self) -> None:
        path, query = self._path()
        if self._is_unavailable() or self._is_stranger(path):
            return
        if path == "/api/openapi.json":
            self._answer(200, {"info": {"x-presets-revision": REVISION}})
        elif path == "/api/me":
            scopes = ["read", "upload", "delete"]
            me = {"owner": OWNER, "admin": self.service.admin, "scopes": scopes}
            self._answer(200, me | {"access": self.service.config["accessMode"]})
        elif path == "/config.json" and self.service.has_config:
            self._answer(200, self.service.config)
        elif path.startswith(("/i/", "/p/")):
            self._deliver()
        elif path == "/api/images":
            self._page({name: values[0] for name, values in query.items()})
        elif path.endswith("/original"):
            self._original()
        elif path.startswith("/api/images/"):
            image = self.service.images.get(path.rpartition("/")[2])
            if image:
                with self.service.lock:
                    self._answer(200, image)
            else:
                self._problem(404, "image_not_found", "no image has this id")
        else:
            self._plain(404, "text/html", "<h1>nothing here</h1>")

    def do_DELETE(self) -> None:
        path, _ = self._path()
        if self._is_stranger(path):
            return
        image_id = path.rpartition("/")[2]
        if self.service.images.pop(image_id, None):
            self._answer(202, {"imageId": image_id})
        else:
            self._problem(404, "image_not_found", "no image has this id")

    def do_PATCH(self) -> None:
        image_id = self._path()[0].rpartition("/")[2]
        wanted = json.loads(self._body())
        if image := self.service.images.get(image_id):
            image |= wanted
            self._answer(202, {"imageId": image_id})
        else:
            self._problem(404, "image_not_found", "no image has this id")

    def do_POST(self) -> None:
        path, query = self._path()
        body = self._body()
        if self._is_unavailable() or self._is_stranger(path):
            return
        if path == "/api/uploads":
            self._admit(json.loads(body))
        elif path == "/api/images":
            visibility = query.get("visibility", ["public"])[0]
            image = self.service.add(query["filename"][0], source="API", visibility=visibility)
            self.service.objects[image["id"]] = body
            self._answer(202, {"imageId": image["id"]})
            self.service.process(image["id"])
        elif path.endswith("/address"):
            self._address(path.split("/")[-2], json.loads(body))
        else:
            self._plain(403, "application/xml", "<Error><Code>AccessDenied</Code></Error>")

    def do_PUT(self) -> None:
        service = self.service
        image_id = self._path()[0].rpartition("/")[2]
        if service.on_put:
            service.on_put(image_id)
        with service.lock:
            service.at_once += 1
            service.most_at_once = max(service.most_at_once, service.at_once)
        try:
            self._put(image_id)
        finally:
            with service.lock:
                service.at_once -= 1

    def _put(self, image_id: str) -> None:
        service = self.service
        if service.faults.happens("broken_uploads"):
            self.rfile.read(10)
            self.close_connection = True
            return
        data = self._body()
        if service.faults.happens("expired_tickets"):
            self._s3_error(403, "AccessDenied", "Request has expired")
            return
        wrong = [
            name
            for name, value in service.tickets[image_id].items()
            if self.headers.get(name) != value
        ]
        if wrong or "transfer-encoding" in self.headers:
            self._s3_error(403, "SignatureDoesNotMatch", ", ".join(wrong))
            return
        if image_id in service.objects:
            self._s3_error(412, "PreconditionFailed", "At least one condition does not hold")
            return
        service.objects[image_id] = data
        if service.faults.happens("lost_responses"):
            self.close_connection = True
        else:
            self._plain(200, "text/plain", "")
        service.process(image_id)

    def _admit(self, wanted: Document) -> None:
        service = self.service
        if wanted["size"] > MAX_BYTES:
            message = f"{wanted['size']:,} bytes; the limit is {MAX_BYTES:,}"
            self._problem(413, "upload_too_large", message)
            return
        image = service.add(wanted["filename"], visibility=wanted.get("visibility", "public"))
        digest = base64.b64encode(bytes.fromhex(wanted["sha256"])).decode()
        headers = {
            "content-type": wanted["contentType"],
            "content-length": str(wanted["size"]),
            "if-none-match": "*",
            "x-amz-checksum-sha256": digest,
        }
        service.tickets[image["id"]] = headers
        upload = {
            "method": "PUT",
            "url": f"{service.api}/bucket/{image['id']}?X-Amz-Signature=secret",
            "headers": headers,
            "expiresAt": timestamp(datetime.now(UTC)),
        }
        answer = {"imageId": image["id"], "upload": upload, "processedFilename": "x"}
        self._answer(201, answer)

    def _deliver(self) -> None:
        self.service.delivered.append((self.path, self.headers.get("accept", "")))
        if self.service.busy:
            self.service.busy -= 1
            self._plain(503, "text/plain", "busy")
        else:
            self._plain(200, "image/webp", "picture")

    def _address(self, image_id: str, wanted: Document) -> None:
        image = self.service.images.get(image_id)
        if image is None:
            self._problem(404, "image_not_found", "no image has this id")
            return
        expires = wanted.pop("expiresIn", None)
        private = image.get("visibility") == "private"
        place = f"/p/{image['owner']}/{image_id}" if private else f"/i/{image_id}"
        query = "&".join(f"{name}={value}" for name, value in wanted.items())
        expires_at = "2026-11-21T12:00:00.000Z" if private or expires else None
        answer = {"url": f"{self.service.api}{place}?{query}&s=signed", "expiresAt": expires_at}
        self._answer(200, {name: value for name, value in answer.items() if value})

    def _original(self) -> None:
        original = self.service.original
        if original:
            self._answer(200, {"url": original, "expiresAt": "2026-11-21T10:15:00.000Z"})
        else:
            self._problem(403, self.service.no_link, "nobody is given a link")

    def _page(self, query: Mapping[str, str]) -> None:
        images = sorted(self.service.images.values(), key=lambda one: str(one["id"]), reverse=True)
        images = [one for one in images if query.get("owner") in {None, one["owner"]}]
        begin, limit = int(query.get("cursor", "0")), int(query["limit"])
        after = begin + limit if begin + limit < len(images) else None
        page = {"images": images[begin : begin + limit]}
        self._answer(200, page | ({"cursor": str(after)} if after else {"cursor": None}))

    def _is_stranger(self, path: str) -> bool:
        """Whether a request to the API has no token that is accepted; it is then answered."""
        tokens = self.service.tokens
        if not tokens or not path.startswith("/api/") or path == "/api/openapi.json":
            return False
        if self.headers.get("authorization", "").removeprefix("Bearer ") in tokens:
            return False
        self._answer(401, {"message": "Unauthorized"})  # as API Gateway says it
        return True

    def _is_unavailable(self) -> bool:
        if self.service.faults.happens("unavailable"):
            self._plain(503, "text/html", "later")
            return True
        return False

    def _path(self) -> tuple[str, dict[str, list[str]]]:
        parts = urlsplit(self.path)
        route, _, last = parts.path.rpartition("/")
        route = route if keys.is_id(last) else parts.path
        self.service.requests[f"{self.command} {route}"] += 1
        self.service.seen.append((parts.path, self.headers.get("authorization", "")))
        return unquote(parts.path), parse_qs(parts.query)
