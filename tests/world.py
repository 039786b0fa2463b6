"""One clock, dice and a baton: workers that run one at a time, and may die at each call of a service."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from greenlet import getcurrent, greenlet

from tintype.aws.errors import UnavailableError

START = datetime(2026, 11, 21, tzinfo=UTC)
STEP = timedelta(milliseconds=20)
VISIBILITY = timedelta(seconds=90)


class KilledError(BaseException):
    """A worker died: out of memory, out of time, a machine that went away."""


@dataclass(frozen=True, kw_only=True)
class Odds:
    """How likely it is, at each call of a service, that something goes wrong."""

    killed: float = 0.0
    refused: float = 0.0  # the call is not carried out
    response_lost: float = 0.0  # it is, and the caller hears nothing of it
    doubled: float = 0.0  # a message is delivered twice
    throttled: float = 0.0  # a message is received, and no function can be started for it


class World:
    """The clock, the dice and the baton: one worker runs at a time, from one call to the next."""

    def __init__(self, seed: int, odds: Odds) -> None:
        self.random = Random(seed)
        self.odds = odds
        self.now = START
        self.killed = self.refused = self.lost = self.doubled = 0
        self._workers: dict[greenlet, Worker] = {}

    def call(self, effect: Callable[[], object] | None = None) -> object:
        """Carry out a call of a service, perhaps: switch, refuse, lose the answer, die."""
        worker = self._workers.get(getcurrent())
        if worker is not None:
            worker.pause()
        self.now += STEP
        self._perhaps_fail(before=True)
        result = effect() if effect else None
        self._perhaps_fail(before=False)
        return result

    def adopt(self, worker: Worker) -> None:
        self._workers[getcurrent()] = worker

    def dismiss(self) -> None:
        self._workers.pop(getcurrent(), None)

    def _perhaps_fail(self, *, before: bool) -> None:
        worker = self._workers.get(getcurrent())
        if worker.lucky if worker else threading.current_thread() is threading.main_thread():
            return
        dice, odds = self.random.random(), self.odds
        if dice < odds.killed / 2:
            self.killed += 1
            raise KilledError
        if before and dice < odds.killed / 2 + odds.refused:
            self.refused += 1
            raise _unavailable()
        if not before and dice < odds.killed / 2 + odds.response_lost:
            self.lost += 1
            raise _unavailable()


def _unavailable() -> UnavailableError:
    return UnavailableError(
        "it is not our day", service="any", operation="Any", status=503, name=""
    )


class Worker:
    """A function's invocation, or a person, that runs only when it is told to.

    Nothing ever goes wrong for who is *lucky*. A greenlet: passing the baton between threads takes
    a hundred times as long.
    """

    def __init__(self, world: World, work: Callable[[], None], *, lucky: bool = False) -> None:
        self.world = world
        self.lucky = lucky
        self.done = False
        self.error: BaseException | None = None
        self._work = work
        self._greenlet = greenlet(self._run)

    def step(self) -> None:
        """Let it run to its next call of a service, or to its end."""
        self._greenlet.switch()

    def pause(self) -> None:
        self._greenlet.parent.switch()

    def _run(self) -> None:
        self.world.adopt(self)
        try:
            self._work()
        except (Exception, KilledError) as error:  # noqa: BLE001 - whatever ends it
            self.error = error
        finally:
            self.world.dismiss()
            self.done = True
