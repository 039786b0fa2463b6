"""Messages for whole batches, and what became of them."""

from __future__ import annotations

from datetime import timedelta

from tests.functions.aws_events import batch_of, message
from tests.functions.stack import FAILED_ARN, Stack, original
from tintype import keys
from tintype.aws.errors import UnavailableError
from tintype.functions import catalogue, process
from tintype.images import Status, decode_manifest

POISON = [
    "",
    "no JSON",
    '{"command": "format disk"}',
    '{"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "%FF"}}}]}',
    "[" * 100_000,
]
UNAVAILABLE = UnavailableError(
    "Please reduce your request rate.",
    service="s3",
    operation="GetObject",
    status=503,
    name="SlowDown",
)


def put(stack: Stack, name: str, data: bytes | None = None) -> tuple[str, str]:
    """Put an original there; return its image's id and the message of S3, which nobody has received."""
    key = keys.original_key(keys.new_id(stack.world.now), name)
    image_id = stack.put(data or original(), key)
    (told,) = stack.process_queue.messages
    stack.process_queue.messages.clear()
    return image_id, told.body


def processed(stack: Stack, image_id: str) -> Status | None:
    stored = stack.renditions.objects.get(keys.manifest_key(image_id))
    return decode_manifest(stored.data).image.status if stored else None


def failed(response: dict[str, object]) -> list[str]:
    found = response["batchItemFailures"]
    assert isinstance(found, list)
    return [one["itemIdentifier"] for one in found]


def give_up(*bodies: str) -> dict[str, object]:
    """Hand messages that failed on every try to the function that ends their images."""
    messages = [message(body, id=str(number)) for number, body in enumerate(bodies)]
    return catalogue.handler(
        batch_of(*({**one, "eventSourceARN": FAILED_ARN} for one in messages)), None
    )


def manifests_of(stack: Stack, images: list[str]) -> list[str]:
    """Have *images* processed, and return S3's messages about their manifests."""
    while (taken := stack.process_queue.receive()) is not None:
        process.handler(batch_of(message(taken.body)), None)
        stack.process_queue.finish(taken, failed=False)
    told = [one.body for one in stack.news.messages if "Records" in one.body]
    stack.news.messages.clear()
    stack.world.now += timedelta(seconds=1)
    assert len(told) == len(images)
    return told
