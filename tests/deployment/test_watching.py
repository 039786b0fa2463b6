"""An operation on a stack is watched until its end, with what failed and what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.deployment.conftest import Stubbed
from tintype.deployment.advice import advice_for
from tintype.deployment.events import STACK_TYPE, Operation, Progress

ARN = "arn:aws:cloudformation:eu-central-1:123456789012:stack/tintype/1"
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def event(
    number: int, name: str, status: str, kind: str = "AWS::SQS::Queue", reason: str = ""
) -> dict[str, Any]:
    return {
        "StackId": ARN,
        "StackName": "tintype",
        "EventId": str(number),
        "Timestamp": NOW,
        "LogicalResourceId": name,
        "PhysicalResourceId": ARN if kind == STACK_TYPE else name,
        "ResourceType": kind,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


class Told:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[Progress] = []

    def __call__(self, progress: Progress, /) -> None:
        self.heard.append(progress)


def goes_on(stubbed: Stubbed, status: str, *events: dict[str, Any], reason: str = "") -> None:
    """Let one look at the stack find it so, with these events, newest first."""
    stack = {
        "StackName": "tintype",
        "StackId": ARN,
        "StackStatus": status,
        "StackStatusReason": reason,
        "CreationTime": NOW,
    }
    stubbed.respond_with("cloudformation", "describe_stacks", {"Stacks": [stack]}, StackName=ARN)
    stubbed.respond_with(
        "cloudformation", "describe_stack_events", {"StackEvents": list(events)}, StackName=ARN
    )


def test_progress_counts_each_resource_once(stubbed: Stubbed) -> None:
    watcher = Told()
    begun = event(1, "Queue", "CREATE_IN_PROGRESS")
    again = event(2, "Queue", "CREATE_IN_PROGRESS")
    made = event(3, "Queue", "CREATE_COMPLETE")
    table = event(4, "Table", "CREATE_COMPLETE")
    done = event(5, "tintype", "CREATE_COMPLETE", STACK_TYPE)
    goes_on(stubbed, "CREATE_IN_PROGRESS", again, begun)
    goes_on(stubbed, "CREATE_IN_PROGRESS", made, again, begun)
    goes_on(stubbed, "CREATE_COMPLETE", done, table, made, again, begun)

    facts = Operation(stubbed.clients, ARN, total=2, watcher=watcher).wait()

    assert facts is not None
    assert facts.status == "CREATE_COMPLETE"
    assert [(each.done, each.total) for each in watcher.heard] == [(0, 2), (1, 2), (2, 2)]


def test_events_of_earlier_times_do_not_count(stubbed: Stubbed) -> None:
    old = event(1, "Queue", "CREATE_FAILED", reason="long ago")
    fresh = event(2, "Queue", "UPDATE_COMPLETE")
    stubbed.respond_with("cloudformation", "describe_stack_events", {"StackEvents": [old]})
    # Just after the request CloudFormation may still tell the status of before.
    goes_on(stubbed, "CREATE_COMPLETE", old)
    goes_on(stubbed, "UPDATE_COMPLETE", fresh, old)

    operation = Operation(stubbed.clients, ARN)
    operation.about_to_begin()
    facts = operation.wait()

    assert facts is not None
    assert facts.status == "UPDATE_COMPLETE"
    assert operation.failures == []


def test_failure_is_told_with_its_reason_and_what_to_do(stubbed: Stubbed) -> None:
    watcher = Told()
    goes_on(
        stubbed,
        "ROLLBACK_COMPLETE",
        event(4, "Table", "DELETE_COMPLETE"),
        event(3, "tintype", "ROLLBACK_IN_PROGRESS", STACK_TYPE, "The following failed"),
        event(2, "Table", "CREATE_FAILED", reason="Resource creation cancelled"),
        event(
            1,
            "FunctionsProcessEDDAD867",
            "CREATE_FAILED",
            "AWS::Lambda::Function",
            "'MemorySize' value failed to satisfy constraint: less than or equal to 3008",
        ),
    )

    operation = Operation(stubbed.clients, ARN, watcher=watcher)
    facts = operation.wait()
    lines = str(operation.error(facts, "tintype could not be created")).splitlines()

    assert lines[0] == "tintype could not be created: the stack is ROLLBACK_COMPLETE"
    which = "FunctionsProcessEDDAD867, AWS::Lambda::Function"
    assert lines[1].startswith(f"  process function ({which}): 'MemorySize'")
    assert "set process_memory_mib = 3008" in lines[2]
    assert len(lines) == 3
    assert watcher.heard[-1].going_back


def test_operation_that_was_under_way_is_not_taken_for_the_one_before_it(stubbed: Stubbed) -> None:
    watcher = Told()
    earlier = [
        event(4, "tintype", "UPDATE_ROLLBACK_COMPLETE", STACK_TYPE),
        event(3, "tintype", "UPDATE_ROLLBACK_IN_PROGRESS", STACK_TYPE),
        event(2, "Queue", "UPDATE_FAILED", reason="long ago"),
        event(1, "tintype", "UPDATE_IN_PROGRESS", STACK_TYPE),
    ]
    begun = [
        event(6, "Table", "UPDATE_COMPLETE"),
        event(5, "tintype", "UPDATE_IN_PROGRESS", STACK_TYPE),
    ]
    goes_on(stubbed, "UPDATE_IN_PROGRESS", *begun, *earlier)
    goes_on(stubbed, "UPDATE_COMPLETE", *begun, *earlier)

    operation = Operation(stubbed.clients, ARN, watcher=watcher)
    operation.wait()

    assert [(each.done, each.going_back) for each in watcher.heard] == [
        (1, False),
        (1, False),
    ]
    assert operation.failures == []


def test_stack_that_has_gone_is_none(stubbed: Stubbed) -> None:
    goes_on(stubbed, "DELETE_COMPLETE", event(1, "Queue", "DELETE_COMPLETE"))

    assert Operation(stubbed.clients, ARN).wait() is None


def test_cleaning_up_is_not_waited_for_where_nobody_needs_it(stubbed: Stubbed) -> None:
    goes_on(stubbed, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")

    facts = Operation(stubbed.clients, ARN, ends_before_cleanup=True).wait()

    assert facts is not None


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("decreases account's UnreservedConcurrentExecution below its minimum", "reserve"),
        ("User: arn:aws:iam::1:user/a is not authorized to perform: sqs:CreateQueue", "permission"),
        ("One or more of the CNAMEs you provided are already associated", "alias"),
        ("Your account must be verified before you can add new CloudFront resources", "AWS Support"),
        ("You have attempted to create more buckets than allowed (TooManyBuckets)", "Service Quotas"),
        ("The bucket you tried to delete is not empty", "again"),
        ("Rate exceeded", "again"),
    ],
)  # fmt: skip
def test_usual_reasons_have_an_advice(reason: str, words: str) -> None:
    assert words in advice_for("AWS::Any::Thing", reason)


def test_unknown_reason_has_none() -> None:
    assert advice_for("AWS::Any::Thing", "something else") == ""
