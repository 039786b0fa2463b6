"""Erasing an owner: everything of theirs goes, nothing of anybody else's, whatever interrupts or arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.aws.emulator import Emulator
from tests.maintenance.belongings import about, everything, furnish
from tests.maintenance.operated import Cloud, event
from tintype import keys
from tintype.aws.errors import AccessDeniedError, UnavailableError
from tintype.aws.s3 import Bucket
from tintype.images import item
from tintype.maintenance.erase import COUNTS_THE_REST, Erasure, Waiting
from tintype.maintenance.owned import Stores, find_images, totals
from tintype.messages import Announce, encode
from tintype.processing.manifests import ManifestHead, read

AT_ONCE = Waiting(0, 0)


def erasure(
    cloud: Cloud, stores: Stores, owner: str, purge: Callable[[], None] = lambda: None
) -> Erasure:
    names = ("Process", "Catalogue")
    return Erasure(
        stores,
        queues=[cloud.queue(name) for name in names],
        dead_letters=[cloud.queue(f"{name}DeadLetter") for name in names],
        owner=owner,
        purge=purge,
        waiting=AT_ONCE,
    )


def test_everything_of_one_owner_goes_and_nothing_of_another(
    server: Emulator, stack: tuple[Cloud, Stores]
) -> None:
    cloud, stores = stack
    hers, his = furnish(cloud, stores, "alice"), furnish(cloud, stores, "bob")
    before = about(everything(server, stores), "bob", his)
    assert len(about(everything(server, stores), "alice", hers)) == len(before) > 20
    purged: list[bool] = []

    found = find_images(stores, "alice")
    result = erasure(cloud, stores, "alice", lambda: purged.append(True)).run(found)

    assert set(found) == set(hers.values())
    assert everything(server, stores) == before
    assert (result.left, result.images, len(purged)) == ({}, len(hers), 1)
    assert find_images(stores, "alice") == []


def test_erasing_the_public_takes_no_image_that_was_given_to_somebody(
    stack: tuple[Cloud, Stores],
) -> None:
    cloud, stores = stack
    everybody_s, hers = furnish(cloud, stores, "public"), furnish(cloud, stores, "alice")

    found = find_images(stores, "public")
    result = erasure(cloud, stores, "public").run(found)

    assert set(found) == set(everybody_s.values())
    assert result.left == {}
    assert set(find_images(stores, "alice")) == set(hers.values())


@pytest.mark.parametrize("calls", [0, 1, 3, 6, 9, 12])
def test_an_interrupted_erasure_is_finished_by_the_next_one(
    server: Emulator, stack: tuple[Cloud, Stores], monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    cloud, stores = stack
    hers = furnish(cloud, stores, "alice")
    left, delete = [calls], Bucket.delete

    def interrupted(bucket: Bucket, key: str, *, version: str | None = None) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        delete(bucket, key, version=version)

    found = find_images(stores, "alice")
    monkeypatch.setattr(Bucket, "delete", interrupted)
    with pytest.raises(KeyboardInterrupt):
        erasure(cloud, stores, "alice").run(found)
    monkeypatch.setattr(Bucket, "delete", delete)
    result = erasure(cloud, stores, "alice").run(find_images(stores, "alice"))

    assert result.left == {}
    assert about(everything(server, stores), "alice", hers) == []


def test_what_arrives_meanwhile_is_taken_as_well(
    server: Emulator, stack: tuple[Cloud, Stores]
) -> None:
    cloud, stores = stack
    hers = furnish(cloud, stores, "alice")
    late = keys.original_key(hers["waiting"], "waiting.jpg", "alice")
    arriving = [True]

    def purge() -> None:
        if arriving.pop() if arriving else False:
            cloud.originals.put(late, b"late", content_type="image/jpeg")
            stores.access.put_new({"id": "quota#alice", "images": 1})

    result = erasure(cloud, stores, "alice", purge).run(find_images(stores, "alice"))

    assert result.left == {}
    assert about(everything(server, stores), "alice", hers) == []


def test_the_last_tombstone_is_newer_than_every_event_and_says_no_name(
    stack: tuple[Cloud, Stores],
) -> None:
    cloud, stores = stack
    hers = furnish(cloud, stores, "alice")
    heads: list[ManifestHead] = []

    def purge() -> None:
        heads.extend(read(cloud.renditions, one) for one in hers.values())

    erasure(cloud, stores, "alice", purge).run(hers.values())

    assert len(heads) == len(hers)
    assert all(head.is_deleted and head.is_newer("any.jpg", "0055AED6DCD9" * 2) for head in heads)
    assert not any("originals/" in str(item(head.image)) for head in heads if head.image)


def test_what_cannot_be_deleted_is_said_with_the_reason(
    stack: tuple[Cloud, Stores], monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud, stores = stack
    hers, delete = furnish(cloud, stores, "alice"), Bucket.delete

    def locked(bucket: Bucket, key: str, *, version: str | None = None) -> None:
        if key.startswith(f"originals/{hers['ready']}/"):
            message = "Access Denied because object protected by object lock."
            raise AccessDeniedError(message, service="s3", operation="DeleteObject")
        delete(bucket, key, version=version)

    monkeypatch.setattr(Bucket, "delete", locked)

    result = erasure(cloud, stores, "alice").run(find_images(stores, "alice"))

    assert result.left.pop("quota#alice") == COUNTS_THE_REST
    assert list(result.left) == [hers["ready"]]
    assert "object lock" in result.left[hers["ready"]]
    monkeypatch.setattr(Bucket, "delete", delete)
    assert erasure(cloud, stores, "alice").run(find_images(stores, "alice")).left == {}


def test_a_listing_that_fails_is_no_proof_that_nothing_is_left(
    stack: tuple[Cloud, Stores], monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud, stores = stack
    furnish(cloud, stores, "alice")
    found = find_images(stores, "alice")

    def broken(_bucket: Bucket, _prefix: str = "") -> Iterator[None]:
        message = "no answer"
        raise UnavailableError(message, service="s3", operation="ListObjectVersions")

    def purge() -> None:
        monkeypatch.setattr(Bucket, "versions_below", broken)

    with pytest.raises(UnavailableError):
        erasure(cloud, stores, "alice", purge).run(found)


def test_dead_letters_about_the_owner_go_and_others_stay(stack: tuple[Cloud, Stores]) -> None:
    cloud, stores = stack
    hers, his = furnish(cloud, stores, "alice"), furnish(cloud, stores, "bob")
    dead = cloud.queue("ProcessDeadLetter")
    for owner, ids in (("alice", hers), ("bob", his)):
        dead.send(event(cloud.originals.name, keys.original_key(ids["ready"], "a.jpg", owner)))
    head = read(cloud.renditions, hers["ready"])
    assert head.image
    cloud.queue("CatalogueDeadLetter").send(encode(Announce(image=head.image)))

    erasure(cloud, stores, "alice").run(find_images(stores, "alice"))

    counts = [cloud.queue(f"{name}DeadLetter").counts() for name in ("Process", "Catalogue")]
    assert [one.visible + one.in_flight for one in counts] == [1, 0]


def test_totals_count_images_and_bytes_by_owner(stack: tuple[Cloud, Stores]) -> None:
    cloud, stores = stack
    furnish(cloud, stores, "bob")
    furnish(cloud, stores, "alice")

    found = totals(stores.images.scan())

    assert [(one.owner, one.images) for one in found] == [("alice", 5), ("bob", 5)]
    assert (found[0].original_bytes, found[0].rendition_bytes) == (25, 20)
