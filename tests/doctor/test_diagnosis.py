"""From findings to the culprit: a table of what may come together, and which of it is to be mended."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tintype.doctor.diagnosis import StepOutcome, StepResult, judge
from tintype.doctor.findings import FINDING_TYPES, RANK, SYMPTOMS, Finding, Step
from tintype.doctor.stack import SERVES, USES_TABLE


def finding(code: str, explains: Sequence[Step] | frozenset[Step] = ()) -> Finding:
    return Finding(code=code, message=f"{code} was found.", explains=frozenset(explains))


def results(*broken: Step, skipped: Sequence[Step] = ()) -> list[StepResult]:
    """Return a canary that broke at these steps, skipped others, and passed the rest."""
    outcomes = dict.fromkeys(Step, StepOutcome.PASSED)
    outcomes |= dict.fromkeys(skipped, StepOutcome.SKIPPED) | dict.fromkeys(
        broken, StepOutcome.FAILED
    )
    return [StepResult(step, outcome, "seen") for step, outcome in outcomes.items()]


PROCESS = SERVES["process"]
ON_THE_WAY = [
    Step.ANNOUNCEMENT,
    Step.READY,
    Step.RENDITION,
    Step.ADDRESS,
    Step.QUERY,
    Step.LISTING,
]
NO_RECORD = results(Step.RECORD, skipped=[*ON_THE_WAY, Step.DELETION])
NO_UPLOAD = results(skipped=[one for one in Step if one not in {"page", "config", "api", "socket"}])

# What was found, how the canary went, and the code of the culprit: None if all is well.
CASES: dict[str, tuple[list[Finding], list[StepResult], str | None]] = {
    "nothing": ([], results(), None),
    "nothing, and nobody travelled": ([], NO_UPLOAD, None),
    "a cause and its symptom": ([finding("queue_closed", PROCESS)], NO_RECORD, "queue_closed"),
    "a cause that did not break this canary": (
        [finding("events_off", [Step.DELETION])],
        results(),
        "events_off",
    ),
    "a symptom without a cause": ([], results(Step.RENDITION), "rendition_fails"),
    "the first of two symptoms": ([], results(Step.SOCKET, Step.QUERY), "socket_fails"),
    "errors in the log, where the canary broke": (
        [finding("function_fails", PROCESS)],
        NO_RECORD,
        "function_fails",
    ),
    "errors in the log, and it works again": (
        [finding("function_fails", PROCESS)],
        results(),
        None,
    ),
    "errors in the log, elsewhere": (
        [finding("function_fails", PROCESS)],
        results(Step.SOCKET, skipped=[Step.ANNOUNCEMENT]),
        "socket_fails",
    ),
    "errors in the log, and nobody travelled": (
        [finding("function_fails", PROCESS)],
        NO_UPLOAD,
        "function_fails",
    ),
    "errors of the api function, which answers": (
        [finding("function_fails", SERVES["api"])],
        NO_UPLOAD,
        None,
    ),
    "what was not announced, beside an older error": (
        [finding("function_fails", PROCESS), finding("unannounced", [Step.ANNOUNCEMENT])],
        results(Step.ANNOUNCEMENT),
        "unannounced",
    ),
    "a function that cannot run explains the errors": (
        [finding("function_fails", PROCESS), finding("function_stopped", PROCESS)],
        NO_RECORD,
        "function_stopped",
    ),
    "a table that is gone explains all": (
        [
            finding("function_fails", SERVES["api"]),
            finding("dead_letters"),
            finding("part_missing", USES_TABLE),
        ],
        results(Step.API, skipped=[Step.TICKET, Step.UPLOAD, *ON_THE_WAY]),
        "part_missing",
    ),
    "what explains the broken step before what does not": (
        [finding("function_stopped", PROCESS), finding("bucket_closed", [Step.RENDITION])],
        results(Step.RENDITION),
        "bucket_closed",
    ),
    "what explains the first broken step before what explains another": (
        [finding("part_missing", [Step.QUERY]), finding("config_missing", [Step.CONFIG])],
        results(Step.CONFIG, Step.QUERY),
        "config_missing",
    ),
    "dead letters alone": ([finding("dead_letters")], results(), "dead_letters"),
    "dead letters after a cause": (
        [finding("dead_letters"), finding("source_off", PROCESS)],
        NO_RECORD,
        "source_off",
    ),
    "an alarm that still rings": ([finding("alarm_rings")], results(), "alarm_rings"),
    "notes alone": ([finding("key_expires"), finding("not_seen")], results(), None),
    "throttled, and it came through": ([finding("function_throttled", PROCESS)], results(), None),
}


@pytest.mark.parametrize("name", CASES)
def test_the_culprit(name: str) -> None:
    found, canary, root_cause = CASES[name]

    diagnosis = judge(found, canary)

    assert (diagnosis.root_cause.code if diagnosis.root_cause else None) == root_cause
    assert diagnosis.healthy is (root_cause is None)


@pytest.mark.parametrize("name", CASES)
def test_nothing_that_was_found_is_lost(name: str) -> None:
    found, canary, _ = CASES[name]

    diagnosis = judge(found, canary)

    told = [one for one in (diagnosis.root_cause, *diagnosis.others, *diagnosis.notes) if one]
    broken = [result for result in canary if result.outcome is StepOutcome.FAILED]
    assert len(told) == len(found) + len(broken)
    assert {one.code for one in told} >= {one.code for one in found}


def test_the_rest_comes_in_the_order_of_causes() -> None:
    found = [finding("dead_letters"), finding("site_missing"), finding("queue_closed", PROCESS)]

    diagnosis = judge(found, NO_RECORD)

    codes = [one.code for one in diagnosis.others]
    assert codes == ["record_fails", "site_missing", "dead_letters"]


def test_a_symptom_says_what_was_seen() -> None:
    diagnosis = judge(
        [], [StepResult(Step.API, StepOutcome.FAILED, "it answers 503: Service Unavailable")]
    )

    assert diagnosis.root_cause is not None
    assert diagnosis.root_cause.message == (
        "The API does not answer as expected: it answers 503: Service Unavailable"
    )


def test_every_kind_is_one_sentence_with_a_place_of_its_own() -> None:
    assert all(kind.meaning.endswith(".") for kind in FINDING_TYPES)
    assert len(RANK) == len(FINDING_TYPES)
    assert set(SYMPTOMS) == set(Step)
