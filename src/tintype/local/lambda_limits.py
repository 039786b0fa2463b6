"""Lambda's 6 MB limits for requests and responses, which MiniStack does not enforce.

"Lambda quotas" in its developer guide: 6 MB each for a synchronous invocation; the exact limits are
in Lambda's error messages. An HTTP API returns 413 for a request that is too large for the
function, and a server error for a response that is too large.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tintype.local.ministack.modules import ministack_module

REQUEST_BYTES, RESPONSE_BYTES = 6_291_456, 6_291_556
_TOO_LARGE = {
    "statusCode": 413,
    "headers": {"content-type": "application/json"},
    "body": '{"message":"Request Entity Too Large"}',
}
_NO_ANSWER = {
    "errorType": "Function.ResponseSizeTooLarge",
    "errorMessage": "Response payload size exceeded maximum allowed payload size"
    f" ({RESPONSE_BYTES} bytes).",
}


def limit_payloads() -> Callable[[], None]:
    """Enforce Lambda's limits, and return a function that undoes it."""
    functions = ministack_module("services.lambda_svc")
    original = functions._execute_function  # noqa: SLF001

    def execute(function: object, event: Mapping[str, Any]) -> dict[str, Any]:
        if _size(event) > REQUEST_BYTES and "requestContext" in event:
            return {"error": True, "body": _TOO_LARGE, "log": ""}
        result: dict[str, Any] = original(function, event)
        if not result.get("error") and _size(result.get("body")) > RESPONSE_BYTES:
            return {**result, "error": True, "body": _NO_ANSWER}
        return result

    functions._execute_function = execute  # noqa: SLF001
    return lambda: setattr(functions, "_execute_function", original)


def _size(payload: object) -> int:
    """Return the size of a payload as JSON; bytes are JSON already."""
    if isinstance(payload, bytes):
        return len(payload)
    text = json.dumps(payload, ensure_ascii=False)
    return len(text) if text.isascii() else len(text.encode())
