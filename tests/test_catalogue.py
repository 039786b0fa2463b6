"""From manifest to record to announcement: whatever the order and the number of the messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path

import msgspec
import pytest

from tests.images_table import MemoryTable
from tests.records import DELETED, FAILED, ID, PROCESSING, READY, TICKET
from tests.simulation import MemoryAnnouncements, MemoryBucket, as_stored
from tests.world import Odds, World
from tintype import keys
from tintype.aws.errors import AccessDeniedError, NotFoundError, ServiceError, UnavailableError
from tintype.catalogue import PUBLISH, Catalogue, WriteResult, announcement, selection
from tintype.images import (
    Camera,
    Image,
    Manifest,
    Origin,
    decode_manifest,
    encode,
    from_document,
    item,
)
from tintype.records import Records

SCHEMA = (Path(__file__).parents[1] / "src" / "tintype_infra" / "schema.graphql").read_text("utf-8")
PUBLIC_URL = "https://cdn.example"
DENIED = AccessDeniedError("no", service="appsync", operation="GraphQL", status=401)


class Office:
    """A catalogue, with what lies behind it."""

    def __init__(self) -> None:
        world = World(0, Odds())
        self.bucket, self.table = MemoryBucket(world, "renditions"), MemoryTable(world)
        self.announcements = MemoryAnnouncements(world)
        self.catalogue = Catalogue(
            self.bucket,
            Records(self.table),
            self.announcements,
            PUBLIC_URL,
        )

    def commit(self, image: Image) -> None:
        manifest = Manifest(image=image, origin=Origin(bucket="originals", key=image.original.key))
        key = keys.manifest_key(image.id)
        self.bucket.put(key, encode(manifest), content_type="application/json")

    @property
    def told(self) -> list[int]:
        return self.announcements.published.get(ID, [])


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_manifest_becomes_a_record_and_is_announced(office: Office) -> None:
    office.commit(READY)

    entry = office.catalogue.write_manifest(ID)

    assert (entry.result, entry.image, entry.unannounced) == (WriteResult.WRITTEN, READY, None)
    assert from_document(office.table.items[ID]) == READY
    assert office.told == [3]


def test_a_manifest_that_has_gone_is_no_error(office: Office) -> None:
    entry = office.catalogue.write_manifest(ID)

    assert (entry.result, entry.image) == (WriteResult.MISSING, None)
    assert not office.table.items


@pytest.mark.parametrize("order", list(permutations((TICKET, PROCESSING, READY, FAILED, DELETED))))
def test_the_highest_version_stays_whatever_comes_first(
    office: Office, order: tuple[Image, ...]
) -> None:
    for image in order:
        office.catalogue.write(image)

    assert office.table.items[ID] == as_stored(item(DELETED))
    versions = [image.version for image in order]
    assert office.told == [one for n, one in enumerate(versions) if one >= max(versions[: n + 1])]


def test_a_record_that_is_there_is_announced_again_and_not_written(office: Office) -> None:
    office.catalogue.write(READY)

    entry = office.catalogue.write(READY)

    assert entry.result is WriteResult.REPEATED
    assert office.table.history[ID] == [3]
    assert office.told == [3, 3]


def test_a_record_that_is_outdated_is_not_announced(office: Office) -> None:
    office.catalogue.write(FAILED)

    entry = office.catalogue.write(READY)

    assert entry.result is WriteResult.OUTDATED
    assert office.told == [5]


def test_a_record_that_vanished_in_between_is_not_announced(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.catalogue.write(FAILED)
    there = iter([office.table.get(ID), None])
    monkeypatch.setattr(office.table, "get", lambda _id: next(there))

    assert office.catalogue.write(READY).result is WriteResult.OUTDATED


def test_a_record_that_others_always_write_first_is_left_to_the_queue(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.catalogue.write(FAILED)
    monkeypatch.setattr(office.table, "get", lambda _id: None)

    with pytest.raises(UnavailableError, match="another writer was first on every try"):
        office.catalogue.write(READY)


def test_an_announcement_that_fails_leaves_the_record(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_query: str, _variables: Mapping[str, object]) -> None:
        raise DENIED

    monkeypatch.setattr(office.announcements, "execute", refuse)

    entry = office.catalogue.write(READY)

    assert (entry.result, entry.unannounced) == (WriteResult.WRITTEN, DENIED)
    assert office.table.items[ID]["version"] == 3


@pytest.mark.parametrize("broken", ["bucket", "table"])
def test_a_record_that_cannot_be_written_is_an_error_and_not_announced(
    office: Office, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    office.commit(READY)
    name = {"bucket": "get", "table": "put_alike"}[broken]

    def refuse(_what: object, **_: object) -> None:
        raise DENIED

    monkeypatch.setattr(getattr(office, broken), name, refuse)

    with pytest.raises(ServiceError):
        office.catalogue.write_manifest(ID)
    assert office.told == []


def test_a_bucket_that_says_not_found_has_no_manifest(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = NotFoundError("gone", service="s3", operation="GetObject", status=404)

    def refuse(_key: str, **_: object) -> None:
        raise gone

    monkeypatch.setattr(office.bucket, "get", refuse)

    assert office.catalogue.write_manifest(ID).result is WriteResult.MISSING


@pytest.mark.parametrize("image", [READY, FAILED, DELETED], ids=lambda image: image.status)
def test_the_record_is_the_manifest_s(office: Office, image: Image) -> None:
    office.commit(image)

    office.catalogue.write_manifest(ID)

    manifest = office.bucket.objects[keys.manifest_key(ID)].data
    assert office.table.items[ID] == as_stored(item(decode_manifest(manifest).image))


def test_a_tombstone_is_in_no_listing_and_goes_in_time(office: Office) -> None:
    office.catalogue.write(DELETED)

    found = office.table.items[ID]
    assert "owner" not in found
    assert found["expires"] == DELETED.expires


def test_an_announcement_has_addresses_and_no_keys() -> None:
    found = announcement(READY, PUBLIC_URL)

    text = msgspec.json.encode(found).decode()
    assert f'"url":"{PUBLIC_URL}/{ID}/3f9a/thumb.webp"' in text
    assert "originals/" not in text
    assert '"key"' not in text
    assert not {"expires", "presetsRevision"} & found.keys()


def fields_of(kind: str) -> set[str]:
    """Return the fields of a type of the schema."""
    found = re.search(rf"(?ms)^type {kind}\b[^{{]*{{(.*?)^}}", SCHEMA)
    assert found is not None, kind
    return set(re.findall(r"(?m)^\s+(\w+)\s*(?:\([^)]*\))?:", found[1]))


@pytest.mark.parametrize(
    "image", [TICKET, PROCESSING, READY, FAILED, DELETED], ids=lambda image: image.status
)
def test_an_announcement_has_no_field_that_the_schema_does_not_know(image: Image) -> None:
    found = announcement(image, PUBLIC_URL)

    assert found.keys() <= fields_of("Image")
    original, renditions = found["original"], found["renditions"]
    assert isinstance(original, dict)
    assert original.keys() <= fields_of("Original")
    assert isinstance(renditions, list)
    for rendition in renditions:
        assert rendition.keys() <= fields_of("Rendition")


class Moody(Camera, frozen=True, rename="camel"):
    true_mood: str | None = None


class Album(Image, frozen=True, rename="camel", kw_only=True):
    taken_by: tuple[Moody, ...] = ()


def test_a_new_field_of_the_record_is_announced() -> None:
    assert "takenBy { make model" in selection(Album)
    assert "takenAt trueMood }" in selection(Album)


def test_a_subscriber_is_told_every_field_that_there_is() -> None:
    words = set(re.findall(r"\w+", PUBLISH.split("publishImage(image: $image)")[1]))

    kinds = ("Image", "Focus", "Original", "Rendition", "Camera", "Failure", "Timings")
    assert words == set().union(*(fields_of(kind) for kind in kinds))
