"""The packages bucket: its name, whose it is, and what stays in it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.stub import ANY

from tests.deployment.conftest import ACCOUNT, REGION, Stubbed
from tintype.aws.errors import AccessDeniedError
from tintype.deployment.packages import (
    LONGEST_NAME,
    PackagesBucket,
    bucket_name,
    forgettable,
    template_key,
)
from tintype.releases import Manifest, Release

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
    manifest = Manifest("1.2.3", "tintype", "t.json", "c.json", ("new.zip",), {}, "3.13", {}, 1, ())
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
    stubbed.answers("s3", "create_bucket", {}, Bucket=NAME, CreateBucketConfiguration=place)
    for operation, what in (
        ("put_public_access_block", "PublicAccessBlockConfiguration"),
        ("put_bucket_policy", "Policy"),
        ("put_bucket_tagging", "Tagging"),
    ):
        stubbed.answers("s3", operation, {}, Bucket=NAME, **{what: ANY}, **OWNED)

    bucket.create("tintype")


def test_bucket_of_somebody_else_is_not_touched(stubbed: Stubbed, bucket: PackagesBucket) -> None:
    stubbed.refuses("s3", "head_bucket", "403", "Forbidden", status=403)

    with pytest.raises(AccessDeniedError):
        bucket.create("tintype")


def test_package_that_is_there_is_not_missing(
    stubbed: Stubbed, bucket: PackagesBucket, release: Release
) -> None:
    listed = {"Contents": [{"Key": "old.zip"}]}
    stubbed.answers("s3", "list_objects_v2", listed, Bucket=NAME, **OWNED)
    stubbed.answers("s3", "list_objects_v2", {"Contents": [{"Key": "new.zip"}]})

    assert [path.name for path in bucket.missing(release)] == ["new.zip"]
    assert bucket.missing(release) == []


def test_release_is_noted_and_what_the_last_five_do_not_need_goes(
    stubbed: Stubbed, bucket: PackagesBucket, release: Release
) -> None:
    notes = [f"releases/2026010{day}T000000Z-1.{day}.0.txt" for day in range(1, 6)]
    noted = "releases/20261121T140000Z-1.2.3.txt"
    template = template_key(release.template)
    needed = {note: f"old.zip {note}.zip" for note in notes} | {noted: f"new.zip {template}"}
    keys = ["new.zip", "old.zip", "older.zip", template, "templates/old.json", *notes]
    stubbed.answers("s3", "list_objects_v2", {"Contents": [{"Key": key} for key in keys]})
    told(stubbed, notes[-1], needed[notes[-1]])
    stubbed.answers(
        "s3",
        "put_object",
        {},
        Bucket=NAME,
        Key=noted,
        Body=f"new.zip\n{template}\n".encode(),
        **OWNED,
    )
    for note in [noted, *notes[:0:-1]]:
        told(stubbed, note, needed[note])
    for key in ("older.zip", "templates/old.json", notes[0]):
        stubbed.answers("s3", "delete_object", {}, Bucket=NAME, Key=key, **OWNED)

    bucket.remember(release, datetime(2026, 11, 21, 14, tzinfo=UTC))


def told(stubbed: Stubbed, note: str, text: str) -> None:
    """Let the next request be for this note."""
    body = {"Body": io.BytesIO(text.encode())}
    stubbed.answers("s3", "get_object", body, Bucket=NAME, Key=note, **OWNED)


def test_same_release_again_is_not_noted_again(
    stubbed: Stubbed, bucket: PackagesBucket, release: Release
) -> None:
    note = "releases/20260101T000000Z-1.2.3.txt"
    text = f"{template_key(release.template)}\nnew.zip\n"
    keys = [{"Key": key} for key in ("new.zip", template_key(release.template), note)]
    stubbed.answers("s3", "list_objects_v2", {"Contents": keys})
    told(stubbed, note, text)
    told(stubbed, note, text)

    bucket.remember(release)


def test_release_that_was_deployed_many_times_counts_once() -> None:
    notes = {"releases/1-1.0.txt": "a.zip"} | {
        f"releases/{n}-1.1.txt": "b.zip" for n in range(2, 9)
    }

    gone = forgettable(["a.zip", "b.zip", "c.zip", *notes], notes.__getitem__, 2)

    assert gone == ["c.zip", *list(notes)[1:-1]]


@pytest.mark.parametrize(
    ("keys", "alone"),
    [(["templates/a.json"], True), ([], True), (["templates/a.json", "a.zip"], False)],
)
def test_bucket_with_a_package_is_more_than_a_look_at_changes(
    stubbed: Stubbed, bucket: PackagesBucket, keys: list[str], *, alone: bool
) -> None:
    stubbed.answers("s3", "head_bucket", {}, Bucket=NAME, **OWNED)
    stubbed.answers("s3", "list_objects_v2", {"Contents": [{"Key": key} for key in keys]})

    assert bucket.has_templates_alone() is alone


def test_nothing_of_strangers_is_forgotten() -> None:
    assert forgettable(["notes.txt", "a/b.txt"], lambda _note: "") == []
