"""Records and counters on the emulator: written together or not at all, whoever else writes."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import uuid4

import pytest

from tests.aws.conftest import TABLE
from tintype.aws.access_table import AccessTable
from tintype.aws.account import Account
from tintype.aws.dynamodb import Table
from tintype.aws.errors import (
    InvalidRequestError,
    PreconditionFailedError,
    UnavailableError,
    cancellation_reasons,
    error_class,
)
from tintype.maintenance.quotas import Recount, owners_of, recount
from tintype.records import Records
from tintype.usage import Allowance, OverQuotaError, Usage, changes, counters_id


@pytest.fixture
def table(account: Account) -> Table:
    return Table(account, TABLE, TABLE)


@pytest.fixture
def records(table: Table) -> Records:
    return Records(table)


@pytest.fixture
def owner() -> str:
    return uuid4().hex


NOTHING = Usage()


@dataclass(frozen=True)
class Story:
    """What becomes of one image: the owner and the size of each version."""

    versions: tuple[tuple[str | None, int | None], ...]
    alice: Usage
    bob: Usage = NOTHING


STORIES = {
    "uploaded": Story((("alice", 9), ("alice", 9), ("alice", 9)), Usage(1, 9)),
    "of unknown size at first": Story((("alice", None), ("alice", 9)), Usage(1, 9)),
    "not the announced size": Story((("alice", 9), ("alice", 4)), Usage(1, 4)),
    "deleted": Story((("alice", 9), (None, None)), Usage()),
    "deleted and uploaded again": Story((("alice", 9), (None, None), ("alice", 5)), Usage(1, 5)),
    "given away": Story((("alice", 9), ("bob", 9)), Usage(), Usage(1, 9)),
}


def written(
    records: Records, names: dict[str, str], versions: Iterable[tuple[str | None, int | None]]
) -> dict[str, object]:
    """Write an image's versions, each twice, as duplicate events do; return the last."""
    image_id, item = uuid4().hex, dict[str, object]()
    for version, (owner, size) in enumerate(versions, 1):
        item = {"id": image_id, "version": version, "original": {"key": "a.jpg"}}
        item |= {"owner": names[owner]} if owner else {}
        item |= {"original": {"key": "a.jpg", "bytes": size}} if size is not None else {}
        assert records.put_newer(item)
        assert not records.put_newer(item)
    return item


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_the_counters_are_the_sum_over_the_records(records: Records, story: Story) -> None:
    names = {name: f"{name}-{uuid4().hex}" for name in ("alice", "bob")}

    written(records, names, story.versions)

    assert [records.used(names[name]) for name in names] == [story.alice, story.bob]


def test_a_record_that_is_removed_is_not_counted_any_more(records: Records, owner: str) -> None:
    item = written(records, {"alice": owner}, [("alice", 9)])

    assert records.remove(item)
    assert not records.remove(item)
    assert (records.get(str(item["id"])), records.used(owner)) == (None, Usage())


def test_a_record_that_has_changed_meanwhile_is_neither_replaced_nor_removed(
    table: Table, records: Records, owner: str
) -> None:
    first = written(records, {"alice": owner}, [("alice", 9)])
    second = {**first, "version": 2, "original": {"bytes": 4}}
    third = {**first, "version": 3, "original": {"bytes": 5}}
    records.put_newer(second)

    assert not table.write(third, replaces=first, changes=changes(first, third))
    assert not table.remove(first, changes=changes(first, None))
    assert not table.write(third, replaces=None, changes=changes(None, third))
    # The same version that counts another size was written by another repair.
    assert not table.remove({**second, "original": {"bytes": 3}}, changes={owner: Usage(-1)})
    assert (records.get(str(first["id"])), records.used(owner)) == (second, Usage(1, 4))


@pytest.mark.parametrize(
    ("allowance", "fits"), [(Allowance(images=20), 20), (Allowance(bytes=105), 10)]
)
def test_of_many_at_the_same_time_exactly_so_many_are_written_as_are_allowed(
    records: Records, owner: str, allowance: Allowance, fits: int
) -> None:
    def put(_number: int) -> bool:
        item = {"id": uuid4().hex, "version": 1, "owner": owner, "original": {"bytes": 10}}
        try:
            return records.put_new(item, allowance)
        except OverQuotaError:
            assert records.get(str(item["id"])) is None
            return False

    with ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(put, range(40)))

    assert (passed, records.used(owner)) == (fits, Usage(fits, fits * 10))


def test_one_upload_that_is_larger_than_all_that_is_allowed_is_refused(
    records: Records, owner: str
) -> None:
    item = {"id": uuid4().hex, "version": 1, "owner": owner, "original": {"bytes": 10}}

    with pytest.raises(OverQuotaError):
        records.put_new(item, Allowance(bytes=9))
    assert records.used(owner) == Usage()


def test_writers_of_one_image_count_it_once(records: Records, owner: str) -> None:
    image_id = uuid4().hex

    def put(version: int) -> bool:
        original = {"bytes": version}
        item = {"id": image_id, "version": version, "owner": owner, "original": original}
        return records.put_newer(item)

    with ThreadPoolExecutor(8) as pool:
        assert any(list(pool.map(put, range(1, 30))))

    assert records.used(owner) == Usage(1, 29)


@pytest.fixture
def access(account: Account) -> AccessTable:
    return AccessTable(account, TABLE)


def stored(records: Records, owner: str, number: int) -> None:
    for _ in range(number):
        image_id, created = uuid4().hex, "2026-11-21T10:00:00.000Z"
        item = {"id": image_id, "version": 1, "owner": owner, "createdAt": created}
        records.put_new({**item, "original": {"bytes": 10}})


def test_a_recount_corrects_counters_that_were_written_past(
    table: Table, records: Records, access: AccessTable, owner: str
) -> None:
    stored(records, owner, 3)
    wrong = access.get(counters_id(owner))
    assert access.set_counters(owner, Usage(9, 9), replaces=wrong)
    assert not access.set_counters(owner, Usage(8, 8), replaces=wrong), "they have changed since"

    dry = recount(table, access, owner, dry_run=True, settle_seconds=0)
    assert records.used(owner) == Usage(9, 9)
    done = recount(table, access, owner, settle_seconds=0)

    assert dry == done == Recount(owner, Usage(9, 9), Usage(3, 30))
    assert records.used(owner) == Usage(3, 30)
    assert owner in owners_of(table, access)


def test_a_recount_counts_for_an_owner_who_was_never_counted(
    table: Table, records: Records, access: AccessTable, owner: str
) -> None:
    stored(records, owner, 2)
    access.delete(counters_id(owner))

    recount(table, access, owner, settle_seconds=0)

    assert records.used(owner) == Usage(2, 20)


def test_a_recount_loses_no_write_that_comes_in_between(
    table: Table, records: Records, access: AccessTable, owner: str
) -> None:
    stored(records, owner, 20)
    access.set_counters(owner, Usage(1, 1), replaces=access.get(counters_id(owner)))

    with ThreadPoolExecutor(2) as pool:
        writing = pool.submit(stored, records, owner, 30)
        recount(table, access, owner, settle_seconds=0.05)
        writing.result()

    assert recount(table, access, owner, settle_seconds=0.05).after == Usage(50, 500)
    assert records.used(owner) == Usage(50, 500)


def reasons(*names: str) -> str:
    return (
        "Transaction cancelled, please refer cancellation reasons for specific reasons "
        f"[{', '.join(names)}]"
    )


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("ConditionalCheckFailed", "None"), PreconditionFailedError),
        (("None", "ConditionalCheckFailed"), PreconditionFailedError),
        (("TransactionConflict", "ConditionalCheckFailed"), PreconditionFailedError),
        (("None", "TransactionConflict"), UnavailableError),
        (("ProvisionedThroughputExceeded", "None"), UnavailableError),
        (("ThrottlingError", "None"), UnavailableError),
        (("ValidationError", "None"), InvalidRequestError),
    ],
)
def test_a_cancelled_transaction_is_tried_again_where_that_helps(
    names: tuple[str, ...], kind: type[Exception]
) -> None:
    """The names and the message are those of DynamoDB's API reference, TransactWriteItems."""
    message = reasons(*names)

    assert error_class("TransactionCanceledException", 400, message) is kind
    assert cancellation_reasons(message) == names
