"""Limits on work that callers start: each unit of it is a lease in the access table.

A function that dies gives nothing back, so a lease also ends by itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tintype.aws.errors import ServiceError
from tintype.aws.ports import KeyStore
from tintype.functions.errors import TooManyRequestsError
from tintype.images import Image

PROCESS_SECONDS = 60  # longer than a caller waits, who has an answer or a timeout after 30
REPROCESS_SECONDS = 15 * 60  # a request that was lost can be repeated after that
_LOOKS = 10  # at slots, each a write, until a request is refused


@dataclass(frozen=True, slots=True)
class Slots:
    """At most *number* originals are processed at the same time for callers who wait."""

    leases: KeyStore
    number: int
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a slot while the block lasts.

        Raises:
            TooManyRequestsError: no slot is free.
            ServiceError: the table cannot be written.
        """
        slot = self._free()
        try:
            yield
        finally:
            with suppress(ServiceError):  # it ends by itself
                self.leases.delete(slot)

    @contextmanager
    def once(self, image: Image) -> Iterator[bool]:
        """Yield whether nobody has asked yet to render this version of the image again.

        If the block fails, the request does not count.

        Raises:
            ServiceError: the table cannot be written.
        """
        name = f"reprocess#{image.id}#{image.version}"
        first = self._lease(name, REPROCESS_SECONDS)
        try:
            yield first
        except BaseException:
            if first:
                with suppress(ServiceError):
                    self.leases.delete(name)
            raise

    def _free(self) -> str:
        first = secrets.randbelow(self.number)
        for step in range(min(self.number, _LOOKS)):
            slot = f"process#{(first + step) % self.number}"
            if self._lease(slot, PROCESS_SECONDS):
                return slot
        message = (
            f"{self.number} originals are being processed for callers; upload with POST /uploads"
        )
        raise TooManyRequestsError(message)

    def _lease(self, name: str, seconds: int) -> bool:
        now = int(self.now().timestamp())
        return self.leases.lease(name, now=now, until=now + seconds)
