"""The access table in memory."""

from __future__ import annotations

from collections.abc import Mapping

from tests.simulation import as_stored
from tests.world import World
from tintype.aws.attributes import Item


class MemoryAccessTable:
    """The table of API keys; DynamoDB deletes what has expired when it gets to it, so this never does."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.items: dict[str, Item] = {}

    def get(self, id: str) -> Item | None:  # noqa: A002 - as the real one
        self.world.call()
        return self.items.get(id)

    def put_new(self, item: Mapping[str, object]) -> bool:
        def effect() -> bool:
            if str(item["id"]) in self.items:
                return False
            self.items[str(item["id"])] = as_stored(item)
            return True

        return bool(self.world.call(effect))

    def replace(self, item: Mapping[str, object], known: Mapping[str, object]) -> bool:
        def effect() -> bool:
            there = self.items.get(str(item["id"]), {})
            names = ("current", "changedAt")
            if [there.get(name) for name in names] != [known[name] for name in names]:
                return False
            self.items[str(item["id"])] = as_stored(item)
            return True

        return bool(self.world.call(effect))

    def owned(self, owner: str) -> tuple[Item, ...]:
        self.world.call()
        mine = [one for one in self.items.values() if one.get("owner") == owner]
        return tuple(sorted(mine, key=lambda one: str(one["createdAt"]), reverse=True))

    def lease(self, id: str, *, now: int, until: int) -> bool:  # noqa: A002
        def effect() -> bool:
            there = self.items.get(id)
            if there is not None and int(str(there["expires"])) > now:
                return False
            self.items[id] = as_stored({"id": id, "expires": until})
            return True

        return bool(self.world.call(effect))

    def count(self, id: str, *, most: int, until: int) -> bool:  # noqa: A002
        def effect() -> bool:
            count = int(str(self.items.get(id, {}).get("count", 0)))
            if count >= most:
                return False
            self.items[id] = as_stored({"id": id, "count": count + 1, "expires": until})
            return True

        return bool(self.world.call(effect))

    def note_use(self, id: str, at: str, *, unless_after: str) -> bool:  # noqa: A002
        def effect() -> bool:
            there = self.items.get(id)
            if there is None or str(there.get("lastUsedAt", "")) >= unless_after:
                return False
            self.items[id] = {**there, "lastUsedAt": at}
            return True

        return bool(self.world.call(effect))

    def delete(self, id: str) -> None:  # noqa: A002
        self.world.call(lambda: self.items.pop(id, None))
