"""What an owner's images take up, and how a write of a record changes it.

The counters of an owner are the sum of `usage_of` over its records in the images table: every write
that changes the sum changes the counters in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

COUNTERS = "quota#"  # an owner's counters have this and the owner as `id`, in the access table
REQUESTS = "requests#"  # and the numbers of its requests this, the owner, and the minute


class OverQuotaError(Exception):
    """The upload would take its owner over a limit of the stack; the message says over which."""

    code = "quota_exceeded"


@dataclass(frozen=True, slots=True)
class Usage:
    """Images, and the bytes of their originals as far as they are known; a difference may be negative."""

    images: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Allowance:
    """The most that an owner may have; 0: no limit."""

    images: int = 0
    bytes: int = 0


NO_LIMIT = Allowance()


def usage_of(item: Mapping[str, object] | None) -> dict[str, Usage]:
    """Return what an item of the images table takes up, by its owner; a deleted image has none.

    >>> usage_of({"id": "1", "owner": "alice", "original": {"key": "a.jpg", "bytes": 9}})
    {'alice': Usage(images=1, bytes=9)}
    >>> usage_of({"id": "1", "original": {"key": "a.jpg"}}), usage_of(None)
    ({}, {})
    """
    if item is None or item.get("owner") is None:
        return {}
    return {str(item["owner"]): Usage(1, original_bytes(item) or 0)}


def original_bytes(item: Mapping[str, object]) -> int | None:
    """Return the size of an item's original, or None if it is not known."""
    original = item.get("original")
    size = original.get("bytes") if isinstance(original, Mapping) else None
    return None if size is None else int(size)


def changes(
    before: Mapping[str, object] | None, after: Mapping[str, object] | None
) -> dict[str, Usage]:
    """Return what replacing an item by another adds to the counters of each owner that it affects.

    >>> alice = {"owner": "alice", "original": {"bytes": 9}}
    >>> changes(alice, {"owner": "bob", "original": {"bytes": 7}})
    {'alice': Usage(images=-1, bytes=-9), 'bob': Usage(images=1, bytes=7)}
    >>> changes(alice, alice)
    {}
    """
    old, new = usage_of(before), usage_of(after)
    differences = {
        owner: Usage(
            new.get(owner, Usage()).images - old.get(owner, Usage()).images,
            new.get(owner, Usage()).bytes - old.get(owner, Usage()).bytes,
        )
        for owner in dict.fromkeys([*old, *new])
    }
    return {owner: usage for owner, usage in differences.items() if usage != Usage()}


def excess(used: Usage, more: Usage, allowance: Allowance) -> str:
    """Return over which limit an owner that has *used* so much cannot have *more*.

    >>> excess(Usage(3, 900), Usage(1, 200), Allowance(images=9, bytes=1000))
    '900 bytes are used, and this upload has 200; the limit is 1,000'
    >>> excess(Usage(9, 900), Usage(1, 0), Allowance(images=9))
    '9 images are stored or awaited; the limit is 9'
    """
    if allowance.images and used.images + more.images > allowance.images:
        return f"{used.images:,} images are stored or awaited; the limit is {allowance.images:,}"
    return (
        f"{used.bytes:,} bytes are used, and this upload has {more.bytes:,}; "
        f"the limit is {allowance.bytes:,}"
    )


def counters_id(owner: str) -> str:
    """Return the `id` of an owner's counters."""
    return f"{COUNTERS}{owner}"


def requests_id(owner: str, minute: int) -> str:
    """Return the `id` of the number of an owner's requests in a minute."""
    return f"{REQUESTS}{owner}#{minute}"


def is_of_requests(item_id: str, owner: str) -> bool:
    """Whether an item is the number of this owner's requests in a minute; owners may contain a `#`."""
    return item_id.rpartition("#")[0] == f"{REQUESTS}{owner}"


def counted(counters: Mapping[str, object] | None) -> Usage:
    """Return what an owner's counters say."""
    found = counters or {}
    return Usage(int(str(found.get("images", 0))), int(str(found.get("bytes", 0))))
