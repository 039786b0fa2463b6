"""Looking at the functions: do they run, what do they log, and may their roles do what they need?"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from tintype.doctor.case import FUNCTIONS, SERVES, Answer, Case, GoneError
from tintype.doctor.findings import Fact, Finding, Station
from tintype.doctor.privileges import PRIVILEGES, Privilege, arn_of

RECENT = timedelta(minutes=15)
# What lines of trouble have in them: ours and Python's own, Lambda's of time, Lambda's of memory.
# Three questions, as CloudWatch Logs joins several terms by "and".
TROUBLE = ("ERROR", '"Task timed out"', '"Runtime exited"')
QUOTED = 3  # lines of each function
PAGES = 20  # that are read for each question; a page is of 1 MB of log at most, and may be empty
KEPT = 50  # lines of each question
LINE_LENGTH = 240
_UNANNOUNCED = '"unannounced"'


def functions(case: Case) -> Iterator[Finding | Fact]:
    """Prove that every function is there, active, and may run at all."""
    for name in FUNCTIONS:
        found = case.functions.get(name)
        if found is None:
            yield Finding(
                code="part_missing",
                message=f"The {name} function {case.function(name)} is not there any more.",
                remedy=case.put_back,
                explains=SERVES[name],
            )
        else:
            yield from _state(case, name, found)


def _state(case: Case, name: str, found: Answer) -> Iterator[Finding | Fact]:
    state, update = found.get("State", "Active"), found.get("LastUpdateStatus", "Successful")
    reason = str(found.get("StateReason") or found.get("LastUpdateStatusReason") or "")
    if "Failed" in {state, update}:
        yield Finding(
            code="part_inactive",
            message=f"The {name} function is {state}, its last update {update}.",
            remedy=f"{case.deploy_again} deploys it again",
            evidence=(reason,),
            explains=SERVES[name],
        )
    elif state == "Pending" or update == "InProgress":
        yield Finding(
            code="part_changing",
            message=f"The {name} function is being updated: {reason or state}",
            remedy="Wait a minute, then ask the doctor again.",
        )
    limits = case.ask("lambda", "get_function_concurrency", FunctionName=case.function(name))
    if limits.get("ReservedConcurrentExecutions") == 0:
        yield Finding(
            code="function_stopped",
            message=f"The {name} function is stopped: its reserved concurrency is 0.",
            remedy=case.command(
                "lambda", "delete-function-concurrency", "--function-name", case.function(name)
            ),
            explains=SERVES[name],
        )
        return
    yield Fact(f"{name} function", f"{state}, {found['MemorySize']} MiB, {found['Timeout']} s")


def logs(case: Case, *, since: datetime | None = None) -> Iterator[Finding | Fact]:
    """Prove that no function has logged an error lately; quote the last ones."""
    start = since or datetime.now(UTC) - RECENT
    for name, found in case.functions.items():
        lines = _lines(case, found, start, *TROUBLE)
        if lines:
            yield Finding(
                code="function_fails",
                message=f"The {name} function fails: {lines[-1]}",
                remedy=case.command("logs", "tail", _log_group(found), "--since", "15m"),
                evidence=tuple(lines[-QUOTED:]),
                explains=SERVES[name],
            )
        else:
            yield Fact(f"{name} function", f"no error since {start:%H:%M} UTC")
    if "catalogue" in case.functions:
        yield from _unannounced(case, start)


def _unannounced(case: Case, start: datetime) -> Iterator[Finding]:
    found = case.functions["catalogue"]
    lines = [one for one in _lines(case, found, start, _UNANNOUNCED) if "not announced" in one]
    if lines:
        yield Finding(
            code="unannounced",
            message=f"The catalogue function could not announce changes: {lines[-1]}",
            remedy=case.command("logs", "tail", _log_group(found), "--since", "15m"),
            evidence=tuple(lines[-QUOTED:]),
            explains=frozenset({Station.ANNOUNCEMENT}),
        )


def _lines(case: Case, found: Answer, start: datetime, *patterns: str) -> list[str]:
    """Return the last lines with one of these patterns, the newest last, shortened."""
    lines: dict[str, float] = {}
    for pattern in patterns:
        try:
            # The oldest come first.
            last = deque(_said(case, found, start, pattern), maxlen=KEPT)
        except GoneError:
            return []  # nothing was ever logged there
        for line, moment in last:
            lines[line] = max(moment, lines.get(line, 0))
    return sorted(lines, key=lambda line: lines[line])


def _said(case: Case, found: Answer, start: datetime, pattern: str) -> Iterator[tuple[str, float]]:
    """Yield each line that is worth quoting, and its moment."""
    page: dict[str, object] = {}
    for _ in range(PAGES):
        answer = case.ask(
            "logs",
            "filter_log_events",
            logGroupName=_log_group(found),
            filterPattern=pattern,
            startTime=int(start.timestamp() * 1000),
            **page,
        )
        for event in answer["events"]:
            line = quoted(str(event["message"]))
            if line:
                yield line, event["timestamp"]
        if not answer.get("nextToken"):
            return
        page = {"nextToken": answer["nextToken"]}


def quoted(line: str) -> str:
    """Return what a log line says, as one that people read; nothing if it is only source code.

    >>> quoted('{"level":"ERROR","message":"s3 PutObject: AccessDenied","code":"access_denied"}')
    's3 PutObject: AccessDenied (access_denied)'
    """
    text = line.strip()
    if text.startswith("{"):
        try:
            facts = json.loads(text)
        except ValueError:
            return text[:LINE_LENGTH]
        if facts.get("unannounced"):
            return f"{facts.get('image_id')} was not announced: {facts['unannounced']}"[
                :LINE_LENGTH
            ]
        if facts.get("level") != "ERROR":
            return ""
        code = f" ({facts['code']})" if facts.get("code") else ""
        return f"{facts.get('message')}{code}"[:LINE_LENGTH]
    # A trace comes line by line; those between are places in files.
    is_source = text.startswith(("File ", "raise ", "Traceback", "^", "at "))
    return "" if is_source else text[:LINE_LENGTH]


def throttles(case: Case) -> Iterator[Finding | Fact]:
    """Prove that Lambda ran every function when it was asked to."""
    now = datetime.now(UTC)
    for name in case.functions:
        answer = case.ask(
            "cloudwatch",
            "get_metric_statistics",
            Namespace="AWS/Lambda",
            MetricName="Throttles",
            Dimensions=[{"Name": "FunctionName", "Value": case.function(name)}],
            StartTime=now - RECENT,
            EndTime=now,
            Period=300,
            Statistics=["Sum"],
        )
        refused = int(sum(point["Sum"] for point in answer["Datapoints"]))
        if refused:
            yield Finding(
                code="function_throttled",
                message=f"Lambda refused to run the {name} function {refused} times in 15 minutes.",
                remedy="Raise its concurrency, or ask AWS for a higher quota of concurrent runs.",
                explains=SERVES[name],
            )


def roles(case: Case) -> Iterator[Finding | Fact]:
    """Prove by IAM's own simulation that the roles may do all that docs/permissions.md has."""
    arns = {f"{name} function": str(found["Role"]) for name, found in case.functions.items()}
    reader = _reader_role(case)
    if reader:
        arns["GraphQL API"] = reader
    for who, role in arns.items():
        lacking = _lacking(case, role, [one for one in PRIVILEGES if one.who == who])
        if lacking:
            yield _lacks(case, who, role, lacking)
        else:
            yield Fact(who, "its role may do what it needs")


def _lacks(case: Case, who: str, role: str, lacking: list[Privilege]) -> Finding:
    said = ", ".join(f"{one.action} on the {one.on}" for one in lacking)
    statements = [
        {"Effect": "Allow", "Action": one.action, "Resource": arn_of(one, case)} for one in lacking
    ]
    return Finding(
        code="role_lacks",
        message=f"The role of the {who} may not do what it needs: {said}.",
        remedy=case.command(
            "iam",
            "put-role-policy",
            "--role-name",
            role.rpartition("/")[2],
            "--policy-name",
            "put-back",
            policy_document={"Version": "2012-10-17", "Statement": statements},
        ),
        evidence=(role,),
        explains=SERVES.get(who.removesuffix(" function"), frozenset({Station.QUERY})),
    )


def _lacking(case: Case, role: str, needs: Sequence[Privilege]) -> list[Privilege]:
    """Return what a role may not do; IAM is asked once for each resource."""
    actions: dict[str, list[Privilege]] = {}
    for need in needs:
        actions.setdefault(arn_of(need, case), []).append(need)
    lacking = []
    for arn, wanted in actions.items():
        answer = case.ask(
            "iam",
            "simulate_principal_policy",
            PolicySourceArn=role,
            ActionNames=[one.action for one in wanted],
            ResourceArns=[arn],
        )
        decisions = {
            one["EvalActionName"]: one["EvalDecision"] for one in answer["EvaluationResults"]
        }
        lacking += [one for one in wanted if decisions.get(one.action) != "allowed"]
    return lacking


def _reader_role(case: Case) -> str | None:
    sources = case.ask("appsync", "list_data_sources", apiId=case.outputs["GraphqlApiId"])
    roles_ = [one["serviceRoleArn"] for one in sources["dataSources"] if one.get("serviceRoleArn")]
    return str(roles_[0]) if roles_ else None


def _log_group(found: Answer) -> str:
    config: Mapping[str, str] = found.get("LoggingConfig") or {}
    return config.get("LogGroup") or f"/aws/lambda/{found['FunctionName']}"
