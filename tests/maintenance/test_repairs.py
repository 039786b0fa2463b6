"""Redrive, reindex, selection and reprocess, called as a program calls them: no command, no terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
import pytest

from tests.aws.emulator import REGION, Emulator
from tests.cli.processed import REVISION
from tests.foreign import foreign_manifests
from tests.maintenance.operated import Cloud, event, image, resources
from tests.simulation import MemoryBucket, MemoryQueue
from tests.world import Odds, World
from tintype import keys
from tintype.aws.account import Account
from tintype.aws.errors import UnavailableError, UnreadableObjectError
from tintype.aws.ports import ObjectStore
from tintype.aws.s3 import Entry
from tintype.images import Failure, Status, item
from tintype.maintenance.errors import UnknownImageError
from tintype.maintenance.listing import ManifestEntry, manifests
from tintype.maintenance.parallel import AHEAD, in_parallel
from tintype.maintenance.redrive import QueueName, RedriveRoute, move_dead_letters
from tintype.maintenance.reindex import RecordState, Reindex
from tintype.maintenance.reprocess import send_requests
from tintype.maintenance.selection import (
    SelectedImage,
    SelectionReason,
    select_all,
    select_named,
    select_outdated,
)
from tintype.messages import Announce, Reprocess, encode
from tintype.processing.manifests import ManifestHead, read
from tintype.records import Records

ONE = SelectedImage("01JD", "originals/01JD/a.jpg", SelectionReason.NAMED)


@pytest.fixture
def cloud(server: Emulator, request: pytest.FixtureRequest) -> Iterator[Cloud]:
    account = Account(REGION, server.endpoint, lambda: server.root)
    yield Cloud(server, resources(server, f"t{abs(hash(request.node.name))}"), account)
    account.connections.close()


def route(cloud: Cloud, name: QueueName) -> RedriveRoute:
    dead = cloud.queue(f"{name.capitalize()}DeadLetter")
    return RedriveRoute(name, dead, cloud.queue(name.capitalize()))


def test_a_dead_letter_goes_back_with_the_reason_of_its_image(cloud: Cloud) -> None:
    crashed = Failure("processing_crashed", "out of memory", retryable=True)
    failed = image(status=Status.FAILED, failure=crashed)
    cloud.write_record(failed)
    body = event("b", failed.original.key)
    way = route(cloud, QueueName.PROCESS)
    way.dead.send(body)

    (letter,) = move_dead_letters(way, cloud.table, dry_run=False)

    assert (letter.queue, letter.moved, letter.dropped) == (QueueName.PROCESS, True, False)
    assert (letter.subject.image_id, letter.subject.key) == (failed.id, failed.original.key)
    assert letter.reason == "processing_crashed: out of memory"
    assert cloud.bodies("Process") == [json.loads(body)]
    assert cloud.bodies("ProcessDeadLetter") == []


def test_a_record_that_was_not_announced_goes_back_to_the_catalogue(cloud: Cloud) -> None:
    begun = image(2, status=Status.PROCESSING)
    way = route(cloud, QueueName.CATALOGUE)
    way.dead.send(encode(Announce(image=begun)))

    (letter,) = move_dead_letters(way, cloud.table, dry_run=False)

    assert (letter.subject.what, letter.subject.image_id) == ("PROCESSING", begun.id)
    assert letter.reason == "no record"
    assert [body["command"] for body in cloud.bodies("Catalogue")] == ["announce"]


@pytest.mark.parametrize(("drop", "left"), [(False, 1), (True, 0)])
def test_what_no_function_can_read_stays_unless_it_is_dropped(
    cloud: Cloud, *, drop: bool, left: int
) -> None:
    way = route(cloud, QueueName.PROCESS)
    way.dead.send("hello")

    (letter,) = move_dead_letters(way, cloud.table, dry_run=False, drop=drop)

    assert (letter.moved, letter.dropped) == (False, drop)
    assert letter.reason == letter.subject.why
    counts = way.dead.counts()
    assert counts.visible + counts.in_flight == left
    assert cloud.bodies("Process") == []


def test_a_dry_redrive_only_looks(cloud: Cloud) -> None:
    way = route(cloud, QueueName.PROCESS)
    for body in ("hello", encode(Reprocess(key="a.jpg"))):
        way.dead.send(body)

    letters = list(move_dead_letters(way, cloud.table, dry_run=True, drop=True))

    assert [(one.moved, one.dropped) for one in letters] == [(False, False)] * 2
    assert way.dead.counts().in_flight == 2
    assert cloud.bodies("Process") == []


def test_records_become_what_their_manifests_say(cloud: Cloud) -> None:
    missing, wrong, right, newer = (image() for _ in range(4))
    for one in (missing, wrong, right, newer):
        cloud.write_manifest(one)
    Records(cloud.table).put_newer(item(wrong) | {"filename": "other.jpg"})
    cloud.write_record(right)
    Records(cloud.table).put_newer(item(newer) | {"version": 4, "status": "PROCESSING"})
    foreign, data = image().id, foreign_manifests(image().id)["not JSON"]
    cloud.renditions.put(keys.manifest_key(foreign), data, content_type="application/json")
    image_ids = [one.image_id for one in manifests(cloud.renditions)]

    dry = dict(Reindex(cloud.renditions, Records(cloud.table), dry_run=True).run(image_ids))
    wrote_nothing = cloud.table.get(missing.id) is None
    states = dict(Reindex(cloud.renditions, Records(cloud.table)).run(image_ids))

    assert isinstance(states.pop(foreign), UnreadableObjectError)
    assert states == {
        missing.id: RecordState.ADDED,
        wrong.id: RecordState.CHANGED,
        right.id: RecordState.UNCHANGED,
        newer.id: RecordState.NEWER,
    }
    assert {one: dry[one] for one in states} == states
    assert wrote_nothing
    assert all(cloud.has_record(one) for one in (missing, wrong, right))
    assert (cloud.table.get(newer.id) or {})["status"] == "PROCESSING"


def test_public_images_get_an_owner_and_those_of_others_stay_theirs(cloud: Cloud) -> None:
    ours, hers, gone = image(), image(owner="alice"), image(status=Status.DELETED)
    busy = image()
    for one in (ours, hers, gone, busy):
        cloud.write_manifest(one)
        cloud.write_record(one)
    Records(cloud.table).put_newer(item(busy) | {"version": 4, "status": "PROCESSING"})
    image_ids = [one.id for one in (ours, hers, gone, busy)]

    dry = dict(
        Reindex(cloud.renditions, Records(cloud.table), dry_run=True, owner="bob").run(image_ids)
    )
    wrote_nothing = cloud.has_record(ours)
    states = dict(Reindex(cloud.renditions, Records(cloud.table), owner="bob").run(image_ids))
    again = dict(Reindex(cloud.renditions, Records(cloud.table), owner="bob").run(image_ids))

    assert states == dry
    assert wrote_nothing
    assert states == {
        ours.id: RecordState.TRANSFERRED,
        hers.id: RecordState.UNCHANGED,
        gone.id: RecordState.UNCHANGED,
        busy.id: RecordState.TRANSFERRED,
    }
    owners = {one.id: (cloud.table.get(one.id) or {}).get("owner") for one in (ours, hers)}
    assert owners == {ours.id: "bob", hers.id: "alice"}
    moved = read(cloud.renditions, ours.id).checked().image
    assert moved is not None
    assert (moved.owner, moved.version) == ("bob", ours.version + 3)
    assert set(again.values()) == {RecordState.UNCHANGED}


def test_an_image_that_is_written_meanwhile_is_not_transferred(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = image()
    cloud.write_manifest(one)

    def stale(bucket: ObjectStore, image_id: str) -> ManifestHead:
        head = read(bucket, image_id)
        cloud.write_manifest(msgspec.structs.replace(one, version=one.version + 2))
        return head

    monkeypatch.setattr("tintype.maintenance.reindex.read", stale)

    state = Reindex(cloud.renditions, Records(cloud.table), owner="bob").compare(one.id)

    assert state is RecordState.NEWER
    kept = read(cloud.renditions, one.id).checked().image
    assert kept is not None
    assert kept.owner == "public"


def test_a_manifest_is_listed_with_its_moment_and_a_rendition_is_not(cloud: Cloud) -> None:
    one = image()
    cloud.write_manifest(one)
    cloud.renditions.put(f"{one.id}/3f9a/thumb.webp", b"", content_type="image/webp")

    (manifest,) = cloud.renditions.entries(keys.manifest_key(one.id))

    assert list(manifests(cloud.renditions)) == [ManifestEntry(one.id, manifest.last_modified)]


def test_named_images_are_selected_and_refused_with_a_reason(cloud: Cloud) -> None:
    there, waiting = image(), image(1, status=Status.AWAITING_UPLOAD)
    cloud.write_record(there)
    cloud.write_record(waiting)

    selection = select_named(
        cloud.table, [there.id, waiting.id, "unknown", there.id], stack="stack tintype"
    )

    key = there.original.key
    assert selection.images == [SelectedImage(there.id, key, SelectionReason.NAMED)]
    refused = {image_id: str(error) for image_id, error in selection.refused.items()}
    assert refused == {
        waiting.id: "no original: the image is awaiting upload",
        "unknown": "no such image in stack tintype",
    }
    assert {type(error) for error in selection.refused.values()} == {UnknownImageError}


def test_outdated_are_images_of_other_presets_and_those_without_an_end(cloud: Cloud) -> None:
    current, old, hung, lost, unrecorded = (
        image(),
        image(presets_revision="before"),
        image(4, status=Status.PROCESSING),
        image(),
        image(),
    )
    for one in (current, old, hung, lost, unrecorded):
        cloud.write_original(one)
    for one in (current, old, hung, unrecorded):
        cloud.write_manifest(one)
    for one in (current, old, hung):
        cloud.write_record(one)

    selection = select_outdated(cloud.originals, cloud.renditions, cloud.table, deployed=REVISION)

    assert {one.image_id: one.reason for one in selection.images} == {
        old.id: SelectionReason.OUTDATED,
        hung.id: SelectionReason.UNFINISHED,
        lost.id: SelectionReason.WITHOUT_MANIFEST,
    }
    assert (selection.without_record, selection.archived) == (1, 0)


class Listed(MemoryBucket):
    """A bucket of which only the listing matters."""

    def __init__(self, *entries: Entry) -> None:
        super().__init__(World(0, Odds()), "originals")
        self.listing = entries

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        return (one for one in self.listing if one.key.startswith(prefix))


def test_archived_originals_and_folders_are_left_out_and_counted() -> None:
    noon = keys.created_at("01M7XPE600ABCDEFGHJKMNPQRS")
    bucket = Listed(
        Entry("cold.jpg", 9, noon, "GLACIER"), Entry("a/", 0, noon), Entry("a/warm.jpg", 9, noon)
    )

    selection = select_all(bucket)

    assert [one.key for one in selection.images] == ["a/warm.jpg"]
    assert selection.archived == 1


def test_what_lies_beside_an_original_is_selected_as_well() -> None:
    noon = keys.created_at("01M7XPE600ABCDEFGHJKMNPQRS")
    two = [f"originals/01M7XPE600ABCDEFGHJKMNPQRS/{name}.jpg" for name in ("a", "b")]

    selection = select_all(Listed(*(Entry(key, 9, noon) for key in two)))

    assert [one.key for one in selection.images] == two, "processing ignores the other"


def test_a_request_is_sent_for_each_image_and_a_refusal_is_its_result(cloud: Cloud) -> None:
    ((sent, message_id),) = send_requests(cloud.queue("Process"), [ONE])

    assert sent == ONE
    assert isinstance(message_id, str)
    assert cloud.bodies("Process") == [
        {"command": "reprocess", "imageId": ONE.image_id, "key": ONE.key}
    ]

    class Refusing(MemoryQueue):
        def send(self, _body: str, *, delay_seconds: int = 0) -> str:
            assert not delay_seconds
            message = "no"
            raise UnavailableError(message, service="sqs", operation="SendMessage")

    ((_, error),) = send_requests(Refusing(World(0, Odds())), [ONE])

    assert isinstance(error, UnavailableError)


def test_who_stops_early_begins_nothing_else() -> None:
    begun: list[int] = []

    for _ in in_parallel(begun.append, range(1000), at_once=2):
        break

    assert len(begun) <= 2 * AHEAD
