"""An original of which nothing is left: late events bring neither its owner nor its name back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.event_path import CALM, Cloud, original
from tintype import keys
from tintype.images import Status, encode
from tintype.processing import run as running
from tintype.processing.job import ProcessJob
from tintype.processing.process import discard, process

LATE = "FF"  # the sequencer of an event after all others


def erased(cloud: Cloud) -> ProcessJob:
    """Process an original of alice's, take all traces of it, and return the removal's event."""
    key = keys.original_key(keys.new_id(cloud.world.now), "beach.png", "alice")
    cloud.upload(key, original(1))
    cloud.run()
    cloud.renditions.objects.clear()
    cloud.renditions.written.clear()
    cloud.table.items.clear()
    for version in list(cloud.originals.written[key]):
        cloud.originals.delete(key, version=version)
    return ProcessJob(key=key, sequencer=LATE, for_good=True)


def test_a_late_event_leaves_a_tombstone_without_owner_and_name() -> None:
    cloud = Cloud(30, CALM)
    job = erased(cloud)

    cloud.run()
    discard(cloud.context, job)
    cloud.run()

    (stored,) = cloud.renditions.objects.values()
    (record,) = cloud.table.items.values()
    assert record["status"] == Status.DELETED
    assert not [what for what in (b"alice", b"beach") if what in stored.data]
    assert not [what for what in ("alice", "beach") if what in str(record)]


def test_a_tombstone_without_a_name_ends_a_run_that_has_read_the_original_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The original goes for good, and its event is handled, while it is rendered."""
    cloud = Cloud(31, CALM)
    key = keys.original_key(keys.new_id(cloud.world.now), "beach.png", "alice")
    cloud.upload(key, original(1))
    (version,) = cloud.originals.written[key]
    cloud.process_queue.messages.clear()
    real = running.ProcessRun.render

    def render(run: running.ProcessRun) -> None:
        real(run)
        cloud.originals.delete(key, version=version)
        discard(cloud.context, ProcessJob(key=key, sequencer=LATE, for_good=True))

    monkeypatch.setattr(running.ProcessRun, "render", render)

    result = process(cloud.context, ProcessJob(key=key, sequencer="01"))

    assert result.outcome == "SUPERSEDED"
    image = cloud.image(key)
    assert image is not None
    assert (image.status, image.owner) == (Status.DELETED, None)
    assert b"alice" not in encode(image)


def test_a_request_to_delete_what_was_never_uploaded_still_tells_its_owner() -> None:
    cloud = Cloud(32, CALM)
    key = keys.original_key(keys.new_id(cloud.world.now), "beach.png", "alice")

    result = discard(cloud.context, replace(ProcessJob(key=key), again=True))

    assert result.image is not None
    assert result.image.owner == "alice"
