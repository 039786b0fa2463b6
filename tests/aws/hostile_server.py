"""A server on 127.0.0.1 that does to every request what the test's script says next."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reply:
    """What a request gets: *text* (nothing, if empty), then the end of the connection if *close*."""

    text: bytes = b""
    close: bool = False
    delay_seconds: float = 0.0


def http(
    status: int, body: bytes = b"", *, headers: str = "", close: bool = False, delay: float = 0.0
) -> Reply:
    head = f"HTTP/1.1 {status} Said\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return Reply(head.encode() + body, close, delay)


HANG_UP = Reply(close=True)


@dataclass(slots=True)
class HostileServer:
    """*requests* are the heads that came in, *connections* counts how many were opened."""

    listener: socket.socket
    script: list[Reply]
    tls: ssl.SSLContext | None = None
    requests: list[str] = field(default_factory=list)
    connections: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def endpoint(self) -> str:
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._welcome, args=(connection,), daemon=True).start()

    def _welcome(self, connection: socket.socket) -> None:
        try:
            with (
                self.tls.wrap_socket(connection, server_side=True)
                if self.tls
                else connection as secure
            ):
                self._converse(secure)
        except OSError:  # the client has had enough
            connection.close()

    def _converse(self, connection: socket.socket) -> None:
        while self._received(connection):
            reply = self.script.pop(0) if self.script else http(200)
            if self.stopped.wait(reply.delay_seconds):
                return
            connection.sendall(reply.text)
            if reply.close:
                return

    def _received(self, connection: socket.socket) -> bool:
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return False
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        self.requests.append(head.decode())
        size = next(
            (
                int(line.partition(":")[2])
                for line in head.decode().lower().splitlines()
                if line.startswith("content-length:")
            ),
            0,
        )
        while len(body) < size:
            body += connection.recv(65536)
        return True


@contextmanager
def hostile_server(*script: Reply, tls: ssl.SSLContext | None = None) -> Iterator[HostileServer]:
    """Serve *script*, one reply for each request; after its end every request gets an empty 200."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = HostileServer(listener, list(script), tls)
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.stopped.set()
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
