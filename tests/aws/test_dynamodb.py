"""The images table on the emulator: conditions, pages, order, refusals."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.aws.conftest import TABLE
from tintype.aws.account import Account
from tintype.aws.attributes import Item
from tintype.aws.dynamodb import Table
from tintype.aws.errors import AccessDeniedError, InvalidRequestError, NotFoundError
from tintype.records import Records


@pytest.fixture
def table(account: Account) -> Table:
    return Table(account, TABLE, TABLE)


@pytest.fixture
def records(table: Table) -> Records:
    return Records(table)


def image(version: int = 1, **more: object) -> dict[str, object]:
    return {"id": uuid4().hex, "version": version, "createdAt": "2026-11-21T10:00:00.000Z", **more}


def test_an_item_comes_back_as_it_was_written(table: Table, records: Records) -> None:
    item = image(
        status="READY",
        filename="Café ☕.jpg",
        original={"width": 4000, "hasAlpha": False, "camera": None, "sha256": ""},
        renditions=[{"preset": "thumb", "bytes": 9876}, []],
        timings={"wait": 12.25, "read": 0.1, "tiny": 1.5e-7},
    )

    assert records.put_new(item)

    assert table.get(str(item["id"])) == item


def test_a_missing_item_is_none(table: Table) -> None:
    assert table.get("missing") is None


def test_a_new_item_replaces_nothing(table: Table, records: Records) -> None:
    item = image()

    assert records.put_new(item)
    assert not records.put_new({**item, "version": 9})
    assert table.get(str(item["id"])) == item


@pytest.mark.parametrize(
    ("version", "or_equal", "written"),
    [(2, False, False), (3, False, False), (3, True, True), (4, False, True), (2, True, False)],
)
def test_only_a_newer_version_replaces_an_item(
    table: Table, records: Records, version: int, or_equal: bool, written: bool
) -> None:
    item = image(3)
    records.put_newer(item)

    assert records.put_newer({**item, "version": version}, or_equal=or_equal) is written

    found = table.get(str(item["id"]))
    assert found is not None
    assert found["version"] == (version if written else 3)


def test_the_newest_of_many_writers_remains(table: Table, records: Records) -> None:
    item = image()

    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(lambda version: records.put_newer({**item, "version": version}), range(2, 30))
        )

    found = table.get(str(item["id"]))
    assert found is not None
    assert found["version"] == 29


def test_an_owner_s_items_come_newest_first_and_page_by_page(
    table: Table, records: Records
) -> None:
    owner = uuid4().hex
    for minute in range(7):
        records.put_new(image(owner=owner, createdAt=f"2026-11-21T10:0{minute}:00.000Z"))

    pages, after, found = 0, None, list[Item]()
    while pages == 0 or after is not None:
        page = table.query(owner, limit=3, after=after)
        pages, after = pages + 1, page.after
        found += page.items

    minutes = [str(item["createdAt"])[15] for item in found]
    assert (pages, minutes) == (3, list("6543210"))


def test_an_owner_without_items_has_an_empty_page(table: Table) -> None:
    page = table.query("nobody", limit=3)

    assert (page.items, page.after) == ((), None)


def test_an_item_without_owner_is_in_no_list(table: Table, records: Records) -> None:
    owner = uuid4().hex
    item = image(owner=owner)
    records.put_newer(item)

    tombstone = {name: value for name, value in item.items() if name != "owner"}
    records.put_newer({**tombstone, "version": 2})

    assert table.query(owner, limit=3).items == ()


def test_a_scan_reads_all_pages(table: Table, records: Records) -> None:
    ids = {
        str(item["id"])
        for item in (image(filler="x" * 300_000) for _ in range(5))
        if records.put_new(item)
    }

    assert ids <= {str(item["id"]) for item in table.scan()}
    assert len(ids) == 5


def test_a_page_that_nobody_gave_out_is_an_invalid_request(table: Table) -> None:
    with pytest.raises(InvalidRequestError, match="ValidationException"):
        table.query("public", limit=3, after={"nonsense": "x"})


def test_a_missing_table_is_not_found(account: Account) -> None:
    with pytest.raises(NotFoundError, match="ResourceNotFoundException"):
        Table(account, "no-such-table").get("a")


def test_who_has_no_policy_is_denied(strange_account: Account) -> None:
    with pytest.raises(AccessDeniedError):
        Table(strange_account, TABLE).get("a")
    with pytest.raises(AccessDeniedError):
        Records(Table(strange_account, TABLE, TABLE)).put_new(image())


def test_items_of_one_name_are_found_newest_first(table: Table, records: Records) -> None:
    name = f"public/{uuid4().hex}.jpg"
    items = [image(ownerFilename=name, createdAt=f"2026-11-2{day}") for day in (2, 3, 1)]
    for item in [*items, image(ownerFilename=f"{name}x"), image()]:
        records.put_new(item)

    newest = [str(items[index]["id"]) for index in (1, 0, 2)]
    assert table.named(name, limit=10) == tuple(newest)
    assert table.named(name, limit=1) == tuple(newest[:1])
    assert table.named(f"{name}y", limit=10) == ()
