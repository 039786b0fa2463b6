"""How the page feels, in a real Chromium against a local cloud of its own: `python -m benchmarks.page PHOTOS`.

All clocks run in the page. Twenty photographs dropped at once; how soon after a photograph's last byte
its first rendition is seen; what is loaded before the first paint; a gallery of a thousand images
while it scrolls; Lighthouse.
"""

from __future__ import annotations

import argparse
import gzip
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Browser, Page, Request, expect

from benchmarks import lighthouse
from tests.cloud.operator import Operator
from tests.cloud.running import running_cloud
from tests.cloud.stack import Stack
from tests.web import scrolling, thousand
from tests.web.browser import running_chromium
from tests.web.conftest import delete_all
from tests.web.window import Window
from tintype.outputs import Output

PARTS = ("twenty", "first", "bytes", "thousand", "lighthouse")
TWENTY = 20
THOUSAND = 1000
TIMEOUT_MS = 180_000
WHEEL = 500  # pixels a turn
WHEEL_SECONDS = 0.05  # between two turns: 10,000 pixels a second, faster than anybody looks
SETTLE_MS = 1500

# Drops what a hidden input holds, and notes when.
_DROP = """(input) => {
  const data = new DataTransfer();
  for (const file of input.files) data.items.add(file);
  window.dropped = performance.now();
  for (const name of ['dragenter', 'dragover', 'drop'])
    document.body.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""
_WHEN_READY = """(count) => new Promise((resolve) => {
  const look = () => {
    if (document.querySelectorAll('[data-stage=ready]').length < count) return requestAnimationFrame(look);
    resolve(performance.now() - window.dropped);
  };
  look();
})"""
# From the PUT's answer to the frame after the one in which the gallery's picture is there, decoded.
_WHEN_SEEN = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  let picture;
  while (!(picture = document.querySelector('li[data-id] img.appeared'))) await frame();
  await frame();
  const seen = performance.now();
  const sent = performance.getEntriesByType('resource').filter((one) =>
    one.initiatorType === 'xmlhttprequest' && /originals/.test(one.name)).at(-1);
  return { seen: seen - sent.responseEnd, upload: sent.responseEnd - sent.startTime, src: picture.currentSrc };
}"""
_BEFORE_PAINT = """() => new Promise((resolve) => {
  new PerformanceObserver((list) => {
    const paint = list.getEntriesByName('first-contentful-paint')[0];
    if (paint) resolve([paint.startTime, performance.getEntriesByType('resource')
      .filter((one) => one.responseEnd <= paint.startTime).map((one) => one.name)]);
  }).observe({ type: 'paint', buffered: true });
})"""


@dataclass(frozen=True)
class Bench:
    """What every measurement needs."""

    browser: Browser
    stack: Stack
    operator: Operator
    photos: Sequence[Path]
    runs: int
    scratch: Path

    @property
    def address(self) -> str:
        """Where the page is."""
        return self.stack.outputs[Output.CDN_URL]

    def window(self) -> Window:
        """Open a window of a browser that nobody used before."""
        context = self.browser.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(TIMEOUT_MS)
        return Window(context.new_page(), self.address)


def drop(page: Page, files: Sequence[Path]) -> None:
    """Drop files on the page."""
    held = page.evaluate_handle(
        "Object.assign(document.createElement('input'), {type: 'file', multiple: true})"
    )
    if element := held.as_element():
        element.set_input_files(list(files))
        page.evaluate(_DROP, element)


def twenty(bench: Bench) -> str:
    """Drop twenty photographs at once."""
    files = [bench.photos[number % len(bench.photos)] for number in range(TWENTY)]
    copies = [bench.scratch / f"{number:02} {file.name}" for number, file in enumerate(files)]
    for copy, file in zip(copies, files, strict=True):
        copy.write_bytes(file.read_bytes())
    taken = []
    for _ in range(3):
        delete_all(bench.stack)
        window = bench.window()
        window.open_live()
        drop(window.page, copies)
        taken.append(window.page.evaluate(_WHEN_READY, TWENTY) / 1000)
        expect(window.tiles).to_have_count(TWENTY)
        window.page.context.close()
    size = sum(copy.stat().st_size for copy in copies) / 1e6
    said = ", ".join(f"{one:.1f}" for one in taken)
    return f"twenty photographs at once ({size:.0f} MB), all READY in the page: {said} s"


def first(bench: Bench) -> str:
    """Upload one photograph after the other."""
    taken = []
    for run in range(bench.runs + 2):
        delete_all(bench.stack)
        window = bench.window()
        window.open_live()
        drop(window.page, bench.photos[:1])
        told = window.page.evaluate(_WHEN_SEEN)
        if not told["src"].startswith(bench.address):
            raise RuntimeError(told["src"])
        if run >= 2:  # the first ones warm the functions up
            taken.append(told)
        window.page.wait_for_timeout(500)
        window.page.context.close()
    seen = [one["seen"] for one in taken]
    uploads = median(one["upload"] for one in taken)
    return (
        f"first rendition of {bench.photos[0].name} seen after its upload's end, {bench.runs} runs: "
        f"median {median(seen):.0f} ms, 90th percentile {quantiles(seen, n=10)[-1]:.0f} ms, "
        f"worst {max(seen):.0f} ms (the upload itself: {uploads:.0f} ms)"
    )


def loaded(bench: Bench) -> str:
    """Load the page with nothing in the cache."""
    bodies: dict[str, bytes] = {}
    window = bench.window()
    window.page.on("requestfinished", lambda one: _keep(one, bodies))
    window.page.goto(bench.address)
    paint, names = window.page.evaluate(_BEFORE_PAINT)
    window.is_live()
    window.page.wait_for_timeout(500)
    early = {url: data for url, data in bodies.items() if url in names}
    lines = [
        f"before the first paint ({paint:.0f} ms): {_sizes(early)}",
        f"until it is live: {_sizes(bodies)}",
    ]
    window.page.context.close()
    return "\n".join(lines)


def _keep(request: Request, bodies: dict[str, bytes]) -> None:
    reply = request.response()
    if reply and urlsplit(request.url).path.endswith((".js", ".css")):
        bodies[request.url] = reply.body()


def _sizes(bodies: dict[str, bytes]) -> str:
    plain = sum(len(one) for one in bodies.values())
    packed = sum(len(gzip.compress(one, 6)) for one in bodies.values())
    return (
        f"{len(bodies)} scripts and styles, {plain / 1000:.0f} kB, "
        f"{packed / 1000:.1f} kB by gzip -6"
    )


def full(bench: Bench) -> str:
    """Scroll through a thousand images with the wheel."""
    delete_all(bench.stack)
    ids = thousand.fill(bench.stack, bench.operator, THOUSAND)
    try:
        window = bench.window()
        window.open_live()
        page = window.page
        page.wait_for_timeout(SETTLE_MS)
        before = scrolling.cost(page, bench.browser)
        page.evaluate(scrolling.SAMPLER)
        session = page.context.new_cdp_session(page)
        most, peak = 0, 0
        while True:
            scrolling.wheel(session, WHEEL)
            time.sleep(WHEEL_SECONDS)
            most = max(most, window.tiles.count())
            peak = max(peak, scrolling.page_memory(bench.browser))
            if window.tiles.locator(f"xpath=self::*[@data-id='{ids[-1]}']").count():
                break
        page.wait_for_timeout(SETTLE_MS)
        seen = page.evaluate("Object.assign(window.scrolled, { on: false })")
        after = scrolling.cost(page, bench.browser)
        page.context.close()
    finally:
        thousand.empty(bench.operator, ids)
    scrolled = (
        f"{THOUSAND} images by the wheel: longest blank {seen['longest']:.0f} ms, blank in "
        f"{seen['blank']} of {seen['frames']} frames, longest frame {seen['longestFrame']:.0f} ms, "
        f"at most {most} tiles at a time"
    )
    memory = f"after: {after}; the page's process had at most {peak / 1e6:.0f} MB"
    return f"{scrolled}\nbefore: {before}\n{memory}"


def opinions(bench: Bench) -> str:
    """Ask Lighthouse about a gallery and an image's page."""
    delete_all(bench.stack)
    made = [
        bench.stack.upload(photo.read_bytes(), photo.name, "image/jpeg")
        for photo in [*bench.photos] * 4
    ]
    for image_id in made:
        bench.stack.ready(image_id)
    lines = []
    for name, path in (("gallery", "/"), ("image", f"/images/{made[0]}")):
        for desktop in (False, True):
            best = lighthouse.opinion(bench.address + path, desktop=desktop, runs=3)
            kind = "desktop" if desktop else "phone"
            lines += [f"Lighthouse, {name}, {kind}: {best}", *(f"  {one}" for one in best.lost)]
    return "\n".join(lines)


MEASUREMENTS: dict[str, Callable[[Bench], str]] = dict(
    zip(PARTS, (twenty, first, loaded, full, opinions), strict=True)
)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("photos", type=Path, nargs="+", help="JPEGs of about 12 megapixels")
    parser.add_argument("--runs", type=int, default=10, help="uploads one by one; default 10")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="default all")
    said = parser.parse_args()
    with ExitStack() as closing:
        scratch = Path(closing.enter_context(TemporaryDirectory()))
        cloud = closing.enter_context(running_cloud(scratch / ".tintype"))
        client = closing.enter_context(httpx.Client(timeout=60))
        expect.set_options(timeout=TIMEOUT_MS)
        bench = Bench(
            browser=closing.enter_context(running_chromium()),
            stack=Stack(cloud.outputs, client),
            operator=Operator(cloud, closing),
            photos=[photo.resolve() for photo in said.photos],
            runs=said.runs,
            scratch=scratch,
        )
        for part in said.parts:
            print(MEASUREMENTS[part](bench), flush=True)


if __name__ == "__main__":
    main()
