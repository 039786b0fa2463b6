"""Who may do what over HTTP: every caller, every route, one's own image and another's.

`ALLOWED` and `MADE` are the table of expectations. They are crossed with the routes, so that a new route without
an expectation fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.functions import cases
from tests.functions.cases import KEY, PLAIN, PNG, TICKET, RouteKey
from tests.functions.stack import BUCKET_OWNER, PROCESSED, ApiResponse, Stack, original
from tintype import keys
from tintype.access import AccessMode, Scope
from tintype.functions.routes import ROUTES
from tintype.uploads import TicketRequest

OWNERS = ("alice", "bob", "public")
PEOPLE: dict[str, dict[str, Any]] = {
    "alice": {"subject": "alice"},
    "bob": {"subject": "bob"},
    "admin": {"subject": "eve", "groups": ["admin", "editors"]},
}
SCOPES = {f"{scope} key": scope for scope in Scope}
MALFORMED = ("tint_", "tint_abcdefghij27_", "tint_abcdefghij27_" + "x" * 43, "eyJh.e30.c2ln")
WITHOUT = ("nobody", "expired key", "revoked key", *MALFORMED)
CALLERS = (*PEOPLE, *SCOPES, "everyone", *WITHOUT)
SEES_ALL = {"admin", "admin key"}

READERS = {"alice", "bob", "admin", "read key", "admin key", "everyone"}
UPLOADERS = {"alice", "bob", "admin", "upload key", "admin key", "everyone"}
DELETERS = {"alice", "bob", "admin", "delete key", "admin key"}
ALL = READERS | UPLOADERS | DELETERS
# Who may do this at all: with no image, or with one of his own.
ALLOWED: dict[RouteKey, set[str]] = {
    cases.UPLOADS: UPLOADERS,
    cases.IMAGES: UPLOADERS,
    cases.LISTING: READERS,
    cases.IMAGE: READERS,
    cases.ORIGINAL: READERS - {"everyone"},  # where access is open, a setting must allow it
    cases.DELETION: DELETERS,
    cases.CHANGE: DELETERS,
    cases.REPROCESSING: DELETERS,
    cases.ADDRESS: UPLOADERS & READERS,
    cases.PROCESSING: UPLOADERS,
    cases.PLAIN_UPLOAD: UPLOADERS,
    cases.PLAIN_ADDRESS: READERS,
    cases.SESSION: set(PEOPLE),
    cases.SIGN_OFF: ALL,
    cases.ME: ALL,
    cases.KEYS: set(PEOPLE),
    cases.NEW_KEY: set(PEOPLE),
    cases.REVOCATION: set(PEOPLE),
}
# What is asked of a route about one thing of an owner's, and the code for somebody else's.
OF_OTHERS: dict[RouteKey, str] = {
    cases.LISTING: "not_allowed",
    cases.IMAGE: "image_not_found",
    cases.ORIGINAL: "image_not_found",
    cases.DELETION: "image_not_found",
    cases.CHANGE: "image_not_found",
    cases.REPROCESSING: "image_not_found",
    cases.ADDRESS: "image_not_found",
    cases.PROCESSING: "object_not_found",
    cases.PLAIN_ADDRESS: "image_not_found",
    cases.REVOCATION: "api_key_not_found",
}
BODIES: dict[RouteKey, dict[str, object]] = {
    cases.UPLOADS: TICKET,
    cases.PLAIN_UPLOAD: PLAIN,
    cases.NEW_KEY: KEY,
    cases.CHANGE: {"visibility": "public"},
    cases.ADDRESS: {"w": 640, "h": 480},
}
PLACES = [(route.method, route.path) for route in ROUTES]


class Crowd(Stack):
    """A stack with an image, a key and the credentials of every caller."""

    def furnish(self) -> None:
        self.service = replace(self.service, originals_readable=False)
        self.has_signing_keys()
        self.images = {owner: self.image_of(owner) for owner in OWNERS}
        self.keys = {owner: self.key_of(owner, Scope.READ).split("_")[1] for owner in OWNERS}
        soon = self.world.now + timedelta(seconds=1)
        self.credentials: dict[str, str] = {
            **{name: self.key_of("alice", scope) for name, scope in SCOPES.items()},
            **{name: name for name in MALFORMED},
            "revoked key": self.key_of("alice", *Scope),
            "expired key": self.key_of("alice", *Scope, expires_at=soon),
        }
        self.access.delete(f"key#{self.credentials['revoked key'].split('_')[1]}")
        self.world.now += timedelta(seconds=2)

    def request(self, caller: str, place: RouteKey, owner: str) -> ApiResponse:
        """Ask a route about what is *owner*'s, as that caller."""
        open_ = caller == "everyone"
        self.sign_in(
            AccessMode.OPEN if open_ else AccessMode.COGNITO, anyone={Scope.READ, Scope.UPLOAD}
        )
        method, path = place
        thing = self.keys if path.startswith("/keys") else self.images
        return self.ask(
            method,
            path.replace("{id}", thing[owner]),
            **self._facts(place, owner),
            **PEOPLE.get(caller, {}),
            key=self.credentials.get(caller),
        )

    def _facts(self, place: RouteKey, owner: str) -> Mapping[str, Any]:
        key = self.original_key(owner)
        if place == cases.IMAGES:
            return {"headers": PNG, "body": original(), "query": "filename=a.png"}
        if place == cases.PROCESSING:
            return {"body": {"bucket": "originals", "key": key}}
        if place == cases.LISTING:
            return {"query": f"owner={owner}"}
        if place == cases.PLAIN_ADDRESS:
            return {"query": f"filename={self.images[owner]}-{PROCESSED}"}
        return {"body": BODIES.get(place)}

    def original_key(self, owner: str) -> str:
        return next(key for key in self.originals.objects if self.images[owner] in key)

    def image_of(self, owner: str) -> str:
        image_id = keys.new_id(self.world.now)
        ticket = TicketRequest(filename="beach.png", size=len(original()))
        image_id = self.uploads.issue(ticket, owner=owner).image_id
        key = keys.original_key(image_id, "beach.png", owner)
        self.originals.put(key, original(), content_type="image/png")
        self.settle()
        return image_id


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> Crowd:
    crowd = Crowd()
    crowd.wire(monkeypatch)
    crowd.furnish()
    return crowd


def owner_of(caller: str) -> str:
    if caller == "everyone":
        return "public"
    return caller if caller in {"alice", "bob"} else "alice"


def state(crowd: Crowd) -> tuple[object, ...]:
    """Return all that a request could change, but for the use of a key and the clock."""
    items = {name: {**item, "lastUsedAt": ""} for name, item in crowd.access.items.items()}
    objects = set(crowd.originals.objects), set(crowd.renditions.objects)
    return objects, dict(crowd.table.items), items, len(crowd.process_queue.messages)


def code(said: ApiResponse) -> str:
    return str(said.json["code"]) if said.status >= 400 else ""


def test_every_route_has_its_expectation_and_an_action() -> None:
    assert ALLOWED.keys() == set(PLACES)
    assert all(route.action for route in ROUTES)
    about_one = {(route.method, route.path) for route in ROUTES if "{" in route.path}
    assert about_one <= OF_OTHERS.keys()


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("place", PLACES, ids=" ".join)
def test_who_may_do_what_with_what_is_his_own(crowd: Crowd, place: RouteKey, caller: str) -> None:
    (status,) = (route.status for route in ROUTES if (route.method, route.path) == place)
    before = state(crowd)

    said = crowd.request(caller, place, owner_of(caller))

    if caller in ALLOWED[place]:
        assert said.status == status, said.body
        return
    if caller in WITHOUT:
        expected = (401, "not_signed_in" if caller == "nobody" else "invalid_api_key")
    elif (place, caller) == (cases.ORIGINAL, "everyone"):
        expected = (403, "originals_not_public")
    else:
        expected = (403, "not_allowed")
    assert (said.status, code(said)) == expected
    assert state(crowd) == before


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("place", OF_OTHERS, ids=" ".join)
def test_what_is_another_s_is_not_there(crowd: Crowd, place: RouteKey, caller: str) -> None:
    other = "alice" if caller == "everyone" else "bob" if caller != "bob" else "alice"
    before = state(crowd)

    said = crowd.request(caller, place, other)

    if caller in SEES_ALL & ALLOWED[place]:
        assert said.status < 300, said.body
        return
    assert state(crowd) == before
    if caller in ALLOWED[place]:
        assert code(said) == OF_OTHERS[place]
        assert said.status == (403 if place == cases.LISTING else 404)
    else:
        assert said.status in {401, 403}


@pytest.mark.parametrize("place", sorted(OF_OTHERS.keys() - {cases.LISTING}), ids=" ".join)
def test_what_is_another_s_cannot_be_told_from_what_never_was(
    crowd: Crowd, place: RouteKey
) -> None:
    hidden = crowd.request("alice", place, "bob")
    image_id, key_id, key = crowd.images["bob"], crowd.keys["bob"], crowd.original_key("bob")
    crowd.images["bob"], crowd.keys["bob"] = keys.new_id(crowd.world.now), "abcdefghij27"
    missing_key = key.replace(image_id, crowd.images["bob"])
    crowd.originals.objects[missing_key] = crowd.originals.objects.pop(key)

    missing = crowd.request("alice", place, "bob")

    def told(said: ApiResponse) -> str:
        return (
            said.body.replace(image_id, "I")
            .replace(crowd.images["bob"], "I")
            .replace(key_id, "K")
            .replace("abcdefghij27", "K")
        )

    assert (hidden.status, told(hidden)) == (missing.status, told(missing))


def test_a_name_that_is_another_s_image_leads_nowhere(crowd: Crowd) -> None:
    query = f"filename=processed-{crowd.images['bob']}.png"

    crowd.sign_in()

    said = crowd.ask(*cases.PLAIN_ADDRESS, query=query, subject="alice")

    assert (said.status, code(said)) == (404, "image_not_found")
    assert crowd.ask(*cases.PLAIN_ADDRESS, query=query, subject="bob").status == 200


def process(crowd: Crowd, key: str, caller: str) -> ApiResponse:
    crowd.sign_in()
    body: dict[str, object] = {"bucket": "originals", "key": key}
    return crowd.ask("POST", "/process", body=body, **PEOPLE[caller])


def test_an_object_put_by_hand_is_processed_for_the_bucket_s_owner_alone(crowd: Crowd) -> None:
    crowd.put(original(), "holiday/beach.png")

    assert code(process(crowd, "holiday/beach.png", "alice")) == "object_not_found"
    assert crowd.process_queue.messages, "the function was not asked"
    assert process(crowd, "holiday/beach.png", "admin").status == 200
    crowd.service = replace(crowd.service, bucket_owner="alice")
    assert code(process(crowd, "holiday/other.png", "alice")) == "object_not_found"
    assert code(process(crowd, "holiday/beach.png", "alice")) == "object_not_found", "recorded"


def test_an_object_that_has_an_owner_already_is_not_the_bucket_owner_s(crowd: Crowd) -> None:
    crowd.service = replace(crowd.service, bucket_owner="alice")

    for owner in ("bob", "public"):
        assert code(process(crowd, crowd.original_key(owner), "alice")) == "object_not_found"
    assert process(crowd, crowd.original_key("alice"), "alice").status == 200


def test_no_work_is_done_for_who_does_not_own_an_object(crowd: Crowd) -> None:
    crowd.put(original(), "holiday/beach.png")
    crowd.settle()
    record = crowd.table.items[keys.image_id("originals", "holiday/beach.png")]
    crowd.service = replace(crowd.service, bucket_owner="alice")
    asked: list[object] = []

    def count(event: object, _context: object) -> dict[str, object]:
        asked.append(event)
        return {"ending": "DELETED"}

    crowd.function.handler = count

    for key in ("holiday/beach.png", crowd.original_key("bob"), crowd.original_key("public")):
        assert code(process(crowd, key, "alice")) == "object_not_found"

    assert record["owner"] == BUCKET_OWNER
    assert asked == []


def test_an_object_is_processed_for_who_owns_its_record(crowd: Crowd) -> None:
    crowd.context = replace(crowd.context, bucket_owner="alice")
    crowd.put(original(), "holiday/beach.png")
    crowd.settle()

    assert process(crowd, "holiday/beach.png", "alice").status == 200


def test_a_record_that_names_no_owner_is_nobody_s(crowd: Crowd) -> None:
    for item in crowd.table.items.values():
        item.pop("owner")

    for caller in ("alice", "bob", "everyone"):
        assert code(crowd.request(caller, cases.IMAGE, owner_of(caller))) == "image_not_found"
    assert crowd.request("admin", cases.IMAGE, "alice").status == 200


def test_a_key_that_names_its_owner_is_his_though_the_record_is_lost(crowd: Crowd) -> None:
    key = crowd.original_key("bob")
    crowd.table.items.clear()

    assert code(process(crowd, key, "alice")) == "object_not_found"
    assert process(crowd, key, "bob").status == 200


def test_what_the_manifest_says_is_another_s_is_not_shown_though_the_record_is_lost(
    crowd: Crowd,
) -> None:
    """Reindexing gave an image to bob that was put by hand; then the table was lost."""
    crowd.context = replace(crowd.context, bucket_owner="bob")
    crowd.put(original(), "holiday/beach.png")
    crowd.settle()
    crowd.table.items.clear()
    crowd.service = replace(crowd.service, bucket_owner="alice")

    assert code(process(crowd, "holiday/beach.png", "alice")) == "object_not_found"


def test_a_cursor_belongs_to_the_owner_whose_images_are_listed(crowd: Crowd) -> None:
    crowd.sign_in()
    for owner in ("alice", "bob"):
        crowd.image_of(owner)

    def page(query: str) -> ApiResponse:
        return crowd.ask("GET", "/images", query=query, **PEOPLE["admin"])

    cursor = page("owner=bob&limit=1").json["cursor"]
    second = page(f"owner=bob&limit=1&cursor={cursor}").json["images"]

    assert [one["id"] for one in second] == [crowd.images["bob"]]
    for query in (f"owner=alice&cursor={cursor}", f"cursor={cursor}"):
        assert code(page(query)) == "invalid_request"
    said = crowd.ask("GET", "/images", query=f"cursor={cursor}", **PEOPLE["alice"])
    assert code(said) == "invalid_request"


@pytest.mark.parametrize("owner", ["", "a%20b", "a/b", "x" * 129, "%C3%A9"])
def test_an_owner_that_can_be_none_is_refused(crowd: Crowd, owner: str) -> None:
    crowd.sign_in()

    assert code(crowd.ask("GET", "/images", query=f"owner={owner}", **PEOPLE["admin"])) == (
        "invalid_request"
    )


def test_a_person_makes_no_key_with_more_than_she_may(crowd: Crowd) -> None:
    crowd.sign_in()
    body: dict[str, object] = KEY | {"scopes": ["read", "admin"]}

    said = crowd.ask("POST", "/keys", body=body, **PEOPLE["alice"])
    made = crowd.ask("POST", "/keys", body=body, **PEOPLE["admin"]).json

    assert (said.status, code(said)) == (403, "not_allowed")
    assert crowd.ask("GET", "/me", key=made["key"]).json["admin"] is True


def test_a_key_is_shown_once_and_listed_without_its_secret(crowd: Crowd) -> None:
    crowd.sign_in()
    body = KEY | {"expiresAt": "2026-12-24T18:00:00+01:00"}
    made = crowd.ask("POST", "/keys", body=body, subject="carol").json

    (listed,) = crowd.ask("GET", "/keys", subject="carol").json["keys"]

    key = made.pop("key")
    assert listed == {**made, "lastUsedAt": None}
    assert (listed["scopes"], listed["expiresAt"]) == (
        ["read", "upload"],
        "2026-12-24T17:00:00.000Z",
    )
    assert crowd.ask("GET", "/images", key=key).status == 200
    (listed,) = crowd.ask("GET", "/keys", subject="carol").json["keys"]
    assert listed["lastUsedAt"].startswith("2026-11-21T00:")


def test_an_admin_revokes_anyone_s_key(crowd: Crowd) -> None:
    crowd.sign_in()

    said = crowd.ask("DELETE", f"/keys/{crowd.keys['bob']}", **PEOPLE["admin"])

    assert said.json == {"id": crowd.keys["bob"]}
    assert crowd.ask("GET", "/keys", subject="bob").json == {"keys": []}


def test_an_original_is_its_owner_s_to_see_whatever_the_setting_for_everyone(crowd: Crowd) -> None:
    link = crowd.request("alice", cases.ORIGINAL, "alice").json

    assert crowd.images["alice"] in link["url"]
