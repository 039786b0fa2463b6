"""Addresses of private renditions, their signatures and the session's cookie."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import delivery_sizes
from tests.delivery_cases import CURRENT, FILE, ID, REVISION, Outcome, cases
from tintype import delivery, keys, owners
from tintype.delivery import SigningKeys

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "text", "digest"),
    [
        (
            "\x0b" * 20,
            "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            "Jefe",
            "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
    ],
)
def test_the_mac_is_the_one_of_rfc_4231_s_test_vectors(key: str, text: str, digest: str) -> None:
    wanted = urlsafe_b64encode(bytes.fromhex(digest)).decode().rstrip("=")

    assert delivery.mac(key, text) == wanted


@given(st.from_regex(rf"\A{owners.PATTERN}\Z"))
def test_an_address_decoded_once_is_the_key_and_its_owner_one_segment(owner: str) -> None:
    key = keys.rendition_key(ID, REVISION, FILE, owner)

    path = delivery.path(key)

    assert unquote(path.removeprefix("/p/")) == key.removeprefix("private/")
    folder, *rest = path.split("/")[2:]
    assert rest == [ID, REVISION, FILE]
    assert unquote(unquote(folder)) == owner
    assert urlsplit(f"https://cdn.example{path}").path == path


@pytest.mark.parametrize("owner", [".", ".."])
def test_no_owner_s_folder_is_a_parent_folder(owner: str) -> None:
    assert keys.owner_folder(owner).strip(".")


def test_an_address_is_the_same_for_an_hour_and_valid_for_one_to_two() -> None:
    hour = datetime(2026, 11, 21, 10, tzinfo=UTC)

    ends = {delivery.expiry(hour + timedelta(seconds=passed)) for passed in (0, 1, 3599)}

    assert ends == {int(hour.timestamp()) + 7200}
    assert delivery.expiry(hour + timedelta(hours=1)) == int(hour.timestamp()) + 10_800


@pytest.mark.parametrize(
    ("previous", "minutes", "used"),
    [(None, 0, "new"), ("old", 0, "old"), ("old", 14, "old"), ("old", 16, "new")],
)
def test_a_new_key_signs_when_the_edge_knows_it(
    previous: str | None, minutes: int, used: str
) -> None:
    signing = SigningKeys("new", previous, NOW - timedelta(minutes=minutes))

    assert signing.in_use(NOW) == used


def test_keys_come_from_their_item() -> None:
    item = {
        "id": delivery.KEYS_ITEM,
        "current": CURRENT,
        "changedAt": "2026-11-21T10:30:00.000Z",
    }

    assert delivery.from_item(item) == SigningKeys(CURRENT, None, NOW)
    assert delivery.from_item({**item, "previous": "old"}).previous == "old"


def test_keys_are_in_no_log() -> None:
    assert CURRENT not in repr(SigningKeys(CURRENT, CURRENT, NOW))


def test_a_session_ends_by_a_cookie_of_the_same_name_and_path() -> None:
    begun, ended = delivery.cookie("value", 3600), delivery.cookie("", 0)

    assert begun.replace("=value;", "=;").replace("=3600;", "=0;") == ended


def test_cases_have_names_of_their_own_and_all_outcomes() -> None:
    found = [*cases(), *delivery_sizes.cases()]

    assert len({one.name for one in found}) == len(found)
    assert {one.outcome for one in found} == set(Outcome)
    assert all(one.uri for one in found if one.outcome is Outcome.SERVED)
