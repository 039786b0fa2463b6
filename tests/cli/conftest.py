"""A folder with a photograph or two, and the `tintype` command in it."""

from __future__ import annotations

import json
import socket
import webbrowser
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from tests.cli.issuer import CLIENT, Issuer, issuing
from tests.cli.service import Service, running
from tests.pictures import picture
from tintype.cli.login import callback
from tintype.cli.main import app
from tintype.client import api, following, subscription
from tintype.local.state import StateFolder

Photo = Callable[[str], Path]
SMALL = """
[presets.thumb]
width = 32
formats = ["webp"]

[presets.square]
width = 24
height = 24
fit = "cover"
formats = ["jpeg", "png"]
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """What `--json` printed."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


Tintype = Callable[..., Ended]


@pytest.fixture
def tintype(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tintype:
    """Run `tintype` in a folder that has a `tintype.toml` with two small presets."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tintype.toml").write_text(SMALL, encoding="utf-8")

    def run(*arguments: str | Path) -> Ended:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def stack(tintype: Tintype, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Run a small stack, which is the local cloud of the folder; nobody waits long for it."""
    assert tintype is not None
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path("cache").absolute()))
    monkeypatch.setenv("XDG_STATE_HOME", str(Path("state").absolute()))
    for variable in ("TINTYPE_API_KEY", "TINTYPE_STACK"):
        monkeypatch.delenv(variable, raising=False)
    for module in (api, following, subscription):
        monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.02)
    with running() as service, StateFolder(Path(".tintype")).lock():
        service.announce_local()
        yield service


@pytest.fixture
def photo(tmp_path: Path) -> Photo:
    """Write a photograph under a name, with the folders that the name has."""
    data = picture(60, 40)

    def write(name: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    return write


def tree(folder: Path) -> list[str]:
    """Return the files below *folder*, relative to it."""
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def different(*names: str) -> None:
    """Write photographs of different bytes."""
    for number, name in enumerate(names):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(picture(40 + number, 30))


@pytest.fixture
def issuer(stack: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    """Run the issuer of the small stack, to which the stack's page refers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(callback, "PORT", port)
    stack.tokens = {"nobody's"}
    with issuing(stack.tokens) as issuer:
        issuer.redirect_uris = {f"http://localhost:{port}/signed-in"}
        stack.sign_in = {"issuer": issuer.url, "clientId": CLIENT, "scope": "openid email"}
        yield issuer


class Browser:
    """Follows the redirects of what is opened, as a browser does, while the command waits."""

    def __init__(self) -> None:
        self._pages: list[Future[httpx.Response]] = []
        self._windows = ThreadPoolExecutor()

    def open(self, url: str) -> bool:
        self._pages.append(self._windows.submit(httpx.get, url, follow_redirects=True))
        return True

    def shown(self) -> list[httpx.Response]:
        """Return the pages that were shown in the end, when all are there."""
        return [page.result(timeout=30) for page in self._pages]

    def close(self) -> None:
        self._windows.shutdown()


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    found = Browser()
    monkeypatch.setattr(webbrowser, "open", found.open)
    yield found
    found.close()
