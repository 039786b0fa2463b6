"""Quality curves: how many bytes an encoder needs for a score, from a few files of known quality."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import exp, log
from pathlib import Path
from statistics import linear_regression

from benchmarks.bench import Bench
from benchmarks.contenders import Worker
from benchmarks.protocol import Output, Request
from benchmarks.scores import Pair, reference_for, score_all

QUALITY_STEPS = (-6, -3, 0, 3, 6)


@dataclass(frozen=True, slots=True)
class Sample:
    """One file: what it was made from, how, and what it is worth."""

    photo: Path
    output: Output
    file: Path
    cpu_ms: float
    score: float = 0

    @property
    def bytes(self) -> int:
        """The size of the file."""
        return self.file.stat().st_size


def make(bench: Bench, worker: Worker, photo: Path, output: Output) -> Sample:
    """Have *worker* write one file, alone, and keep what it cost."""
    folder = bench.folder("samples", worker.contender.name, photo.stem)
    reply = worker.ask(Request(str(photo), (output,), folder=str(folder), font=str(bench.font)))
    return Sample(photo, output, folder / output.name, reply.cpu_ms)


def make_all(
    bench: Bench, worker: Worker, photo: Path, outputs: tuple[Output, ...]
) -> list[Sample]:
    """Have *worker* write all files as one job, without counting the cost."""
    folder = bench.folder("samples", worker.contender.name, photo.stem)
    worker.ask(Request(str(photo), outputs, folder=str(folder), font=str(bench.font)))
    return [Sample(photo, output, folder / output.name, 0) for output in outputs]


def scored(bench: Bench, samples: Iterable[Sample]) -> list[Sample]:
    """Return the samples with their scores."""
    samples = list(samples)
    references = bench.folder("references")
    pairs = [Pair(reference_for(one.photo, one.file, references), one.file) for one in samples]
    return [replace(one, score=score) for one, score in zip(samples, score_all(pairs), strict=True)]


def at_qualities(output: Output, around: int) -> tuple[Output, ...]:
    """Return *output* at a few qualities about the given one, each under a name of its own.

    >>> [one.name for one in at_qualities(Output("w320.webp", "webp", 320), 80)][:2]
    ['w320-q74.webp', 'w320-q77.webp']
    """
    stem, extension = output.name.split(".")
    return tuple(
        replace(output, name=f"{stem}-q{around + step}.{extension}", quality=around + step)
        for step in QUALITY_STEPS
    )


def bytes_at(curve: Iterable[Sample], score: float) -> float:
    """Return the bytes that give *score*: log bytes are nearly linear in it, single scores are noisy."""
    curve = list(curve)
    line = linear_regression([one.score for one in curve], [log(one.bytes) for one in curve])
    return exp(line.intercept + line.slope * score)


def quality_at(curve: Iterable[Sample], score: float) -> float:
    """Return the quality setting that gives *score*."""
    curve = list(curve)
    line = linear_regression(
        [one.output.quality or 0 for one in curve], [one.score for one in curve]
    )
    return (score - line.intercept) / line.slope
