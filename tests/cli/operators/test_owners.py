"""`tintype owners`: listed, exported, and erased after the owner's name was typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.aws.emulator import Emulator
from tests.cli.conftest import Tintype
from tests.cli.operators.conftest import ADMINS, Access
from tests.cli.service import Service
from tests.maintenance.belongings import about, everything, furnish, operated
from tests.maintenance.operated import client
from tintype.maintenance.owned import Stores
from tintype.usage import Usage, counters_id

EMAIL = "ann@example.com"


@dataclass(frozen=True)
class Furnished:
    """A stack with a user who has signed up, and what she and bob have in it."""

    server: Emulator
    stores: Stores
    owner: str
    hers: dict[str, str]
    distribution: str

    @property
    def lines(self) -> list[str]:
        return about(everything(self.server, self.stores), self.owner, self.hers)


@pytest.fixture
def furnished(
    server: Emulator, stack: Service, access: Access, tintype: Tintype
) -> Iterator[Furnished]:
    with operated(server, f"o{uuid4().hex[:12]}") as (cloud, stores):
        outputs = {
            **stack.outputs,
            **cloud.outputs,
            "AccessMode": "cognito",
            "UserPoolId": access.pool.id,
            "AccessTable": stores.access.name,
            "AdminGroup": ADMINS,
            "DistributionId": distribution(server),
        }
        stack.announce_local(server.endpoint, outputs, server.root.access_key)
        owner = tintype("users", "add", EMAIL, "--json").document["owner"]
        hers = furnish(cloud, stores, owner)
        furnish(cloud, stores, "bob")
        yield Furnished(server, stores, owner, hers, outputs["DistributionId"])


def distribution(server: Emulator) -> str:
    origin = {
        "Id": "s3",
        "DomainName": "b.s3.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    config: dict[str, Any] = {
        "CallerReference": uuid4().hex,
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {
            "TargetOriginId": "s3",
            "ViewerProtocolPolicy": "https-only",
            "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        },
    }
    made = client(server, "cloudfront").create_distribution(DistributionConfig=config)
    return str(made["Distribution"]["Id"])


def test_owners_are_listed_with_images_and_bytes(tintype: Tintype, furnished: Furnished) -> None:
    lines = [line.split("\t") for line in tintype("owners", "list").out.splitlines()]
    document = tintype("owners", "list", "--json").document

    assert sorted(lines) == sorted([[furnished.owner, "5", "25", "20"], ["bob", "5", "25", "20"]])
    assert {one["owner"]: one["images"] for one in document["owners"]} == {
        furnished.owner: 5,
        "bob": 5,
    }


def test_recount_corrects_the_counters_of_one_owner_or_of_all(
    tintype: Tintype, furnished: Furnished
) -> None:
    access, images = furnished.stores.access, furnished.stores.images
    for owner in (furnished.owner, "bob"):
        there = access.get(counters_id(owner))
        assert access.set_counters(owner, Usage(70, 70), replaces=there)

    one = tintype("owners", "recount", "bob", "--json")
    rest = tintype("owners", "recount")

    records = {item["id"]: item.get("owner") for item in images.scan()}
    (document,) = one.document["owners"]
    assert (document["owner"], document["imagesBefore"]) == ("bob", 70)
    for owner in (furnished.owner, "bob"):
        assert images.used(owner).images == list(records.values()).count(owner)
    assert "70 images, 70 bytes counted" in rest.out


def test_export_has_the_user_s_attributes_and_keys_without_hashes(
    tintype: Tintype, furnished: Furnished, tmp_path: Path
) -> None:
    folder = tmp_path / "ann"

    ended = tintype("owners", "export", furnished.owner, str(folder))

    assert ended.code == 0, ended.err
    assert f"{len(furnished.hers)} images in" in ended.out
    owner = json.loads((folder / "owner.json").read_text())
    assert owner["user"]["attributes"]["email"] == EMAIL
    assert owner["quota"]["images"] == 5
    assert [one["name"] for one in owner["apiKeys"]] == ["shop"]
    assert "hash" not in (folder / "owner.json").read_text()
    again = tintype("owners", "export", furnished.owner, str(folder), "--json").document
    assert (again["images"], again["written"], again["failed"]) == (len(furnished.hers), 0, [])


def test_export_of_nobody_is_an_error_and_makes_no_folder(
    tintype: Tintype, furnished: Furnished, tmp_path: Path
) -> None:
    assert furnished

    ended = tintype("owners", "export", "nobody", str(tmp_path / "nobody"))

    assert ended.code == 1
    assert "unknown_owner: the local cloud stores nothing of nobody" in ended.err
    assert not (tmp_path / "nobody").exists()


def test_export_into_another_folder_s_files_is_an_error(
    tintype: Tintype, furnished: Furnished, tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    ended = tintype("owners", "export", furnished.owner, str(tmp_path))

    assert ended.code == 1
    assert "export_folder" in ended.err


def test_nothing_is_erased_without_confirmation(tintype: Tintype, furnished: Furnished) -> None:
    before = furnished.lines

    ended = tintype("owners", "erase", furnished.owner)

    assert ended.code == 1
    said = " ".join(ended.err.split())
    assert "not_confirmed" in said
    assert f"{len(furnished.hers)} images, deleted ones included" in said
    assert f"user {EMAIL}: kept; --user deletes it" in said
    assert furnished.lines == before


def test_erase_takes_everything_and_the_user_only_if_asked(
    tintype: Tintype, furnished: Furnished, access: Access
) -> None:
    ended = tintype("owners", "erase", furnished.owner, "--yes")

    assert ended.code == 0, ended.err
    assert furnished.lines == []
    assert "nothing of this owner was found afterwards" in ended.err
    assert "upload links" in ended.err
    assert access.pool.with_subject(furnished.owner)
    listed = client(furnished.server, "cloudfront").list_invalidations(
        DistributionId=furnished.distribution
    )
    assert listed["InvalidationList"]["Quantity"] == 1

    again = tintype("owners", "erase", furnished.owner, "--user", "--yes", "--json").document

    assert (again["images"], again["user"], again["left"]) == (0, True, [])
    assert access.pool.with_subject(furnished.owner) is None


def test_erasing_a_user_needs_a_pool(
    tintype: Tintype, furnished: Furnished, stack: Service
) -> None:
    outputs = {**stack.outputs, "AccessMode": "open", "UserPoolId": "", "AccessTable": "a"}
    outputs |= {"OriginalsBucket": "o", "RenditionsBucket": "r", "ImagesTable": "i"}
    stack.announce_local(furnished.server.endpoint, outputs, furnished.server.root.access_key)

    ended = tintype("owners", "erase", "public", "--user", "--yes")

    assert ended.code == 2
    assert "no_user_pool" in ended.err


@pytest.mark.parametrize("owner", ["two words", "a/b", ""])
def test_an_owner_that_cannot_be_is_a_mistake(tintype: Tintype, owner: str) -> None:
    assert tintype("owners", "erase", owner, "--yes").code == 2
