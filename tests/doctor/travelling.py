"""The canary sent on its way for a test: what it waits for, who listens, and where it broke."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.doctor.doors import ID, Doors
from tintype.doctor.addresses import Addresses
from tintype.doctor.canary import Canary, new_state
from tintype.doctor.diagnosis import StepOutcome, StepResult
from tintype.doctor.findings import Step
from tintype.doctor.http import Web
from tintype.doctor.run import Examination, InformedTimeouts, examine

SHOWN = f"GET /api/images/{ID}"
TIMEOUT_SECONDS = 0.5


class FakeListener:
    """Hears of every image that it was made ready at once, unless it is deaf."""

    def __init__(self, *, deaf: bool = False, refused: str | None = None) -> None:
        self._deaf, self._refused = deaf, refused

    def open(self, _seconds: float) -> str | None:
        return self._refused

    def announced(self, _image_id: str) -> Mapping[str, float]:
        return {} if self._deaf else {"READY": time.perf_counter()}


def travelled(
    doors: Doors, listener: FakeListener | None = None, addresses: Addresses | None = None
) -> Examination:
    return examine(
        addresses or doors.addresses,
        None,
        listener or FakeListener(),
        timeouts=InformedTimeouts(TIMEOUT_SECONDS),
    )


@dataclass
class CountingTimeouts:
    """Ends at the question of that number, and knows at which steps it was waited."""

    ends_at: int
    waited_at: list[Step] = field(default_factory=list)
    requests: int = 0

    def seconds(self, step: Step) -> float:
        self.waited_at.append(step)
        return math.inf

    def is_lost(self) -> bool:
        self.requests += 1
        return self.requests >= self.ends_at

    def renew(self) -> None:
        pass


def sent(doors: Doors, timeouts: CountingTimeouts) -> list[StepResult]:
    with Web() as web:
        canary = Canary(
            new_state(web, doors.addresses, FakeListener(), timeouts), report=lambda _leg: None
        )
        canary.doors()
        canary.send()
    return canary.results


def broken(found: Examination) -> dict[str, str]:
    return failures(found.results)


def failures(results: Sequence[StepResult]) -> dict[str, str]:
    return {
        result.step.value: result.observed
        for result in results
        if result.outcome is StepOutcome.FAILED
    }
