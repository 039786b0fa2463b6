"""Which objects of a bucket are still to be rendered: pure, from listings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tintype import keys
from tintype.aws.s3 import Entry
from tintype.cli.adopting import Plan, Source, parse_source, plan
from tintype.cli.errors import NotAnS3AddressError

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
