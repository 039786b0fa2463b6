"""`tintype delivery url` and `warm` against a small stack."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.cli.conftest import Tintype
from tests.cli.service import Service
from tintype.client import warming
from tintype.client.warming import ACCEPT
from tintype.delivery.grammar import GRID


def test_a_width_of_a_public_image_has_an_address_without_signature(
    tintype: Tintype, stack: Service
) -> None:
    image = stack.ready("beach.jpg")["id"]

    ended = tintype("delivery", "url", image, "dpr=2", "w=320")

    assert ended.out == f"{stack.api}/i/{image}?w=640\n"
    assert stack.requests["POST /api/images/address"] == 0


@pytest.mark.parametrize(
    ("words", "query"),
    [
        (["h=300", "w=400", "fit=crop", "fp-x=0.25", "fp-y=1"], "w=400&h=300&fit=crop&fp-x=0.25&fp-y=1"),
        (["w=640", "fm=png"], "w=640&fm=png"),
        (["w=640", "bg=112233"], "w=640&bg=112233"),
        (["w=640", "--signed"], "w=640"),
        (["w=640", "--expires-in", "3600"], "w=640"),
    ],
)  # fmt: skip
def test_all_else_is_signed_by_the_api(
    tintype: Tintype, stack: Service, words: list[str], query: str
) -> None:
    image = stack.ready("beach.jpg")["id"]

    ended = tintype("delivery", "url", image, *words)

    assert ended.out == f"{stack.api}/i/{image}?{query}&s=signed\n"
    assert ("Valid until" in ended.err) == ("--expires-in" in words)


def test_every_address_of_a_private_image_is_signed_and_says_how_long_it_is_valid(
    tintype: Tintype, stack: Service
) -> None:
    image = stack.ready("beach.jpg", visibility="private", owner="ann")["id"]

    document = tintype("delivery", "url", image, "w=640", "--json").document

    assert document == {
        "tintype": document["tintype"],
        "url": f"{stack.api}/p/ann/{image}?w=640&s=signed",
        "expiresAt": "2026-11-21T12:00:00.000Z",
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["width=640"], "width: is not a parameter"),
        (["w=640", "w=320"], "w: is there twice"),
        (["w="], "w: is empty"),
        (["w"], "w: is empty"),
        (["preset=thumb", "w=9"], "w: cannot be changed in a preset"),
    ],
)
def test_a_wrong_parameter_is_named_before_anything_is_asked(
    tintype: Tintype, stack: Service, words: list[str], said: str
) -> None:
    ended = tintype("delivery", "url", "01M7XPE600ABCDEFGHJKMNPQRS", *words)

    assert (ended.code, ended.out) == (2, "")
    assert f"invalid_address: {said}" in " ".join(ended.err.split())
    assert not stack.requests


def test_an_image_that_is_not_there_has_no_address(tintype: Tintype, stack: Service) -> None:
    ended = tintype("delivery", "url", "01M7XPE600ABCDEFGHJKMNPQRS", "w=640")

    assert ended.code == 1
    assert "image_not_found" in ended.err
    assert stack.requests["GET /api/images"] == 1


def test_warming_requests_every_width_as_each_kind_of_browser_does(
    tintype: Tintype, stack: Service
) -> None:
    image = stack.ready("beach.jpg")["id"]

    ended = tintype("delivery", "warm", image)

    assert ended.code == 0, ended.err
    wanted = {(f"/i/{image}?w={width}", accept) for width in GRID for accept in ACCEPT.values()}
    assert Counter(stack.delivered) == Counter(wanted)
    assert ended.out == f"{len(wanted)} files served, {7 * len(wanted)} bytes.\n"


@pytest.mark.parametrize(
    ("unsigned", "words", "signed"),
    [
        ("grid", ["w=640"], False),
        ("presets", ["w=640"], True),
        ("presets", ["preset=thumb"], False),
        ("none", ["preset=thumb"], True),
    ],
)
@pytest.mark.parametrize("by", ["page", "outputs"])
def test_what_the_stack_does_not_take_without_a_signature_is_signed(
    tintype: Tintype,
    stack: Service,
    unsigned: str,
    words: list[str],
    by: str,
    *,
    signed: bool,
) -> None:
    stack.delivery = {"unsigned": unsigned, "widths": "320,640"}
    image = stack.ready("beach.jpg")["id"]
    stack.announce_local()
    place = ["--endpoint", f"{stack.api}/api"] if by == "page" else []

    ended = tintype("delivery", "url", image, *words, *place)

    assert ended.code == 0, ended.err
    assert ("s=signed" in ended.out) is signed


def test_warming_requests_the_widths_that_the_stack_has(tintype: Tintype, stack: Service) -> None:
    stack.delivery = {"unsigned": "none", "widths": "300,600"}
    stack.announce_local()
    image = stack.ready("beach.jpg")["id"]

    tintype("delivery", "warm", image, "--formats", "webp")

    assert sorted(target for target, _ in stack.delivered) == [
        f"/i/{image}?w={width}&s=signed" for width in (300, 600)
    ]


def test_warming_of_chosen_widths_and_formats(tintype: Tintype, stack: Service) -> None:
    image = stack.ready("beach.jpg")["id"]

    document = tintype(
        "delivery", "warm", image, image, "--widths", "320, 640", "--formats", "webp", "--json"
    ).document

    assert sorted(stack.delivered) == [
        (f"/i/{image}?w={width}", ACCEPT["webp"]) for width in (320, 640)
    ]
    assert (document["served"], document["bytes"], document["failed"]) == (2, 14, [])


def test_warming_of_presets_of_a_private_image_has_signed_addresses(
    tintype: Tintype, stack: Service
) -> None:
    image = stack.ready("beach.jpg", visibility="private", owner="ann")["id"]

    tintype("delivery", "warm", image, "--preset", "thumb", "--formats", "avif")

    assert stack.delivered == [(f"/p/ann/{image}?preset=thumb&s=signed", ACCEPT["avif"])]


def test_a_stack_that_has_no_capacity_is_asked_again(
    tintype: Tintype, stack: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warming, "pause", lambda _attempt, _after: 0.01)
    image = stack.ready("beach.jpg")["id"]
    stack.busy = 2

    ended = tintype("delivery", "warm", image, "--widths", "640", "--formats", "webp")

    assert ended.code == 0, ended.err
    assert len(stack.delivered) == 3


def test_addresses_that_give_no_file_are_counted_by_reason(
    tintype: Tintype, stack: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warming, "pause", lambda _attempt, _after: 0.01)
    image = stack.ready("beach.jpg")["id"]
    stack.busy = 100

    ended = tintype("delivery", "warm", image, "--widths", "320,640", "--formats", "webp")

    assert ended.code == 1
    assert ended.out.startswith("0 files served")
    assert "2 requests: 503 busy" in ended.err


@pytest.mark.parametrize(
    "words",
    [["--widths", "640", "--preset", "thumb"], ["--widths", "wide"], ["--formats", "avif,tiff"]],
)
def test_warming_with_a_mistake_requests_nothing(
    tintype: Tintype, stack: Service, words: list[str]
) -> None:
    image = stack.ready("beach.jpg")["id"]

    ended = tintype("delivery", "warm", image, *words)

    assert (ended.code, stack.delivered) == (2, [])
    assert "invalid_address" in ended.err
