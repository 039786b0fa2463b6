"""An original that was archived: what is ready stays, and what is not says why."""

from __future__ import annotations

import pytest

from tests.event_path import CALM, Cloud, original, ticket
from tests.simulation import MAX_TRIES
from tintype.aws.errors import ArchivedError, error_class
from tintype.images import Status
from tintype.processing.job import ProcessJob
from tintype.processing.process import process


def archive(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let S3 give no original's bytes any more, as of what lies in an archive."""

    def refuse(_key: str, **_: object) -> None:
        message, name = "no", "InvalidObjectState"
        raise ArchivedError(message, service="s3", operation="GetObject", status=403, name=name)

    monkeypatch.setattr(cloud.originals, "get", refuse)


@pytest.mark.parametrize("attempt", [1, MAX_TRIES])
def test_a_ready_image_stays_ready_when_its_original_is_archived(
    monkeypatch: pytest.MonkeyPatch, attempt: int
) -> None:
    cloud = Cloud(17, CALM)
    key = ticket(cloud, "cold.png")
    cloud.upload(key, original(1))
    cloud.run()
    before = cloud.image(key)
    assert before is not None
    archive(cloud, monkeypatch)

    outcome = process(cloud.context, ProcessJob(key=key, again=True, attempt=attempt))

    image = cloud.image(key)
    assert image is not None
    assert (image.status, image.failure, image.revision) == (Status.READY, None, before.revision)
    assert image.renditions == before.renditions
    assert outcome.outcome == "UNCHANGED"
    assert outcome.obstacle is not None
    assert outcome.obstacle.code == "original_archived"
    cloud.run()
    assert cloud.table.items[image.id]["status"] == "READY"


def test_an_archived_successor_takes_the_place_of_the_picture_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloud = Cloud(18, CALM)
    cloud.upload("a.png", original(1))
    cloud.run()
    archive(cloud, monkeypatch)
    cloud.upload("a.png", original(2))

    cloud.run()

    image = cloud.image("a.png")
    assert image is not None
    assert image.failure is not None
    assert (image.failure.code, image.renditions) == ("original_archived", ())


def test_an_archived_original_fails_for_good_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud(9, CALM)
    key = ticket(cloud, "cold.png")
    cloud.upload(key, original(1))
    archive(cloud, monkeypatch)
    cloud.run()

    image = cloud.image(key)
    assert image is not None
    assert image.failure is not None
    assert (image.failure.code, image.failure.retryable) == ("original_archived", False)
    assert not cloud.dead_letter_queue.messages
    assert error_class("InvalidObjectState", 403) is ArchivedError
