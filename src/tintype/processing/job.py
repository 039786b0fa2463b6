"""A job: the original to process or discard, and the cause."""

from __future__ import annotations

from dataclasses import dataclass

from tintype.messages import PutVersion, SetFocus


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessJob:
    """What to do, and why.

    `sequencer` is the S3 event's, None for requests; `again` renders even if renditions are
    current; `attempt` counts from 1; `wait_milliseconds` is the time since the event. `put` is set
    if the event was a PUT; `for_good`: a version was deleted permanently, not only hidden. `trace`
    is the originating request's; `own_trace` is used if that is unknown. `refocus` is set if the image
    is rendered again because its focus changes.
    """

    key: str
    sequencer: str | None = None
    again: bool = False
    attempt: int = 1
    wait_milliseconds: float | None = None
    put: PutVersion | None = None
    for_good: bool = False
    trace: str | None = None
    refocus: SetFocus | None = None
    own_trace: str | None = None
