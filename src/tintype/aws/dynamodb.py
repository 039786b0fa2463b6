"""A DynamoDB table of images: get, write on a condition, list by owner (newest first), find by name.

A write that changes what an owner has also changes the owner's counters, which are in another table.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import msgspec

from tintype.aws.account import Account, Call, Document
from tintype.aws.attributes import Attribute, Item, attribute, attributes, item_of
from tintype.aws.errors import CONDITION_FAILED, PreconditionFailedError, cancellation_reasons
from tintype.aws.transport import RetryPolicy
from tintype.usage import (
    NO_LIMIT,
    Allowance,
    OverQuotaError,
    Usage,
    counted,
    counters_id,
    original_bytes,
)

INDEX = "byOwner"
NAME_INDEX = "byFilename"
_TOKEN_BYTES = 18  # DynamoDB takes tokens of at most 36 characters


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A page of items; *after* is the start of the next page, None on the last."""

    items: tuple[Item, ...]
    after: Item | None


class NoDocument(msgspec.Struct):
    """The response to a write, which is not read."""


class FoundItem(msgspec.Struct, rename="pascal"):
    """The response to GetItem."""

    item: dict[str, Attribute] | None = None


class FoundItems(msgspec.Struct, rename="pascal"):
    """The response to Query and Scan: one page."""

    items: list[dict[str, Attribute]] = []
    last_evaluated_key: dict[str, Attribute] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The table with this *name*: primary key `id`, and two indexes sorted by `createdAt`.

    `byOwner` contains whole items by `owner`; `byFilename` contains only keys, by `ownerFilename`.
    *counters* is the table of the owners' counters, needed for writes that change them.
    """

    account: Account
    name: str
    counters: str = ""

    def get(self, id: str) -> Item | None:  # noqa: A002 - the attribute's name
        """Return the item (with a consistent read), or None if there is none.

        Raises:
            ServiceError: the table cannot be read.
        """
        body = {"Key": attributes({"id": id}), "ConsistentRead": True}
        found = self._send("GetItem", body, FoundItem).item
        return None if found is None else item_of(found)

    def used(self, owner: str) -> Usage:
        """Return what an owner's counters say (with a consistent read).

        Raises:
            ServiceError: the counters cannot be read.
        """
        body = {
            "TableName": self.counters,
            "Key": attributes({"id": counters_id(owner)}),
            "ConsistentRead": True,
        }
        found = send(self.account, "GetItem", body, FoundItem).item
        return counted(None if found is None else item_of(found))

    def put_alike(self, item: Mapping[str, object], *, or_equal: bool = False) -> bool:
        """Write *item* in place of an older one that counts the same; return whether it was written.

        With *or_equal* it may also replace the same version. After a lost response, the retry finds
        the item and returns False, unless *or_equal*.

        Raises:
            ServiceError: the table cannot be written.
        """
        older = "<=" if or_equal else "<"
        body = {"Item": attributes(item), **_condition(item, f"#version {older} :version")}
        return self._is_written("PutItem", body)

    def write(
        self,
        item: Mapping[str, object],
        *,
        replaces: Mapping[str, object] | None,
        changes: Mapping[str, Usage],
        allowance: Allowance = NO_LIMIT,
    ) -> bool:
        """Write *item* if *replaces* is still there, as it was read, and add *changes* to the counters.

        Returns whether it was written. *allowance* is for owners that get more.

        Raises:
            OverQuotaError: an owner would have more than *allowance*.
            ServiceError: the table or the counters cannot be written.
        """
        put = {"Item": attributes(item), **_is_still(replaces)}
        if not changes:
            return self._is_written("PutItem", put)
        return self._transact({"Put": {"TableName": self.name, **put}}, changes, allowance)

    def remove(self, there: Mapping[str, object], *, changes: Mapping[str, Usage]) -> bool:
        """Delete *there* if it is still as it was read, and add *changes* to the counters.

        Returns whether it was deleted.

        Raises:
            ServiceError: the table or the counters cannot be written.
        """
        delete = {"Key": attributes({"id": there["id"]}), **_is_still(there)}
        if not changes:
            return self._is_written("DeleteItem", delete)
        return self._transact({"Delete": {"TableName": self.name, **delete}}, changes, NO_LIMIT)

    def query(
        self, owner: str, *, limit: int, after: Mapping[str, object] | None = None
    ) -> ItemPage:
        """Return at most *limit* of the owner's items, newest first, beginning after *after*.

        *after* is the previous page's `ItemPage.after`. The index lags slightly behind the table.

        Raises:
            InvalidRequestError: *after* is not from such a page.
            ServiceError: the table cannot be read.
        """
        body: dict[str, object] = {
            "IndexName": INDEX,
            "KeyConditionExpression": "#owner = :owner",
            "ExpressionAttributeNames": {"#owner": "owner"},
            "ExpressionAttributeValues": {":owner": attribute(owner)},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        return self._page("Query", body, after)

    def named(self, owner_filename: str, *, limit: int) -> tuple[str, ...]:
        """Return the IDs of at most *limit* items with this `ownerFilename`, newest first.

        The index lags slightly behind the table.

        Raises:
            ServiceError: the table cannot be read.
        """
        body: dict[str, object] = {
            "IndexName": NAME_INDEX,
            "KeyConditionExpression": "ownerFilename = :name",
            "ExpressionAttributeValues": {":name": attribute(owner_filename)},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        return tuple(str(item["id"]) for item in self._page("Query", body, None).items)

    def scan(self) -> Iterator[Item]:
        """Yield every item in no particular order. Reads the whole table; for the command line.

        Raises:
            ServiceError: the table cannot be read.
        """
        page = self._page("Scan", {}, None)
        yield from page.items
        while page.after is not None:
            page = self._page("Scan", {}, page.after)
            yield from page.items

    def _page(
        self, operation: str, body: Mapping[str, object], after: Mapping[str, object] | None
    ) -> ItemPage:
        start = {} if after is None else {"ExclusiveStartKey": attributes(after)}
        listed = self._send(operation, {**body, **start}, FoundItems)
        last = listed.last_evaluated_key
        return ItemPage(tuple(map(item_of, listed.items)), item_of(last) if last else None)

    def _is_written(self, operation: str, body: Mapping[str, object]) -> bool:
        try:
            self._send(operation, body, NoDocument)
        except PreconditionFailedError:
            return False
        return True

    def _transact(
        self, action: Mapping[str, object], changes: Mapping[str, Usage], allowance: Allowance
    ) -> bool:
        """Carry out *action* and the *changes* together; return whether its condition held.

        Two transactions on the same counters at the same time conflict, and one is cancelled.
        """
        counting = [_count(self.counters, *change, allowance) for change in changes.items()]
        body = {
            "TransactItems": [action, *({"Update": update} for update in counting)],
            # Its retry after a lost response succeeds without a second effect.
            "ClientRequestToken": secrets.token_hex(_TOKEN_BYTES),
        }
        patient = replace(self.account.retry_policy, tries=8, pause_seconds=0.05)
        try:
            send(self.account, "TransactWriteItems", body, NoDocument, retry_policy=patient)
        except PreconditionFailedError as error:
            if cancellation_reasons(str(error))[:1] == (CONDITION_FAILED,):
                return False
            raise OverQuotaError from error
        return True

    def _send(self, operation: str, body: Mapping[str, object], kind: type[Document]) -> Document:
        return send(self.account, operation, {"TableName": self.name, **body}, kind)


def _condition(item: Mapping[str, object], *more: str) -> dict[str, object]:
    """Return the condition that the item there counts the same as *item*, and *more*.

    *more* may use `#version` and `:version`.
    """
    owner, size = item.get("owner"), original_bytes(item)
    terms = [
        *more,
        "attribute_not_exists(#owner)" if owner is None else "#owner = :owner",
        "attribute_not_exists(#original.#bytes)" if size is None else "#original.#bytes = :bytes",
    ]
    values = {":version": item["version"], ":owner": owner, ":bytes": size}
    return {
        "ConditionExpression": " AND ".join(terms),
        "ExpressionAttributeNames": {
            f"#{name}": name for name in ("version", "owner", "original", "bytes")
        },
        "ExpressionAttributeValues": attributes(
            {name: value for name, value in values.items() if value is not None}
        ),
    }


def _is_still(there: Mapping[str, object] | None) -> dict[str, object]:
    """Return the condition that an item is as it was read: the same version that counts the same."""
    if there is None:
        return {"ConditionExpression": "attribute_not_exists(id)"}
    return _condition(there, "#version = :version")


def _count(table: str, owner: str, change: Usage, allowance: Allowance) -> dict[str, object]:
    """Return the update of an owner's counters, which fails if they would exceed *allowance*."""
    values = {":images": change.images, ":bytes": change.bytes, ":one": 1}
    limits = {
        "images": (allowance.images, change.images),
        "bytes": (allowance.bytes, change.bytes),
    }
    terms = []
    for name, (most, more) in limits.items():
        if most and more > 0:
            terms.append(f"(attribute_not_exists(#{name}) OR #{name} <= :{name}Room)")
            values[f":{name}Room"] = most - more
        if most and more > most:
            raise OverQuotaError
    condition = {"ConditionExpression": " AND ".join(terms)} if terms else {}
    return {
        "TableName": table,
        "Key": attributes({"id": counters_id(owner)}),
        "UpdateExpression": "ADD #images :images, #bytes :bytes, #version :one",
        "ExpressionAttributeNames": {f"#{name}": name for name in ("images", "bytes", "version")},
        "ExpressionAttributeValues": attributes(values),
        **condition,
    }


def send(
    account: Account,
    operation: str,
    body: Mapping[str, object],
    kind: type[Document],
    *,
    retry_policy: RetryPolicy | None = None,
) -> Document:
    """Send one operation of DynamoDB and return the response.

    Raises:
        ServiceError: DynamoDB refused or failed.
    """
    headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": f"DynamoDB_20120810.{operation}",
    }
    encoded = msgspec.json.encode(body)
    call = Call("dynamodb", operation, headers=headers, body=encoded, retry_policy=retry_policy)
    return account.send_document(call, kind)
