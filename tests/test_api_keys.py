"""API keys: what their holder sends, what the table has, and what is recognised."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.simulation import as_stored
from tintype import api_keys
from tintype.access import Scope
from tintype.api_keys import Credential, new_key

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def made(**facts: Any) -> tuple[api_keys.ApiKeyRecord, Credential]:
    return new_key("alice", "camera", facts.pop("scopes", {Scope.UPLOAD}), now=NOW, **facts)


def test_a_key_is_an_id_and_32_random_bytes() -> None:
    keys = [made()[1] for _ in range(50)]

    assert len({one.key_id for one in keys}) == len({one.secret for one in keys}) == 50
    for one in keys:
        assert api_keys.is_id(one.key_id)
        assert len(urlsafe_b64decode(f"{one.secret}=")) == 32
        assert str(one) == f"tint_{one.key_id}_{one.secret}"
        assert api_keys.parse(str(one)) == one


def test_the_table_has_the_hash_and_not_the_secret() -> None:
    record, credential = made(expires_at=NOW + timedelta(minutes=15))

    item = as_stored(api_keys.item(record))

    assert item == {
        "id": f"key#{credential.key_id}",
        "owner": "alice",
        "name": "camera",
        "scopes": ["upload"],
        "hash": hashlib.sha256(credential.secret.encode()).hexdigest(),
        "createdAt": "2026-11-21T10:00:00.000Z",
        "expires": int(NOW.timestamp()) + 900,
    }


@pytest.mark.parametrize("expires_at", [None, NOW + timedelta(days=1)])
def test_a_key_comes_back_from_the_table_as_it_went(expires_at: datetime | None) -> None:
    record, _ = made(scopes=[Scope.ADMIN, Scope.READ, Scope.READ], expires_at=expires_at)

    found = api_keys.from_item(as_stored(api_keys.item(record)))

    assert found == record
    assert record.scopes == (Scope.READ, Scope.ADMIN)


def test_an_item_of_another_kind_is_no_key() -> None:
    assert api_keys.from_item({"id": "quota#alice", "owner": "alice"}) is None


def test_a_secret_is_in_no_repr() -> None:
    _, credential = made()

    assert credential.secret not in repr(credential)


def test_a_key_opens_for_its_own_secret_alone() -> None:
    record, credential = made()
    _, other = made()

    assert record.opens_with(credential)
    assert not record.opens_with(other)
    assert not record.opens_with(Credential(credential.key_id, credential.secret.swapcase()))
    assert not record.opens_with(Credential(credential.key_id, record.hash))


@pytest.mark.parametrize(
    ("seconds", "expired"), [(-1, True), (0, True), (1, False)], ids=["past", "now", "to come"]
)
def test_a_key_expires_by_the_clock(seconds: int, *, expired: bool) -> None:
    record, _ = made(expires_at=NOW + timedelta(seconds=seconds))

    assert record.has_expired(NOW) is expired
    assert not made()[0].has_expired(NOW + timedelta(days=36_500))


def test_the_time_of_expiry_is_told_as_text() -> None:
    record, _ = made(expires_at=NOW + timedelta(hours=1))

    assert api_keys.expiry(record) == "2026-11-21T11:00:00.000Z"
    assert api_keys.expiry(made()[0]) is None


ID, SECRET = "abcdefghij27", "x" * 43


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tint_",
        f"tint_{ID}",
        f"tint_{ID}_",
        f"tint_{ID}_{SECRET[1:]}",
        f"tint_{ID}_{SECRET}x",
        f"tint_{ID}_{SECRET}\n",
        f"tint_{ID}_{SECRET[1:]}=",
        f"tint_{ID}_{SECRET[1:]}ä",
        f"tint_{ID.upper()}_{SECRET}",
        f"tint_{ID[1:]}_{SECRET}",
        f"tint_{ID[1:]}1_{SECRET}",
        f"tint-{ID}-{SECRET}",
        f"TINT_{ID}_{SECRET}",
        f" tint_{ID}_{SECRET}",
        "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl",
    ],
)
def test_what_is_not_a_key_to_the_letter_is_none(text: str) -> None:
    assert api_keys.parse(text) is None
