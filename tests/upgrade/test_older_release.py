"""A stack of the older release becomes one of this release: with images in it, and people at work."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cloud.stack import Json, Stack
from tests.deploy.account import Account
from tests.deploy.person import Person
from tests.deploy.script import Script
from tests.deploy.smoke import smoke
from tests.deploy.tools import ROOT
from tests.upgrade.changing import fail_at_the_end, with_template
from tests.upgrade.older import COMMIT, NoHistoryError, OlderRelease, take_out
from tests.upgrade.people import (
    DRAWING,
    PHOTOGRAPH,
    Known,
    Left,
    fetched,
    known_now,
    listed,
    outputs_of,
    record,
    resources_of,
    watching,
)
from tests.upgrade.updating import Updated, messages_in
from tintype.releases import read_release

# Of records that the older release wrote: they are public, and have no focus.
NEW_FIELDS: dict[str, object] = {"visibility": "public", "focus": None, "notes": []}
PRESETS = {"processed", "thumb", "small", "display"}


def presets_of(image: Json) -> set[str]:
    return {rendition["preset"] for rendition in image["renditions"]}


def test_shallow_clone_is_told_how_to_get_the_history(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    shallow = ["git", "clone", "--quiet", "--no-checkout", "--depth=1", ROOT.as_uri(), str(clone)]
    subprocess.run(shallow, check=True)  # noqa: S603 - our own arguments

    with pytest.raises(NoHistoryError, match=r"git fetch --unshallow"):
        take_out(clone, tmp_path / "tree")


@pytest.mark.parametrize("page", ["docs/how-to/upgrade.md", "CHANGELOG.md", "CONTRIBUTING.md"])
def test_documentation_says_from_which_commit_one_can_update(page: str) -> None:
    assert COMMIT[:7] in (ROOT / page).read_text("utf-8")


# What follows is one story, in this order: the stack is what the test before has left.


def test_update_that_fails_leaves_the_older_release_at_work(
    tintype: Person,
    stack: Stack,
    account: Account,
    left: Left,
    before: Known,
    release: Path,
    tmp_path: Path,
) -> None:
    broken = with_template(release, tmp_path / "broken", fail_at_the_end)
    code = code_of(account, stack.outputs)

    ended = tintype("deploy", "--public", "--release", broken, "--yes")

    assert ended.code == 1
    assert "deployment_failed" in ended.err
    assert "impossible role" in ended.err
    assert status_of(account) == "UPDATE_ROLLBACK_COMPLETE"
    assert code_of(account, stack.outputs) == code
    assert known_now(stack, account, left) == before
    assert stack.ready(stack.upload(DRAWING, "meanwhile.png"))["filename"] == "meanwhile.png"


def test_plan_loses_nothing_and_replaces_nothing(
    updated: Updated, older: OlderRelease, release: Path
) -> None:
    plan = updated.plan

    assert plan["losses"] == []
    assert {plan["counts"][what] for what in ("replaced", "perhapsReplaced", "removed")} == {0}
    direct = {
        change["title"]: change["properties"] for change in plan["changes"] if not change["follows"]
    }
    assert {setting["before"] for setting in plan["settings"]} <= {None}  # there was none
    was, now = (read_release(one).manifest.functions for one in (older.release, release))
    for name in now:
        said = direct.get(f"{name} function", [])
        assert ("Code" in said) is (was[name] != now[name]), name


def test_addresses_and_names_are_what_they_were(
    updated: Updated, account: Account, before: Known
) -> None:
    outputs, resources = outputs_of(account), resources_of(account)

    assert updated.document["outcome"] == "updated"
    # What `Access` says to people is in other words now.
    same = before.outputs.keys() - {"Access"}
    assert {name: outputs.get(name) for name in same} == {
        name: before.outputs[name] for name in same
    }
    assert {name: resources.get(name) for name in before.resources} == before.resources


def test_records_and_renditions_are_what_they_were(
    updated: Updated, stack: Stack, account: Account, left: Left, before: Known
) -> None:
    assert updated

    after = known_now(stack, account, left)

    wanted = {image_id: {**NEW_FIELDS, **one} for image_id, one in before.images.items()}
    assert after.images == wanted
    assert after.renditions == before.renditions
    assert len(before.renditions) == 18
    processed = stack.request("GET", f"/get-processed-image-url?filename={left.plain}").json()
    assert before.renditions[processed["url"]]


def test_what_was_deleted_stays_deleted(updated: Updated, stack: Stack, left: Left) -> None:
    assert updated
    assert stack.image(left.deleted["id"]) is None
    assert left.deleted["id"] not in listed(stack)
    for rendition in left.deleted["renditions"]:
        assert stack.client.get(rendition["url"]).status_code in {403, 404}


def test_uploads_during_the_update_were_all_taken_and_processed(
    updated: Updated, stack: Stack
) -> None:
    assert updated.refused == []
    assert updated.image_ids  # one may take as long as the update, on a busy machine
    for image_id in updated.image_ids:
        assert presets_of(stack.ready(image_id)) == PRESETS


def test_what_waited_in_the_queues_during_the_update_is_done_after_it(
    updated: Updated, stack: Stack, account: Account
) -> None:
    waited = updated.waited

    for image in (waited.uploaded, waited.rendered):
        assert image["status"] != "READY"
        assert presets_of(stack.ready(image["id"])) == PRESETS
    assert rendered_again(stack, waited.again)["status"] == "READY"
    assert stack.when(waited.deleted["id"], lambda image: image is None) is None
    for reader in ("Process", "Catalogue"):
        unread = stack.outputs[f"{reader}DeadLetterQueueUrl"]
        assert messages_in(account, unread) == 0, f"the {reader} function cannot read all"


def test_ticket_from_before_the_update_is_good_after_it(
    updated: Updated, stack: Stack, left: Left
) -> None:
    assert updated

    answer = stack.put(left.ticket, DRAWING)

    assert answer.status_code == 200, answer.text
    assert stack.ready(left.ticket["imageId"])["filename"] == "later.png"
    forgotten = stack.image(left.forgotten["imageId"])
    assert forgotten is not None
    assert forgotten["status"] == "AWAITING_UPLOAD"


def test_page_is_the_new_one_and_the_files_of_the_older_one_stay_for_open_tabs(
    updated: Updated, stack: Stack, older: OlderRelease, release: Path
) -> None:
    assert updated
    cdn = stack.outputs["CdnUrl"]
    files = {path.name for path in (older.release / "site").iterdir()}
    scripts = {name for name in files if name.endswith((".js", ".css"))}
    fresh = {path.name for path in (release / "site").iterdir()}

    for name in sorted(scripts):
        assert stack.client.get(f"{cdn}/{name}").status_code == 200, name
    assert scripts - fresh
    index = (release / "site" / "index.html").read_bytes()
    assert (
        fetched(stack, f"{cdn}/") == index != (older.release / "site" / "index.html").read_bytes()
    )


def test_older_key_still_asks_and_hears(
    updated: Updated, stack: Stack, account: Account, left: Left, before: Known
) -> None:
    config = json.loads(fetched(stack, f"{stack.outputs['CdnUrl']}/config.json"))

    with watching(stack, account) as watcher:
        image_id = stack.upload(PHOTOGRAPH, "watched.jpg", "image/jpeg")
        heard = watcher.until(image_id, "READY")

    assert config["apiKey"] == updated.document["outputs"]["GraphqlApiKey"]
    assert heard[-1]["renditions"]
    known = listed(stack)
    for image_id in left.kept:
        urls = [one["url"] for one in before.images[image_id]["renditions"]]
        assert [one["url"] for one in known[image_id]["renditions"]] == urls


def test_updated_stack_does_its_work(updated: Updated, account: Account) -> None:
    smoke(account, updated.document["outputs"])


def test_older_image_can_be_rendered_again_and_deleted(
    updated: Updated, tintype: Person, account: Account, stack: Stack, left: Left, before: Known
) -> None:
    """By who has a key for it: anyone may see and upload, as the settings say from now on."""
    assert updated
    older = before.images[left.drawing]
    made = tintype("keys", "add", "mend", "--scope", "delete", "--stack", "tintype")
    key = {"authorization": f"Bearer {made.out.split()[0]}"}
    account.client("dynamodb").update_item(
        TableName=updated.document["outputs"]["ImagesTable"],
        Key={"id": {"S": left.drawing}},
        UpdateExpression="SET presetsRevision = :older",
        ExpressionAttributeValues={":older": {"S": "older"}},
    )

    stranger = stack.request("DELETE", f"/images/{left.drawing}")
    asked = stack.request("POST", f"/images/{left.drawing}/reprocess", headers=key)
    again = rendered_again(stack, older)
    stack.request("DELETE", f"/images/{left.drawing}", headers=key)

    assert stranger.status_code == 403

    assert asked.status_code == 202
    assert again["status"] == "READY"
    assert again["original"]["sha256"] == older["original"]["sha256"]
    assert stack.when(left.drawing, lambda image: image is None) is None


def test_second_update_has_nothing_to_do(
    updated: Updated, tintype: Person, account: Account, release: Path
) -> None:
    resources = resources_of(account)

    plan = tintype("deploy", "--public", "--plan", "--json", "--release", release)
    again = tintype("deploy", "--public", "--yes", "--json", "--release", release)

    assert updated
    assert plan.document["changes"] == plan.document["settings"] == []
    assert again.document["outcome"] == "unchanged"
    assert resources_of(account) == resources


def test_older_release_can_be_put_back(
    updated: Updated,
    older: OlderRelease,
    stack: Stack,
    account: Account,
    left: Left,
    before: Known,
) -> None:
    code = code_of(account, stack.outputs)
    photograph = record(stack, left.photograph)

    older.deploy(account, "--allow-loss")  # of the table of API keys

    assert outputs_of(account) == before.outputs
    assert not code.items() & code_of(account, stack.outputs).items()
    assert {**record(stack, left.photograph), **NEW_FIELDS} == photograph
    assert stack.ready(updated.image_ids[0])
    assert presets_of(stack.ready(stack.upload(DRAWING, "back.png"))) == PRESETS


def test_deploy_sh_updates_the_older_release_as_well(
    updated: Updated, account: Account, before: Known, release: Path, stack: Stack, left: Left
) -> None:
    photograph = record(stack, left.photograph)
    script = Script(release, account)

    said = script("deploy", "--public", "--yes", "--stack", "tintype", "--region", account.region)

    assert "LOST" not in said
    assert script.outputs("tintype") == updated.document["outputs"]
    assert {name: resources_of(account).get(name) for name in before.resources} == before.resources
    assert record(stack, left.photograph) == {**photograph, **NEW_FIELDS}
    assert [
        one["url"]
        for one in photograph["renditions"]
        if fetched(stack, one["url"]) != before.renditions[one["url"]]
    ] == []


def rendered_again(stack: Stack, earlier: Json) -> Json:
    """Return an image as soon as it was processed again: that begins and ends."""
    again = stack.when(
        earlier["id"], lambda image: bool(image and image["version"] > earlier["version"] + 1)
    )
    assert again is not None
    return again


def status_of(account: Account) -> str:
    stacks = account.client("cloudformation").describe_stacks(StackName="tintype")["Stacks"]
    return str(stacks[0]["StackStatus"])


def code_of(account: Account, outputs: Mapping[str, str]) -> dict[str, str]:
    """Return the digest of each function's code, by the function's name."""
    functions = account.client("lambda")
    names = (outputs[name] for name in ("ApiFunction", "ProcessFunction", "CatalogueFunction"))
    return {
        name: functions.get_function(FunctionName=name)["Configuration"]["CodeSha256"]
        for name in names
    }
