"""`tintype redrive`, `reindex` and `reprocess` on the emulator: real queues, buckets and tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.aws.emulator import REGION, Emulator, emulator
from tests.cli.conftest import Tintype
from tests.cli.service import Service
from tests.foreign import KINDS, foreign_manifests
from tests.maintenance.operated import Cloud, client, event, image, resources
from tests.records import ID
from tintype import keys
from tintype.aws.account import Account
from tintype.images import (
    Failure,
    Status,
    Timings,
    item,
)
from tintype.records import Records


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with emulator(tmp_path_factory.mktemp("emulator")) as running:
        yield running


@pytest.fixture
def cloud(server: Emulator, stack: Service, request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """Make a stack's resources, and have `.tintype/local.json` name them and the small API."""
    name = f"t{abs(hash(request.node.name))}"
    outputs = {**stack.outputs, **resources(server, name)}
    stack.announce_local(server.endpoint, outputs, server.root.access_key)
    account = Account(REGION, server.endpoint, lambda: server.root)
    yield Cloud(server, outputs, account)
    account.connections.close()


def test_dead_letters_go_back_and_are_explained(tintype: Tintype, cloud: Cloud) -> None:
    failed = image(
        status=Status.FAILED, failure=Failure("processing_crashed", "out of memory", retryable=True)
    )
    cloud.write_record(failed)
    body = event("b", failed.original.key)
    cloud.queue("ProcessDeadLetter").send(body)
    cloud.queue("CatalogueDeadLetter").send(json.dumps({"image": msgspec.to_builtins(image())}))

    ended = tintype("redrive")

    assert ended.code == 0, ended.err
    assert cloud.bodies("Background") == [json.loads(body)]
    assert len(cloud.bodies("Catalogue")) == 1
    assert cloud.bodies("ProcessDeadLetter") == []
    for said in (failed.id, failed.original.key, "processing_crashed: out of memory", "no record"):
        assert said in ended.out
    assert "2 messages moved back in the local cloud." in ended.out


def test_redrive_takes_only_the_queue_that_is_named(tintype: Tintype, cloud: Cloud) -> None:
    cloud.queue("ProcessDeadLetter").send("{}")
    cloud.queue("CatalogueDeadLetter").send("{}")

    tintype("redrive", "--queue", "catalogue")

    assert cloud.queue("Background").counts().visible == 0
    assert cloud.queue("ProcessDeadLetter").counts().visible == 1


def test_dry_redrive_shows_and_moves_nothing(tintype: Tintype, cloud: Cloud) -> None:
    command = {"command": "reprocess", "imageId": "01JD", "key": "originals/01JD/a.jpg"}
    for number in range(12):
        cloud.queue("ProcessDeadLetter").send(json.dumps(command | {"number": number}))

    document = tintype("redrive", "--dry-run", "--json").document

    assert len(document["messages"]) == 12
    assert document["messages"][0]["what"] == "reprocess"
    assert document["messages"][0]["moved"] is False
    assert cloud.queue("Background").counts().visible == 0
    assert cloud.queue("ProcessDeadLetter").counts().in_flight == 12


POISON = '{"a":' * 5_000


def test_poison_stays_where_it_is_and_says_why(tintype: Tintype, cloud: Cloud) -> None:
    good = json.dumps({"command": "reprocess", "imageId": "01JD", "key": "originals/01JD/a.jpg"})
    for body in (POISON, "hello", good):
        cloud.queue("ProcessDeadLetter").send(body)

    ended = tintype("redrive")

    assert ended.code == 0, ended.err
    assert cloud.bodies("Background") == [json.loads(good)]
    assert "Kept 2 messages that no function can read" in ended.out
    assert "1 message moved back" in ended.out


def test_poison_is_removed_when_that_is_asked_for(tintype: Tintype, cloud: Cloud) -> None:
    cloud.queue("ProcessDeadLetter").send(POISON)

    refused = tintype("redrive", "--drop")
    ended = tintype("redrive", "--drop", "--yes")

    assert refused.code != 0
    assert ended.code == 0, ended.err
    assert "Deleted 1 message that no function can read" in ended.out
    counts = cloud.queue("ProcessDeadLetter").counts()
    assert counts.visible == counts.in_flight == 0


def test_no_dead_letters_is_good_news(tintype: Tintype, cloud: Cloud) -> None:
    assert cloud

    assert "No dead letters in the local cloud." in tintype("redrive").out


def test_dead_letters_that_a_dry_run_has_hidden_are_not_denied(
    tintype: Tintype, cloud: Cloud
) -> None:
    cloud.queue("ProcessDeadLetter").send(POISON)

    tintype("redrive", "--dry-run")
    ended = tintype("redrive", "--drop", "--yes")

    assert "No dead letters" not in ended.out
    assert "1 dead letter in the local cloud cannot be received yet" in ended.out


def test_table_is_built_anew_from_the_manifests(tintype: Tintype, cloud: Cloud) -> None:
    # DynamoDB gives 2.0 back as 2.
    images = [image(timings=Timings(wait=2.0, read=5.1)) for _ in range(30)]
    for one in images:
        cloud.write_manifest(one)
    cloud.renditions.put(f"{images[0].id}/3f9a/thumb.webp", b"", content_type="image/webp")

    first = tintype("reindex")
    second = tintype("reindex")

    assert first.code == second.code == 0, first.err
    assert "30 manifests in the local cloud: 30 added, 0 changed, 0 unchanged" in first.out
    assert "0 added, 0 changed, 30 unchanged" in second.out
    assert cloud.has_record(images[7])


def test_reindex_mends_old_and_wrong_records_and_spares_newer_ones(
    tintype: Tintype, cloud: Cloud
) -> None:
    old, wrong, newer = image(5), image(3), image(3)
    for one in (old, wrong, newer):
        cloud.write_manifest(one)
    Records(cloud.table).put_newer(item(old) | {"version": 3, "status": "PROCESSING"})
    Records(cloud.table).put_newer(item(wrong) | {"filename": "other.jpg"})
    Records(cloud.table).put_newer(item(newer) | {"version": 4, "status": "PROCESSING"})

    document = tintype("reindex", "--json").document

    assert (document["changed"], document["newer"], document["added"]) == (2, 1, 0)
    assert cloud.has_record(old)
    assert cloud.has_record(wrong)
    assert (cloud.table.get(newer.id) or {})["status"] == "PROCESSING"


def test_dry_reindex_counts_and_writes_nothing(tintype: Tintype, cloud: Cloud) -> None:
    one = image()
    cloud.write_manifest(one)

    ended = tintype("reindex", "--dry-run")

    assert "1 added, 0 changed, 0 unchanged (nothing written: --dry-run)" in ended.out
    assert cloud.table.get(one.id) is None


def test_reindex_transfers_public_images_once_that_is_confirmed(
    tintype: Tintype, cloud: Cloud
) -> None:
    one = image()
    cloud.write_manifest(one)

    unconfirmed = tintype("reindex", "--owner", "alice")
    before = cloud.table.get(one.id)
    done = tintype("reindex", "--owner", "alice", "--yes")

    assert (unconfirmed.code, before) == (1, None)
    assert "not_confirmed" in unconfirmed.err
    assert (done.code, "1 transferred" in done.out) == (0, True)
    assert (cloud.table.get(one.id) or {})["owner"] == "alice"


@pytest.mark.parametrize("owner", ["a b", "a/b", "public", ""])
def test_reindex_refuses_what_is_no_person_s_id(tintype: Tintype, owner: str) -> None:
    ended = tintype("reindex", "--owner", owner, "--yes")

    assert ended.code == 2
    assert "is not an owner's ID" in " ".join(ended.err.split())


def test_deleted_image_whose_record_has_gone_stays_forgotten(
    tintype: Tintype, cloud: Cloud
) -> None:
    one = image(status=Status.DELETED)
    cloud.write_manifest(one)

    assert "1 forgotten" in tintype("reindex").out
    assert cloud.table.get(one.id) is None


def test_manifests_that_cannot_be_read_are_told_and_the_rest_goes_on(
    tintype: Tintype, cloud: Cloud
) -> None:
    one = image()
    cloud.write_manifest(one)
    foreign = {kind: image().id for kind in KINDS}
    for kind, image_id in foreign.items():
        data = foreign_manifests(image_id)[kind]
        cloud.renditions.put(keys.manifest_key(image_id), data, content_type="application/json")

    ended = tintype("reindex")
    document = tintype("reindex", "--json").document

    assert ended.code == 1
    told = ended.err.replace("\n", " ")
    for image_id in foreign.values():
        assert f"{image_id}: object_unreadable: s3 GetObject: {image_id}/manifest.json" in told
    assert cloud.has_record(one)
    assert cloud.table.get(ID) is None, "the manifest of another image makes no record"
    failures = {failure["imageId"]: failure["code"] for failure in document["failed"]}
    assert failures == dict.fromkeys(foreign.values(), "object_unreadable")


def test_image_that_is_named_is_rendered_again(tintype: Tintype, cloud: Cloud) -> None:
    one = image()
    cloud.write_record(one)

    ended = tintype("reprocess", one.id, "01M7XPE600ABCDEFGHJKMNPQRS")

    assert ended.code == 1
    assert "unknown_image: no such image in the local cloud" in ended.err
    assert cloud.bodies("Background") == [
        {"command": "reprocess", "imageId": one.id, "key": one.original.key}
    ]


def test_image_that_still_waits_for_its_original_cannot_be_rendered(
    tintype: Tintype, cloud: Cloud
) -> None:
    one = image(1, status=Status.AWAITING_UPLOAD)
    cloud.write_record(one)

    assert "no original: the image is awaiting upload" in tintype("reprocess", one.id).err


def test_outdated_are_images_of_other_presets_and_originals_without_a_manifest(
    tintype: Tintype, cloud: Cloud
) -> None:
    current, old, lost = image(), image(presets_revision="before"), image()
    for one in (current, old, lost):
        cloud.write_original(one)
    for one in (current, old):
        cloud.write_manifest(one)
        cloud.write_record(one)

    ended = tintype("reprocess", "--outdated", "--yes")

    assert ended.code == 0, ended.err
    assert {body["imageId"] for body in cloud.bodies("Background")} == {old.id, lost.id}
    assert "rendered with other presets" in ended.out
    assert "has no manifest" in ended.out
    assert "2 images will be rendered again." in ended.err


def test_what_was_begun_anew_and_has_no_end_is_among_the_outdated(
    tintype: Tintype, cloud: Cloud
) -> None:
    """Its record is newer than its manifest, and of the deployed presets: nothing else would end it."""
    ready, hung = image(), image()
    for one in (ready, hung):
        cloud.write_original(one)
        cloud.write_manifest(one)
    cloud.write_record(ready)
    begun = msgspec.structs.replace(hung, status=Status.PROCESSING, version=hung.version + 1)
    cloud.write_record(begun)

    assert tintype("reindex").code == 0
    ended = tintype("reprocess", "--outdated", "--yes")

    assert {body["imageId"] for body in cloud.bodies("Background")} == {hung.id}
    assert "processing never finished" in ended.out


def test_object_under_a_key_of_its_own_is_among_all(tintype: Tintype, cloud: Cloud) -> None:
    cloud.originals.put("holiday/a b.jpg", b"bytes", content_type="image/jpeg")

    tintype("reprocess", "--all", "--yes")

    [body] = cloud.bodies("Background")
    assert body["key"] == "holiday/a b.jpg"
    assert body["imageId"] == keys.derived_id(cloud.originals.name, "holiday/a b.jpg")


@pytest.mark.parametrize("option", ["--all", "--outdated"])
def test_many_are_not_rendered_again_unless_somebody_says_yes(
    tintype: Tintype, cloud: Cloud, option: str
) -> None:
    cloud.write_original(image())

    ended = tintype("reprocess", option)

    assert ended.code == 1
    assert "not_confirmed" in ended.err
    assert cloud.bodies("Background") == []


def test_dry_reprocess_sends_nothing(tintype: Tintype, cloud: Cloud) -> None:
    cloud.write_original(image())

    document = tintype("reprocess", "--all", "--dry-run", "--json").document

    assert len(document["images"]) == 1
    assert document["sent"] == 0
    assert cloud.bodies("Background") == []


@pytest.mark.parametrize("arguments", [[], ["--all", "--outdated"], ["01JD", "--all"]])
def test_reprocess_is_told_in_one_way_what_is_meant(
    tintype: Tintype, stack: Service, arguments: list[str]
) -> None:
    assert stack

    ended = tintype("reprocess", *arguments)

    assert ended.code == 2
    assert "nothing_chosen" in ended.err


def test_stack_on_aws_is_found_by_its_name_and_outputs(
    tintype: Tintype, cloud: Cloud, stack: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.ready("beach.jpg")
    outputs = {name: {"Value": value} for name, value in cloud.outputs.items()}
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": outputs}
    stacks = client(cloud.server, "cloudformation")
    stacks.create_stack(StackName="photos", TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_create_complete").wait(
        StackName="photos", WaiterConfig={"Delay": 1, "MaxAttempts": 20}
    )
    Path(".tintype/local.json").unlink()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", cloud.server.root.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", cloud.server.root.secret_key)
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.server.endpoint)
    monkeypatch.setenv("TINTYPE_STACK", "photos")

    listed = tintype("list", "--region", REGION)
    reindexed = tintype("reindex", "--region", REGION)
    unknown = tintype("list", "--stack", "unknown", "--region", REGION)

    assert "beach.jpg" in listed.out, listed.err
    assert f"0 manifests in stack photos in {REGION}" in reindexed.out, reindexed.err
    assert unknown.code == 2
    assert "no_stack" in unknown.err
