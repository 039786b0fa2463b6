"""What the functions say of themselves: one JSON line an outcome, with its metrics in it.

CloudWatch reads metrics out of log lines that carry an `_aws` object (CloudWatch User Guide,
"Embedded metric format specification"): no call, no agent, no library.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import StrEnum
from time import time

import msgspec

NAMESPACE = "Tintype"


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
        line["_aws"] = _embedded(counted)
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
    sys.stdout.flush()


def _embedded(counted: Mapping[str, float]) -> dict[str, object]:
    return {
        "Timestamp": int(time() * 1000),
        "CloudWatchMetrics": [
            {
                "Namespace": NAMESPACE,
                "Dimensions": [["function"]],
                "Metrics": [{"Name": name, "Unit": METRICS[name]} for name in counted],
            }
        ],
    }
