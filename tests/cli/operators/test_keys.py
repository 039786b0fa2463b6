"""`tintype keys`: a key is made for somebody, shown once, listed and revoked."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.aws.emulator import Emulator
from tests.cli.conftest import Tintype
from tests.cli.operators.conftest import TABLE, Access, made_key
from tests.cli.service import Service
from tintype import api_keys
from tintype.access import Scope


def test_key_is_printed_alone_and_stored_as_a_hash(tintype: Tintype, access: Access) -> None:
    ended = tintype("keys", "add", "shop", "--scope=upload", "--scope=read", "--owner=shop")

    key = ended.out.removesuffix("\n")
    record = access.record(key)
    assert (record.name, record.owner) == ("shop", "shop")
    assert record.scopes == (Scope.READ, Scope.UPLOAD)
    assert record.expires is None
    assert key.split("_", 2)[2] not in json.dumps(access.table.get(api_keys.item_id(record.id)))
    assert key not in ended.err


def test_key_of_an_owner_that_expires(tintype: Tintype, access: Access) -> None:
    words = ["--scope", "delete", "--owner", "shop", "--days", "30", "--json"]

    document = tintype("keys", "add", "clean-up", *words).document

    record = access.record(document["key"])
    assert record.owner == document["owner"] == "shop"
    assert record.expires
    left = datetime.fromtimestamp(record.expires, UTC) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)


@pytest.mark.parametrize(
    "words",
    [
        ["", "--scope", "read", "--owner", "two-words"],
        ["x" * 101, "--scope", "read", "--owner", "two-words"],
        ["shop", "--scope", "read", "--owner", "two words"],
    ],
)
def test_key_with_a_wrong_name_or_owner_is_not_made(
    tintype: Tintype, access: Access, words: list[str]
) -> None:
    ended = tintype("keys", "add", *words)

    assert (ended.code, ended.out) == (2, "")
    assert "invalid_key" in ended.err
    assert access.table.owned("two words") == access.table.owned("two-words") == ()


def test_key_without_an_owner_is_not_made_where_people_sign_in(
    tintype: Tintype, access: Access
) -> None:
    ended = tintype("keys", "add", "shop", "--scope", "upload")

    assert (ended.code, ended.out) == (2, "")
    assert "invalid_key: pass --owner: nobody signs in as public" in " ".join(ended.err.split())
    assert access.table.owned("public") == ()


def test_key_without_an_owner_is_the_public_s_where_access_is_open(
    tintype: Tintype, access: Access, server: Emulator, stack: Service
) -> None:
    outputs = {**stack.outputs, "AccessMode": "open", "AccessTable": TABLE}
    stack.announce_local(server.endpoint, outputs, server.root.access_key)

    key = tintype("keys", "add", "shop", "--scope", "upload").out.strip()

    assert access.record(key).owner == "public"


def test_key_of_an_admin_needs_no_owner_and_ends_after_90_days(
    tintype: Tintype, access: Access
) -> None:
    key = tintype("keys", "add", "all", "--scope", "admin").out.strip()

    record = access.record(key)
    assert record.owner == "public"
    assert record.expires
    left = datetime.fromtimestamp(record.expires, UTC) - datetime.now(UTC)
    assert timedelta(days=89, hours=23) < left <= timedelta(days=90)


def test_key_of_an_admin_for_longer_than_90_days_is_not_made(
    tintype: Tintype, access: Access
) -> None:
    words = ["--scope", "admin", "--owner", "long", "--days"]

    assert tintype("keys", "add", "all", *words, "90").code == 0
    ended = tintype("keys", "add", "all", *words, "91")

    assert (ended.code, ended.out) == (2, "")
    assert "invalid_key: a key with the scope admin is valid for at most 90 days, not 91" in (
        " ".join(ended.err.split())
    )
    assert len(access.table.owned("long")) == 1


def test_key_without_a_scope_is_a_mistake(tintype: Tintype, access: Access) -> None:
    assert access

    assert tintype("keys", "add", "shop").code == 2
    assert tintype("keys", "add", "shop", "--scope", "write").code == 2


def test_keys_are_listed_all_or_of_one_owner_without_a_secret(
    tintype: Tintype, access: Access
) -> None:
    made = [
        tintype("keys", "add", f"of {owner}", "--scope", "read", "--owner", owner).out.strip()
        for owner in ("ann-1", "bob-1")
    ]
    ids = [key.split("_")[1] for key in made]

    everyone = tintype("keys", "list").out
    of_ann = [
        line.split("\t") for line in tintype("keys", "list", "--owner", "ann-1").out.splitlines()
    ]

    assert {ids[0], ids[1]} <= {line.split("\t")[0] for line in everyone.splitlines()}
    assert [line[:4] for line in of_ann] == [[ids[0], "of ann-1", "ann-1", "read"]]
    assert not any(key.split("_", 2)[2] in everyone for key in made)
    found = tintype("keys", "list", "--owner", "bob-1", "--json").document["keys"]
    assert [one["id"] for one in found] == [ids[1]]
    assert access.record(made[0]).hash not in json.dumps(found) + everyone


def test_revoked_key_is_gone(tintype: Tintype, access: Access) -> None:
    key_id = made_key(tintype, "shop", "read")

    assert "not_confirmed" in tintype("keys", "revoke", key_id).err
    assert access.table.get(api_keys.item_id(key_id))

    assert tintype("keys", "revoke", key_id, "--yes").out == f"Key {key_id} is revoked.\n"
    assert access.table.get(api_keys.item_id(key_id)) is None
    assert "unknown_key" in tintype("keys", "revoke", key_id, "--yes").err


@pytest.mark.parametrize("key_id", ["abc", "key#abcdefghij27", "abcdefghij27"])
def test_unknown_key_is_said(tintype: Tintype, access: Access, key_id: str) -> None:
    assert access

    ended = tintype("keys", "revoke", key_id, "--yes")

    assert f"has no API key with the ID {key_id}" in " ".join(ended.err.split())
