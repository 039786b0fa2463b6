"""The functions' logs: one JSON line per outcome, including its metrics.

CloudWatch extracts metrics from log lines that carry an `_aws` object (CloudWatch User Guide,
"Embedded metric format specification"), so no call, agent or library is needed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from time import time

import msgspec

from tintype import traces

NAMESPACE = "Tintype"
DIMENSION = "FunctionName"  # as in Lambda's own metrics; unique if two stacks share an account


class Level(StrEnum):
    """The severity of a log line."""

    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class Unit(StrEnum):
    """The units of the metrics, by CloudWatch's names."""

    COUNT = "Count"
    MILLISECONDS = "Milliseconds"
    BYTES = "Bytes"


# All metrics; docs/how-to/operate.md lists them.
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


_JOB: ContextVar[dict[str, object] | None] = ContextVar("job", default=None)


@contextmanager
def job() -> Iterator[None]:
    """Add what `note` is given to every line logged within; at first that is Lambda's trace."""
    own = traces.root(os.environ.get("_X_AMZN_TRACE_ID", "")) or traces.new(datetime.now(UTC))
    token = _JOB.set({"trace_id": own})
    try:
        yield
    finally:
        _JOB.reset(token)


def note(**facts: object) -> None:
    """Add these facts to all later lines of this job; a line's own facts take precedence."""
    noted = _JOB.get()
    if noted is not None:
        noted.update((name, value) for name, value in facts.items() if value is not None)


def note_trace(trace_id: str) -> None:
    """Add the trace of the originating request to all later lines of this job."""
    note(trace_id=trace_id)


def trace() -> str | None:
    """Return the trace of this job, if known."""
    return traces.known(str((_JOB.get() or {}).get("trace_id")))


def report(
    function: str,
    message: str,
    *,
    level: Level = Level.INFO,
    metrics: Mapping[str, float | None] | None = None,
    **facts: object,
) -> None:
    """Log one line: what happened, with named facts and metrics.

    Never pass it bytes, tokens or signed URLs.
    """
    counted = {name: value for name, value in (metrics or {}).items() if value is not None}
    line: dict[str, object] = {
        "level": level,
        "function": function,
        "message": message,
        **(_JOB.get() or {}),
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
    """Log one line about an unexpected error, with its traceback."""
    from traceback import format_exception  # noqa: PLC0415 - rarely needed

    # Not repr: for some errors it contains the offending bytes.
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
