"""Empties and measures buckets, including all versions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

from tintype.aws.errors import NotFoundError, UnavailableError
from tintype.aws.sdk import Clients, calling

AT_ONCE = 8  # requests of up to 1,000 objects each
MEASURING_SECONDS = 10.0  # after which a count becomes "at least"


def empty(
    clients: Clients,
    bucket: str,
    advance: Callable[[int], None] = lambda _number: None,
    *,
    owner: str,
) -> int:
    """Delete all objects of a bucket with all versions; return how many, 0 if there is no bucket.

    *advance* receives how many more were deleted, from several threads.

    Raises:
        ServiceError: S3 refuses.
    """

    def delete(versions: list[dict[str, str]]) -> int:
        with calling("s3", "DeleteObjects"):
            answer = clients("s3").delete_objects(
                Bucket=bucket,
                Delete={"Objects": versions, "Quiet": True},
                ExpectedBucketOwner=owner,
            )
        _raise_first(answer.get("Errors", []))
        advance(len(versions))
        return len(versions)

    deleted = 0
    pages = _versions(clients, bucket, owner)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="empty") as pool:
        try:
            while some := list(islice(pages, AT_ONCE)):
                deleted += sum(pool.map(delete, some))
        except NotFoundError:
            pass
    return deleted


def _versions(clients: Clients, bucket: str, owner: str) -> Iterator[list[dict[str, str]]]:
    """Yield the versions and delete markers of each page of the listing."""
    for page in _listed(clients, bucket, owner):
        entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if entries:
            yield [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in entries]


def _listed(clients: Clients, bucket: str, owner: str) -> Iterator[Mapping[str, Any]]:
    return clients.pages("s3", "list_object_versions", Bucket=bucket, ExpectedBucketOwner=owner)


def _raise_first(errors: list[dict[str, Any]]) -> None:
    if errors:
        message = f"{errors[0].get('Key', '')}: {errors[0].get('Message', '')}"
        raise UnavailableError(
            message, service="s3", operation="DeleteObjects", name=errors[0].get("Code", "")
        )


def size_of(
    clients: Clients, bucket: str, *, owner: str, seconds: float = MEASURING_SECONDS
) -> tuple[int, int, bool]:
    """Return objects and bytes of a bucket, all versions, and whether the count is complete.

    It ends after *seconds*: a million objects are a thousand pages.

    Raises:
        ServiceError: S3 does not answer.
    """
    objects = size = 0
    deadline = time.monotonic() + seconds
    try:
        for page in _listed(clients, bucket, owner):
            versions = page.get("Versions", [])
            objects += len(versions)
            size += sum(version["Size"] for version in versions)
            if time.monotonic() > deadline and page.get("IsTruncated"):
                return objects, size, False
    except NotFoundError:
        return 0, 0, True
    return objects, size, True
