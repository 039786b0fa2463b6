"""`tintype users`: a person is invited, made an admin, reset and removed."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Tintype
from tests.cli.operators.conftest import ADMINS, Access, made_key
from tests.cli.service import Service
from tintype import api_keys, owners
from tintype.aws.errors import NotFoundError
from tintype.aws.users import CognitoPool, temporary_password

EMAIL = "ann@example.com"


def password_in(out: str) -> str:
    (line,) = [one for one in out.splitlines() if one.startswith("Temporary password: ")]
    return line.partition(": ")[2]


def test_invited_person_signs_in_with_the_printed_password_and_must_change_it(
    tintype: Tintype, access: Access
) -> None:
    ended = tintype("users", "add", EMAIL)

    assert ended.code == 0, ended.err
    assert f"{EMAIL} is now a user of the local cloud" in ended.out
    assert access.signs_in(EMAIL, password_in(ended.out)) == "NEW_PASSWORD_REQUIRED"


def test_admin_is_in_the_group_that_the_api_goes_by(tintype: Tintype, access: Access) -> None:
    ended = tintype("users", "add", EMAIL, "--admin", "--json")

    assert ended.document["admin"] is True
    (user,) = access.cognito.list_users_in_group(UserPoolId=access.pool.id, GroupName=ADMINS)[
        "Users"
    ]
    assert {one["Name"]: one["Value"] for one in user["Attributes"]}["email"] == EMAIL


def test_person_becomes_an_admin_later_and_a_user_again(tintype: Tintype, access: Access) -> None:
    tintype("users", "add", EMAIL)

    promoted = tintype("users", "add", EMAIL, "--admin")
    assert "is now an admin" in promoted.out
    assert "Temporary password" not in promoted.out
    assert access.pool.person(EMAIL).admin

    assert "is now a user" in tintype("users", "add", EMAIL, "--no-admin").out
    assert not access.pool.person(EMAIL).admin


def test_who_is_no_admin_any_more_has_no_key_of_an_admin(tintype: Tintype, access: Access) -> None:
    tintype("users", "add", EMAIL, "--admin")
    owner = owners.of_subject(access.pool.person(EMAIL).subject)
    plain, other = made_key(tintype, owner, "read", "delete"), made_key(tintype, "bob", "admin")
    made = {made_key(tintype, owner, "admin"), made_key(tintype, owner, "read", "admin")}

    ended = tintype("users", "add", EMAIL, "--no-admin")

    assert "is now a user of the local cloud; 2 admin keys revoked" in " ".join(ended.out.split())
    assert not any(access.table.get(api_keys.item_id(one)) for one in made)
    assert all(access.table.get(api_keys.item_id(one)) for one in (plain, other))
    again = tintype("users", "add", EMAIL, "--no-admin", "--json").document
    assert again["revokedKeys"] == []


def test_person_who_is_there_is_not_invited_again(tintype: Tintype, access: Access) -> None:
    tintype("users", "add", EMAIL)

    ended = tintype("users", "add", EMAIL)

    assert ended.code == 1
    assert "user_exists" in ended.err
    assert [one.email for one in access.pool.people()] == [EMAIL]


def test_list_shows_everybody_with_the_owner_of_the_images(
    tintype: Tintype, access: Access
) -> None:
    emails = sorted(f"user{number:02}@example.com" for number in range(65))  # more than a page
    for email in emails:
        access.pool.add(email, password=temporary_password())
    access.pool.set_admin(emails[3], admin=True)

    lines = [line.split("\t") for line in tintype("users", "list").out.splitlines()]

    assert [line[0] for line in lines] == emails
    assert {line[1] for line in lines} == {one.subject for one in access.pool.people()}
    assert [line[0] for line in lines if line[2] == "admin"] == [emails[3]]


def test_empty_pool_is_said(tintype: Tintype, access: Access) -> None:
    assert access

    assert "No users." in tintype("users", "list").err


def test_removed_person_s_keys_are_revoked_and_nobody_else_s(
    tintype: Tintype, access: Access
) -> None:
    access.pool.add(EMAIL)
    owner = owners.of_subject(access.pool.person(EMAIL).subject)
    hers = tintype("keys", "add", "script", "--scope", "read", "--owner", owner).out.strip()
    other = tintype("keys", "add", "script", "--scope", "read", "--owner", "bob").out.strip()

    ended = tintype("users", "remove", EMAIL, "--yes")

    assert f"{EMAIL} is removed, and 1 API key revoked. The owner was {owner}" in ended.out
    with pytest.raises(NotFoundError):
        access.pool.person(EMAIL)
    assert access.table.get(api_keys.item_id(hers.split("_")[1])) is None
    assert access.record(other).owner == "bob"


def test_removal_that_was_interrupted_leaves_no_key_that_a_second_one_cannot_revoke(
    tintype: Tintype, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    access.pool.add(EMAIL)
    owner = owners.of_subject(access.pool.person(EMAIL).subject)
    made_key(tintype, owner, "read")

    def stop(_pool: CognitoPool, _email: str) -> None:
        message = "interrupted"
        raise NotFoundError(message, service="cognito-idp", operation="AdminDeleteUser")

    with monkeypatch.context() as patched:
        patched.setattr(CognitoPool, "remove", stop)
        assert tintype("users", "remove", EMAIL, "--yes").code == 1

    assert access.table.owned(owner) == ()
    assert tintype("users", "remove", EMAIL, "--yes").code == 0


def test_key_that_is_made_during_a_removal_is_revoked_too(
    tintype: Tintype, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    access.pool.add(EMAIL)
    owner = owners.of_subject(access.pool.person(EMAIL).subject)
    remove = CognitoPool.remove

    def make_one_first(pool: CognitoPool, email: str) -> None:
        made_key(tintype, owner, "read")
        remove(pool, email)

    monkeypatch.setattr(CognitoPool, "remove", make_one_first)
    ended = tintype("users", "remove", EMAIL, "--yes")

    assert "and 1 API key revoked" in ended.out
    assert access.table.owned(owner) == ()


def test_reset_lists_the_keys_that_stay_valid(tintype: Tintype, access: Access) -> None:
    tintype("users", "add", EMAIL)
    owner = owners.of_subject(access.pool.person(EMAIL).subject)
    assert "API keys" not in tintype("users", "reset", EMAIL).out
    hers, _ = made_key(tintype, owner, "read"), made_key(tintype, "bob", "read")

    lines = tintype("users", "reset", EMAIL).out.splitlines()

    at = lines.index("These API keys stay valid; `tintype keys revoke ID` ends one:")
    assert [line.split("\t")[:2] for line in lines[at + 1 :]] == [[hers, "script"]]


def test_nobody_is_removed_without_confirmation(tintype: Tintype, access: Access) -> None:
    access.pool.add(EMAIL)

    ended = tintype("users", "remove", EMAIL)

    assert "not_confirmed" in ended.err
    assert access.pool.person(EMAIL).email == EMAIL


@pytest.mark.parametrize("command", ["remove", "reset"])
def test_unknown_person_is_said(tintype: Tintype, access: Access, command: str) -> None:
    assert access

    ended = tintype("users", command, "nobody@example.com")

    assert ended.code == 1
    assert "unknown_user: the local cloud has no user nobody@example.com" in ended.err


def test_reset_person_needs_the_new_password(tintype: Tintype, access: Access) -> None:
    first = password_in(tintype("users", "add", EMAIL).out)

    second = password_in(tintype("users", "reset", EMAIL, "--second-factor").out)

    assert access.signs_in(EMAIL, second) == "NEW_PASSWORD_REQUIRED"
    with pytest.raises(access.cognito.exceptions.NotAuthorizedException):
        access.signs_in(EMAIL, first)


@pytest.mark.parametrize("has_signed_in", [True, False])
def test_reset_on_aws_leaves_the_password_to_a_mail(access: Access, *, has_signed_in: bool) -> None:
    access.pool.add(EMAIL, password="Passw0rd-of-old")  # noqa: S106
    if has_signed_in:
        access.cognito.admin_set_user_password(
            UserPoolId=access.pool.id,
            Username=EMAIL,
            Password="Passw0rd-of-old",  # noqa: S106
            Permanent=True,
        )
    person = access.pool.person(EMAIL)

    access.pool.reset(person)

    assert person.has_signed_in is has_signed_in
    after = access.pool.person(EMAIL).status
    assert after == ("RESET_REQUIRED" if has_signed_in else "FORCE_CHANGE_PASSWORD")


def test_stack_without_a_pool_says_what_it_is(tintype: Tintype, stack: Service) -> None:
    outputs = {**stack.outputs, "AccessMode": "oidc", "UserPoolId": ""}
    stack.announce_local("http://127.0.0.1:9", outputs)

    ended = tintype("users", "list")

    assert ended.code == 2
    assert 'no_user_pool: the local cloud has no users of its own: its access mode is "oidc"' in (
        " ".join(ended.err.split())
    )
