"""The alarms: each describes the problem and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from constructs import Construct

from tintype.config import Service
from tintype.functions.logging import DIMENSION, NAMESPACE
from tintype_infra.cfn_resources import cfn_resource
from tintype_infra.choice import NOTHING, when_given
from tintype_infra.http_api import HttpApi
from tintype_infra.queues import Jobs

PERIOD = Duration.minutes(5)
FAILURES = 5  # retries take care of single failures
# Longer than a delayed sweep (15 minutes, if SQS counts those) and than five tries for which Lambda
# did not start a function: an operator must look.
OLDEST_MINUTES = 45
# Longer than one failed try to record a failure, which hides the message for ten minutes. Shorter
# than three, after which SQS omits a message from this metric ("Available CloudWatch metrics for
# SQS").
OLDEST_FAILED_MINUTES = 15
SLOW_SHARE = 0.8  # of the render function's timeout
# Whose throttles mean something else than that another function takes too much.
_THROTTLED = {
    "render": (
        "Requests for pictures of new sizes were refused with 429, since render_concurrency of them "
        "were being rendered. A few are harmless: the next request gets the picture. If they "
        "continue, look in the render function's log for who asks for what, set unsigned of "
        "[delivery] to presets or none, or raise render_concurrency in tintype.toml."
    )
}


def watch(
    scope: Construct,
    service: Service,
    *,
    functions: Mapping[str, lambda_.Function],
    jobs: Mapping[str, Jobs],
    http_api: HttpApi,
) -> sns.Topic | None:
    """Create all alarms, notifying the settings' address if there is one; return their topic."""
    place = Construct(scope, "Alarms")
    alarms = [
        *_queue_alarms(place, jobs, functions),
        *_function_alarms(place, functions),
        _slow_alarm(place, functions["render"]),
        _api_alarm(place, http_api),
    ]
    somebody = when_given(scope, "HasAlarmEmail", service.alarm_email)
    if not somebody.may_hold:
        return None
    topic = _topic(place)
    address = cast("str", service.alarm_email)
    sns.Subscription(
        topic, "Email", topic=topic, protocol=sns.SubscriptionProtocol.EMAIL, endpoint=address
    )
    somebody.decides(topic)
    action = somebody.text(topic.topic_arn, NOTHING)
    for alarm in alarms:
        cfn_resource(alarm, cloudwatch.CfnAlarm).alarm_actions = [action]
    return topic


def _topic(scope: Construct) -> sns.Topic:
    """Return the topic that alarms of this account may publish to.

    SNS's default policy allows the topic's own account. Ours replaces it, to refuse requests
    without TLS, so it must allow CloudWatch explicitly.
    """
    topic = sns.Topic(scope, "Topic", enforce_ssl=True)
    here = f"{Aws.PARTITION}:cloudwatch:{Aws.REGION}:{Aws.ACCOUNT_ID}"
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={
                "ArnLike": {"aws:SourceArn": f"arn:{here}:alarm:*"},
                "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
            },
        )
    )
    return topic


def _queue_alarms(
    scope: Construct, jobs: Mapping[str, Jobs], functions: Mapping[str, lambda_.Function]
) -> Iterator[cloudwatch.Alarm]:
    for name, job in jobs.items():
        yield _alarm(
            scope,
            f"{name.title()}DeadLetters",
            job.dead_letters.metric_approximate_number_of_messages_visible(period=PERIOD),
            f"Messages of the {name} queue failed on every try. Look up their image_id in the {name} "
            "function's log, fix the cause, then run `tintype redrive`.",
        )
        yield _alarm(
            scope,
            f"{name.title()}Failures",
            cloudwatch.Metric(
                namespace=NAMESPACE,
                metric_name="Errors",
                dimensions_map={DIMENSION: functions[name].function_name},
                statistic="Sum",
                period=PERIOD,
            ),
            f"{FAILURES} messages of the {name} queue failed within five minutes and will be retried. "
            f"See the ERROR lines in the {name} function's log.",
            threshold=FAILURES,
        )
        yield _alarm(
            scope,
            f"{name.title()}Waiting",
            job.queue.metric_approximate_age_of_oldest_message(period=PERIOD),
            f"A message has waited {OLDEST_MINUTES} minutes in the {name} queue. Either the {name} "
            "function fails (see its alarms), or its concurrency is too low for the load: raise "
            f"{name}_concurrency in tintype.toml.",
            threshold=OLDEST_MINUTES * 60,
        )
        if job.failed:
            yield _alarm(
                scope,
                f"{name.title()}FailedWaiting",
                job.failed.metric_approximate_age_of_oldest_message(period=PERIOD),
                f"A message that failed on every try has waited {OLDEST_FAILED_MINUTES} minutes for the "
                "catalogue function to record that its image failed. See the ERROR lines in that "
                "function's log, and run `tintype doctor` to check that its event source is enabled.",
                threshold=OLDEST_FAILED_MINUTES * 60,
            )


def _function_alarms(
    scope: Construct, functions: Mapping[str, lambda_.Function]
) -> Iterator[cloudwatch.Alarm]:
    for name, function in functions.items():
        yield _alarm(
            scope,
            f"{name.title()}Errors",
            function.metric_errors(period=PERIOD),
            f"The {name} function ended with an error. Its log group has the traceback. A single "
            "error whose retry succeeded needs no action.",
        )
        yield _alarm(
            scope,
            f"{name.title()}Throttles",
            function.metric_throttles(period=PERIOD),
            _THROTTLED.get(name)
            or f"Lambda throttled the {name} function: the account's concurrency or its own reserved "
            "concurrency is exhausted. Request a higher quota, or lower the other functions' "
            "concurrency in tintype.toml.",
        )


def _slow_alarm(scope: Construct, render: lambda_.Function) -> cloudwatch.Alarm:
    seconds = cast("Duration", render.timeout).to_seconds()
    return _alarm(
        scope,
        "RenderSlow",
        render.metric_duration(period=PERIOD, statistic="Maximum"),
        f"A picture took more than {SLOW_SHARE:.0%} of the {seconds:g} seconds that the render function "
        "has. Beyond that, its viewer gets an error. Raise render_memory_mib in tintype.toml, which "
        "brings more CPU, or lower max_pixels of [limits].",
        threshold=SLOW_SHARE * seconds * 1_000,
    )


def _api_alarm(scope: Construct, http_api: HttpApi) -> cloudwatch.Alarm:
    return _alarm(
        scope,
        "ApiServerErrors",
        http_api.stage.metric_server_error(period=PERIOD, statistic="Sum"),
        "The HTTP API returned a 5xx status. If the api function reported no error at the same "
        "time, a request took longer than 29 seconds.",
    )


def _alarm(
    scope: Construct,
    name: str,
    metric: cloudwatch.IMetric,
    description: str,
    *,
    threshold: float = 1,
) -> cloudwatch.Alarm:
    return cloudwatch.Alarm(
        scope,
        name,
        metric=metric,
        alarm_description=description,
        threshold=threshold,
        evaluation_periods=1,
        comparison_operator=(cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD),
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
