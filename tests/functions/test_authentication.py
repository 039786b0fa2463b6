"""Who sends a request: by a key, by the token that API Gateway verified, or by nothing at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.functions.aws_events import Event, event, http_event
from tests.functions.lines import Log
from tests.functions.signed_in import caller, token, with_claims
from tests.functions.stack import Stack
from tintype import access
from tintype.access import AccessMode, Action, Decision, Scope, limited, may, person
from tintype.aws.errors import UnavailableError
from tintype.functions import api, http
from tintype.functions.errors import SignInRequiredError
from tintype.functions.key_operations import MAX_KEYS
from tintype.images import timestamp

SUBJECT = "a3d4c8f2-10b1-70e5-9c6a-7e3f5b2d9a41"
SIGNED_IN = (AccessMode.COGNITO, AccessMode.OIDC)
ID, SECRET = "abcdefghij27", "x" * 43


def with_key(key: str, path: str = "/with-key/images") -> Event:
    return http_event("GET", path, headers={"Authorization": f"Bearer {key}"})


def test_a_request_of_a_cognito_user_is_read_as_aws_writes_it(stack: Stack) -> None:
    stack.sign_in()

    assert caller(stack, event("http_signed_in")) == person(SUBJECT, admin=True)


def test_who_signed_in_is_told_who_she_is(stack: Stack) -> None:
    stack.sign_in()

    assert stack.ask("GET", "/me", subject="zoë").json == {
        "owner": "zo%C3%AB",
        "admin": False,
        "scopes": ["read", "upload", "delete"],
        "access": "cognito",
        "used": {"images": 0, "bytes": 0},
        "limits": {"images": 0, "bytes": 0, "requestsPerMinute": 0},
    }
    assert stack.ask("GET", "/me", subject="eve", groups=["admin"]).json == {
        "owner": "eve",
        "admin": True,
        "scopes": ["read", "upload", "delete", "admin"],
        "access": "cognito",
        "used": {"images": 0, "bytes": 0},
        "limits": {"images": 0, "bytes": 0, "requestsPerMinute": 0},
    }


def test_where_access_is_open_everyone_is_the_public(stack: Stack) -> None:
    stack.sign_in(AccessMode.OPEN, anyone={Scope.READ})

    said = stack.ask("GET", "/me", headers={"authorization": "Bearer eyJhbGciOiJub25lIn0.e30."})

    assert said.json == {
        "owner": "public",
        "admin": False,
        "scopes": ["read"],
        "access": "open",
        "used": {"images": 0, "bytes": 0},
        "limits": {"images": 0, "bytes": 0, "requestsPerMinute": 0},
    }


@pytest.mark.parametrize("mode", SIGNED_IN)
@pytest.mark.parametrize("path", ["/images", "/api/images", "/nothing", "/me"])
def test_a_request_without_claims_is_refused_even_if_api_gateway_let_it_through(
    stack: Stack, mode: AccessMode, path: str
) -> None:
    stack.sign_in(mode)

    said = stack.ask("GET", path, headers={"authorization": f"Bearer {token(sub='alice')}"})

    assert (said.status, said.json["code"]) == (401, "not_signed_in")
    assert said.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("mode", AccessMode)
@pytest.mark.parametrize("claims", [{}, {"sub": ""}, {"sub": None}, {"client_id": "alice"}])
def test_a_token_of_nobody_is_not_taken_for_the_public(
    stack: Stack, mode: AccessMode, claims: dict[str, object]
) -> None:
    stack.sign_in(mode)

    response = api.handler(with_claims({"token_use": "access", **claims}), None)

    assert response["statusCode"] == 401
    assert not stack.table.items


@pytest.mark.parametrize("authorizer", [{}, {"jwt": None}, {"iam": {"userId": "alice"}}])
def test_an_authorizer_of_another_kind_names_no_caller(
    stack: Stack, authorizer: dict[str, object]
) -> None:
    stack.sign_in()
    found = http_event("GET", "/images")
    found["requestContext"]["authorizer"] = authorizer

    with pytest.raises(SignInRequiredError):
        caller(stack, found)


@pytest.mark.parametrize("token_use", [None, "id", "Access", "refresh"])
def test_cognito_s_id_token_is_no_access_token(stack: Stack, token_use: str | None) -> None:
    stack.sign_in()

    with pytest.raises(SignInRequiredError, match="access token"):
        caller(stack, with_claims({"sub": "alice", "token_use": token_use}))


@pytest.mark.parametrize(
    ("claim", "admin"),
    [
        ("[admin]", True),
        ("[editors admin]", True),
        ("admin", True),
        (["editors", "admin"], True),
        ("[editors]", False),
        ("[administrators]", False),
        ("[Admin]", False),
        ("editors admin", False),
        ("[]", False),
        ("", False),
        (None, False),
        ([7, None], False),
    ],
)
def test_an_admin_is_who_is_in_the_group(stack: Stack, claim: object, *, admin: bool) -> None:
    stack.sign_in()
    claims = {"sub": "alice", "token_use": "access", "cognito:groups": claim}

    assert caller(stack, with_claims(claims)).admin is admin


@pytest.mark.parametrize("mode", AccessMode)
@pytest.mark.parametrize("path", ["/with-key/images", "/api/with-key/images", "/images"])
def test_a_key_is_its_owner_with_its_scopes(stack: Stack, mode: AccessMode, path: str) -> None:
    stack.sign_in(mode)
    key = stack.key_of("alice", Scope.READ, Scope.UPLOAD)

    found = caller(stack, with_key(key, path))

    assert (found.owner, found.admin, found.key_id) == ("alice", False, key.split("_")[1])
    assert found.scopes == {Scope.READ, Scope.UPLOAD}


def test_a_key_of_an_admin_may_all_with_everybody_s(stack: Stack) -> None:
    found = caller(stack, with_key(stack.key_of("eve", Scope.ADMIN)))

    assert (found.admin, found.scopes) == (True, access.ALL)
    assert may(found, Action.DELETE, "alice") is Decision.ALLOWED


MALFORMED = [
    "",
    "Bearer",
    "Bearer ",
    "Basic YWxpY2U6cGFzc3dvcmQ=",
    f"tint_{ID}_{SECRET}",
    f"Bearer tint_{ID}_{SECRET[1:]}",
    f"Bearer tint_{ID.upper()}_{SECRET}",
    f"Bearer tint_{ID}_{SECRET},Bearer tint_{ID}_{SECRET}",
    f"Bearer {SECRET}",
    f"Bearer {token(sub='alice')}",
]


@pytest.mark.parametrize("mode", AccessMode)
@pytest.mark.parametrize("header", MALFORMED)
def test_below_with_key_nothing_but_a_key_is_taken(
    stack: Stack, mode: AccessMode, header: str
) -> None:
    stack.sign_in(mode)
    headers = {"authorization": header} if header else {}

    for path in ("/with-key/images", "/with-key", "/with-key/nothing"):
        said = stack.ask("GET", path, headers=headers)
        assert (said.status, said.json["code"]) == (401, "invalid_api_key")
        assert said.headers["www-authenticate"] == "Bearer"


def test_a_key_of_another_secret_an_unknown_one_and_a_revoked_one_are_refused_alike(
    stack: Stack,
) -> None:
    key, revoked = stack.key_of("alice", Scope.READ), stack.key_of("alice", Scope.READ)
    key_id = revoked.split("_")[1]
    assert stack.ask("DELETE", f"/keys/{key_id}", subject="alice").status == 200

    for wrong in (f"{key[:17]}_{SECRET}", f"tint_{ID}_{SECRET}", revoked):
        said = stack.ask("GET", "/images", key=wrong)
        assert (said.status, said.json["code"]) == (401, "invalid_api_key")
        assert said.json["detail"] == "the API key is unknown or was revoked"


def test_a_key_is_refused_from_its_expiry_on_though_the_table_still_has_it(stack: Stack) -> None:
    key = stack.key_of("alice", Scope.READ, expires_at=stack.world.now + timedelta(minutes=15))
    assert stack.ask("GET", "/images", key=key).status == 200

    stack.world.now += timedelta(minutes=15)

    said = stack.ask("GET", "/images", key=key)
    assert (said.status, said.json["code"]) == (401, "invalid_api_key")
    assert said.json["detail"] == "the API key expired at 2026-11-21T00:15:00.000Z"
    assert stack.access.items


def test_a_use_is_noted_once_an_hour(stack: Stack) -> None:
    key = stack.key_of("alice", Scope.READ)
    (item_id,) = stack.access.items
    uses = []

    for minutes in (0, 59, 2):
        stack.world.now += timedelta(minutes=minutes)
        stack.ask("GET", "/images", key=key)
        uses.append(str(stack.access.items[item_id]["lastUsedAt"])[11:16])

    assert uses == ["00:00", "00:00", "01:01"]


def test_a_use_that_cannot_be_noted_is_a_warning_and_the_request_is_answered(
    stack: Stack, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = stack.key_of("alice", Scope.READ)

    def refuse(*_: object, **__: object) -> bool:
        message = "Slow Down"
        raise UnavailableError(message, service="dynamodb", operation="UpdateItem", status=503)

    monkeypatch.setattr(stack.access, "note_use", refuse)

    assert stack.ask("GET", "/images", key=key).status == 200
    assert log.line(level="WARNING")["key_id"] == key.split("_")[1]


def test_a_key_that_is_revoked_while_it_is_used_stays_revoked(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = stack.key_of("alice", Scope.READ)
    note = stack.access.note_use

    def revoke_first(id: str, at: str, *, unless_after: str) -> bool:  # noqa: A002
        stack.access.delete(id)
        return note(id, at, unless_after=unless_after)

    monkeypatch.setattr(stack.access, "note_use", revoke_first)
    stack.ask("GET", "/images", key=key)

    assert stack.access.items == {}


def test_a_key_that_has_expired_counts_for_no_limit(stack: Stack) -> None:
    soon = stack.world.now + timedelta(hours=1)
    for expires_at in (soon, *[None] * (MAX_KEYS - 1)):
        stack.key_of("alice", Scope.READ, expires_at=expires_at)
    body: dict[str, object] = {"name": "a", "scopes": ["read"]}
    assert stack.ask("POST", "/keys", body=body, subject="alice").status == 409

    stack.world.now += timedelta(hours=1)

    assert stack.ask("POST", "/keys", body=body, subject="alice").status == 201


def test_a_key_of_an_admin_ends_after_90_days_at_the_latest(stack: Stack) -> None:
    stack.sign_in()
    body: dict[str, object] = {"name": "all", "scopes": ["read", "admin"]}
    latest, later = (
        timestamp(stack.world.now + timedelta(days=90, seconds=more)) for more in (0, 1)
    )

    made, allowed, refused = (
        stack.ask("POST", "/keys", body=body | end, subject="eve", groups=["admin"])
        for end in ({}, {"expiresAt": latest}, {"expiresAt": later})
    )

    assert made.json["expiresAt"] == allowed.json["expiresAt"] == latest
    assert (refused.status, refused.json["detail"]) == (
        400,
        "expiresAt: not between now and 90 days from now",
    )


def test_no_line_of_the_log_and_no_repr_has_a_secret(stack: Stack, log: Log) -> None:
    key = stack.key_of("alice", Scope.READ)
    made = stack.ask("POST", "/keys", body={"name": "a", "scopes": ["read"]}, subject="alice").json

    stack.ask("GET", "/images", key=key)
    stack.ask("GET", "/images", key=f"{key[:-1]}!")
    request = http.request(with_key(key))

    written = "".join(log.written()) + repr(request) + repr(stack.authentication.caller(request))
    for secret in (key.split("_", 2)[2], made["key"].split("_", 2)[2]):
        assert secret not in written
        assert secret not in repr(stack.access.items)
    assert log.lines(function="api")[1]["key_id"] == key.split("_")[1]


def test_a_caller_that_is_not_known_yet_may_do_nothing() -> None:
    assert http.request(event("http_signed_in")).caller == access.NO_CALLER
    assert limited("alice", ()).scopes == frozenset()
