"""The browser's way back to `tintype login`: a server on this machine, for as long as it is awaited.

Start with `Callback`. (RFC 8252, 7.3: a redirect to the loopback interface.)
"""

from __future__ import annotations

import hmac
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Self
from urllib.parse import parse_qs, urlsplit

from tintype.cli.errors import SignInPortTakenError, SignInTimedOutError
from tintype.client.errors import SignInFailedError

PORT = 8976  # registered with the stack's issuer
PATH = "/signed-in"
WAIT_SECONDS = 300.0
_GLANCE_SECONDS = 1.0  # so that Ctrl-C works on Windows
_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'",
    "referrer-policy": "no-referrer",
    "connection": "close",
}
_PAGE = "<!doctype html><meta charset=utf-8><title>Tintype</title><p>{}\n"


class Callback:
    """Waits for the browser that comes back with *state*; others are turned away."""

    def __init__(self, state: str, issuer: str) -> None:
        self._inbox: SimpleQueue[str | SignInFailedError] = SimpleQueue()
        try:
            self._server = ThreadingHTTPServer(
                ("127.0.0.1", PORT), _handler(self._inbox, state, issuer)
            )
        except OSError as error:
            message = (
                f"port {PORT} of this machine is taken, and the sign-in ends there; "
                "another `tintype login` may be waiting"
            )
            raise SignInPortTakenError(message) from error
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.redirect_uri = f"http://localhost:{PORT}{PATH}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def code(self, seconds: float | None = None) -> str:
        """Return the code that the browser brings.

        Raises:
            SignInFailedError: it brings an error.
            SignInTimedOutError: it does not come.
        """
        seconds = WAIT_SECONDS if seconds is None else seconds
        end = monotonic() + seconds
        while (left := end - monotonic()) > 0:
            with suppress(Empty):
                found = self._inbox.get(timeout=min(left, _GLANCE_SECONDS))
                if isinstance(found, SignInFailedError):
                    raise found
                return found
        message = f"nobody signed in within {seconds / 60:g} minutes"
        raise SignInTimedOutError(message)


def _handler(
    inbox: SimpleQueue[str | SignInFailedError], state: str, issuer: str
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Takes one answer of the issuer, by the browser."""

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path != PATH:
                self._answer(HTTPStatus.NOT_FOUND, "There is nothing here.")
            elif not hmac.compare_digest(query.get("state", "").encode(), state.encode()):
                self._answer(HTTPStatus.BAD_REQUEST, "This is not the sign-in that is awaited.")
            else:
                self._take(query)

        def _take(self, query: dict[str, str]) -> None:
            mistake = _mistake(query, issuer)
            if mistake:
                self._answer(HTTPStatus.OK, "The sign-in failed; the terminal says why.")
                inbox.put(SignInFailedError(mistake))
            else:
                self._answer(HTTPStatus.OK, "You are signed in, and can close this tab.")
                inbox.put(query["code"])

        def _answer(self, status: HTTPStatus, text: str) -> None:
            body = _PAGE.format(text).encode()
            self.send_response(status)
            for name, value in _HEADERS.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Log nothing: the address has the code."""

    return Handler


def _mistake(query: dict[str, str], issuer: str) -> str:
    """Return what is wrong with the issuer's answer, or nothing."""
    if "error" in query:
        said = (query[name] for name in ("error", "error_description") if query.get(name))
        return f"the issuer says {': '.join(said)}"
    if query.get("iss", issuer) != issuer:
        return f"the answer is from another issuer, {query['iss']}"
    return "" if query.get("code") else "the issuer's answer has no code"
