"""The public doors of a stack, all on one small server: what a test changes of them is broken."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any, TypeAlias

from PIL import Image

from tintype.doctor.addresses import Addresses

ID = "01M7XPE600ABCDEFGHJKMNPQRS"
PICTURE = b"RIFF" * 10
WIDTHS = (64, 640)
CannedResponse: TypeAlias = "tuple[int, str, bytes]"


def json_response(status: int, document: object) -> CannedResponse:
    return status, "application/json", json.dumps(document).encode()


@cache
def avif(width: int, height: int) -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "AVIF")
    return file.getvalue()


@dataclass
class Doors:
    """What answers each request, by method and path; *requests* is what came, in its order."""

    url: str
    responses: dict[str, Callable[[], CannedResponse]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)  # of answers, besides the type
    authorizations: dict[str, str] = field(default_factory=dict)  # of each request, the last
    deleted: bool = False

    @property
    def addresses(self) -> Addresses:
        return Addresses(
            page=self.url,
            api=f"{self.url}/api",
            graphql=f"{self.url}/graphql",
            key="da2-key",
            expected={"apiKey": "da2-key"},
            widths=WIDTHS,
            is_open=True,
        )

    def image(self, **changes: object) -> dict[str, object]:
        rendition = {
            "url": f"{self.url}/{ID}/thumb.webp",
            "bytes": len(PICTURE),
            "contentType": "image/webp",
        }
        image = {"id": ID, "version": 3, "status": "READY", "renditions": [rendition]}
        return image | changes

    def set(self, request: str, status: int, document: object) -> None:
        """Answer a request so from now on."""
        self.responses[request] = lambda: json_response(status, document)

    def respond(self, request: str) -> CannedResponse:
        self.requests.append(request)
        if request not in self.responses:
            return json_response(404, {"message": "Not Found"})
        return self.responses[request]()


def _well(doors: Doors) -> Mapping[str, Callable[[], CannedResponse]]:
    image = doors.image()
    ticket = {"method": "PUT", "url": f"{doors.url}/bucket", "headers": {"if-none-match": "*"}}

    def delete() -> CannedResponse:
        doors.deleted = True
        return json_response(202, {"imageId": ID})

    return {
        "GET /": lambda: (200, "text/html", b'<script src="main-ABCDEFGH.js" type="module">'),
        "GET /main-ABCDEFGH.js": lambda: (200, "text/javascript", b""),
        "GET /config.json": lambda: json_response(200, {"apiKey": "da2-key"}),
        "GET /api/images": lambda: json_response(200, {"images": [image]}),
        "POST /api/uploads": lambda: json_response(201, {"imageId": ID, "upload": ticket}),
        "PUT /bucket": lambda: (200, "text/plain", b""),
        f"GET /api/images/{ID}": lambda: (
            json_response(404, {}) if doors.deleted else json_response(200, image)
        ),
        f"GET /{ID}/thumb.webp": lambda: (200, "image/webp", PICTURE),
        f"GET /i/{ID}": lambda: (200, "image/avif", avif(64, 43)),
        "POST /graphql": lambda: json_response(200, {"data": {"image": image}}),
        f"DELETE /api/images/{ID}": delete,
    }


@contextmanager
def open_doors() -> Iterator[Doors]:
    """Serve the doors of a stack that is well."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            request = f"{self.command} {self.path.partition('?')[0]}"
            doors.authorizations[request] = self.headers.get("authorization", "")
            status, kind, body = doors.respond(request)
            self.send_response(status)
            self.send_header("location" if kind.startswith("/") else "content-type", kind)
            self.send_header("content-length", str(len(body)))
            for name, text in doors.headers.get(request, {}).items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - the library's names

        def log_message(self, *_words: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        doors = Doors(f"http://127.0.0.1:{server.server_port}")
        doors.responses.update(_well(doors))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield doors
        finally:
            server.shutdown()
            thread.join()
