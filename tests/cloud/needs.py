"""What each permission of docs/permissions.md is for: the smallest thing that fails without it.

Start with `NEEDS`. Most of them are asked for at the public doors, and the functions act. Where the
emulator does not ask IAM itself, the same request is made with the role's own credentials instead
(`directly`):

- its event sources receive and delete messages in nobody's name;
- its S3 answers 404 for a missing key also to who may not list the bucket, and takes an object's tags
  from who may only write the object;
- its GraphQL API reads the table in nobody's name.

What writes logs can only be simulated (`_logs`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from unittest.mock import patch
from uuid import uuid4

from botocore.exceptions import ClientError

from tests.cloud import test_watching
from tests.cloud.operator import Operator
from tests.cloud.permissions import GRAPHQL, Roles
from tests.cloud.stack import Stack
from tests.cloud.test_watching import Watcher, watching
from tests.pictures import picture
from tintype.imaging import Format
from tintype.keys import image_id as image_id_of
from tintype.keys import manifest_key
from tintype_infra.permissions import Permission

PNG = picture(8, 8, Format.PNG)
PATIENCE_SECONDS = 30.0
DENIALS = {"AccessDenied", "AccessDeniedException"}
REFUSED = {
    403,
    500,
}  # S3's word for a denial, and the API's where its function was denied something
_GLANCE_SECONDS = 0.05
FAILED = "DevelopFailed"  # the queue of what failed on every try


class DeniedError(Exception):
    """What was asked for did not happen."""


@dataclass
class Deployed:
    """The stack, its owner, its roles, and an image that is there."""

    stack: Stack
    operator: Operator
    roles: Roles
    image_id: str = ""
    key: str = ""
    patience_seconds: float = PATIENCE_SECONDS  # for what is not answered at once
    took_seconds: dict[Need, float] = field(default_factory=dict)

    @property
    def originals(self) -> str:
        return self.stack.outputs["OriginalsBucket"]

    @property
    def renditions(self) -> str:
        return self.stack.outputs["RenditionsBucket"]

    @property
    def table(self) -> str:
        return self.stack.outputs["ImagesTable"]

    def queue(self, name: str) -> str:
        """Return a queue's address, by its output or the function that it feeds."""
        return self.stack.outputs[f"{name[:1].upper()}{name[1:]}QueueUrl"]

    def empty_queues(self) -> None:
        """Forget what was denied: it would come again."""
        for name in ("develop", "catalogue", FAILED):
            self.operator.client("sqs").purge_queue(QueueUrl=self.queue(name))


Need: TypeAlias = Callable[[Deployed], None]
Request: TypeAlias = Callable[[Deployed, Any], object]


# What the api function does


def _api_shows(there: Deployed) -> None:
    _ask(there, "GET", f"/images/{there.image_id}", status=200)


def _api_lists(there: Deployed) -> None:
    _ask(there, "GET", "/images?limit=1", status=200)


def _api_gives_a_ticket(there: Deployed) -> None:
    wanted = {"filename": "a.png", "contentType": "image/png", "size": len(PNG)}
    _ask(there, "POST", "/uploads", status=201, json=wanted)


def _api_finds_a_name(there: Deployed) -> None:
    _ask(there, "GET", "/get-processed-image-url?filename=processed-never.png", status=404)


def _ticket_takes_the_bytes(there: Deployed) -> None:
    answer = there.stack.put(there.stack.ticket(PNG, "a.png", "image/png"), PNG)
    _check(answer.status_code, 200)


def _link_gives_the_bytes(there: Deployed) -> None:
    link = there.stack.request("GET", f"/images/{there.image_id}/original").json()["url"]
    _check(there.stack.client.get(link).status_code, 200)


def _api_deletes(there: Deployed) -> None:
    ticket = there.stack.ticket(PNG, "a.png", "image/png")
    _ask(there, "DELETE", f"/images/{ticket['imageId']}", status=202)


def _api_orders(there: Deployed) -> None:
    _ask(there, "POST", f"/images/{there.image_id}/reprocess", status=202)


# What the develop function does


def _object_is_developed(there: Deployed) -> None:
    body = {"bucket": there.originals, "key": there.key}
    _ask(there, "POST", "/process", status=200, json=body)


def _new_object_is_developed(there: Deployed) -> None:
    key = f"{uuid4()}.png"
    there.operator.client("s3").put_object(Bucket=there.originals, Key=key, Body=PNG)
    _ask(there, "POST", "/process", status=200, json={"bucket": there.originals, "key": key})


def _beginning_is_told(there: Deployed) -> None:
    with _hearing(there) as watcher:
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

    _wait_until(there, is_gone)


def _a_version_is_deleted(there: Deployed, s3: Any) -> None:
    """Develop's only with an original that is larger than 50 MB (test_refusals.py has one)."""
    key = f"originals/{there.image_id}/none.png"
    s3.delete_object(Bucket=there.originals, Key=key, VersionId="none")


def _image_is_swept(there: Deployed) -> None:
    sqs, url = there.operator.client("sqs"), there.queue("develop")
    there.empty_queues()
    order = {"command": "sweep", "imageId": there.image_id}
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(order))
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def is_done() -> bool:
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return all(count == "0" for count in found.values())

    _wait_until(there, is_done)


# What the catalogue function does


def _image_is_recorded(there: Deployed) -> None:
    image_id = there.stack.upload(PNG)
    try:
        there.stack.ready(image_id, there.patience_seconds)
    except TimeoutError as error:
        raise DeniedError from error


def _image_is_announced(there: Deployed) -> None:
    with _hearing(there) as watcher:
        watcher.until(there.stack.upload(PNG), "READY")


def _repeated_event_is_announced(there: Deployed) -> None:
    """Only who finds the record that is there knows that it may have been announced by nobody."""
    name = {"bucket": {"name": there.renditions}, "object": {"key": manifest_key(there.image_id)}}
    event = {"Records": [{"eventName": "ObjectCreated:Put", "s3": name}]}
    with _hearing(there) as watcher:
        there.operator.client("sqs").send_message(
            QueueUrl=there.queue("catalogue"), MessageBody=json.dumps(event)
        )
        watcher.until(there.image_id, "READY")


def _failure_is_recorded(there: Deployed) -> None:
    """An original whose message failed on every try; the event of its own coming is held back."""
    key = f"{uuid4()}.png"
    image_id = image_id_of(there.originals, key)
    with _not_developing(there):
        there.operator.client("s3").put_object(Bucket=there.originals, Key=key, Body=PNG)
        name = {"bucket": {"name": there.originals}, "object": {"key": key, "sequencer": "01"}}
        event = {"Records": [{"eventName": "ObjectCreated:Put", "s3": name}]}
        there.operator.client("sqs").send_message(
            QueueUrl=there.queue(FAILED), MessageBody=json.dumps(event)
        )
        try:
            there.stack.when(
                image_id,
                lambda one: one is not None and one["status"] == "FAILED",
                there.patience_seconds,
            )
        except TimeoutError as error:
            raise DeniedError from error


@contextmanager
def _not_developing(there: Deployed) -> Iterator[None]:
    functions, name = there.operator.client("lambda"), there.stack.outputs["DevelopFunction"]
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    try:
        yield
    finally:
        there.empty_queues()
        functions.delete_function_concurrency(FunctionName=name)


def _failure_is_kept(there: Deployed) -> None:
    _is_put_aside(there, FAILED, "DevelopDeadLetter")


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

    _wait_until(there, is_there)


# The same requests with the roles' own credentials, where the emulator makes them in nobody's name


def directly(who: str, service: str, request: Request) -> Need:
    """Return a request to AWS's service with a role's own credentials."""

    def ask(there: Deployed) -> None:
        try:
            request(there, there.roles.client(who, service))
        except ClientError as error:
            if error.response["Error"]["Code"] not in DENIALS:
                raise
            raise DeniedError from error

    return ask


def _receives(name: str, who: str = "") -> Need:
    return directly(
        who or f"{name} function",
        "sqs",
        lambda there, sqs: sqs.receive_message(QueueUrl=there.queue(name)),
    )


def _deletes(name: str, who: str = "") -> Need:
    def delete(there: Deployed, sqs: Any) -> None:
        with suppress(sqs.exceptions.ReceiptHandleIsInvalid):  # it was allowed to try
            sqs.delete_message(QueueUrl=there.queue(name), ReceiptHandle="none")

    return directly(who or f"{name} function", "sqs", delete)


def _hides(name: str) -> Need:
    def hide(there: Deployed, sqs: Any) -> None:
        try:
            sqs.change_message_visibility(
                QueueUrl=there.queue(name), ReceiptHandle="none", VisibilityTimeout=0
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in DENIALS:
                raise  # else it was allowed to try

    return directly(f"{name} function", "sqs", hide)


def _sends(name: str, who: str) -> Need:
    return directly(
        who,
        "sqs",
        lambda there, sqs: sqs.send_message(QueueUrl=there.queue(name), MessageBody="{}"),
    )


def _counts(name: str, who: str = "") -> Need:
    return directly(
        who or f"{name} function",
        "sqs",
        lambda there, sqs: sqs.get_queue_attributes(
            QueueUrl=there.queue(name), AttributeNames=["All"]
        ),
    )


def _logs(name: str, action: str) -> Need:
    """Simulated: the emulator's CloudWatch Logs does not know that `group:*` is the group's streams."""

    def simulate(there: Deployed) -> None:
        who, stream = f"{name} function", "log-stream:any"
        answer = there.operator.client("iam").simulate_principal_policy(
            PolicySourceArn=there.roles.arn(who),
            ActionNames=[action],
            ResourceArns=[f"{there.roles.log_group_arn(who)}:{stream}"],
        )
        if answer["EvaluationResults"][0]["EvalDecision"] != "allowed":
            raise DeniedError

    return simulate


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


def _lists_a_bucket(who: str, bucket: str) -> Need:
    return directly(
        who, "s3", lambda there, s3: s3.list_objects_v2(Bucket=getattr(there, bucket), MaxKeys=1)
    )


def _tags(there: Deployed, s3: Any) -> None:
    s3.put_object_tagging(
        Bucket=there.renditions, Key=manifest_key(there.image_id), Tagging={"TagSet": []}
    )


def _reads_a_record(there: Deployed, dynamodb: Any) -> None:
    dynamodb.get_item(TableName=there.table, Key={"id": {"S": there.image_id}})


def _lists_records(there: Deployed, dynamodb: Any) -> None:
    dynamodb.query(
        TableName=there.table,
        IndexName="byOwner",
        KeyConditionExpression="#owner = :owner",
        ExpressionAttributeNames={"#owner": "owner"},
        ExpressionAttributeValues={":owner": {"S": "public"}},
        Limit=1,
    )


def _ask(there: Deployed, method: str, path: str, *, status: int, json: object = None) -> None:
    _check(there.stack.request(method, path, json=json).status_code, status)


def _check(status: int, expected: int) -> None:
    if status in REFUSED:
        raise DeniedError(status)
    assert status == expected


def _wait_until(there: Deployed, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + there.patience_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise DeniedError
        time.sleep(_GLANCE_SECONDS)


@contextmanager
def _hearing(there: Deployed) -> Iterator[Watcher]:
    patience = patch.object(test_watching, "SECONDS", there.patience_seconds)
    with patience, watching(there.stack) as watcher:
        watcher.subscribe()
        try:
            yield watcher
        except TimeoutError as error:
            raise DeniedError from error


API, DEVELOP, CATALOGUE = "api function", "develop function", "catalogue function"
ORIGINALS, RENDITIONS, IMAGES = "originals bucket", "renditions bucket", "images table"
INDEX = f"{IMAGES} `/index/byOwner`"
NAME_INDEX = f"{IMAGES} `/index/byFilename`"
PUBLISH = f"{GRAPHQL} `/types/Mutation/fields/publishImage`"

NEEDS: dict[Permission, Need] = {
    Permission(API, "dynamodb:GetItem", IMAGES): _api_shows,
    Permission(API, "dynamodb:PutItem", IMAGES): _api_gives_a_ticket,
    Permission(API, "dynamodb:Query", INDEX): _api_lists,
    Permission(API, "dynamodb:Query", NAME_INDEX): _api_finds_a_name,
    Permission(API, "lambda:InvokeFunction", DEVELOP): _object_is_developed,
    Permission(API, "logs:CreateLogStream", "api log group"): _logs("api", "logs:CreateLogStream"),
    Permission(API, "logs:PutLogEvents", "api log group"): _logs("api", "logs:PutLogEvents"),
    Permission(API, "s3:DeleteObject", f"{ORIGINALS} `/*`"): _api_deletes,
    Permission(
        API, "s3:GetObject", f"{ORIGINALS} `/*`", "with OriginalsReadable"
    ): _link_gives_the_bytes,
    Permission(API, "s3:PutObject", f"{ORIGINALS} `/originals/*`"): _ticket_takes_the_bytes,
    Permission(API, "sqs:SendMessage", "develop queue"): _api_orders,
    Permission(DEVELOP, "logs:CreateLogStream", "develop log group"): _logs(
        "develop", "logs:CreateLogStream"
    ),
    Permission(DEVELOP, "logs:PutLogEvents", "develop log group"): _logs(
        "develop", "logs:PutLogEvents"
    ),
    Permission(DEVELOP, "s3:DeleteObject", f"{RENDITIONS} `/*`"): _renditions_are_deleted,
    Permission(DEVELOP, "s3:DeleteObjectVersion", f"{ORIGINALS} `/originals/*`"): directly(
        DEVELOP, "s3", _a_version_is_deleted
    ),
    Permission(DEVELOP, "s3:GetObject", f"{ORIGINALS} `/*`"): _object_is_developed,
    Permission(DEVELOP, "s3:GetObject", f"{RENDITIONS} `/*`"): _object_is_developed,
    Permission(DEVELOP, "s3:ListBucket", ORIGINALS): _lists_a_bucket(DEVELOP, "originals"),
    Permission(DEVELOP, "s3:ListBucket", RENDITIONS): _image_is_swept,
    Permission(DEVELOP, "s3:PutObject", f"{RENDITIONS} `/*`"): _new_object_is_developed,
    Permission(DEVELOP, "s3:PutObjectTagging", f"{RENDITIONS} `/*`"): directly(
        DEVELOP, "s3", _tags
    ),
    Permission(DEVELOP, "sqs:ChangeMessageVisibility", "develop queue"): _hides("develop"),
    Permission(DEVELOP, "sqs:DeleteMessage", "develop queue"): _deletes("develop"),
    Permission(DEVELOP, "sqs:GetQueueAttributes", "develop queue"): _counts("develop"),
    Permission(DEVELOP, "sqs:ReceiveMessage", "develop queue"): _receives("develop"),
    Permission(DEVELOP, "sqs:SendMessage", "catalogue queue"): _beginning_is_told,
    Permission(DEVELOP, "sqs:SendMessage", "develop queue"): _object_is_developed,
    Permission(CATALOGUE, "appsync:UpdateApiKey", GRAPHQL): directly(
        CATALOGUE, "appsync", _renews_the_key
    ),
    Permission(CATALOGUE, "appsync:UpdateApiKey", "GraphQL key"): _key_may_be_renewed,
    Permission(CATALOGUE, "appsync:GraphQL", PUBLISH): _image_is_announced,
    Permission(CATALOGUE, "dynamodb:GetItem", IMAGES): _repeated_event_is_announced,
    Permission(CATALOGUE, "dynamodb:PutItem", IMAGES): _image_is_recorded,
    Permission(CATALOGUE, "logs:CreateLogStream", "catalogue log group"): _logs(
        "catalogue", "logs:CreateLogStream"
    ),
    Permission(CATALOGUE, "logs:PutLogEvents", "catalogue log group"): _logs(
        "catalogue", "logs:PutLogEvents"
    ),
    Permission(CATALOGUE, "s3:GetObject", f"{RENDITIONS} `/*/manifest.json`"): _image_is_recorded,
    Permission(CATALOGUE, "s3:ListBucket", ORIGINALS): _lists_a_bucket(CATALOGUE, "originals"),
    Permission(CATALOGUE, "s3:ListBucket", RENDITIONS): _lists_a_bucket(CATALOGUE, "renditions"),
    Permission(CATALOGUE, "s3:PutObject", f"{RENDITIONS} `/*/manifest.json`"): _failure_is_recorded,
    Permission(CATALOGUE, "sqs:ChangeMessageVisibility", "catalogue queue"): _hides("catalogue"),
    Permission(CATALOGUE, "sqs:DeleteMessage", "catalogue queue"): _deletes("catalogue"),
    Permission(CATALOGUE, "sqs:DeleteMessage", "develop failed queue"): _deletes(FAILED, CATALOGUE),
    Permission(CATALOGUE, "sqs:GetQueueAttributes", "develop failed queue"): _counts(
        FAILED, CATALOGUE
    ),
    Permission(CATALOGUE, "sqs:ReceiveMessage", "develop failed queue"): _receives(
        FAILED, CATALOGUE
    ),
    Permission(CATALOGUE, "sqs:SendMessage", "catalogue dead-letter queue"): _poison_is_put_aside,
    Permission(CATALOGUE, "sqs:SendMessage", "develop dead-letter queue"): _failure_is_kept,
    Permission(CATALOGUE, "sqs:SendMessage", "develop queue"): _sends("develop", CATALOGUE),
    Permission(CATALOGUE, "sqs:GetQueueAttributes", "catalogue queue"): _counts("catalogue"),
    Permission(CATALOGUE, "sqs:ReceiveMessage", "catalogue queue"): _receives("catalogue"),
    Permission(GRAPHQL, "dynamodb:GetItem", IMAGES): directly(GRAPHQL, "dynamodb", _reads_a_record),
    Permission(GRAPHQL, "dynamodb:Query", INDEX): directly(GRAPHQL, "dynamodb", _lists_records),
}
