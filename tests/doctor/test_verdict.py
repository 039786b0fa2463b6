"""From findings to the culprit: a table of what may come together, and which of it is to be mended."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tintype.doctor.case import SERVES, USES_TABLE
from tintype.doctor.findings import KINDS, RANK, SYMPTOMS, Finding, Station
from tintype.doctor.verdict import Leg, Outcome, judge


def finding(code: str, explains: Sequence[Station] | frozenset[Station] = ()) -> Finding:
    return Finding(code=code, message=f"{code} was found.", explains=frozenset(explains))


def legs(*broken: Station, skipped: Sequence[Station] = ()) -> list[Leg]:
    """Return a journey that broke at these stations, skipped others, and passed the rest."""
    outcomes = dict.fromkeys(Station, Outcome.PASSED)
    outcomes |= dict.fromkeys(skipped, Outcome.SKIPPED) | dict.fromkeys(broken, Outcome.BROKE)
    return [Leg(station, outcome, "seen") for station, outcome in outcomes.items()]


DEVELOP = SERVES["develop"]
ON_THE_WAY = [
    Station.ANNOUNCEMENT,
    Station.READY,
    Station.RENDITION,
    Station.QUERY,
    Station.LISTING,
]
NO_RECORD = legs(Station.RECORD, skipped=[*ON_THE_WAY, Station.DELETION])
NO_UPLOAD = legs(skipped=[one for one in Station if one not in {"page", "config", "api", "socket"}])

# What was found, how the journey went, and the code of the culprit: None if all is well.
CASES: dict[str, tuple[list[Finding], list[Leg], str | None]] = {
    "nothing": ([], legs(), None),
    "nothing, and nobody travelled": ([], NO_UPLOAD, None),
    "a cause and its symptom": ([finding("queue_closed", DEVELOP)], NO_RECORD, "queue_closed"),
    "a cause that did not break this journey": (
        [finding("role_lacks", [Station.DELETION])],
        legs(),
        "role_lacks",
    ),
    "a symptom without a cause": ([], legs(Station.RENDITION), "rendition_fails"),
    "the first of two symptoms": ([], legs(Station.SOCKET, Station.QUERY), "socket_fails"),
    "errors in the log, where the journey broke": (
        [finding("function_fails", DEVELOP)],
        NO_RECORD,
        "function_fails",
    ),
    "errors in the log, and it works again": ([finding("function_fails", DEVELOP)], legs(), None),
    "errors in the log, elsewhere": (
        [finding("function_fails", DEVELOP)],
        legs(Station.SOCKET, skipped=[Station.ANNOUNCEMENT]),
        "socket_fails",
    ),
    "errors in the log, and nobody travelled": (
        [finding("function_fails", DEVELOP)],
        NO_UPLOAD,
        "function_fails",
    ),
    "errors of the api function, which answers": (
        [finding("function_fails", SERVES["api"])],
        NO_UPLOAD,
        None,
    ),
    "a role that lacks something explains the errors": (
        [finding("function_fails", DEVELOP), finding("role_lacks", DEVELOP)],
        NO_RECORD,
        "role_lacks",
    ),
    "a table that is gone explains all": (
        [
            finding("function_fails", SERVES["api"]),
            finding("dead_letters"),
            finding("part_missing", USES_TABLE),
        ],
        legs(Station.API, skipped=[Station.TICKET, Station.UPLOAD, *ON_THE_WAY]),
        "part_missing",
    ),
    "what explains the broken station before what does not": (
        [finding("function_stopped", DEVELOP), finding("bucket_closed", [Station.RENDITION])],
        legs(Station.RENDITION),
        "bucket_closed",
    ),
    "what explains the first broken station before what explains another": (
        [finding("part_missing", [Station.QUERY]), finding("config_missing", [Station.CONFIG])],
        legs(Station.CONFIG, Station.QUERY),
        "config_missing",
    ),
    "dead letters alone": ([finding("dead_letters")], legs(), "dead_letters"),
    "dead letters after a cause": (
        [finding("dead_letters"), finding("source_off", DEVELOP)],
        NO_RECORD,
        "source_off",
    ),
    "an alarm that still rings": ([finding("alarm_rings")], legs(), "alarm_rings"),
    "notes alone": ([finding("key_expires"), finding("not_seen")], legs(), None),
    "throttled, and it came through": ([finding("function_throttled", DEVELOP)], legs(), None),
}


@pytest.mark.parametrize("name", CASES)
def test_the_culprit(name: str) -> None:
    found, journey, culprit = CASES[name]

    verdict = judge(found, journey)

    assert (verdict.culprit.code if verdict.culprit else None) == culprit
    assert verdict.healthy is (culprit is None)


@pytest.mark.parametrize("name", CASES)
def test_nothing_that_was_found_is_lost(name: str) -> None:
    found, journey, _ = CASES[name]

    verdict = judge(found, journey)

    told = [one for one in (verdict.culprit, *verdict.others, *verdict.notes) if one]
    broken = [leg for leg in journey if leg.outcome is Outcome.BROKE]
    assert len(told) == len(found) + len(broken)
    assert {one.code for one in told} >= {one.code for one in found}


def test_the_rest_comes_in_the_order_of_causes() -> None:
    found = [finding("dead_letters"), finding("site_missing"), finding("queue_closed", DEVELOP)]

    verdict = judge(found, NO_RECORD)

    codes = [one.code for one in verdict.others]
    assert codes == ["record_fails", "site_missing", "dead_letters"]


def test_a_symptom_says_what_was_seen() -> None:
    verdict = judge([], [Leg(Station.API, Outcome.BROKE, "it answers 503: Service Unavailable")])

    assert verdict.culprit is not None
    assert verdict.culprit.message == (
        "The API does not answer, or not as it should: it answers 503: Service Unavailable"
    )


def test_every_kind_is_one_sentence_with_a_place_of_its_own() -> None:
    assert all(kind.meaning.endswith(".") for kind in KINDS)
    assert len(RANK) == len(KINDS)
    assert set(SYMPTOMS) == set(Station)
