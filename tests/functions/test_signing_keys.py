"""The keys function, as CloudFormation runs it: on moto's DynamoDB, with its own address for responses."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.functions.moto import MotoStack, moto_server
from tintype import delivery
from tintype.aws.access_table import AccessTable
from tintype.aws.account import Account
from tintype.aws.errors import AccessDeniedError
from tintype.functions import signing_keys
from tintype.functions.signing_keys import handler, keys_of

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)


@dataclass(slots=True)
class CloudFormation:
    """The address for responses, and what it got; *refusals* are answered with an error first."""

    refusals: int = 0
    responses: list[dict[str, Any]] = field(default_factory=list)
    types: list[str | None] = field(default_factory=list)
    url: str = ""

    def ask(self, kind: str, generation: int = 1) -> dict[str, Any]:
        handler(
            {
                "RequestType": kind,
                "StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/tintype/0a-1b",
                "RequestId": "a-request",
                "LogicalResourceId": "Keys",
                "ResourceType": "Custom::SigningKeys",
                "ResponseURL": self.url,
                "ResourceProperties": {"ServiceToken": "arn", "Generation": str(generation)},
            },
            None,
        )
        return self.responses[-1]

    def keys(self, kind: str, generation: int = 1) -> tuple[str, str]:
        said = self.ask(kind, generation)
        assert said["Status"] == "SUCCESS", said
        return said["Data"]["Current"], said["Data"]["Previous"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoStack]:
    with moto_server(tmp_path_factory.mktemp("moto")) as endpoint:
        yield MotoStack.made(endpoint)


@pytest.fixture
def table(server: MotoStack, monkeypatch: pytest.MonkeyPatch) -> AccessTable:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(signing_keys, "_PAUSE_SECONDS", 0.01)
    table = AccessTable(Account.from_environment(), server.environment["TINTYPE_ACCESS_TABLE"])
    table.delete(delivery.KEYS_ITEM)
    return table


@pytest.fixture
def cloudformation(table: AccessTable) -> Iterator[CloudFormation]:
    assert table
    there = CloudFormation()

    class Responses(http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            there.types.append(self.headers["Content-Type"])
            if there.refusals:
                there.refusals -= 1
                self.send_error(503)
                return
            there.responses.append(json.loads(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Responses) as address:
        there.url = f"http://127.0.0.1:{address.server_port}/response?signature=secret"
        threading.Thread(target=address.serve_forever).start()
        yield there
        address.shutdown()


def test_new_stack_gets_a_key_of_its_own(
    cloudformation: CloudFormation, table: AccessTable
) -> None:
    said = cloudformation.ask("Create")

    keys = delivery.from_item(table.get(delivery.KEYS_ITEM) or {})
    assert said["Data"] == {"Current": keys.current, "Previous": keys.current}
    assert (said["RequestId"], said["LogicalResourceId"]) == ("a-request", "Keys")
    assert said["NoEcho"] is True
    assert keys.previous is None
    assert keys.in_use(datetime.now(UTC)) == keys.current
    assert len(keys.current) == 43


def test_response_has_the_empty_content_type_that_its_address_is_signed_for(
    cloudformation: CloudFormation,
) -> None:
    cloudformation.ask("Create")

    assert cloudformation.types == [""]


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_request_that_comes_twice_changes_nothing(
    cloudformation: CloudFormation, kind: str
) -> None:
    cloudformation.keys("Create", 1)

    assert cloudformation.keys(kind, 2) == cloudformation.keys(kind, 2)


def test_kept_table_keeps_its_keys_for_the_next_stack(cloudformation: CloudFormation) -> None:
    cloudformation.keys("Create", 1)
    rotated = cloudformation.keys("Update", 2)

    assert cloudformation.ask("Delete", 2)["Status"] == "SUCCESS"
    assert set(cloudformation.keys("Create", 1)) == set(rotated)


def test_higher_generation_makes_a_key_and_keeps_the_one_before(
    cloudformation: CloudFormation, table: AccessTable
) -> None:
    old, _ = cloudformation.keys("Create", 1)

    new, previous = cloudformation.keys("Update", 2)

    assert previous == old != new
    keys = delivery.from_item(table.get(delivery.KEYS_ITEM) or {})
    assert keys.in_use(datetime.now(UTC)) == old
    assert keys.in_use(datetime.now(UTC) + timedelta(minutes=16)) == new


def test_update_that_is_rolled_back_loses_no_key(
    cloudformation: CloudFormation, table: AccessTable
) -> None:
    old, _ = cloudformation.keys("Create", 1)
    new, _ = cloudformation.keys("Update", 2)

    assert cloudformation.keys("Update", 1) == (old, new)
    assert cloudformation.keys("Update", 1) == (old, new)
    keys = delivery.from_item(table.get(delivery.KEYS_ITEM) or {})
    assert keys.in_use(datetime.now(UTC)) == old


def test_deployment_that_forgets_the_generation_days_later_keeps_the_keys() -> None:
    first = keys_of(1, None, NOW)
    second = keys_of(2, first, NOW)

    later = keys_of(1, second, NOW + timedelta(days=2))

    assert {**later, "generation": 2} == second
    assert keys_of(2, later, NOW + timedelta(days=2))["previous"] == second["current"]


def test_two_rotations_throw_a_key_out() -> None:
    first = keys_of(1, None, NOW)

    third = keys_of(3, keys_of(2, first, NOW), NOW)

    assert first["current"] not in third.values()


def test_two_runs_at_once_agree_on_one_key(table: AccessTable) -> None:
    made: list[object] = []
    runs = [
        threading.Thread(target=lambda: made.append(signing_keys.settled(table, 1, NOW)["current"]))
        for _ in range(4)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()

    assert len(made) == 4
    assert len(set(made)) == 1


def test_role_that_is_refused_at_first_is_tried_again(
    cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = AccessDeniedError("not yet", service="dynamodb", operation="GetItem")
    refusals = [refusal] * 19  # three seconds apart: nearly a minute
    get = AccessTable.get

    def refused_at_first(self: AccessTable, id: str) -> Any:  # noqa: A002
        if refusals:
            raise refusals.pop()
        return get(self, id)

    monkeypatch.setattr(AccessTable, "get", refused_at_first)

    assert cloudformation.ask("Create")["Status"] == "SUCCESS"


def test_failure_is_told_at_once_and_a_deletion_never_fails(
    cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINTYPE_ACCESS_TABLE", "no-such-table")

    said = cloudformation.ask("Create")

    assert said["Status"] == "FAILED"
    assert "see the log" in said["Reason"]
    assert said["PhysicalResourceId"]
    assert cloudformation.ask("Delete")["Status"] == "SUCCESS"


def test_response_is_sent_until_it_is_taken(cloudformation: CloudFormation) -> None:
    cloudformation.refusals = 2

    assert cloudformation.ask("Create")["Status"] == "SUCCESS"


def test_keys_and_the_address_for_responses_are_in_no_log(
    cloudformation: CloudFormation, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = {*cloudformation.keys("Create", 1), *cloudformation.keys("Update", 2)}
    cloudformation.ask("Update", 2)

    lines = capsys.readouterr()

    assert '"generation":2' in lines.out
    for secret in (*keys, "signature=secret"):
        assert secret not in lines.out + lines.err
