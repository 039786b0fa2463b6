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
from tintype.cli.output.console import Screen
from tintype.cli.output.diagnosis import (
    examination_document,
    print_examination,
    print_left,
    print_step,
)
from tintype.cli.output.json import print_document
from tintype.doctor.diagnosis import StepOutcome, StepResult, judge
from tintype.doctor.findings import Fact, Finding, Step
from tintype.doctor.run import Examination

CLOSED = Finding(
    code="queue_closed",
    message="The originals bucket cannot reach the process queue: its policy does not allow it.",
    remedy="aws sqs set-queue-attributes",
    evidence=("policy: none",),
    explains=frozenset({Step.RECORD, Step.READY}),
)
DEAD_LETTERS = Finding(code="dead_letters", message="The process queue has 2 dead letters.")
SOON = Finding(code="key_expires", message="The key expires on 2026-12-01.")
RESULTS = (
    StepResult(Step.UPLOAD, StepOutcome.PASSED, "S3 took 12,703 bytes", 41.2),
    StepResult(Step.RECORD, StepOutcome.FAILED, "60 s after the upload \x1b[2J nothing", 60_000.0),
    StepResult(Step.READY, StepOutcome.SKIPPED, "needs record"),
)


@pytest.fixture
def screen() -> Screen:
    """Return a screen whose streams a test can read."""
    out, err = (Console(file=StringIO(), width=120, markup=False) for _ in range(2))
    return Screen(out, err)


def shown(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def examination(*findings: Finding, results: tuple[StepResult, ...] = ()) -> Examination:
    return Examination(
        results=results,
        diagnosis=judge(findings, results),
        facts=(Fact("images table", "ACTIVE"),),
        seconds=3.21,
    )


def test_the_culprit_comes_first_with_its_evidence_and_what_to_do(screen: Screen) -> None:
    print_examination(examination(DEAD_LETTERS, SOON, CLOSED, results=RESULTS), screen)

    root_cause, others, notes = shown(screen.out).split("\n\n")
    assert root_cause.split("\n") == [
        "",
        f"✗ queue_closed: {CLOSED.message}",
        "    policy: none",
        "  → aws sqs set-queue-attributes",
    ]
    assert others.index("record_fails") < others.index("dead_letters")
    assert notes.startswith("Notes:\n! key_expires")


def test_a_healthy_stack_is_one_line(screen: Screen) -> None:
    print_examination(examination(), screen)

    assert shown(screen.out) == "\nNo problems found · 3.2 s\n"


def test_what_is_well_inside_is_listed_when_it_is_asked_for(screen: Screen) -> None:
    print_examination(examination(), screen, everything=True)

    assert "images table         ACTIVE" in shown(screen.out)


def test_every_station_is_a_line_with_its_time(screen: Screen) -> None:
    for result in RESULTS:
        print_step(result, screen)

    passed, failures, skipped = shown(screen.out).splitlines()
    assert passed == "✓ upload          41 ms  S3 took 12,703 bytes"
    assert failures.startswith("✗ record       1 min 0 s")
    assert "\x1b" not in failures, "what a server says cannot reach the terminal's controls"
    assert skipped.split() == ["-", "ready", "needs", "record"]


def test_a_picture_that_is_left_is_told(screen: Screen) -> None:
    api = "https://images.example.com/api"

    print_left(None, api, screen)
    print_left("01M7XPE600ABCDEFGHJKMNPQRS", api, screen)

    assert shown(screen.err) == (
        "The doctor could not delete its test image. Delete it with: "
        f"tintype delete 01M7XPE600ABCDEFGHJKMNPQRS --endpoint {api}\n"
    )


def test_the_document_has_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    found = examination(DEAD_LETTERS, SOON, CLOSED, results=RESULTS)

    print_document(examination_document(found, "stack tintype in eu-central-1"))

    document = json.loads(capsys.readouterr().out)
    assert (document["stack"], document["healthy"]) == ("stack tintype in eu-central-1", False)
    assert document["rootCause"] == {
        "code": "queue_closed",
        "message": CLOSED.message,
        "remedy": CLOSED.remedy,
        "evidence": ["policy: none"],
        "explains": ["ready", "record"],
    }
    assert [one["code"] for one in document["others"]] == ["record_fails", "dead_letters"]
    assert [one["code"] for one in document["notes"]] == ["key_expires"]
    assert document["steps"][0] == {
        "step": "upload",
        "outcome": "passed",
        "observed": "S3 took 12,703 bytes",
        "milliseconds": 41.2,
    }
    assert document["facts"] == [{"part": "images table", "observed": "ACTIVE"}]


def test_without_a_local_cloud_nothing_is_begun(tintype: Tintype) -> None:
    ended = tintype("doctor", "--stack", "local", "--json")

    assert (ended.code, ended.document["error"]["code"]) == (2, "local_cloud_stopped")


def test_an_address_without_a_page_is_no_stack(tintype: Tintype, stack: Service) -> None:
    stack.has_config = False

    ended = tintype("doctor", "--endpoint", f"{stack.api}/api", "--json")

    assert (ended.code, ended.document["error"]["code"]) == (2, "not_the_api")
    assert "config.json" in ended.document["error"]["message"]


def test_an_address_where_nobody_answers_is_told(tintype: Tintype) -> None:
    ended = tintype("doctor", "--endpoint", "http://127.0.0.1:9/api")

    assert (ended.code, ended.out) == (2, "")
    assert "not_the_api" in ended.err
