"""The queues: originals to process, manifests to catalogue, and messages that failed too often."""

from __future__ import annotations

from typing import cast

from aws_cdk import Aws, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from tintype.config.service import FAILURES_AT_ONCE
from tintype_infra.grants import grant
from tintype_infra.names import unique_name
from tintype_infra.timeouts import CATALOGUE_SECONDS, hidden_seconds

KEPT_DAYS = 14  # SQS's maximum, to outlast a function broken over a long weekend
CONSUMED_BY = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
RETRIED_BY = ("sqs:ChangeMessageVisibility",)
# If only a service can be at fault, never a picture, messages are retried for a day or more, up to
# SQS's maximum of receives.
ENDLESS_TRIES = 1_000
FAILED_SECONDS = 600  # between tries to record a failure
FAILED_BATCH = 10


class Jobs(Construct):
    """A queue of jobs, and a dead-letter queue for messages that an operator must look at."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        timeout_seconds: int,
        max_tries: int = ENDLESS_TRIES,
        failures_are_recorded: bool = False,
        has_background: bool = False,
    ) -> None:
        """Create the queues for a function with this timeout.

        With *failures_are_recorded*, failed messages do not become dead letters at once: Lambda
        counts a message as tried even if it could not start a function, so the image's failure must
        be recorded. They go to a queue in between, which the function in `recorded_by` reads.

        With *has_background* there is a second queue for the same function, for jobs that nobody
        waits for, so that those of people need not wait behind them.
        """
        super().__init__(scope, f"{name}Jobs")
        own_name, failed_name = unique_name(name.lower()), unique_name(f"{name.lower()}-failed")
        background_name = unique_name(f"{name.lower()}-background")
        own_names = (own_name, background_name) if has_background else (own_name,)
        self.dead_letters = _queue(
            self,
            "DeadLetters",
            redrive_allow_policy=_only_from(
                self, *((failed_name,) if failures_are_recorded else own_names)
            ),
        )
        self.failed: sqs.Queue | None = None
        if failures_are_recorded:
            self.failed = _queue(
                self,
                "Failed",
                queue_name=failed_name,
                visibility_timeout=Duration.seconds(
                    max(FAILED_SECONDS, hidden_seconds(CATALOGUE_SECONDS))
                ),
                redrive_allow_policy=_only_from(self, *own_names, name="Itself"),
                dead_letter_queue=sqs.DeadLetterQueue(
                    queue=self.dead_letters, max_receive_count=ENDLESS_TRIES
                ),
            )
        visibility = Duration.seconds(hidden_seconds(timeout_seconds))
        goes_to = sqs.DeadLetterQueue(
            queue=self.failed or self.dead_letters, max_receive_count=max_tries
        )
        self.queue = _queue(
            self,
            "Queue",
            queue_name=own_name,
            visibility_timeout=visibility,
            dead_letter_queue=goes_to,
        )
        self.background: sqs.Queue | None = None
        if has_background:
            self.background = _queue(
                self,
                "Background",
                queue_name=background_name,
                visibility_timeout=visibility,
                dead_letter_queue=goes_to,
            )

    def accepts_events_of(self, bucket_arn: str) -> Construct:
        """Allow S3 to send events of this bucket; return the policy."""
        self.queue.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.queue.queue_arn],
                conditions={
                    "ArnEquals": {"aws:SourceArn": bucket_arn},
                    "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                },
            )
        )
        return cast("Construct", self.queue.node.find_child("Policy"))

    def triggers(self, function: lambda_.Function, *, batch: int, concurrency: int) -> None:
        """Invoke the function with up to *batch* messages; only those it reports as failed are retried."""
        self._feed(function, self.queue, "Source", (batch, concurrency))

    def triggers_in_background(
        self, function: lambda_.Function, *, batch: int, concurrency: int
    ) -> sqs.Queue:
        """Invoke the function with messages of the background queue as well; return that queue.

        Raises:
            ValueError: there is none.
        """
        if self.background is None:
            message = f"{self.node.id} has no background queue"
            raise ValueError(message)
        self._feed(function, self.background, "BackgroundSource", (batch, concurrency))
        return self.background

    def _feed(
        self, function: lambda_.Function, queue: sqs.Queue, name: str, limits: tuple[int, int]
    ) -> None:
        granted = grant(function, queue.queue_arn, *CONSUMED_BY, *RETRIED_BY)
        source = _source(self, name, queue, function, limits)
        granted.apply_before(source)  # Lambda checks the role when the source is created

    def recorded_by(self, function: lambda_.Function) -> sqs.Queue:
        """Invoke the function with messages that failed on every try; return their queue.

        Raises:
            ValueError: these jobs' failures are not recorded.
        """
        if self.failed is None:
            message = f"failures of {self.node.id} are not recorded"
            raise ValueError(message)
        granted = grant(function, self.failed.queue_arn, *CONSUMED_BY)
        limits = (FAILED_BATCH, FAILURES_AT_ONCE)
        source = _source(self, "FailedSource", self.failed, function, limits)
        granted.apply_before(source)
        return self.failed


def _source(
    scope: Construct,
    name: str,
    queue: sqs.Queue,
    function: lambda_.Function,
    limits: tuple[int, int],
) -> lambda_.EventSourceMapping:
    """Return the event source from a queue to a function, with batch size and concurrency."""
    batch, concurrency = limits
    return lambda_.EventSourceMapping(
        scope,
        name,
        target=function,
        event_source_arn=queue.queue_arn,
        batch_size=batch,
        max_concurrency=concurrency,
        report_batch_item_failures=True,
    )


def _only_from(
    scope: Construct, *queue_names: str, name: str = "ItsSource"
) -> sqs.RedriveAllowPolicy:
    """Accept messages of these queues only, by name, since they cannot refer to each other."""
    here = f"arn:{Aws.PARTITION}:sqs:{Aws.REGION}:{Aws.ACCOUNT_ID}"
    sources = [
        sqs.Queue.from_queue_arn(scope, f"{name}{index or ''}", f"{here}:{queue_name}")
        for index, queue_name in enumerate(queue_names)
    ]
    return sqs.RedriveAllowPolicy(source_queues=sources)


def _queue(scope: Construct, name: str, **settings: object) -> sqs.Queue:
    return sqs.Queue(
        scope,
        name,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=Duration.days(KEPT_DAYS),
        **settings,  # type: ignore[arg-type]
    )
