"""The darkroom: where originals are developed, and by which presets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tintype import keys
from tintype.aws.s3 import Bucket
from tintype.aws.sqs import Queue
from tintype.imaging import Limits, Preset
from tintype.orders import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Darkroom:
    """The buckets, the queues, the presets and the limits.

    `sweep_seconds` is longer than any function lives, and at most SQS's longest delay, 900.
    """

    originals: Bucket
    renditions: Bucket
    orders: Queue
    catalogue: Queue
    presets: Sequence[Preset]
    presets_revision: str
    limits: Limits
    max_tries: int
    sweep_seconds: int
    threads: int = 2
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def image_id(self, order: Order) -> str:
        """Return the id of the image that an order is about."""
        return keys.image_id(self.originals.name, order.key)

    def must_turn_away(self, order: Order) -> bool:
        """Whether what was put came too large by one of our links: one that signs no size."""
        too_large = order.put is not None and order.put.size > self.limits.max_bytes
        return too_large and keys.is_ours(order.key)

    def order_sweep(self, image_id: str) -> None:
        """Have what is left over looked through when nobody who is at work now can still be at it."""
        message = f'{{"command":"sweep","imageId":"{image_id}"}}'
        self.orders.send(message, delay_seconds=self.sweep_seconds)
