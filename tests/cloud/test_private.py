"""Owners in a deployed stack: who gets private files at the CDN, and that each has what a quota allows."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.cloud.operator import Operator
from tests.cloud.people import UserPool
from tests.cloud.running import UP, running_cloud
from tests.cloud.stack import TIMEOUT_SECONDS, Json, Stack
from tests.cloud.test_access import PNG, World
from tests.deploy.tools import ROOT

PEOPLE = ("alice", "bob", "eve")
QUOTA = 25  # images; more than the other tests upload


def settings(folder: Path) -> Path:
    """Write the project's settings with a limit to each owner's images."""
    text = (ROOT / "tintype.toml").read_text("utf-8")
    text, number = re.subn(r"(?m)^quota_images = 0", f"quota_images = {QUOTA}", text)
    assert number == 1
    path = folder / "tintype.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(scope="module")
def world(deployed_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run a stack with sign-in, of which eve is an admin."""
    with ExitStack() as closing:
        client = closing.enter_context(httpx.Client(timeout=TIMEOUT_SECONDS))
        state = tmp_path_factory.mktemp("private")
        command = (*UP, "--access", "cognito", "--config", str(settings(state)))
        cloud = closing.enter_context(running_cloud(state, command, deployed=deployed_state))
        pool = UserPool(cloud, Operator(cloud, closing), client)
        tokens = {name: pool.add(name, group="admin" if name == "eve" else "") for name in PEOPLE}
        yield World(Stack(cloud.outputs, client), Operator(cloud, closing), tokens)


def uploaded(world: World, visibility: str) -> Json:
    """Upload an image of alice's, and return it when it is READY."""
    wanted = {"filename": "a.png", "contentType": "image/png", "size": len(PNG)}
    ticket = world.ask(
        world.tokens["alice"].access, "POST", "/uploads", json=wanted | {"visibility": visibility}
    ).json()
    assert world.stack.put(ticket, PNG).status_code == 200
    return world.ready("alice", ticket["imageId"])


def got(world: World, url: str, cookie: str = "") -> int:
    """Return what the CDN says; the cookie is sent as is, since the local cloud has no TLS."""
    headers = {"cookie": cookie} if cookie else {}
    return world.stack.client.get(url, headers=headers).status_code


def session(world: World, name: str) -> str:
    said = world.ask(world.tokens[name].access, "POST", "/session")
    assert said.status_code == 200, said.text
    return said.headers["set-cookie"].partition(";")[0]


def until(world: World, url: str, status: int) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while (found := got(world, url)) != status:
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


@pytest.fixture(scope="module")
def image(world: World) -> Json:
    return uploaded(world, "private")


def test_a_signed_address_opens_and_nothing_like_it_does(world: World, image: Json) -> None:
    for rendition in image["renditions"]:
        url, plain = rendition["url"], rendition["url"].partition("?")[0]
        key = plain.replace("/p/", "/private/")

        assert "/p/" in url
        assert got(world, url) == 200
        assert got(world, plain) == 403, "also once it is in the cache"
        assert got(world, url[:-2] + ("AA" if url[-2:] != "AA" else "BB")) == 403
        assert got(world, url.replace("?e=", "?e=9")) == 403
        assert got(world, key) == 404
        assert got(world, url.replace("/p/", "/private/")) == 404


@pytest.mark.parametrize(("name", "status"), [("alice", 200), ("bob", 403), ("eve", 200)])
def test_a_session_opens_one_s_own_and_an_admin_s_all(
    world: World, image: Json, name: str, status: int
) -> None:
    plain = image["renditions"][0]["url"].partition("?")[0]

    assert got(world, plain, session(world, name)) == status


def test_a_private_file_is_cached_by_browsers_alone(world: World, image: Json) -> None:
    said = world.stack.client.get(image["renditions"][0]["url"])

    assert said.headers["cache-control"].startswith("private")


@pytest.mark.usefixtures("image")
def test_a_plain_client_gets_an_address_that_works(world: World) -> None:
    query = {"filename": "processed-a.png"}
    said = world.ask(
        world.tokens["alice"].access, "GET", "/get-processed-image-url", params=query
    ).json()

    assert got(world, said["url"]) == 200


def test_an_image_that_becomes_private_is_gone_from_its_public_address(world: World) -> None:
    before = uploaded(world, "public")
    url = before["renditions"][0]["url"]
    assert [got(world, url), got(world, url)] == [200, 200]

    said = world.ask(
        world.tokens["alice"].access,
        "PATCH",
        f"/images/{before['id']}",
        json={"visibility": "private"},
    )

    assert said.status_code == 202, said.text
    until(world, url, 404)
    after = world.ready("alice", before["id"])
    assert after["visibility"] == "private"
    assert got(world, after["renditions"][0]["url"]) == 200


@pytest.mark.parametrize("visibility", ["public", "private"])
def test_a_deleted_image_is_gone_from_the_cdn(world: World, visibility: str) -> None:
    image = uploaded(world, visibility)
    url = image["renditions"][0]["url"]
    assert [got(world, url), got(world, url)] == [200, 200]

    world.ask(world.tokens["alice"].access, "DELETE", f"/images/{image['id']}")

    until(world, url, 404)


def test_owners_who_ask_for_more_than_they_may_have_at_once_get_exactly_that(world: World) -> None:
    def ticket(name: str) -> int:
        wanted = {"filename": "a.png", "contentType": "image/png", "size": len(PNG)}
        token = world.tokens[name].access
        return world.ask(token, "POST", "/uploads", json=wanted).status_code

    def used(name: str) -> int:
        said: Json = world.ask(world.tokens[name].access, "GET", "/me").json()
        return int(said["used"]["images"])

    before = {name: used(name) for name in ("alice", "bob")}
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(ticket, ["alice", "bob"] * (QUOTA + 3)))

    assert set(said) == {201, 429}
    for name, own in (("alice", said[::2]), ("bob", said[1::2])):
        assert own.count(201) == QUOTA - before[name]
        assert used(name) == QUOTA
    assert ticket("eve") == 201, "another owner's room is another"
