"""The table of looks: what each is called, what IAM must allow for it, and what it proves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

from tintype.doctor import (
    bell,
    looks_at_cdn,
    looks_at_doors,
    looks_at_functions,
    looks_at_queues,
    looks_at_stack,
)
from tintype.doctor.case import Case, GoneError, LookError, NotAllowedError
from tintype.doctor.findings import Fact, Finding

AT_ONCE = 8

Act: TypeAlias = Callable[[Case], Iterator[Finding | Fact]]


@dataclass(frozen=True, slots=True)
class Look:
    """One look inside; *act* reads, and changes nothing."""

    name: str
    needs: tuple[str, ...]
    proves: str
    act: Act


LOOKS = (
    Look(
        "stack",
        (
            "cloudformation:DescribeStacks",
            "cloudformation:DescribeStackResourceDrifts",
        ),
        "CloudFormation has done what it began",
        looks_at_stack.stack_state,
    ),
    Look(
        "functions",
        ("lambda:GetFunctionConfiguration", "lambda:GetFunctionConcurrency"),
        "every function is there, active, and may run",
        looks_at_functions.functions,
    ),
    Look(
        "roles",
        (
            "lambda:GetFunctionConfiguration",
            "appsync:ListDataSources",
            "iam:SimulatePrincipalPolicy",
        ),
        "every role may do what it needs",
        looks_at_functions.roles,
    ),
    Look(
        "table",
        ("dynamodb:DescribeTable",),
        "the images table is there, with its index",
        looks_at_stack.table,
    ),
    Look(
        "buckets",
        ("s3:GetBucketNotification",),
        "the buckets tell their queues what comes",
        looks_at_queues.buckets,
    ),
    Look(
        "queues",
        ("sqs:GetQueueAttributes", "cloudwatch:GetMetricStatistics"),
        "the queues let their buckets in, and nothing waits for long",
        looks_at_queues.queues,
    ),
    Look(
        "sources",
        ("lambda:GetFunctionConfiguration", "lambda:ListEventSourceMappings"),
        "something takes the queues' messages to their functions",
        looks_at_queues.sources,
    ),
    Look(
        "dead letters",
        ("sqs:GetQueueAttributes", "sqs:ReceiveMessage", "dynamodb:GetItem"),
        "no message has failed for good",
        looks_at_queues.dead_letters,
    ),
    Look(
        "HTTP API",
        ("apigateway:GET", "lambda:GetFunctionConfiguration", "lambda:GetPolicy"),
        "the HTTP API leads to the api function, and may call it",
        looks_at_doors.http_api,
    ),
    Look(
        "GraphQL API",
        ("appsync:GetGraphqlApi", "appsync:ListApiKeys", "appsync:ListResolvers"),
        "the GraphQL API has its key and its resolvers",
        looks_at_doors.graphql,
    ),
    Look(
        "CDN",
        ("cloudfront:GetDistribution",),
        "the distribution is on, and its origins are right",
        looks_at_cdn.distribution,
    ),
    Look(
        "bucket policies",
        ("s3:GetBucketPolicy",),
        "the buckets let the CDN in",
        looks_at_cdn.leave,
    ),
    Look(
        "site",
        ("s3:ListBucket", "s3:GetObject"),
        "the page is in its bucket, and knows this stack",
        looks_at_cdn.site,
    ),
    Look(
        "domain",
        ("cloudfront:GetDistribution", "acm:DescribeCertificate"),
        "the domain leads to the distribution, with a good certificate",
        looks_at_cdn.domain,
    ),
    Look(
        "logs",
        ("lambda:GetFunctionConfiguration", "logs:FilterLogEvents"),
        "no function has logged errors in 15 minutes",
        looks_at_functions.logs,
    ),
    Look(
        "throttles",
        ("lambda:GetFunctionConfiguration", "cloudwatch:GetMetricStatistics"),
        "Lambda has run the functions when asked to",
        looks_at_functions.throttles,
    ),
    Look(
        "alarms",
        ("cloudformation:ListStackResources", "cloudwatch:DescribeAlarms"),
        "no alarm rings",
        looks_at_stack.alarms,
    ),
)
# Only where it is asked for: for some seconds an alarm rings.
BELL = Look(
    "bell",
    (
        "cloudformation:ListStackResources",
        "cloudwatch:DescribeAlarmHistory",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:SetAlarmState",
        "sns:ListSubscriptionsByTopic",
    ),
    "an alarm is sent",
    bell.ring,
)
# What the journey itself may change: looked at again where it broke.
MOVING = frozenset({"queues", "logs", "dead letters"})


def look(case: Case, looks: Sequence[Look] = LOOKS) -> list[Finding | Fact]:
    """Return all that the looks find, in their order; what cannot be looked at is a finding too."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="look") as pool:
        return [one for found in pool.map(lambda each: _looked(case, each), looks) for one in found]


def _looked(case: Case, each: Look) -> list[Finding | Fact]:
    found: list[Finding | Fact] = []
    try:
        found.extend(each.act(case))
    except LookError as error:
        found.append(_unseen(each, error))
    return found


def _unseen(each: Look, error: LookError) -> Finding:
    if isinstance(error, NotAllowedError):
        remedy = f"Allow your credentials {', '.join(each.needs)}."
        why = f"these credentials may not call {error.action}"
    else:
        remedy = "Ask the doctor again."
        why = f"{error.action}: {error}"
        if isinstance(error, GoneError):
            remedy = "Another finding says what is gone."
    return Finding(
        code="not_seen", message=f"Not seen whether {each.proves}: {why}.", remedy=remedy
    )
