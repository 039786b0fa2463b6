"""One file alone against the whole set: what an address costs, beside what its upload has cost."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from benchmarks.bench import Bar, Bench, Section, progress, table
from benchmarks.contenders import OURS, Worker
from benchmarks.jobs import presets, warm_up
from benchmarks.machine import measured_line
from benchmarks.protocol import Output, Request

ROUNDS = 7
SHARE = 0.35
ALONE = (Output("alone.avif", "avif", 640),)
HEADS = ("", "one file, CPU ms", "the set, CPU ms", "one ÷ set", "(min-max)")


def single_section(bench: Bench) -> Section:
    """Return the share of a 640-pixel AVIF in the CPU time of the default presets with description."""
    rows, bars = [], []
    with Worker(OURS, core=bench.core) as worker:
        worker.ask(Request(str(bench.warm_up()), warm_up()))
        for photo in (*bench.photos, *_others(bench)):
            progress(f"one file alone: {photo.stem}")
            pairs = _alternate(bench, worker, photo)
            shares = [one / whole for one, whole in pairs]
            alone, whole = (median(pair[index] for pair in pairs) for index in (0, 1))
            spread = f"({min(shares):.2f}-{max(shares):.2f})"
            rows.append(
                (photo.name, f"{alone:,.0f}", f"{whole:,.0f}", f"{median(shares):.2f}", spread)
            )
            claim = f"{photo.name}: CPU time of a 640-pixel AVIF alone ÷ the default presets"
            bars.append(Bar(claim, median(shares), SHARE))
    body = f"{measured_line('single')}\n\n{table(HEADS, rows)}"
    return Section("One file alone", body, tuple(bars))


def _others(bench: Bench) -> tuple[Path, ...]:
    """Return the HEIC of about 12 megapixels beside the photographs, if there is one."""
    return tuple(sorted(bench.photos[0].parent.glob("heic12*.heic")))


def _alternate(bench: Bench, worker: Worker, photo: Path) -> list[tuple[float, float]]:
    one = Request(str(photo), ALONE)
    whole = Request(str(photo), presets(bench.presets).outputs, describe=True, font=str(bench.font))
    return [(worker.ask(one).cpu_ms, worker.ask(whole).cpu_ms) for _ in range(bench.rounds(ROUNDS))]
