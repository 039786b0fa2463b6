"""Efforts: what each encoder's effort costs and saves, every file at the score of sharp's default.

The encoders get the same pixels here, 960 wide, already resized: nothing but the codec differs.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from statistics import fmean, median

from benchmarks.bench import Bench, Section, progress, table
from benchmarks.contenders import OURS, SHARP_DEFAULTS, Worker
from benchmarks.curves import Sample, at_qualities, bytes_at, make, quality_at, scored
from benchmarks.equal_quality import default_quality
from benchmarks.jobs import warm_up
from benchmarks.protocol import Output, Request
from benchmarks.scores import resized

# jpegli has no effort to choose.
EFFORTS: dict[str, tuple[int | None, ...]] = {
    "jpeg": (None,),
    "webp": (0, 2, 4),
    "avif": (0, 1, 2),
}
WIDTH = 960
HEADS = ("", "CPU ÷ sharp's", "bytes ÷ sharp's", "at quality")


def efforts_section(bench: Bench) -> Section:
    """Return CPU and bytes of every effort, as shares of sharp's default for the format."""
    theirs, ours = _samples(bench)
    progress(f"efforts: scoring {len(theirs) + len(ours)} files")
    samples = scored(bench, [*theirs, *ours])
    theirs, ours = samples[: len(theirs)], samples[len(theirs) :]
    rows = [
        _row(format_, effort, theirs, ours)
        for format_, efforts in EFFORTS.items()
        for effort in efforts
    ]
    body = (
        f"{table(HEADS, rows)}\n\nEach encoder fed the same {WIDTH}-pixel pictures; bytes at the score of "
        "sharp's default for the format (WebP and AVIF at effort 4 there), and the quality that takes."
    )
    return Section("What an effort costs", body)


def _samples(bench: Bench) -> tuple[list[Sample], list[Sample]]:
    theirs, ours = [], []
    with Worker(SHARP_DEFAULTS, core=bench.core) as sharp, Worker(OURS, core=bench.core) as tintype:
        for worker in (sharp, tintype):
            worker.ask(Request(str(bench.warm_up()), warm_up(), font=str(bench.font)))
        for photo, format_ in product(bench.photos, EFFORTS):
            progress(f"efforts: {format_} of {photo.stem}")
            picture = resized(photo, WIDTH, bench.folder("pictures"))
            theirs.append(make(bench, sharp, picture, _output(format_, None)))
            ours += [make(bench, tintype, picture, one) for one in _candidates(format_)]
    return theirs, ours


def _candidates(format_: str) -> list[Output]:
    quality = default_quality(format_)
    return [
        candidate
        for effort in EFFORTS[format_]
        for candidate in at_qualities(_output(format_, effort), quality)
    ]


def _output(format_: str, effort: int | None) -> Output:
    return Output(f"e{effort or 0}.{format_}", format_, WIDTH, effort=effort)


def _row(
    format_: str, effort: int | None, theirs: list[Sample], ours: list[Sample]
) -> tuple[str, ...]:
    targets = {one.photo: one for one in theirs if one.output.format == format_}
    curves: dict[Path, list[Sample]] = {photo: [] for photo in targets}
    for one in ours:
        if replace(one.output, name="", quality=None) == Output("", format_, WIDTH, effort=effort):
            curves[one.photo].append(one)
    pairs = [(targets[photo], curve) for photo, curve in curves.items()]
    cpu = sum(median(one.cpu_ms for one in curve) for _, curve in pairs)
    size = sum(bytes_at(curve, target.score) for target, curve in pairs)
    return (
        "JPEG (jpegli)" if effort is None else f"{format_.upper()} effort {effort}",
        f"{cpu / sum(target.cpu_ms for target, _ in pairs):.3f}",
        f"{size / sum(target.bytes for target, _ in pairs):.3f}",
        f"{fmean(quality_at(curve, target.score) for target, curve in pairs):.1f}",
    )
