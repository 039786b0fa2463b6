"""Whatever lies in a queue can be told of; nothing in it breaks who looks."""

from __future__ import annotations

import json
from random import Random

import pytest

from tintype.access import Visibility
from tintype.maintenance.dead_letters import Subject, subject_of
from tintype.messages import Discard, Reprocess, Request, SetFocus, SetVisibility, encode

SEEDS = 400
NESTED = [letter * depth for letter in ('{"a":', "[", '{"Records":[') for depth in (900, 5_000)]
VALUES: list[object] = [None, 0, -1, 1e308, "", "ü\ud800", [], {}, True, "originals/a/b.jpg"]
NAMES = ["Records", "eventName", "s3", "object", "bucket", "key", "name", "command", "imageId"]


def nonsense(dice: Random, depth: int = 4) -> object:
    """Return what a message might look like that somebody else has sent."""
    if depth == 0 or dice.random() < 0.3:
        return dice.choice(VALUES)
    if dice.random() < 0.4:
        return [nonsense(dice, depth - 1) for _ in range(dice.randrange(3))]
    return {name: nonsense(dice, depth - 1) for name in dice.sample(NAMES, dice.randrange(1, 6))}


@pytest.mark.parametrize(
    "body", [*NESTED, "", "hello", "\ud800", "null", "[1]"], ids=lambda body: ascii(body[:12])
)
def test_what_nobody_can_read_is_hopeless(body: str) -> None:
    subject = subject_of(body)

    assert subject.is_hopeless
    assert subject.why
    assert subject.image_id is None


def event(key: str) -> str:
    record = {"eventName": "ObjectCreated:Put", "s3": {"object": {"key": key}}}
    return json.dumps({"Records": [record]})


@pytest.mark.parametrize(
    "body",
    ['{"command": "x"}', '{"command": "reprocess"}', '{"command": "sweep"}', '{"Event": "foo"}', "{}",
     '{"image": {"id": "01JD", "status": "READY"}}', event("originals/01JD/%ff.jpg"),
     event("a.jpg").replace('"object"', '"bucket": 5, "object"')],
)  # fmt: skip
def test_what_the_functions_refuse_to_read_is_hopeless(body: str) -> None:
    assert subject_of(body).why


@pytest.mark.parametrize(
    "body",
    ['{"command": "reprocess", "key": "originals/a/b.jpg"}', '{"command": "sweep", "imageId": "01JD"}',
     '{"Records": []}', '{"Event": "s3:TestEvent"}', event("originals/01JD/%C3%BC.jpg")],
)  # fmt: skip
def test_what_a_function_reads_is_not_hopeless(body: str) -> None:
    assert not subject_of(body).is_hopeless


@pytest.mark.parametrize(
    ("request_", "what"),
    [
        (Reprocess(image_id="01JD", key="a"), "reprocess"),
        (Discard(image_id="01JD", key="a"), "discard"),
        (
            SetVisibility(image_id="01JD", key="a", visibility=Visibility.PRIVATE),
            "set visibility",
        ),
        (SetFocus(image_id="01JD", key="a", requested_at="2026"), "set focus"),
    ],
)
def test_a_request_about_an_original_says_what_is_asked_for(request_: Request, what: str) -> None:
    assert subject_of(encode(request_)) == Subject(what, "01JD", "a")


def test_no_nonsense_breaks_the_readers() -> None:
    dice = Random(10)
    for _ in range(SEEDS):
        body = json.dumps(nonsense(dice))
        cut = body[: dice.randrange(len(body) + 1)]
        for one in (body, cut):
            subject_of(one)
