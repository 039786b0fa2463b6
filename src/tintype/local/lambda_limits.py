"""Lambda's 6 MB for a request and for an answer, which MiniStack lets pass.

"Lambda quotas" in its developer guide: 6 MB each for a synchronous invocation; to the byte they are in
the messages with which Lambda refuses. An HTTP API in front tells its client 413 of a request that the
function cannot have, and a server error of an answer that came to nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tintype.local.inside import inside

REQUEST_BYTES, ANSWER_BYTES = 6_291_456, 6_291_556
_TOO_LARGE = {
    "statusCode": 413,
    "headers": {"content-type": "application/json"},
    "body": '{"message":"Request Entity Too Large"}',
}
_NO_ANSWER = {
    "errorType": "Function.ResponseSizeTooLarge",
    "errorMessage": "Response payload size exceeded maximum allowed payload size"
    f" ({ANSWER_BYTES} bytes).",
}


def limit_payloads() -> Callable[[], None]:
    """Refuse what Lambda refuses, and return what undoes it."""
    functions = inside("services.lambda_svc")
    original = functions._execute_function  # noqa: SLF001

    def execute(function: object, event: Mapping[str, Any]) -> dict[str, Any]:
        if _size(event) > REQUEST_BYTES and "requestContext" in event:
            return {"error": True, "body": _TOO_LARGE, "log": ""}
        result: dict[str, Any] = original(function, event)
        if not result.get("error") and _size(result.get("body")) > ANSWER_BYTES:
            return {**result, "error": True, "body": _NO_ANSWER}
        return result

    functions._execute_function = execute  # noqa: SLF001
    return lambda: setattr(functions, "_execute_function", original)


def _size(payload: object) -> int:
    """Return how many bytes a payload is as JSON, which bytes are already."""
    if isinstance(payload, bytes):
        return len(payload)
    text = json.dumps(payload, ensure_ascii=False)
    return len(text) if text.isascii() else len(text.encode())
