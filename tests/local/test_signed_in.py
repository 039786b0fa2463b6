"""Signed-in callers of the deployed APIs: a pool's and a provider's users, and every forger."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.local.aws_client import node
from tests.local.conftest import Cloud, Served
from tests.local.people import resources
from tests.local.realtime_client import Talk, post, signed, talk
from tests.local.template import write_release
from tests.local.tokens import FORGERIES, Issuer, provider
from tintype.local.state import StateFolder


@dataclass(frozen=True)
class People:
    """The cloud, its pool as a forger with the pool's key would have it, and the provider."""

    cloud: Cloud
    pool: Issuer
    oidc: Issuer
    pool_id: str

    @property
    def graphql(self) -> str:
        return str(self.cloud.outputs["GraphqlUrl"])

    def ask(self, query: str, **headers: str) -> httpx.Response:
        return httpx.post(self.graphql, headers=headers, json={"query": query})

    def of(self, name: str) -> Issuer:
        return {"pool": self.pool, "provider": self.oidc}[name]

    def http(self, name: str, token: str) -> httpx.Response:
        (api,) = self.cloud.client("apigatewayv2").get_apis()["Items"]
        url = f"{self.cloud.address.endpoint}/_aws/execute-api/{api['ApiId']}/$default/{name}"
        return httpx.get(url, headers={"authorization": f"Bearer {token}"} if token else {})


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    folder = tmp_path_factory.mktemp("people")
    with provider(sub="ada", aud="page") as oidc:
        served = Served(folder / "state", write_release(folder / "release", resources(oidc.issuer)))
        cloud = Cloud(served.start())
        yield People(cloud, *_pool(cloud, StateFolder(folder / "state"), oidc))
        served.end()


def _pool(cloud: Cloud, state: StateFolder, oidc: Issuer) -> tuple[Issuer, Issuer, str]:
    cognito = cloud.client("cognito-idp")
    (pool,) = cognito.list_user_pools(MaxResults=2)["UserPools"]
    (client,) = cognito.list_user_pool_clients(UserPoolId=pool["Id"])["UserPoolClients"]
    keys = httpx.get(f"{cloud.address.endpoint}/{pool['Id']}/.well-known/jwks.json").json()["keys"]
    pem = state.emulator / "cognito-pool-keys" / f"{pool['Id']}-access.pem"
    usual = {"sub": "ada", "client_id": client["ClientId"], "token_use": "access", "username": "ada@example.com"}  # fmt: skip
    key: Any = load_pem_private_key(pem.read_bytes(), None)
    issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{pool['Id']}"
    made = Issuer(issuer, usual, key, keys[0]["kid"])
    assert made.jwk()["n"] == keys[0]["n"]
    return made, oidc, pool["Id"]


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(work, timeout=20))


def headers(token: str) -> dict[str, str]:
    return {"host": "localhost", "Authorization": token}


async def opened(client: Talk) -> Talk:
    await client.send(type="connection_init")
    assert (await client.receive())["type"] == "connection_ack"
    return client


@pytest.mark.parametrize("kind", ["AccessToken", "IdToken"])
def test_pool_s_own_tokens_are_taken_everywhere(people: People, kind: str) -> None:
    cognito, name = people.cloud.client("cognito-idp"), f"{kind}@example.com"
    (client,) = cognito.list_user_pool_clients(UserPoolId=people.pool_id)["UserPoolClients"]
    cognito.admin_create_user(UserPoolId=people.pool_id, Username=name, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=people.pool_id, Username=name, Password="Secret-123456", Permanent=True)  # noqa: S106 # fmt: skip
    cognito.admin_add_user_to_group(UserPoolId=people.pool_id, Username=name, GroupName="admin")
    secret = {"USERNAME": name, "PASSWORD": "Secret-123456"}
    signed_in = cognito.initiate_auth(ClientId=client["ClientId"], AuthFlow="USER_PASSWORD_AUTH", AuthParameters=secret)  # fmt: skip
    token = signed_in["AuthenticationResult"][kind]

    async def work() -> str:
        async with talk(people.cloud.outputs["GraphqlRealtimeUrl"], headers(token)) as talking:
            client = await opened(talking)
            return str((await client.start("1", "subscription { admins { owner } }", headers(token)))["type"])  # fmt: skip

    answered = people.ask("{ caller admins }", authorization=token).json()["data"]
    identity = json.loads(answered["caller"]) if isinstance(answered["caller"], str) else answered["caller"]  # fmt: skip
    assert answered["admins"] == "for admins"
    assert identity["sub"] == identity["claims"]["sub"]
    assert identity["groups"] == ["admin"]
    assert people.http("pool", token).json()["cognito:groups"] == "[admin]"
    assert run(work()) == "start_ack"


@pytest.mark.parametrize("name", ["pool", "provider"])
def test_good_token_is_taken_by_every_door(people: People, name: str) -> None:
    """So a forgery's refusal is for what is forged in it."""
    token = people.of(name).token()

    async def work() -> str:
        async with talk(people.cloud.outputs["GraphqlRealtimeUrl"], headers(token)) as talking:
            client = await opened(talking)
            query = 'subscription { changed(owner: "ada") { owner } }'
            return str((await client.start("1", query, headers(token)))["type"])

    caller = people.ask("{ caller }", authorization=token).json()["data"]["caller"]
    assert (json.loads(caller) if isinstance(caller, str) else caller)["sub"] == "ada"
    assert people.http(name, token).status_code == 200
    assert run(work()) == "start_ack"


@pytest.mark.parametrize("case", FORGERIES)
@pytest.mark.parametrize("name", ["pool", "provider"])
def test_forged_token_is_refused_by_every_door(people: People, name: str, case: str) -> None:
    issuer = people.of(name)
    forged, good = FORGERIES[case](issuer), issuer.token()
    realtime = people.cloud.outputs["GraphqlRealtimeUrl"]

    async def connect() -> str:
        async with talk(realtime, headers(forged), in_protocol=case == "huge") as client:
            await client.send(type="connection_init")
            return str((await client.receive())["type"])

    async def subscribe() -> Any:
        async with talk(realtime, headers(good)) as talking:
            client = await opened(talking)
            query = 'subscription { changed(owner: "ada") { owner } }'
            return await client.start("1", query, headers(forged))

    answered = people.ask("{ caller }", authorization=forged)
    started = run(subscribe())
    assert (answered.status_code, "data" in answered.json()) == (401, False)
    assert answered.json()["errors"][0]["errorType"] == "UnauthorizedException"
    assert started["type"] == "error"
    assert started["payload"]["errors"][0]["errorType"] == "UnauthorizedException"
    assert people.http(name, forged).status_code in {401, 431}
    if case != "huge":  # the address of the handshake has no room for it
        assert run(connect()) == "connection_error"


@pytest.mark.parametrize("mode", ["AMAZON_COGNITO_USER_POOLS", "OPENID_CONNECT"])
def test_the_client_of_aws_signs_in_unmodified(
    people: People, installed_client: Path, mode: str
) -> None:
    issuer = people.pool if mode == "AMAZON_COGNITO_USER_POOLS" else people.oidc
    settings = {
        "url": people.graphql,
        "region": people.cloud.address.region,
        "auth": {"type": mode, "jwtToken": issuer.token()},
        "subscription": "subscription ($owner: String) { changed(owner: $owner) { owner } }",
        "variables": {"owner": "ada"},
        "mutation": 'mutation { change(owner: "ada") { owner } }',
    }

    done = node(installed_client, json.dumps(settings))

    assert done.returncode == 0, done
    assert {"changed": {"owner": "ada", "__typename": "Changed"}} in [json.loads(line).get("got") for line in done.stdout.splitlines()]  # fmt: skip


def test_nobody_is_let_in_without_a_token(people: People) -> None:
    answered = people.ask("{ plain }")

    assert answered.status_code == 401
    assert people.http("pool", "").status_code == 401


@pytest.mark.parametrize(
    ("name", "query", "denied"),
    [
        ("pool", "{ plain }", None),
        ("pool", "{ admins }", "admins"),
        ("pool", "{ subjects }", "subjects"),
        ("pool", "{ services }", "services"),
        ("provider", "{ subjects }", None),
        ("provider", "{ plain }", "plain"),
        ("provider", "{ admins }", "admins"),
    ],
)
def test_field_is_open_as_its_directives_say(
    people: People, name: str, query: str, denied: str | None
) -> None:
    answered = people.ask(query, authorization=people.of(name).token()).json()

    errors = [(one["errorType"], one["message"]) for one in answered.get("errors", [])]
    said = f"Not Authorized to access {denied} on type Query"
    assert errors == ([("Unauthorized", said)] if denied else [])


def test_key_beside_a_token_makes_nobody_of_the_token(people: People) -> None:
    forged = FORGERIES["another's key"](people.pool)
    both = {"x-api-key": people.cloud.outputs["GraphqlApiKey"], "authorization": forged}

    answered = people.ask("{ caller }", **both)

    assert answered.json()["data"] == {"caller": None}


def test_resolver_sees_who_signed(people: People) -> None:
    body = json.dumps({"query": "{ services }"})
    sent = signed(people.graphql, body, people.cloud.watcher)

    answered = httpx.post(people.graphql, content=body, headers=sent)

    identity = answered.json()["data"]["services"]
    assert people.cloud.outputs["Watcher"] in identity
    assert "userArn" in identity


def test_key_does_not_pass_for_a_signature(people: People) -> None:
    """MiniStack would see a key and our layer a signature, and neither check the field."""
    scope = "Credential=AKIA/20260101/us-east-1/appsync/aws4_request"
    for pretence in ("AWS4-", "AWS4-HMAC-SHA256", f"AWS4-HMAC-SHA256 {scope}"):
        both = {"x-api-key": people.cloud.outputs["GraphqlApiKey"], "authorization": pretence}
        answered = people.ask("{ services }", **both)
        assert "for services" not in answered.text


def test_compressed_query_does_not_pass_the_directives(people: People) -> None:
    body = gzip.compress(json.dumps({"query": "{ admins }"}).encode())
    sent = {"authorization": people.pool.token(), "content-encoding": "gzip"}

    answered = httpx.post(people.graphql, content=body, headers=sent)

    assert "for admins" not in answered.text


@pytest.mark.parametrize("path", ["/v1/apis/{id}/graphql", "/v1/apis/{id}/x/graphql", "/v1/apis/{id}//graphql"])  # fmt: skip
def test_no_other_way_leads_past_the_layer(people: People, path: str) -> None:
    url = people.cloud.address.endpoint + path.format(id=people.cloud.outputs["GraphqlApiId"])

    answered = httpx.post(url, headers={"authorization": "a.b.c"}, json={"query": "{ plain }"})

    assert answered.status_code in {401, 403, 404}


def test_two_credentials_of_a_kind_are_refused(people: People) -> None:
    good = people.pool.token()
    two = [("authorization", good), ("authorization", "a.b.c")]

    answered = httpx.post(people.graphql, headers=two, json={"query": "{ plain }"})

    assert answered.status_code == 401


def test_browser_may_ask_beforehand_whether_it_may_send_a_token(people: People) -> None:
    asked = {"origin": "http://localhost:1", "access-control-request-method": "POST", "access-control-request-headers": "authorization"}  # fmt: skip

    answered = httpx.options(people.graphql, headers=asked)

    assert answered.status_code < 300
    assert answered.headers["access-control-allow-origin"] in {"*", "http://localhost:1"}


def test_resolver_that_refuses_says_so_in_appsync_s_words(people: People) -> None:
    (error,) = people.ask("{ refused }", authorization=people.pool.token()).json()["errors"]

    assert error["errorType"] == "Unauthorized"
    assert error["message"] == "Not Authorized to access refused on type Query"


REFUSED = {
    'subscription { changed(owner: "ada") { owner } }': None,
    'subscription { changed(owner: "eve") { owner } }': ("Unauthorized", "Not Authorized to access changed on type Subscription"),
    "subscription { changed { owner } }": ("Unauthorized", "Not Authorized to access changed on type Subscription"),
    "subscription { broken { owner } }": ("Closed", "Not today"),
    "subscription { admins { owner } }": ("Unauthorized", "Not Authorized to access admins on type Subscription"),
}  # fmt: skip


@pytest.mark.parametrize("query", REFUSED)
def test_subscription_s_resolver_decides_who_may_listen(people: People, query: str) -> None:
    token = people.pool.token()

    async def work() -> Any:
        async with talk(people.cloud.outputs["GraphqlRealtimeUrl"], headers(token)) as talking:
            client = await opened(talking)
            answer = await client.start("1", query, headers(token))
            await post(people.graphql, {"authorization": token}, 'mutation { change(owner: "eve") { owner } }')  # fmt: skip
            last = await client.start("2", 'subscription { changed(owner: "ada") { owner } }', headers(token))  # fmt: skip
            return answer, last

    answer, last = run(work())
    expected = REFUSED[query]
    assert last["type"] == "start_ack"  # the next message: no event came between
    if expected is None:
        assert answer["type"] == "start_ack"
    else:
        assert (answer["type"], answer["id"]) == ("error", "1")
        assert answer["payload"]["errors"] == [{"errorType": expected[0], "message": expected[1]}]


@pytest.mark.parametrize("name", ["pool", "provider"])
def test_subscription_ends_with_its_token_and_may_begin_anew(people: People, name: str) -> None:
    issuer = people.of(name)
    query = 'subscription { changed(owner: "ada") { owner } }'
    change = 'mutation { change(owner: "ada") { owner } }'

    async def work() -> list[Any]:
        short, good = issuer.token(exp=int(time.time()) + 6), issuer.token()
        realtime = people.cloud.outputs["GraphqlRealtimeUrl"]
        async with talk(realtime, headers(good)) as talking:
            client = await opened(talking)
            heard = [await client.start("1", query, headers(short))]
            await post(people.graphql, {"authorization": good}, change)
            heard += [await client.receive(), await client.receive()]  # the event, and the end
            await post(people.graphql, {"authorization": good}, change)
            heard += [await client.start("2", query, headers(short))]
            heard += [await client.start("1", query, headers(good))]
            return heard

    began, event, end, again, anew = run(work())
    expired = [{"errorType": "UnauthorizedException", "message": "Token has expired."}]
    assert (began["type"], event["type"]) == ("start_ack", "data")
    assert end == {"type": "error", "id": "1", "payload": {"errors": expired}}
    assert (again["id"], again["payload"]["errors"]) == ("2", expired)
    assert anew == {"type": "start_ack", "id": "1"}
