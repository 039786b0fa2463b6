"""`tintype doctor`: what it says, and how it ends where there is nothing to examine.

That it finds what is wrong is proven on a deployed stack, in tests/cloud/test_doctor.py.
"""

from __future__ import annotations

import json
from io import StringIO

import pytest
from rich.console import Console

from tests.cli.conftest import Tintype
from tests.cli.service import Service
from tintype.cli.diagnosis import examination_document, say_examination, say_left, say_leg
from tintype.cli.documents import printed
from tintype.cli.screen import Screen
from tintype.doctor.examination import Examination
from tintype.doctor.findings import Fact, Finding, Station
from tintype.doctor.verdict import Leg, Outcome, judge

CLOSED = Finding(
    code="queue_closed",
    message="The originals bucket cannot reach the develop queue: its policy does not allow it.",
    remedy="aws sqs set-queue-attributes",
    evidence=("policy: none",),
    explains=frozenset({Station.RECORD, Station.READY}),
)
LETTERS = Finding(code="dead_letters", message="The develop queue has 2 dead letters.")
SOON = Finding(code="key_expires", message="The key expires on 2026-12-01.")
LEGS = (
    Leg(Station.UPLOAD, Outcome.PASSED, "S3 took 12,703 bytes", 41.2),
    Leg(Station.RECORD, Outcome.BROKE, "60 s after the upload \x1b[2J nothing", 60_000.0),
    Leg(Station.READY, Outcome.SKIPPED, "needs record"),
)


@pytest.fixture
def screen() -> Screen:
    """Return a screen whose streams a test can read."""
    out, err = (Console(file=StringIO(), width=120, markup=False) for _ in range(2))
    return Screen(out, err)


def shown(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def examination(*findings: Finding, legs: tuple[Leg, ...] = ()) -> Examination:
    return Examination(
        legs=legs,
        verdict=judge(findings, legs),
        facts=(Fact("images table", "ACTIVE"),),
        seconds=3.21,
    )


def test_the_culprit_comes_first_with_its_evidence_and_what_to_do(screen: Screen) -> None:
    say_examination(examination(LETTERS, SOON, CLOSED, legs=LEGS), screen)

    culprit, others, notes = shown(screen.out).split("\n\n")
    assert culprit.split("\n") == [
        "",
        f"✗ queue_closed: {CLOSED.message}",
        "    policy: none",
        "  → aws sqs set-queue-attributes",
    ]
    assert others.index("record_fails") < others.index("dead_letters")
    assert notes.startswith("To know:\n! key_expires")


def test_a_healthy_stack_is_one_line(screen: Screen) -> None:
    say_examination(examination(), screen)

    assert shown(screen.out) == "\nAll is well · 3.2 s\n"


def test_what_is_well_inside_is_listed_when_it_is_asked_for(screen: Screen) -> None:
    say_examination(examination(), screen, everything=True)

    assert "images table         ACTIVE" in shown(screen.out)


def test_every_station_is_a_line_with_its_time(screen: Screen) -> None:
    for leg in LEGS:
        say_leg(leg, screen)

    passed, broke, skipped = shown(screen.out).splitlines()
    assert passed == "✓ upload          41 ms  S3 took 12,703 bytes"
    assert broke.startswith("✗ record       1 min 0 s")
    assert "\x1b" not in broke, "what a server says cannot reach the terminal's controls"
    assert skipped.split() == ["-", "ready", "needs", "record"]


def test_a_picture_that_is_left_is_told(screen: Screen) -> None:
    api = "https://images.example.com/api"

    say_left(None, api, screen)
    say_left("01M7XPE600ABCDEFGHJKMNPQRS", api, screen)

    assert shown(screen.err) == (
        "The doctor's picture could not be deleted; later: "
        f"tintype delete 01M7XPE600ABCDEFGHJKMNPQRS --endpoint {api}\n"
    )


def test_the_document_has_all_of_it() -> None:
    found = examination(LETTERS, SOON, CLOSED, legs=LEGS)

    document = json.loads(printed(examination_document(found, "stack tintype in eu-central-1")))

    assert (document["stack"], document["healthy"]) == ("stack tintype in eu-central-1", False)
    assert document["culprit"] == {
        "code": "queue_closed",
        "message": CLOSED.message,
        "remedy": CLOSED.remedy,
        "evidence": ["policy: none"],
        "explains": ["ready", "record"],
    }
    assert [one["code"] for one in document["others"]] == ["record_fails", "dead_letters"]
    assert [one["code"] for one in document["notes"]] == ["key_expires"]
    assert document["journey"][0] == {
        "station": "upload",
        "outcome": "passed",
        "said": "S3 took 12,703 bytes",
        "milliseconds": 41.2,
    }
    assert document["facts"] == [{"part": "images table", "said": "ACTIVE"}]


def test_without_a_local_cloud_nothing_is_begun(tintype: Tintype) -> None:
    ended = tintype("doctor", "--stack", "local", "--json")

    assert (ended.code, ended.document["error"]["code"]) == (2, "local_cloud_stopped")


def test_an_address_without_a_page_is_no_stack(tintype: Tintype, stack: Service) -> None:
    ended = tintype("doctor", "--endpoint", stack.api, "--json")

    assert (ended.code, ended.document["error"]["code"]) == (2, "not_the_api")


def test_an_address_where_nobody_answers_is_told(tintype: Tintype) -> None:
    ended = tintype("doctor", "--endpoint", "http://127.0.0.1:9/api")

    assert (ended.code, ended.out) == (2, "")
    assert "not_the_api" in ended.err
