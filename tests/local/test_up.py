"""`tintype up`, as its own process, with a folder of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from tests.local.realtime_client import talk
from tests.pictures import picture
from tintype.cli.local_session import print_addresses
from tintype.cli.output.console import open_screen
from tintype.local.ports import HOST, free_port
from tintype.local.state import LocalAddress, find_address

if TYPE_CHECKING:
    from tintype.local.cloud import LocalCloud

COMMAND = "import typer; from tintype.cli.commands.up import up; typer.run(up)"


def tintype_up(folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", COMMAND, "--state", str(folder), *options]
    return subprocess.Popen(  # noqa: S603
        command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
    )  # fmt: skip


def wait_for(folder: Path, process: subprocess.Popen[str]) -> LocalAddress:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        address = find_address(folder)
        if address:
            return address
        time.sleep(0.1)
    process.kill()
    raise AssertionError(process.communicate()[0])


def ended(process: subprocess.Popen[str], how: signal.Signals = signal.SIGTERM) -> str:
    process.send_signal(how)
    said, _ = process.communicate(timeout=40)
    return said


def upload(address: LocalAddress) -> str:
    answer = httpx.post(
        f"{address.public_url}/api/images?filename=photo.jpg",
        content=picture(640, 480),
        headers={"content-type": "image/jpeg"},
        timeout=30,
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["imageId"])


def wait_until_ready(address: LocalAddress, image: str) -> str:
    """Wait for the image, and return the address of a rendition."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        document = httpx.get(f"{address.public_url}/api/images/{image}", timeout=30).json()
        if document["status"] == "READY":
            return str(document["renditions"][0]["url"])
        time.sleep(0.2)
    raise AssertionError(document)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "state"
    address = find_address(tmp_path / "state")
    if address:
        os.kill(address.pid, signal.SIGKILL)


@pytest.fixture
def used(folder: Path, deployed_state: Path) -> Path:
    """Return the folder with the state of an earlier run, which needs no template made."""
    return shutil.copytree(deployed_state, folder, dirs_exist_ok=True)


def test_image_is_processed_and_is_still_there_the_next_time(folder: Path) -> None:
    began = time.monotonic()
    first = tintype_up(folder, "--port", "0", "--gateway-port", "0")
    address = wait_for(folder, first)
    fresh_seconds = time.monotonic() - began
    image = upload(address)
    url = wait_until_ready(address, image)
    assert url.startswith(address.public_url)
    assert httpx.get(url).headers["content-type"].startswith("image/")

    said = ended(first, signal.SIGINT)

    assert first.returncode == 0, said
    assert f"{address.public_url}/api/images?filename=photo.jpg" in said
    assert f"READY {image} photo.jpg" in said
    assert "Traceback" not in said
    began = time.monotonic()
    second = tintype_up(folder, "--port", "0", "--gateway-port", "0")
    address = wait_for(folder, second)
    # Nothing is created, and the page is there: it cannot take twice as long as the first time.
    assert time.monotonic() - began < 2 * fresh_seconds
    again = wait_until_ready(address, image)
    assert httpx.get(again.replace(url.split("/")[2], address.public_url.split("/")[2])).is_success
    assert wait_until_ready(address, upload(address))
    ended(second)
    assert second.returncode == 0


CHANGED = "subscription { imageChanged { id status version renditions { url } } }"


async def follow(address: LocalAddress) -> list[dict[str, Any]]:
    """Upload an image, and return what a subscriber hears until it is ready."""
    key = {"host": "localhost", "x-api-key": address.outputs["GraphqlApiKey"]}
    async with talk(address.outputs["GraphqlRealtimeUrl"], key) as client:
        await client.send(type="connection_init")
        await client.receive()
        assert (await client.start("1", CHANGED, key))["type"] == "start_ack"
        image = await asyncio.to_thread(upload, address)
        heard: list[dict[str, Any]] = []
        while not heard or heard[-1]["status"] != "READY":
            event = await asyncio.wait_for(client.receive(), timeout=30)
            heard.append(event["payload"]["data"]["imageChanged"])
        assert {each["id"] for each in heard} == {image}
        return heard


def test_subscriber_hears_of_the_image_from_the_function(used: Path) -> None:
    process = tintype_up(used, "--port", "0", "--gateway-port", "0")
    address = wait_for(used, process)

    heard = asyncio.run(follow(address))

    assert heard[-1]["renditions"][0]["url"].startswith(address.public_url)
    ended(process)


def test_second_up_says_where_the_first_is(used: Path) -> None:
    first = tintype_up(used, "--port", "0", "--gateway-port", "0")
    address = wait_for(used, first)

    second = tintype_up(used, "--port", "0", "--gateway-port", "0")
    said, _ = second.communicate(timeout=30)

    assert second.returncode == 1
    assert f"already_running: tintype is already running at {address.public_url}" in said
    ended(first)


@pytest.mark.parametrize("option", ["--port", "--gateway-port"])
def test_taken_port_says_which_and_how_to_choose_another(folder: Path, option: str) -> None:
    with socket.socket() as taker:
        taker.bind((HOST, 0))
        taker.listen()
        port = taker.getsockname()[1]
        other = "--gateway-port" if option == "--port" else "--port"

        process = tintype_up(folder, option, str(port), other, str(free_port()))
        said, _ = process.communicate(timeout=30)

    assert process.returncode == 1
    assert f"port_taken: port {port} is taken by" in said
    assert f"choose another with {option} {port + 1}" in said


def test_wrong_configuration_is_said_before_anything_starts(folder: Path, tmp_path: Path) -> None:
    config = tmp_path / "tintype.toml"
    config.write_text("[limits]\nmax_bytes = 'much'\n")

    process = tintype_up(folder, "--config", str(config))
    said, _ = process.communicate(timeout=30)

    assert process.returncode == 2
    assert "max_bytes" in said


@pytest.fixture
def manifest(folder: Path) -> Path:
    path = folder / "objects" / "000000000000" / "renditions" / "01JD" / "manifest.json"
    path.parent.mkdir(parents=True)
    path.touch()
    return path


def test_nothing_is_forgotten_where_nobody_said_yes(folder: Path, manifest: Path) -> None:
    process = tintype_up(folder, "--fresh", "--port", "0", "--gateway-port", "0")
    said, _ = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "not_confirmed: " in said
    assert manifest.exists()


def test_fresh_start_forgets(folder: Path, manifest: Path) -> None:
    process = tintype_up(folder, "--fresh", "--yes", "--port", "0", "--gateway-port", "0")
    wait_for(folder, process)
    said = ended(process)

    assert "Deleted 1 image." in said
    assert not manifest.exists()


def test_your_own_issuer_is_asked_for_where_the_settings_lack_it(tmp_path: Path) -> None:
    (tmp_path / "tintype.toml").write_text("")

    ended = subprocess.run(  # noqa: S603 - our own command
        [str(Path(sys.executable).with_name("tintype")), "up", "--access", "oidc"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    for setting in ("issuer", "audience", "client_id"):
        assert f'access.{setting}: mode "oidc" needs it' in ended.stderr


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("open", "curl --data-binary"),
        ("cognito", "tintype users add"),
        ("oidc", "tintype login"),
    ],
)
def test_the_example_to_begin_with_works_in_the_access_mode(
    capsys: pytest.CaptureFixture[str], mode: str, said: str
) -> None:
    cloud = SimpleNamespace(
        public_url="http://localhost:1",
        outputs={"AccessMode": mode},
        endpoint="http://127.0.0.1:2",
        state=SimpleNamespace(folder=Path("state")),
    )

    print_addresses(open_screen(quiet=False), cast("LocalCloud", cloud))

    examples = {"curl --data-binary", "tintype users add", "tintype login"}
    shown = capsys.readouterr().out
    assert {one for one in examples if one in shown} == {said}
