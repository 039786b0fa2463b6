"""Mutated files against the engine: `python -m tests.fuzz --seconds 300 [--seed N] [--kinds PATTERN]`.

Originals of every kind are broken in ways that know nothing of their formats, and a few that know a
little (lengths, chunks), and rendered in child processes. Whatever is neither a rendition nor an
`ImagingError`, takes too long or too much memory, or writes to the terminal, is a finding: it is saved, and the exit code
is 1. A file is made by its seed's name and a number, so a finding can be made again.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Literal

from tests.children import ChildResult, Nursery
from tests.converted import KINDS, RAWS, preview, raf
from tests.gain_maps import iso_gain_map
from tests.iphones import STRONG, iphone
from tests.metadata import READ, private_original, with_thumbnail
from tests.pictures import ORIGINALS, ultra_hdr
from tests.signalled import HDR, SIGNALLED

MAX_CPU_SECONDS = 3.0
MAX_PEAK_MIB = 600
BATCH = 50
_ORDERS: tuple[Literal["big", "little"], ...] = ("big", "little")
_EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)

_PREVIEW = 1_000  # pixels, the least: the fuzzer should not wait for its pixels


def _raw(maker: str) -> bytes:
    return RAWS[maker](preview(side=_PREVIEW), 6)


SEEDS: dict[str, Callable[[], bytes]] = {
    **ORIGINALS,
    **{f"{format_}, private": partial(private_original, format_) for format_ in READ},
    "JPEG, thumbnail": with_thumbnail,
    **{name: build for name, (_, build, _) in KINDS.items()},
    **{maker: partial(_raw, maker) for maker in RAWS},
    "RAF": lambda: raf(preview(side=_PREVIEW)),
    **SIGNALLED,
    **HDR,
    "JPEG, gain map": ultra_hdr,
    "JPEG, gain map of ISO 21496": iso_gain_map,
    "HEIC, gain map of Apple": partial(iphone, STRONG),
}

Mutation = Callable[[bytearray, random.Random], bytearray]


def mutated(name: str, seed: int) -> bytes:
    """Return the seed file of that name, changed one to eight times by the dice of *seed*."""
    dice = random.Random(f"{name}/{seed}")
    data = bytearray(_seed_file(name))
    for _ in range(dice.choice((1, 1, 2, 3, 5, 8))):
        data = dice.choice(MUTATIONS)(data, dice)
    return bytes(data)


@cache
def _seed_file(name: str) -> bytes:
    return SEEDS[name]()


def _place(data: bytearray, dice: random.Random) -> int:
    """Return a place in *data*, half the time among its first 512 bytes, where headers are."""
    end = min(len(data), 512) if dice.random() < 0.5 else len(data)
    return dice.randrange(max(1, end))


def _flip_bits(data: bytearray, dice: random.Random) -> bytearray:
    for _ in range(dice.choice((1, 4, 32)) if data else 0):
        data[_place(data, dice)] ^= 1 << dice.randrange(8)
    return data


def _set_bytes(data: bytearray, dice: random.Random) -> bytearray:
    at, size = _place(data, dice), dice.choice((1, 2, 4, 16))
    data[at : at + size] = dice.randbytes(size)
    return data


def _set_number(data: bytearray, dice: random.Random) -> bytearray:
    """Write a number from the edges of its range: lengths, sizes, offsets."""
    at, size = _place(data, dice), dice.choice((1, 2, 4))
    number = dice.choice(_EDGES) & ((1 << 8 * size) - 1)
    data[at : at + size] = number.to_bytes(size, dice.choice(_ORDERS))
    return data


def _nudge_number(data: bytearray, dice: random.Random) -> bytearray:
    """Make a number a little more or less, or double it."""
    at, size = _place(data, dice), dice.choice((1, 2, 4))
    order = dice.choice(_ORDERS)
    number = int.from_bytes(data[at : at + size], order)
    number = dice.choice((number + 1, number - 1, number * 2, number + 256)) % (1 << 8 * size)
    data[at : at + size] = number.to_bytes(size, order)
    return data


def _span(data: bytearray, dice: random.Random) -> slice:
    at = _place(data, dice)
    return slice(at, at + dice.choice((1, 4, 12, 64, 500, 4000)))


def _delete(data: bytearray, dice: random.Random) -> bytearray:
    del data[_span(data, dice)]
    return data


def _duplicate(data: bytearray, dice: random.Random) -> bytearray:
    span = _span(data, dice)
    data[span.start : span.start] = data[span] * dice.choice((1, 2, 20))
    return data


def _move(data: bytearray, dice: random.Random) -> bytearray:
    span = _span(data, dice)
    piece = data[span]
    del data[span]
    at = _place(data, dice)
    data[at:at] = piece
    return data


def _splice(data: bytearray, dice: random.Random) -> bytearray:
    """Put a piece of another seed in."""
    other = bytearray(_seed_file(dice.choice(sorted(SEEDS))))
    at = _place(data, dice)
    data[at:at] = other[_span(other, dice)]
    return data


def _cut(data: bytearray, dice: random.Random) -> bytearray:
    return data[: dice.randrange(len(data) + 1)]


def _fill(data: bytearray, dice: random.Random) -> bytearray:
    span = _span(data, dice)
    data[span] = bytes([dice.choice((0, 0xFF))]) * len(data[span])
    return data


MUTATIONS: tuple[Mutation, ...] = (
    _flip_bits,
    _flip_bits,
    _set_bytes,
    _set_number,
    _set_number,
    _nudge_number,
    _delete,
    _duplicate,
    _move,
    _splice,
    _cut,
    _fill,
)


@dataclass(slots=True)
class Tally:
    """What came out so far."""

    codes: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    slowest: float = 0
    fattest: int = 0

    def __str__(self) -> str:
        codes = ", ".join(f"{count} {code}" for code, count in self.codes.most_common())
        return (
            f"{self.codes.total()} files: {codes}; slowest {self.slowest:.2f} s of CPU, "
            f"largest {self.fattest} MiB; {len(self.findings)} findings"
        )


def is_finding(result: ChildResult) -> bool:
    """Whether an ending breaks the engine's promise."""
    too_much = result.cpu_seconds > MAX_CPU_SECONDS or result.peak_mib > MAX_PEAK_MIB
    return result.code in {"crashed", "noisy"} or too_much


def names_and_seeds(seed: int, kinds: str = "") -> Iterator[tuple[str, int]]:
    """Yield what to try, for ever: of the seeds whose names match *kinds*."""
    dice = random.Random(seed)
    names = [name for name in sorted(SEEDS) if re.search(kinds, name)]
    while True:
        yield dice.choice(names), dice.randrange(1 << 32)


def run(seconds: float, seed: int, folder: Path, kinds: str = "") -> Tally:
    """Try mutated files for *seconds* and save what breaks the engine into *folder*."""
    tally = Tally()
    tries = names_and_seeds(seed, kinds)
    end = time.monotonic() + seconds
    with Nursery() as nursery:
        while time.monotonic() < end:
            batch = [next(tries) for _ in range(BATCH)]
            while batch:
                batch = batch[_try(batch, nursery, tally, folder) :]
    return tally


def _try(batch: list[tuple[str, int]], nursery: Nursery, tally: Tally, folder: Path) -> int:
    """Render a batch in one child; return how many files were done before one ended it."""
    files = [mutated(name, seed) for name, seed in batch]
    results = nursery.render_many(files)
    for (name, seed), data, result in zip(batch, files, results, strict=False):
        if is_finding(result):
            # Once more, alone: memory and noise of the others are not this file's fault.
            result = nursery.render(data)  # noqa: PLW2901
        tally.codes[result.code] += 1
        tally.slowest = max(tally.slowest, result.cpu_seconds)
        tally.fattest = max(tally.fattest, result.peak_mib)
        if is_finding(result):
            tally.findings.append(_save(folder, name, seed, data, result))
    return len(results)


def _save(folder: Path, name: str, seed: int, data: bytes, result: ChildResult) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name.replace(', ', '-').replace(' ', '_')}-{seed}.bin"
    path.write_bytes(data)
    return (
        f"{path}: {result.code} {result.message}, "
        f"{result.cpu_seconds:.2f} s, {result.peak_mib} MiB; mutated({name!r}, {seed})"
    )


def main() -> int:
    """Run from the command line; the exit code is 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--kinds", default="", help="of the seeds, those that match this pattern")
    parser.add_argument("--save", type=Path, default=Path("fuzz-findings"))
    chosen = parser.parse_args()
    tally = run(chosen.seconds, chosen.seed, chosen.save, chosen.kinds)
    lines = [*tally.findings, f"seed {chosen.seed}: {tally}"]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if tally.findings else 0


if __name__ == "__main__":
    sys.exit(main())
