"""Subscriptions on the deployed API: by key, signed, filtered, refused, by AWS's own client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from tests.local.aws_client import node
from tests.local.conftest import Cloud
from tests.local.realtime_client import post, signed, talk

CHANGED = "subscription ($id: ID) { changed(id: $id) { id name: title status size { width } } }"
RETITLE = """mutation ($picture: PictureInput!) {
  retitle(picture: $picture) { id title size { wide: width } }
}"""


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(work, timeout=20))


def key(cloud: Cloud, name: str = "GraphqlApiKey") -> dict[str, str]:
    return {"host": "localhost", "x-api-key": cloud.outputs[name]}


def test_subscriber_gets_his_selection_of_what_the_mutation_selected(cloud: Cloud) -> None:
    async def work() -> dict[str, Any]:
        async with talk(cloud.outputs["GraphqlRealtimeUrl"], key(cloud)) as client:
            await client.send(type="connection_init")
            ack = await client.receive()
            assert ack == {"type": "connection_ack", "payload": {"connectionTimeoutMs": 300_000}}
            assert (await client.start("1", CHANGED, key(cloud), id="a"))["type"] == "start_ack"
            for name in ("b", "a"):
                size = {"width": 3, "height": 2}
                picture = {"id": name, "title": "T", "status": "READY", "size": size}
                url = cloud.outputs["GraphqlUrl"]
                answer = await post(url, key(cloud), RETITLE, picture=picture)
                assert answer.json()["data"]["retitle"]["size"] == {"wide": 3}
            event = await client.receive()
            await client.send(id="1", type="stop")
            assert await client.receive() == {"type": "complete", "id": "1"}
            return event

    event = run(work())

    changed = {"id": "a", "name": "T", "status": None, "size": {"width": 3}}
    assert event == {"id": "1", "type": "data", "payload": {"data": {"changed": changed}}}


@pytest.mark.parametrize("in_protocol", [False, True])
def test_signed_client_connects_and_subscribes(cloud: Cloud, *, in_protocol: bool) -> None:
    url = cloud.outputs["GraphqlUrl"]
    connecting = signed(f"{url}/connect", "{}", cloud.watcher)
    body = json.dumps({"query": CHANGED, "variables": {}})

    async def work() -> list[str]:
        realtime = cloud.outputs["GraphqlRealtimeUrl"]
        async with talk(realtime, connecting, in_protocol=in_protocol) as client:
            await client.send(type="connection_init")
            heard = [await client.receive()]
            heard.append(await client.start("1", CHANGED, signed(url, body, cloud.watcher)))
            return [message["type"] for message in heard]

    assert run(work()) == ["connection_ack", "start_ack"]


def refusals(cloud: Cloud) -> dict[str, tuple[dict[str, str], str]]:
    url = f"{cloud.outputs['GraphqlUrl']}/connect"
    good = signed(url, "{}", cloud.watcher)
    return {
        "wrong key": ({"host": "localhost", "x-api-key": "da2-nobody"}, "not authorized"),
        "expired key": (key(cloud, "ExpiredApiKey"), "not authorized"),
        "no key": ({"host": "localhost"}, "not authorized"),
        "another body signed": (signed(url, '{"a":1}', cloud.watcher), "does not match"),
        "another path signed": (signed(url + "s", "{}", cloud.watcher), "does not match"),
        "another region": (signed(url, "{}", cloud.watcher, "eu-west-1"), "scoped"),
        "another host": ({**good, "host": "else"}, "does not match"),
    }


@pytest.mark.parametrize("case", ["wrong key", "expired key", "no key", "another body signed",
                                  "another path signed", "another region", "another host"])  # fmt: skip
def test_connection_is_refused(cloud: Cloud, case: str) -> None:
    headers, why = refusals(cloud)[case]

    async def work() -> Any:
        async with talk(cloud.outputs["GraphqlRealtimeUrl"], headers) as client:
            await client.send(type="connection_init")
            return await client.receive()

    answer = run(work())
    assert answer["type"] == "connection_error"
    error = answer["payload"]["errors"][0]
    assert (error["errorType"], error["errorCode"]) == ("UnauthorizedException", 401)
    assert why in error["message"]


STARTS = {
    "subscription { changed { nothing } }": ("BadRequestException", "Cannot query field 'nothing'"),
    "subscription { changed(id: ": ("BadRequestException", "Syntax Error"),
    "{ picture { id } }": ("BadRequestException", "only subscriptions"),
    "subscription { secret { id } }": ("Unauthorized", "Not Authorized to access secret"),
}


@pytest.mark.parametrize("query", STARTS)
def test_subscription_is_refused_and_the_connection_stands(cloud: Cloud, query: str) -> None:
    kind, why = STARTS[query]

    async def work() -> Any:
        async with talk(cloud.outputs["GraphqlRealtimeUrl"], key(cloud)) as client:
            await client.send(type="connection_init")
            await client.receive()
            refused = await client.start("1", query, key(cloud))
            assert (await client.start("1", CHANGED, key(cloud)))["type"] == "start_ack"
            return refused

    refused = run(work())
    assert (refused["type"], refused["id"]) == ("error", "1")
    assert refused["payload"]["errors"][0]["errorType"] == kind
    assert why in refused["payload"]["errors"][0]["message"]


def test_signed_client_needs_the_permission_for_the_field(cloud: Cloud) -> None:
    url = cloud.outputs["GraphqlUrl"]
    query = "subscription { changed { id } }"
    body = json.dumps({"query": query, "variables": {}})

    async def work() -> Any:
        connecting = signed(f"{url}/connect", "{}", cloud.stranger)
        async with talk(cloud.outputs["GraphqlRealtimeUrl"], connecting) as client:
            await client.send(type="connection_init")
            await client.receive()
            return await client.start("1", query, signed(url, body, cloud.stranger))

    refused = run(work())
    assert refused["payload"]["errors"][0]["errorType"] == "UnauthorizedException"


def test_mutation_for_services_is_refused_to_the_key_and_told_to_nobody(cloud: Cloud) -> None:
    query = 'mutation { publish(picture: {id: "a"}) { id } }'

    answer = run(post(cloud.outputs["GraphqlUrl"], key(cloud), query)).json()

    assert answer["data"] == {"publish": None}
    assert answer["errors"][0]["errorType"] == "Unauthorized"


def test_expired_key_is_refused_by_http_too(cloud: Cloud) -> None:
    headers = key(cloud, "ExpiredApiKey")

    answer = run(post(cloud.outputs["GraphqlUrl"], headers, "{ picture { id } }"))

    assert answer.status_code == 401


@pytest.mark.parametrize("kind", ["API_KEY", "AWS_IAM"])
def test_the_client_of_aws_works_unmodified(
    cloud: Cloud, installed_client: Path, kind: str
) -> None:
    user = cloud.watcher
    auth = {
        "API_KEY": {"type": "API_KEY", "apiKey": cloud.outputs["GraphqlApiKey"]},
        "AWS_IAM": {"type": "AWS_IAM", "credentials": {
            "accessKeyId": user.access_key, "secretAccessKey": user.secret_key}},
    }[kind]  # fmt: skip
    settings = {
        "url": cloud.outputs["GraphqlUrl"],
        "region": cloud.address.region,
        "auth": auth,
        "subscription": "subscription ($id: ID) { changed(id: $id) { id title status } }",
        "variables": {"id": "a"},
        "mutation": 'mutation { retitle(picture: {id: "a", title: "Ä"}) { id title } }',
    }

    done = node(installed_client, json.dumps(settings))

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done
    got = next(line["got"]["changed"] for line in lines if "got" in line)
    assert (got["id"], got["title"], got["status"]) == ("a", "Ä", None)
