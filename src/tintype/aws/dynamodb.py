"""A DynamoDB table of images: get, write if newer, list by owner (newest first), find by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from tintype.aws.account import Account, Call, Document
from tintype.aws.attributes import Attribute, Item, attribute, attributes, item_of
from tintype.aws.errors import PreconditionFailedError
from tintype.aws.transport import RetryPolicy

INDEX = "byOwner"
NAME_INDEX = "byFilename"


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
    """

    account: Account
    name: str

    def get(self, id: str) -> Item | None:  # noqa: A002 - the attribute's name
        """Return the item (with a consistent read), or None if there is none.

        Raises:
            ServiceError: the table cannot be read.
        """
        body = {"Key": attributes({"id": id}), "ConsistentRead": True}
        found = self._send("GetItem", body, FoundItem).item
        return None if found is None else item_of(found)

    def put_new(self, item: Mapping[str, object]) -> bool:
        """Write *item* if there is none with its `id`, and return whether it was written.

        If the response to a write is lost, the retry finds the item and returns False.

        Raises:
            ServiceError: the table cannot be written.
        """
        return self._put(item, {"ConditionExpression": "attribute_not_exists(id)"})

    def put_newer(self, item: Mapping[str, object], *, or_equal: bool = False) -> bool:
        """Write *item* if the table has none with its `id` or an older `version`; return whether it did.

        With *or_equal* it may also replace the same version, so that a retry returns True. Without
        it, the retry after a lost response finds the item and returns False.

        Raises:
            KeyError: *item* has no `version`.
            ServiceError: the table cannot be written.
        """
        older = "<=" if or_equal else "<"
        condition = f"attribute_not_exists(id) OR #version {older} :version"
        return self._put(
            item,
            {
                "ConditionExpression": condition,
                "ExpressionAttributeNames": {"#version": "version"},
                "ExpressionAttributeValues": {":version": attribute(item["version"])},
            },
        )

    def delete(self, id: str) -> None:  # noqa: A002
        """Delete the item, if there is one.

        Raises:
            ServiceError: the table cannot be written.
        """
        self._send("DeleteItem", {"Key": attributes({"id": id})}, NoDocument)

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

    def _put(self, item: Mapping[str, object], condition: Mapping[str, object]) -> bool:
        try:
            self._send("PutItem", {"Item": attributes(item), **condition}, NoDocument)
        except PreconditionFailedError:
            return False
        return True

    def _send(self, operation: str, body: Mapping[str, object], kind: type[Document]) -> Document:
        return send(self.account, operation, {"TableName": self.name, **body}, kind)


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
