"""Which objects of a bucket are still to be rendered: pure, from listings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from tintype import keys
from tintype.aws.s3 import Entry, _listed
from tintype.cli.adopting import PassedOver, Plan, Source, parse_source, plan
from tintype.cli.choosing import everything
from tintype.cli.errors import NotAnS3AddressError

if TYPE_CHECKING:
    from tintype.cli.operating import Parts

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ELSEWHERE = Source("holiday", "")
COPY = keys.derived_id("originals", "backfill/holiday/beach.jpg")


def planned(entry: Entry, source: Source = ELSEWHERE, **options: object) -> Plan:
    manifests = options.pop("manifests", {})
    return plan([entry], source, originals="originals", manifests=manifests, **options)  # type: ignore[arg-type]


def beach(key: str = "beach.jpg", size: int = 1000) -> Entry:
    return Entry(key, size, NOON)


def test_another_bucket_s_object_gets_a_place_and_an_image_of_its_own() -> None:
    (one,) = planned(beach()).objects

    assert (one.key, one.image_id) == ("backfill/holiday/beach.jpg", COPY)


def test_an_original_that_is_in_its_place_stays_there() -> None:
    (one,) = planned(beach("a/beach.jpg"), Source("originals", "a/")).objects

    assert one.key == one.source_key == "a/beach.jpg"


@pytest.mark.parametrize(
    "key",
    [
        "originals/01M7XPE600ABCDEFGHJKMNPQRS/a.jpg",
        "originals/01M7XPE600ABCDEFGHJKMNPQRS/original",
        "backfill/holiday/beach.jpg",
        "archive/1.tif",
    ],
)
def test_all_of_a_former_stack_s_originals_are_taken_over(key: str) -> None:
    source = parse_source("s3://former")

    (one,) = planned(beach(key), source, any_name=True).objects

    assert one.key == f"backfill/former/{key}"
    assert one.image_id == keys.derived_id("originals", one.key)


@pytest.mark.parametrize(("minutes", "left"), [(-1, 1), (0, 0), (1, 0)])
def test_an_object_is_done_if_its_manifest_is_no_older(minutes: int, left: int) -> None:
    made = planned(beach(), manifests={COPY: NOON + timedelta(minutes=minutes)})

    assert (len(made.objects), made.done) == (left, 1 - left)


def test_what_is_to_be_done_again_is_not_done() -> None:
    made = planned(beach(), manifests={COPY: NOON}, again=frozenset({COPY}))

    assert len(made.objects) == 1


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (beach("notes.txt"), "NOT_AN_IMAGE"),
        (beach("folder/", 0), "EMPTY"),
        (beach(f"{'ü' * 505}.jpg"), "LONG_KEY"),
    ],
)
def test_what_cannot_be_an_image_is_passed_over_and_counted(entry: Entry, why: str) -> None:
    made = planned(entry)

    assert [found.name for found in made.passed_over] == [why]
    assert made.total == 1


def test_any_name_may_be_tried() -> None:
    assert planned(beach("IMG_0001"), any_name=True).objects


@pytest.mark.parametrize("address", ["holiday/2026", "s3://", "s3:///key", "https://s3/holiday"])
def test_an_address_names_a_bucket(address: str) -> None:
    with pytest.raises(NotAnS3AddressError):
        parse_source(address)


@pytest.mark.parametrize(
    ("storage_class", "taken"),
    [("STANDARD", 1), ("GLACIER_IR", 1), ("GLACIER", 0), ("DEEP_ARCHIVE", 0)],
)
def test_what_is_archived_is_left_out_and_counted(storage_class: str, taken: int) -> None:
    made = planned(Entry("beach.jpg", 1000, NOON, storage_class))

    assert len(made.objects) == taken
    assert made.passed_over[PassedOver.ARCHIVED] == 1 - taken


def test_reprocess_leaves_archived_originals_and_folders_out_and_says_so() -> None:
    entries = [Entry("cold.jpg", 9, NOON, "GLACIER"), Entry("a/", 0, NOON), beach("a/warm.jpg")]
    bucket = SimpleNamespace(name="originals", entries=lambda: iter(entries))
    said: list[str] = []

    chosen = everything(cast("Parts", SimpleNamespace(originals=bucket)), say=said.append)

    assert [one.key for one in chosen] == ["a/warm.jpg"]
    assert said == ["1 archived original left out; restore what you need in S3 first"]


def test_a_listing_says_what_is_archived() -> None:
    body = b"""<ListBucketResult><Contents><Key>a</Key><Size>1</Size>
        <LastModified>2026-11-21T00:00:00Z</LastModified><StorageClass>DEEP_ARCHIVE</StorageClass>
        </Contents></ListBucketResult>"""

    ((entry,), more) = _listed(body)

    assert entry.is_archived
    assert more is None
