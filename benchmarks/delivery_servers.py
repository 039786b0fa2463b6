"""The servers that make a photograph of any size over HTTP: ours, and three peers, each at its best."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.bench import Bench
from benchmarks.live import local_cloud, upload
from benchmarks.node import HERE, node
from benchmarks.process_cpu import pin
from tintype.local.state import find_address
from tintype.outputs import Output

THUMBOR = "thumbor==7.8.0"
RENDER = (
    "FunctionsRender"  # part of the name of the render function, and so of its processes' command
)
START_SECONDS = 120.0

_THUMBOR_CONF = """\
LOADER = "thumbor.loaders.file_loader"
FILE_LOADER_ROOT_PATH = {folder!r}
STORAGE = "thumbor.storages.no_storage"
RESULT_STORAGE = {results}
RESULT_STORAGE_FILE_STORAGE_ROOT_PATH = {kept!r}
RESULT_STORAGE_STORES_UNSAFE = True
RESPECT_ORIENTATION = True
AUTO_AVIF = True
AVIF_CODEC = "aom"
AVIF_SPEED = 9
"""

Address = Callable[[Path, int, int], str]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. *address* gives a photograph's, *width* pixels wide, at a quality.

    The CPU time that counts is that of the processes below *pid* whose command has *marker* in it;
    all do if it is None. *stores* says that a file is not made twice.
    """

    name: str
    does: str
    pid: int
    address: Address
    marker: str | None = None
    stores: bool = False


@contextmanager
def ours(bench: Bench) -> Iterator[Server]:
    """Run the whole stack, with the photographs uploaded."""
    state = bench.folder("delivery") / "state"
    with local_cloud(state) as outputs, httpx.Client(timeout=60) as api:
        found = find_address(state)
        if found is None:
            message = "the local cloud has ended"
            raise RuntimeError(message)
        url = outputs[Output.API_URL]
        images = {photo: _uploaded(api, url, photo) for photo in bench.photos}

        def address(photo: Path, width: int, quality: int) -> str:
            wanted = {"w": width, "q": quality}
            signed = api.post(f"{url}/images/{images[photo]}/address", json=wanted)
            return str(signed.raise_for_status().json()["url"])

        yield Server("Tintype", "the local cloud", found.pid, address, RENDER, stores=True)


@contextmanager
def pillow(bench: Bench) -> Iterator[Server]:
    """Run `delivery_pillow.py`."""
    command = [sys.executable, "-m", "benchmarks.delivery_pillow"]
    with _running([*command, *_place(bench)], bench) as (pid, base):
        does = "`draft`, `reducing_gap=3`, turned when small, AVIF at speed 9"
        yield Server("Pillow", does, pid, _query(base))


@contextmanager
def sharp(bench: Bench) -> Iterator[Server]:
    """Run `delivery_sharp.mjs`."""
    command = [str(node()), str(HERE / "delivery_sharp.mjs")]
    with _running([*command, *_place(bench)], bench) as (pid, base):
        does = "shrink-on-load from the disk, AVIF at effort 0 in 4:2:0, `concurrency(1)`"
        yield Server("sharp", does, pid, _query(base))


@contextmanager
def thumbor(bench: Bench, *, stores: bool = False) -> Iterator[Server]:
    """Run thumbor, from an environment of its own; *stores* turns its storage of results on."""
    folder, port = _place(bench)
    name = "thumbor, storing" if stores else "thumbor"
    conf = bench.folder("delivery") / f"{name}.conf"
    conf.write_text(
        _THUMBOR_CONF.format(
            folder=folder,
            results='"thumbor.result_storages.file_storage"' if stores else None,
            kept=str(bench.folder("delivery", "results")),
        )
    )
    command = [uv(), "tool", "run", "--quiet", "--from", THUMBOR, "thumbor"]
    flags = ["--ip", "127.0.0.1", "--port", port, "--conf", str(conf), "--log-level", "error"]
    with _running([*command, *flags], bench, port) as (pid, base):
        does = f"{THUMBOR}, file loader, no storage, AVIF through Pillow at speed 9"

        def address(photo: Path, width: int, quality: int) -> str:
            return f"{base}/unsafe/{width}x0/filters:quality({quality})/{photo.name}"

        yield Server(name, does, pid, address, stores=stores)


def uv() -> str:
    """Return the `uv` of this checkout, or the machine's.

    Raises:
        FileNotFoundError: there is none.
    """
    here = HERE.parent / ".tools" / "bin" / "uv"
    found = str(here) if here.exists() else shutil.which("uv")
    if found is None:
        message = "no uv, by which thumbor is installed; `make install` brings it"
        raise FileNotFoundError(message)
    return found


def _place(bench: Bench) -> tuple[str, str]:
    """Return the folder of the photographs and a free port."""
    folder = bench.folder("delivery", "photos")
    for photo in bench.photos:
        if not (folder / photo.name).exists():
            shutil.copyfile(photo, folder / photo.name)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(folder), str(free.getsockname()[1])


@contextmanager
def _running(
    command: list[str], bench: Bench, port: str | None = None
) -> Iterator[tuple[int, str]]:
    """Run a server until the block ends; the port is the last word of its command or *port*."""
    base = f"http://127.0.0.1:{port or command[-1]}"
    child = subprocess.Popen(command, cwd=HERE.parent)
    try:
        _wait_for(base, child)
        pin(child.pid, bench.core)
        yield child.pid, base
    finally:
        child.terminate()
        child.wait()


def _wait_for(base: str, child: subprocess.Popen[bytes]) -> None:
    address = httpx.URL(base)
    deadline = time.monotonic() + START_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((address.host, address.port or 0)) == 0:
                return
        time.sleep(0.1)
    message = f"{child.args!r} does not listen"
    raise RuntimeError(message)


def _query(base: str) -> Address:
    def address(photo: Path, width: int, quality: int) -> str:
        return f"{base}/{photo.name}?w={width}&q={quality}"

    return address


def _uploaded(api: httpx.Client, url: str, photo: Path) -> str:
    """Upload a photograph; return its ID when its presets are done.

    Raises:
        RuntimeError: they failed.
        TimeoutError: nothing came of it.
    """
    image_id, _ = upload(api, url, photo.read_bytes())
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        image: Mapping[str, object] = api.get(f"{url}/images/{image_id}").json()
        if image["status"] == "READY":
            return image_id
        if image["status"] == "FAILED":
            raise RuntimeError(image["failure"])
        time.sleep(0.2)
    message = f"{photo.name} is not ready"
    raise TimeoutError(message)
