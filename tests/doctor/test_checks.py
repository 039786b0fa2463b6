"""What each check makes of AWS's answers: a healthy stack, and one answer after the other changed.

What the emulator can break is broken in tests/cloud/test_doctor.py; here is the rest.
"""

from __future__ import annotations

import json
import re
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import typer.main

from tests.docs.markdown import ROOT, unwrapped
from tests.doctor.canned import OUTPUTS, Canned, target
from tests.doctor.cases import CASES, UNKNOWN_KEY, dead_letters, errors, found, points
from tintype.cli.main import app
from tintype.cli.stack import LOCAL_NAME
from tintype.doctor.checks import private
from tintype.doctor.checks.functions import PAGES
from tintype.doctor.checks.table import CHECKS, MOVING, run_checks
from tintype.doctor.findings import Fact, Finding, Severity, Step
from tintype.doctor.http import Reply
from tintype.doctor.stack import BACKGROUND, FAILED, LOCAL, NEEDED


@pytest.fixture(autouse=True)
def _names_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [])
    monkeypatch.setattr(private, "ask", answering(bare=403, signed=404))


def answering(*, bare: int, signed: int) -> Callable[[str], Reply]:
    """Return a CDN that answers private addresses like this."""
    return lambda url: Reply(signed if "&s=" in url else bare, "text/plain", b"")


@pytest.mark.parametrize(
    ("bare", "signed", "codes"),
    [
        (403, 404, []),
        (404, 404, ["private_open"]),
        (200, 200, ["private_open"]),
        (403, 403, ["signing_keys_differ"]),
    ],
)
def test_private_addresses_are_for_who_has_a_signature(
    monkeypatch: pytest.MonkeyPatch, bare: int, signed: int, codes: list[str]
) -> None:
    monkeypatch.setattr(private, "ask", answering(bare=bare, signed=signed))

    seen = list(private.private_addresses(target()))

    assert [one.code for one in seen if isinstance(one, Finding)] == codes
    assert all("c" * 43 not in str(one) for one in seen)


COMMAND = r"tintype (?:deploy|redrive|reindex|reprocess)\b[^;&]*"
COMMANDS: Any = vars(typer.main.get_command(app))["commands"]


def test_a_stack_that_is_well_gives_facts_alone() -> None:
    seen = run_checks(target())

    assert [one for one in seen if isinstance(one, Finding)] == []
    assert len({one.part for one in seen if isinstance(one, Fact)}) > 10


@pytest.mark.parametrize("name", CASES)
def test_what_is_found(name: str) -> None:
    answers, code, says = CASES[name]

    seen = [one for one in found(**answers) if one.code == code]

    assert seen, found(**answers)
    told = " ".join(f"{one.message} {one.remedy} {' '.join(one.evidence)}" for one in seen)
    assert says in told
    assert all(one.remedy for one in seen)


@pytest.mark.parametrize(
    ("mode", "provider"),
    [
        ("open", "API_KEY"),
        ("cognito", "AMAZON_COGNITO_USER_POOLS"),
        ("oidc", "OPENID_CONNECT"),
    ],
)
def test_each_access_mode_needs_its_own_door_of_the_graphql_api(mode: str, provider: str) -> None:
    def seen(kind: str) -> list[str]:
        api = {"graphqlApi": {"authenticationType": kind}}
        well = target(get_graphql_api=api)
        asked = replace(well, outputs={**well.outputs, "AccessMode": mode})
        codes = [one.code for one in run_checks(asked) if isinstance(one, Finding)]
        return [code for code in codes if code.endswith("s_off") or code.startswith("key_")]

    assert seen(provider) == []
    assert seen("AWS_IAM") == ["keys_off" if mode == "open" else "sign_ins_off"]


def test_a_name_that_nobody_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_nothing(*_: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", find_nothing)

    (one,) = found()

    assert (one.code, "Name or service not known" in one.message) == ("domain_off", True)


def test_the_reason_of_a_dead_letter_is_the_record_s() -> None:
    body = {"command": "reprocess", "imageId": "01M7XPE600ABCDEFGHJKMNPQRS", "key": "a.jpg"}
    failure = {"M": {"code": {"S": "processing_crashed"}, "message": {"S": "it ended"}}}

    (one,) = found(**dead_letters(json.dumps(body)), get_item={"Item": {"failure": failure}})

    assert one.evidence == ("reprocess a.jpg: processing_crashed: it ended",)


def test_lines_of_the_log_are_quoted_as_people_read_them() -> None:
    line = {"level": "ERROR", "message": "s3 PutObject: AccessDenied", "code": "access_denied"}
    trace = ["Traceback (most recent call last):", '  File "a.py", line 1', "ValueError: seven"]
    lines = [json.dumps(line), json.dumps({"level": "INFO", "Errors": 0}), *trace]
    events = [{"message": one, "timestamp": number} for number, one in enumerate(lines)]

    seen = found(filter_log_events={"events": events})

    assert {one.code for one in seen} == {"function_fails"}
    assert seen[0].evidence == (
        "s3 PutObject: AccessDenied (access_denied)",
        "ValueError: seven",
    )


def test_the_log_is_read_page_after_page_though_a_page_may_be_empty() -> None:
    pages = {
        None: {"events": [], "nextToken": "second"},
        "second": {"events": errors(1, 60), "nextToken": "third"},
        "third": {"events": errors(61, 62)},
    }

    seen = found(filter_log_events=lambda called: pages[called.get("nextToken")])

    assert seen[0].message == "The api function fails: ERROR 62"
    assert seen[0].evidence == ("ERROR 60", "ERROR 61", "ERROR 62")


def test_a_log_without_end_is_given_up() -> None:
    asked_for: list[str] = []

    def logged(called: Any) -> Any:
        asked_for.append(f"{called['logGroupName']} {called['filterPattern']}")
        return {"events": [], "nextToken": "more"}

    assert found(filter_log_events=logged) == []
    assert set(Counter(asked_for).values()) == {PAGES}


def test_what_was_not_announced_is_told_of_the_catalogue_alone() -> None:
    line = {"level": "WARNING", "image_id": "01JD", "unannounced": "appsync GraphQL: refused"}
    events = [{"message": json.dumps(line), "timestamp": 1}]

    def logged(called: Any) -> Any:
        return {"events": events if "unannounced" in called["filterPattern"] else []}

    (one,) = found(filter_log_events=logged)

    assert (one.code, one.explains) == ("unannounced", frozenset({Step.ANNOUNCEMENT}))


def test_a_command_is_complete_and_for_the_right_region() -> None:
    (one,) = found(
        get_function_concurrency=lambda called: {
            "ReservedConcurrentExecutions": int(called["FunctionName"] != "process-1")
        }
    )

    assert one.remedy == (
        "aws --region eu-central-1 lambda delete-function-concurrency --function-name process-1"
    )


@pytest.mark.parametrize(
    ("endpoint", "place"),
    [(None, "--stack tintype --region eu-central-1"), ("http://localhost:4566", "--stack local")],
)
def test_a_command_of_ours_names_the_stack_that_was_examined(
    endpoint: str | None, place: str
) -> None:
    remedies = [
        one.remedy
        for answers, _, _ in CASES.values()
        for one in run_checks(replace(target(**answers), endpoint=endpoint))
        if isinstance(one, Finding)
    ]
    ours = [words for one in remedies for words in re.findall(COMMAND, one)]

    assert {words.split()[1] for words in ours} >= {"redrive", "reindex"}
    assert [words for words in ours if not re.search(f"{place}( |$)", words)] == []
    for _, name, *options in {tuple(re.sub(f"{place}.*", place, one).split()) for one in ours}:
        COMMANDS[name].make_context(name, options)  # refuses what the command does not take


def test_other_messages_may_wait_for_longer_than_what_failed() -> None:
    young = points("process", ApproximateAgeOfOldestMessage=960.0)

    assert found(**young) == []


def test_the_background_may_wait_for_any_time() -> None:
    assert found(**points("background", ApproximateAgeOfOldestMessage=1e6)) == []


def test_nothing_takes_what_failed_to_the_catalogue_function() -> None:
    def without(called: Any) -> Any:
        answer = Canned().ask("lambda", "list_event_source_mappings", **called)
        return {
            "EventSourceMappings": [
                one
                for one in answer["EventSourceMappings"]
                if not one["EventSourceArn"].endswith("-failed")
            ]
        }

    (one,) = found(list_event_source_mappings=without)

    assert (one.code, one.explains) == ("source_missing", frozenset())
    assert "process-failed queue has no event source to the catalogue function" in one.message


def test_the_local_cloud_is_called_as_the_command_line_calls_it() -> None:
    assert LOCAL == LOCAL_NAME


def test_a_deleted_key_is_made_anew_by_the_stack_before_the_page_is_published() -> None:
    stack = target(**UNKNOWN_KEY)

    (one,) = [one for one in run_checks(stack) if isinstance(one, Finding)]

    deploy = "tintype deploy --stack tintype --region eu-central-1"
    assert one.code == "key_gone"
    assert one.remedy == f"{stack.put_back} Then {deploy} publishes the page with the new key."


def test_every_finding_that_may_break_a_station_says_which() -> None:
    unexplained = {"stack_failed", "dead_letters", "alarm_rings", "originals_unrecorded"}
    unexplained |= {"signing_keys_missing"}  # the canary's picture is public
    for answers, code, _ in CASES.values():
        for one in found(**answers):
            if one.code == code and one.severity is Severity.FAILS and code not in unexplained:
                aside = any(
                    word in one.message for word in ("dead-letter", FAILED, BACKGROUND, "render")
                )
                assert one.explains or aside, one


def test_the_outputs_that_are_looked_at_are_those_that_are_demanded() -> None:
    assert set(NEEDED) == set(OUTPUTS) - {"AccessMode", "AccessTable"}


def test_the_looks_that_are_repeated_are_in_the_table() -> None:
    assert {each.name for each in CHECKS} > MOVING


def test_the_page_lists_what_the_doctor_must_be_allowed() -> None:
    page = unwrapped(ROOT / "docs/reference/errors/operations.md")

    listed = page.partition("all of which only read")[2].partition(". ")[0]
    assert set(re.findall(r"`([a-z0-9]+:\w+)`", listed)) == {
        action for each in CHECKS for action in each.needs
    }
