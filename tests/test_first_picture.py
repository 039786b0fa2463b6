"""The first picture of an image is announced while the others are made; nothing of it is left behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.event_path import CALM, PRESETS, Cloud, original
from tests.simulation import MAX_TRIES
from tintype import imaging, keys
from tintype.access import Visibility
from tintype.aws.errors import UnavailableError
from tintype.catalogue import Catalogue, CatalogueEntry
from tintype.images import Image, Status
from tintype.imaging.errors import CannotFitError
from tintype.imaging.render import OnFirst
from tintype.processing import process as processing
from tintype.processing.context import ProcessingContext
from tintype.processing.job import ProcessJob
from tintype.processing.process import discard, process

KEY = "beach.png"


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(1, CALM)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Image]:
    """Return the records that the catalogue function is sent and reads, in their order."""
    images: list[Image] = []
    write = Catalogue.write

    def note(catalogue: Catalogue, image: Image) -> CatalogueEntry:
        images.append(image)
        return write(catalogue, image)

    monkeypatch.setattr(Catalogue, "write", note)
    return images


def fail_after_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    render_all = imaging.render_all

    def fail(*arguments: object, on_first: OnFirst | None = None, **options: object) -> None:
        def then_fail(*first: object) -> None:
            if on_first:
                on_first(*first)  # type: ignore[arg-type]
            message = "10 bytes at the lowest quality; max_bytes is 1"
            raise CannotFitError(message)

        render_all(*arguments, on_first=then_fail, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(imaging, "render_all", fail)


def test_the_smallest_rendition_is_announced_before_the_image_is_ready(
    cloud: Cloud, heard: list[Image]
) -> None:
    cloud.upload(KEY, original(1))

    cloud.run()

    begun, first, ready = sorted(heard, key=lambda one: one.version)
    assert [one.status for one in (begun, first, ready)] == ["PROCESSING", "PROCESSING", "READY"]
    assert [one.version for one in (begun, first, ready)] == [2, 3, 4]
    assert begun.renditions == ()
    assert [one.preset for one in first.renditions] == ["dot"]
    assert first.renditions[0] in ready.renditions
    assert first.placeholder == ready.placeholder
    assert first.original == replace(ready.original, sha256=None)
    assert [one.preset for one in ready.renditions] == [one.name for one in PRESETS]


def test_the_first_rendition_is_written_once(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    put = cloud.renditions.put

    def note(key: str, data: bytes, **options: object) -> str:
        written.append(key)
        return put(key, data, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(cloud.renditions, "put", note)
    cloud.upload(KEY, original(1))

    cloud.run()

    assert len(written) == len(set(written)) == len(PRESETS) + 1


def test_what_an_image_has_is_not_replaced_by_a_first_rendition(
    cloud: Cloud, heard: list[Image]
) -> None:
    cloud.upload(KEY, original(1))
    cloud.run()
    before = heard[-1].renditions
    heard.clear()

    process(cloud.context, ProcessJob(key=KEY, again=True))
    cloud.run()

    assert [(one.version, one.status) for one in heard] == [(5, "PROCESSING"), (7, "READY")]
    assert heard[0].renditions == before


def test_a_failure_after_the_first_rendition_leaves_nothing_of_it(
    cloud: Cloud, heard: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_after_the_first(monkeypatch)
    cloud.upload(KEY, original(1))

    cloud.run()

    assert [one.status for one in sorted(heard, key=lambda one: one.version)] == [
        "PROCESSING",
        "PROCESSING",
        "FAILED",
    ]
    image = cloud.image(KEY)
    assert image is not None
    assert image.renditions == ()
    assert list(cloud.renditions.objects) == [keys.manifest_key(image.id)]


def test_a_first_rendition_that_cannot_be_stored_is_not_announced_and_fails_nothing(
    cloud: Cloud, heard: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    put = cloud.renditions.put
    refused: list[str] = []

    def refuse_once(key: str, data: bytes, **options: object) -> str:
        if not refused:
            refused.append(key)
            message = "slow down"
            raise UnavailableError(
                message, service="s3", operation="PutObject", status=503, name="SlowDown"
            )
        return put(key, data, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(cloud.renditions, "put", refuse_once)
    cloud.upload(KEY, original(1))

    cloud.run()

    assert refused[0].endswith("/dot.png")
    assert {one.version: one.status for one in heard} == {2: "PROCESSING", 4: "READY"}


def test_the_last_try_announces_no_first_rendition_over_its_provisional_failure(
    cloud: Cloud, heard: list[Image]
) -> None:
    cloud.upload(KEY, original(1))
    cloud.process_queue.messages.clear()

    process(cloud.context, ProcessJob(key=KEY, attempt=MAX_TRIES))
    cloud.run()

    assert {one.status for one in heard} <= {Status.FAILED, Status.READY}


def test_the_first_rendition_of_an_image_that_is_deleted_meanwhile_goes_at_once(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    render_all = imaging.render_all
    left: list[list[str]] = []
    purged: list[str] = []

    def stored() -> list[str]:
        return [one for one in cloud.renditions.objects if one.endswith("/dot.png")]

    def note(_: ProcessingContext, image: Image, *__: Visibility) -> None:
        purged.append(image.id)

    def delete_after_the_first(
        *arguments: object, on_first: OnFirst | None = None, **options: object
    ) -> object:
        def then_delete(*first: object) -> None:
            assert on_first is not None
            on_first(*first)  # type: ignore[arg-type]
            left.append(stored())
            cloud.world.now += timedelta(seconds=1)
            cloud.originals.delete(KEY)
            discard(cloud.context, ProcessJob(key=KEY, sequencer="FF"))
            left.append(stored())

        return render_all(*arguments, on_first=then_delete, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(imaging, "render_all", delete_after_the_first)
    monkeypatch.setattr(ProcessingContext, "schedule_purge", note)
    cloud.upload(KEY, original(1))

    cloud.run()

    image = cloud.image(KEY)
    assert image is not None
    assert [len(each) for each in left] == [1, 0]
    assert purged == [image.id]
    assert image.status is Status.DELETED
    assert list(cloud.renditions.objects) == [keys.manifest_key(image.id)]


def test_a_first_rendition_that_a_late_deletion_removed_is_written_again(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deletion of what was there before looked for an original before this one was uploaded."""
    render_all = imaging.render_all

    def after_a_deletion(
        *arguments: object, on_first: OnFirst | None = None, **options: object
    ) -> object:
        def then_discard(*first: object) -> None:
            assert on_first is not None
            on_first(*first)  # type: ignore[arg-type]
            cloud.world.now += timedelta(seconds=1)
            with monkeypatch.context() as before:
                before.setattr(processing, "_original_exists", lambda *_: False)
                discard(cloud.context, ProcessJob(key=KEY, sequencer="0"))

        return render_all(*arguments, on_first=then_discard, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(imaging, "render_all", after_a_deletion)
    cloud.upload(KEY, original(1))

    cloud.run()

    image = cloud.image(KEY)
    assert image is not None
    assert (image.status, len(image.renditions)) == (Status.READY, len(PRESETS))
    assert {one.key for one in image.renditions} <= set(cloud.renditions.objects)
