"""Reads from DynamoDB by AppSync's resolvers, exactly as requested.

MiniStack executes a resolver's `Query` as an unordered scan, and leaves maps within lists in
DynamoDB's format. Here its own DynamoDB executes the requests.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from tintype.local.ministack.modules import ministack_module

_ERROR = 400


def read_tables_as_requested() -> Callable[[], None]:
    """Replace MiniStack's reads, and return a function that undoes it."""
    appsync = ministack_module("services.appsync")
    original = appsync._ds_dynamodb_in_region  # noqa: SLF001

    def read(api_id: str, source: Mapping[str, Any], request: Any, context: object) -> Any:  # noqa: ANN401
        readers = {"GetItem": _get_item, "Query": _query}
        reader = readers.get(request.get("operation", "")) if isinstance(request, dict) else None
        if reader is None:
            return original(api_id, source, request, context)
        return reader(source["dynamodbConfig"]["tableName"], request)

    appsync._ds_dynamodb_in_region = read  # noqa: SLF001
    return lambda: setattr(appsync, "_ds_dynamodb_in_region", original)


def _get_item(table: str, request: Mapping[str, Any]) -> object:
    answer = _asked("_get_item", {"TableName": table, "Key": request["key"]})
    return _plain(answer["Item"]) if "Item" in answer else None


def _query(table: str, request: Mapping[str, Any]) -> object:
    condition, token = request["query"], request.get("nextToken")
    given = {
        "IndexName": request.get("index"),
        "KeyConditionExpression": condition["expression"],
        "ExpressionAttributeNames": condition.get("expressionNames"),
        "ExpressionAttributeValues": condition.get("expressionValues"),
        "ScanIndexForward": request.get("scanIndexForward"),
        "Limit": request.get("limit"),
        "ExclusiveStartKey": json.loads(base64.urlsafe_b64decode(token)) if token else None,
    }
    asked = {name: value for name, value in given.items() if value is not None}
    answer = _asked("_query", {"TableName": table, **asked})
    last = answer.get("LastEvaluatedKey")
    return {
        "items": [_plain(item) for item in answer["Items"]],
        "nextToken": base64.urlsafe_b64encode(json.dumps(last).encode()).decode() if last else None,
    }


def _asked(operation: str, body: Mapping[str, object]) -> dict[str, Any]:
    status, _headers, said = getattr(ministack_module("services.dynamodb"), operation)(body)
    answer: dict[str, Any] = json.loads(said)
    if status >= _ERROR:
        kind = answer.get("__type", "").rpartition("#")[2]
        error = ministack_module("services.appsync")._AppSyncResolverError  # noqa: SLF001
        raise error(answer.get("message", ""), f"DynamoDB:{kind}")
    return answer


def _plain(item: Mapping[str, object]) -> object:
    return ministack_module("services.appsync")._ddb_plain({"M": item})  # noqa: SLF001
