"""What each look makes of AWS's answers: a stack that is well, and one answer after the other changed.

What the emulator can break is broken in tests/cloud/test_doctor.py; here is the rest.
"""

from __future__ import annotations

import json
import re
import socket
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer.main

from tests.doctor.canned import OUTPUTS, Canned, case, distribution
from tintype.cli.main import app
from tintype.cli.stacks import LOCAL_NAME
from tintype.doctor.case import DOORS, LOCAL, PARTS, GoneError, NotAllowedError, UnansweredError
from tintype.doctor.findings import Fact, Finding, Station, Weight
from tintype.doctor.looks import LOOKS, MOVING, look
from tintype.doctor.looks_at_functions import PAGES

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _names_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [])


def found(**answers: object) -> list[Finding]:
    return [one for one in look(case(**answers)) if isinstance(one, Finding)]


def letters(*bodies: str) -> dict[str, object]:
    """Return the answers where so many dead letters lie in each queue's."""

    def attributes(asked: Any) -> Any:
        attributes = Canned().ask("sqs", "get_queue_attributes", **asked)["Attributes"]
        number = len(bodies) if asked["QueueUrl"].endswith("develop-dead") else 0
        return {"Attributes": {**attributes, "ApproximateNumberOfMessages": str(number)}}

    messages = [{"MessageId": str(number), "Body": body} for number, body in enumerate(bodies)]
    return {"get_queue_attributes": attributes, "receive_message": {"Messages": messages}}


def alarm(**parts: str) -> dict[str, object]:
    return {
        "describe_alarms": {
            "MetricAlarms": [{"AlarmName": "waiting", "StateValue": "ALARM"} | parts]
        }
    }


def stack(status: str, **parts: object) -> dict[str, object]:
    return {"describe_stacks": {"Stacks": [{"StackStatus": status, **parts}]}}


def table(**parts: object) -> dict[str, object]:
    return {"describe_table": {"Table": {"TableStatus": "ACTIVE", **parts}}}


def index(status: str) -> list[object]:
    return [{"IndexName": name, "IndexStatus": status} for name in ("byOwner", "byFilename")]


def function(**parts: str) -> dict[str, object]:
    def configured(asked: Any) -> Any:
        return Canned().ask("lambda", "get_function_configuration", **asked) | parts  # type: ignore[operator] # a dict

    return {"get_function_configuration": configured}


def key(moment: datetime) -> dict[str, object]:
    expires = int(moment.timestamp())
    return {"list_api_keys": {"apiKeys": [{"id": OUTPUTS["GraphqlApiKey"], "expires": expires}]}}


def errors(first: int, last: int) -> list[dict[str, object]]:
    """Return the log's events of those numbers."""
    return [{"message": f"ERROR {n}", "timestamp": n} for n in range(first, last + 1)]


def certificate(**parts: object) -> dict[str, object]:
    return {"describe_certificate": {"Certificate": {"Status": "ISSUED", **parts}}}


def points(**values: float) -> dict[str, object]:
    def measured(asked: Any) -> Any:
        value = values.get(asked["MetricName"])
        point = {"Timestamp": NOW, "Sum": value, "Maximum": value}
        return {"Datapoints": [] if value is None else [point]}

    return {"get_metric_statistics": measured}


GONE = GoneError("any:Question", "it is not there")
DRIFTS = {
    "describe_stack_resource_drifts": {
        "StackResourceDrifts": [
            {"LogicalResourceId": "Queue", "StackResourceDriftStatus": "DELETED"}
        ]
    }
}
UNKNOWN_KEY: dict[str, object] = {
    "list_api_keys": {"apiKeys": [{"id": "da2-zyxwvu", "expires": 4_000_000_000}]}
}
COMMAND = r"tintype (?:deploy|redrive|reindex)\b[^;&]*"
COMMANDS: Any = vars(typer.main.get_command(app))["commands"]
OUTSIDE = "arn:aws:lambda:eu-central-1:1:function:another"

# What is answered instead, the code of what is found, and a part of what it says.
CASES: dict[str, tuple[dict[str, object], str, str]] = {
    "stack half made": (stack("UPDATE_ROLLBACK_FAILED"), "stack_failed", "UPDATE_ROLLBACK_FAILED"),
    "stack never made": (stack("ROLLBACK_COMPLETE"), "stack_failed", "ROLLBACK_COMPLETE"),
    "stack changing": (stack("UPDATE_IN_PROGRESS"), "stack_changing", "UPDATE_IN_PROGRESS"),
    "stack drifted": (
        stack("UPDATE_COMPLETE", DriftInformation={"StackDriftStatus": "DRIFTED"}) | DRIFTS,
        "stack_drifted",
        "Queue: DELETED",
    ),
    "alarm": (alarm(AlarmDescription="Do something."), "alarm_rings", "Do something."),
    "function gone": ({"get_function_configuration": GONE}, "part_missing", "develop-1"),
    "function failed": (
        function(State="Failed", StateReason="its image is gone"),
        "part_inactive",
        "its image is gone",
    ),
    "function updating": (function(LastUpdateStatus="InProgress"), "part_changing", "updated"),
    "throttled": (points(Throttles=37), "function_throttled", "37 times"),
    "table gone": ({"describe_table": GONE}, "part_missing", "reindex"),
    "table being made": (table(TableStatus="CREATING"), "part_inactive", "CREATING"),
    "index gone": (table(), "index_missing", "byOwner"),
    "one index gone": (
        table(GlobalSecondaryIndexes=index("ACTIVE")[:1]),
        "index_missing",
        "byFilename",
    ),
    "index being made": (
        table(GlobalSecondaryIndexes=index("CREATING")),
        "part_inactive",
        "index byOwner",
    ),
    "bucket gone": (
        {"get_bucket_notification_configuration": GONE},
        "part_missing",
        "originals bucket",
    ),
    "queue gone": ({"get_queue_attributes": GONE}, "part_missing", "develop queue"),
    "messages waiting": (
        points(ApproximateAgeOfOldestMessage=3180.0),
        "messages_wait",
        "53 minutes",
    ),
    "no source": (
        {"list_event_source_mappings": {"EventSourceMappings": []}},
        "source_missing",
        "event source",
    ),
    "dead letter": (letters("hello", "hello again"), "dead_letters", "2 dead letters"),
    "dead letters, some our own": (
        letters('{"key": "originals/1/tintype-doctor-1.png"}', "hello"),
        "dead_letters",
        "hello",
    ),
    "dead letters, all our own": (
        letters('{"key": "originals/1/tintype-doctor-1.png"}'),
        "own_letters",
        "1 dead letter",
    ),
    "HTTP API gone": ({"get_routes": GONE}, "part_missing", "a1b2c3"),
    "route elsewhere": (
        {"get_integrations": {"Items": [{"IntegrationId": "i", "IntegrationUri": OUTSIDE}]}},
        "route_missing",
        "no integration",
    ),
    "function closed": ({"get_policy": GONE}, "function_closed", "add-permission"),
    "GraphQL API gone": ({"get_graphql_api": GONE}, "part_missing", "g1"),
    "key gone": (UNKNOWN_KEY, "key_gone", "da2-ab…"),
    "key expired": (key(NOW - timedelta(days=1)), "key_expired", "expired on"),
    "key expires": (key(NOW + timedelta(days=4)), "key_expires", "nothing has renewed it"),
    "no resolvers": ({"list_resolvers": {"resolvers": []}}, "resolver_missing", "Query.image"),
    "distribution gone": ({"get_distribution": GONE}, "part_missing", "E123"),
    "distribution without access control": (
        {
            "get_distribution": distribution(
                Origins={"Items": [{"Id": "renditions", "DomainName": "renditions-1.s3.x"}]}
            )
        },
        "bucket_closed",
        "does not sign",
    ),
    "distribution without the API's path": (
        {"get_distribution": distribution(CacheBehaviors={"Items": []})},
        "origin_wrong",
        "the HTTP API",
    ),
    "bucket without a policy": ({"get_bucket_policy": GONE}, "bucket_closed", "site bucket"),
    "site bucket gone": ({"list_objects_v2": GONE}, "part_missing", "site-1"),
    "site empty": ({"list_objects_v2": {}}, "site_missing", "index.html"),
    "domain forgotten": (
        {"get_distribution": distribution(Aliases={"Items": []})},
        "domain_off",
        "images.example.com",
    ),
    "certificate over": (
        certificate(Status="EXPIRED", NotAfter=NOW - timedelta(days=2)),
        "certificate_invalid",
        "EXPIRED",
    ),
    "certificate not proven": (
        certificate(Status="PENDING_VALIDATION"),
        "certificate_invalid",
        "PENDING_VALIDATION",
    ),
    "certificate ends": (
        certificate(NotAfter=NOW + timedelta(days=5)),
        "certificate_expires",
        "images.example.com",
    ),
    "not allowed": (
        {"describe_alarms": NotAllowedError("cloudwatch:DescribeAlarms", "no")},
        "not_seen",
        "cloudwatch:DescribeAlarms",
    ),
    "unanswered": (
        {"describe_alarms": UnansweredError("cloudwatch:DescribeAlarms", "Throttling")},
        "not_seen",
        "Throttling",
    ),
}


def test_a_stack_that_is_well_gives_facts_alone() -> None:
    seen = look(case())

    assert [one for one in seen if isinstance(one, Finding)] == []
    assert len({one.part for one in seen if isinstance(one, Fact)}) > 10


@pytest.mark.parametrize("name", CASES)
def test_what_is_found(name: str) -> None:
    answers, code, says = CASES[name]

    seen = [one for one in found(**answers) if one.code == code]

    assert seen, found(**answers)
    told = " ".join(f"{one.message} {one.remedy} {' '.join(one.evidence)}" for one in seen)
    assert says in told
    assert all(one.remedy for one in seen)


def test_a_name_that_nobody_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_nothing(*_: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", find_nothing)

    (one,) = found()

    assert (one.code, "Name or service not known" in one.message) == ("domain_off", True)


def test_the_reason_of_a_dead_letter_is_the_record_s() -> None:
    body = {"command": "reprocess", "imageId": "01M7XPE600ABCDEFGHJKMNPQRS", "key": "a.jpg"}
    failure = {"M": {"code": {"S": "processing_crashed"}, "message": {"S": "it ended"}}}

    (one,) = found(**letters(json.dumps(body)), get_item={"Item": {"failure": failure}})

    assert one.evidence == ("reprocess a.jpg: processing_crashed: it ended",)


def test_lines_of_the_log_are_quoted_as_people_read_them() -> None:
    line = {"level": "ERROR", "message": "s3 PutObject: AccessDenied", "code": "access_denied"}
    trace = ["Traceback (most recent call last):", '  File "a.py", line 1', "ValueError: seven"]
    lines = [json.dumps(line), json.dumps({"level": "INFO", "Errors": 0}), *trace]
    events = [{"message": one, "timestamp": number} for number, one in enumerate(lines)]

    seen = found(filter_log_events={"events": events})

    assert {one.code for one in seen} == {"function_fails"}
    assert seen[0].evidence == (
        "s3 PutObject: AccessDenied (access_denied)",
        "ValueError: seven",
    )


def test_the_log_is_read_page_after_page_though_a_page_may_be_empty() -> None:
    pages = {
        None: {"events": [], "nextToken": "second"},
        "second": {"events": errors(1, 60), "nextToken": "third"},
        "third": {"events": errors(61, 62)},
    }

    seen = found(filter_log_events=lambda asked: pages[asked.get("nextToken")])

    assert seen[0].message == "The api function fails: ERROR 62"
    assert seen[0].evidence == ("ERROR 60", "ERROR 61", "ERROR 62")


def test_a_log_without_end_is_given_up() -> None:
    asked_for: list[str] = []

    def logged(asked: Any) -> Any:
        asked_for.append(f"{asked['logGroupName']} {asked['filterPattern']}")
        return {"events": [], "nextToken": "more"}

    assert found(filter_log_events=logged) == []
    assert set(Counter(asked_for).values()) == {PAGES}


def test_what_was_not_announced_is_told_of_the_catalogue_alone() -> None:
    line = {"level": "WARNING", "image_id": "01JD", "unannounced": "appsync GraphQL: refused"}
    events = [{"message": json.dumps(line), "timestamp": 1}]

    def logged(asked: Any) -> Any:
        return {"events": events if "unannounced" in asked["filterPattern"] else []}

    (one,) = found(filter_log_events=logged)

    assert (one.code, one.explains) == ("unannounced", frozenset({Station.ANNOUNCEMENT}))


def test_a_command_is_complete_and_for_the_right_region() -> None:
    (one, _) = found(list_event_source_mappings={"EventSourceMappings": []})

    assert one.remedy == (
        "aws --region eu-central-1 lambda create-event-source-mapping --function-name develop-1 "
        "--event-source-arn arn:aws:sqs:eu-central-1:123456789012:develop --batch-size 1 "
        "--function-response-types ReportBatchItemFailures"
    )


@pytest.mark.parametrize(
    ("endpoint", "place"),
    [(None, "--stack tintype --region eu-central-1"), ("http://localhost:4566", "--stack local")],
)
def test_a_command_of_ours_names_the_stack_that_was_examined(
    endpoint: str | None, place: str
) -> None:
    remedies = [
        one.remedy
        for answers, _, _ in CASES.values()
        for one in look(replace(case(**answers), endpoint=endpoint))
        if isinstance(one, Finding)
    ]
    ours = [words for one in remedies for words in re.findall(COMMAND, one)]

    assert {words.split()[1] for words in ours} >= {"redrive", "reindex"}
    assert [words for words in ours if not re.search(f"{place}( |$)", words)] == []
    for _, name, *options in {tuple(re.sub(f"{place}.*", place, one).split()) for one in ours}:
        COMMANDS[name].make_context(name, options)  # refuses what the command does not take


def test_the_local_cloud_is_called_as_the_command_line_calls_it() -> None:
    assert LOCAL == LOCAL_NAME


def test_a_deleted_key_is_made_anew_by_the_stack_before_the_page_is_published() -> None:
    stack = case(**UNKNOWN_KEY)

    (one,) = [one for one in look(stack) if isinstance(one, Finding)]

    deploy = "tintype deploy --stack tintype --region eu-central-1"
    assert one.code == "key_gone"
    assert one.remedy == f"{stack.put_back} Then {deploy} publishes the page with the new key."


def test_every_finding_that_may_break_a_station_says_which() -> None:
    unexplained = {"stack_failed", "dead_letters", "alarm_rings"}
    for answers, code, _ in CASES.values():
        for one in found(**answers):
            if one.code == code and one.weight is Weight.FAILS and code not in unexplained:
                assert one.explains or "dead-letter" in one.message, one


def test_the_outputs_that_are_looked_at_are_those_that_are_demanded() -> None:
    assert {*DOORS, *PARTS} == set(OUTPUTS)


def test_the_looks_that_are_repeated_are_in_the_table() -> None:
    assert {each.name for each in LOOKS} > MOVING


def test_the_page_lists_what_the_doctor_must_be_allowed() -> None:
    page = (Path(__file__).parents[2] / "docs" / "errors.md").read_text("utf-8")

    listed = page.partition("all of which only read")[2].partition("\n")[0]
    assert set(re.findall(r"`([a-z0-9]+:\w+)`", listed)) == {
        action for each in LOOKS for action in each.needs
    }
