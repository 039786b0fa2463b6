"""A case for everything that a check can find: the answers of AWS that are changed, and what is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.doctor.canned import OUTPUTS, Canned, distribution, render_policy, target
from tintype.aws.errors import AccessDeniedError, NotFoundError, UnavailableError
from tintype.doctor.checks.table import run_checks
from tintype.doctor.findings import Finding

NOW = datetime.now(UTC)


def found(**answers: object) -> list[Finding]:
    return [one for one in run_checks(target(**answers)) if isinstance(one, Finding)]


def dead_letters(*bodies: str) -> dict[str, object]:
    """Return the answers where so many dead letters lie in each queue's."""

    def attributes(called: Any) -> Any:
        attributes = Canned().ask("sqs", "get_queue_attributes", **called)["Attributes"]
        number = len(bodies) if called["QueueUrl"].endswith("process-dead") else 0
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
    def configured(called: Any) -> Any:
        return Canned().ask("lambda", "get_function_configuration", **called) | parts  # type: ignore[operator] # a dict

    return {"get_function_configuration": configured}


def key(moment: datetime) -> dict[str, object]:
    expires = int(moment.timestamp())
    return {"list_api_keys": {"apiKeys": [{"id": OUTPUTS["GraphqlApiKey"], "expires": expires}]}}


def errors(first: int, last: int) -> list[dict[str, object]]:
    """Return the log's events of those numbers."""
    return [{"message": f"ERROR {n}", "timestamp": n} for n in range(first, last + 1)]


def certificate(**parts: object) -> dict[str, object]:
    return {"describe_certificate": {"Certificate": {"Status": "ISSUED", **parts}}}


def points(queue: str | None = None, **values: float) -> dict[str, object]:
    """Return the answers where metrics have these values; with *queue* those of that queue alone."""

    def measured(called: Any) -> Any:
        is_meant = queue in {None, called["Dimensions"][0]["Value"]}
        value = values.get(called["MetricName"]) if is_meant else None
        point = {"Timestamp": NOW, "Sum": value, "Maximum": value}
        return {"Datapoints": [] if value is None else [point]}

    return {"get_metric_statistics": measured}


GONE = NotFoundError("it is not there", service="any", operation="Question")


def without_queue(url: str) -> Callable[[Any], Any]:
    """Return the attributes of every queue but one, which is gone."""

    def attributes(called: Any) -> Any:
        if called["QueueUrl"] == url:
            return GONE
        return Canned().ask("sqs", "get_queue_attributes", **called)

    return attributes


def policies(function: str, policy: object) -> dict[str, object]:
    """Return the answers where a function has this policy, and the others theirs."""

    def policy_of(called: Any) -> Any:
        if called["FunctionName"] == function:
            return {"Policy": json.dumps(policy)}
        return Canned().ask("lambda", "get_policy", **called)

    return {"get_policy": policy_of}


def changed(part: str, change: Callable[[Any], object]) -> dict[str, object]:
    """Return the answers where *change* was made to each item of a list of the distribution."""
    config = deepcopy(distribution()["Distribution"]["DistributionConfig"])
    for item in config[part]["Items"]:
        change(item)
    return {"get_distribution": distribution(**config)}


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
    "function gone": ({"get_function_configuration": GONE}, "part_missing", "process-1"),
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
    "queue gone": ({"get_queue_attributes": GONE}, "part_missing", "process queue"),
    "messages waiting": (
        points(ApproximateAgeOfOldestMessage=3180.0),
        "messages_wait",
        "53 minutes",
    ),
    "failures waiting": (
        points("process-failed", ApproximateAgeOfOldestMessage=960.0),
        "messages_wait",
        "16 minutes in the process-failed queue",
    ),
    "failed queue gone": (
        {"get_queue_attributes": without_queue(OUTPUTS["ProcessFailedQueueUrl"])},
        "part_missing",
        "process-failed queue",
    ),
    "background queue gone": (
        {"get_queue_attributes": without_queue(OUTPUTS["BackgroundQueueUrl"])},
        "part_missing",
        "background queue",
    ),
    "no source": (
        {"list_event_source_mappings": {"EventSourceMappings": []}},
        "source_missing",
        "event source",
    ),
    "dead letter": (dead_letters("hello", "hello again"), "dead_letters", "2 dead letters"),
    "dead letters, some our own": (
        dead_letters('{"key": "originals/1/tintype-doctor-1.png"}', "hello"),
        "dead_letters",
        "hello",
    ),
    "dead letters, all our own": (
        dead_letters('{"key": "originals/1/tintype-doctor-1.png"}'),
        "own_dead_letters",
        "1 dead letter",
    ),
    "original without a record": (
        {
            "list_objects_v2": {
                "Contents": [{"Key": "a.jpg", "Size": 9, "LastModified": NOW - timedelta(hours=2)}]
            }
        },
        "originals_unrecorded",
        "a.jpg",
    ),
    "HTTP API gone": ({"get_routes": GONE}, "part_missing", "a1b2c3"),
    "route elsewhere": (
        {"get_integrations": {"Items": [{"IntegrationId": "i", "IntegrationUri": OUTSIDE}]}},
        "route_missing",
        "no integration",
    ),
    "CDN may not call": (
        policies("render-1", render_policy("lambda:InvokeFunction")),
        "function_closed",
        "does not allow lambda:InvokeFunctionUrl",
    ),
    "CDN may call, but not by the URL": (
        policies("render-1", render_policy("lambda:InvokeFunctionUrl")),
        "function_closed",
        "does not allow lambda:InvokeFunction.",
    ),
    "render function's URL gone": (
        {"get_function_url_config": GONE},
        "part_missing",
        "render function's URL",
    ),
    "another function's URL": (
        {"get_function_url_config": {"FunctionUrl": "https://efgh.lambda-url.x.on.aws/"}},
        "origin_wrong",
        "/i/* uses renditions-1.s3.eu-central-1.amazonaws.com and then abcd.lambda-url",
    ),
    "no origin group": (
        {"get_distribution": distribution(OriginGroups={"Quantity": 0})},
        "origin_wrong",
        "/p/* uses no origin group",
    ),
    "origin group that asks nobody": (
        changed(
            "OriginGroups",
            lambda group: group["FailoverCriteria"]["StatusCodes"].update(Items=[500]),
        ),
        "origin_wrong",
        "does not ask the render function",
    ),
    "origins without access control": (
        changed("Origins", lambda origin: origin.pop("OriginAccessControlId", None)),
        "function_closed",
        "does not sign its requests for /i/*",
    ),
    "a path without its function": (
        changed(
            "CacheBehaviors",
            lambda one: one["PathPattern"] == "/private/*" and one.pop("FunctionAssociations"),
        ),
        "edge_function_missing",
        "/private/* runs no function",
    ),
    "a path with another function": (
        changed(
            "CacheBehaviors",
            lambda one: (
                one["PathPattern"] == "/i/*"
                and one["FunctionAssociations"]["Items"][0].update(FunctionARN="arn:another")
            ),
        ),
        "edge_function_missing",
        "/i/* runs arn:another",
    ),
    "function closed": ({"get_policy": GONE}, "function_closed", "REVERT_DRIFT"),
    "GraphQL API gone": ({"get_graphql_api": GONE}, "part_missing", "g1"),
    "key gone": (UNKNOWN_KEY, "key_gone", "da2-ab…"),
    "key expired": (key(NOW - timedelta(days=1)), "key_expired", "expired on"),
    "key expires": (key(NOW + timedelta(days=4)), "key_expires", "has not done so"),
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
    "signing keys gone": (
        {"get_signing_keys": {}},
        "signing_keys_missing",
        "--rotate-signing-keys",
    ),
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
        {
            "describe_alarms": AccessDeniedError(
                "no", service="cloudwatch", operation="DescribeAlarms"
            )
        },
        "not_seen",
        "cloudwatch:DescribeAlarms",
    ),
    "unanswered": (
        {
            "describe_alarms": UnavailableError(
                "Throttling", service="cloudwatch", operation="DescribeAlarms"
            )
        },
        "not_seen",
        "Throttling",
    ),
}
