"""Checks of the stack as a whole: CloudFormation's state of it, its alarms, and its table."""

from __future__ import annotations

from collections.abc import Iterator

from tintype.aws.dynamodb import INDEX, NAME_INDEX
from tintype.aws.errors import NotFoundError
from tintype.doctor.findings import Fact, Finding
from tintype.doctor.stack import USES_TABLE, AwsResponse, StackUnderTest

INDEXES = (INDEX, NAME_INDEX)
_BROKEN = ("FAILED", "DELETE_COMPLETE")
_NEVER_MADE = frozenset({"ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"})


def stack_state(target: StackUnderTest) -> Iterator[Finding | Fact]:
    """Check that CloudFormation has completed what it began."""
    stack: AwsResponse = target.ask("cloudformation", "describe_stacks", StackName=target.stack)[
        "Stacks"
    ][0]
    status, reason = str(stack["StackStatus"]), str(stack.get("StackStatusReason") or "")
    if status.endswith(_BROKEN) or status in _NEVER_MADE:
        yield Finding(
            code="stack_failed",
            message=f"CloudFormation left stack {target.stack} in the state {status}.",
            remedy=target.command(
                "cloudformation", "describe-stack-events", "--stack-name", target.stack
            ),
            evidence=(f"{status}: {reason}".rstrip(": "),),
        )
    elif status.endswith("IN_PROGRESS"):
        yield Finding(
            code="stack_changing",
            message=f"CloudFormation is changing stack {target.stack}: {status}.",
            remedy="Wait until it is done, then run the doctor again.",
        )
    else:
        yield Fact(f"stack {target.stack}", status)
    if stack.get("DriftInformation", {}).get("StackDriftStatus") == "DRIFTED":
        yield _drift(target)


def _drift(target: StackUnderTest) -> Finding:
    """Return what the last drift detection found: a new one takes minutes."""
    drifts = target.ask(
        "cloudformation",
        "describe_stack_resource_drifts",
        StackName=target.stack,
        StackResourceDriftStatusFilters=["MODIFIED", "DELETED"],
    )["StackResourceDrifts"]
    return Finding(
        code="stack_drifted",
        message=f"Parts of stack {target.stack} differ from its template.",
        remedy=target.command("cloudformation", "detect-stack-drift", "--stack-name", target.stack),
        evidence=tuple(
            f"{one['LogicalResourceId']}: {one['StackResourceDriftStatus']}" for one in drifts
        ),
    )


def alarms(target: StackUnderTest) -> Iterator[Finding | Fact]:
    """Check that no alarm of the stack rings; each describes what to do."""
    there = list(alarms_of(target))
    ringing = [alarm for alarm in there if alarm["StateValue"] == "ALARM"]
    for alarm in ringing:
        yield Finding(
            code="alarm_rings",
            message=f"The alarm {alarm['AlarmName']} rings.",
            remedy=str(alarm.get("AlarmDescription") or ""),
            evidence=(str(alarm.get("StateReason") or ""),),
        )
    if there and not ringing:
        yield Fact("alarms", f"none of {len(there)} rings")


def alarms_of(target: StackUnderTest) -> Iterator[AwsResponse]:
    """Yield the alarms of the stack as CloudWatch describes them."""
    names = _alarm_names(target)
    for start in range(0, len(names), 100):
        some = names[start : start + 100]
        answer = target.ask("cloudwatch", "describe_alarms", AlarmNames=some, MaxRecords=100)
        yield from answer["MetricAlarms"]


def _alarm_names(target: StackUnderTest) -> list[str]:
    pages = target.aws.pages("cloudformation", "list_stack_resources", StackName=target.stack)
    return [
        str(one["PhysicalResourceId"])
        for page in pages
        for one in page["StackResourceSummaries"]
        if one["ResourceType"] == "AWS::CloudWatch::Alarm" and one.get("PhysicalResourceId")
    ]


def table(target: StackUnderTest) -> Iterator[Finding | Fact]:
    """Check that the images table exists, with the indexes for lists and names."""
    try:
        found: AwsResponse = target.ask("dynamodb", "describe_table", TableName=target.table)[
            "Table"
        ]
    except NotFoundError as error:
        then = "" if target.is_local else f" Then run: {target.tintype('reindex')}"
        yield target.missing(f"images table {target.table}", error, USES_TABLE, then)
        return
    indexes = {one["IndexName"]: one for one in found.get("GlobalSecondaryIndexes", [])}
    states = {f"The images table {target.table}": str(found["TableStatus"])}
    for name in INDEXES:
        status = str(indexes.get(name, {}).get("IndexStatus", "ACTIVE"))
        states[f"The index {name} of the images table"] = status
    for part, status in states.items():
        if status not in {"ACTIVE", "UPDATING"}:
            yield Finding(
                code="part_inactive",
                message=f"{part} is {status}.",
                remedy="Wait if it is being created; otherwise read its events in the console.",
                explains=USES_TABLE,
            )
    missing = [name for name in INDEXES if name not in indexes]
    for name in missing:
        yield Finding(
            code="index_missing",
            message=f"The images table {target.table} has no index {name}.",
            remedy=target.put_back,
            evidence=(f"indexes: {', '.join(indexes) or 'none'}",),
            explains=USES_TABLE,
        )
    if not missing and found["TableStatus"] == "ACTIVE":
        yield Fact("images table", f"ACTIVE, about {found.get('ItemCount', 0):,} records")
