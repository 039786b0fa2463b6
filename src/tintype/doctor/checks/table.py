"""The table of checks: the name of each, the permissions it needs, and what it proves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

from tintype.aws.errors import AccessDeniedError, NotFoundError, ServiceError
from tintype.doctor import alarm
from tintype.doctor.checks import any_size, apis, cdn, functions, images, private, queues, stack
from tintype.doctor.findings import Fact, Finding
from tintype.doctor.stack import StackUnderTest

AT_ONCE = 8

Act: TypeAlias = Callable[[StackUnderTest], Iterator[Finding | Fact]]


@dataclass(frozen=True, slots=True)
class Check:
    """One check; *act* reads and changes nothing."""

    name: str
    needs: tuple[str, ...]
    proves: str
    act: Act


CHECKS = (
    Check(
        "stack",
        (
            "cloudformation:DescribeStacks",
            "cloudformation:DescribeStackResourceDrifts",
        ),
        "CloudFormation has completed what it began",
        stack.stack_state,
    ),
    Check(
        "functions",
        ("lambda:GetFunctionConfiguration", "lambda:GetFunctionConcurrency"),
        "every function exists, is active, and may run",
        functions.functions,
    ),
    Check(
        "table",
        ("dynamodb:DescribeTable",),
        "the images table exists, with its indexes",
        stack.table,
    ),
    Check(
        "buckets",
        ("s3:GetBucketNotification",),
        "the buckets notify their queues",
        queues.buckets,
    ),
    Check(
        "queues",
        ("sqs:GetQueueAttributes", "cloudwatch:GetMetricStatistics"),
        "the queues admit their buckets, and no message waits for long",
        queues.queues,
    ),
    Check(
        "sources",
        ("lambda:GetFunctionConfiguration", "lambda:ListEventSourceMappings"),
        "each queue has an event source to its function",
        queues.sources,
    ),
    Check(
        "dead letters",
        ("sqs:GetQueueAttributes", "sqs:ReceiveMessage", "dynamodb:GetItem"),
        "no message has failed for good",
        queues.dead_letters,
    ),
    Check(
        "images",
        ("dynamodb:GetItem", "dynamodb:Query", "s3:ListBucket", "sqs:GetQueueAttributes"),
        "no image is stuck, and every original has a record",
        images.images,
    ),
    Check(
        "HTTP API",
        ("apigateway:GET", "lambda:GetFunctionConfiguration", "lambda:GetPolicy"),
        "the HTTP API leads to the api function and may invoke it",
        apis.http_api,
    ),
    Check(
        "GraphQL API",
        ("appsync:GetGraphqlApi", "appsync:ListApiKeys", "appsync:ListResolvers"),
        "the GraphQL API has its key and its resolvers",
        apis.graphql,
    ),
    Check(
        "CDN",
        ("cloudfront:GetDistribution",),
        "the distribution is enabled and its origins are right",
        cdn.distribution,
    ),
    Check(
        "any size",
        (
            "cloudfront:GetDistribution",
            "lambda:GetFunctionConfiguration",
            "lambda:GetFunctionUrlConfig",
            "lambda:GetPolicy",
        ),
        "addresses of any size reach the bucket and the render function",
        any_size.any_size,
    ),
    Check(
        "bucket policies",
        ("s3:GetBucketPolicy",),
        "the buckets admit the CDN",
        cdn.bucket_policies,
    ),
    Check(
        "private addresses",
        ("dynamodb:GetItem",),
        "the CDN refuses private addresses without a signature, and takes those signed now",
        private.private_addresses,
    ),
    Check(
        "site",
        ("s3:ListBucket", "s3:GetObject"),
        "the page is in its bucket and knows this stack",
        cdn.site,
    ),
    Check(
        "domain",
        ("cloudfront:GetDistribution", "acm:DescribeCertificate"),
        "the domain leads to the distribution, with a valid certificate",
        cdn.domain,
    ),
    Check(
        "logs",
        ("lambda:GetFunctionConfiguration", "logs:FilterLogEvents"),
        "no function has logged an error in 15 minutes",
        functions.logs,
    ),
    Check(
        "throttles",
        ("lambda:GetFunctionConfiguration", "cloudwatch:GetMetricStatistics"),
        "Lambda has not throttled a function",
        functions.throttles,
    ),
    Check(
        "alarms",
        ("cloudformation:ListStackResources", "cloudwatch:DescribeAlarms"),
        "no alarm rings",
        stack.alarms,
    ),
)
# On request only: an alarm rings for some seconds.
BELL = Check(
    "bell",
    (
        "cloudformation:ListStackResources",
        "cloudwatch:DescribeAlarmHistory",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:SetAlarmState",
        "sns:ListSubscriptionsByTopic",
    ),
    "alarms are delivered",
    alarm.ring,
)
# What the canary itself may change: checked again if a step failed.
MOVING = frozenset({"queues", "logs", "dead letters"})


def run_checks(target: StackUnderTest, checks: Sequence[Check] = CHECKS) -> list[Finding | Fact]:
    """Return what the checks find, in their order; a check that cannot run is a finding too."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="look") as pool:
        return [
            one
            for found in pool.map(lambda each: _run_check(target, each), checks)
            for one in found
        ]


def _run_check(target: StackUnderTest, each: Check) -> list[Finding | Fact]:
    found: list[Finding | Fact] = []
    try:
        found.extend(each.act(target))
    except ServiceError as error:
        found.append(_unseen(each, error))
    return found


def _unseen(each: Check, error: ServiceError) -> Finding:
    if isinstance(error, AccessDeniedError):
        remedy = f"Allow these credentials {', '.join(each.needs)}."
        why = f"no permission for {error.service}:{error.operation}"
    else:
        remedy = "Run the doctor again."
        why = str(error)
        if isinstance(error, NotFoundError):
            remedy = "Another finding names what is missing."
    return Finding(
        code="not_seen", message=f"Not checked whether {each.proves}: {why}.", remedy=remedy
    )
