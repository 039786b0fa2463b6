"""Buckets on the emulator: objects, conditions, keys of all kinds, listings, refusals."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.aws.conftest import BUCKET, Cloud
from tintype.aws.account import Account
from tintype.aws.errors import (
    AccessDeniedError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
)
from tintype.aws.s3 import Bucket, ObjectTooLargeError, _versions
from tintype.aws.signing import Credentials

ODD_KEYS = [
    "plain/name.jpg",
    "a space and a+plus.jpg",
    "Café ☕ 写真.jpg",
    "percent%20encoded%2Fname",
    "double//slash",
    "trailing/",
    "q?mark#hash&and=equals",
    "quote'\"<xml>&amp;",
    "tilde~star*(bracket)[square]{curly}|pipe\\back^caret`tick",
    "x" * 1024,
    "é" * 512,
]


@pytest.fixture
def bucket(account: Account) -> Bucket:
    return Bucket(account, BUCKET)


def put(bucket: Bucket, key: str, data: bytes = b"bytes", **conditions: object) -> str:
    return bucket.put(key, data, content_type="image/png", **conditions)  # type: ignore[arg-type]


def test_an_object_comes_back_as_it_was_written(bucket: Bucket) -> None:
    data = os.urandom(3_000_000)

    etag = bucket.put(
        "whole",
        data,
        content_type="image/avif",
        cache_control="public, max-age=31536000, immutable",
        metadata={"Filename": "Caf%C3%A9.jpg", "sequencer": "00A1"},
        tags={"tintype": "deleted", "why": "a b&c"},
    )

    stored = bucket.get("whole")
    assert (stored.data, stored.etag, stored.size) == (data, etag, len(data))
    assert stored.content_type == "image/avif"
    assert stored.metadata == {"filename": "Caf%C3%A9.jpg", "sequencer": "00A1"}
    assert abs((datetime.now(UTC) - stored.last_modified).total_seconds()) < 60


def test_tags_and_cache_control_are_stored(bucket: Bucket, cloud: Cloud) -> None:
    tags = {"tintype": "deleted", "why": "a b&c"}
    bucket.put("tagged", b"x", content_type="text/plain", cache_control="no-store", tags=tags)

    s3 = cloud.client("s3")
    found = s3.get_object_tagging(Bucket=BUCKET, Key="tagged")["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in found} == tags
    assert s3.head_object(Bucket=BUCKET, Key="tagged")["CacheControl"] == "no-store"


def test_head_says_everything_but_the_bytes(bucket: Bucket) -> None:
    etag = put(bucket, "head", b"twelve bytes", metadata={"a": "b"})

    found = bucket.head("head")

    assert (found.data, found.size, found.etag) == (b"", 12, etag)
    assert (found.content_type, found.metadata) == ("image/png", {"a": "b"})


def test_a_version_that_is_deleted_for_good_leaves_the_one_before(
    account: Account, cloud: Cloud
) -> None:
    s3, bucket = cloud.client("s3"), Bucket(account, "versions")
    s3.create_bucket(
        Bucket=bucket.name, CreateBucketConfiguration={"LocationConstraint": account.region}
    )
    s3.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    put(bucket, "a b+c", b"first")
    second = s3.put_object(Bucket=bucket.name, Key="a b+c", Body=b"second")["VersionId"]

    bucket.delete("a b+c", version=second)
    bucket.delete("a b+c", version=second)

    assert bucket.get("a b+c").data == b"first"
    found = s3.list_object_versions(Bucket=bucket.name)
    assert [one["Size"] for one in found["Versions"]] == [len(b"first")]
    assert not found.get("DeleteMarkers")


def test_the_versions_of_one_key_are_listed_newest_first_with_its_deletions(
    account: Account, cloud: Cloud
) -> None:
    key = "a b+c %20 ä.png"
    s3, bucket = cloud.client("s3"), Bucket(account, "histories")
    s3.create_bucket(
        Bucket=bucket.name, CreateBucketConfiguration={"LocationConstraint": account.region}
    )
    s3.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    first = put(bucket, key, b"1")
    put(bucket, f"{key}x", b"another's")
    bucket.delete(key)
    second = put(bucket, key, b"22")

    found = list(bucket.versions(key))

    assert [(one.etag, one.size) for one in found if not one.is_marker] == [(second, 2), (first, 1)]
    assert [one.is_marker for one in found] == [False, True, False]
    assert bucket.get(key).version == found[0].id
    assert bucket.get(key, version=found[2].id).data == b"1"
    assert {one.key for one in bucket.versions_below("a b")} == {key, f"{key}x"}
    assert list(bucket.versions("nothing")) == []


def test_the_versions_of_a_key_may_take_several_pages() -> None:
    page = """<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
        <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
        <NextKeyMarker>a%2Bb+c</NextKeyMarker><NextVersionIdMarker>one</NextVersionIdMarker>
        <Version><Key>a%2Bb+c</Key><VersionId>one</VersionId><ETag>"1"</ETag><Size>3</Size>
        <LastModified>2026-11-21T00:00:00.000Z</LastModified></Version>{}</ListVersionsResult>"""
    other = """<DeleteMarker><Key>a%2Bb+cd</Key><VersionId>two</VersionId>
        <LastModified>2026-11-21T00:00:00.000Z</LastModified></DeleteMarker>"""

    found, more = _versions(page.format("").encode())
    assert [(one.key, one.version.id) for one in found] == [("a+b c", "one")]
    assert more == {"key-marker": "a+b c", "version-id-marker": "one"}

    found, _ = _versions(page.format(other).encode())
    assert [(one.key, one.version.is_marker) for one in found] == [
        ("a+b c", False),
        ("a+b cd", True),
    ]


def test_an_empty_object_is_an_object(bucket: Bucket) -> None:
    put(bucket, "empty", b"", metadata={"a": "b"})

    for found in (bucket.get("empty"), bucket.get("empty", max_bytes=10)):
        assert (found.data, found.size, found.metadata) == (b"", 0, {"a": "b"})


@pytest.mark.parametrize("max_bytes", [12, 13, 5_000_000])
def test_an_object_within_the_limit_comes_whole(bucket: Bucket, max_bytes: int) -> None:
    etag = put(bucket, "limited", b"twelve bytes")

    found = bucket.get("limited", max_bytes=max_bytes)

    assert (found.data, found.size, found.etag) == (b"twelve bytes", 12, etag)


@pytest.mark.parametrize("max_bytes", [1, 11])
def test_an_object_beyond_the_limit_stays_where_it_is(bucket: Bucket, max_bytes: int) -> None:
    etag = put(bucket, "limited", b"twelve bytes", metadata={"a": "b"})

    with pytest.raises(ObjectTooLargeError, match="12 bytes") as caught:
        bucket.get("limited", max_bytes=max_bytes)

    head = caught.value.head
    assert (head.data, head.size, head.etag, head.metadata) == (b"", 12, etag, {"a": "b"})


@pytest.mark.parametrize("key", ODD_KEYS, ids=lambda key: key[:20])
def test_odd_keys_are_kept(bucket: Bucket, cloud: Cloud, key: str) -> None:
    put(bucket, key, key.encode())

    assert bucket.get(key).data == key.encode()
    assert cloud.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read() == key.encode()
    assert key in list(bucket.keys(key))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(
        st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc")), min_size=1, max_size=30
    )
)
def test_any_text_is_a_key(bucket: Bucket, name: str) -> None:
    key = f"any/{name}!"

    put(bucket, key, key.encode())

    assert bucket.get(key).data == key.encode()
    assert key in list(bucket.keys("any/"))


@pytest.mark.parametrize("key", ODD_KEYS, ids=lambda key: key[:20])
def test_a_copy_is_the_object_under_another_key(bucket: Bucket, key: str) -> None:
    bucket.put(key, b"bytes", content_type="image/avif", metadata={"filename": "a.avif"})

    bucket.copy(bucket, key, f"copies/{key[:900]}")

    copied = bucket.get(f"copies/{key[:900]}")
    assert (copied.data, copied.content_type) == (b"bytes", "image/avif")
    assert copied.metadata == {"filename": "a.avif"}


def test_what_is_missing_cannot_be_copied(bucket: Bucket) -> None:
    with pytest.raises(NotFoundError):
        bucket.copy(bucket, "nothing-here", "copies/nothing")


def test_deleting_twice_is_no_error(bucket: Bucket) -> None:
    put(bucket, "gone")

    bucket.delete("gone")
    bucket.delete("gone")

    with pytest.raises(NotFoundError):
        bucket.get("gone")


@pytest.mark.parametrize("operation", ["get", "head"])
def test_what_is_missing_is_not_found(bucket: Bucket, operation: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        getattr(bucket, operation)("missing")

    assert caught.value.status == 404


def test_a_missing_bucket_is_not_found(account: Account) -> None:
    with pytest.raises(NotFoundError, match="NoSuchBucket"):
        put(Bucket(account, "no-such-bucket"), "key")


def test_the_first_write_wins_if_none_match(bucket: Bucket) -> None:
    put(bucket, "once", b"first", if_none_match=True)

    with pytest.raises(PreconditionFailedError):
        put(bucket, "once", b"second", if_none_match=True)

    assert bucket.get("once").data == b"first"


def test_a_compare_and_swap_needs_the_present_etag(bucket: Bucket) -> None:
    old = put(bucket, "swap", b"1")
    new = put(bucket, "swap", b"2", if_match=old)

    with pytest.raises(PreconditionFailedError):
        put(bucket, "swap", b"3", if_match=old)

    assert put(bucket, "swap", b"3", if_match=new)
    assert bucket.get("swap").data == b"3"


def test_what_is_gone_has_changed(bucket: Bucket) -> None:
    etag = put(bucket, "vanished")
    bucket.delete("vanished")

    with pytest.raises(PreconditionFailedError):
        put(bucket, "vanished", if_match=etag)


@pytest.mark.parametrize("create", [True, False], ids=["create", "swap"])
def test_one_of_many_writers_wins(bucket: Bucket, create: bool) -> None:
    key = f"race-{create}"
    etag = None if create else put(bucket, key, b"start")

    def write(number: int) -> bool:
        try:
            put(bucket, key, b"%d" % number, if_match=etag, if_none_match=create)
        except PreconditionFailedError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(write, range(8)))

    assert won.count(True) == 1
    assert bucket.get(key).data == b"%d" % won.index(True)


def test_keys_come_from_all_pages_in_order(bucket: Bucket) -> None:
    expected = [f"pages/{number:04}+ü&" for number in range(1005)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: put(bucket, key, b""), expected))

    assert list(bucket.keys("pages/")) == expected


def test_entries_say_how_large_and_how_old_objects_are(bucket: Bucket) -> None:
    put(bucket, "entries/a b", b"twelve bytes")
    put(bucket, "entries/c", b"")

    entries = list(bucket.entries("entries/"))

    assert [(entry.key, entry.size) for entry in entries] == [("entries/a b", 12), ("entries/c", 0)]
    assert all(
        abs(datetime.now(UTC) - entry.last_modified) < timedelta(minutes=1) for entry in entries
    )


def test_no_keys_are_no_error(bucket: Bucket) -> None:
    assert list(bucket.keys("nothing/")) == []


def test_metadata_that_http_cannot_carry_is_refused_before_it_is_sent(bucket: Bucket) -> None:
    with pytest.raises(InvalidRequestError, match="ASCII"):
        put(bucket, "key", metadata={"filename": "Café.jpg"})


@pytest.mark.parametrize("text", ["a\r\nx-amz-acl: public-read", "a\nb"])
def test_metadata_cannot_smuggle_a_header(bucket: Bucket, text: str) -> None:
    with pytest.raises(InvalidRequestError, match="filename"):
        put(bucket, "key", metadata={"filename": text})


def test_who_has_no_policy_is_denied(strange_account: Account, bucket: Bucket) -> None:
    put(bucket, "private")
    theirs = Bucket(strange_account, BUCKET)

    with pytest.raises(AccessDeniedError):
        theirs.get("private")
    with pytest.raises(AccessDeniedError):
        theirs.put("private", b"", content_type="text/plain")
    with pytest.raises(AccessDeniedError):
        list(theirs.keys())


def test_a_wrong_secret_is_denied(cloud: Cloud) -> None:
    account = cloud.account(Credentials(cloud.owner.access_key, "wrong"))

    with pytest.raises(AccessDeniedError, match="SignatureDoesNotMatch"):
        Bucket(account, BUCKET).get("key")


def test_a_role_s_session_is_let_in(cloud: Cloud) -> None:
    iam, sts = cloud.client("iam"), cloud.client("sts")
    iam.attach_role_policy(RoleName="role", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    role = sts.assume_role(RoleArn="arn:aws:iam::000000000000:role/role", RoleSessionName="session")
    key = role["Credentials"]
    account = cloud.account(
        Credentials(key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"])
    )

    assert put(Bucket(account, BUCKET), "by-role")
