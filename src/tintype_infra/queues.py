"""The queues: what is to be developed, what is to be catalogued, and what failed too often."""

from __future__ import annotations

from typing import cast

from aws_cdk import Aws, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from tintype.config import Service
from tintype_infra.grants import allow
from tintype_infra.names import unique_name

DEAD_LETTER_DAYS = 14  # the longest that SQS keeps a message: time for somebody to come and look
CONSUMED_BY = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


class Jobs(Construct):
    """A queue of jobs, and the dead-letter queue for those that failed `max_tries` times."""

    def __init__(self, scope: Construct, name: str, service: Service) -> None:
        super().__init__(scope, f"{name}Jobs")
        own_name = unique_name(name.lower())
        self.dead_letters = _queue(
            self,
            "DeadLetters",
            retention_period=Duration.days(DEAD_LETTER_DAYS),
            # By name, as the two queues cannot both refer to the other.
            redrive_allow_policy=sqs.RedriveAllowPolicy(
                source_queues=[
                    sqs.Queue.from_queue_arn(
                        self,
                        "Itself",
                        f"arn:{Aws.PARTITION}:sqs:{Aws.REGION}:{Aws.ACCOUNT_ID}:{own_name}",
                    )
                ]
            ),
        )
        self.queue = _queue(
            self,
            "Queue",
            queue_name=own_name,
            visibility_timeout=Duration.seconds(service.retry_seconds),
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead_letters, max_receive_count=service.max_tries
            ),
        )

    def accepts_events_of(self, bucket_arn: str) -> Construct:
        """Let S3 send for that bucket of this account; return the policy that says so."""
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

    def feeds(self, function: lambda_.Function, *, batch: int, concurrency: int) -> None:
        """Call the function with up to *batch* messages; what it says failed comes back alone."""
        granted = allow(function, self.queue.queue_arn, *CONSUMED_BY)
        source = lambda_.EventSourceMapping(
            self,
            "Source",
            target=function,
            event_source_arn=self.queue.queue_arn,
            batch_size=batch,
            max_concurrency=concurrency,
            report_batch_item_failures=True,
        )
        granted.apply_before(source)  # Lambda tries the role when the source is created


def _queue(scope: Construct, name: str, **settings: object) -> sqs.Queue:
    return sqs.Queue(
        scope,
        name,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        **settings,  # type: ignore[arg-type]
    )
