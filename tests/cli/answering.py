"""What the small stack's handler says over HTTP: JSON, problem documents, S3's errors and plain text."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler


class AnsweringHandler(BaseHTTPRequestHandler):
    """A handler with words for each kind of answer."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_words: object) -> None:
        """Say nothing."""

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("content-length", "0")))

    def _problem(self, status: int, code: str, detail: str) -> None:
        problem = {"type": "about:blank", "title": "No", "status": status, "detail": detail}
        self._answer(status, problem | {"code": code}, kind="application/problem+json")

    def _s3_error(self, status: int, code: str, message: str) -> None:
        error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        self._plain(status, "application/xml", error)

    def _answer(self, status: int, document: object, kind: str = "application/json") -> None:
        self._plain(status, kind, json.dumps(document))

    def _plain(self, status: int, kind: str, text: str) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
