"""Every forged token is refused, by AppSync's layer and by an HTTP API's authorizer."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from graphql import build_schema, parse

from tests.local.tokens import FORGERIES, HOUR, Issuer, provider, served
from tintype.local.appsync.apis import LocalApi, Mode
from tintype.local.appsync.callers import GraphqlCaller, identify_request
from tintype.local.appsync.directives import denied_fields
from tintype.local.appsync.messages import UnauthorizedError
from tintype.local.issuers import ASK_AGAIN_SECONDS, KEEP_SECONDS, MOST_BYTES, Issuers
from tintype.local.ministack.authorizers import check_token
from tintype.local.tokens import TokenError

POOL_ID = "eu-west-1_Abc"
POOL = Issuer(
    f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL_ID}",
    {"sub": "ada", "client_id": "page", "token_use": "access", "username": "ada@example.com"},
)
OIDC = Issuer("https://id.example.com", {"sub": "ada", "aud": ["page", "more"], "azp": "web"})
COGNITO = {
    "authenticationType": "AMAZON_COGNITO_USER_POOLS",
    "userPoolConfig": {"userPoolId": POOL_ID, "awsRegion": "eu-west-1", "appIdClientRegex": "page|cli", "defaultAction": "ALLOW"},
}  # fmt: skip
OPENID = {
    "authenticationType": "OPENID_CONNECT",
    "openIDConnectConfig": {"issuer": OIDC.issuer, "clientId": "page", "authTTL": 0, "iatTTL": 0},
}


def api(record: dict[str, Any], *more: dict[str, Any]) -> LocalApi:
    return LocalApi("api", "1", "eu-west-1", {**record, "additionalAuthenticationProviders": more})


def bearer(of: Issuer, token: str, record: dict[str, Any]) -> GraphqlCaller:
    return identify_request(api(record), {"authorization": token}, "192.0.2.1", of)


@pytest.mark.parametrize("case", FORGERIES)
def test_pool_s_forged_token_is_refused(case: str) -> None:
    with pytest.raises(UnauthorizedError):
        bearer(POOL, FORGERIES[case](POOL), COGNITO)


@pytest.mark.parametrize("case", FORGERIES)
def test_provider_s_forged_token_is_refused(case: str) -> None:
    with pytest.raises(UnauthorizedError):
        bearer(OIDC, FORGERIES[case](OIDC), OPENID)


@pytest.mark.parametrize("case", FORGERIES)
@pytest.mark.parametrize("of", [POOL, OIDC], ids=["pool", "provider"])
def test_authorizer_of_an_http_api_refuses_a_forged_token(of: Issuer, case: str) -> None:
    with pytest.raises(TokenError):
        check_token(FORGERIES[case](of), {"issuer": of.issuer, "audience": ["page"]}, of)


@pytest.mark.parametrize("of", [POOL, OIDC], ids=["pool", "provider"])
def test_authorizer_of_an_http_api_takes_a_good_token(of: Issuer) -> None:
    check_token(of.token(), {"issuer": of.issuer, "audience": ["page"]}, of)


def test_authorizer_looks_at_the_client_only_without_an_audience() -> None:
    settings = {"issuer": OIDC.issuer, "audience": ["page"]}

    check_token(OIDC.token(without="aud", client_id="page"), settings, OIDC)
    with pytest.raises(TokenError):
        check_token(OIDC.token(aud="another", client_id="page"), settings, OIDC)
    with pytest.raises(TokenError):
        check_token(OIDC.token(), {"issuer": OIDC.issuer, "audience": []}, OIDC)


@pytest.mark.parametrize("use", ["refresh", "", None, 1])
def test_pool_s_token_of_another_kind_is_refused(use: object) -> None:
    with pytest.raises(UnauthorizedError):
        bearer(POOL, POOL.token(token_use=use, aud="page"), COGNITO)


def test_client_of_an_access_token_is_not_taken_from_an_audience_that_anybody_may_ask_for() -> None:
    with pytest.raises(UnauthorizedError):
        bearer(POOL, POOL.token(client_id="another", aud="page"), COGNITO)


def test_another_pool_s_token_is_refused() -> None:
    other = Issuer(POOL.issuer + "d", POOL.usual)

    with pytest.raises(UnauthorizedError):
        bearer(other, other.token(), COGNITO)


def test_key_for_encryption_signs_nothing() -> None:
    class Encrypting(Issuer):
        def jwk(self) -> dict[str, Any]:
            return {**super().jwk(), "use": "enc"}

    of = Encrypting(OIDC.issuer, OIDC.usual)

    with pytest.raises(UnauthorizedError):
        bearer(of, of.token(), OPENID)


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({}, "Valid authorization header not provided."),
        ({"authorization": "letmein"}, "Unable to parse JWT token."),
        ({"authorization": POOL.token(exp=1)}, "Token has expired."),
        ({"authorization": POOL.token(iss="x")}, "You are not authorized to make this call."),
        ({"x-api-key": "da2-mine"}, "Valid authorization header not provided."),
    ],
)
def test_refusal_is_in_appsync_s_words(headers: dict[str, str], why: str) -> None:
    with pytest.raises(UnauthorizedError) as refused:
        identify_request(api(COGNITO), headers, "192.0.2.1", POOL)

    assert str(refused.value) == why


def test_resolvers_see_a_pool_s_user_as_on_aws() -> None:
    admin = Issuer(POOL.issuer, {**POOL.usual, "cognito:groups": ["admin"]}, POOL.key)

    caller = bearer(POOL, admin.token(), COGNITO)

    assert caller.identity is not None
    assert caller.identity["claims"]["client_id"] == "page"
    assert {name: value for name, value in caller.identity.items() if name != "claims"} == {
        "defaultAuthStrategy": "ALLOW",
        "groups": ["admin"],
        "issuer": POOL.issuer,
        "sourceIp": ["192.0.2.1"],
        "sub": "ada",
        "username": "ada@example.com",
    }
    assert caller.groups == {"admin"}
    assert 0 < caller.expires - time.time() <= HOUR


def test_resolvers_see_a_provider_s_user_as_on_aws() -> None:
    caller = bearer(OIDC, OIDC.token(groups=["admin"]), OPENID)

    assert caller.identity is not None
    assert set(caller.identity) == {"claims", "issuer", "sub"}
    assert (caller.identity["issuer"], caller.identity["sub"]) == (OIDC.issuer, "ada")
    assert caller.identity["claims"]["groups"] == ["admin"]
    assert caller.groups == frozenset()


@pytest.mark.parametrize(
    ("limit", "seconds_ago", "is_in"),
    [
        ("authTTL", {"auth_time": 0}, True),
        ("authTTL", {"auth_time": HOUR}, False),
        ("authTTL", {}, False),
        ("iatTTL", {"iat": HOUR}, False),
        ("iatTTL", {"iat": 0}, True),
    ],
)
def test_provider_s_token_ends_when_the_api_says(
    limit: str, seconds_ago: Mapping[str, int], *, is_in: bool
) -> None:
    claims: dict[str, Any] = {name: int(time.time()) - ago for name, ago in seconds_ago.items()}
    record = {**OPENID, "openIDConnectConfig": {**OPENID["openIDConnectConfig"], limit: 600_000}}  # type: ignore[dict-item] # a table

    if is_in:
        assert bearer(OIDC, OIDC.token(**claims), record).mode is Mode.OIDC
    else:
        with pytest.raises(UnauthorizedError):
            bearer(OIDC, OIDC.token(**claims), record)


def test_each_of_several_providers_vouches_for_its_own_tokens_only() -> None:
    both = api(COGNITO, OPENID)
    forged = Issuer(POOL.issuer, POOL.usual, OIDC.key)  # OIDC's key, in the pool's name

    found = identify_request(both, {"authorization": OIDC.token()}, "192.0.2.1", OIDC)

    assert found.mode is Mode.OIDC
    with pytest.raises(UnauthorizedError):
        identify_request(both, {"authorization": forged.token()}, "192.0.2.1", POOL)


SCHEMA = build_schema("""
directive @aws_auth(cognito_groups: [String!]) on FIELD_DEFINITION | OBJECT
directive @aws_cognito_user_pools(cognito_groups: [String!]) on FIELD_DEFINITION | OBJECT
directive @aws_oidc on FIELD_DEFINITION | OBJECT
directive @aws_api_key on FIELD_DEFINITION | OBJECT
directive @aws_iam on FIELD_DEFINITION | OBJECT
type Query {
  plain: String
  users: String @aws_cognito_user_pools
  admins: String @aws_cognito_user_pools(cognito_groups: ["admin", "root"])
  nobody: String @aws_cognito_user_pools(cognito_groups: [])
  oldAdmins: String @aws_auth(cognito_groups: ["admin"])
  subjects: String @aws_oidc
  keys: String @aws_api_key
  services: String @aws_iam
  both: String @aws_oidc @aws_cognito_user_pools(cognito_groups: ["admin"])
  inner: Inner @aws_oidc @aws_cognito_user_pools
}
type Inner @aws_oidc { name: String admins: String @aws_cognito_user_pools(cognito_groups: ["admin"]) }
""")
FIELDS = {"plain", "users", "admins", "nobody", "oldAdmins", "subjects", "keys", "services", "both"}
API_KEY, IAM = {"authenticationType": "API_KEY"}, {"authenticationType": "AWS_IAM"}
MIXED = api(COGNITO, IAM, API_KEY, OPENID)
ALONE = api(COGNITO)
DENYING = api({**COGNITO, "userPoolConfig": {"userPoolId": POOL_ID, "defaultAction": "DENY"}})
ADMIN = frozenset({"admin", "staff"})


@pytest.mark.parametrize(
    ("of", "mode", "groups", "open_fields"),
    [
        (MIXED, Mode.COGNITO, frozenset[str](), {"plain", "users", "oldAdmins"}),
        (MIXED, Mode.COGNITO, ADMIN, {"plain", "users", "oldAdmins", "admins", "both"}),
        (MIXED, Mode.OIDC, ADMIN, {"subjects", "both"}),
        (MIXED, Mode.API_KEY, ADMIN, {"keys"}),
        (MIXED, Mode.IAM, ADMIN, {"services"}),
        (ALONE, Mode.COGNITO, frozenset[str](), {"plain", "users"}),
        (ALONE, Mode.COGNITO, ADMIN, {"plain", "users", "oldAdmins", "admins", "both"}),
        (DENYING, Mode.COGNITO, ADMIN, {"users", "oldAdmins", "admins", "both"}),
    ],
)
def test_directives_open_a_field_to_modes_and_groups(
    of: LocalApi, mode: Mode, groups: frozenset[str], open_fields: set[str]
) -> None:
    caller = GraphqlCaller(of, mode, groups=groups)

    denied = {each.name for each in denied_fields(SCHEMA, parse(f"{{{' '.join(FIELDS)}}}"), caller)}

    assert denied == FIELDS - open_fields


def test_fields_of_a_type_have_its_directives_unless_they_have_their_own() -> None:
    query = parse("{ inner { ...one } } fragment one on Inner { name admins }")

    def denied(mode: Mode, groups: frozenset[str] = frozenset()) -> list[str]:
        return [each.message for each in denied_fields(SCHEMA, query, GraphqlCaller(MIXED, mode, groups=groups))]  # fmt: skip

    assert denied(Mode.OIDC) == ["Not Authorized to access admins on type Inner"]
    assert denied(Mode.COGNITO, ADMIN) == ["Not Authorized to access name on type Inner"]
    assert "Not Authorized to access inner on type Query" in denied(Mode.API_KEY)


def test_provider_s_keys_are_discovered_and_kept() -> None:
    asked: list[str] = []
    clock = [0.0]
    keys: dict[str, Any] = {"keys": [OIDC.jwk()]}

    def fetch(address: str) -> Any:
        asked.append(address)
        discovered = {"issuer": OIDC.issuer, "jwks_uri": f"{OIDC.issuer}/k"}
        return discovered if "well-known" in address else keys

    issuers = Issuers(fetch, lambda: clock[0])

    assert issuers.find(OIDC.issuer, "first") == OIDC.jwk()
    assert issuers.find(OIDC.issuer, "first") == OIDC.jwk()
    assert asked == [f"{OIDC.issuer}/.well-known/openid-configuration", f"{OIDC.issuer}/k"]

    keys["keys"] = [{**OIDC.jwk(), "kid": "second"}]
    assert issuers.find(OIDC.issuer, "second") is None  # asked for just now
    clock[0] += ASK_AGAIN_SECONDS
    assert issuers.find(OIDC.issuer, "second") is not None
    assert issuers.find(OIDC.issuer, "first") is None
    clock[0] += KEEP_SECONDS
    keys["keys"] = []
    assert issuers.find(OIDC.issuer, "second") is None


def test_provider_that_fails_loses_no_known_key() -> None:
    with provider() as of:
        issuers = Issuers()
        assert issuers.find(of.issuer, "first") == of.jwk()

    assert issuers.find(of.issuer, "unknown") is None
    assert issuers.find(of.issuer, "first") == of.jwk()


DISCOVERIES = {
    "of another issuer": (200, '{"issuer": "http://other", "jwks_uri": "%s/keys"}', ""),
    "elsewhere": (302, "", "/.well-known/there"),
    "missing": (404, "", ""),
    "not JSON": (200, "<html>", ""),
    "a list": (200, "[]", ""),
    "without keys": (200, '{"issuer": "%s"}', ""),
    "keys in the clear": (200, '{"issuer": "%s", "jwks_uri": "http://id.example.com/keys"}', ""),
    "keys in a file": (200, '{"issuer": "%s", "jwks_uri": "file:///etc/passwd"}', ""),
    "endless": (200, '{"issuer": "%s", "jwks_uri": "%s/keys", "more": "' + "x" * MOST_BYTES + '"}', ""),
}  # fmt: skip


@pytest.mark.parametrize("case", DISCOVERIES)
def test_discovery_that_is_not_to_be_trusted_gives_no_key(case: str) -> None:
    status, body, location = DISCOVERIES[case]
    known: list[str] = []

    def pages(path: str) -> tuple[int, bytes, str]:
        (address,) = known
        if path.endswith("openid-configuration"):
            return status, body.replace("%s", address).encode(), location
        good = {"issuer": address, "jwks_uri": f"{address}/keys", "keys": [OIDC.jwk()]}
        return 200, json.dumps(good).encode(), ""

    with served(pages) as address:
        known.append(address)
        assert Issuers().find(address, "first") is None


@pytest.mark.parametrize("address", ["http://id.example.com", "file:///etc", "ftp://127.0.0.1"])
def test_issuer_in_the_clear_is_asked_for_nothing(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(httpx, "stream", lambda *arguments, **_: asked.append(arguments))

    assert Issuers().find(address, "first") is None
    assert asked == []
