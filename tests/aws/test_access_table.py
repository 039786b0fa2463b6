"""The access table, on the emulator and in memory: one suite, so that the one stands for the other."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.access_table import MemoryAccessTable
from tests.aws.conftest import TABLE
from tests.world import Odds, World
from tintype.aws.access_table import AccessTable
from tintype.aws.account import Account
from tintype.aws.errors import AccessDeniedError
from tintype.aws.ports import KeyStore


@pytest.fixture(params=["emulator", "memory"])
def table(request: pytest.FixtureRequest) -> KeyStore:
    if request.param == "memory":
        return MemoryAccessTable(World(0, Odds()))
    return AccessTable(request.getfixturevalue("account"), TABLE)


def key(owner: str = "alice", minute: int = 0, **more: object) -> dict[str, object]:
    created_at = f"2026-11-21T10:{minute:02}:00.000Z"
    return {"id": f"key#{uuid4().hex}", "owner": owner, "createdAt": created_at, **more}


def test_an_item_comes_back_as_it_was_written(table: KeyStore) -> None:
    item = key(scopes=["read", "upload"], expires=1795255200)

    assert table.put_new(item)

    assert table.get(str(item["id"])) == item
    assert table.get("key#missing") is None


def test_a_new_item_replaces_nothing(table: KeyStore) -> None:
    item = key()
    table.put_new(item)

    assert not table.put_new({**item, "owner": "mallory"})
    assert table.get(str(item["id"])) == item


def test_an_owner_s_items_come_newest_first(table: KeyStore) -> None:
    owner = uuid4().hex
    items = [key(owner, minute) for minute in (3, 1, 2)]
    for item in (*items, key("bob")):
        table.put_new(item)

    assert [str(one["createdAt"])[15] for one in table.owned(owner)] == ["3", "2", "1"]
    assert table.owned("nobody at all") == ()


def test_a_deleted_item_is_gone_and_may_be_deleted_again(table: KeyStore) -> None:
    item = key()
    table.put_new(item)

    for _ in range(2):
        table.delete(str(item["id"]))

    assert table.get(str(item["id"])) is None


def test_a_use_is_written_once_in_a_while(table: KeyStore) -> None:
    item = key()
    id_ = str(item["id"])
    table.put_new(item)

    first = table.note_use(id_, "2026-11-21T10:00:00.000Z", unless_after="2026-11-21T09:00:00.000Z")
    again = table.note_use(id_, "2026-11-21T10:59:00.000Z", unless_after="2026-11-21T09:59:00.000Z")
    later = table.note_use(id_, "2026-11-21T11:01:00.000Z", unless_after="2026-11-21T10:01:00.000Z")

    assert (first, again, later) == (True, False, True)
    assert table.get(id_) == item | {"lastUsedAt": "2026-11-21T11:01:00.000Z"}


def test_no_use_brings_a_deleted_item_back(table: KeyStore) -> None:
    item = key()
    table.put_new(item)
    table.delete(str(item["id"]))

    used = table.note_use(str(item["id"]), "2026-11-21T10:00:00.000Z", unless_after="2026")

    assert not used
    assert table.get(str(item["id"])) is None


def test_a_listing_of_many_pages_is_whole(account: Account) -> None:
    """DynamoDB's pages are of 1 MB."""
    table, owner = AccessTable(account, TABLE), uuid4().hex
    for minute in range(12):
        table.put_new(key(owner, minute, filler="x" * 150_000))

    assert len(table.owned(owner)) == 12


def test_a_table_that_refuses_says_so(strange_account: Account) -> None:
    table = AccessTable(strange_account, TABLE)

    with pytest.raises(AccessDeniedError):
        table.get("key#any")
    with pytest.raises(AccessDeniedError):
        table.note_use("key#any", "2026", unless_after="2025")


def test_a_lease_has_one_holder_until_it_ends_or_is_given_back(table: KeyStore) -> None:
    lease = f"process#{uuid4().hex}"

    taken = [table.lease(lease, now=now, until=now + 60) for now in (100, 159, 160, 161)]
    table.delete(lease)

    assert taken == [True, False, True, False]
    assert table.lease(lease, now=162, until=200)


def test_a_lease_is_in_no_listing(table: KeyStore) -> None:
    table.lease(f"process#{uuid4().hex}", now=1, until=2)

    assert table.owned("public") == ()
