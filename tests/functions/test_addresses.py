"""`POST /images/{id}/address`: signed addresses of any size, and what is wrong with a request for one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from tests.delivery_cases import CURRENT
from tests.functions.stack import PUBLIC_URL, ApiResponse, Stack, original
from tests.functions.test_private import by_ticket
from tintype import delivery
from tintype.delivery.grammar import PARAMETERS, parse
from tintype.functions.address_operations import AddressRequest
from tintype.images import timestamp

CROP: dict[str, object] = {"w": 400, "h": 300, "fit": "crop", "fp-x": 0.25, "fp-y": 1}
CROP_QUERY = "w=400&h=300&fit=crop&fp-x=0.25&fp-y=1"


@pytest.fixture(name="stack")
def with_keys(stack: Stack) -> Stack:
    stack.sign_in()
    stack.has_signing_keys()
    return stack


def image_of(stack: Stack, visibility: str | None = None) -> str:
    image_id = by_ticket(stack, original(), visibility)
    stack.settle()
    return image_id


def ask(stack: Stack, image_id: str, wanted: dict[str, object], **caller: Any) -> ApiResponse:
    path = f"/images/{image_id}/address"
    return stack.ask("POST", path, body=wanted, **({"subject": "alice"} | caller))


def signed(path: str, query: str, expires: int | None = None) -> str:
    return f"{PUBLIC_URL}{delivery.signed_variant(path, parse(query), CURRENT, expires)}"


def test_a_request_has_every_parameter_of_an_address_and_the_expiry() -> None:
    names = {field.encode_name for field in msgspec.structs.fields(AddressRequest)}

    assert names == {*PARAMETERS, "dpr", "expiresIn"}


def test_an_address_of_a_public_image_is_signed_for_its_canonical_form_and_does_not_expire(
    stack: Stack,
) -> None:
    image_id = image_of(stack)

    said = ask(stack, image_id, {"dpr": 2.0, "w": 200, "h": 150, "fit": "min", "q": 500})

    assert said.status == 200, said.body
    assert said.json == {
        "url": signed(f"/i/{image_id}", "w=400&h=300&fit=cover&q=100"),
        "expiresAt": None,
    }


def test_an_address_that_expires_does_so_when_it_was_asked_to_or_within_a_minute_after(
    stack: Stack,
) -> None:
    image_id = image_of(stack)

    said = ask(stack, image_id, CROP | {"expiresIn": 90}).json

    expires = datetime.fromisoformat(said["expiresAt"])
    assert timedelta(0) <= expires - stack.world.now - timedelta(seconds=90) <= timedelta(minutes=1)
    assert said["url"] == signed(f"/i/{image_id}", CROP_QUERY, int(expires.timestamp()))


def test_an_address_of_a_private_image_always_expires_and_is_the_same_for_an_hour(
    stack: Stack,
) -> None:
    image_id = image_of(stack, "private")
    stack.world.now = stack.world.now.replace(minute=0, second=1)

    first = ask(stack, image_id, CROP).json
    stack.world.now += timedelta(minutes=58)
    second = ask(stack, image_id, CROP).json

    expires = delivery.expiry(stack.world.now)
    assert first == second
    assert first["url"] == signed(f"/p/alice/{image_id}", CROP_QUERY, expires)
    assert first["expiresAt"] == timestamp(datetime.fromtimestamp(expires, UTC))


def test_an_admin_gets_addresses_of_the_owner_s_folder(stack: Stack) -> None:
    image_id = image_of(stack, "private")

    said = ask(stack, image_id, {"w": 640}, subject="eve", groups=["admin"]).json

    assert said["url"].startswith(f"{PUBLIC_URL}/p/alice/{image_id}?w=640&e=")


def test_an_address_of_a_preset(stack: Stack) -> None:
    image_id = image_of(stack)

    said = ask(stack, image_id, {"preset": "processed", "fm": "png"}).json

    assert said["url"] == signed(f"/i/{image_id}", "preset=processed&fm=png")


def test_without_parameters_the_address_is_that_of_the_whole_picture(stack: Stack) -> None:
    image_id = image_of(stack)

    assert ask(stack, image_id, {}).json["url"] == signed(f"/i/{image_id}", "")


def test_numbers_may_have_more_decimals_than_an_address_has(stack: Stack) -> None:
    image_id = image_of(stack)
    wanted = {
        "w": 20.0,
        "h": 30,
        "dpr": 1.555,
        "fit": "crop",
        "fp-x": 1 / 3,
        "fp-y": -0.0,
        "blur": 1e-05,
    }

    said = ask(stack, image_id, wanted).json

    query = "w=31&h=47&fit=crop&fp-x=0.333&fp-y=0"
    assert said["url"] == signed(f"/i/{image_id}", query)


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        ({"width": 640}, "width"),
        ({"w": "640"}, "$.w"),
        ({"w": -1}, "w: "),
        ({"fit": "stretch"}, "fit: "),
        ({"fit": ""}, "fit: is empty"),
        ({"fp-x": 0.5}, "fp-y: is missing"),
        ({"fp_x": 0.5, "fp_y": 0.5}, "fp_x"),
        ({"sat": 10**12}, "sat: "),
        ({"preset": "processed", "w": 9}, "w: cannot be changed in a preset"),
        ({"preset": "nope"}, "preset: the stack has no preset 'nope'"),
        ({"preset": "processed", "fm": "gif"}, "fm: the preset processed has no gif"),
        ({"w": 9, "expiresIn": 59}, "$.expiresIn"),
        ({"w": 9, "expiresIn": 31_536_001}, "$.expiresIn"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_signed(
    stack: Stack, wanted: dict[str, object], named: str
) -> None:
    said = ask(stack, image_of(stack), wanted)

    assert (said.status, said.json["code"]) == (400, "invalid_request")
    assert named in said.json["detail"]
    assert "s=" not in said.body


def test_the_signature_is_in_no_log_line(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    address = ask(stack, image_of(stack), CROP).json["url"]

    assert address.partition("s=")[2] not in capsys.readouterr().out
