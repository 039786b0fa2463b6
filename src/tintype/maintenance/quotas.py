"""Quotas: count again what owners have, and correct their counters. Start with `recount`.

The counters follow every write of a record, so only what was written past them makes this necessary:
records of a release without counters, a restored table, an item that somebody changed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from tintype.aws.access_table import AccessTable
from tintype.aws.dynamodb import Table
from tintype.aws.errors import UnavailableError
from tintype.usage import COUNTERS, Usage, counted, counters_id, usage_of

TRIES = 10
SETTLE_SECONDS = 2.0  # the index of the records lags behind the table by less
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Recount:
    """What an owner's counters said, and what the owner has."""

    owner: str
    before: Usage
    after: Usage


def owners_of(images: Table, access: AccessTable) -> Iterator[str]:
    """Yield every owner of records or of counters. Reads both tables.

    Raises:
        ServiceError: a table cannot be read.
    """
    found = {str(item["owner"]) for item in images.scan() if item.get("owner")}
    ids = (str(item["id"]) for item in Table(access.account, access.name).scan())
    found |= {one.removeprefix(COUNTERS) for one in ids if one.startswith(COUNTERS)}
    yield from sorted(found)


def recount(
    images: Table,
    access: AccessTable,
    owner: str,
    *,
    dry_run: bool = False,
    settle_seconds: float = SETTLE_SECONDS,
) -> Recount:
    """Count an owner's records, and set the counters if they differ; with *dry_run*, only count.

    The counters are set only if no write has changed them while we counted; else we count again.

    Raises:
        UnavailableError: the owner's images changed during every count.
        ServiceError: a table refused or failed.
    """
    for _ in range(TRIES):
        there = access.get(counters_id(owner))
        time.sleep(settle_seconds)
        result = Recount(owner, counted(there), _counted_in(images, owner))
        if result.before == result.after or dry_run:
            if access.get(counters_id(owner)) == there:
                return result
        elif access.set_counters(owner, result.after, replaces=there):
            return result
    message = f"the images of {owner} changed during each of {TRIES} counts; try again later"
    raise UnavailableError(message, service="dynamodb", operation="Query")


def _counted_in(images: Table, owner: str) -> Usage:
    """Return the sum over an owner's records."""
    number, size, after = 0, 0, None
    while True:
        page = images.query(owner, limit=_PAGE, after=after)
        for item in page.items:
            one = usage_of(item)[owner]
            number, size = number + one.images, size + one.bytes
        after = page.after
        if after is None:
            return Usage(number, size)
