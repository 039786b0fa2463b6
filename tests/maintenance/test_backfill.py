"""Which objects of a bucket are still to be rendered, and each to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import msgspec
import pytest

from tests.foreign import KINDS, foreign_manifests
from tests.records import READY
from tests.simulation import MemoryBucket, MemoryQueue
from tests.world import Odds, World
from tintype import keys
from tintype.aws.errors import UnreadableObjectError
from tintype.aws.s3 import Entry, _listed
from tintype.images import Failure, Image, Manifest, Origin, Status, encode
from tintype.maintenance import backfill
from tintype.maintenance.backfill import (
    Backfill,
    BackfillObject,
    BackfillPlan,
    BackfillResult,
    BucketPrefix,
    SkipReason,
    failed_images,
    make_plan,
    parse_address,
)
from tintype.maintenance.errors import NotAnS3AddressError, NothingToBackfillError
from tintype.messages import Reprocess, decode

if TYPE_CHECKING:
    from tintype.aws.dynamodb import Table
    from tintype.aws.s3 import Bucket

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ELSEWHERE = BucketPrefix("holiday", "")
COPY = keys.derived_id("originals", "backfill/holiday/beach.jpg")


def planned(entry: Entry, source: BucketPrefix = ELSEWHERE, **options: object) -> BackfillPlan:
    manifests = options.pop("manifests", {})
    return make_plan([entry], source, originals="originals", manifests=manifests, **options)  # type: ignore[arg-type]


def beach(key: str = "beach.jpg", size: int = 1000) -> Entry:
    return Entry(key, size, NOON)


def test_another_bucket_s_object_gets_a_place_and_an_image_of_its_own() -> None:
    (one,) = planned(beach()).objects

    assert (one.key, one.image_id) == ("backfill/holiday/beach.jpg", COPY)


def test_an_original_that_is_in_its_place_stays_there() -> None:
    (one,) = planned(beach("a/beach.jpg"), BucketPrefix("originals", "a/")).objects

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
    source = parse_address("s3://former")

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
def test_what_cannot_be_an_image_is_skipped_and_counted(entry: Entry, why: str) -> None:
    made = planned(entry)

    assert [found.name for found in made.skipped] == [why]
    assert made.total == 1


def test_any_name_may_be_tried() -> None:
    assert planned(beach("IMG_0001"), any_name=True).objects


@pytest.mark.parametrize("address", ["holiday/2026", "s3://", "s3:///key", "https://s3/holiday"])
def test_an_address_names_a_bucket(address: str) -> None:
    with pytest.raises(NotAnS3AddressError):
        parse_address(address)


@pytest.mark.parametrize(
    ("storage_class", "taken"),
    [("STANDARD", 1), ("GLACIER_IR", 1), ("GLACIER", 0), ("DEEP_ARCHIVE", 0)],
)
def test_what_is_archived_is_left_out_and_counted(storage_class: str, taken: int) -> None:
    made = planned(Entry("beach.jpg", 1000, NOON, storage_class))

    assert len(made.objects) == taken
    assert made.skipped[SkipReason.ARCHIVED] == 1 - taken


def test_a_listing_says_what_is_archived() -> None:
    body = b"""<ListBucketResult><Contents><Key>a</Key><Size>1</Size>
        <LastModified>2026-11-21T00:00:00Z</LastModified><StorageClass>DEEP_ARCHIVE</StorageClass>
        </Contents></ListBucketResult>"""

    ((entry,), more) = _listed(body)

    assert entry.is_archived
    assert more is None


class Processing(MemoryQueue):
    """The process function behind its queue: writes at once what *make* returns for an image."""

    def __init__(self, renditions: MemoryBucket, make: Callable[[str], bytes]) -> None:
        super().__init__(renditions.world)
        self.renditions, self.make = renditions, make
        self.keys: list[str] = []

    def send(self, body: str, *, delay_seconds: int = 0) -> str:
        assert not delay_seconds
        message = decode(body)
        assert isinstance(message, Reprocess)
        assert message.image_id
        self.keys.append(message.key)
        self.write(message.image_id)
        return "1"

    def write(self, image_id: str) -> None:
        data = self.make(image_id)
        self.renditions.put(keys.manifest_key(image_id), data, content_type="application/json")


def manifest(image: Image) -> bytes:
    return encode(Manifest(image=image, origin=Origin(bucket="originals", key="a")))


def ready(image_id: str) -> bytes:
    return manifest(msgspec.structs.replace(READY, id=image_id))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(backfill, "FIRST_PAUSE_SECONDS", 0.0)
    return World(0, Odds())


def in_place(world: World, make: Callable[[str], bytes]) -> tuple[Backfill, Processing]:
    """Return the backfill of a stack's own originals, and what renders them."""
    originals = cast("Bucket", MemoryBucket(world, "originals"))
    renditions = MemoryBucket(world, "renditions")
    processing = Processing(renditions, make)
    return Backfill(originals, originals, renditions, processing, timeout_seconds=60), processing


def objects(*names: str) -> list[BackfillObject]:
    return [BackfillObject(name, f"originals/{name}", keys.new_id(NOON), 9) for name in names]


def test_an_original_in_its_place_is_asked_for_and_waited_for(world: World) -> None:
    work, processing = in_place(world, ready)
    (one,) = objects("a.jpg")

    ((done, result),) = work.run([one], at_once=1)

    assert done == one
    assert processing.keys == [one.key]
    assert isinstance(result, BackfillResult)
    assert result.image
    assert (result.image.id, result.image.status) == (one.image_id, Status.READY)


def test_another_bucket_s_object_is_copied_and_no_message_is_sent(world: World) -> None:
    work, processing = in_place(world, ready)
    (one,) = objects("a.jpg")
    copied: list[tuple[str, str]] = []

    class Originals(MemoryBucket):
        def copy(self, source: Bucket, source_key: str, key: str) -> None:
            copied.append((f"{source.name}/{source_key}", key))
            processing.write(one.image_id)  # the copy is announced as any upload

    work = replace(
        work,
        source=cast("Bucket", MemoryBucket(world, "holiday")),
        originals=cast("Bucket", Originals(world, "originals")),
    )

    result = work.render(one)

    assert result.image
    assert copied == [("holiday/a.jpg", one.key)]
    assert processing.keys == []


class Stopped(Processing):
    """The process function when none is started: its queue takes messages all the same."""

    def write(self, image_id: str) -> None:
        """Write nothing."""


def test_a_manifest_from_before_is_not_taken_for_the_end(world: World) -> None:
    work, processing = in_place(world, ready)
    (one,) = objects("a.jpg")
    processing.write(one.image_id)
    stopped = Stopped(processing.renditions, ready)

    late = replace(work, queue=stopped, timeout_seconds=0.2).render(one)

    assert stopped.keys == [one.key]
    assert late.image is None
    assert late.seconds >= 0.2


def test_a_final_failure_is_an_end(world: World) -> None:
    failed = msgspec.structs.replace(
        READY, status=Status.FAILED, failure=Failure("not_an_image", "no")
    )
    work, _ = in_place(
        world, lambda image_id: manifest(msgspec.structs.replace(failed, id=image_id))
    )

    result = work.render(*objects("a.jpg"))

    assert result.image
    assert result.image.failure == failed.failure


def test_a_provisional_failure_is_no_end_until_nothing_follows(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written before the last try, in case that this one is cut off."""
    crashed = msgspec.structs.replace(
        READY, status=Status.FAILED, failure=Failure("processing_crashed", "no", retryable=True)
    )
    work, _ = in_place(
        world, lambda image_id: manifest(msgspec.structs.replace(crashed, id=image_id))
    )

    late = replace(work, timeout_seconds=0.2).render(*objects("a.jpg"))
    monkeypatch.setattr(backfill, "PROVISIONAL_SECONDS", 0.0)
    ended = work.render(*objects("b.jpg"))

    assert late.image is None
    assert late.seconds >= 0.2
    assert ended.image
    assert ended.image.failure == crashed.failure


def test_a_foreign_manifest_fails_its_object_and_the_rest_is_rendered(world: World) -> None:
    """Where the process function is of a later release than the command, for example."""
    found = dict(zip(("good", *KINDS), objects("good", *KINDS), strict=True))
    kinds = {one.image_id: kind for kind, one in found.items()}
    work, _ = in_place(
        world,
        lambda image_id: foreign_manifests(image_id).get(kinds[image_id], ready(image_id)),
    )

    ended = {one.source_key: result for one, result in work.run(found.values(), at_once=4)}

    assert isinstance(good := ended.pop("good"), BackfillResult)
    assert good.image
    assert good.image.status is Status.READY
    for kind, result in ended.items():
        assert isinstance(result, UnreadableObjectError), kind
        assert f"{found[kind].image_id}/manifest.json is not a manifest: " in str(result)
    assert len(ended) == len(KINDS)


def test_what_has_failed_is_known_from_the_records() -> None:
    class Images:
        def scan(self) -> Iterator[dict[str, object]]:
            yield {"id": "1", "status": "FAILED"}
            yield {"id": "2", "status": "READY"}

    assert failed_images(cast("Table", Images())) == {"1"}


def test_nothing_under_an_address_is_an_error_that_names_it() -> None:
    with pytest.raises(NothingToBackfillError, match=r"no objects under s3://holiday/2027/"):
        make_plan([], BucketPrefix("holiday", "2027/"), originals="originals", manifests={})
