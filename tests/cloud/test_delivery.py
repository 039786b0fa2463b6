"""Any size by its address at a deployed CDN: what is made, how often, for whom, and until when."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.cloud.delivering import (
    AVIF_AND_WEBP,
    EXTENSIONS,
    NEITHER,
    NO_AVIF,
    Delivery,
    RandomAddress,
    base,
    delivery_of,
    files,
    key_of,
    random_addresses,
    until,
)
from tests.cloud.operator import Operator
from tests.cloud.people import UserPool
from tests.cloud.running import UP, running_cloud
from tests.cloud.stack import TIMEOUT_SECONDS, Json, Stack
from tests.cloud.test_access import OWNERS, World
from tests.pictures import picture
from tintype.config import load
from tintype.config.delivery import most_unsigned
from tintype.delivery.grammar import GRID

LONG_AGO = 1_000_000_000
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "AVIF": "image/avif"}


@pytest.fixture(scope="module")
def delivery(deployed_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivery]:
    """Run a stack with sign-in, of which eve is an admin."""
    with ExitStack() as closing:
        limits = httpx.Limits(max_connections=None)
        client = closing.enter_context(httpx.Client(timeout=TIMEOUT_SECONDS, limits=limits))
        state = tmp_path_factory.mktemp("delivery")
        command = (*UP, "--access", "cognito")
        cloud = closing.enter_context(running_cloud(state, command, deployed=deployed_state))
        pool = UserPool(cloud, Operator(cloud, closing), client)
        people = {name: pool.add(name, group="admin" if name == "eve" else "") for name in OWNERS}
        yield delivery_of(World(Stack(cloud.outputs, client), Operator(cloud, closing), people))


@pytest.fixture(scope="module")
def image(delivery: Delivery) -> Json:
    return delivery.upload(picture(480, 320))


@pytest.fixture(scope="module")
def private(delivery: Delivery) -> Json:
    return delivery.upload(picture(480, 320), visibility="private")


def seen(answer: httpx.Response) -> tuple[str | None, tuple[int, int]]:
    """Return a picture's format and size."""
    assert answer.status_code == 200, answer.text
    with Image.open(io.BytesIO(answer.content)) as opened:
        assert TYPES[str(opened.format)] == answer.headers["content-type"]
        return opened.format, opened.size


# What is made, and how often


def test_a_thousand_spellings_make_one_file_for_each_meaning(delivery: Delivery) -> None:
    images = [delivery.upload(picture(480 + step, 320)) for step in range(3)]
    rng = random.Random(13)
    requests = [
        (rng.choice(images), one, rng.choice(list(EXTENSIONS)))
        for one in random_addresses(13, 1_000)
    ]

    def ask(request: tuple[Json, RandomAddress, str]) -> int:
        image, one, accept = request
        name = rng.choice(("", "/beach.jpg", "/strand%20im%20abendlicht"))
        target = (
            delivery.signed(image, one.query) if one.is_signed else f"{base(image)}?{one.query}"
        )
        at, _, query = target.partition("?")
        return delivery.get(f"{at}{name}?{query}", accept=accept).status_code

    with delivery.costs(*images) as cost, ThreadPoolExecutor(8) as pool:
        said = list(pool.map(ask, requests))

    for (_, one, _), status in zip(requests, said, strict=True):
        assert status == one.status, one
    expected = {
        key_of(image, one.variant, accept)
        for image, one, accept in requests
        if one.variant is not None
    }
    assert cost.files == expected
    assert cost.runs == len(cost.files)


def test_all_addresses_without_a_signature_make_as_many_files_as_is_documented(
    delivery: Delivery,
) -> None:
    image, config = delivery.upload(picture(64, 48)), load()
    widths = {1, *GRID, *(width + 1 for width in GRID), 8_192, 99_999}
    sizes = [f"w={width}" for width in sorted(widths)] + ["", "dpr=2", "w=100&dpr=5"]
    formats = ["", "fm=avif", "fm=webp", "fm=jpg", "fm=jpeg"]
    queries = [f"{size}&{fm}" for size in sizes for fm in formats]
    for preset in config.presets:
        own = ["", *(f"fm={encoding.format}" for encoding in preset.formats)]
        queries += [f"preset={preset.name}&{fm}" for fm in own]

    with delivery.costs(image) as cost, ThreadPoolExecutor(8) as pool:
        asked = [(query, accept) for query in queries for accept in EXTENSIONS]
        said = pool.map(lambda one: delivery.get(f"{base(image)}?{one[0]}", accept=one[1]), asked)
        assert {answer.status_code for answer in said} == {200}

    assert len(cost.files) == most_unsigned(config.delivery, config.presets)
    assert cost.runs == len(cost.files)


def test_a_hundred_viewers_of_a_new_size_make_one_file_in_one_run(
    delivery: Delivery, image: Json
) -> None:
    target = delivery.signed(image, "w=333&h=222&fit=crop")

    with delivery.costs(image) as cost, ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda _: delivery.get(target), range(100)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert (cost.runs, len(cost.files)) == (1, 1)


# What is refused costs nothing


def test_what_is_refused_costs_no_run_and_no_file(
    delivery: Delivery, image: Json, private: Json
) -> None:
    signed, own = delivery.signed(image, "w=90&h=60"), delivery.signed(private, "w=90&h=60")
    at, hidden = base(image), base(private)
    foreign = delivery.upload(picture(64, 48), "bob", visibility="private")
    of_bob = session(delivery, "bob")
    refused = {
        f"{at}?h=100": 403, f"{at}?w=640&q=50": 403, f"{at}?w=64&h=64&fit=crop": 403,
        f"{at}?fm=png": 403, f"{at}?rotate=90": 403, f"{at}?w=64&e=9999999999": 403,
        delivery.signed(image, "h=70", expires=LONG_AGO): 403,
        delivery.signed(image, "w=64", expires=LONG_AGO): 403,
        signed.replace("w=90", "w=91"): 403, signed.replace("/i/", "/p/alice/"): 403,
        f"{signed}&s=AAAA": 403, f"{signed[:-2]}__": 403, f"{at}?w=64&s=AAAA": 403,
        own.replace("w=90", "w=91"): 403, own.replace(hidden, base(foreign)): 403,
        delivery.signed(private, "w=64", expires=LONG_AGO): 403,
        f"{hidden}?w=64": 403, f"{hidden}?preset=thumb": 403,
        f"{at}?width=64": 400, f"{at}?w=64&w=64": 400, f"{at}?w=": 400, f"{at}?preset=none": 400,
        f"{at}/a/b?w=64": 404,
    }  # fmt: skip

    with delivery.costs(image, private, foreign) as cost:
        said = {target: delivery.get(target).status_code for target in refused}
        bobs = delivery.get(f"{hidden}?w=64", cookie=of_bob).status_code

    assert said == refused
    assert bobs == 403
    assert (cost.runs, cost.objects) == (0, set())


# Private images


def session(delivery: Delivery, name: str) -> str:
    said = delivery.world.ask(delivery.world.tokens[name].access, "POST", "/session")
    assert said.status_code == 200, said.text
    return said.headers["set-cookie"].partition(";")[0]


def test_a_signature_opens_a_private_image_in_any_size(delivery: Delivery, private: Json) -> None:
    answer = delivery.get(delivery.signed(private, "w=120&h=80&fit=crop"))

    assert seen(answer) == ("JPEG", (120, 80))
    assert answer.headers["cache-control"].startswith("private")


@pytest.mark.parametrize(("name", "status"), [("alice", 200), ("bob", 403), ("eve", 200)])
def test_a_session_opens_ones_own_private_images_on_the_grid(
    delivery: Delivery, private: Json, name: str, status: int
) -> None:
    cookie, at = session(delivery, name), base(private)

    assert delivery.get(f"{at}/beach.jpg?w=200", cookie=cookie).status_code == status
    assert delivery.get(f"{at}?preset=thumb", cookie=cookie).status_code == status
    assert delivery.get(f"{at}?h=200", cookie=cookie).status_code == 403


def test_a_private_image_has_no_public_address_and_the_reverse(
    delivery: Delivery, image: Json, private: Json
) -> None:
    as_public = {**private, "visibility": "public"}
    as_private = {**image, "visibility": "private"}

    assert delivery.get(f"{base(as_public)}?w=64").status_code == 404
    assert delivery.get(delivery.signed(as_public, "w=65&h=65")).status_code == 404
    assert delivery.get(delivery.signed(as_private, "w=65&h=65")).status_code == 404
    assert not delivery.stored(as_public)
    assert not delivery.stored(as_private)


# Answers


@pytest.mark.parametrize(
    ("accept", "file_format"),
    [(AVIF_AND_WEBP, "AVIF"), (NO_AVIF, "WEBP"), (NEITHER, "JPEG"), ("image/avif;q=0", "JPEG")],
)
def test_a_browser_gets_the_format_that_it_accepts(
    delivery: Delivery, image: Json, accept: str, file_format: str
) -> None:
    for _ in range(2):  # made, and from the cache
        answer = delivery.get(f"{base(image)}?w=128", accept=accept)

        assert seen(answer) == (file_format, (128, 85))
        assert answer.headers["vary"].lower() == "accept"
    assert answer.headers["x-cache"] == "Hit from cloudfront"


def test_head_and_parts_are_as_of_any_file(delivery: Delivery, image: Json) -> None:
    target = delivery.signed(image, "w=99&h=99&fit=crop&fm=jpg")
    head = delivery.get(target, "HEAD")
    whole = delivery.get(target)
    part = delivery.get(target, range="bytes=10-19")
    known = delivery.get(target, if_none_match=whole.headers["etag"])

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert (known.status_code, known.content) == (304, b"")


def test_the_name_in_an_address_is_for_people(delivery: Delivery, image: Json) -> None:
    with delivery.costs(image) as cost:
        plain, named = (
            delivery.get(f"{base(image)}{name}?w=640", accept=NO_AVIF)
            for name in ("", "/beach.jpg")
        )

    assert seen(plain) == seen(named) == ("WEBP", (480, 320))
    assert (cost.runs, len(cost.files)) == (1, 1)


def test_a_picture_too_large_for_one_answer_arrives_whole(delivery: Delivery) -> None:
    noise = np.random.default_rng(4).integers(0, 256, (1_400, 1_400, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "PNG")
    image = delivery.upload(out.getvalue())
    target = delivery.signed(image, "w=1400&fm=png")

    first = delivery.get(target)

    assert (first.status_code, first.headers["cache-control"]) == (302, "no-store")
    location = first.headers["location"].removeprefix(delivery.world.stack.outputs["CdnUrl"])
    answer = delivery.get(location)
    assert seen(answer) == ("PNG", (1_400, 1_400))
    assert len(answer.content) > 4_400_000
    assert delivery.get(target).content == answer.content


# Until when


def test_what_is_made_during_a_deletion_does_not_stay(delivery: Delivery) -> None:
    image = delivery.upload(picture(1_600, 1_200))
    targets = [delivery.signed(image, f"w={1_000 + step}&fm=avif") for step in range(8)]

    with ThreadPoolExecutor(len(targets)) as pool:
        started = [pool.submit(delivery.get, target) for target in targets]
        time.sleep(0.2)
        said = delivery.world.ask(
            delivery.world.tokens["alice"].access, "DELETE", f"/images/{image['id']}"
        )
        statuses = {one.result().status_code for one in started}

    assert said.is_success, said.text
    assert statuses <= {200, 404, 503}
    until(lambda: not files(delivery.stored(image)))
    until(lambda: {delivery.get(target).status_code for target in targets} == {404})
    delivery.sweep(image)
    until(lambda: not delivery.stored(image))
    time.sleep(1)
    assert {delivery.get(target).status_code for target in targets} == {404}
    assert not delivery.stored(image)


def test_a_deleted_image_is_gone_from_every_address(delivery: Delivery) -> None:
    image = delivery.upload(picture(480, 320))
    target = f"{base(image)}?w=320"
    assert [delivery.get(target).status_code for _ in range(2)] == [200, 200]

    delivery.world.ask(delivery.world.tokens["alice"].access, "DELETE", f"/images/{image['id']}")

    until(lambda: delivery.get(target).status_code == 404)
    until(lambda: not delivery.stored(image))


def test_an_image_that_becomes_private_is_gone_from_its_public_addresses(
    delivery: Delivery,
) -> None:
    image = delivery.upload(picture(480, 320))
    target = f"{base(image)}?w=320"
    assert [delivery.get(target).status_code for _ in range(2)] == [200, 200]

    token = delivery.world.tokens["alice"].access
    said = delivery.world.ask(
        token, "PATCH", f"/images/{image['id']}", json={"visibility": "private"}
    )

    assert said.status_code == 202, said.text
    until(lambda: delivery.get(target).status_code == 404)
    until(lambda: not delivery.stored(image))
    after = delivery.world.ready("alice", image["id"])
    assert delivery.get(delivery.signed(after, "w=320")).status_code == 200


def test_another_original_is_seen_at_the_old_address(delivery: Delivery) -> None:
    operator, world = delivery.world.operator, delivery.world
    place = {"Bucket": operator.outputs["OriginalsBucket"], "Key": "changing.jpg"}
    operator.client("s3").put_object(**place, Body=picture(480, 320))
    body = {"bucket": place["Bucket"], "key": place["Key"]}
    said = world.ask(world.tokens["eve"].access, "POST", "/process", json=body).json()
    image = world.ready("eve", said["image"]["id"])
    target = f"{base(image)}?w=320"
    before = delivery.get(target)

    operator.client("s3").put_object(**place, Body=picture(320, 480))

    assert seen(before) == ("JPEG", (320, 213))
    # The image may have been processed once more in between: by its event, and by the request above.
    until(lambda: seen(delivery.get(target)) == ("JPEG", (320, 480)))


def test_another_focus_is_seen_at_the_old_address(delivery: Delivery) -> None:
    image = delivery.upload(picture(480, 320))
    target = delivery.signed(image, "w=100&h=200&fit=crop")
    before = delivery.get(target)
    token, wanted = delivery.world.tokens["alice"].access, {"focus": {"x": 1.0, "y": 0.5}}

    said = delivery.world.ask(token, "PATCH", f"/images/{image['id']}", json=wanted)

    assert said.status_code == 202, said.text
    until(lambda: delivery.get(target).content != before.content)
    after = delivery.get(target)
    assert seen(before) == seen(after) == ("JPEG", (100, 200))
    named = delivery.get(delivery.signed(image, "w=100&h=200&fit=crop&gravity=centre"))
    assert named.content == before.content, "the address decides, where it names a gravity"
