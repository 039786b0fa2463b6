"""Other presets: old renditions answer until `tintype reprocess --outdated`, and go a while after it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import httpx
import pytest

from tests.cloud.stack import Json, Stack
from tests.deploy.account import Account
from tests.deploy.person import Person
from tests.upgrade.people import PHOTOGRAPH, Left, fetched, listed, record
from tests.upgrade.presets import MAX_BYTES, NEW, SWEEP_SECONDS, Earlier
from tests.upgrade.showing import shown_in_gallery

GONE = {403, 404}
REPROCESS = ("reprocess", "--outdated", "--json", "--stack", "tintype", "--region", "us-east-1")


@dataclass(frozen=True)
class Reprocessed:
    """What the command said and when, the first image afterwards, and what its old addresses served then.

    *went* is when the first of those went; somebody watches them while other tests run.
    """

    began: float
    document: Json
    first: Json
    served: Mapping[str, bytes]
    went: Future[float]


@pytest.fixture(scope="module", autouse=True)
def reachable(account: Account) -> Iterator[None]:
    """Let the command line find the stack's own addresses, which nobody else knows."""
    reach, there = httpx.HTTPTransport.handle_request, httpx.URL(account.endpoint)

    def reach_it(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme=there.scheme, host=there.host, port=there.port)
        return reach(transport, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx.HTTPTransport, "handle_request", reach_it)
        yield


@pytest.fixture(scope="module")
def reprocessed(
    earlier: Earlier, other_presets: Path, stack: Stack, tintype: Person, left: Left
) -> Iterator[Reprocessed]:
    """Have everything outdated rendered again, and wait for the first image."""
    assert other_presets
    began = time.monotonic()
    ended = tintype(*REPROCESS, "--yes")
    assert ended.code == 0, ended.out + ended.err
    first = rendered_again(stack, earlier.records[left.photograph])
    served = {
        one["url"]: stack.client.get(one["url"]).content
        for one in earlier.records[left.photograph]["renditions"]
    }
    enough = Event()
    with ThreadPoolExecutor(1) as pool:
        went = pool.submit(first_goes, stack, served, enough)
        yield Reprocessed(began, ended.document, first, served, went)
        enough.set()


def first_goes(stack: Stack, addresses: Iterable[str], enough: Event) -> float:
    """Return when the first of some renditions is gone, or nobody asks any more."""
    while not any(is_gone(stack, url) for url in addresses):
        if enough.wait(0.5):
            break
    return time.monotonic()


def is_gone(stack: Stack, url: str) -> bool:
    """Whether a rendition is not served any more; not yet where it is deleted while it is sent."""
    try:
        return stack.client.get(url).status_code in GONE
    except httpx.RemoteProtocolError:  # the emulator breaks off; S3 sends what it has begun
        return False


def urls(image: Json) -> list[str]:
    return [one["url"] for one in image["renditions"]]


def widths(image: Json) -> dict[tuple[str, str], int]:
    return {(one["preset"], one["format"]): one["width"] for one in image["renditions"]}


def rendered_again(stack: Stack, earlier: Json) -> Json:
    """Return an image as soon as it has other renditions than *earlier*."""
    changed = stack.when(
        earlier["id"],
        lambda now: bool(
            now and now["revision"] != earlier["revision"] and now["status"] == "READY"
        ),
    )
    assert changed is not None
    return changed


# What follows is one story, in this order: the stack is what the test before has left.


def test_nothing_is_rendered_again_by_itself(
    earlier: Earlier, other_presets: Path, stack: Stack, tintype: Person
) -> None:
    assert other_presets

    asked = tintype(*REPROCESS, "--dry-run").document

    assert {url: fetched(stack, url) for url in earlier.renditions} == earlier.renditions
    assert {image_id: record(stack, image_id) for image_id in earlier.records} == earlier.records
    assert earlier.records.keys() <= {one["imageId"] for one in asked["images"]}
    assert {one["why"] for one in asked["images"]} == {"rendered with other presets"}
    assert asked["sent"] == 0


def test_records_say_which_presets_they_are_of(
    earlier: Earlier, other_presets: Path, stack: Stack
) -> None:
    settings = json.loads((other_presets / "release.json").read_text("utf-8"))["settings"]
    deployed = stack.request("GET", "/openapi.json").json()["info"]["x-presets-revision"]

    assert deployed == settings["presets_revision"]
    assert deployed not in {image["presetsRevision"] for image in earlier.records.values()}


def test_new_originals_are_of_the_new_presets(
    earlier: Earlier, other_presets: Path, stack: Stack
) -> None:
    assert earlier
    assert other_presets

    image = stack.ready(stack.upload(PHOTOGRAPH, "new.jpg", "image/jpeg"))

    assert widths(image) == NEW
    known = json.loads(fetched(stack, f"{stack.outputs['CdnUrl']}/config.json"))
    assert known["maxBytes"] == MAX_BYTES


def test_page_shows_old_and_new_renditions_beside_each_other(
    earlier: Earlier, other_presets: Path, stack: Stack, left: Left
) -> None:
    assert earlier
    assert other_presets
    new = stack.ready(stack.upload(PHOTOGRAPH, "shown.jpg", "image/jpeg"))

    shown = shown_in_gallery(stack, left.photograph, new["id"])

    assert shown[left.photograph] in earlier.renditions
    assert shown[new["id"]] in urls(new)


def test_reprocess_gives_every_image_the_new_renditions(
    earlier: Earlier, reprocessed: Reprocessed, stack: Stack
) -> None:
    asked = reprocessed.document["images"]
    images = {id_: rendered_again(stack, image) for id_, image in earlier.records.items()}

    assert reprocessed.document["sent"] == len(asked) >= len(images)
    assert reprocessed.document["failed"] == []
    shown = listed(stack)
    for image_id, image in images.items():
        assert widths(image) == NEW
        assert image["original"]["sha256"] == earlier.records[image_id]["original"]["sha256"]
        assert image["createdAt"] == earlier.records[image_id]["createdAt"]
        assert urls(shown[image_id]) == urls(image)
        assert not set(urls(image)) & earlier.renditions.keys()
        assert all(fetched(stack, url) for url in urls(image))


def test_old_renditions_answer_while_the_new_ones_are_there(
    earlier: Earlier, reprocessed: Reprocessed
) -> None:
    assert widths(reprocessed.first) == NEW
    assert list(reprocessed.served) == urls(earlier.records[reprocessed.first["id"]])
    assert reprocessed.served
    for url, data in reprocessed.served.items():
        assert data == earlier.renditions[url]


def test_page_shows_the_new_renditions(reprocessed: Reprocessed, stack: Stack, left: Left) -> None:
    shown = shown_in_gallery(stack, left.photograph)

    assert shown[left.photograph] in urls(reprocessed.first)


def test_failed_original_stays_failed_and_nothing_is_outdated_any_more(
    reprocessed: Reprocessed, stack: Stack, tintype: Person, left: Left
) -> None:
    asked = {one["imageId"] for one in reprocessed.document["images"]}
    deadline = time.monotonic() + 60

    while (
        still := tintype(*REPROCESS, "--dry-run").document["images"]
    ) and time.monotonic() < deadline:
        time.sleep(0.5)

    assert left.failed in asked
    assert still == []
    failed = stack.image(left.failed)
    assert failed is not None
    assert failed["failure"]["code"] == "truncated_image"


def test_old_renditions_go_when_nobody_can_be_at_work_with_them(
    earlier: Earlier, reprocessed: Reprocessed, stack: Stack
) -> None:
    went = reprocessed.went.result(timeout=SWEEP_SECONDS + 60)
    left = set(earlier.renditions)
    deadline = time.monotonic() + 60

    while left and time.monotonic() < deadline:
        left = {url for url in left if not is_gone(stack, url)}
        time.sleep(0.5)

    assert left == set()
    assert went - reprocessed.began >= SWEEP_SECONDS
    for image_id in earlier.records:
        image = record(stack, image_id)
        assert widths(image) == NEW
        assert all(fetched(stack, url) for url in urls(image))
