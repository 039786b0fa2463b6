"""How long it takes until somebody who watches hears that a picture is ready: `python -m benchmarks.live`.

Starts a local cloud of its own, as `tintype up` does. The clock runs from the last byte of the PUT to
the subscription's first picture, and to its `READY`. Where the time goes is what the record says of itself; what is left over is
queues, announcement and HTTP. Then a hundred at once, as fast as the machine takes them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from threading import Condition

import httpx

from tintype.client.subscription import Address, Changed, Opened, Subscription, SubscriptionEvent
from tintype.images import FIRST_VERSION
from tintype.local.state import find_address
from tintype.outputs import Output

ENDED = {"READY", "FAILED"}
START_SECONDS = 240.0
TIMEOUT_SECONDS = 300.0
STAGES = ("wait", "read", "render", "write")


@dataclass
class Watch:
    """When each image was heard to have ended, by `time.perf_counter`."""

    condition: Condition = field(default_factory=Condition)
    opened: bool = False
    pictured: dict[str, float] = field(default_factory=dict)
    ended: dict[str, tuple[str, float]] = field(default_factory=dict)

    def on_event(self, news: SubscriptionEvent) -> None:
        """Note what a subscription tells."""
        with self.condition:
            if isinstance(news, Opened):
                self.opened = True
            elif isinstance(news, Changed):
                now = time.perf_counter()
                if news.version >= FIRST_VERSION - 1:  # the record before the first manifest's
                    self.pictured.setdefault(news.image_id, now)
                if news.status in ENDED:
                    self.ended.setdefault(news.image_id, (news.status, now))
            self.condition.notify_all()

    def wait_for(self, image_ids: Sequence[str]) -> None:
        """Wait until all of these have ended."""
        with self.condition:
            done = self.condition.wait_for(
                lambda: all(one in self.ended for one in image_ids), TIMEOUT_SECONDS
            )
        if not done:
            missing = [one for one in image_ids if one not in self.ended]
            message = f"nothing was heard of {len(missing)} images"
            raise TimeoutError(message)


@contextmanager
def local_cloud(state: Path) -> Iterator[Mapping[str, str]]:
    """Run `tintype up`, and give the stack's outputs."""
    command = [str(Path(sys.executable).with_name("tintype")), "up", "--quiet"]
    options = ["--state", str(state), "--port", "0", "--gateway-port", "0"]
    child = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while (address := find_address(state)) is None:
            if child.poll() is not None or time.monotonic() > deadline:
                message = "the local cloud does not start; see what `tintype up` says"
                raise RuntimeError(message)
            time.sleep(0.2)
        yield address.outputs
    finally:
        child.terminate()
        child.wait()


def upload(api: httpx.Client, url: str, data: bytes) -> tuple[str, float]:
    """Upload a photograph; return its image's id and the moment at which its last byte was taken."""
    wanted = {"filename": "photo.jpg", "contentType": "image/jpeg", "size": len(data)}
    ticket = api.post(f"{url}/uploads", json=wanted).raise_for_status().json()
    told = ticket["upload"]
    api.put(told["url"], content=data, headers=told["headers"]).raise_for_status()
    return ticket["imageId"], time.perf_counter()


def one_by_one(
    outputs: Mapping[str, str], watch: Watch, photos: Sequence[bytes], runs: int
) -> list[dict[str, float]]:
    """Upload one photograph after the other; return the milliseconds of each, a stage and in all."""
    taken = []
    with httpx.Client(timeout=60) as api:
        for run in range(runs + len(photos)):
            image_id, sent = upload(api, outputs[Output.API_URL], photos[run % len(photos)])
            watch.wait_for([image_id])
            status, condition = watch.ended[image_id]
            image = api.get(f"{outputs[Output.API_URL]}/images/{image_id}").json()
            if status != "READY":
                raise RuntimeError(image["failure"])
            if run >= len(photos):  # the first of each warms the functions up
                stages = {stage: image["timings"][stage] for stage in STAGES}
                first = watch.pictured[image_id]
                taken.append(
                    {**stages, "first": (first - sent) * 1000, "all": (condition - sent) * 1000}
                )
    return taken


def all_at_once(
    outputs: Mapping[str, str], watch: Watch, photos: Sequence[bytes], count: int
) -> tuple[dict[str, int], float]:
    """Upload *count* photographs at once; return how many ended how, and the seconds until the last."""
    start = time.perf_counter()
    with httpx.Client(timeout=300) as api, ThreadPoolExecutor(count) as people:
        chosen = [photos[number % len(photos)] for number in range(count)]
        sent = list(people.map(lambda data: upload(api, outputs[Output.API_URL], data), chosen))
    watch.wait_for([image_id for image_id, _ in sent])
    ends = [watch.ended[image_id] for image_id, _ in sent]
    tally: dict[str, int] = {}
    for status, _ in ends:
        tally[status] = tally.get(status, 0) + 1
    return tally, max(moment for _, moment in ends) - start


def table(taken: Sequence[Mapping[str, float]]) -> str:
    """Return the table of where the time goes, in milliseconds."""
    meanings = {
        "wait": "S3's event, the queue, the function's start",
        "read": "the original, from the bucket",
        "render": "decode, resize, encode: the engine",
        "write": "the renditions, to the bucket",
    }
    rows = [(name, meaning, [one[name] for one in taken]) for name, meaning in meanings.items()]
    rest = [one["all"] - sum(one[stage] for stage in STAGES) for one in taken]
    rows.append(("rest", "manifest, queue, record, announcement, socket", rest))
    rows.append(("all", "from the last byte of the PUT to READY", [one["all"] for one in taken]))
    rows.append(("first", "from there to the first picture", [one["first"] for one in taken]))
    lines = ["| stage | | median | 90th percentile |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {meaning} | {median(values):.0f} | {quantiles(values, n=10)[-1]:.0f} |"
        for name, meaning, values in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    parser.add_argument("photos", type=Path, nargs="+", help="photographs of about 12 megapixels")
    parser.add_argument("--runs", type=int, default=30, help="uploads one by one; default 30")
    parser.add_argument("--at-once", type=int, default=100, help="uploads at once; default 100")
    said = parser.parse_args()
    photos = [photo.read_bytes() for photo in said.photos]
    with TemporaryDirectory() as folder, local_cloud(Path(folder) / ".tintype") as outputs:
        watch = Watch()
        listener = Subscription(
            Address(
                outputs[Output.GRAPHQL_REALTIME_URL],
                outputs[Output.GRAPHQL_URL],
                outputs[Output.GRAPHQL_API_KEY],
            ),
            watch.on_event,
        )
        listener.start()
        with watch.condition:
            if not watch.condition.wait_for(lambda: watch.opened, 30):
                message = "the subscription does not open"
                raise RuntimeError(message)
        print(table(one_by_one(outputs, watch, photos, said.runs)))
        tally, seconds = all_at_once(outputs, watch, photos, said.at_once)
        ended = ", ".join(f"{count} {status}" for status, count in sorted(tally.items()))
        print(f"\n{said.at_once} at once: {ended}, the last after {seconds:.1f} s")
        listener.close()


if __name__ == "__main__":
    main()
