"""Looking along the queues: do the buckets tell them, do they reach their functions, what lies there?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote_plus

from tintype import keys
from tintype.doctor.case import QUEUES, SERVES, Answer, Case, GoneError, LookError
from tintype.doctor.findings import Fact, Finding, Station
from tintype.doctor.picture import is_ours
from tintype.doctor.policies import Visit, allows, parsed, with_leave

BUCKET_OF = {"develop": "originals", "catalogue": "renditions"}  # whose news each queue takes
MANIFESTS = "/manifest.json"
CREATED, REMOVED = "s3:ObjectCreated:*", "s3:ObjectRemoved:*"
ANNOUNCED = {"develop": (CREATED, REMOVED), "catalogue": (CREATED,)}
SHOWN = 120  # characters of a message that is none of ours
OLDEST_SECONDS = 45 * 60  # as the alarm has it


def buckets(case: Case) -> Iterator[Finding | Fact]:
    """Prove that the buckets are there and tell their queues what comes and goes."""
    for queue, bucket in BUCKET_OF.items():
        try:
            told: Answer = case.ask(
                "s3", "get_bucket_notification_configuration", Bucket=case.bucket(bucket)
            )
        except GoneError as error:
            yield _gone(case, f"{bucket} bucket {case.bucket(bucket)}", error, SERVES[queue])
            continue
        wanted = case.queue_arn(queue)
        events = {
            event
            for one in told.get("QueueConfigurations", [])
            if one["QueueArn"] == wanted
            for event in one["Events"]
        }
        missing = [event for event in ANNOUNCED[queue] if event not in events]
        if missing:
            yield Finding(
                code="events_off",
                message=f"The {bucket} bucket does not tell the {queue} queue what comes: "
                f"its notification of {' and '.join(missing)} is gone.",
                remedy=_announce_again(case, queue, told),
                evidence=(f"tells {', '.join(sorted(events)) or 'nothing'} to {wanted}",),
                explains=SERVES[queue] if CREATED in missing else frozenset({Station.DELETION}),
            )
        else:
            yield Fact(f"{bucket} bucket", f"tells the {queue} queue")


def _announce_again(case: Case, queue: str, told: Answer) -> str:
    """Return the command that sets the notification, and keeps others that are there."""
    arn = case.queue_arn(queue)
    name = {"Key": {"FilterRules": [{"Name": "suffix", "Value": MANIFESTS}]}}
    ours: list[object] = [
        {
            "QueueArn": arn,
            "Events": list(ANNOUNCED[queue]),
            **({"Filter": name} if queue == "catalogue" else {}),
        }
    ]
    kinds = ("QueueConfigurations", "TopicConfigurations", "LambdaFunctionConfigurations")
    kept = {
        kind: [one for one in told.get(kind, []) if one.get("QueueArn") != arn]
        for kind in kinds
        if told.get(kind)
    }
    kept["QueueConfigurations"] = [*kept.get("QueueConfigurations", []), *ours]
    return case.command(
        "s3api",
        "put-bucket-notification-configuration",
        "--bucket",
        case.bucket(BUCKET_OF[queue]),
        notification_configuration=kept,
    )


def queues(case: Case) -> Iterator[Finding | Fact]:
    """Prove that each queue is there, lets its bucket in, and does not keep its messages waiting."""
    for queue, bucket in BUCKET_OF.items():
        try:
            found = _attributes(case, case.queue(queue))
        except GoneError as error:
            yield _gone(case, f"{queue} queue", error, SERVES[queue])
            continue
        visit = Visit(
            service="s3.amazonaws.com",
            action="sqs:SendMessage",
            resource=case.queue_arn(queue),
            source_arn=f"arn:{case.partition}:s3:::{case.bucket(bucket)}",
            source_account=case.account_id,
        )
        policy = parsed(found.get("Policy"))
        if not allows(policy, visit):
            yield Finding(
                code="queue_closed",
                message=f"The {bucket} bucket cannot reach the {queue} queue: its policy does not "
                "allow it.",
                remedy=case.command(
                    "sqs",
                    "set-queue-attributes",
                    "--queue-url",
                    case.queue(queue),
                    attributes={"Policy": json.dumps(with_leave(policy, visit))},
                ),
                evidence=(f"policy: {found.get('Policy') or 'none'}",),
                explains=SERVES[queue],
            )
        yield from _waiting(case, queue, found)


def _waiting(case: Case, queue: str, found: Answer) -> Iterator[Finding | Fact]:
    """Say how many messages there are, and whether the oldest has waited too long."""
    visible, in_flight = _count(found, ""), _count(found, "NotVisible")
    oldest = _oldest_seconds(case, queue)
    if oldest >= OLDEST_SECONDS:
        yield Finding(
            code="messages_wait",
            message=f"A message has waited {oldest / 60:.0f} minutes in the {queue} queue.",
            remedy=f"Raise {queue}_concurrency in tintype.toml if its function does not fail.",
            evidence=(f"{visible} waiting, {in_flight} worked on",),
            explains=SERVES[queue],
        )
    age = f", the oldest for {oldest:.0f} s" if oldest else ""
    yield Fact(f"{queue} queue", f"{visible} waiting, {in_flight} worked on{age}")


def _oldest_seconds(case: Case, queue: str) -> float:
    """Return the age of a queue's oldest message, as CloudWatch has it; 0 if it has none or says no."""
    now = datetime.now(UTC)
    try:
        answer = case.ask(
            "cloudwatch",
            "get_metric_statistics",
            Namespace="AWS/SQS",
            MetricName="ApproximateAgeOfOldestMessage",
            Dimensions=[{"Name": "QueueName", "Value": case.queue(queue).rpartition("/")[2]}],
            StartTime=now - timedelta(minutes=10),
            EndTime=now,
            Period=60,
            Statistics=["Maximum"],
        )
    except LookError:
        return 0.0  # the counts are worth more than nothing
    points = sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])
    return float(points[-1]["Maximum"]) if points else 0.0


def sources(case: Case) -> Iterator[Finding | Fact]:
    """Prove that something takes each queue's messages to its function."""
    for queue in QUEUES:
        if queue not in case.functions:
            continue  # `functions` says so
        answer = case.ask("lambda", "list_event_source_mappings", FunctionName=case.function(queue))
        arn = case.queue_arn(queue)
        mappings = [
            one for one in answer["EventSourceMappings"] if one.get("EventSourceArn") == arn
        ]
        if not mappings:
            yield Finding(
                code="source_missing",
                message=f"Nothing takes the {queue} queue's messages to the {queue} function: its "
                "event source is gone.",
                remedy=case.command(
                    "lambda",
                    "create-event-source-mapping",
                    "--function-name",
                    case.function(queue),
                    "--event-source-arn",
                    arn,
                    "--batch-size",
                    "1" if queue == "develop" else "10",
                    "--function-response-types",
                    "ReportBatchItemFailures",
                ),
                explains=SERVES[queue],
            )
        for mapping in mappings:
            yield _mapping(case, queue, mapping)


def _mapping(case: Case, queue: str, mapping: Answer) -> Finding | Fact:
    state = str(mapping["State"])
    if state in {"Enabled", "Enabling", "Updating", "Creating"}:
        return Fact(f"{queue} queue", f"its event source is {state}")
    return Finding(
        code="source_off",
        message=f"The {queue} function's event source is {state}: nothing takes the {queue} queue's "
        "messages to it.",
        remedy=case.command(
            "lambda", "update-event-source-mapping", "--uuid", str(mapping["UUID"]), "--enabled"
        ),
        evidence=(str(mapping.get("StateTransitionReason") or ""),),
        explains=SERVES[queue],
    )


def dead_letters(case: Case) -> Iterator[Finding | Fact]:
    """Prove that no message has failed for good; else say what one of them is about.

    A message is looked at without being hidden from anybody (visibility timeout 0).
    """
    for queue in QUEUES:
        url = case.dead_letters(queue)
        try:
            number = _count(_attributes(case, url), "")
        except GoneError as error:
            yield _gone(case, f"{queue} queue's dead-letter queue", error, frozenset())
            continue
        if not number:
            yield Fact(f"{queue} queue", "no dead letters")
            continue
        yield _letters(case, queue, url, number)


def _letters(case: Case, queue: str, url: str, number: int) -> Finding:
    answer = case.ask(
        "sqs", "receive_message", QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    bodies = list({one["MessageId"]: one["Body"] for one in answer.get("Messages", [])}.values())
    others = [body for body in bodies if not is_ours(body)]
    lie = f"{number} dead letter{'' if number == 1 else 's'}"
    if bodies and not others and number <= len(bodies):
        return Finding(
            code="own_letters",
            message=f"The {queue} queue has {lie}, all of pictures of the doctor's own.",
            remedy=case.tintype("redrive", "--queue", queue),
        )
    return Finding(
        code="dead_letters",
        message=f"The {queue} queue has {lie}: what failed on every try.",
        remedy=f"{case.tintype('redrive', '--dry-run')} shows them; mend the cause, then "
        f"{case.tintype('redrive')}",
        evidence=tuple(_about(case, body) for body in others[:1]),
    )


def _about(case: Case, body: str) -> str:
    """Return what a dead letter is about, and why its image failed as far as the table knows."""
    image_id, said = _subject(body)
    if image_id is None:
        return said
    try:
        item = case.ask(
            "dynamodb", "get_item", TableName=case.table, Key={"id": {"S": image_id}}
        ).get("Item", {})
    except LookError:
        return said
    failure = item.get("failure", {}).get("M")
    if failure:
        return f"{said}: {failure['code']['S']}: {failure['message']['S']}"
    return f"{said}: {item.get('status', {}).get('S', 'no record')}"


def _subject(body: str) -> tuple[str | None, str]:
    """Return the image that a message is about, None if it says none, and what it says.

    >>> _subject('{"command": "reprocess", "imageId": "01JD", "key": "originals/01JD/a.jpg"}')
    ('01JD', 'reprocess originals/01JD/a.jpg')
    >>> _subject("hello")
    (None, 'hello')
    """
    try:
        message = json.loads(body)
        if "command" in message:
            return message["imageId"], f"{message['command']} {message.get('key', '')}".strip()
        record = message["Records"][0]
        key, bucket = unquote_plus(record["s3"]["object"]["key"]), record["s3"]["bucket"]["name"]
        image_id = keys.id_of_manifest(key) or keys.image_id(bucket, key)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None, body[:SHOWN]  # anything may lie in a queue
    return image_id, f"{record.get('eventName', 'event')} {key}"


def _attributes(case: Case, url: str) -> Answer:
    found: Answer = case.ask(
        "sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"]
    ).get("Attributes", {})
    return found


def _count(found: Answer, which: str) -> int:
    return int(found.get(f"ApproximateNumberOfMessages{which}", 0))


def _gone(case: Case, part: str, error: GoneError, explains: frozenset[Station]) -> Finding:
    return Finding(
        code="part_missing",
        message=f"The {part} is not there any more.",
        remedy=case.put_back,
        evidence=(f"{error.action}: {error}",),
        explains=explains,
    )
