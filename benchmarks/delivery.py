"""Any size by its address, side by side over HTTP. Start with `race`; `delivery_section.py` reports it.

Ours is the whole stack on this machine: edge functions, bucket, render function. What counts is the CPU
time of the processes that make the picture: of ours the render function's, which reads manifest and
original from the bucket by HTTP and writes the file there; of the peers their server's, which read the
original from the disk. The rest of ours, in production CloudFront, S3 and Lambda itself, is an emulator
here, and stands apart.

Quality numbers mean something else to each encoder and resizer. So each peer makes each width at the
quality that a line through five of its files gives for our mean score there, rounded down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from math import floor
from pathlib import Path
from statistics import fmean

import httpx

from benchmarks.bench import Bench, progress
from benchmarks.curves import QUALITY_STEPS, Sample, quality_at, scored
from benchmarks.delivery_batches import Batch
from benchmarks.delivery_servers import Server, ours, pillow, sharp, thumbor
from benchmarks.process_cpu import pin, running, split_cpu, tree
from benchmarks.protocol import Output
from tintype.imaging import Format

WIDTHS = (320, 640, 1280)
ROUNDS = 7
REPEATS = 2  # sizes of a width in one batch: /proc counts in 10 ms
HITS = 20
USUAL = Format.AVIF.facts.quality or 0
ACCEPT = {"accept": "image/avif,image/webp,image/*;q=0.8"}


Qualities = dict[int, int]  # by width


@dataclass(frozen=True, slots=True)
class Delivered:
    """The result of a run: misses, hits, the qualities of each server and files at these.

    *curve* are files of ours at several qualities.
    """

    servers: tuple[Server, ...]
    misses: tuple[Batch, ...]
    hits: tuple[Batch, ...]
    qualities: dict[str, Qualities]
    files: dict[str, tuple[Sample, ...]]
    curve: tuple[Sample, ...]


def race(bench: Bench) -> Delivered:
    """Have every server make files of new sizes, ours beside each peer, and then send stored ones."""
    with _servers(bench) as (servers, client):
        mine, *others = servers
        peers = [one for one in others if not one.stores]
        progress("delivery: files at several qualities")
        curves = {one.name: _curve(bench, client, one) for one in (mine, *peers)}
        qualities = {
            one.name: equal_qualities(curves[mine.name], curves.get(one.name, ()))
            for one in servers
        }
        progress("delivery: the files, which also warm all up")
        files = {one.name: _files(bench, client, one, qualities[one.name]) for one in servers}
        for one in servers:
            pin(one.pid, bench.core)
        misses = tuple(_misses(bench, client, mine, peers, qualities))
        progress("delivery: hits")
        hits = tuple(_hits(bench, client, one) for one in servers if one.stores)
    return Delivered(tuple(servers), misses, hits, qualities, files, curves[mine.name])


def equal_qualities(ours: Sequence[Sample], theirs: Sequence[Sample]) -> Qualities:
    """Return, by width, the quality at which *theirs* are expected to score what ours do at the usual.

    Without scores to compare it is the usual quality.
    """
    if not any(one.score for one in theirs) or ours is theirs:
        return dict.fromkeys(WIDTHS, USUAL)
    found: Qualities = {}
    for width in WIDTHS:
        at_usual = [
            one.score for one in ours if (one.output.width, one.output.quality) == (width, USUAL)
        ]
        curve = [one for one in theirs if one.output.width == width]
        found[width] = floor(quality_at(curve, fmean(at_usual)))
    return found


@contextmanager
def _servers(bench: Bench) -> Iterator[tuple[list[Server], httpx.Client]]:
    with ExitStack() as stack:
        started = [pillow(bench), sharp(bench), thumbor(bench), thumbor(bench, stores=True)]
        progress("delivery: starting the local cloud")
        servers = [stack.enter_context(one) for one in (ours(bench), *started)]
        client = stack.enter_context(httpx.Client(timeout=120, headers=ACCEPT))
        yield servers, client


def _misses(
    bench: Bench,
    client: httpx.Client,
    mine: Server,
    peers: Sequence[Server],
    qualities: dict[str, Qualities],
) -> Iterator[Batch]:
    fresh = 0
    for number in range(bench.rounds(ROUNDS)):
        progress(f"delivery: round {number + 1} of {bench.rounds(ROUNDS)}")
        for peer in peers:
            sizes = range(fresh + 1, fresh + 1 + REPEATS)
            fresh += REPEATS
            for width in WIDTHS:
                for one, beside in ((mine, peer), (peer, mine)):
                    wanted = [width + size for size in sizes]
                    addresses = _addresses(bench, one, wanted, qualities[one.name][width])
                    cpu, around = _cost(client, one, addresses)
                    yield Batch(one.name, beside.name, width, number, cpu, around)


def _hits(bench: Bench, client: httpx.Client, server: Server) -> Batch:
    addresses = _addresses(bench, server, WIDTHS, USUAL)
    _cost(client, server, addresses)
    cpu, around = _cost(client, server, addresses * HITS)
    return Batch(server.name, server.name, 0, 0, cpu, around)


def _addresses(bench: Bench, server: Server, widths: Iterable[int], quality: int) -> list[str]:
    return [server.address(photo, width, quality) for photo, width in product(bench.photos, widths)]


def _cost(client: httpx.Client, server: Server, addresses: Sequence[str]) -> tuple[float, float]:
    """Request all addresses; return the CPU milliseconds each, and those of what is around."""
    before = split_cpu(tree(running(), server.pid), server.marker)
    for address in addresses:
        _get(client, address)
    after = split_cpu(tree(running(), server.pid), server.marker)
    cpu, around = (
        (late - early) / len(addresses) for early, late in zip(before, after, strict=True)
    )
    return cpu, around


def _curve(bench: Bench, client: httpx.Client, server: Server) -> tuple[Sample, ...]:
    """Make files of each photograph and width at several qualities, and score them."""
    steps = [dict.fromkeys(WIDTHS, USUAL + step) for step in QUALITY_STEPS]
    samples = [one for step in steps for one in _files(bench, client, server, step)]
    return tuple(samples) if bench.quick else tuple(scored(bench, samples))


def _files(
    bench: Bench, client: httpx.Client, server: Server, qualities: Qualities
) -> tuple[Sample, ...]:
    """Keep a file of each photograph and width."""
    samples = []
    for photo, width in product(bench.photos, WIDTHS):
        folder = bench.folder("delivery", "files", server.name, photo.stem)
        quality = qualities[width]
        output = Output(f"w{width}-q{quality}.avif", "avif", width, quality=quality)
        file = Path(folder, output.name)
        file.write_bytes(_get(client, server.address(photo, width, quality)))
        samples.append(Sample(photo, output, file, 0))
    return tuple(samples)


def _get(client: httpx.Client, address: str) -> bytes:
    """Return the AVIF at an address.

    Raises:
        httpx.HTTPStatusError: the server refused.
        RuntimeError: it sent something else.
    """
    answer = client.get(address).raise_for_status()
    if answer.headers["content-type"] != "image/avif":
        message = f"{address}: {answer.headers['content-type']}"
        raise RuntimeError(message)
    return answer.content
