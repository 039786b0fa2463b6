"""Who may do what in a deployed stack with sign-in: every caller at every door, with his own and with another's.

The expectations for HTTP are those of `tests/functions/test_access.py`, which are crossed with the table of
routes: here they are asked at the CDN, through its function, API Gateway's authorizer and the real roles.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cloud.hearing import Graphql, RefusedError
from tests.cloud.operator import Operator
from tests.cloud.people import Issuer, Provider, Tokens, UserPool, forgeries
from tests.cloud.running import UP, running_cloud
from tests.cloud.stack import TIMEOUT_SECONDS, Json, Stack
from tests.deploy.tools import ROOT
from tests.functions import cases
from tests.functions.test_access import ALLOWED, BODIES, OF_OTHERS, PLACES, SEES_ALL
from tests.local.tokens import FORGERIES
from tests.pictures import picture
from tintype.imaging import Format
from tintype.local.ports import free_port

PNG = picture(64, 48, Format.PNG)
SCOPES = ("read", "upload", "delete", "admin")
OWNERS = ("alice", "bob", "eve")
PEOPLE = {"alice": "alice", "bob": "bob", "admin": "eve"}  # who stands for which caller
REFUSED = {401, 403, 404}


@dataclass
class World:
    """A stack with sign-in, an image of each person, and what each caller sends."""

    stack: Stack
    operator: Operator
    tokens: Mapping[str, Tokens]
    credentials: dict[str, str] = field(default_factory=dict)
    images: dict[str, Json] = field(default_factory=dict)
    private: dict[str, Json] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def ask(self, credential: str, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {credential}"} if credential else {}
        return self.stack.request(
            method, path, headers={**options.pop("headers", {}), **headers}, **options
        )

    def at(self, caller: str, place: cases.RouteKey, owner: str) -> httpx.Response:
        """Ask a route about what is *owner*'s, as that caller."""
        method, path = place
        image, options = self.images[owner], dict[str, Any]()
        if place == cases.DELETION and owner == owner_of(caller):
            image = {"id": self.ticket(owner)["imageId"]}
        thing = self.keys[owner] if path.startswith("/keys") else image["id"]
        if place == cases.IMAGES:
            options = {"content": PNG, "headers": {"content-type": "image/png"}}
        elif place == cases.PROCESSING:
            bucket = self.operator.outputs["OriginalsBucket"]
            options = {"json": {"bucket": bucket, "key": image["original"]["key"]}}
        elif place == cases.LISTING:
            options = {"params": {"owner": self.tokens[owner].subject}}
        elif place == cases.PLAIN_ADDRESS:
            options = {"params": {"filename": f"{image['id']}-processed"}}
        elif place in BODIES:
            options = {"json": BODIES[place]}
        if place == cases.REVOCATION and owner == owner_of(caller):
            thing = self.new_key(owner, "read")[1]
        return self.ask(
            self.credentials.get(caller, caller), method, path.format(id=thing), **options
        )

    def ticket(self, owner: str, **wishes: object) -> Json:
        wanted = {"filename": "a.png", "contentType": "image/png", "size": len(PNG), **wishes}
        answer = self.ask(self.tokens[owner].access, "POST", "/uploads", json=wanted)
        assert answer.status_code == 201, answer.text
        given: Json = answer.json()
        return given

    def uploaded(self, owner: str, **wishes: str) -> Json:
        """Upload an image of a person's, and return it when it is READY."""
        ticket = self.ticket(owner, **wishes)
        assert self.stack.put(ticket, PNG).status_code == 200
        return self.ready(owner, ticket["imageId"])

    def ready(self, owner: str, image_id: str) -> Json:
        """Return an image of a person's when it is READY."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            image: Json = self.ask(self.tokens[owner].access, "GET", f"/images/{image_id}").json()
            if image.get("status") == "READY":
                return image
            time.sleep(0.05)
        raise TimeoutError(str(image))

    def status_of(self, url: str, cookie: str = "") -> int:
        """Return what the CDN says; a cookie is sent as is, since the local cloud has no TLS."""
        headers = {"cookie": cookie.partition(";")[0]} if cookie else {}
        return self.stack.client.get(url, headers=headers).status_code

    def new_key(self, owner: str, *scopes: str) -> tuple[str, str]:
        wanted = {"name": "a key", "scopes": scopes}
        answer = self.ask(self.tokens[owner].access, "POST", "/keys", json=wanted)
        assert answer.status_code == 201, answer.text
        return answer.json()["key"], answer.json()["id"]

    def furnish(self, issuer: Issuer) -> None:
        """Give everybody an image and a key, and make what strangers would send."""
        tokens = self.tokens
        self.images = {owner: self.uploaded(owner) for owner in OWNERS}
        self.private = {owner: self.uploaded(owner, visibility="private") for owner in OWNERS}
        self.keys = {owner: self.new_key(owner, "read")[1] for owner in OWNERS}
        self.credentials = {caller: tokens[name].access for caller, name in PEOPLE.items()}
        for scope in SCOPES:
            maker = "eve" if scope == "admin" else "alice"
            self.credentials[f"{scope} key"] = self.new_key(maker, scope)[0]
        revoked, revoked_id = self.new_key("alice", "read", "upload", "delete")
        assert self.ask(tokens["alice"].access, "DELETE", f"/keys/{revoked_id}").is_success
        self.credentials |= {
            "nobody": "",
            "revoked key": revoked,
            "ID token": tokens["alice"].id,
            **forgeries(tokens["alice"].access, issuer.key()),
        }


def owner_of(caller: str) -> str:
    if caller == "admin key":
        return "eve"
    return PEOPLE.get(caller, "alice")


@pytest.fixture(scope="module", params=["cognito", "oidc"])
def world(
    request: pytest.FixtureRequest, deployed_state: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Deploy a stack that was open again, with sign-in, and furnish it."""
    state = tmp_path_factory.mktemp("access")
    with ExitStack() as closing:
        client = closing.enter_context(httpx.Client(timeout=TIMEOUT_SECONDS))
        if request.param == "cognito":
            command: tuple[str, ...] = (*UP, "--access", "cognito")
            cloud = closing.enter_context(running_cloud(state, command, deployed=deployed_state))
            issuer: Issuer = UserPool(cloud, Operator(cloud, closing), client)
        else:
            provider = Provider(free_port(), ["eve"], client)
            port = free_port()
            closing.enter_context(provider.running(f"http://localhost:{port}"))
            command = (*UP, "--access", "oidc", "--config", str(settings_for(provider, state)))
            cloud = closing.enter_context(
                running_cloud(state, command, deployed=deployed_state, front_door=port)
            )
            issuer = provider
            issuer.outputs = cloud.outputs
        tokens = {name: issuer.add(name, group="admin" if name == "eve" else "") for name in OWNERS}
        world = World(Stack(cloud.outputs, client), Operator(cloud, closing), tokens)
        world.furnish(issuer)
        yield world


def settings_for(provider: Provider, folder: Path) -> Path:
    """Write the project's settings with the provider's in their places."""
    text = (ROOT / "tintype.toml").read_text("utf-8")
    known = {"issuer": provider.url, "audience": provider.AUDIENCE, "client_id": provider.CLIENT}
    for name, value in known.items():
        text, number = re.subn(rf'(?m)^#{name} = "[^"]*"', f'{name} = "{value}"', text)
        assert number == 1
    path = folder / "tintype.toml"
    path.write_text(text, "utf-8")
    return path


CALLERS = (*PEOPLE, *(f"{scope} key" for scope in SCOPES))
STRANGERS = ("nobody", "revoked key", "ID token", *FORGERIES)


@pytest.mark.parametrize("caller", CALLERS)
def test_what_is_one_s_own_is_done_as_far_as_the_scopes_go(world: World, caller: str) -> None:
    wrong = []
    for place in PLACES:
        said = world.at(caller, place, owner_of(caller))
        if (said.status_code not in REFUSED) is not (caller in ALLOWED[place]):
            wrong.append((place, said.status_code, said.text[:200]))

    assert wrong == []


@pytest.mark.parametrize("caller", CALLERS)
def test_what_is_another_s_is_not_there_except_for_admins(world: World, caller: str) -> None:
    other = "bob" if owner_of(caller) != "bob" else "alice"
    wrong = []
    for place in set(OF_OTHERS) - {cases.DELETION, cases.REVOCATION}:
        said = world.at(caller, place, other)
        if (said.status_code in REFUSED) is (caller in SEES_ALL & ALLOWED[place]):
            wrong.append((place, said.status_code, said.text[:200]))
    for place in (cases.DELETION, cases.REVOCATION):
        if caller not in SEES_ALL:
            said = world.at(caller, place, other)
            if said.status_code not in REFUSED:
                wrong.append((place, said.status_code, said.text[:200]))

    assert wrong == []
    assert world.ready(other, world.images[other]["id"])


@pytest.mark.parametrize("caller", STRANGERS)
def test_who_has_not_signed_in_may_nothing(world: World, caller: str) -> None:
    said = {place: world.at(caller, place, "alice") for place in PLACES}

    assert {place: one.status_code for place, one in said.items()} == dict.fromkeys(PLACES, 401)


@pytest.mark.parametrize("whose", ["own", "another's"])
@pytest.mark.parametrize("caller", [*CALLERS, *STRANGERS])
def test_a_private_file_opens_with_what_the_caller_is_given_where_it_may_see_the_image(
    world: World, caller: str, whose: str
) -> None:
    other = "bob" if owner_of(caller) != "bob" else "alice"
    image = world.private[owner_of(caller) if whose == "own" else other]
    credential = world.credentials.get(caller, caller)
    shown = world.ask(credential, "GET", f"/images/{image['id']}")
    cookie = world.ask(credential, "POST", "/session").headers.get("set-cookie", "")

    is_seen = whose == "own" or caller in SEES_ALL
    assert shown.is_success is (is_seen and caller in ALLOWED[cases.IMAGE])
    signed = [one["url"] for one in shown.json().get("renditions", [])]
    plain = [one["url"].partition("?")[0] for one in image["renditions"]]
    opens = is_seen and caller in ALLOWED[cases.SESSION]
    assert {world.status_of(url) for url in signed} <= {200}
    assert {world.status_of(url) for url in plain} == {403}
    assert {world.status_of(url, cookie) for url in plain} == {200 if opens else 403}


@pytest.mark.parametrize("path", ["/with-key/me", "/with-key/images", "/with-key/%2e%2e/me"])
def test_the_keys_own_way_is_no_way_around_sign_in(world: World, path: str) -> None:
    outputs = world.operator.outputs
    for token in ("", world.tokens["alice"].access):
        headers = {"authorization": f"Bearer {token}"} if token else {}
        for door in (outputs["ApiUrl"], outputs["HttpApiUrl"]):
            answer = world.stack.client.get(f"{door}{path}", headers=headers)
            assert answer.status_code in {401, 404}, (door, answer.text)


def test_the_listing_has_one_s_own_images_alone_and_its_cursor_leads_nowhere_else(
    world: World,
) -> None:
    alice, bob = world.tokens["alice"].access, world.tokens["bob"].access
    world.uploaded("alice")

    page = world.ask(alice, "GET", "/images", params={"limit": 1}).json()
    bent = world.ask(bob, "GET", "/images", params={"limit": 1, "cursor": page["cursor"]})
    listed = world.ask(alice, "GET", "/images", params={"limit": 100}).json()["images"]

    assert {one["owner"] for one in listed} == {world.tokens["alice"].subject}
    assert (bent.status_code, bent.json()["code"]) == (400, "invalid_request")


ONE = "query One($id: ID!) { image(id: $id) { id owner } }"
ALL = "query All($owner: String) { images(limit: 100, owner: $owner) { images { id owner } } }"
PUBLISH = """mutation Forge($id: ID!) { publishImage(image: {
  id: $id, version: 99, status: READY, filename: "a", source: API, original: {}, renditions: [],
  removed: [], createdAt: "2026-11-21T10:00:00Z", updatedAt: "2026-11-21T10:00:00Z"}) { id } }"""


@pytest.fixture(scope="module")
def graphql(world: World) -> Graphql:
    return Graphql(dict(world.operator.outputs), world.stack.client)


# AppSync takes ID tokens as well; that one is alice's own.
@pytest.mark.parametrize("caller", [one for one in STRANGERS if one != "ID token"])
def test_graphql_answers_nobody_who_has_not_signed_in(
    world: World, graphql: Graphql, caller: str
) -> None:
    token, image_id = world.credentials[caller], world.images["alice"]["id"]

    for text, variables in ((ONE, {"id": image_id}), (ALL, {}), (PUBLISH, {"id": image_id})):
        status, said = graphql.query(token, text, **variables)
        assert (status, "data" in said) == (401, False), said
    with pytest.raises(RefusedError), graphql.hearing(token, owner=world.tokens["alice"].subject):
        pass


@pytest.mark.parametrize("caller", [f"{scope} key" for scope in SCOPES])
def test_graphql_takes_no_api_keys(world: World, graphql: Graphql, caller: str) -> None:
    status, _ = graphql.query(world.credentials[caller], ALL)

    assert status == 401


@pytest.mark.parametrize("caller", PEOPLE)
def test_graphql_shows_everybody_his_own_and_admins_all(
    world: World, graphql: Graphql, caller: str
) -> None:
    token, me = world.credentials[caller], world.tokens[PEOPLE[caller]].subject
    for owner in OWNERS:
        theirs, image_id = world.tokens[owner].subject, world.images[owner]["id"]
        may = caller == "admin" or owner == PEOPLE[caller]

        _, one = graphql.query(token, ONE, id=image_id)
        _, all_ = graphql.query(token, ALL, owner=theirs)

        assert one["data"]["image"] == ({"id": image_id, "owner": theirs} if may else None)
        listed = ((all_.get("data") or {}).get("images") or {}).get("images")
        assert {each["owner"] for each in listed or ()} == ({theirs} if may else set()), all_
    _, own = graphql.query(token, ALL)
    assert {each["owner"] for each in own["data"]["images"]["images"]} == {me}


@pytest.mark.parametrize("caller", PEOPLE)
def test_nobody_announces_changes_by_hand(world: World, graphql: Graphql, caller: str) -> None:
    _, said = graphql.query(world.credentials[caller], PUBLISH, id=world.images["alice"]["id"])

    assert said["data"] == {"publishImage": None}
    assert "Not Authorized to access publishImage" in said["errors"][0]["message"]


@pytest.mark.parametrize("caller", PEOPLE)
def test_nobody_subscribes_to_another_s_images_except_admins(
    world: World, graphql: Graphql, caller: str
) -> None:
    token = world.credentials[caller]
    image_id = world.images["bob" if caller == "alice" else "alice"]["id"]
    other = world.tokens["bob" if caller == "alice" else "alice"].subject

    for variables in ({}, {"owner": other}, {"owner": ""}, {"id": image_id}):
        with ExitStack() as closing:
            if caller != "admin":
                closing.enter_context(pytest.raises(RefusedError, match="Not Authorized"))
            with graphql.hearing(token, **variables):
                pass


def test_a_subscriber_hears_of_his_own_images_alone(world: World, graphql: Graphql) -> None:
    alice, bob = world.tokens["alice"], world.tokens["bob"]
    with (
        graphql.hearing(alice.access, owner=alice.subject) as hers,
        graphql.hearing(bob.access, owner=bob.subject) as his,
        graphql.hearing(world.tokens["eve"].access) as everybody_s,
    ):
        first, second = world.uploaded("alice")["id"], world.uploaded("bob")["id"]

        heard = his.until(second, "READY")
        assert {one["id"] for one in heard} == {second}
        last = world.uploaded("alice")["id"]
        assert {one["id"] for one in hers.until(last, "READY")} == {first, last}
        assert {one["id"] for one in everybody_s.until(last, "READY")} == {first, second, last}


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ("image(id: $id) { id }", "ResolverExecutionLimitReached"),
        ("images(limit: 100) { images { id } }", "ResolverExecutionLimitReached"),
    ],
)
def test_one_graphql_request_is_not_many(
    world: World, graphql: Graphql, fields: str, kind: str
) -> None:
    token, image_id = world.credentials["alice"], world.images["alice"]["id"]

    def ask(times: int) -> Json:
        text = " ".join(f"a{number}: {fields}" for number in range(times))
        head = "($id: ID!)" if "$id" in fields else ""
        _, said = graphql.query(token, f"query Many{head} {{ {text} }}", id=image_id)
        return said

    assert "errors" not in ask(5)
    said = ask(60)
    assert {one["errorType"] for one in said["errors"]} == {kind}
    assert set(said["data"].values()) == {None}


def test_a_graphql_request_goes_no_deeper_than_the_record(world: World, graphql: Graphql) -> None:
    token = world.credentials["alice"]
    deepest = "{ images { images { original { camera { make } } } } }"

    _, said = graphql.query(token, deepest)
    _, deeper = graphql.query(
        token, "{ __schema { types { fields { type { ofType { name } } } } } }"
    )

    assert "errors" not in said
    assert deeper["errors"][0]["errorType"] == "QueryDepthLimitReached"
