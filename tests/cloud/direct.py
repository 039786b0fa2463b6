"""A deployed stack as its roles see it, and requests with a role's own credentials."""

from __future__ import annotations

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
from tests.cloud.permissions import Roles
from tests.cloud.stack import Stack
from tests.cloud.test_watching import Watcher, watching
from tests.pictures import picture
from tintype.imaging import Format
from tintype.keys import manifest_key

PNG = picture(8, 8, Format.PNG)
TIMEOUT_SECONDS = 30.0
DENIALS = {"AccessDenied", "AccessDeniedException"}
REFUSED = {
    403,
    500,
}  # S3's word for a denial, and the API's where its function was denied something
_GLANCE_SECONDS = 0.05
BACKGROUND = "background"  # the queue of what nobody waits for
FAILED = "ProcessFailed"  # the queue of what failed on every try


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
    timeout_seconds: float = TIMEOUT_SECONDS  # for what is not answered at once
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
        for name in ("process", BACKGROUND, "catalogue", FAILED):
            self.operator.client("sqs").purge_queue(QueueUrl=self.queue(name))


Need: TypeAlias = Callable[[Deployed], None]
Request: TypeAlias = Callable[[Deployed, Any], object]


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


def receives(name: str, who: str = "") -> Need:
    return directly(
        who or f"{name} function",
        "sqs",
        lambda there, sqs: sqs.receive_message(QueueUrl=there.queue(name)),
    )


def deletes(name: str, who: str = "") -> Need:
    def delete(there: Deployed, sqs: Any) -> None:
        with suppress(sqs.exceptions.ReceiptHandleIsInvalid):  # it was allowed to try
            sqs.delete_message(QueueUrl=there.queue(name), ReceiptHandle="none")

    return directly(who or f"{name} function", "sqs", delete)


def hides(name: str, who: str = "") -> Need:
    def hide(there: Deployed, sqs: Any) -> None:
        try:
            sqs.change_message_visibility(
                QueueUrl=there.queue(name), ReceiptHandle="none", VisibilityTimeout=0
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in DENIALS:
                raise  # else it was allowed to try

    return directly(who or f"{name} function", "sqs", hide)


def sends(name: str, who: str) -> Need:
    return directly(
        who,
        "sqs",
        lambda there, sqs: sqs.send_message(QueueUrl=there.queue(name), MessageBody="{}"),
    )


def counts(name: str, who: str = "") -> Need:
    return directly(
        who or f"{name} function",
        "sqs",
        lambda there, sqs: sqs.get_queue_attributes(
            QueueUrl=there.queue(name), AttributeNames=["All"]
        ),
    )


def logs(name: str, action: str) -> Need:
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


def lists_a_bucket(who: str, bucket: str) -> Need:
    return directly(
        who, "s3", lambda there, s3: s3.list_objects_v2(Bucket=getattr(there, bucket), MaxKeys=1)
    )


def call_api(there: Deployed, method: str, path: str, *, status: int, json: object = None) -> None:
    check_status(there.stack.request(method, path, json=json).status_code, status)


def check_status(status: int, expected: int) -> None:
    if status in REFUSED:
        raise DeniedError(status)
    assert status == expected


def wait_until(there: Deployed, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + there.timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise DeniedError
        time.sleep(_GLANCE_SECONDS)


@contextmanager
def hearing(there: Deployed) -> Iterator[Watcher]:
    patience = patch.object(test_watching, "SECONDS", there.timeout_seconds)
    with patience, watching(there.stack) as watcher:
        watcher.subscribe()
        try:
            yield watcher
        except TimeoutError as error:
            raise DeniedError from error


def invalidates(there: Deployed, cloudfront: Any) -> None:
    cloudfront.create_invalidation(
        DistributionId=there.stack.outputs["DistributionId"],
        InvalidationBatch={
            "Paths": {"Quantity": 1, "Items": ["/none"]},
            "CallerReference": str(uuid4()),
        },
    )


def tags(there: Deployed, s3: Any) -> None:
    s3.put_object_tagging(
        Bucket=there.renditions, Key=manifest_key(there.image_id), Tagging={"TagSet": []}
    )
