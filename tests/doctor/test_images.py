"""What the doctor makes of records without an end, and of originals without a record.

A stack in which both are mended is in tests/cloud/test_doctor.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.doctor.canned import Canned, target
from tintype import keys
from tintype.aws.errors import NotFoundError
from tintype.doctor.checks.images import BUSY_SECONDS, QUIET_SECONDS, RECORDS, SINGLY, images
from tintype.doctor.findings import Fact, Finding
from tintype.doctor.stack import StackUnderTest
from tintype.images import Status, timestamp

LONG_AGO = QUIET_SECONDS + 60.0


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


def new_id(seconds: float = 0) -> str:
    return keys.new_id(ago(seconds))


def record(image_id: str, status: Status, seconds: float = LONG_AGO, key: str = "") -> Any:
    return {
        "id": {"S": image_id},
        "status": {"S": status.value},
        "updatedAt": {"S": timestamp(ago(seconds))},
        "original": {"M": {"key": {"S": key or keys.original_key(image_id, "a.jpg")}}},
    }


def original(key: str, seconds: float = LONG_AGO, **parts: object) -> Any:
    return {"Key": key, "Size": 9, "LastModified": ago(seconds), **parts}


def original_of(image_id: str, seconds: float = LONG_AGO) -> Any:
    return original(keys.original_key(image_id, "a.jpg"), seconds)


def stack(
    records: Sequence[Any] = (),
    originals: Sequence[Any] = (),
    *,
    more: bool = False,
    singly: Mapping[str, Any] | None = None,
    under_way: int = 0,
) -> StackUnderTest:
    """Return a stack with these records in its listing, these in the table alone, and these originals.

    With *more* there are others that no answer has any more.
    """

    def listed(called: Any) -> Any:
        start, prefix = called.get("StartAfter", ""), called.get("Prefix", "")
        found = [one for one in originals if one["Key"] > start and one["Key"].startswith(prefix)]
        return {"Contents": found[: called["MaxKeys"]], "IsTruncated": more}

    def got(called: Any) -> Any:
        item = (singly or {}).get(called["Key"]["id"]["S"])
        return {"Item": item} if item else {}

    def counted(called: Any) -> Any:
        answer = Canned().ask("sqs", "get_queue_attributes", **called)["Attributes"]
        return {"Attributes": {**answer, "ApproximateNumberOfMessagesNotVisible": str(under_way)}}

    def queried(called: Any) -> Any:
        answer: dict[str, Any] = {"Items": list(records)[: called["Limit"]]}
        return answer | ({"LastEvaluatedKey": {"id": {"S": "1"}}} if more else {})

    return target(query=queried, list_objects_v2=listed, get_item=got, get_queue_attributes=counted)


def found(there: StackUnderTest) -> list[Finding]:
    return [one for one in images(there) if isinstance(one, Finding)]


def codes(there: StackUnderTest) -> list[str]:
    return [one.code for one in found(there)]


def test_images_that_have_ended_are_well() -> None:
    ended = [new_id() for _ in range(3)]
    statuses = (Status.READY, Status.FAILED, Status.READY)
    records = [record(one, status) for one, status in zip(ended, statuses, strict=True)]

    (fact,) = images(stack(records, [original_of(one) for one in ended]))

    assert fact == Fact("images", "none is stuck; checked all 3 records and 3 originals")


@pytest.mark.parametrize("status", [Status.PROCESSING, Status.AWAITING_UPLOAD])
def test_record_without_an_end_whose_original_is_there_hangs(status: Status) -> None:
    one = new_id()
    there = stack([record(one, status)], [original_of(one)])

    (finding,) = found(there)

    assert (finding.code, finding.message[:16]) == ("images_hang", "1 image is stuck")
    assert finding.evidence[0].startswith(f"{one} {status} since 20")
    where = "--stack tintype --region eu-central-1"
    again = f"tintype reindex {where} && tintype reprocess --outdated {where}"
    assert finding.remedy == again


def test_record_whose_original_is_gone_is_to_be_deleted() -> None:
    one = new_id()

    (finding,) = found(stack([record(one, Status.PROCESSING)]))

    assert (finding.code, "the original no longer exists" in finding.message) == (
        "images_hang",
        True,
    )
    assert finding.remedy.startswith(f"tintype delete {one} --stack")


def test_ticket_that_nobody_has_used_is_no_fault() -> None:
    assert codes(stack([record(new_id(), Status.AWAITING_UPLOAD)])) == []


@pytest.mark.parametrize(
    ("seconds", "under_way", "expected"),
    [
        (QUIET_SECONDS - 60, 0, []),
        (QUIET_SECONDS + 60, 0, ["images_hang"]),
        (QUIET_SECONDS + 60, 1, []),
        (BUSY_SECONDS + 60, 1, ["images_hang"]),
    ],
)
def test_what_may_be_under_way_does_not_hang(
    seconds: float, under_way: int, expected: list[str]
) -> None:
    begun, awaited = new_id(), new_id()
    records = [record(begun, Status.PROCESSING, seconds), record(awaited, Status.AWAITING_UPLOAD)]
    originals = [original_of(begun), original_of(awaited, 1)]

    assert codes(stack(records, originals, under_way=under_way)) == expected


def test_local_cloud_takes_less_time() -> None:
    one = new_id()
    there = stack([record(one, Status.PROCESSING, 60)], [original_of(one)])

    assert codes(there) == []
    assert codes(replace(there, endpoint="http://localhost:4566")) == ["images_hang"]


def test_original_without_a_record_is_named() -> None:
    (finding,) = found(stack([], [original("holiday/a b.jpg"), original_of(new_id())]))

    assert (finding.code, finding.message[:24]) == (
        "originals_unrecorded",
        "2 originals have no reco",
    )
    assert "holiday/a b.jpg" in finding.evidence
    assert " && tintype reprocess --outdated" in finding.remedy


@pytest.mark.parametrize(
    ("key", "seconds", "parts"),
    [
        ("folder/", LONG_AGO, {}),
        ("empty.jpg", LONG_AGO, {"Size": 0}),
        ("cold.jpg", LONG_AGO, {"StorageClass": "DEEP_ARCHIVE"}),
        ("new.jpg", 1, {}),
    ],
)
def test_object_that_has_no_record_yet_or_never_is_no_fault(
    key: str, seconds: float, parts: dict[str, object]
) -> None:
    assert codes(stack([], [original(key, seconds, **parts)])) == []


def test_record_that_the_listing_does_not_have_is_asked_for() -> None:
    """Of a deleted image, or older than the newest records; the latter may hang as well."""
    deleted, old = new_id(), new_id()
    singly = {deleted: record(deleted, Status.DELETED), old: record(old, Status.PROCESSING)}

    (finding,) = found(stack([], [original_of(deleted), original_of(old)], singly=singly))

    assert (finding.code, finding.evidence[0][:26]) == ("images_hang", old)


def test_only_so_much_is_looked_at_and_said() -> None:
    old, new = [new_id(9_000) for _ in range(9)], [new_id() for _ in range(RECORDS)]
    records = [record(one, Status.READY) for one in new]
    strangers = [original(f"z/{number}") for number in range(SINGLY + 5)]
    originals = sorted(map(original_of, [*old, *new[100:]]), key=lambda one: str(one["Key"]))

    there = stack(records, [*originals, *strangers], more=True)
    (finding,) = found(there)

    assert finding.message.startswith(f"{SINGLY} originals have no record")
    assert not set(finding.evidence) & {one["Key"] for one in originals}
    assert "newest 1,000 records and 930 originals, 5 of them" in finding.evidence[-1]
    assert "in part; there may be more" in finding.evidence[-1]
    called = there.aws.called  # type: ignore[attr-defined] # canned
    assert called.count("dynamodb:get_item") == SINGLY
    assert (called.count("dynamodb:query"), called.count("s3:list_objects_v2")) == (1, 1)


def test_records_come_page_after_page() -> None:
    one, two = new_id(), new_id()
    pages: dict[str | None, Any] = {
        None: {"Items": [record(one, Status.READY)], "LastEvaluatedKey": {"id": {"S": one}}},
        one: {"Items": [record(two, Status.PROCESSING)]},
    }
    there = target(
        query=lambda called: pages[called.get("ExclusiveStartKey", {"id": {"S": None}})["id"]["S"]],
        list_objects_v2={"Contents": [original_of(one), original_of(two)]},
    )

    (finding,) = found(there)

    assert finding.evidence[0].startswith(two)


def test_without_a_queue_nobody_says_that_anything_hangs() -> None:
    gone = NotFoundError("gone", service="sqs", operation="GetQueueAttributes")

    with pytest.raises(NotFoundError):
        list(images(target(get_queue_attributes=gone)))
