"""The images table in memory, with the owners' counters."""

from __future__ import annotations

from collections.abc import Mapping

from tests.simulation import as_stored, whole
from tests.world import World
from tintype.aws.attributes import Item
from tintype.aws.dynamodb import ItemPage
from tintype.aws.errors import InvalidRequestError
from tintype.records import Records
from tintype.usage import (
    COUNTERS,
    NO_LIMIT,
    Allowance,
    OverQuotaError,
    Usage,
    counted,
    counters_id,
    usage_of,
)
from tintype.usage import changes as usage_changes


class MemoryTable:
    """The images table and the owners' counters; `history` has every version that an item ever had."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.items: dict[str, Item] = {}
        self.history: dict[str, list[int]] = {}
        self.forgotten: list[str] = []
        self.counters: dict[str, Item] = {}

    def get(self, id: str) -> Item | None:  # noqa: A002 - as the real one
        self.world.call()
        return self.items.get(id)

    def forget_expired(self) -> None:
        """Do as DynamoDB does with what has lived its time."""
        now = self.world.now.timestamp()
        for image_id, item in list(self.items.items()):
            if "expires" in item and whole(item["expires"]) <= now:
                del self.items[image_id]
                self.forgotten.append(image_id)

    def put_new(self, item: Mapping[str, object]) -> bool:
        return Records(self).put_new(item)

    def put_newer(self, item: Mapping[str, object]) -> bool:
        return Records(self).put_newer(item)

    def used(self, owner: str) -> Usage:
        self.world.call()
        return counted(self.counters.get(counters_id(owner)))

    def put_alike(self, item: Mapping[str, object], *, or_equal: bool = False) -> bool:
        def effect() -> bool:
            there, version = self.items.get(str(item["id"])), whole(item["version"])
            if there is None or usage_changes(there, item):
                return False
            if not whole(there["version"]) < version + or_equal:
                return False
            self._put(item)
            return True

        return bool(self.world.call(effect))

    def write(
        self,
        item: Mapping[str, object],
        *,
        replaces: Mapping[str, object] | None,
        changes: Mapping[str, Usage],
        allowance: Allowance = NO_LIMIT,
    ) -> bool:
        def effect() -> bool:
            if not self._is_still(str(item["id"]), replaces):
                return False
            self._count(changes, allowance)
            self._put(item)
            return True

        return bool(self.world.call(effect))

    def remove(self, there: Mapping[str, object], *, changes: Mapping[str, Usage]) -> bool:
        def effect() -> bool:
            if not self._is_still(str(there["id"]), there):
                return False
            self._count(changes, NO_LIMIT)
            del self.items[str(there["id"])]
            return True

        return bool(self.world.call(effect))

    def assert_counted(self) -> None:
        """Check that each owner's counters are the sum over its records."""
        sums: dict[str, Usage] = {}
        for item in self.items.values():
            for owner, one in usage_of(item).items():
                before = sums.get(owner, Usage())
                sums[owner] = Usage(before.images + one.images, before.bytes + one.bytes)
        known = {
            name.removeprefix(COUNTERS): counted(item)
            for name, item in self.counters.items()
            if name.startswith(COUNTERS)
        }
        assert {owner: one for owner, one in known.items() if one != Usage()} == sums

    def _put(self, item: Mapping[str, object]) -> None:
        image_id = str(item["id"])
        self.items[image_id] = as_stored(item)
        self.history.setdefault(image_id, []).append(whole(item["version"]))

    def _is_still(self, image_id: str, there: Mapping[str, object] | None) -> bool:
        now = self.items.get(image_id)
        if now is None or there is None:
            return now is there
        return now["version"] == there["version"] and not usage_changes(now, there)

    def _count(self, changes: Mapping[str, Usage], allowance: Allowance) -> None:
        for owner, change in changes.items():
            used = counted(self.counters.get(counters_id(owner)))
            now = Usage(used.images + change.images, used.bytes + change.bytes)
            over_images = 0 < allowance.images < now.images and change.images > 0
            if over_images or (0 < allowance.bytes < now.bytes and change.bytes > 0):
                raise OverQuotaError
        for owner, change in changes.items():
            there = self.counters.setdefault(counters_id(owner), {"id": counters_id(owner)})
            for name, more in {
                "images": change.images,
                "bytes": change.bytes,
                "version": 1,
            }.items():
                there[name] = whole(there.get(name, 0)) + more

    def query(
        self, owner: str, *, limit: int, after: Mapping[str, object] | None = None
    ) -> ItemPage:
        """List as DynamoDB does, which refuses to begin outside of what is asked for."""
        self.world.call()
        if after is not None and (set(after) != set(POSITION) or after["owner"] != owner):
            message = "The provided starting key is outside query boundaries"
            name = "ValidationException"
            raise InvalidRequestError(
                message, service="dynamodb", operation="Query", status=400, name=name
            )
        mine = [one for one in self.items.values() if one.get("owner") == owner]
        mine.sort(key=_place, reverse=True)
        if after is not None:
            mine = [one for one in mine if _place(one) < _place(after)]
        last = mine[limit - 1] if len(mine) >= limit else None
        position = {name: last[name] for name in POSITION} if last else None
        return ItemPage(tuple(mine[:limit]), position)

    def named(self, owner_filename: str, *, limit: int) -> tuple[str, ...]:
        self.world.call()
        found = [one for one in self.items.values() if one.get("ownerFilename") == owner_filename]
        found.sort(key=_place, reverse=True)
        return tuple(str(one["id"]) for one in found[:limit])


POSITION = ("id", "owner", "createdAt")  # the keys of the table and of its index


def _place(item: Mapping[str, object]) -> tuple[str, str]:
    return str(item["createdAt"]), str(item["id"])
