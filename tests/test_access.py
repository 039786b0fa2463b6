"""Who may do what: every kind of caller, every action, and whose image it is."""

from __future__ import annotations

from itertools import product

import pytest

from tintype.access import (
    ALL,
    NO_CALLER,
    PERSONS,
    REQUIRED,
    Action,
    Caller,
    Decision,
    Scope,
    limited,
    may,
    person,
)

ALICE, ADMIN = person("alice"), person("eve", admin=True)
OWNERS = ("alice", "bob", "public", "", None)
KEYS = {scope: limited("alice", {scope}, "k3y") for scope in Scope}
# What each scope is for, apart from finding out who one is.
GRANTS = {
    Scope.READ: {Action.READ, Action.READ_ORIGINAL},
    Scope.UPLOAD: {Action.UPLOAD, Action.PROCESS, Action.SIGN_ADDRESS},
    Scope.DELETE: {Action.DELETE, Action.REPROCESS, Action.CHANGE},
}


def test_every_action_has_its_requirement() -> None:
    assert REQUIRED.keys() == set(Action)


@pytest.mark.parametrize("action", Action)
def test_a_person_may_all_with_what_is_hers_and_sees_nothing_of_others(action: Action) -> None:
    decided = {owner: may(ALICE, action, owner) for owner in OWNERS}

    assert decided == {
        "alice": Decision.ALLOWED,
        "bob": Decision.HIDDEN,
        "public": Decision.HIDDEN,
        "": Decision.HIDDEN,
        None: Decision.ALLOWED,
    }


@pytest.mark.parametrize(("action", "owner"), list(product(Action, OWNERS)))
def test_an_admin_may_all_with_everybody_s(action: Action, owner: str | None) -> None:
    assert may(ADMIN, action, owner) is Decision.ALLOWED


@pytest.mark.parametrize(("scope", "action"), list(product(GRANTS, Action)))
def test_a_key_may_what_its_scopes_name_with_what_is_its_owner_s(
    scope: Scope, action: Action
) -> None:
    allowed = action is Action.IDENTIFY or action in GRANTS[scope]
    expected = Decision.ALLOWED if allowed else Decision.FORBIDDEN

    assert may(KEYS[scope], action, "alice") is expected
    assert may(KEYS[scope], action, None) is expected
    assert may(KEYS[scope], action, "bob") is Decision.HIDDEN


@pytest.mark.parametrize("action", Action)
def test_an_admin_s_key_may_all_but_make_keys(action: Action) -> None:
    forbidden = action in PERSONS

    decided = may(KEYS[Scope.ADMIN], action, "bob")

    assert decided is (Decision.FORBIDDEN if forbidden else Decision.ALLOWED)


def test_who_has_not_signed_in_makes_no_keys_with_any_scope() -> None:
    assert may(limited("public", ALL), Action.MANAGE_KEYS, None) is Decision.FORBIDDEN


@pytest.mark.parametrize("action", sorted(set(Action) - {Action.IDENTIFY}))
def test_no_caller_may_nothing(action: Action) -> None:
    assert may(NO_CALLER, action, None) is Decision.FORBIDDEN
    assert may(NO_CALLER, action, "public") is Decision.HIDDEN


def test_a_person_s_scopes_name_admin_only_if_she_is_one() -> None:
    assert Scope.ADMIN not in ALICE.scopes
    assert ADMIN.scopes == ALL
    assert limited("public", {Scope.READ}).scopes == {Scope.READ}


@pytest.mark.parametrize(
    ("caller", "is_person"),
    [
        (ALICE, True),
        (KEYS[Scope.ADMIN], False),
        (limited("public", ALL), False),
        (NO_CALLER, False),
        (Caller("alice"), True),
    ],
)
def test_a_person_is_neither_a_key_nor_everyone(caller: Caller, *, is_person: bool) -> None:
    assert caller.is_person is is_person
