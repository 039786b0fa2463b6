"""A DynamoDB table of images: read one, write if newer, list an owner's newest first, find by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from tintype.aws.account import Account, Call, Document
from tintype.aws.attributes import Attribute, Item, attribute, attributes, item_of
from tintype.aws.errors import PreconditionFailedError

INDEX = "byOwner"
NAME_INDEX = "byFilename"


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the items; *after* is where the next page begins, None if there is none."""

    items: tuple[Item, ...]
    after: Item | None


class _Nothing(msgspec.Struct):
    """What a write answers that nobody reads."""


class _Found(msgspec.Struct, rename="pascal"):
    item: dict[str, Attribute] | None = None


class _Listed(msgspec.Struct, rename="pascal"):
    items: list[dict[str, Attribute]] = []
    last_evaluated_key: dict[str, Attribute] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The table of that *name*: primary key `id`, two indexes, both sorted by `createdAt`.

    `byOwner` has the whole items of an `owner`; `byFilename` no more than the keys of those with one
    `ownerFilename`.
    """

    account: Account
    name: str

    def get(self, id: str) -> Item | None:  # noqa: A002 - the attribute's name
        """Return the item as the last finished write left it, None if there is none.

        Raises:
            ServiceError: the table cannot be read.
        """
        body = {"Key": attributes({"id": id}), "ConsistentRead": True}
        found = self._send("GetItem", body, _Found).item
        return None if found is None else item_of(found)

    def put_new(self, item: Mapping[str, object]) -> bool:
        """Write *item* if there is none with its `id`, and say whether.

        After a lost answer the second try meets the first one's item and says False.

        Raises:
            ServiceError: the table cannot be written.
        """
        return self._put(item, {"ConditionExpression": "attribute_not_exists(id)"})

    def put_newer(self, item: Mapping[str, object], *, or_equal: bool = False) -> bool:
        """Write *item* if the table has none with its `id` or an older `version`, and say whether.

        With *or_equal* it may also replace the same version, so that a repetition says True. Without,
        the second try after a lost answer meets the first one's item and says False.

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

    def query(self, owner: str, *, limit: int, after: Mapping[str, object] | None = None) -> Page:
        """Return at most *limit* of the owner's items, newest first, beginning after *after*.

        *after* is the `Page.after` of the page before. The index lags behind the table by a moment.

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
        """Return the ids of at most *limit* items of that `ownerFilename`, newest first.

        The index lags behind the table by a moment.

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
        """Yield every item, in no order. Reads the whole table: for the command line.

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
    ) -> Page:
        start = {} if after is None else {"ExclusiveStartKey": attributes(after)}
        listed = self._send(operation, {**body, **start}, _Listed)
        last = listed.last_evaluated_key
        return Page(tuple(map(item_of, listed.items)), item_of(last) if last else None)

    def _put(self, item: Mapping[str, object], condition: Mapping[str, object]) -> bool:
        try:
            self._send("PutItem", {"Item": attributes(item), **condition}, _Nothing)
        except PreconditionFailedError:
            return False
        return True

    def _send(self, operation: str, body: Mapping[str, object], kind: type[Document]) -> Document:
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": f"DynamoDB_20120810.{operation}",
        }
        encoded = msgspec.json.encode({"TableName": self.name, **body})
        call = Call("dynamodb", operation, headers=headers, body=encoded)
        return self.account.send_document(call, kind)
