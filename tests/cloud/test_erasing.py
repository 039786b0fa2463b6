"""Erasing an owner of a deployed stack, at whose events the functions are at work meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cloud.operator import Operator
from tests.cloud.stack import Json
from tests.cloud.test_signing_in import Machine, machine
from tests.pictures import picture
from tintype.imaging import Format

__all__ = ["machine"]  # a fixture

EMAIL = "ann@example.com"
PNG = picture(64, 48, Format.PNG)
LATE_SECONDS = 3.0  # for events that arrive after the command


@pytest.fixture(scope="module")
def keys(machine: Machine) -> dict[str, str]:
    """Give ann, a user, and the program bob-7 a key each; return them by owner."""
    owner = machine.document("users", "add", EMAIL)["owner"]
    scopes = ("--scope=read", "--scope=upload", "--scope=delete")
    return {
        one: machine.document("keys", "add", "own", *scopes, f"--owner={one}")["key"]
        for one in (owner, "bob-7")
    }


def furnish(machine: Machine, folder: Path, key: str, name: str) -> list[Json]:
    """Upload two images, the second of which is deleted again; return both as they were."""
    images = []
    for number in range(2):
        (folder / f"{name}-{number}.png").write_bytes(picture(60 + number, 40, Format.PNG))
        done = machine.document("upload", str(folder / f"{name}-{number}.png"), key=key)
        shown = machine.document("show", done["uploads"][0]["imageId"], key=key)
        images.append(shown["image"])
    machine.says("delete", images[1]["id"], "--yes", key=key)
    return images


def stored(operator: Operator) -> Iterator[str]:
    """Yield all that is stored, a line for each version of an object and each item."""
    s3, dynamodb, outputs = operator.client("s3"), operator.client("dynamodb"), operator.outputs
    for bucket in (outputs["OriginalsBucket"], outputs["RenditionsBucket"]):
        listed: dict[str, Any] = s3.list_object_versions(Bucket=bucket)
        assert not listed["IsTruncated"]
        for one in listed.get("Versions", []):
            asked = {"Bucket": bucket, "Key": one["Key"], "VersionId": one["VersionId"]}
            found = s3.get_object(**asked)
            yield f"{asked} {found['Body'].read()!r} {found['Metadata']}"
        for one in listed.get("DeleteMarkers", []):
            yield f"{bucket} {one['Key']} marker"
    for table in (outputs["ImagesTable"], outputs["AccessTable"]):
        for item in dynamodb.scan(TableName=table)["Items"]:
            item.pop("lastUsedAt", None)
            yield f"{table} {item}"


def about(operator: Operator, names: list[str]) -> list[str]:
    return sorted(one for one in stored(operator) if any(name in one for name in names))


def ticket(machine: Machine, key: str) -> Json:
    wanted = {"filename": "late.png", "contentType": "image/png", "size": len(PNG)}
    headers = {"authorization": f"Bearer {key}"}
    address = f"{machine.cloud.outputs['ApiUrl']}/uploads"
    given: Json = httpx.post(address, json=wanted, headers=headers).raise_for_status().json()
    return given


def test_erasing_one_owner_leaves_nothing_of_hers_and_the_other_s_as_it_was(
    machine: Machine, keys: dict[str, str], tmp_path: Path
) -> None:
    assert machine.operator
    ann, bob = keys
    hers, his = (furnish(machine, tmp_path, keys[one], one[:3]) for one in keys)
    link = ticket(machine, keys[ann])
    names = [ann, *(one["id"] for one in hers), link["imageId"]]
    bob_s = [bob, *(one["id"] for one in his)]
    time.sleep(LATE_SECONDS)  # until the deletion is recorded
    addresses = [one["url"] for one in hers[0]["renditions"]]
    assert {httpx.get(one).status_code for one in addresses} == {200}
    before = about(machine.operator, bob_s)
    assert len(about(machine.operator, names)) > len(hers)

    erased = machine.document("owners", "erase", ann, "--user", "--yes")

    assert (erased["left"], erased["user"]) == ([], True)
    for _ in range(2):
        assert about(machine.operator, names) == []
        assert about(machine.operator, bob_s) == before
        assert {httpx.get(one).status_code for one in addresses} <= {403, 404}
        time.sleep(LATE_SECONDS)
    assert "invalid_api_key" in machine.says("list", key=keys[ann], fails=True)
    assert EMAIL not in machine.says("users", "list")
    assert [one["url"] for one in his[0]["renditions"] if httpx.get(one["url"]).is_success]


def test_what_is_uploaded_afterwards_with_an_old_link_is_taken_by_the_next_run(
    machine: Machine, keys: dict[str, str]
) -> None:
    assert machine.operator
    bob = list(keys)[1]
    link = ticket(machine, keys[bob])
    machine.says("owners", "erase", bob, "--yes")
    upload = link["upload"]
    answer = httpx.put(upload["url"], content=PNG, headers=upload["headers"])
    assert answer.is_success, answer.text
    deadline = time.monotonic() + 30
    while not any("READY" in one for one in about(machine.operator, [link["imageId"]])):
        assert time.monotonic() < deadline
        time.sleep(0.2)

    erased = machine.document("owners", "erase", bob, "--yes")

    assert (erased["images"], erased["left"]) == (1, [])
    assert about(machine.operator, [bob, link["imageId"]]) == []
