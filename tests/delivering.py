"""The event path with viewers: an edge before the renditions bucket and the render function.

Who asks waits in a queue, so that requests are answered several at once, interrupted and repeated as
everything else in the simulation is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from tests.event_path import MAX_BYTES, PRESETS, Cloud, Running
from tests.simulation import MemoryQueue, QueuedMessage
from tests.world import Odds
from tintype import keys, messages
from tintype.access import Visibility
from tintype.aws.errors import NotFoundError
from tintype.images import Image, delivered_folder, served_revision
from tintype.imaging import Limits
from tintype.processing.deliver import DeliveryContext, DeliveryOutcome, deliver
from tintype.processing.delivered import REVISION

PUBLIC, PRIVATE = Visibility.PUBLIC, Visibility.PRIVATE
FILES = ("w_4.png", "w_2,h_2,fit_cover.png", "preset_thumb.jpg", "full.webp")


@dataclass
class MemoryEdge:
    """A cache of what the bucket has and the function makes, by key, until it is invalidated."""

    cloud: DeliveringCloud
    cached: dict[str, bytes] = field(default_factory=dict)
    invalidations: list[Sequence[str]] = field(default_factory=list)

    def invalidate(self, paths: Sequence[str], _reference: str) -> None:
        def effect() -> None:
            self.invalidations.append(paths)
            begins = tuple(path.removesuffix("*") for path in paths)
            kept = {
                key: data for key, data in self.cached.items() if not f"/{key}".startswith(begins)
            }
            self.cached = kept

        self.cloud.world.call(effect)

    def fetch(self, key: str) -> bytes | None:
        """Return what a viewer gets, None if that is no picture."""
        if key in self.cached:
            return self.cached[key]
        try:
            data = self.cloud.renditions.get(key).data
        except NotFoundError:
            made = deliver(self.cloud.delivery, key)
            if made.outcome not in {DeliveryOutcome.RENDERED, DeliveryOutcome.COPIED}:
                return None
            data = made.data
        self.cached[key] = data
        return data


class DeliveringCloud(Cloud):
    """The event path, with viewers who want sizes: their requests are keys in *requests*."""

    def __init__(self, seed: int, odds: Odds) -> None:
        super().__init__(seed, odds)
        self.edge = MemoryEdge(self)
        self.context = replace(self.context, caches=self.edge)
        self.requests = MemoryQueue(self.world)
        self.delivery = DeliveryContext(
            originals=self.originals,
            renditions=self.renditions,
            presets=PRESETS,
            limits=Limits(max_bytes=MAX_BYTES),
        )

    def respond(self, message: QueuedMessage) -> None:
        self.edge.fetch(message.body)

    def run_for(self, time: timedelta) -> None:
        """Let everything that is due within *time* happen, and leave the rest, such as sweeps."""
        end = self.world.now + time
        running: list[Running] = []
        while running or self.world.now < end:
            running = running or self._start()
            if not running:
                self.world.now += timedelta(seconds=5)
                continue
            running[0].worker.step()
            if running[0].worker.done:
                self._finish(running.pop())

    def _jobs(self) -> list[tuple[MemoryQueue, Callable[[QueuedMessage], None]]]:
        return [*super()._jobs(), (self.requests, self.respond)]

    def set_visibility(self, key: str, visibility: Visibility) -> None:
        self.process_queue.put(
            messages.encode(messages.SetVisibility(key=key, visibility=visibility))
        )

    def deploy_presets(self, revision: str) -> None:
        """Have the same presets count as others, so that renditions get another revision."""
        self.context = replace(self.context, presets_revision=revision)

    def ready(self, key: str, data: bytes) -> Image:
        self.upload(key, data)
        self.run()
        image = self.image(key)
        assert image is not None
        return image

    def delivered(self, image_id: str) -> list[str]:
        """Return the keys of the files, of both visibilities, that were made for addresses."""
        return [one for one in self._made(image_id) if "." in one.rpartition("/")[2]]

    def marks(self, image_id: str) -> list[str]:
        return [one for one in self._made(image_id) if "." not in one.rpartition("/")[2]]

    def _made(self, image_id: str) -> list[str]:
        found = ((key, keys.delivered_in(key)) for key in sorted(self.renditions.objects))
        return [key for key, place in found if place is not None and place[0] == image_id]


def keys_of_addresses(image_id: str, owner: str) -> list[str]:
    """Return the keys that addresses of an image lead to, public and private."""
    owners = (None, owner)
    return [keys.delivered_key(image_id, name, one) for one in owners for name in FILES]


def assert_only_current(cloud: DeliveringCloud, key: str) -> None:
    """Neither the bucket nor the edge has anything of an image but what it is now."""
    image_id = keys.image_id("originals", key)
    image = cloud.image(key)
    assert image is not None
    for found in cloud.delivered(image_id):
        stored = cloud.renditions.objects[found]
        assert found.startswith(delivered_folder(image)), "at an address of its other visibility"
        assert stored.metadata[REVISION] == served_revision(image), "of another revision"
        assert stored.data == expected(cloud, image, found), "of other bytes"
    for mark in cloud.marks(image_id):
        assert mark == f"{delivered_folder(image)}{served_revision(image)}"
    for found, data in cloud.edge.cached.items():
        place = keys.delivered_in(found)
        if place is not None and place[0] == image_id:
            assert found.startswith(delivered_folder(image)), "the edge has it at another address"
            assert image.renditions, "the edge has what is gone"
            assert data == expected(cloud, image, found), "the edge has other bytes"


def expected(cloud: DeliveringCloud, image: Image, key: str) -> bytes:
    """Return the file that a fresh request would give."""
    fresh = deliver(cloud.delivery, key)
    assert fresh.outcome in {DeliveryOutcome.RENDERED, DeliveryOutcome.COPIED}
    assert fresh.image_id == image.id
    return fresh.data
