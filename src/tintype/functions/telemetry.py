"""What the functions say of themselves: one JSON line an outcome, with its metrics in it.

CloudWatch reads metrics out of log lines that carry an `_aws` object (CloudWatch User Guide,
"Embedded metric format specification"): no call, no agent, no library.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from enum import StrEnum
from time import time

import msgspec

NAMESPACE = "Tintype"
DIMENSION = (
    "FunctionName"  # as Lambda's own metrics have it; unique where two stacks share an account
)


class Level(StrEnum):
    """How loud a line is."""

    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class Unit(StrEnum):
    """The units of our metrics, as CloudWatch calls them."""

    COUNT = "Count"
    MILLISECONDS = "Milliseconds"
    BYTES = "Bytes"


# Every metric there is; docs/operations.md lists them.
METRICS = {
    "Ready": Unit.COUNT,
    "Failed": Unit.COUNT,
    "Deleted": Unit.COUNT,
    "Renditions": Unit.COUNT,
    "RenderMilliseconds": Unit.MILLISECONDS,
    "WaitMilliseconds": Unit.MILLISECONDS,
    "OriginalBytes": Unit.BYTES,
    "Recorded": Unit.COUNT,
    "Unannounced": Unit.COUNT,
    "Requests": Unit.COUNT,
    "Refused": Unit.COUNT,
    "Errors": Unit.COUNT,
    "RequestMilliseconds": Unit.MILLISECONDS,
}


def report(
    function: str,
    message: str,
    *,
    level: Level = Level.INFO,
    metrics: Mapping[str, float | None] | None = None,
    **facts: object,
) -> None:
    """Write one line: what happened, the facts by name, and the metrics among them.

    Never give it bytes, tokens or signed addresses.
    """
    counted = {name: value for name, value in (metrics or {}).items() if value is not None}
    line: dict[str, object] = {
        "level": level,
        "function": function,
        "message": message,
        **{name: value for name, value in facts.items() if value is not None},
        **counted,
    }
    if counted:
        line[DIMENSION] = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", function)
        line["_aws"] = _embedded(counted)
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
    sys.stdout.flush()


def report_crash(
    function: str,
    error: Exception,
    *,
    metrics: Mapping[str, float | None] | None = None,
    **facts: object,
) -> None:
    """Write one line about what nobody has foreseen, with its trace."""
    from traceback import format_exception  # noqa: PLC0415 - hardly ever needed

    # Not repr: that of some errors has the bytes in it that they are about.
    message, trace = f"{type(error).__name__}: {error}", "".join(format_exception(error))
    report(function, message, level=Level.ERROR, metrics=metrics, **facts, trace=trace)


def _embedded(counted: Mapping[str, float]) -> dict[str, object]:
    return {
        "Timestamp": int(time() * 1000),
        "CloudWatchMetrics": [
            {
                "Namespace": NAMESPACE,
                "Dimensions": [[DIMENSION]],
                "Metrics": [{"Name": name, "Unit": METRICS[name]} for name in counted],
            }
        ],
    }
