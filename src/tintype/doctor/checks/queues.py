"""Checks of the queues: are they notified, do they reach their functions, and what is in them?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import inf

from tintype.aws.errors import NotFoundError, ServiceError
from tintype.doctor.canary_image import is_ours
from tintype.doctor.findings import Fact, Finding, Step
from tintype.doctor.policies import Visit, allows, parsed
from tintype.doctor.stack import BACKGROUND, FAILED, QUEUES, SERVES, AwsResponse, StackUnderTest
from tintype.maintenance.dead_letters import subject_of

BUCKET_OF = {"process": "originals", "catalogue": "renditions"}  # which notifies each queue
CREATED, REMOVED = "s3:ObjectCreated:*", "s3:ObjectRemoved:*"
ANNOUNCED = {"process": (CREATED, REMOVED), "catalogue": (CREATED,)}
SHOWN = 120  # characters of an unknown message
# How old a queue's oldest message may be, as for the alarms. In the background it may be any age.
OLDEST_SECONDS = {
    "process": 45 * 60.0,
    BACKGROUND: inf,
    "catalogue": 45 * 60.0,
    FAILED: 15 * 60.0,
}
# Which function reads a queue.
TAKEN_BY = {
    "process": "process",
    BACKGROUND: "process",
    "catalogue": "catalogue",
    FAILED: "catalogue",
}
# No healthy upload passes these two.
EXPLAINS = {**SERVES, BACKGROUND: frozenset[Step](), FAILED: frozenset[Step]()}


def buckets(target: StackUnderTest) -> Iterator[Finding | Fact]:
    """Check that the buckets exist and notify their queues."""
    for queue, bucket in BUCKET_OF.items():
        try:
            set_: AwsResponse = target.ask(
                "s3", "get_bucket_notification_configuration", Bucket=target.bucket(bucket)
            )
        except NotFoundError as error:
            yield target.missing(f"{bucket} bucket {target.bucket(bucket)}", error, SERVES[queue])
            continue
        wanted = target.queue_arn(queue)
        events = {
            event
            for one in set_.get("QueueConfigurations", [])
            if one["QueueArn"] == wanted
            for event in one["Events"]
        }
        missing = [event for event in ANNOUNCED[queue] if event not in events]
        if missing:
            yield Finding(
                code="events_off",
                message=f"The {bucket} bucket does not notify the {queue} queue: "
                f"no notification of {' and '.join(missing)}.",
                remedy=target.put_back,
                evidence=(f"notifies {wanted} of {', '.join(sorted(events)) or 'nothing'}",),
                explains=SERVES[queue] if CREATED in missing else frozenset({Step.DELETION}),
            )
        else:
            yield Fact(f"{bucket} bucket", f"notifies the {queue} queue")


def queues(target: StackUnderTest) -> Iterator[Finding | Fact]:
    """Check that each queue exists, admits its bucket, and does not keep messages waiting."""
    for queue in OLDEST_SECONDS:
        try:
            found = _attributes(target, target.queue(queue))
        except NotFoundError as error:
            yield target.missing(f"{queue} queue", error, EXPLAINS[queue])
            continue
        if queue in BUCKET_OF:
            yield from _policy(target, queue, found.get("Policy"))
        yield from _waiting(target, queue, found)


def _policy(target: StackUnderTest, queue: str, policy: str | None) -> Iterator[Finding]:
    bucket = BUCKET_OF[queue]
    visit = Visit(
        service="s3.amazonaws.com",
        action="sqs:SendMessage",
        resource=target.queue_arn(queue),
        source_arn=f"arn:{target.partition}:s3:::{target.bucket(bucket)}",
        source_account=target.account_id,
    )
    if not allows(parsed(policy), visit):
        yield Finding(
            code="queue_closed",
            message=f"The {bucket} bucket cannot send to the {queue} queue: the queue's policy does "
            "not allow it.",
            remedy=target.put_back,
            evidence=(f"policy: {policy or 'none'}",),
            explains=SERVES[queue],
        )


def _waiting(target: StackUnderTest, queue: str, found: AwsResponse) -> Iterator[Finding | Fact]:
    """Report how many messages there are, and whether the oldest has waited too long."""
    visible, in_flight = _count(found, ""), _count(found, "NotVisible")
    oldest = _oldest_seconds(target, queue)
    if oldest >= OLDEST_SECONDS[queue]:
        yield Finding(
            code="messages_wait",
            message=f"A message has waited {oldest / 60:.0f} minutes in the {queue} queue.",
            remedy="Fix what the catalogue function logs; the message is retried by itself."
            if queue == FAILED
            else f"If its function does not fail, raise {queue}_concurrency in tintype.toml.",
            evidence=(f"{visible} waiting, {in_flight} in progress",),
            explains=EXPLAINS[queue],
        )
    age = f", the oldest for {oldest:.0f} s" if oldest else ""
    yield Fact(f"{queue} queue", f"{visible} waiting, {in_flight} in progress{age}")


def under_way(target: StackUnderTest) -> int:
    """Return how many messages about images are waiting or in progress; delayed ones only clean up."""
    found = (_attributes(target, target.queue(queue)) for queue in TAKEN_BY)
    return sum(_count(one, "") + _count(one, "NotVisible") for one in found)


def _oldest_seconds(target: StackUnderTest, queue: str) -> float:
    """Return the age of a queue's oldest message by CloudWatch; 0 without one, or without an answer."""
    now = datetime.now(UTC)
    try:
        answer = target.ask(
            "cloudwatch",
            "get_metric_statistics",
            Namespace="AWS/SQS",
            MetricName="ApproximateAgeOfOldestMessage",
            Dimensions=[{"Name": "QueueName", "Value": target.queue(queue).rpartition("/")[2]}],
            StartTime=now - timedelta(minutes=10),
            EndTime=now,
            Period=60,
            Statistics=["Maximum"],
        )
    except ServiceError:
        return 0.0  # the counts alone are still useful
    points = sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])
    return float(points[-1]["Maximum"]) if points else 0.0


def sources(target: StackUnderTest) -> Iterator[Finding | Fact]:
    """Check that each queue has an event source to its function."""
    for queue, function in TAKEN_BY.items():
        if function not in target.functions:
            continue  # `functions` reports it
        answer = target.ask(
            "lambda", "list_event_source_mappings", FunctionName=target.function(function)
        )
        arn = target.queue_arn(queue)
        mappings = [
            one for one in answer["EventSourceMappings"] if one.get("EventSourceArn") == arn
        ]
        if not mappings:
            yield Finding(
                code="source_missing",
                message=f"The {queue} queue has no event source to the {function} function.",
                remedy=target.put_back,
                explains=EXPLAINS[queue],
            )
        for mapping in mappings:
            yield _mapping(target, queue, mapping)


def _mapping(target: StackUnderTest, queue: str, mapping: AwsResponse) -> Finding | Fact:
    state = str(mapping["State"])
    if state in {"Enabled", "Enabling", "Updating", "Creating"}:
        return Fact(f"{queue} queue", f"its event source is {state}")
    return Finding(
        code="source_off",
        message=f"The event source from the {queue} queue to the {TAKEN_BY[queue]} function is "
        f"{state}.",
        remedy=target.command(
            "lambda", "update-event-source-mapping", "--uuid", str(mapping["UUID"]), "--enabled"
        ),
        evidence=(str(mapping.get("StateTransitionReason") or ""),),
        explains=EXPLAINS[queue],
    )


def dead_letters(target: StackUnderTest) -> Iterator[Finding | Fact]:
    """Check that no message has failed for good; otherwise quote one.

    Messages are read with a visibility timeout of 0, so that nobody else misses them.
    """
    for queue in QUEUES:
        url = target.dead_letters(queue)
        try:
            number = _count(_attributes(target, url), "")
        except NotFoundError as error:
            yield target.missing(f"{queue} queue's dead-letter queue", error, frozenset())
            continue
        if number:
            yield _letters(target, queue, url, number)
        else:
            yield Fact(f"{queue} queue", "no dead letters")


def _letters(target: StackUnderTest, queue: str, url: str, number: int) -> Finding:
    answer = target.ask(
        "sqs", "receive_message", QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    bodies = list({one["MessageId"]: one["Body"] for one in answer.get("Messages", [])}.values())
    others = [body for body in bodies if not is_ours(body)]
    lie = f"{number} dead letter{'' if number == 1 else 's'}"
    if bodies and not others and number <= len(bodies):
        return Finding(
            code="own_dead_letters",
            message=f"The {queue} queue has {lie}, all of the doctor's own pictures.",
            remedy=target.tintype("redrive", "--queue", queue),
        )
    return Finding(
        code="dead_letters",
        message=f"The {queue} queue has {lie}: messages that failed on every try.",
        remedy=f"{target.tintype('redrive', '--dry-run')} lists them; fix the cause, then "
        f"{target.tintype('redrive')}",
        evidence=tuple(_about(target, body) for body in others[:1]),
    )


def _about(target: StackUnderTest, body: str) -> str:
    """Return what a dead letter is about, and why its image failed according to the table.

    Its subject is a line such as "reprocess originals/01JD/a.jpg"; a message that names no image is
    quoted.
    """
    subject = subject_of(body)
    if subject.image_id is None:
        return body[:SHOWN]
    about = f"{subject.what} {subject.key or ''}".strip()
    try:
        item = target.ask(
            "dynamodb", "get_item", TableName=target.table, Key={"id": {"S": subject.image_id}}
        ).get("Item", {})
    except ServiceError:
        return about
    failure = item.get("failure", {}).get("M")
    if failure:
        return f"{about}: {failure['code']['S']}: {failure['message']['S']}"
    return f"{about}: {item.get('status', {}).get('S', 'no record')}"


def _attributes(target: StackUnderTest, url: str) -> AwsResponse:
    found: AwsResponse = target.ask(
        "sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"]
    ).get("Attributes", {})
    return found


def _count(found: AwsResponse, which: str) -> int:
    return int(found.get(f"ApproximateNumberOfMessages{which}", 0))
