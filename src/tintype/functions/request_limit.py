"""The limit on requests of an owner in a minute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tintype.aws.ports import KeyStore
from tintype.functions.errors import RateLimitedError
from tintype.usage import requests_id

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class RequestLimit:
    """At most *number* requests of an owner in each minute of the clock; 0: any number."""

    counts: KeyStore
    number: int
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def count(self, owner: str) -> None:
        """Count a request; without a limit nothing is called.

        Raises:
            RateLimitedError: the owner has sent as many in this minute.
            ServiceError: the table cannot be written.
        """
        if not self.number:
            return
        seconds = int(self.now().timestamp())
        minute, rest = seconds - seconds % _MINUTE, _MINUTE - seconds % _MINUTE
        name = requests_id(owner, minute)
        if not self.counts.count(name, most=self.number, until=minute + 2 * _MINUTE):
            message = f"{self.number:,} requests in this minute; the next begins in {rest} seconds"
            raise RateLimitedError(message, retry_after=rest)
