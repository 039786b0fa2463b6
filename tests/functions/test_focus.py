"""Changing what an image's crops keep: the last request wins, and no rendition shows another focus."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from PIL import Image as Pillow

from tests.functions.lines import Log
from tests.functions.stack import BROKEN, ApiResponse, Stack
from tests.pictures import Pixels, encode
from tintype import keys, messages
from tintype.access import Visibility
from tintype.images import Focus, Image, Manifest, Status, decode_manifest
from tintype.imaging import Encoding, Fit, Format, Gravity, Preset
from tintype.messages import SetFocus
from tintype.processing import process as process_module
from tintype.processing.change import change as change_visibility
from tintype.processing.job import ProcessJob

PNG = (Encoding(format=Format.PNG),)
PRESETS = (
    Preset(
        name="square",
        width=8,
        height=8,
        fit=Fit.COVER,
        gravity=Gravity.CENTRE,
        formats=PNG,
    ),
    Preset(name="whole", width=16, formats=PNG),
)
LEFT, RIGHT = Focus(x=0, y=0.5), Focus(x=1, y=0.5)
KEY = "a.png"


@pytest.fixture(name="stack")
def cropping(stack: Stack) -> Stack:
    stack.context = replace(stack.context, presets=PRESETS)
    return stack


def ramp(brightest: int = 250) -> bytes:
    """Return an original of 32 × 8 pixels that becomes brighter to the right."""
    row = np.linspace(0, brightest, 32).astype(np.uint8)
    pixels: Pixels = np.dstack([np.tile(row, (8, 1))] * 3)
    return encode([Pillow.fromarray(pixels)], Format.PNG)


def ready(stack: Stack, data: bytes | None = None) -> str:
    image_id = stack.put(data or ramp(), KEY)
    stack.settle()
    return image_id


def refocus(stack: Stack, image_id: str, focus: Focus | None) -> ApiResponse:
    wanted = None if focus is None else {"x": focus.x, "y": focus.y}
    stack.world.now += timedelta(seconds=1)
    return stack.ask("PATCH", f"/images/{image_id}", body={"focus": wanted})


def manifest_of(stack: Stack, image_id: str) -> Manifest:
    return decode_manifest(stack.renditions.objects[keys.manifest_key(image_id)].data)


def image_of(stack: Stack, image_id: str) -> Image:
    return manifest_of(stack, image_id).image


def light(stack: Stack, image: Image, preset: str = "square") -> float:
    """Return the mean brightness of a rendition, which says where it was cut out."""
    (key,) = (one.key for one in image.renditions if one.preset == preset)
    return float(np.asarray(Pillow.open(io.BytesIO(stack.renditions.objects[key].data))).mean())


def files_of(stack: Stack) -> set[str]:
    return {key for key in stack.renditions.objects if not key.endswith("/manifest.json")}


def take(stack: Stack) -> str:
    """Take the one message that waits in the background queue, and return its body."""
    (waiting,) = stack.background_queue.messages
    stack.background_queue.messages.clear()
    return waiting.body


def test_a_focus_is_rendered_under_new_addresses_and_the_old_ones_are_served_until_then(
    stack: Stack,
) -> None:
    image_id = ready(stack)
    before, files = image_of(stack, image_id), files_of(stack)
    whole = light(stack, before, "whole")
    assert light(stack, before) == pytest.approx(125, abs=8)

    said = refocus(stack, image_id, LEFT)

    assert said.status == 202
    assert image_of(stack, image_id) == before
    assert files_of(stack) == files
    stack.settle()
    after = image_of(stack, image_id)
    assert (after.status, after.focus, after.version) == (Status.READY, LEFT, before.version + 3)
    assert after.revision != before.revision
    assert {one.key for one in after.renditions}.isdisjoint(one.key for one in before.renditions)
    assert light(stack, after) < 35
    assert light(stack, after, "whole") == whole
    assert files_of(stack) == {one.key for one in after.renditions}


def test_a_focus_waits_in_the_queue_behind_which_no_upload_waits(stack: Stack) -> None:
    image_id = ready(stack)

    refocus(stack, image_id, LEFT)

    assert not stack.process_queue.messages
    assert isinstance(messages.decode(take(stack)), SetFocus)


def test_a_focus_is_in_the_records_of_the_api_and_null_removes_it(stack: Stack) -> None:
    image_id = ready(stack)
    refocus(stack, image_id, RIGHT)
    stack.settle()
    assert stack.ask("GET", f"/images/{image_id}").json["focus"] == {"x": 1, "y": 0.5}
    assert light(stack, image_of(stack, image_id)) > 215

    refocus(stack, image_id, None)
    stack.settle()

    assert stack.ask("GET", f"/images/{image_id}").json["focus"] is None
    image = image_of(stack, image_id)
    assert image.version == 10
    assert light(stack, image) == pytest.approx(125, abs=8)


def test_one_request_changes_focus_and_visibility(stack: Stack) -> None:
    stack.sign_in()
    image_id = stack.put(ramp(), keys.original_key(keys.new_id(stack.world.now), "a.png", "alice"))
    stack.settle()

    body: dict[str, object] = {"visibility": "private", "focus": {"x": 1, "y": 0.5}}
    said = stack.ask("PATCH", f"/images/{image_id}", body=body, subject="alice")
    stack.settle()

    image = image_of(stack, image_id)
    assert said.status == 202
    assert (image.visibility, image.focus) == (Visibility.PRIVATE, RIGHT)
    assert light(stack, image) > 215
    assert files_of(stack) == {one.key for one in image.renditions}
    assert all(key.startswith("private/alice/") for key in files_of(stack))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"colour": "red"},
        {"focus": {"x": 0.5}},
        {"focus": {"x": 1.1, "y": 0}},
        {"focus": {"x": 0, "y": -0.1}},
        {"focus": {"x": "0", "y": 0}},
        {"focus": [0, 0]},
        {"focus": {"x": 0, "y": 0}, "visibility": "secret"},
    ],
    ids=str,
)
def test_what_names_no_change_or_an_impossible_one_is_refused(
    stack: Stack, body: dict[str, object]
) -> None:
    image_id = ready(stack)

    said = stack.ask("PATCH", f"/images/{image_id}", body=body)

    assert (said.status, said.json["code"]) == (400, "invalid_request")
    assert not stack.background_queue.messages
    assert not stack.process_queue.messages


@pytest.mark.parametrize(
    ("make", "code"), [(Stack.expected, "not_uploaded"), (Stack.begun, "still_processing")]
)
def test_what_has_not_been_processed_yet_gets_no_focus(
    stack: Stack, make: Callable[[Stack], str], code: str
) -> None:
    said = refocus(stack, make(stack), LEFT)

    assert (said.status, said.json["code"]) == (409, code)


def test_a_request_that_is_repeated_renders_nothing_again(stack: Stack, log: Log) -> None:
    image_id = ready(stack)
    refocus(stack, image_id, LEFT)
    body = take(stack)
    stack.background_queue.send(body)
    stack.settle()
    before = manifest_of(stack, image_id)

    stack.background_queue.send(body)
    stack.settle()

    assert manifest_of(stack, image_id) == before
    assert "UNCHANGED" in {line["message"] for line in log.lines(function="process")}


@pytest.mark.parametrize("between", ["nothing", "rendered again", "made private"])
def test_a_late_request_does_not_replace_a_focus_that_was_chosen_after_it(
    stack: Stack, between: str
) -> None:
    image_id = ready(stack)
    refocus(stack, image_id, LEFT)
    late = take(stack)
    refocus(stack, image_id, RIGHT)
    stack.settle()
    if between == "rendered again":
        stack.background_queue.send(messages.encode(messages.Reprocess(key=KEY)))
        stack.settle()
    elif between == "made private":
        change_visibility(stack.context, ProcessJob(key=KEY, again=True), Visibility.PRIVATE)

    stack.background_queue.send(late)
    stack.settle()

    image = image_of(stack, image_id)
    assert image.focus == RIGHT
    assert light(stack, image) > 215


@pytest.mark.parametrize(
    "again", ["a request", "other presets", "the event, repeated", "the same bytes, put again"]
)
def test_whatever_renders_the_same_bytes_again_keeps_the_focus(stack: Stack, again: str) -> None:
    image_id = ready(stack)
    refocus(stack, image_id, LEFT)
    stack.settle()

    match again:
        case "a request":
            stack.background_queue.send(messages.encode(messages.Reprocess(key=KEY)))
        case "other presets":
            stack.change_presets()
            assert stack.ask("POST", f"/images/{image_id}/reprocess").status == 202
        case "the event, repeated":
            process_module.process(stack.context, ProcessJob(key=KEY, sequencer="0" * 15 + "1"))
        case _:
            stack.put(ramp(), KEY)
    stack.settle()

    image = image_of(stack, image_id)
    assert (image.status, image.focus) == (Status.READY, LEFT)
    assert light(stack, image) < 35
    assert files_of(stack) >= {one.key for one in image.renditions}


def test_another_original_has_no_focus(stack: Stack) -> None:
    image_id = ready(stack)
    refocus(stack, image_id, LEFT)
    stack.settle()

    stack.put(ramp(200), KEY)
    stack.settle()

    image = image_of(stack, image_id)
    assert (image.status, image.focus) == (Status.READY, None)
    assert light(stack, image) == pytest.approx(100, abs=8)


def test_a_focus_that_was_chosen_for_other_bytes_is_not_applied(stack: Stack) -> None:
    image_id = ready(stack)
    refocus(stack, image_id, LEFT)
    late = take(stack)
    stack.put(ramp(200), KEY)
    stack.settle()
    before = manifest_of(stack, image_id)

    stack.background_queue.send(late)
    stack.settle()

    assert manifest_of(stack, image_id) == before


def test_a_focus_whose_original_was_replaced_unseen_leaves_the_new_one_without(
    stack: Stack,
) -> None:
    image_id = ready(stack)
    refocus(stack, image_id, LEFT)
    stack.put(ramp(200), KEY)
    event = stack.process_queue.messages.pop()  # it comes last

    stack.settle()
    stack.process_queue.messages.append(event)
    stack.settle()

    image = image_of(stack, image_id)
    assert (image.status, image.focus) == (Status.READY, None)
    assert light(stack, image) == pytest.approx(100, abs=8)


def test_a_deleted_image_gets_no_focus_and_does_not_come_back(stack: Stack) -> None:
    image_id = ready(stack)
    refocus(stack, image_id, LEFT)
    late = take(stack)
    stack.ask("DELETE", f"/images/{image_id}")
    stack.settle()

    stack.background_queue.send(late)
    stack.settle()

    image = image_of(stack, image_id)
    assert (image.status, image.focus) == (Status.DELETED, None)
    assert files_of(stack) == set()


def test_a_failed_image_can_be_given_a_focus_and_fails_again(stack: Stack) -> None:
    image_id = ready(stack, BROKEN)

    refocus(stack, image_id, LEFT)
    stack.settle()

    image = image_of(stack, image_id)
    assert (image.status, image.focus) == (Status.FAILED, LEFT)
