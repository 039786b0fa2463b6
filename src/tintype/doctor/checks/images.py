"""Checks of the images: is one stuck, and does an original have no record?

Start with `images`. Every image ends ready, failed or deleted; one that has not, while no message is on
its way for it, never will. Only the newest are checked: a table may have millions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from tintype import keys
from tintype.aws.dynamodb import INDEX
from tintype.aws.s3 import ARCHIVES
from tintype.doctor.checks.queues import under_way
from tintype.doctor.findings import Fact, Finding
from tintype.doctor.stack import AwsResponse, StackUnderTest
from tintype.images import Status
from tintype.owners import PUBLIC

RECORDS = ORIGINALS = 1_000
SINGLY = 25  # single requests for what those listings do not include
# S3 may take minutes to send a notification, the local cloud takes seconds.
QUIET_SECONDS, QUIET_LOCAL_SECONDS = 300, 30
# While messages are on their way: `messages_wait` reports those that wait longer.
BUSY_SECONDS = 3_600
SHOWN = 3
_FIELDS = "id, #status, updatedAt, original.#key"
_WORDS = {"#status": "status", "#key": "key"}
One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class _Record:
    """An image's record, as far as it matters here."""

    image_id: str
    status: str
    key: str
    since: datetime


@dataclass(frozen=True, slots=True)
class _Seen(Generic[One]):
    """Some records or originals by image id, and whether that is all of them."""

    those: Mapping[str, One]
    are_all: bool


@dataclass(slots=True)
class _Singly:
    """Allows `SINGLY` requests for single records or originals; `skipped` counts the rest."""

    target: StackUnderTest
    left: int = SINGLY
    skipped: int = 0

    def may_ask(self) -> bool:
        self.left -= 1
        self.skipped += self.left < 0
        return self.left >= 0


@dataclass(slots=True)
class _Found:
    """Stuck images, stuck images without an original, and the keys of originals without a record."""

    still: list[_Record] = field(default_factory=list)
    lost: list[_Record] = field(default_factory=list)
    unrecorded: list[str] = field(default_factory=list)


def images(target: StackUnderTest) -> Iterator[Finding | Fact]:
    """Check that no image is stuck and every original has a record, among the newest.

    The queues come first: an image that ends meanwhile still had its message on the way.
    """
    before = _quiet_before(target)
    records = _records(target)
    originals = _originals(target, records)
    singly = _Singly(target)
    found = _Found()
    for record in records.those.values():
        _look_at_record(record, originals, before, singly, found)
    for image_id, original in originals.those.items():
        if image_id not in records.those and _should_be_recorded(original, before):
            _look_at_original(image_id, original, before, singly, found)
    looked_at = _extent(records, originals, singly)
    yield from _findings(target, found, looked_at)
    if not (found.still or found.lost or found.unrecorded):
        yield Fact("images", f"none is stuck; {looked_at}")


def _quiet_before(target: StackUnderTest) -> datetime:
    """Return the time before which an image must have changed last to count as stuck."""
    quiet = QUIET_LOCAL_SECONDS if target.is_local else QUIET_SECONDS
    return datetime.now(UTC) - timedelta(seconds=BUSY_SECONDS if under_way(target) else quiet)


def _records(target: StackUnderTest) -> _Seen[_Record]:
    """Return the newest records; the index has none of deleted images."""
    found: dict[str, _Record] = {}
    question: dict[str, object] = {}
    while len(found) < RECORDS:
        answer = target.ask(
            "dynamodb",
            "query",
            TableName=target.table,
            IndexName=INDEX,
            KeyConditionExpression="#owner = :owner",
            ProjectionExpression=_FIELDS,
            ExpressionAttributeNames={"#owner": "owner", **_WORDS},
            ExpressionAttributeValues={":owner": {"S": PUBLIC}},
            ScanIndexForward=False,
            Limit=RECORDS - len(found),
            **question,
        )
        found |= {one.image_id: one for one in map(_record, answer["Items"])}
        after = answer.get("LastEvaluatedKey")
        if not after:
            return _Seen(found, are_all=True)
        question = {"ExclusiveStartKey": after}
    return _Seen(found, are_all=False)


def _record(item: AwsResponse) -> _Record:
    return _Record(
        image_id=item["id"]["S"],
        status=item["status"]["S"],
        key=item["original"]["M"]["key"]["S"],
        since=datetime.fromisoformat(item["updatedAt"]["S"]),
    )


def _originals(target: StackUnderTest, records: _Seen[_Record]) -> _Seen[AwsResponse]:
    """Return originals by image id; if *records* are not all, those since the oldest of them.

    Keys of uploads are in the order of time.
    """
    ours = [one.image_id for one in records.those.values() if keys.is_ours(one.key)]
    later = {} if records.are_all or not ours else {"StartAfter": f"{keys.ORIGINALS}{min(ours)}"}
    bucket = target.bucket("originals")
    answer = target.ask("s3", "list_objects_v2", Bucket=bucket, MaxKeys=ORIGINALS, **later)
    found = {keys.image_id(bucket, one["Key"]): one for one in answer.get("Contents", [])}
    return _Seen(found, are_all=not later and not answer.get("IsTruncated"))


def _look_at_record(
    record: _Record, originals: _Seen[AwsResponse], before: datetime, singly: _Singly, found: _Found
) -> None:
    is_begun = record.status == Status.PROCESSING
    if record.since >= before or not (is_begun or record.status == Status.AWAITING_UPLOAD):
        return
    original = originals.those.get(record.image_id)
    if original is None and not originals.are_all:
        if not singly.may_ask():
            return
        original = _original(singly.target, record.key)
    if original is None:  # not uploaded yet, or deleted
        found.lost.extend([record] if is_begun else [])
    elif is_begun or original["LastModified"] < before:
        found.still.append(record)


def _original(target: StackUnderTest, key: str) -> AwsResponse | None:
    answer = target.ask(
        "s3", "list_objects_v2", Bucket=target.bucket("originals"), Prefix=key, MaxKeys=1
    )
    there: Iterable[AwsResponse] = answer.get("Contents", [])
    return next((one for one in there if one["Key"] == key), None)


def _should_be_recorded(original: AwsResponse, before: datetime) -> bool:
    """Whether an original must have a record: not a folder, an empty or an archived object."""
    key = str(original["Key"])
    is_image = not key.endswith("/") and (original["Size"] or keys.is_ours(key))
    is_readable = original.get("StorageClass") not in ARCHIVES
    return bool(is_image and is_readable and original["LastModified"] < before)


def _look_at_original(
    image_id: str, original: AwsResponse, before: datetime, singly: _Singly, found: _Found
) -> None:
    if not singly.may_ask():
        return
    item = singly.target.ask(
        "dynamodb",
        "get_item",
        TableName=singly.target.table,
        Key={"id": {"S": image_id}},
        ProjectionExpression=_FIELDS,
        ExpressionAttributeNames=_WORDS,
        ConsistentRead=True,
    ).get("Item")
    if item is None:
        found.unrecorded.append(str(original["Key"]))
    else:
        there = _Seen({image_id: original}, are_all=True)
        _look_at_record(_record(item), there, before, singly, found)


def _extent(records: _Seen[_Record], originals: _Seen[AwsResponse], singly: _Singly) -> str:
    """Return how much was checked."""
    number = f"{len(records.those):,} records and {len(originals.those):,} originals"
    if records.are_all and originals.are_all and not singly.skipped:
        return f"checked all {number}"
    asked = f", {singly.skipped:,} of them in part" if singly.skipped else ""
    return f"checked the newest {number}{asked}; there may be more"


def _findings(target: StackUnderTest, found: _Found, looked_at: str) -> Iterator[Finding]:
    again = f"{target.tintype('reindex')} && {target.tintype('reprocess', '--outdated')}"
    if found.unrecorded:
        yield Finding(
            code="originals_unrecorded",
            message=f"{_counted(len(found.unrecorded), 'original has', 'originals have')} no record.",
            remedy=again,
            evidence=(*found.unrecorded[:SHOWN], looked_at),
        )
    if found.still:
        yield Finding(
            code="images_hang",
            message=f"{_counted(len(found.still), 'image is', 'images are')} stuck: no message is on "
            "its way.",
            remedy=again,
            evidence=(*map(_told, found.still[:SHOWN]), looked_at),
        )
    if found.lost:
        ids = [one.image_id for one in found.lost[:SINGLY]]
        yield Finding(
            code="images_hang",
            message=f"{_counted(len(found.lost), 'image is', 'images are')} stuck: the original no "
            "longer exists.",
            remedy=target.tintype("delete", *ids),
            evidence=(*map(_told, found.lost[:SHOWN]), looked_at),
        )


def _told(record: _Record) -> str:
    return f"{record.image_id} {record.status} since {record.since:%Y-%m-%d %H:%M:%S}"


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
