"""Tokens of an issuer that Tintype does not know: what they are for, and which groups they list."""

from __future__ import annotations

import pytest

from tests.functions.signed_in import caller, token, with_claims
from tests.functions.stack import Stack
from tintype.access import AccessMode, person
from tintype.functions.errors import SignInRequiredError


def test_another_issuer_s_token_need_not_say_what_it_is_for(stack: Stack) -> None:
    stack.sign_in(AccessMode.OIDC, groups_claim="roles")

    listed = token(sub="auth0|5f7c", roles=["admin"])
    found = caller(stack, with_claims({"sub": "auth0|5f7c", "roles": "[admin]"}, listed))

    assert found == person("auth0|5f7c", admin=True)


@pytest.mark.parametrize(
    "claims", [{"nonce": "n"}, {"at_hash": "h"}, {"typ": "ID", "scope": "openid"}]
)
def test_another_issuer_s_id_token_is_refused_where_it_shows(
    stack: Stack, claims: dict[str, object]
) -> None:
    stack.sign_in(AccessMode.OIDC)

    with pytest.raises(SignInRequiredError, match="access token"):
        caller(stack, with_claims({"sub": "alice", **claims}))


@pytest.mark.parametrize(
    "claims",
    [
        {"typ": "Bearer", "nonce": "n", "scope": "openid email"},  # Keycloak before 24
        {"aio": "a", "nonce": "n", "scp": "images"},  # Entra
        {"azp": "page", "scope": "openid email"},  # Auth0
        {"azp": "page"},  # Auth0, when no scope was asked for
        {"cid": "page", "scp": "[openid email]"},  # Okta
    ],
)
def test_real_issuers_access_tokens_are_taken(stack: Stack, claims: dict[str, object]) -> None:
    stack.sign_in(AccessMode.OIDC)

    assert caller(stack, with_claims({"sub": "alice", **claims})) == person("alice")


@pytest.mark.parametrize(
    ("listed", "admin"),
    [
        (["shop admin"], False),
        (["shop", "admin"], True),
        (["shop admin", "admin"], True),
        (["admin]", "[shop"], False),
        ("shop admin", False),
        (None, False),
    ],
)
def test_a_group_with_a_space_in_its_name_is_not_two(
    stack: Stack, listed: object, *, admin: bool
) -> None:
    """API Gateway writes the list `["shop admin"]` as `[shop admin]`; only the token tells."""
    stack.sign_in(AccessMode.OIDC, groups_claim="groups")
    claims = {"sub": "alice", "groups": "[shop admin]"}

    found = caller(stack, with_claims(claims, token(sub="alice", groups=listed)))

    assert found.admin is admin


@pytest.mark.parametrize(
    ("claim", "listed", "admin"),
    [
        ("[admin admin]", ["admin admin"], False),
        ("[admin ]", ["admin "], False),
        ("[ admin]", [" admin"], False),
        ("[admin\t]", ["admin\t"], False),
        ("[admin]", "[admin]", False),
        ("[admin]", ["admin"], True),
        ("admin", "admin", True),
        ("admin ", "admin ", False),
    ],
)
def test_a_group_of_another_issuer_makes_an_admin_by_its_exact_name(
    stack: Stack, claim: str, listed: object, *, admin: bool
) -> None:
    stack.sign_in(AccessMode.OIDC, groups_claim="groups")

    found = caller(stack, with_claims({"sub": "eve", "groups": claim}, token(groups=listed)))

    assert found.admin is admin


@pytest.mark.parametrize("garbage", ["", "a.b.c", "a.!.c", "only", "a.W10.c", f"a.{'W1' * 4000}.c"])
def test_a_token_that_cannot_be_read_makes_no_admin(stack: Stack, garbage: str) -> None:
    stack.sign_in(AccessMode.OIDC, groups_claim="groups")

    for groups in ("[shop admin]", "[admin]"):
        found = caller(stack, with_claims({"sub": "alice", "groups": groups}, garbage))
        assert found == person("alice")


def test_what_the_header_claims_makes_no_admin_of_who_the_gateway_says_is_none(
    stack: Stack,
) -> None:
    stack.sign_in(AccessMode.OIDC, groups_claim="groups")
    forged = token(sub="eve", groups=["admin"])

    for groups in ("[a b]", "[editors]"):
        assert caller(stack, with_claims({"sub": "alice", "groups": groups}, forged)) == person(
            "alice"
        )
