"""Records: writes to the images table that keep the owners' counters.

Most writes change nothing that is counted: they are one conditional write. The others read the
record that they replace, and write the new one and the counters in one transaction, on the condition
that the record is still what was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tintype.aws.attributes import Item
from tintype.aws.errors import UnavailableError
from tintype.aws.ports import ImageTable
from tintype.usage import (
    NO_LIMIT,
    Allowance,
    OverQuotaError,
    Usage,
    changes,
    excess,
    usage_of,
)

_TRIES = 10  # writers of one record are few: the functions for its events, and a client


@dataclass(frozen=True, slots=True)
class Records:
    """The records in the images *table*."""

    table: ImageTable

    def get(self, id: str) -> Item | None:  # noqa: A002 - the attribute's name
        """Return a record.

        Raises:
            ServiceError: the table cannot be read.
        """
        return self.table.get(id)

    def used(self, owner: str) -> Usage:
        """Return what an owner's counters say.

        Raises:
            ServiceError: the table cannot be read.
        """
        return self.table.used(owner)

    def put_new(self, item: Mapping[str, object], allowance: Allowance = NO_LIMIT) -> bool:
        """Write a record if there is none with its `id`; return whether it was written.

        Raises:
            OverQuotaError: its owner would have more than *allowance*.
            ServiceError: the table refused or failed.
        """
        change = changes(None, item)
        try:
            return self.table.write(item, replaces=None, changes=change, allowance=allowance)
        except OverQuotaError as error:
            ((owner, more),) = change.items()
            raise OverQuotaError(excess(self.used(owner), more, allowance)) from error

    def put_newer(self, item: Mapping[str, object], *, or_equal: bool = False) -> bool:
        """Write a record if there is none with its `id` or an older `version`; return whether it did.

        With *or_equal* it may also replace the same version.

        Raises:
            ServiceError: the table refused or failed; retry.
        """
        if usage_of(item) and self.table.put_alike(item, or_equal=or_equal):
            return True
        for _ in range(_TRIES):
            there = self.table.get(str(item["id"]))
            if there is not None and not _may_replace(item, there, or_equal=or_equal):
                return False
            if self.table.write(item, replaces=there, changes=changes(there, item)):
                return True
        message = "another writer was first on every try"
        raise UnavailableError(message, service="dynamodb", operation="TransactWriteItems")

    def remove(self, there: Mapping[str, object]) -> bool:
        """Remove a record if it is still *there*, as it was read; return whether it was removed.

        Raises:
            ServiceError: the table refused or failed; retry.
        """
        return self.table.remove(there, changes=changes(there, None))


def _may_replace(
    item: Mapping[str, object], there: Mapping[str, object], *, or_equal: bool
) -> bool:
    new, old = int(str(item["version"])), int(str(there["version"]))
    return new > old or (or_equal and new == old)
