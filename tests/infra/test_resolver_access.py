"""Whose images GraphQL gives to whom: what the resolvers ask for, answer and refuse, by mode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.infra.resolvers import Resolvers
from tintype import owners

REFUSED = "Unauthorized"
COGNITO = {
    "PUBLIC_URL": "https://cdn.example",
    "ACCESS_MODE": "cognito",
    "ADMIN_GROUP": "admin",
    "GROUPS_CLAIM": "cognito:groups",
}
OIDC = {**COGNITO, "ACCESS_MODE": "oidc", "GROUPS_CLAIM": "https://example.com/groups"}
OPEN = {**COGNITO, "ACCESS_MODE": "open", "GROUPS_CLAIM": ""}
ALICE = {"sub": "alice", "claims": {"sub": "alice", "cognito:groups": ["staff"]}}
ADMIN = {"sub": "ada", "claims": {"cognito:groups": ["staff", "admin"]}}
OTHER_ADMIN = {"sub": "ada", "claims": {"https://example.com/groups": ["admin"]}}
ONE_GROUP = {"sub": "ada", "claims": {"https://example.com/groups": "admin"}}
OPERATOR = {"userArn": "arn:aws:iam::123456789012:user/operator"}


@pytest.fixture
def resolve(tmp_path: Path) -> Resolvers:
    return Resolvers(tmp_path)


def listed(resolve: Resolvers, env: object, identity: object, owner: object = None) -> Any:
    """Return the owner whose images are listed, or the refusal."""
    asked = resolve("Query.images", "request", args={"owner": owner}, identity=identity, env=env)
    return asked if isinstance(asked, str) else asked["query"]["expressionValues"][":owner"]


def heard(resolve: Resolvers, env: object, identity: object, **args: object) -> Any:
    return resolve("Subscription.imageChanged", "request", args=args, identity=identity, env=env)


def shown(resolve: Resolvers, env: object, identity: object, owner: str) -> Any:
    record = {"id": "1", "owner": owner, "status": "READY", "renditions": []}
    return resolve("Query.image", "response", result=record, identity=identity, env=env)


def test_person_gets_the_person_s_own_images(resolve: Resolvers) -> None:
    assert listed(resolve, COGNITO, ALICE) == "alice"
    assert listed(resolve, COGNITO, ALICE, "alice") == "alice"


def test_person_cannot_list_another_s_images(resolve: Resolvers) -> None:
    assert REFUSED in listed(resolve, COGNITO, ALICE, "bob")
    assert REFUSED in listed(resolve, COGNITO, ALICE, "public")


@pytest.mark.parametrize(
    ("env", "identity"), [(COGNITO, ADMIN), (OIDC, OTHER_ADMIN), (OIDC, ONE_GROUP)]
)
def test_admin_lists_whose_images_the_admin_wants(
    resolve: Resolvers, env: object, identity: object
) -> None:
    assert listed(resolve, env, identity) == "ada"
    assert listed(resolve, env, identity, "bob") == "bob"


def test_group_of_another_claim_or_of_a_like_name_makes_no_admin(resolve: Resolvers) -> None:
    like = {"sub": "eve", "claims": {"cognito:groups": ["administrators", "not admin"]}}

    assert REFUSED in listed(resolve, COGNITO, OTHER_ADMIN, "bob")
    assert REFUSED in listed(resolve, COGNITO, like, "bob")


def test_owner_of_a_request_counts_for_nothing_where_access_is_open(resolve: Resolvers) -> None:
    assert listed(resolve, OPEN, None, "bob") == owners.PUBLIC


def test_operator_who_signs_may_list_anyone_s_images(resolve: Resolvers) -> None:
    assert listed(resolve, COGNITO, OPERATOR, "bob") == "bob"
    assert listed(resolve, COGNITO, OPERATOR) == owners.PUBLIC


@pytest.mark.parametrize(
    "subject", ["public", "", "zoë", "a b", "a/b", "100%", "x" * 129, "alice\nbob"]
)
def test_subject_that_owners_encodes_is_refused(resolve: Resolvers, subject: str) -> None:
    assert not subject or owners.of_subject(subject) != subject

    assert REFUSED in listed(resolve, COGNITO, {"sub": subject, "claims": {}})


@pytest.mark.parametrize(
    "subject", ["auth0|5f7c", "0a1b-2c", "~!$&'()*+,;=:@", "x" * 128, 'a"<>\\^`{|}']
)
def test_subject_that_is_plain_is_the_owner(resolve: Resolvers, subject: str) -> None:
    assert owners.of_subject(subject) == subject

    assert listed(resolve, COGNITO, {"sub": subject, "claims": {}}) == subject


def test_nobody_gets_nothing(resolve: Resolvers) -> None:
    assert REFUSED in listed(resolve, COGNITO, None)
    assert REFUSED in heard(resolve, COGNITO, None, owner="alice")
    assert REFUSED in shown(resolve, COGNITO, None, "alice")


def test_image_of_another_is_null_as_if_there_were_none(resolve: Resolvers) -> None:
    assert shown(resolve, COGNITO, ALICE, "bob") is None
    assert shown(resolve, COGNITO, ALICE, "public") is None
    for env, identity in ((COGNITO, ADMIN), (COGNITO, OPERATOR), (OPEN, None)):
        assert shown(resolve, env, identity, "bob")["id"] == "1"
    assert shown(resolve, COGNITO, ALICE, "alice")["id"] == "1"


def test_person_hears_of_the_person_s_own_images_alone(resolve: Resolvers) -> None:
    allowed = {"payload": None}

    assert heard(resolve, COGNITO, ALICE, owner="alice") == allowed
    for args in ({}, {"owner": None}, {"owner": "bob"}, {"id": "1"}, {"id": "1", "owner": ""}):
        assert REFUSED in heard(resolve, COGNITO, ALICE, **args)
    assert resolve("Subscription.imageChanged", "response") is None


def test_admin_operator_and_an_open_stack_s_visitor_hear_of_all(resolve: Resolvers) -> None:
    for env, identity in ((COGNITO, ADMIN), (COGNITO, OPERATOR), (OPEN, None)):
        assert heard(resolve, env, identity) == {"payload": None}
