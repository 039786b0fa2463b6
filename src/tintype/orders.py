"""Orders to the darkroom: which object, and what caused it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PutVersion:
    """What one PUT has written to a bucket that keeps versions; *size* in bytes."""

    id: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be done, and why.

    `sequencer` is the S3 event's, None where a person asked; `again` renders even what is there;
    `attempt` counts from 1; `wait_milliseconds` is the time since the event. `put` is known where
    the event was a PUT; `for_good` is said of one version that was deleted, and not only hidden.
    """

    key: str
    sequencer: str | None = None
    again: bool = False
    attempt: int = 1
    wait_milliseconds: float | None = None
    put: PutVersion | None = None
    for_good: bool = False
