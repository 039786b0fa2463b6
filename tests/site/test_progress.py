"""Installing the page's packages says how far it is: a registry of our own serves a few."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.site.conftest import Checkout
from tintype.site.building import build

NAMES = [f"package{number}" for number in range(6)]


def packed(name: str) -> bytes:
    """Return what npm downloads of a package."""
    content = json.dumps({"name": name, "version": "1.0.0"}).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        entry = tarfile.TarInfo("package/package.json")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


PACKED = {f"/{name}.tgz": packed(name) for name in NAMES}


class Registry(BaseHTTPRequestHandler):
    """Serves the packages."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        data = PACKED[self.path]
        self.send_response(200)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def registry() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_each_quarter_of_the_packages_is_told(
    checkout: Checkout, registry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_cache", str(checkout.root / "npm"))
    path = checkout.root / "web" / "package-lock.json"
    lock = json.loads(path.read_text("utf-8"))
    for name in NAMES:
        digest = base64.b64encode(hashlib.sha512(PACKED[f"/{name}.tgz"]).digest()).decode()
        lock["packages"][""]["dependencies"][name] = "1.0.0"
        lock["packages"][f"node_modules/{name}"] = {
            "version": "1.0.0",
            "resolved": f"{registry}/{name}.tgz",
            "integrity": f"sha512-{digest}",
        }
    checkout.write("package-lock.json", json.dumps(lock))
    package = {"dependencies": lock["packages"][""]["dependencies"], "scripts": {"say": "cat"}}
    checkout.write("package.json", json.dumps(package))
    steps: list[str] = []

    build(checkout.root, steps.append)

    assert steps == [
        "installing the page's packages: 8 from npm, only this once",
        "installing the page's packages: 25 % of 8",
        "installing the page's packages: 50 % of 8",
        "installing the page's packages: 75 % of 8",
        "building the page",
    ]
