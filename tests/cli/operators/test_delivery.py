"""`tintype delivery stats`, `purge` and `key`: what was made for addresses is counted and deleted, no more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.aws.emulator import Emulator
from tests.cli.conftest import Tintype
from tests.cli.operators.test_owners import distribution
from tests.cli.service import Service
from tests.delivery_cases import CURRENT, PREVIOUS
from tests.maintenance.belongings import operated
from tests.maintenance.operated import Cloud, client, image
from tintype import delivery, keys
from tintype.images import Image, timestamp
from tintype.maintenance.owned import Stores

PUBLIC_FILES = ("w_640.auto-avif", "w_640.auto-webp", "w_320.auto-avif", "preset_thumb.webp")
SIGNED_FILE = "w_400,h_300,fit_crop,q_70.jpg"


@dataclass(frozen=True)
class Delivering:
    """A stack with a public image, a private one of ann's, and one without files for addresses."""

    server: Emulator
    cloud: Cloud
    stores: Stores
    distribution: str
    public: Image
    private: Image
    plain: Image

    def put(self, key: str, size: int = 10) -> None:
        self.cloud.renditions.put(key, b"x" * size, content_type="image/webp")

    @property
    def keys(self) -> set[str]:
        return set(self.cloud.renditions.keys())

    @property
    def files(self) -> set[str]:
        return {key for key in self.keys if "/x/" in key and not keys.is_mark(key)}

    @property
    def purged(self) -> list[str]:
        """The paths that CloudFront was asked to forget."""
        cloudfront = client(self.server, "cloudfront")
        listed = cloudfront.list_invalidations(DistributionId=self.distribution)
        paths: list[str] = []
        for one in listed["InvalidationList"].get("Items", []):
            found = cloudfront.get_invalidation(DistributionId=self.distribution, Id=one["Id"])
            paths += found["Invalidation"]["InvalidationBatch"]["Paths"]["Items"]
        return sorted(paths)

    def has_keys(self, **facts: Any) -> None:
        self.stores.access.put_new({"id": delivery.KEYS_ITEM, "current": CURRENT} | facts)


@pytest.fixture
def delivering(server: Emulator, stack: Service) -> Iterator[Delivering]:
    with operated(server, f"d{uuid4().hex[:12]}") as (cloud, stores):
        outputs = {**stack.outputs, **cloud.outputs, "DistributionId": distribution(server)}
        stack.announce_local(server.endpoint, outputs, server.root.access_key)
        images = image(), image(owner="ann", visibility="private"), image()
        made = Delivering(server, cloud, stores, outputs["DistributionId"], *images)
        for one in images:
            owner = "ann" if one.owner == "ann" else None
            cloud.write_manifest(one)
            cloud.write_original(one)
            made.put(keys.rendition_key(one.id, "3f9a", "thumb.webp", owner))
        for name in PUBLIC_FILES:
            made.put(keys.delivered_key(made.public.id, name), 10)
        made.put(keys.delivered_key(made.private.id, SIGNED_FILE, "ann"), 200)
        for mark in (  # which are no files, and stay
            keys.delivered_key(made.public.id, "3f9a"),
            keys.delivered_key(made.private.id, "3f9a", "ann"),
        ):
            made.put(mark, 0)
        yield made


def test_files_are_counted_by_size_and_format(tintype: Tintype, delivering: Delivering) -> None:
    lines = [line.split("\t") for line in tintype("delivery", "stats").out.splitlines()]

    assert lines == [
        ["400 × 300", "jpg", "1", "200"],
        ["320", "auto-avif", "1", "10"],
        ["640", "auto-avif", "1", "10"],
        ["640", "auto-webp", "1", "10"],
        ["thumb", "webp", "1", "10"],
    ]
    assert delivering.files


def test_files_of_one_image_are_counted_also_if_it_is_private(
    tintype: Tintype, delivering: Delivering
) -> None:
    private = tintype("delivery", "stats", delivering.private.id, "--json").document
    none = tintype("delivery", "stats", delivering.plain.id)

    assert private == {
        "tintype": private["tintype"],
        "files": 1,
        "bytes": 200,
        "sizes": [{"size": "400 × 300", "format": "jpg", "files": 1, "bytes": 200}],
    }
    assert (none.code, none.out) == (0, "")


def test_purging_an_image_deletes_what_was_made_for_its_addresses_and_nothing_else(
    tintype: Tintype, delivering: Delivering
) -> None:
    before, originals = delivering.keys, set(delivering.cloud.originals.keys())

    ended = tintype("delivery", "purge", delivering.public.id)

    gone = {keys.delivered_key(delivering.public.id, name) for name in PUBLIC_FILES}
    assert ended.code == 0, ended.err
    assert ended.out == "4 files deleted, 40 bytes.\n"
    assert delivering.keys == before - gone
    assert set(delivering.cloud.originals.keys()) == originals
    image_id = delivering.public.id
    assert delivering.purged == [f"/{image_id}/x/*", f"/i/{image_id}*"]


def test_purging_a_private_image_purges_its_private_addresses(
    tintype: Tintype, delivering: Delivering
) -> None:
    document = tintype("delivery", "purge", delivering.private.id, "--json").document

    assert (document["files"], document["failed"], document["isPurged"]) == (1, [], True)
    assert delivering.purged == [
        f"/p/ann/{delivering.private.id}*",
        f"/private/ann/{delivering.private.id}/x/*",
    ]
    assert len(delivering.files) == len(PUBLIC_FILES)


def test_purging_an_unknown_image_fails_and_the_others_are_purged(
    tintype: Tintype, delivering: Delivering
) -> None:
    ended = tintype("delivery", "purge", "01M7XPE600ABCDEFGHJKMNPQRS", delivering.public.id)

    assert ended.code == 1
    assert "unknown_image" in ended.err
    assert ended.out == "4 files deleted, 40 bytes.\n"


def test_purging_all_images_wants_to_be_confirmed(tintype: Tintype, delivering: Delivering) -> None:
    before = delivering.keys

    refused = tintype("delivery", "purge", "--all")
    between = delivering.keys
    done = tintype("delivery", "purge", "--all", "--yes")

    assert (refused.code, between) == (1, before)
    assert "not_confirmed" in refused.err
    assert done.out == "5 files deleted, 240 bytes.\n"
    assert (delivering.files, len(delivering.keys)) == (set(), len(before) - 5)
    assert delivering.purged == ["/*"]


@pytest.mark.parametrize("words", [[], ["01M7XPE600ABCDEFGHJKMNPQRS", "--all"]])
def test_purging_without_a_choice_is_a_mistake(
    tintype: Tintype, delivering: Delivering, words: list[str]
) -> None:
    ended = tintype("delivery", "purge", *words)

    assert ended.code == 2
    assert "nothing_chosen" in ended.err
    assert len(delivering.files) == 5


def test_the_current_key_is_printed_alone_with_a_warning_beside_it(
    tintype: Tintype, delivering: Delivering
) -> None:
    changed = timestamp(datetime.now(UTC) - timedelta(hours=1))
    delivering.has_keys(previous=PREVIOUS, changedAt=changed)

    ended = tintype("delivery", "key")

    assert ended.out == f"{CURRENT}\n"
    assert "opens every private image" in ended.err
    document = tintype("delivery", "key", "--json").document
    assert (document["key"], document["isNew"]) == (CURRENT, False)


def test_a_key_that_the_cdn_may_not_know_yet_is_called_new(
    tintype: Tintype, delivering: Delivering
) -> None:
    delivering.has_keys(previous=PREVIOUS, changedAt=timestamp(datetime.now(UTC)))

    ended = tintype("delivery", "key")

    assert ended.out == f"{CURRENT}\n"
    assert "the CDN may not accept it yet" in " ".join(ended.err.split())


def test_a_stack_without_a_key_says_so(tintype: Tintype, delivering: Delivering) -> None:
    assert delivering

    ended = tintype("delivery", "key")

    assert (ended.code, ended.out) == (1, "")
    assert "deploy the stack again" in " ".join(ended.err.split())
