"""The dashboard: one row per stage of the flow."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from tintype_infra.http_api import HttpApi
from tintype_infra.queues import Jobs

WIDTH = 8  # of 24 columns
PERIOD = Duration.minutes(5)


def dashboard(
    scope: Construct,
    *,
    functions: Mapping[str, lambda_.Function],
    jobs: Mapping[str, Jobs],
    http_api: HttpApi,
) -> cloudwatch.Dashboard:
    """Return the dashboard: requests, then queues, then functions."""
    return cloudwatch.Dashboard(
        scope,
        "Dashboard",
        default_interval=Duration.days(1),
        widgets=[
            _requests(http_api),
            [_queue(name, job) for name, job in jobs.items()],
            [_function(name, function) for name, function in functions.items()],
        ],
    )


def _requests(http_api: HttpApi) -> list[cloudwatch.IWidget]:
    stage = http_api.stage
    counts: list[cloudwatch.IMetric] = [
        stage.metric_count(period=PERIOD, label="all"),
        stage.metric_client_error(period=PERIOD, label="refused (4xx)"),
        stage.metric_server_error(period=PERIOD, label="failed (5xx)"),
    ]
    times: list[cloudwatch.IMetric] = [
        stage.metric_latency(period=PERIOD, statistic=share, label=share) for share in SHARES
    ]
    return [_graph("Requests", counts), _graph("Latency", times)]


def _queue(name: str, jobs: Jobs) -> cloudwatch.IWidget:
    return _graph(
        f"{name.title()} queue",
        [
            jobs.queue.metric_approximate_number_of_messages_visible(
                period=PERIOD, label="waiting"
            ),
            jobs.queue.metric_approximate_number_of_messages_not_visible(
                period=PERIOD, label="in progress"
            ),
            jobs.dead_letters.metric_approximate_number_of_messages_visible(
                period=PERIOD, label="dead letters"
            ),
        ],
        [
            jobs.queue.metric_approximate_age_of_oldest_message(
                period=PERIOD, label="oldest (seconds)"
            )
        ],
    )


def _function(name: str, function: lambda_.Function) -> cloudwatch.IWidget:
    return _graph(
        f"{name.title()} function",
        [
            function.metric_invocations(period=PERIOD, label="runs"),
            function.metric_errors(period=PERIOD, label="errors"),
            function.metric_throttles(period=PERIOD, label="throttled"),
        ],
        [
            function.metric_duration(period=PERIOD, statistic=share, label=f"{share} (ms)")
            for share in SHARES
        ],
    )


def _graph(
    title: str,
    left: list[cloudwatch.IMetric],
    right: list[cloudwatch.IMetric] | None = None,
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=left, right=right, width=WIDTH)


SHARES = ("p50", "p99")
