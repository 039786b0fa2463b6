"""Looking at the stack as a whole: what CloudFormation says of it, and which of its alarms ring."""

from __future__ import annotations

from collections.abc import Iterator

from tintype.aws.dynamodb import INDEX, NAME_INDEX
from tintype.doctor.case import USES_TABLE, Answer, Case, GoneError
from tintype.doctor.findings import Fact, Finding
from tintype.images import OWNER_FILENAME

_BROKEN = ("FAILED", "DELETE_COMPLETE")
_NEVER_MADE = frozenset({"ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"})


def stack_state(case: Case) -> Iterator[Finding | Fact]:
    """Prove that CloudFormation has done what it began."""
    stack: Answer = case.ask("cloudformation", "describe_stacks", StackName=case.stack)["Stacks"][0]
    status, reason = str(stack["StackStatus"]), str(stack.get("StackStatusReason") or "")
    evidence = (f"{status}: {reason}".rstrip(": "),)
    if status.endswith(_BROKEN) or status in _NEVER_MADE:
        yield Finding(
            code="stack_failed",
            message=f"CloudFormation left stack {case.stack} in the state {status}.",
            remedy=case.command(
                "cloudformation", "describe-stack-events", "--stack-name", case.stack
            ),
            evidence=evidence,
        )
    elif status.endswith("IN_PROGRESS"):
        yield Finding(
            code="stack_changing",
            message=f"CloudFormation is at work on stack {case.stack}: {status}.",
            remedy="Wait until it is done, then ask the doctor again.",
        )
    else:
        yield Fact(f"stack {case.stack}", status)
    if stack.get("DriftInformation", {}).get("StackDriftStatus") == "DRIFTED":
        yield from _drift(case)


def _drift(case: Case) -> Iterator[Finding]:
    """Say what was changed by hand; a detection takes minutes, so it is the last one that counts."""
    drifts = case.ask(
        "cloudformation",
        "describe_stack_resource_drifts",
        StackName=case.stack,
        StackResourceDriftStatusFilters=["MODIFIED", "DELETED"],
    )["StackResourceDrifts"]
    yield Finding(
        code="stack_drifted",
        message=f"Parts of stack {case.stack} are not as its template has them.",
        remedy=case.command("cloudformation", "detect-stack-drift", "--stack-name", case.stack),
        evidence=tuple(
            f"{one['LogicalResourceId']}: {one['StackResourceDriftStatus']}" for one in drifts
        ),
    )


def alarms(case: Case) -> Iterator[Finding | Fact]:
    """Prove that no alarm of the stack rings; each says itself what to do."""
    there = list(alarms_of(case))
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


def alarms_of(case: Case) -> Iterator[Answer]:
    """Yield the alarms of the stack as CloudWatch describes them."""
    names = _alarm_names(case)
    for start in range(0, len(names), 100):
        some = names[start : start + 100]
        answer = case.ask("cloudwatch", "describe_alarms", AlarmNames=some, MaxRecords=100)
        yield from answer["MetricAlarms"]


def _alarm_names(case: Case) -> list[str]:
    names: list[str] = []
    page: dict[str, object] = {}
    while True:
        answer = case.ask("cloudformation", "list_stack_resources", StackName=case.stack, **page)
        names += [
            str(one["PhysicalResourceId"])
            for one in answer["StackResourceSummaries"]
            if one["ResourceType"] == "AWS::CloudWatch::Alarm" and one.get("PhysicalResourceId")
        ]
        if not answer.get("NextToken"):
            return names
        page = {"NextToken": answer["NextToken"]}


# The indexes of the images table: by which attribute each finds, and what of an item it has.
INDEXES = {INDEX: ("owner", "ALL"), NAME_INDEX: (OWNER_FILENAME, "KEYS_ONLY")}


def table(case: Case) -> Iterator[Finding | Fact]:
    """Prove that the images table is there, with the indexes that lists and names are read from."""
    try:
        found: Answer = case.ask("dynamodb", "describe_table", TableName=case.table)["Table"]
    except GoneError as error:
        yield Finding(
            code="part_missing",
            message=f"The images table {case.table} is not there any more.",
            remedy=f"{_table_again(case)} && {case.tintype('reindex')}",
            evidence=(f"{error.action}: {error}",),
            explains=USES_TABLE,
        )
        return
    indexes = {one["IndexName"]: one for one in found.get("GlobalSecondaryIndexes", [])}
    states = {f"The images table {case.table}": str(found["TableStatus"])}
    for name in INDEXES:
        status = str(indexes.get(name, {}).get("IndexStatus", "ACTIVE"))
        states[f"The index {name} of the images table"] = status
    for part, status in states.items():
        if status not in {"ACTIVE", "UPDATING"}:
            yield Finding(
                code="part_inactive",
                message=f"{part} is {status}.",
                remedy="Wait, if it is being made; else see what its events say in the console.",
                explains=USES_TABLE,
            )
    missing = [name for name in INDEXES if name not in indexes]
    for name in missing:
        yield Finding(
            code="index_missing",
            message=f"The images table {case.table} has no index {name}.",
            remedy=case.put_back,
            evidence=(f"indexes: {', '.join(indexes) or 'none'}",),
            explains=USES_TABLE,
        )
    if not missing and found["TableStatus"] == "ACTIVE":
        yield Fact("images table", f"ACTIVE, about {found.get('ItemCount', 0):,} records")


def _table_again(case: Case) -> str:
    """Return the command that makes the table anew: a table can have a name again that it had."""
    strings = [
        {"AttributeName": name, "AttributeType": "S"}
        for name in ("id", "owner", OWNER_FILENAME, "createdAt")
    ]
    indexes = [
        {
            "IndexName": name,
            "KeySchema": _key(attribute, "createdAt"),
            "Projection": {"ProjectionType": projection},
        }
        for name, (attribute, projection) in INDEXES.items()
    ]
    return case.command(
        "dynamodb",
        "create-table",
        "--table-name",
        case.table,
        "--billing-mode",
        "PAY_PER_REQUEST",
        attribute_definitions=strings,
        key_schema=_key("id"),
        global_secondary_indexes=indexes,
    )


def _key(*names: str) -> list[dict[str, str]]:
    kinds = ("HASH", "RANGE")
    return [
        {"AttributeName": name, "KeyType": kind} for name, kind in zip(names, kinds, strict=False)
    ]
