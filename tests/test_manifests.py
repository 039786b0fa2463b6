"""A chain of manifests begins, goes on, and survives what somebody else puts into a manifest's place."""

from __future__ import annotations

import msgspec
import pytest

from tests.foreign import KINDS, foreign_manifests
from tests.records import READY
from tests.simulation import MemoryBucket
from tests.world import Odds, World
from tintype import keys
from tintype.images import Manifest, Origin
from tintype.processing import manifests
from tintype.processing.manifests import ManifestHead

ID = "01M7XPE600AAAAAAAAAAAAAAAA"
KEY = keys.manifest_key(ID)
LARGEST_INT = 2**31 - 1  # of GraphQL


@pytest.fixture
def bucket() -> MemoryBucket:
    return MemoryBucket(World(0, Odds()), "renditions")


def manifest(version: int) -> Manifest:
    image = msgspec.structs.replace(READY, id=ID, version=version)
    return Manifest(image=image, origin=Origin(bucket="originals", key="a", sequencer="01"))


def test_an_image_without_a_manifest_begins_with_the_first_version(bucket: MemoryBucket) -> None:
    chain = manifests.read(bucket, ID)

    assert chain == ManifestHead()
    assert (chain.processing_version, chain.next_version) == (2, 4)


def test_a_manifest_that_was_written_is_read(bucket: MemoryBucket) -> None:
    written = manifests.append(bucket, ManifestHead(), manifest(3))

    chain = manifests.read(bucket, ID)

    assert chain == written
    assert (chain.processing_version, chain.next_version) == (4, 6)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_manifest_is_named_and_is_no_manifest(bucket: MemoryBucket, kind: str) -> None:
    bucket.put(KEY, foreign_manifests(ID)[kind], content_type="text/plain")

    chain = manifests.read(bucket, ID)

    assert chain.manifest is None
    assert str(chain.unreadable).startswith(f"s3 GetObject: {KEY} is not a manifest: ")
    assert len(str(chain.unreadable)) < 300


@pytest.mark.parametrize("kind", KINDS)
def test_the_next_manifest_replaces_what_is_none_and_is_newer_than_all_before(
    bucket: MemoryBucket, kind: str
) -> None:
    bucket.put(KEY, foreign_manifests(ID)[kind], content_type="text/plain")
    chain = manifests.read(bucket, ID)

    assert 1_000_000 < chain.processing_version < chain.next_version < LARGEST_INT
    manifests.append(bucket, chain, manifest(chain.next_version))

    assert manifests.read(bucket, ID).manifest == manifest(chain.next_version)


def test_who_has_not_seen_what_is_none_does_not_replace_it(bucket: MemoryBucket) -> None:
    chain = manifests.append(bucket, ManifestHead(), manifest(3))
    bucket.put(KEY, b"hello", content_type="text/plain")

    with pytest.raises(manifests.ConflictError):
        manifests.append(bucket, chain, manifest(5))

    assert manifests.read(bucket, ID).unreadable
