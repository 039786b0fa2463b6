"""What the keys function's permissions are for, which CloudFormation calls in a deployment. See `needs`."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from docs.making.permissions import Permission
from tests.cloud.direct import Deployed, directly, logs
from tintype.delivery import KEYS_ITEM

KEYS, TABLE = "keys function", "access table"
_KEY = {"id": {"S": KEYS_ITEM}}


def _reads_the_keys(there: Deployed, dynamodb: Any) -> None:
    dynamodb.get_item(TableName=there.stack.outputs["AccessTable"], Key=_KEY)


def _writes_the_keys(there: Deployed, dynamodb: Any) -> None:
    """Under a condition that the item does not meet, so that the keys stay; IAM is asked before."""
    with suppress(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.put_item(
            TableName=there.stack.outputs["AccessTable"],
            Item=_KEY,
            ConditionExpression="attribute_not_exists(id)",
        )


NEEDS_OF_KEYS = {
    Permission(KEYS, "dynamodb:GetItem", TABLE, KEYS_ITEM): directly(
        KEYS, "dynamodb", _reads_the_keys
    ),
    Permission(KEYS, "dynamodb:PutItem", TABLE, KEYS_ITEM): directly(
        KEYS, "dynamodb", _writes_the_keys
    ),
    Permission(KEYS, "logs:CreateLogStream", "keys log group"): logs(
        "keys", "logs:CreateLogStream"
    ),
    Permission(KEYS, "logs:PutLogEvents", "keys log group"): logs("keys", "logs:PutLogEvents"),
}
