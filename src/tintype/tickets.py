"""The end of a ticket: the record of an image that was never uploaded goes with it.

Whoever issues a ticket sends a message that comes when no upload by it can be under way any more.
SQS holds a message back for 15 minutes at most, so it may come several times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from tintype.aws.ports import MessageQueue, ObjectStore
from tintype.images import Status, from_document
from tintype.messages import Expire, encode
from tintype.records import Records

LONGEST_DELAY_SECONDS = 900  # SQS's limit


class TicketState(StrEnum):
    """What has become of a ticket."""

    OPEN = "OPEN"  # an upload by it may still come, or is still to be processed
    USED = "USED"
    REMOVED = "REMOVED"


def send_expiry(queue: MessageQueue, expire: Expire, now: datetime) -> None:
    """Send the message, to come at its time or, if that is too late for SQS, before.

    Raises:
        ServiceError: the queue refused it.
    """
    rest = expire.at - int(now.timestamp())
    wait = min(rest, LONGEST_DELAY_SECONDS) if rest > 0 else LONGEST_DELAY_SECONDS
    queue.send(encode(expire), delay_seconds=wait)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tickets:
    """The tickets, by their records."""

    records: Records
    originals: ObjectStore
    queue: MessageQueue
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def expire(self, expire: Expire) -> TicketState:
        """Remove the record that still waits for its upload, unless it is too early.

        An upload whose event is late keeps its record.

        Raises:
            ServiceError: a service refused or failed; retry.
        """
        there = self.records.get(expire.image_id)
        image = from_document(there) if there else None
        if there is None or image is None or image.status is not Status.AWAITING_UPLOAD:
            return TicketState.USED
        if self.now().timestamp() < expire.at or self._is_uploaded(image.original.key):
            send_expiry(self.queue, expire, self.now())
            return TicketState.OPEN
        return TicketState.REMOVED if self.records.remove(there) else TicketState.USED

    def _is_uploaded(self, key: str) -> bool:
        return any(one.key == key for one in self.originals.entries(key))
