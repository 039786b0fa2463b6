"""The update from the older release to this one, while people go on uploading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cloud.stack import Stack
from tests.deploy.account import Account
from tests.deploy.person import Person
from tests.upgrade.people import DRAWING, Uploader


@dataclass(frozen=True)
class Updated:
    """What the commands said, and what became of the people.

    *waited* is an image whose manifest lay in the catalogue queue throughout the update, where there
    were *messages* before it.
    """

    plan: dict[str, Any]
    document: dict[str, Any]
    image_ids: list[str]
    refused: list[str]
    waited: str
    messages: int


def update(tintype: Person, stack: Stack, account: Account, release: Path) -> Updated:
    """Update the stack with `tintype deploy`, after a look at its plan."""
    planned = tintype("deploy", "--plan", "--json", "--release", release)
    with _nobody_recording(stack, account):
        waited = stack.upload(DRAWING, "waited.png")
        messages = _messages(stack, account)
        with Uploader(stack) as uploader:
            ended = tintype("deploy", "--public", "--yes", "--json", "--release", release)
    assert ended.code == 0, ended.out + ended.err
    return Updated(
        plan=planned.document,
        document=ended.document,
        image_ids=uploader.image_ids,
        refused=uploader.refused,
        waited=waited,
        messages=messages,
    )


@contextmanager
def _nobody_recording(stack: Stack, account: Account) -> Iterator[None]:
    """Keep the catalogue function from its queue, so that what it is to record waits there."""
    functions = account.client("lambda")
    sources = functions.list_event_source_mappings(FunctionName=stack.outputs["CatalogueFunction"])
    (source,) = sources["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=source["UUID"], Enabled=False)
    yield
    functions.update_event_source_mapping(UUID=source["UUID"], Enabled=True)


def _messages(stack: Stack, account: Account) -> int:
    """Return how many messages the catalogue queue has, once it has any."""
    queue, name = stack.outputs["CatalogueQueueUrl"], "ApproximateNumberOfMessages"
    sqs = account.client("sqs")
    for _ in range(600):
        told = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[name])
        if number := int(told["Attributes"][name]):
            return number
    return 0
