"""Addresses of private images in every answer, and the session's cookie that opens them without a signature."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from tests.delivery_cases import CURRENT, STRANGE
from tests.functions.stack import PROCESSED, PUBLIC_URL, SIGNING_KEYS, Stack, original
from tests.functions.test_private import by_ticket, image_of
from tintype import delivery
from tintype.catalogue import announcement
from tintype.images import timestamp


@pytest.fixture(name="stack")
def closed(stack: Stack) -> Stack:
    stack.sign_in()
    stack.has_signing_keys()
    return stack


def opens(url: str, stack: Stack) -> bool:
    """Whether an address is signed with the deployment's key, and has not expired."""
    path, _, query = url.removeprefix(PUBLIC_URL).partition("?")
    expires = int(query.partition("&")[0].removeprefix("e="))
    signed = delivery.signed(path, CURRENT, expires)
    return signed == f"{path}?{query}" and expires > stack.world.now.timestamp() + 3600 - 1


def addresses(stack: Stack, image_id: str, **caller: Any) -> list[str]:
    """Return the addresses in every answer that has any."""
    image = stack.ask("GET", f"/images/{image_id}", **caller).json
    (listed,) = stack.ask("GET", "/images", query="owner=alice", **caller).json["images"]
    query = f"filename={image_id}-{PROCESSED}"
    plain = stack.ask("GET", "/get-processed-image-url", query=query, **caller).json
    body = {"bucket": "originals", "key": image["original"]["key"]}
    done = stack.ask("POST", "/process", body=body, **caller).json
    shown = [image, listed, done["image"]]
    urls = [one["url"] for image in shown for one in image["renditions"]]
    return [*urls, plain["url"], done["processedUrl"]]


@pytest.mark.parametrize(
    "caller",
    [{"subject": "alice"}, {"subject": "eve", "groups": ["admin"]}],
    ids=["owner", "admin"],
)
def test_every_address_of_a_private_image_is_signed(stack: Stack, caller: dict[str, Any]) -> None:
    image_id = by_ticket(stack, original())
    stack.settle()

    found = addresses(stack, image_id, **caller)

    assert len(found) == 8
    assert all(opens(url, stack) for url in found)
    assert all(url.startswith(f"{PUBLIC_URL}/p/alice/{image_id}/") for url in found)


def test_addresses_of_a_public_image_have_no_signature(stack: Stack) -> None:
    image_id = by_ticket(stack, original(), None)
    stack.settle()
    stack.access.items.clear()  # nor is a key read for them

    assert not any(
        "?" in url or "/p/" in url for url in addresses(stack, image_id, subject="alice")
    )


def test_watchers_are_told_addresses_without_signature(stack: Stack) -> None:
    image_id = by_ticket(stack, original())
    stack.settle()

    told = announcement(image_of(stack, image_id), PUBLIC_URL)

    assert told["visibility"] == "private"
    urls = [one["url"] for one in cast("list[dict[str, str]]", told["renditions"])]
    assert all(url.startswith(f"{PUBLIC_URL}/p/alice/") and "?" not in url for url in urls)


def test_the_keys_are_read_once_a_minute(stack: Stack) -> None:
    image_id = by_ticket(stack, original())
    stack.settle()
    first = addresses(stack, image_id, subject="alice")[0]
    stack.access.items[delivery.KEYS_ITEM] = {
        **SIGNING_KEYS,
        "current": STRANGE,
        "previous": CURRENT,
        "changedAt": "2026-01-02T00:00:00.000Z",
    }

    assert addresses(stack, image_id, subject="alice")[0] == first
    stack.world.now += timedelta(seconds=61)

    path, _, query = addresses(stack, image_id, subject="alice")[0].partition("?")
    expires = int(query.partition("&")[0].removeprefix("e="))
    assert delivery.signed(path.removeprefix(PUBLIC_URL), STRANGE, expires).endswith(query)


def test_a_stack_without_signing_keys_says_that_it_is_broken(stack: Stack) -> None:
    image_id = by_ticket(stack, original())
    stack.settle()
    del stack.access.items[delivery.KEYS_ITEM]

    said = stack.ask("GET", f"/images/{image_id}", subject="alice")

    assert (said.status, said.json["code"]) == (500, "internal_error")


# Sessions


@pytest.mark.parametrize(
    ("groups", "owner"), [([], "alice"), (["admin"], "*")], ids=["person", "admin"]
)
def test_a_session_is_a_cookie_for_an_hour(stack: Stack, groups: list[str], owner: str) -> None:
    said = stack.ask("POST", "/session", subject="alice", groups=groups)

    until = int(stack.world.now.timestamp()) + 3600
    value = delivery.session(None if owner == "*" else owner, CURRENT, until)
    assert said.cookies == (
        f"__Secure-tintype={value}; Path=/p/; Max-Age=3600; Secure; HttpOnly; SameSite=Strict",
    )
    assert value.endswith(f".{owner}")
    assert said.json == {"expiresAt": timestamp(datetime.fromtimestamp(until, UTC))}
    assert value not in said.body


def test_a_session_is_ended_by_an_empty_cookie_and_an_empty_cache(stack: Stack) -> None:
    said = stack.ask("DELETE", "/session", subject="alice")

    assert said.status == 200
    assert said.headers["clear-site-data"] == '"cache"'
    assert [one.partition("; Path=/p/; Max-Age=0")[0] for one in said.cookies] == [
        "__Secure-tintype="
    ]
