"""Checks of the functions: do they run, and what do they log?"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice

from tintype.aws.errors import NotFoundError
from tintype.doctor.findings import Fact, Finding, Step
from tintype.doctor.stack import FUNCTIONS, SERVES, AwsResponse, StackUnderTest

RECENT = timedelta(minutes=15)
# What marks an error: our own and Python's word, and Lambda's for a lack of time or memory. Three
# queries, as CloudWatch Logs combines several terms with "and".
TROUBLE = ("ERROR", '"Task timed out"', '"Runtime exited"')
QUOTED = 3  # lines of each function
PAGES = 20  # of each query; a page covers at most 1 MB of log, and may be empty
KEPT = 50  # lines of each query
LINE_LENGTH = 240
_ANSWERED = re.compile(r"[A-Z]+ (?:/\S* )?\d{3}")  # the line of each request to an API
_UNANNOUNCED = '"unannounced"'


def functions(target: StackUnderTest) -> Iterator[Finding | Fact]:
    """Check that every function exists, is active, and may run."""
    for name in FUNCTIONS:
        found = target.functions.get(name)
        if found is None:
            part = f"{name} function {target.function(name)}"
            yield target.missing(part, None, SERVES[name])
        else:
            yield from _state(target, name, found)


def _state(target: StackUnderTest, name: str, found: AwsResponse) -> Iterator[Finding | Fact]:
    state, update = found.get("State", "Active"), found.get("LastUpdateStatus", "Successful")
    reason = str(found.get("StateReason") or found.get("LastUpdateStatusReason") or "")
    if "Failed" in {state, update}:
        yield Finding(
            code="part_inactive",
            message=f"The {name} function is {state}; its last update was {update}.",
            remedy=f"{target.deploy_again} deploys it again",
            evidence=(reason,),
            explains=SERVES[name],
        )
    elif state == "Pending" or update == "InProgress":
        yield Finding(
            code="part_changing",
            message=f"The {name} function is being updated: {reason or state}",
            remedy="Wait a minute, then run the doctor again.",
        )
    limits = target.ask("lambda", "get_function_concurrency", FunctionName=target.function(name))
    if limits.get("ReservedConcurrentExecutions") == 0:
        yield Finding(
            code="function_stopped",
            message=f"The {name} function cannot run: its reserved concurrency is 0.",
            remedy=target.command(
                "lambda", "delete-function-concurrency", "--function-name", target.function(name)
            ),
            explains=SERVES[name],
        )
        return
    yield Fact(f"{name} function", f"{state}, {found['MemorySize']} MiB, {found['Timeout']} s")


def logs(target: StackUnderTest, *, since: datetime | None = None) -> Iterator[Finding | Fact]:
    """Check that no function has logged an error lately; quote the last ones."""
    start = since or datetime.now(UTC) - RECENT
    for name, found in target.functions.items():
        lines = _lines(target, found, start, *TROUBLE)
        if lines:
            yield Finding(
                code="function_fails",
                message=f"The {name} function fails: {_cause(lines)}",
                remedy=target.command("logs", "tail", _log_group(found), "--since", "15m"),
                evidence=tuple(lines[-QUOTED:]),
                explains=SERVES[name],
            )
        else:
            yield Fact(f"{name} function", f"no error since {start:%H:%M} UTC")
    if "catalogue" in target.functions:
        yield from _unannounced(target, start)


def _cause(lines: list[str]) -> str:
    """Return the last line that says more than how a request was answered.

    >>> _cause(["s3 GetObject: AccessDenied", "s3 PutObject: AccessDenied", "GET 500"])
    's3 PutObject: AccessDenied'
    """
    return next((line for line in reversed(lines) if not _ANSWERED.fullmatch(line)), lines[-1])


def _unannounced(target: StackUnderTest, start: datetime) -> Iterator[Finding]:
    found = target.functions["catalogue"]
    lines = [one for one in _lines(target, found, start, _UNANNOUNCED) if "not announced" in one]
    if lines:
        yield Finding(
            code="unannounced",
            message=f"The catalogue function could not announce changes: {lines[-1]}",
            remedy=target.command("logs", "tail", _log_group(found), "--since", "15m"),
            evidence=tuple(lines[-QUOTED:]),
            explains=frozenset({Step.ANNOUNCEMENT}),
        )


def _lines(
    target: StackUnderTest, found: AwsResponse, start: datetime, *patterns: str
) -> list[str]:
    """Return the last lines with one of these patterns, the newest last, shortened."""
    lines: dict[str, float] = {}
    for pattern in patterns:
        try:
            # The oldest come first.
            last = deque(_said(target, found, start, pattern), maxlen=KEPT)
        except NotFoundError:
            return []  # nothing was ever logged there
        for line, moment in last:
            lines[line] = max(moment, lines.get(line, 0))
    return sorted(lines, key=lambda line: lines[line])


def _said(
    target: StackUnderTest, found: AwsResponse, start: datetime, pattern: str
) -> Iterator[tuple[str, float]]:
    """Yield each line worth quoting, with its time."""
    pages = target.aws.pages(
        "logs",
        "filter_log_events",
        logGroupName=_log_group(found),
        filterPattern=pattern,
        startTime=int(start.timestamp() * 1000),
    )
    for page in islice(pages, PAGES):
        for event in page["events"]:
            line = quoted(str(event["message"]))
            if line:
                yield line, event["timestamp"]


def quoted(line: str) -> str:
    """Return a log line for people to read; nothing if it is only source code.

    >>> quoted('{"level":"ERROR","message":"s3 PutObject: AccessDenied","code":"access_denied"}')
    's3 PutObject: AccessDenied (access_denied)'
    """
    text = line.strip()
    if text.startswith("{"):
        try:
            facts = json.loads(text)
        except (ValueError, RecursionError):
            return text[:LINE_LENGTH]
        if facts.get("unannounced"):
            return f"{facts.get('image_id')} was not announced: {facts['unannounced']}"[
                :LINE_LENGTH
            ]
        if facts.get("level") != "ERROR":
            return ""
        code = f" ({facts['code']})" if facts.get("code") else ""
        return f"{facts.get('message')}{code}"[:LINE_LENGTH]
    # A traceback arrives line by line; those between are source code.
    is_source = text.startswith(("File ", "raise ", "Traceback", "^", "at "))
    return "" if is_source else text[:LINE_LENGTH]


def throttles(target: StackUnderTest) -> Iterator[Finding | Fact]:
    """Check that Lambda has not throttled a function."""
    now = datetime.now(UTC)
    for name in target.functions:
        answer = target.ask(
            "cloudwatch",
            "get_metric_statistics",
            Namespace="AWS/Lambda",
            MetricName="Throttles",
            Dimensions=[{"Name": "FunctionName", "Value": target.function(name)}],
            StartTime=now - RECENT,
            EndTime=now,
            Period=300,
            Statistics=["Sum"],
        )
        refused = int(sum(point["Sum"] for point in answer["Datapoints"]))
        if refused:
            yield Finding(
                code="function_throttled",
                message=f"Lambda throttled the {name} function {refused} times in 15 minutes.",
                remedy="Raise its concurrency, or request a higher quota of concurrent executions.",
                explains=SERVES[name],
            )


def _log_group(found: AwsResponse) -> str:
    config: Mapping[str, str] = found.get("LoggingConfig") or {}
    return config.get("LogGroup") or f"/aws/lambda/{found['FunctionName']}"
