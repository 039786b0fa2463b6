"""What callers start costs no more than it may: slots for who waits, and one request for the same work."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.functions.aws_events import Event
from tests.functions.stack import PROCESS_SLOTS, Stack, original
from tintype.aws.errors import UnavailableError
from tintype.functions import process


def ask(stack: Stack, key: str) -> tuple[int, str]:
    said = stack.ask("POST", "/process", body={"bucket": "originals", "key": key})
    return said.status, said.headers.get("retry-after", "")


def held(stack: Stack) -> set[str]:
    return {name for name in stack.access.items if name.startswith("process#")}


def test_a_caller_who_waits_holds_a_slot_and_gives_it_back(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.put(original(), "a.png")
    seen: list[int] = []

    def counted(event: Event, context: object) -> Event:
        seen.append(len(held(stack)))
        return process.handler(event, context)

    monkeypatch.setattr(stack.function, "handler", counted)

    assert ask(stack, "a.png") == (200, "")
    assert (seen, held(stack)) == ([1], set())


def test_no_more_callers_wait_than_there_are_slots(stack: Stack) -> None:
    stack.put(original(), "a.png")
    now = int(stack.world.now.timestamp())
    for slot in range(PROCESS_SLOTS):
        assert stack.access.lease(f"process#{slot}", now=now, until=now + 60)

    refused = ask(stack, "a.png")
    stack.world.now += timedelta(seconds=61)  # the functions that held them have died

    assert refused == (429, "2")
    assert ask(stack, "a.png") == (200, "")


def test_a_slot_is_given_back_by_a_call_that_fails(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.put(original(), "a.png")

    def failing(*_: object) -> Event:
        message = "no answer"
        raise UnavailableError(message, service="lambda", operation="Invoke")

    monkeypatch.setattr(stack.function, "handler", failing)

    assert ask(stack, "a.png")[0] == 503
    assert held(stack) == set()


def waiting(stack: Stack) -> list[str]:
    return [json.loads(one.body)["imageId"] for one in stack.background_queue.messages]


def test_a_hundred_requests_to_render_an_image_again_are_one(stack: Stack) -> None:
    image_id = stack.outdated()

    said = {stack.ask("POST", f"/images/{image_id}/reprocess").status for _ in range(100)}
    together = waiting(stack)
    stack.settle()
    stack.change_presets()
    stack.ask("POST", f"/images/{image_id}/reprocess")

    assert said == {202}
    assert together == [image_id]
    assert waiting(stack) == [image_id], "the new version may be rendered again"


def test_a_result_that_is_current_answers_for_a_request_to_render_it_again(stack: Stack) -> None:
    current, failed = stack.ready(), stack.failed()

    said = [stack.ask("POST", f"/images/{image_id}/reprocess") for image_id in (current, failed)]

    assert [one.status for one in said] == [202, 202]
    assert [one.json["current"] for one in said] == [True, False]
    assert waiting(stack) == [failed]
    assert not any(name.startswith(f"reprocess#{current}") for name in stack.access.items)


def test_a_request_that_could_not_be_sent_does_not_stand_for_the_next(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = stack.outdated()
    with monkeypatch.context() as broken:

        def failing(*_: object, **__: object) -> str:
            message = "no answer"
            raise UnavailableError(message, service="sqs", operation="SendMessage")

        broken.setattr(stack.background_queue, "send", failing)
        assert stack.ask("POST", f"/images/{image_id}/reprocess").status == 503

    assert stack.ask("POST", f"/images/{image_id}/reprocess").status == 202
    assert waiting(stack) == [image_id]


def test_a_request_that_was_lost_can_be_repeated_after_a_while(stack: Stack) -> None:
    image_id = stack.outdated()
    stack.ask("POST", f"/images/{image_id}/reprocess")
    stack.background_queue.messages.clear()

    stack.world.now += timedelta(minutes=15, seconds=1)
    stack.ask("POST", f"/images/{image_id}/reprocess")

    assert waiting(stack) == [image_id]
