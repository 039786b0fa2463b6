"""The packages bucket: its name, whose it is, and what stays in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.stub import ANY

from tests.deployment.conftest import ACCOUNT, REGION, Stubbed
from tintype.aws.errors import AccessDeniedError
from tintype.deployment.artifacts import (
    LONGEST_NAME,
    PackagesBucket,
    bucket_name,
    template_key,
)
from tintype.releases import Release, ReleaseManifest

NAME = "tintype-packages-123456789012-eu-central-1"
OWNED = {"ExpectedBucketOwner": ACCOUNT}


@pytest.fixture
def bucket(stubbed: Stubbed) -> PackagesBucket:
    return PackagesBucket(stubbed.clients, NAME, ACCOUNT)


@pytest.fixture
def release(tmp_path: Path) -> Release:
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "new.zip").write_bytes(b"code")
    (tmp_path / "t.json").write_text("{}")
    manifest = ReleaseManifest(
        "1.2.3", "tintype", "t.json", "c.json", ("new.zip",), {}, "3.13", {}, 1, ()
    )
    return Release(tmp_path, manifest)


@pytest.mark.parametrize("stack", ["a" * 128, "A-long-and-Capital-name-of-a-stack-of-ours"])
def test_long_names_are_cut_so_that_s3_takes_them_and_stay_apart(stack: str) -> None:
    names = {bucket_name(f"{stack}{end}", ACCOUNT, "ap-southeast-2") for end in ("x", "y")}

    assert len(names) == 2
    assert all(len(name) <= LONGEST_NAME for name in names)
    assert all(name == name.lower() for name in names)


def test_new_bucket_is_closed_and_its_owner_is_named_in_every_call(
    stubbed: Stubbed, bucket: PackagesBucket
) -> None:
    place = {"LocationConstraint": REGION}
    stubbed.refuses("s3", "head_bucket", "404", status=404)
    stubbed.respond_with("s3", "create_bucket", {}, Bucket=NAME, CreateBucketConfiguration=place)
    for operation, what in (
        ("put_public_access_block", "PublicAccessBlockConfiguration"),
        ("put_bucket_policy", "Policy"),
        ("put_bucket_tagging", "Tagging"),
    ):
        stubbed.respond_with("s3", operation, {}, Bucket=NAME, **{what: ANY}, **OWNED)

    bucket.create("tintype")


def test_bucket_of_somebody_else_is_not_touched(stubbed: Stubbed, bucket: PackagesBucket) -> None:
    stubbed.refuses("s3", "head_bucket", "403", "Forbidden", status=403)

    with pytest.raises(AccessDeniedError):
        bucket.create("tintype")


def test_package_that_is_there_is_not_missing(
    stubbed: Stubbed, bucket: PackagesBucket, release: Release
) -> None:
    listed = {"Contents": [{"Key": "old.zip"}]}
    stubbed.respond_with("s3", "list_objects_v2", listed, Bucket=NAME, **OWNED)
    stubbed.respond_with("s3", "list_objects_v2", {"Contents": [{"Key": "new.zip"}]})

    assert [path.name for path in bucket.missing(release)] == ["new.zip"]
    assert bucket.missing(release) == []


def test_what_the_deployed_release_does_not_need_goes(
    stubbed: Stubbed, bucket: PackagesBucket, release: Release
) -> None:
    keys = ["new.zip", template_key(release.template), "notes.txt", "a/b.txt"]
    old = ["old.zip", "templates/old.json"]
    stubbed.respond_with(
        "s3", "list_objects_v2", {"Contents": [{"Key": key} for key in [*keys, *old]]}
    )
    for key in old:
        stubbed.respond_with("s3", "delete_object", {}, Bucket=NAME, Key=key, **OWNED)

    bucket.keep_only(release)


@pytest.mark.parametrize(
    ("keys", "alone"),
    [(["templates/a.json"], True), ([], True), (["templates/a.json", "a.zip"], False)],
)
def test_bucket_with_a_package_is_more_than_a_look_at_changes(
    stubbed: Stubbed, bucket: PackagesBucket, keys: list[str], *, alone: bool
) -> None:
    stubbed.respond_with("s3", "head_bucket", {}, Bucket=NAME, **OWNED)
    stubbed.respond_with("s3", "list_objects_v2", {"Contents": [{"Key": key} for key in keys]})

    assert bucket.has_templates_alone() is alone
