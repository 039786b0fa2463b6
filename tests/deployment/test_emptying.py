"""Buckets are emptied with all versions, a page at a time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deployment.conftest import ACCOUNT, Stubbed
from tintype.aws.errors import UnavailableError
from tintype.deployment.emptying import empty, size_of


def version(key: str, number: str, size: int = 1) -> dict[str, Any]:
    return {"Key": key, "VersionId": number, "Size": size}


def test_versions_and_delete_markers_go(stubbed: Stubbed) -> None:
    heard: list[int] = []
    page = {"Versions": [version("a", "1")], "DeleteMarkers": [{"Key": "a", "VersionId": "2"}]}
    stubbed.respond_with(
        "s3", "list_object_versions", page, Bucket="b", ExpectedBucketOwner=ACCOUNT
    )
    objects = [{"Key": "a", "VersionId": "1"}, {"Key": "a", "VersionId": "2"}]
    stubbed.respond_with(
        "s3",
        "delete_objects",
        {},
        Bucket="b",
        Delete={"Objects": objects, "Quiet": True},
        ExpectedBucketOwner=ACCOUNT,
    )

    assert empty(stubbed.clients, "b", heard.append, owner=ACCOUNT) == 2
    assert heard == [2]


def test_object_that_does_not_go_is_told(stubbed: Stubbed) -> None:
    stubbed.respond_with("s3", "list_object_versions", {"Versions": [version("a", "1")]})
    failed = {"Key": "a", "Code": "AccessDenied", "Message": "Access Denied"}
    stubbed.respond_with("s3", "delete_objects", {"Errors": [failed]})

    with pytest.raises(UnavailableError, match="a: Access Denied"):
        empty(stubbed.clients, "b", owner=ACCOUNT)


def test_bucket_that_has_gone_is_empty(stubbed: Stubbed) -> None:
    stubbed.refuses("s3", "list_object_versions", "NoSuchBucket", status=404)

    assert empty(stubbed.clients, "b", owner=ACCOUNT) == 0


def test_bytes_of_all_versions_are_counted(stubbed: Stubbed) -> None:
    page = {"Versions": [version("a", "1", 10), version("a", "2", 20)], "IsTruncated": False}
    stubbed.respond_with("s3", "list_object_versions", page)

    assert size_of(stubbed.clients, "b", owner=ACCOUNT) == (2, 30, True)


def test_counting_that_takes_too_long_says_at_least(stubbed: Stubbed) -> None:
    page = {
        "Versions": [version("a", "1", 10)],
        "IsTruncated": True,
        "NextKeyMarker": "a",
        "NextVersionIdMarker": "1",
    }
    stubbed.respond_with("s3", "list_object_versions", page)

    assert size_of(stubbed.clients, "b", owner=ACCOUNT, seconds=-1) == (1, 10, False)
