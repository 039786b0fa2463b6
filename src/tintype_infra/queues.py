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
    ) -> None:
        """Create the queues for a function with this timeout.

        With *failures_are_recorded*, failed messages do not become dead letters at once: Lambda
        counts a message as tried even if it could not start a function, so the image's failure must
        be recorded. They go to a queue in between, which the function in `recorded_by` reads.
        """
        super().__init__(scope, f"{name}Jobs")
        own_name, failed_name = unique_name(name.lower()), unique_name(f"{name.lower()}-failed")
        self.dead_letters = _queue(
            self,
            "DeadLetters",
            redrive_allow_policy=_only_from(
                self, failed_name if failures_are_recorded else own_name
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
                redrive_allow_policy=_only_from(self, own_name, "Itself"),
                dead_letter_queue=sqs.DeadLetterQueue(
                    queue=self.dead_letters, max_receive_count=ENDLESS_TRIES
                ),
            )
        self.queue = _queue(
            self,
            "Queue",
            queue_name=own_name,
            visibility_timeout=Duration.seconds(hidden_seconds(timeout_seconds)),
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.failed or self.dead_letters, max_receive_count=max_tries
            ),
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
        granted = grant(function, self.queue.queue_arn, *CONSUMED_BY, *RETRIED_BY)
        source = _source(self, "Source", self.queue, function, (batch, concurrency))
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
    scope: Construct, queue_name: str, name: str = "ItsSource"
) -> sqs.RedriveAllowPolicy:
    """Accept messages of this queue only, by its name, since the two cannot refer to each other."""
    arn = f"arn:{Aws.PARTITION}:sqs:{Aws.REGION}:{Aws.ACCOUNT_ID}:{queue_name}"
    return sqs.RedriveAllowPolicy(source_queues=[sqs.Queue.from_queue_arn(scope, name, arn)])


def _queue(scope: Construct, name: str, **settings: object) -> sqs.Queue:
    return sqs.Queue(
        scope,
        name,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=Duration.days(KEPT_DAYS),
        **settings,  # type: ignore[arg-type]
    )
