"""A focus that is changed at the same time as something else: both hold, or the later one does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.functions.batches import give_up
from tests.functions.stack import Stack
from tests.functions.test_focus import (
    KEY,
    LEFT,
    PRESETS,
    RIGHT,
    files_of,
    image_of,
    light,
    ramp,
    ready,
    refocus,
    take,
)
from tests.simulation import MAX_TRIES
from tintype.access import Visibility
from tintype.aws.errors import ArchivedError, ServiceError, UnavailableError
from tintype.functions import process as process_function
from tintype.images import Focus, Manifest, Status, timestamp
from tintype.messages import SetFocus
from tintype.processing import manifests
from tintype.processing import process as process_module
from tintype.processing.change import change as change_visibility
from tintype.processing.job import ProcessJob
from tintype.processing.manifests import ManifestHead


@pytest.fixture(name="stack")
def cropping(stack: Stack) -> Stack:
    stack.context = replace(stack.context, presets=PRESETS)
    return stack


def meanwhile(stack: Stack, monkeypatch: pytest.MonkeyPatch, what: Callable[[], object]) -> None:
    """Have *what* happen right before the next manifest is written."""
    append = manifests.append

    def late(bucket: Any, head: ManifestHead, manifest: Manifest) -> ManifestHead:
        monkeypatch.setattr(manifests, "append", append)
        stack.world.now += timedelta(seconds=1)
        what()
        return append(bucket, head, manifest)

    monkeypatch.setattr(manifests, "append", late)


def request(stack: Stack, focus: Focus | None) -> ProcessJob:
    wanted = SetFocus(key=KEY, focus=focus, requested_at=timestamp(stack.world.now))
    return ProcessJob(key=KEY, again=True, refocus=wanted)


def refusing(error: type[ServiceError], status: int) -> Callable[..., None]:
    """Return what S3 answers instead of an original."""

    def refuse(*_: object, **__: object) -> None:
        message = "it is not our day"
        raise error(message, service="s3", operation="GetObject", status=status, name="")

    return refuse


def test_a_focus_that_is_asked_for_while_other_bytes_are_processed_is_theirs(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = ready(stack)
    stack.put(ramp(200), KEY)
    event = stack.process_queue.messages.pop()
    stack.table.items[image_id] |= {"status": "PROCESSING", "original": {"key": KEY}, "version": 4}
    refocus(stack, image_id, LEFT)

    def processed() -> None:
        stack.process_queue.messages.append(event)
        stack.deliver(stack.process_queue, process_function.handler)

    meanwhile(stack, monkeypatch, processed)
    stack.settle()

    image = image_of(stack, image_id)
    assert (image.status, image.focus) == (Status.READY, LEFT)
    assert light(stack, image) < 30


def test_of_two_requests_that_are_rendered_at_once_the_later_one_wins(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = ready(stack)
    first = request(stack, LEFT)
    meanwhile(
        stack,
        monkeypatch,
        lambda: process_module.process(stack.context, request(stack, RIGHT)),
    )

    result = process_module.process(stack.context, first)
    stack.settle()

    image = image_of(stack, image_id)
    assert result.outcome == "SUPERSEDED"
    assert (image.focus, image.version) == (RIGHT, 7)
    assert light(stack, image) > 215
    assert files_of(stack) == {one.key for one in image.renditions}


def test_two_runs_that_compete_for_a_version_write_to_different_keys(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loser's files must not take the place of the winner's, which caches keep for a year."""
    image_id = ready(stack)
    second = request(stack, LEFT)
    meanwhile(
        stack, monkeypatch, lambda: process_module.process(stack.context, request(stack, RIGHT))
    )

    process_module.process(stack.context, second)

    image = image_of(stack, image_id)
    revisions = {key.split("/")[1] for key in files_of(stack)}
    assert len(revisions) == 3, "those of both runs, and the one before"
    assert light(stack, image) > 215


def test_a_run_for_another_reason_renders_again_with_a_focus_that_came_meanwhile(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = ready(stack)
    meanwhile(
        stack, monkeypatch, lambda: process_module.process(stack.context, request(stack, LEFT))
    )

    process_module.process(stack.context, ProcessJob(key=KEY, again=True))

    image = image_of(stack, image_id)
    assert (image.focus, image.version) == (LEFT, 10)
    assert light(stack, image) < 35


def test_a_focus_meets_a_change_of_visibility_and_both_hold(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = ready(stack)
    job = ProcessJob(key=KEY, again=True)
    meanwhile(
        stack,
        monkeypatch,
        lambda: change_visibility(stack.context, job, Visibility.PRIVATE),
    )

    process_module.process(stack.context, request(stack, LEFT))
    stack.settle()

    image = image_of(stack, image_id)
    assert (image.visibility, image.focus) == (Visibility.PRIVATE, LEFT)
    assert light(stack, image) < 35
    assert files_of(stack) == {one.key for one in image.renditions}


def test_a_change_of_visibility_meets_a_focus_and_both_hold(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = ready(stack)
    meanwhile(
        stack, monkeypatch, lambda: process_module.process(stack.context, request(stack, LEFT))
    )

    change_visibility(stack.context, ProcessJob(key=KEY, again=True), Visibility.PRIVATE)
    stack.settle()

    image = image_of(stack, image_id)
    assert (image.visibility, image.focus) == (Visibility.PRIVATE, LEFT)
    assert light(stack, image) < 35
    assert files_of(stack) == {one.key for one in image.renditions}


def test_a_focus_that_failed_on_every_try_is_a_dead_letter_and_applied_when_it_is_redriven(
    stack: Stack,
) -> None:
    image_id = ready(stack)
    before = image_of(stack, image_id)
    refocus(stack, image_id, LEFT)
    body = take(stack)

    give_up(body)

    (dead,) = stack.dead_letters["process"].messages
    kept = image_of(stack, image_id)
    assert (kept.status, kept.focus, kept.renditions) == (Status.READY, None, before.renditions)
    stack.process_queue.send(dead.body)
    stack.settle()
    image = image_of(stack, image_id)
    assert (image.status, image.focus) == (Status.READY, LEFT)


def test_the_last_try_at_a_focus_that_crashes_keeps_the_old_focus_for_the_next(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = ready(stack)
    before = image_of(stack, image_id)
    job = replace(request(stack, LEFT), attempt=MAX_TRIES)
    monkeypatch.setattr(stack.originals, "get", refusing(UnavailableError, 503))

    with pytest.raises(UnavailableError):
        process_module.process(stack.context, job)

    failed = image_of(stack, image_id)
    assert (failed.status, failed.focus, failed.renditions) == (
        Status.FAILED,
        None,
        before.renditions,
    )
    monkeypatch.undo()
    process_module.process(stack.context, job)
    image = image_of(stack, image_id)
    assert (image.status, image.focus) == (Status.READY, LEFT)
    assert light(stack, image) < 35


def test_an_archived_original_keeps_its_renditions_and_their_focus(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = ready(stack)
    before = image_of(stack, image_id)

    monkeypatch.setattr(stack.originals, "get", refusing(ArchivedError, 403))
    result = process_module.process(stack.context, request(stack, LEFT))

    assert result.outcome == "UNCHANGED"
    assert image_of(stack, image_id) == before
