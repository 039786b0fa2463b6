"""The DynamoDB table of API keys, leases of work, and the keys that sign private addresses.

An API key is an item with `id` and `owner`; the others have no owner, so that no listing has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tintype.aws.account import Account, Document
from tintype.aws.attributes import Item, attribute, attributes, item_of
from tintype.aws.dynamodb import INDEX, FoundItem, FoundItems, NoDocument, send
from tintype.aws.errors import PreconditionFailedError
from tintype.aws.transport import RetryPolicy
from tintype.usage import Usage, counters_id

# A note about a request must not hold it up.
_IN_PASSING = RetryPolicy(connect_seconds=0.5, read_seconds=0.5, tries=1)


@dataclass(frozen=True, slots=True)
class AccessTable:
    """The table with this *name*: primary key `id`, and the index `byOwner`, sorted by `createdAt`.

    DynamoDB deletes an item up to two days after its `expires`.
    """

    account: Account
    name: str

    def get(self, id: str) -> Item | None:  # noqa: A002 - the attribute's name
        """Return the item (with a consistent read), or None if there is none.

        Raises:
            ServiceError: the table cannot be read.
        """
        found = self._send("GetItem", {**_key(id), "ConsistentRead": True}, FoundItem).item
        return None if found is None else item_of(found)

    def put_new(self, item: Mapping[str, object]) -> bool:
        """Write *item* if there is none with its `id`, and return whether it was written.

        Raises:
            ServiceError: the table cannot be written.
        """
        body = {"Item": attributes(item), "ConditionExpression": "attribute_not_exists(id)"}
        return self._changed("PutItem", body)

    def replace(self, item: Mapping[str, object], known: Mapping[str, object]) -> bool:
        """Write *item* over the signing keys *known*, and return whether they were still those.

        Raises:
            ServiceError: the table cannot be written.
        """
        body = {
            "Item": attributes(item),
            "ConditionExpression": "#current = :current AND changedAt = :at",
            "ExpressionAttributeNames": {"#current": "current"},
            "ExpressionAttributeValues": attributes(
                {":current": known["current"], ":at": known["changedAt"]}
            ),
        }
        return self._changed("PutItem", body)

    def owned(self, owner: str) -> tuple[Item, ...]:
        """Return all items of *owner*, newest first. The index lags slightly behind the table.

        Raises:
            ServiceError: the table cannot be read.
        """
        body: dict[str, object] = {
            "IndexName": INDEX,
            "KeyConditionExpression": "#owner = :owner",
            "ExpressionAttributeNames": {"#owner": "owner"},
            "ExpressionAttributeValues": {":owner": attribute(owner)},
            "ScanIndexForward": False,
        }
        found = self._send("Query", body, FoundItems)
        items = found.items
        while found.last_evaluated_key:
            body["ExclusiveStartKey"] = found.last_evaluated_key
            found = self._send("Query", body, FoundItems)
            items += found.items
        return tuple(map(item_of, items))

    def lease(self, id: str, *, now: int, until: int) -> bool:  # noqa: A002
        """Take the lease with this *id* until *until*; return False while somebody else holds it.

        Times are in seconds since 1970. `delete` ends a lease early.

        Raises:
            ServiceError: the table cannot be written.
        """
        body = {
            "Item": attributes({"id": id, "expires": until}),
            "ConditionExpression": "attribute_not_exists(id) OR expires <= :now",
            "ExpressionAttributeValues": attributes({":now": now}),
        }
        return self._changed("PutItem", body)

    def count(self, id: str, *, most: int, until: int) -> bool:  # noqa: A002
        """Add one to the number with this *id*, unless it is *most*; return whether it was added.

        It is kept until *until*, in seconds since 1970.

        Raises:
            ServiceError: the table cannot be written.
        """
        body = {
            **_key(id),
            "UpdateExpression": "ADD #count :one SET #expires = :until",
            "ConditionExpression": "attribute_not_exists(#count) OR #count < :most",
            "ExpressionAttributeNames": {"#count": "count", "#expires": "expires"},
            "ExpressionAttributeValues": attributes({":one": 1, ":until": until, ":most": most}),
        }
        return self._changed("UpdateItem", body)

    def set_counters(
        self, owner: str, usage: Usage, *, replaces: Mapping[str, object] | None
    ) -> bool:
        """Set an owner's counters if *replaces* are still there, as they were read; return whether.

        Raises:
            ServiceError: the table cannot be written.
        """
        version = int(str((replaces or {}).get("version", 0)))
        item = {"id": counters_id(owner), "images": usage.images, "bytes": usage.bytes}
        body: dict[str, object] = {"Item": attributes({**item, "version": version + 1})}
        if replaces is None:
            body["ConditionExpression"] = "attribute_not_exists(id)"
        else:
            body |= {
                "ConditionExpression": "#version = :version",
                "ExpressionAttributeNames": {"#version": "version"},
                "ExpressionAttributeValues": attributes({":version": version}),
            }
        return self._changed("PutItem", body)

    def note_use(self, id: str, at: str, *, unless_after: str) -> bool:  # noqa: A002
        """Write *at* as `lastUsedAt`, and return whether it was written.

        It is not if the item was used *unless_after* or later, or is gone: no use brings it back.

        Raises:
            ServiceError: the table cannot be written. There is one try of half a second.
        """
        due = "attribute_not_exists(lastUsedAt) OR lastUsedAt < :unless"
        body = {
            **_key(id),
            "UpdateExpression": "SET lastUsedAt = :at",
            "ConditionExpression": f"attribute_exists(id) AND ({due})",
            "ExpressionAttributeValues": attributes({":at": at, ":unless": unless_after}),
        }
        return self._changed("UpdateItem", body, retry_policy=_IN_PASSING)

    def delete(self, id: str) -> None:  # noqa: A002
        """Delete the item, if there is one.

        Raises:
            ServiceError: the table cannot be written.
        """
        self._send("DeleteItem", _key(id), NoDocument)

    def _changed(
        self,
        operation: str,
        body: Mapping[str, object],
        *,
        retry_policy: RetryPolicy | None = None,
    ) -> bool:
        try:
            self._send(operation, body, NoDocument, retry_policy)
        except PreconditionFailedError:
            return False
        return True

    def _send(
        self,
        operation: str,
        body: Mapping[str, object],
        kind: type[Document],
        retry_policy: RetryPolicy | None = None,
    ) -> Document:
        full = {"TableName": self.name, **body}
        return send(self.account, operation, full, kind, retry_policy=retry_policy)


def _key(id: str) -> dict[str, object]:  # noqa: A002
    return {"Key": attributes({"id": id})}
