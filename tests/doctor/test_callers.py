"""The canary on a stack that asks who calls: as a person, with an API key, and as nobody."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.access_table import MemoryAccessTable
from tests.doctor.doors import ID, PICTURE, Doors, open_doors
from tests.world import Odds, World
from tintype import api_keys, owners
from tintype.access import Scope
from tintype.client.credentials import BearerCredential, KeyCredential
from tintype.client.errors import InsecureAddressError, NotSignedInError
from tintype.doctor.diagnosis import StepOutcome
from tintype.doctor.findings import Step
from tintype.doctor.http import Web
from tintype.doctor.key import OWNER, short_lived_key
from tintype.doctor.run import (
    Examination,
    InformedTimeouts,
    addresses_of,
    examine,
    is_closed,
)

KEY = "tint_abcdefghijkl_c2VjcmV0"


class Hearing:
    """Hears of every image at once."""

    def open(self, _seconds: float) -> None:
        return None

    def announced(self, _image_id: str) -> Mapping[str, float]:
        return {"READY": time.perf_counter()}


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in, as long as there is a token."""

    access_token: str
    is_live: bool = True
    advice: str = ""

    def token(self) -> str:
        if not self.access_token:
            message = "the sign-in has ended"
            raise NotSignedInError(message, status=401)
        return self.access_token

    def renew(self, refused: str) -> bool:
        del refused
        return False


@pytest.fixture
def doors() -> Iterator[Doors]:
    with open_doors() as opened:
        yield opened


def travelled(doors: Doors, credential: BearerCredential | None, *, key: str = "") -> Examination:
    addresses = replace(doors.addresses, key=key, is_closed=True, credential=credential)
    return examine(addresses, None, Hearing(), timeouts=InformedTimeouts(0.5))


def outcomes(found: Examination, outcome: StepOutcome) -> dict[Step, str]:
    return {one.step: one.observed for one in found.results if one.outcome is outcome}


def test_signed_in_person_s_token_takes_the_picture_all_the_way(doors: Doors) -> None:
    found = travelled(doors, Person("token"))

    assert {one.outcome for one in found.results} == {StepOutcome.PASSED}
    api = {sent for request, sent in doors.authorizations.items() if " /api/" in request}
    assert api == {"Bearer token"}
    assert doors.authorizations["POST /graphql"] == "token"


def test_token_goes_to_no_bucket_and_no_file(doors: Doors) -> None:
    travelled(doors, Person("token"))

    others = {
        request: sent
        for request, sent in doors.authorizations.items()
        if " /api/" not in request and request != "POST /graphql"
    }
    assert {"PUT /bucket", "GET /config.json", f"GET /{ID}/thumb.webp"} <= set(others)
    assert set(others.values()) == {""}


def test_with_an_api_key_the_live_steps_are_skipped_and_nothing_fails(doors: Doors) -> None:
    found = travelled(doors, KeyCredential(KEY))

    assert found.diagnosis.healthy
    skipped = outcomes(found, StepOutcome.SKIPPED)
    assert set(skipped) == {Step.SOCKET, Step.ANNOUNCEMENT, Step.QUERY}
    assert "API keys get no live updates" in skipped[Step.SOCKET]
    assert doors.authorizations["POST /api/uploads"] == f"Bearer {KEY}"
    assert doors.deleted


def test_open_stack_that_needs_a_key_to_delete_is_heard_all_the_same(doors: Doors) -> None:
    found = travelled(doors, KeyCredential(KEY), key="da2-key")

    assert {one.outcome for one in found.results} == {StepOutcome.PASSED}
    assert doors.authorizations["POST /graphql"] == ""


def test_nobody_is_told_to_sign_in_and_no_picture_is_sent(doors: Doors) -> None:
    found = travelled(doors, None)

    assert found.diagnosis.healthy
    assert set(outcomes(found, StepOutcome.PASSED)) == {Step.PAGE, Step.CONFIG}
    assert "tintype login" in outcomes(found, StepOutcome.SKIPPED)[Step.API]
    assert not [request for request in doors.requests if " /api/" in request]


def test_sign_in_that_has_ended_is_the_failure(doors: Doors) -> None:
    found = travelled(doors, Person(""))

    assert outcomes(found, StepOutcome.FAILED)[Step.API] == "the sign-in has ended"


@pytest.mark.parametrize(
    ("headers", "path"), [({"authorization": "Bearer token"}, "/here"), ({}, "/there")]
)
def test_redirect_is_followed_without_an_authorization_alone(
    doors: Doors, headers: dict[str, str], path: str
) -> None:
    doors.responses["GET /there"] = lambda: (200, "text/plain", PICTURE)
    doors.responses["GET /here"] = lambda: (307, "/there", b"")

    with Web() as web:
        web.send("GET", f"{doors.url}/here", headers=headers)

    assert doors.requests[-1] == f"GET {path}"


def test_no_credential_is_sent_unencrypted_to_another_machine() -> None:
    outputs = dict.fromkeys(["CdnUrl", "ApiUrl", "GraphqlUrl"], "http://images.example.com")

    with pytest.raises(InsecureAddressError):
        addresses_of(outputs, KeyCredential(KEY))


@pytest.mark.parametrize(
    ("outputs", "asks"),
    [
        ({}, False),  # a stack from before there was sign-in
        ({"AccessMode": "open", "Anyone": "read,upload,delete,admin"}, False),
        ({"AccessMode": "open", "Anyone": "read,upload"}, True),
        ({"AccessMode": "open", "Anyone": ""}, True),
        ({"AccessMode": "cognito", "Anyone": ""}, True),
        ({"AccessMode": "oidc"}, True),
    ],
)
def test_stack_is_closed_unless_everybody_may_do_what_the_picture_needs(
    outputs: dict[str, str], *, asks: bool
) -> None:
    assert is_closed(outputs) is asks


def test_own_key_ends_soon_and_can_do_no_more_than_the_picture_needs() -> None:
    table = MemoryAccessTable(World(0, Odds()))

    with short_lived_key(table) as credential:
        sent = api_keys.parse(credential.token())
        assert sent
        record = api_keys.from_item(table.items[api_keys.item_id(sent.key_id)])

    assert record
    assert record.opens_with(sent)
    assert set(record.scopes) == {Scope.READ, Scope.UPLOAD, Scope.DELETE}
    assert not record.has_expired(datetime.now(UTC))
    assert record.has_expired(datetime.now(UTC) + timedelta(minutes=15, seconds=1))
    assert table.items == {}


def test_own_key_is_removed_also_after_ctrl_c() -> None:
    table = MemoryAccessTable(World(0, Odds()))

    with pytest.raises(KeyboardInterrupt), short_lived_key(table):
        raise KeyboardInterrupt

    assert table.items == {}


def test_owner_of_the_own_key_is_nobody_s() -> None:
    assert owners.known(OWNER) == OWNER
    assert owners.of_subject(OWNER) != OWNER
    assert owners.of_subject("doctor") != OWNER
