"""The update from the older release to this one, while people go on uploading."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cloud.stack import Json, Stack
from tests.deploy.account import Account
from tests.deploy.person import Person
from tests.upgrade.people import DRAWING, Uploader, record

_HOLD_SECONDS = 30 * 60  # longer than any update
_TRIES = 30  # of two seconds, until a message is there


@dataclass(frozen=True)
class Waited:
    """Images as they were when the update ended: of each, messages had waited in a queue meanwhile.

    The older API had asked the process function to render *again* and to delete, S3 had told it of
    *uploaded*, and the older process function had told the catalogue function of *rendered*.
    """

    uploaded: Json
    again: Json
    deleted: Json
    rendered: Json


@dataclass(frozen=True)
class Updated:
    """What the commands said, and what became of the people."""

    plan: dict[str, Any]
    document: dict[str, Any]
    image_ids: list[str]
    refused: list[str]
    waited: Waited


def update(tintype: Person, stack: Stack, account: Account, release: Path) -> Updated:
    """Update the stack with `tintype deploy`, after a look at its plan."""
    planned = tintype("deploy", "--public", "--plan", "--json", "--release", release)
    with _to_process(stack, account) as held, _to_record(stack, account) as rendered:
        with Uploader(stack) as uploader:
            ended = tintype("deploy", "--public", "--yes", "--json", "--release", release)
        waited = Waited(*(record(stack, image_id) for image_id in (*held, rendered)))
    assert ended.code == 0, ended.out + ended.err
    return Updated(
        plan=planned.document,
        document=ended.document,
        image_ids=uploader.image_ids,
        refused=uploader.refused,
        waited=waited,
    )


@contextmanager
def _to_process(stack: Stack, account: Account) -> Iterator[tuple[str, str, str]]:
    """Hide messages to the process function: yield what is uploaded, to be rendered again, and to be deleted."""
    again, deleted = (stack.upload(DRAWING, f"{name}.png") for name in ("again", "deleted"))
    for image_id in (again, deleted):
        stack.ready(image_id)
    with _not_reading(stack, account, "Process"):
        uploaded = stack.upload(DRAWING, "uploaded.png")
        assert stack.request("POST", f"/images/{again}/reprocess").status_code == 202
        assert stack.request("DELETE", f"/images/{deleted}").status_code == 202
        taken = _taken(account, stack.outputs["ProcessQueueUrl"], 3)
    yield uploaded, again, deleted
    for receipt in taken:
        account.client("sqs").change_message_visibility(
            QueueUrl=stack.outputs["ProcessQueueUrl"], ReceiptHandle=receipt, VisibilityTimeout=0
        )


@contextmanager
def _to_record(stack: Stack, account: Account) -> Iterator[str]:
    """Keep the catalogue function from its queue, and yield what is rendered and cannot be recorded."""
    with _not_reading(stack, account, "Catalogue"):
        rendered = stack.upload(DRAWING, "rendered.png")
        _when_sent(account, stack.outputs["CatalogueQueueUrl"], 2)  # it begins, and its manifest
        yield rendered


@contextmanager
def _not_reading(stack: Stack, account: Account, reader: str) -> Iterator[None]:
    """Keep a function from its queue."""
    functions = account.client("lambda")
    queue = stack.outputs[f"{reader}QueueUrl"].rpartition("/")[2]
    sources = functions.list_event_source_mappings(FunctionName=stack.outputs[f"{reader}Function"])
    (source,) = (
        one["UUID"]
        for one in sources["EventSourceMappings"]
        if one["EventSourceArn"].endswith(f":{queue}")
    )
    functions.update_event_source_mapping(UUID=source, Enabled=False)
    yield
    functions.update_event_source_mapping(UUID=source, Enabled=True)


def _taken(account: Account, queue: str, number: int) -> list[str]:
    """Take a *number* of messages out of a queue, and return what puts them back."""
    taken: list[str] = []
    for _ in range(_TRIES):
        told = account.client("sqs").receive_message(
            QueueUrl=queue,
            VisibilityTimeout=_HOLD_SECONDS,
            WaitTimeSeconds=2,
            MaxNumberOfMessages=10,
        )
        taken += (message["ReceiptHandle"] for message in told.get("Messages", ()))
        if len(taken) >= number:
            break
    assert len(taken) == number
    return taken


def _when_sent(account: Account, queue: str, number: int) -> None:
    """Wait until a queue has a *number* of messages."""
    for _ in range(_TRIES):
        if messages_in(account, queue) >= number:
            return
        time.sleep(2)
    raise AssertionError(queue)


def messages_in(account: Account, queue: str) -> int:
    """Return how many messages of a queue are there to be read."""
    name = "ApproximateNumberOfMessages"
    told = account.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=[name])
    return int(told["Attributes"][name])
