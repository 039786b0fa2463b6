"""The examination: check the parts, send a picture through, and check again if it got stuck.

Start with `examine`. The only changes are one picture, which is deleted again, and on request one alarm.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from tintype.access import AccessMode
from tintype.client.api import Api
from tintype.client.credentials import BearerCredential, require_confidential
from tintype.config.delivery import Unsigned
from tintype.doctor.addresses import Addresses
from tintype.doctor.canary import DOORS, Canary, Listener, new_state, skipped
from tintype.doctor.checks.functions import logs
from tintype.doctor.checks.table import BELL, CHECKS, MOVING, Check, run_checks
from tintype.doctor.diagnosis import Diagnosis, StepOutcome, StepResult, judge
from tintype.doctor.findings import Fact, Finding, Severity, Step
from tintype.doctor.http import Web
from tintype.doctor.key import SCOPES
from tintype.doctor.stack import StackUnderTest
from tintype.outputs import Output, widths_of
from tintype.site.publishing import facts_of

STEP_TIMEOUT_SECONDS = 60.0  # a cold start of all functions, and late notifications of S3
KNOWN_SECONDS = 1.0  # if a check has found why waiting is in vain
GLANCE_SECONDS = 2.0  # between two checks of the logs while waiting
# An error may be about another picture, so waiting does not end at once.
GRACE_SECONDS = 5.0
_LOGS = tuple(each for each in CHECKS if each.name == "logs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What was examined, and the diagnosis."""

    results: tuple[StepResult, ...]
    diagnosis: Diagnosis
    facts: tuple[Fact, ...]
    seconds: float
    left: str | None = None  # the id of a picture that could not be deleted


class ExaminationStoppedError(Exception):
    """Ctrl-C was pressed. *left* is the id of a picture that could not be deleted."""

    def __init__(self, left: str | None) -> None:
        super().__init__()
        self.left = left


@dataclass
class InformedTimeouts:
    """Waits *longest* seconds at a step, unless that is known to be in vain."""

    longest: float = STEP_TIMEOUT_SECONDS
    target: StackUnderTest | None = None
    findings: list[Finding] = field(default_factory=list)
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    _next: float = 0.0
    _until: float = float("inf")

    def seconds(self, step: Step) -> float:
        """Return how long to wait at a step: briefly if a finding explains it already."""
        self._next = time.monotonic() + GLANCE_SECONDS
        known = any(
            step in one.explains and one.severity is Severity.FAILS for one in self.findings
        )
        return min(KNOWN_SECONDS, self.longest) if known else self.longest

    def is_lost(self) -> bool:
        """Whether a function has failed since the last step; the logs are read now and then."""
        now = time.monotonic()
        if self.target is not None and now >= self._next and self._until == float("inf"):
            self._next = now + GLANCE_SECONDS
            found = run_checks(self.target, [_logs_since(self.since)])
            if any(isinstance(one, Finding) and one.explains for one in found):
                self._until = now + GRACE_SECONDS
        return now >= self._until

    def renew(self) -> None:
        """Ignore earlier errors, as a step has passed: they were about other pictures.

        Those of the last seconds may be about this one: a function can fail before its last change is
        visible.
        """
        self.since = max(self.since, datetime.now(UTC) - timedelta(seconds=GRACE_SECONDS))
        self._next = time.monotonic() + GLANCE_SECONDS
        self._until = float("inf")


def examine(
    addresses: Addresses,
    target: StackUnderTest | None,
    listener: Listener,
    *,
    upload: bool = True,
    alarm: bool = False,
    timeouts: InformedTimeouts | None = None,
    report: Callable[[StepResult], None] = lambda _leg: None,
) -> Examination:
    """Examine a stack from outside by its *addresses*, and inside if there is a *target*.

    With *alarm*, one alarm of the stack rings for some seconds.

    Raises:
        ExaminationStoppedError: Ctrl-C was pressed; the picture is deleted, if possible.
    """
    start = time.perf_counter()
    timeouts = timeouts or InformedTimeouts()
    timeouts.target = target
    with Web() as web:
        canary = Canary(new_state(web, addresses, listener, timeouts), report)
        found = _checked_meanwhile(target, canary.doors)
        timeouts.findings = _findings(found)
        if upload:
            timeouts.since = datetime.now(UTC)
            _send(canary)
            if target and _any_failed(canary.results):
                found = _checked_again(target, found)
        else:
            canary.results += [skipped(one) for one in Step if one not in DOORS]
    if alarm and target:
        found = [*found, *run_checks(target, [BELL])]  # after the check whether one rings
    return Examination(
        results=tuple(canary.results),
        diagnosis=judge(_findings(found), canary.results),
        facts=tuple(one for one in found if isinstance(one, Fact)),
        seconds=time.perf_counter() - start,
        left=canary.left,
    )


def addresses_of(
    outputs: Mapping[str, str], credential: BearerCredential | None = None
) -> Addresses:
    """Return the public addresses of a stack from its outputs, and how to call it.

    Raises:
        InsecureAddressError: there is a *credential*, and the API's address is not encrypted.
    """
    if credential:
        require_confidential(outputs[Output.API_URL])
    return Addresses(
        page=outputs[Output.CDN_URL],
        api=outputs[Output.API_URL],
        graphql=outputs[Output.GRAPHQL_URL],
        key=outputs.get(Output.GRAPHQL_API_KEY, ""),
        expected=facts_of(outputs),
        is_closed=is_closed(outputs),
        credential=credential,
        widths=widths_of(outputs),
        is_open=outputs.get(Output.DELIVERY_UNSIGNED) == Unsigned.GRID,
    )


def is_closed(outputs: Mapping[str, str]) -> bool:
    """Whether the test image needs a known caller: an open stack may be closed for deleting."""
    if outputs.get(Output.ACCESS_MODE, AccessMode.OPEN) != AccessMode.OPEN:
        return True
    anyone = outputs.get(Output.ANYONE)
    return anyone is not None and not set(SCOPES) <= set(anyone.split(","))


def outputs_of_page(api: Api) -> dict[str, str]:
    """Return the outputs that the page knows, for callers who know only the API's address.

    Raises:
        ClientError: there is no page, or it does not describe its stack.
    """
    config = api.page_config()
    known = {
        Output.ACCESS_MODE: config.access_mode,
        Output.ANYONE: config.anyone,
        Output.DELIVERY_UNSIGNED: config.delivery.unsigned,
        Output.DELIVERY_WIDTHS: config.delivery.widths,
    }
    return {
        Output.API_URL: api.url,
        Output.CDN_URL: api.page_url,
        Output.GRAPHQL_URL: config.graphql_url,
        Output.GRAPHQL_REALTIME_URL: config.realtime_url,
        Output.GRAPHQL_API_KEY: config.api_key,
        Output.REGION: config.region,
        **{name: value for name, value in known.items() if value is not None},
    }


def _send(canary: Canary) -> None:
    try:
        canary.send()
    except KeyboardInterrupt as error:
        raise ExaminationStoppedError(canary.left) from error


def _checked_meanwhile(
    target: StackUnderTest | None, do: Callable[[], None]
) -> list[Finding | Fact]:
    """Check inside while *do* runs."""
    with ThreadPoolExecutor(1) as pool:
        checking: Future[list[Finding | Fact]] | None = (
            pool.submit(run_checks, target) if target else None
        )
        do()
        return checking.result() if checking else []


def _checked_again(target: StackUnderTest, found: list[Finding | Fact]) -> list[Finding | Fact]:
    """Check again what the picture may have left behind."""
    again = run_checks(target, [each for each in CHECKS if each.name in MOVING])
    codes = {"function_fails", "unannounced", "messages_wait", "dead_letters", "own_dead_letters"}
    kept = [one for one in found if not (isinstance(one, Finding) and one.code in codes)]
    return kept + [one for one in again if isinstance(one, Finding) and one.code in codes]


def _logs_since(moment: datetime) -> Check:
    (each,) = _LOGS
    return replace(each, act=lambda target: logs(target, since=moment))


def _findings(found: list[Finding | Fact]) -> list[Finding]:
    return [one for one in found if isinstance(one, Finding)]


def _any_failed(results: list[StepResult]) -> bool:
    return any(result.outcome is StepOutcome.FAILED for result in results)
