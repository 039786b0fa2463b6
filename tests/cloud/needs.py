"""What each permission of docs/reference/permissions.md is for: the smallest thing that fails without it.

Start with `NEEDS`. Most of them are asked for at the public doors, and the functions act. Where the
emulator does not ask IAM itself, the same request is made with the role's own credentials instead
(`directly`):

- its event sources receive and delete messages in nobody's name;
- its S3 answers 404 for a missing key also to who may not list the bucket, and takes an object's tags
  from who may only write the object;
- its GraphQL API reads the table in nobody's name.

What writes logs can only be simulated (`logs`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from docs.making.permissions import Permission
from tests.cloud.deploying import NEEDS_OF_KEYS
from tests.cloud.direct import (
    BACKGROUND,
    FAILED,
    PNG,
    DeniedError,
    Deployed,
    Need,
    call_api,
    check_status,
    counts,
    deletes,
    directly,
    hearing,
    hides,
    invalidates,
    lists_a_bucket,
    logs,
    receives,
    sends,
    tags,
    wait_until,
)
from tests.cloud.permissions import GRAPHQL
from tests.cloud.rendering import NEEDS_OF_RENDER, ORIGINALS, RENDITIONS
from tests.functions.aws_events import s3_event
from tintype.keys import image_id as image_id_of
from tintype.keys import manifest_key
from tintype.messages import Sweep, encode

# What the api function does


def _api_shows(there: Deployed) -> None:
    call_api(there, "GET", f"/images/{there.image_id}", status=200)


def _api_lists(there: Deployed) -> None:
    call_api(there, "GET", "/images?limit=1", status=200)


def _api_gives_a_ticket(there: Deployed) -> None:
    wanted = {"filename": "a.png", "contentType": "image/png", "size": len(PNG)}
    call_api(there, "POST", "/uploads", status=201, json=wanted)


def _api_finds_a_name(there: Deployed) -> None:
    call_api(there, "GET", "/get-processed-image-url?filename=processed-never.png", status=404)


def _ticket_takes_the_bytes(there: Deployed) -> None:
    answer = there.stack.put(there.stack.ticket(PNG, "a.png", "image/png"), PNG)
    check_status(answer.status_code, 200)


def _link_gives_the_bytes(there: Deployed) -> None:
    link = there.stack.request("GET", f"/images/{there.image_id}/original").json()["url"]
    check_status(there.stack.client.get(link).status_code, 200)


def _api_deletes(there: Deployed) -> None:
    ticket = there.stack.ticket(PNG, "a.png", "image/png")
    call_api(there, "DELETE", f"/images/{ticket['imageId']}", status=202)


def _api_orders(there: Deployed) -> None:
    image = there.stack.ready(there.stack.upload(PNG))  # for whose version nobody has asked yet
    there.operator.change_record(image["id"], presetsRevision="older")
    call_api(there, "POST", f"/images/{image['id']}/reprocess", status=202)


# What the process function does


def _object_is_processed(there: Deployed) -> None:
    body = {"bucket": there.originals, "key": there.key}
    call_api(there, "POST", "/process", status=200, json=body)


def _new_object_is_processed(there: Deployed) -> None:
    key = f"{uuid4()}.png"
    there.operator.client("s3").put_object(Bucket=there.originals, Key=key, Body=PNG)
    call_api(there, "POST", "/process", status=200, json={"bucket": there.originals, "key": key})


def _beginning_is_told(there: Deployed) -> None:
    with hearing(there) as watcher:
        told = watcher.until(there.stack.upload(PNG), "READY")
    if told[0]["status"] != "PROCESSING":
        raise DeniedError


def _renditions_are_deleted(there: Deployed) -> None:
    image = there.stack.ready(there.stack.upload(PNG))
    there.stack.request("DELETE", f"/images/{image['id']}").raise_for_status()
    there.stack.when(image["id"], lambda one: one is None)
    s3, key = there.operator.client("s3"), image["renditions"][0]["key"]

    def is_gone() -> bool:
        return "Contents" not in s3.list_objects_v2(Bucket=there.renditions, Prefix=key)

    wait_until(there, is_gone)


def _a_version_is_deleted(there: Deployed, s3: Any) -> None:
    """Process's only with an original that is larger than 50 MB (test_refusals.py has one)."""
    key = f"originals/{there.image_id}/none.png"
    s3.delete_object(Bucket=there.originals, Key=key, VersionId="none")


def _lists_versions(there: Deployed, s3: Any) -> None:
    s3.list_object_versions(Bucket=there.originals, Prefix=there.key)


def _image_is_swept(there: Deployed) -> None:
    sqs, url = there.operator.client("sqs"), there.queue("process")
    there.empty_queues()
    sqs.send_message(QueueUrl=url, MessageBody=encode(Sweep(image_id=there.image_id)))
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def is_done() -> bool:
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return all(count == "0" for count in found.values())

    wait_until(there, is_done)


# What the catalogue function does


def _image_is_recorded(there: Deployed) -> None:
    image_id = there.stack.upload(PNG)
    try:
        there.stack.ready(image_id, there.timeout_seconds)
    except TimeoutError as error:
        raise DeniedError from error


def _image_is_announced(there: Deployed) -> None:
    with hearing(there) as watcher:
        watcher.until(there.stack.upload(PNG), "READY")


def _repeated_event_is_announced(there: Deployed) -> None:
    """Only who finds the record that is there knows that it may have been announced by nobody."""
    event = s3_event("s3_manifest", key=manifest_key(there.image_id))
    with hearing(there) as watcher:
        there.operator.client("sqs").send_message(
            QueueUrl=there.queue("catalogue"), MessageBody=event
        )
        watcher.until(there.image_id, "READY")


def _failure_is_recorded(there: Deployed) -> None:
    """An original whose message failed on every try; the event of its own coming is held back."""
    key = f"{uuid4()}.png"
    image_id = image_id_of(there.originals, key)
    with _not_processing(there):
        there.operator.client("s3").put_object(Bucket=there.originals, Key=key, Body=PNG)
        there.operator.client("sqs").send_message(
            QueueUrl=there.queue(FAILED), MessageBody=s3_event("s3_put", key=key)
        )
        try:
            there.stack.when(
                image_id,
                lambda one: one is not None and one["status"] == "FAILED",
                there.timeout_seconds,
            )
        except TimeoutError as error:
            raise DeniedError from error


@contextmanager
def _not_processing(there: Deployed) -> Iterator[None]:
    functions, name = there.operator.client("lambda"), there.stack.outputs["ProcessFunction"]
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    try:
        yield
    finally:
        there.empty_queues()
        functions.delete_function_concurrency(FunctionName=name)


def _failure_is_kept(there: Deployed) -> None:
    _is_put_aside(there, FAILED, "ProcessDeadLetter")


def _poison_is_put_aside(there: Deployed) -> None:
    _is_put_aside(there, "catalogue", "CatalogueDeadLetter")


def _is_put_aside(there: Deployed, queue: str, dead: str) -> None:
    """What nobody can read is among the dead letters, soon."""
    sqs, url = there.operator.client("sqs"), there.queue(dead)
    body = f"poison {uuid4()}"
    sqs.send_message(QueueUrl=there.queue(queue), MessageBody=body)

    def is_there() -> bool:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=1)
        mine = [one for one in found.get("Messages", []) if one["Body"] == body]
        for one in mine:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return bool(mine)

    wait_until(there, is_there)


# Requests with the roles' own credentials


def _renews_the_key(there: Deployed, appsync: Any) -> None:
    outputs = there.stack.outputs
    api, key = outputs["GraphqlApiId"], outputs["GraphqlApiKey"]
    appsync.update_api_key(apiId=api, id=key, expires=int(time.time()) + 300 * 86_400)


def _key_may_be_renewed(there: Deployed) -> None:
    """Simulated: AWS asks for the path of the request, the emulator for the API."""
    (arn,) = (arn for arn, word in there.roles.words.items() if word == "GraphQL key")
    answer = there.operator.client("iam").simulate_principal_policy(
        PolicySourceArn=there.roles.arn(CATALOGUE),
        ActionNames=["appsync:UpdateApiKey"],
        ResourceArns=[arn],
    )
    if answer["EvaluationResults"][0]["EvalDecision"] != "allowed":
        raise DeniedError


def _reads_a_record(there: Deployed, dynamodb: Any) -> None:
    dynamodb.get_item(TableName=there.table, Key={"id": {"S": there.image_id}})


def _on_access(method: str, item_id: str = "key#none", who: str = "api function") -> Need:
    """Return a request about one item of the access table."""

    def ask(there: Deployed, dynamodb: Any) -> None:
        item = {"Item" if method == "put_item" else "Key": {"id": {"S": item_id}}}
        getattr(dynamodb, method)(TableName=there.stack.outputs["AccessTable"], **item)

    return directly(who, "dynamodb", ask)


def _lists_keys(there: Deployed, dynamodb: Any) -> None:
    dynamodb.query(
        TableName=there.stack.outputs["AccessTable"],
        IndexName="byOwner",
        KeyConditionExpression="#owner = :owner",
        ExpressionAttributeNames={"#owner": "owner"},
        ExpressionAttributeValues={":owner": {"S": "public"}},
    )


def _lists_records(there: Deployed, dynamodb: Any) -> None:
    dynamodb.query(
        TableName=there.table,
        IndexName="byOwner",
        KeyConditionExpression="#owner = :owner",
        ExpressionAttributeNames={"#owner": "owner"},
        ExpressionAttributeValues={":owner": {"S": "public"}},
        Limit=1,
    )


API, PROCESS, CATALOGUE = "api function", "process function", "catalogue function"
IMAGES = "images table"
INDEX = f"{IMAGES} `/index/byOwner`"
ACCESS = "access table"
NAME_INDEX = f"{IMAGES} `/index/byFilename`"
PUBLISH = f"{GRAPHQL} `/types/Mutation/fields/publishImage`"
NEEDS: dict[Permission, Need] = {
    Permission(API, "dynamodb:DeleteItem", ACCESS): _on_access("delete_item"),
    Permission(API, "dynamodb:GetItem", ACCESS): _on_access("get_item"),
    Permission(API, "dynamodb:PutItem", ACCESS): _on_access("put_item"),
    Permission(API, "dynamodb:Query", f"{ACCESS} `/index/byOwner`"): directly(
        API, "dynamodb", _lists_keys
    ),
    Permission(API, "dynamodb:UpdateItem", ACCESS): _on_access("update_item"),
    Permission(API, "dynamodb:GetItem", IMAGES): _api_shows,
    Permission(API, "dynamodb:PutItem", IMAGES): _api_gives_a_ticket,
    Permission(API, "dynamodb:Query", INDEX): _api_lists,
    Permission(API, "dynamodb:Query", NAME_INDEX): _api_finds_a_name,
    Permission(API, "lambda:InvokeFunction", PROCESS): _object_is_processed,
    Permission(API, "logs:CreateLogStream", "api log group"): logs("api", "logs:CreateLogStream"),
    Permission(API, "logs:PutLogEvents", "api log group"): logs("api", "logs:PutLogEvents"),
    Permission(API, "s3:DeleteObject", f"{ORIGINALS} `/*`"): _api_deletes,
    Permission(
        API,
        "s3:GetObject",
        f"{ORIGINALS} `/*`",
        "with sign-in or originals_readable",
    ): _link_gives_the_bytes,
    Permission(API, "s3:PutObject", f"{ORIGINALS} `/originals/*`"): _ticket_takes_the_bytes,
    Permission(API, "sqs:SendMessage", "process queue"): _api_deletes,
    Permission(API, "sqs:SendMessage", "background queue"): _api_orders,
    Permission(API, "sqs:SendMessage", "catalogue queue"): _api_gives_a_ticket,
    Permission(PROCESS, "cloudfront:CreateInvalidation", "CDN"): directly(
        PROCESS, "cloudfront", invalidates
    ),
    Permission(PROCESS, "logs:CreateLogStream", "process log group"): logs(
        "process", "logs:CreateLogStream"
    ),
    Permission(PROCESS, "logs:PutLogEvents", "process log group"): logs(
        "process", "logs:PutLogEvents"
    ),
    Permission(PROCESS, "s3:DeleteObject", f"{RENDITIONS} `/*`"): _renditions_are_deleted,
    Permission(PROCESS, "s3:DeleteObjectVersion", f"{ORIGINALS} `/originals/*`"): directly(
        PROCESS, "s3", _a_version_is_deleted
    ),
    Permission(PROCESS, "s3:GetObject", f"{ORIGINALS} `/*`"): _object_is_processed,
    Permission(PROCESS, "s3:GetObject", f"{RENDITIONS} `/*`"): _object_is_processed,
    Permission(PROCESS, "s3:ListBucket", ORIGINALS): lists_a_bucket(PROCESS, "originals"),
    Permission(PROCESS, "s3:ListBucket", RENDITIONS): _image_is_swept,
    Permission(PROCESS, "s3:ListBucketVersions", ORIGINALS): directly(
        PROCESS, "s3", _lists_versions
    ),
    Permission(PROCESS, "s3:PutObject", f"{RENDITIONS} `/*`"): _new_object_is_processed,
    Permission(PROCESS, "s3:PutObjectTagging", f"{RENDITIONS} `/*`"): directly(PROCESS, "s3", tags),
    Permission(PROCESS, "sqs:ChangeMessageVisibility", "process queue"): hides("process"),
    Permission(PROCESS, "sqs:ChangeMessageVisibility", "background queue"): hides(
        BACKGROUND, PROCESS
    ),
    Permission(PROCESS, "sqs:DeleteMessage", "process queue"): deletes("process"),
    Permission(PROCESS, "sqs:DeleteMessage", "background queue"): deletes(BACKGROUND, PROCESS),
    Permission(PROCESS, "sqs:GetQueueAttributes", "process queue"): counts("process"),
    Permission(PROCESS, "sqs:GetQueueAttributes", "background queue"): counts(BACKGROUND, PROCESS),
    Permission(PROCESS, "sqs:ReceiveMessage", "process queue"): receives("process"),
    Permission(PROCESS, "sqs:ReceiveMessage", "background queue"): receives(BACKGROUND, PROCESS),
    Permission(PROCESS, "sqs:SendMessage", "catalogue queue"): _beginning_is_told,
    Permission(PROCESS, "sqs:SendMessage", "process queue"): _object_is_processed,
    Permission(CATALOGUE, "appsync:UpdateApiKey", GRAPHQL, "in mode open"): directly(
        CATALOGUE, "appsync", _renews_the_key
    ),
    Permission(
        CATALOGUE, "appsync:UpdateApiKey", "GraphQL key", "in mode open"
    ): _key_may_be_renewed,
    Permission(CATALOGUE, "appsync:GraphQL", PUBLISH): _image_is_announced,
    Permission(CATALOGUE, "dynamodb:UpdateItem", ACCESS, "counters"): _on_access(
        "update_item", "quota#nobody", CATALOGUE
    ),
    Permission(CATALOGUE, "dynamodb:DeleteItem", IMAGES): directly(
        CATALOGUE,
        "dynamodb",
        lambda there, dynamodb: dynamodb.delete_item(
            TableName=there.table, Key={"id": {"S": "none"}}
        ),
    ),
    Permission(CATALOGUE, "sqs:SendMessage", "catalogue queue"): sends("catalogue", CATALOGUE),
    Permission(CATALOGUE, "dynamodb:GetItem", IMAGES): _repeated_event_is_announced,
    Permission(CATALOGUE, "dynamodb:PutItem", IMAGES): _image_is_recorded,
    Permission(CATALOGUE, "logs:CreateLogStream", "catalogue log group"): logs(
        "catalogue", "logs:CreateLogStream"
    ),
    Permission(CATALOGUE, "logs:PutLogEvents", "catalogue log group"): logs(
        "catalogue", "logs:PutLogEvents"
    ),
    Permission(CATALOGUE, "s3:GetObject", f"{RENDITIONS} `/*/manifest.json`"): _image_is_recorded,
    Permission(CATALOGUE, "s3:ListBucket", ORIGINALS): lists_a_bucket(CATALOGUE, "originals"),
    Permission(CATALOGUE, "s3:ListBucket", RENDITIONS): lists_a_bucket(CATALOGUE, "renditions"),
    Permission(CATALOGUE, "s3:PutObject", f"{RENDITIONS} `/*/manifest.json`"): _failure_is_recorded,
    Permission(CATALOGUE, "sqs:ChangeMessageVisibility", "catalogue queue"): hides("catalogue"),
    Permission(CATALOGUE, "sqs:DeleteMessage", "catalogue queue"): deletes("catalogue"),
    Permission(CATALOGUE, "sqs:DeleteMessage", "process failed queue"): deletes(FAILED, CATALOGUE),
    Permission(CATALOGUE, "sqs:GetQueueAttributes", "process failed queue"): counts(
        FAILED, CATALOGUE
    ),
    Permission(CATALOGUE, "sqs:ReceiveMessage", "process failed queue"): receives(
        FAILED, CATALOGUE
    ),
    Permission(CATALOGUE, "sqs:SendMessage", "catalogue dead-letter queue"): _poison_is_put_aside,
    Permission(CATALOGUE, "sqs:SendMessage", "process dead-letter queue"): _failure_is_kept,
    Permission(CATALOGUE, "sqs:SendMessage", "process queue"): sends("process", CATALOGUE),
    Permission(CATALOGUE, "sqs:GetQueueAttributes", "catalogue queue"): counts("catalogue"),
    Permission(CATALOGUE, "sqs:ReceiveMessage", "catalogue queue"): receives("catalogue"),
    **(NEEDS_OF_KEYS | NEEDS_OF_RENDER),
    Permission(GRAPHQL, "dynamodb:GetItem", IMAGES): directly(GRAPHQL, "dynamodb", _reads_a_record),
    Permission(GRAPHQL, "dynamodb:Query", INDEX): directly(GRAPHQL, "dynamodb", _lists_records),
}
