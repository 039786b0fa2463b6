"""The examination: look inside, send a picture through, and look again where it got stuck.

Start with `examine`. Nothing is changed but for the one picture, which is deleted again, and the one alarm
that somebody asks for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from tintype.doctor.case import Case
from tintype.doctor.findings import Fact, Finding, Station, Weight
from tintype.doctor.journey import DOORS, Addresses, Ear, Journey, new_trip, skipped
from tintype.doctor.looks import BELL, LOOKS, MOVING, Look, look
from tintype.doctor.looks_at_functions import logs
from tintype.doctor.verdict import Leg, Outcome, Verdict, judge
from tintype.doctor.web import BrokenError, Web
from tintype.site.publishing import ADDRESS_OF, facts_of

PATIENCE_SECONDS = 60.0  # a cold start of all functions, and a few tries of S3's news to come
KNOWN_SECONDS = 1.0  # where a look has found why it will not come
GLANCE_SECONDS = 2.0  # between two looks at the logs while one waits
# Errors of others' pictures are no reason to give up at once; ours is small, and tried again much later.
GRACE_SECONDS = 5.0
_LOGS = tuple(each for each in LOOKS if each.name == "logs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What was examined, and the verdict."""

    legs: tuple[Leg, ...]
    verdict: Verdict
    facts: tuple[Fact, ...]
    seconds: float
    left: str | None = None  # the id of a picture that could not be deleted again


class StoppedError(Exception):
    """Ctrl-C was pressed. *left* is the id of a picture that could not be deleted again."""

    def __init__(self, left: str | None) -> None:
        super().__init__()
        self.left = left


@dataclass
class InformedPatience:
    """Waits *longest* seconds at a station, unless something says that it is in vain."""

    longest: float = PATIENCE_SECONDS
    case: Case | None = None
    findings: list[Finding] = field(default_factory=list)
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    _next: float = 0.0
    _until: float = float("inf")

    def seconds(self, station: Station) -> float:
        """Return how long to wait at a station: not long where its cause is known already."""
        self._next = time.monotonic() + GLANCE_SECONDS
        known = any(station in one.explains and one.weight is Weight.FAILS for one in self.findings)
        return min(KNOWN_SECONDS, self.longest) if known else self.longest

    def is_lost(self) -> bool:
        """Whether a function failed a while ago, after the last station; asked now and then."""
        now = time.monotonic()
        if self.case is not None and now >= self._next and self._until == float("inf"):
            self._next = now + GLANCE_SECONDS
            found = look(self.case, [_logs_since(self.since)])
            if any(isinstance(one, Finding) and one.explains for one in found):
                self._until = now + GRACE_SECONDS
        return now >= self._until

    def renew(self) -> None:
        """Forget the errors until now, as a station was passed: they were of others' pictures.

        The last seconds' may be of ours: a function can fail before its last change is to be seen.
        """
        self.since = max(self.since, datetime.now(UTC) - timedelta(seconds=GRACE_SECONDS))
        self._next = time.monotonic() + GLANCE_SECONDS
        self._until = float("inf")


def examine(
    addresses: Addresses,
    case: Case | None,
    ear: Ear,
    *,
    upload: bool = True,
    alarm: bool = False,
    patience: InformedPatience | None = None,
    tell: Callable[[Leg], None] = lambda _leg: None,
) -> Examination:
    """Examine a stack by its *addresses*, and inside as far as there is a *case*.

    With *alarm* one alarm of the case rings for some seconds.

    Raises:
        StoppedError: Ctrl-C was pressed; the picture is deleted, if it could be.
    """
    start = time.perf_counter()
    patience = patience or InformedPatience()
    patience.case = case
    with Web() as web:
        journey = Journey(new_trip(web, addresses, ear, patience), tell)
        found = _looked_meanwhile(case, journey.doors)
        patience.findings = _findings(found)
        if upload:
            patience.since = datetime.now(UTC)
            _send(journey)
            if case and _broke(journey.legs):
                found = _looked_again(case, found)
        else:
            journey.legs += [skipped(one) for one in Station if one not in DOORS]
    if alarm and case:
        found = [*found, *look(case, [BELL])]  # after the look whether one rings
    return Examination(
        legs=tuple(journey.legs),
        verdict=judge(_findings(found), journey.legs),
        facts=tuple(one for one in found if isinstance(one, Fact)),
        seconds=time.perf_counter() - start,
        left=journey.left,
    )


def addresses_of(outputs: Mapping[str, str]) -> Addresses:
    """Return the public doors of a stack by its outputs."""
    return Addresses(
        page=outputs["CdnUrl"],
        api=outputs["ApiUrl"],
        graphql=outputs["GraphqlUrl"],
        key=outputs["GraphqlApiKey"],
        expected=facts_of(outputs),
    )


def outputs_of_page(api_url: str) -> dict[str, str]:
    """Return what a page tells of its stack, as outputs: for whoever knows the API's address alone.

    Raises:
        BrokenError: there is no page, or it tells nothing.
    """
    page = api_url.rstrip("/").removesuffix("/api")
    with Web() as web:
        known = web.send("GET", f"{page}/config.json").document()
    try:
        told = {output: str(known[name]) for name, output in ADDRESS_OF.items()}
    except KeyError as error:
        message = f"{page}/config.json has no {error}"
        raise BrokenError(message) from error
    return {"ApiUrl": api_url.rstrip("/"), "CdnUrl": page, **told}


def _send(journey: Journey) -> None:
    try:
        journey.send()
    except KeyboardInterrupt as error:
        raise StoppedError(journey.left) from error


def _looked_meanwhile(case: Case | None, do: Callable[[], None]) -> list[Finding | Fact]:
    """Look inside while something else is done."""
    with ThreadPoolExecutor(1) as pool:
        looking: Future[list[Finding | Fact]] | None = pool.submit(look, case) if case else None
        do()
        return looking.result() if looking else []


def _looked_again(case: Case, found: list[Finding | Fact]) -> list[Finding | Fact]:
    """Look once more at what the picture may have left behind."""
    again = look(case, [each for each in LOOKS if each.name in MOVING])
    codes = {"function_fails", "unannounced", "messages_wait", "dead_letters", "own_letters"}
    kept = [one for one in found if not (isinstance(one, Finding) and one.code in codes)]
    # Facts and the rest are as they were a moment ago.
    return kept + [one for one in again if isinstance(one, Finding) and one.code in codes]


def _logs_since(moment: datetime) -> Look:
    (each,) = _LOGS
    return replace(each, act=lambda case: logs(case, since=moment))


def _findings(found: list[Finding | Fact]) -> list[Finding]:
    return [one for one in found if isinstance(one, Finding)]


def _broke(legs: list[Leg]) -> bool:
    return any(leg.outcome is Outcome.BROKE for leg in legs)
