"""The race: all contenders do one job in turn, round after round, each on the same core.

The machine's mood changes from minute to minute, so we run beside every peer in every round (ours, A,
ours, B, ours, C, ...): what counts is the ratio of two neighbours, and of all those the median.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import fmean, median

from benchmarks.bench import Bar, Bench, Measurement, Race, progress
from benchmarks.contenders import CONTENDERS, OURS, PEERS, Contender, Worker
from benchmarks.jobs import Job, at_our_settings, warm_up
from benchmarks.protocol import Request

AT_OUR_SETTINGS = {"best", "tuned", "handwritten"}


def run_race(bench: Bench, job: Job) -> Race:
    """Have every contender do *job* on every photograph, alternately; keep the first round's files."""
    with ExitStack() as stack:
        workers = {one: stack.enter_context(Worker(one, core=bench.core)) for one in CONTENDERS}
        for worker in workers.values():
            worker.ask(Request(str(bench.warm_up()), warm_up(), font=str(bench.font)))
        measurements = [
            measurement
            for number in range(bench.rounds(job.rounds))
            for photo in bench.photos
            for measurement in _turn(bench, job, workers, number, photo)
        ]
    return Race(job, tuple(measurements))


def peaks(bench: Bench, job: Job) -> dict[str, float]:
    """Return the peak memory, in MB, of a fresh process of each contender that does *job* once."""
    found = {}
    for contender in CONTENDERS:
        progress(f"{job.name}: memory of {contender.name}")
        with Worker(contender, core=bench.core) as worker:
            found[contender.name] = worker.ask(
                request_for(bench, job, contender, bench.photos[0])
            ).peak_mb
    return found


def kept_folder(bench: Bench, job: Job, contender: str, photo: str) -> Path:
    """Return where the first round's files of one contender lie."""
    return bench.folder(job.name, contender, photo)


def cpu_ratios(race: Race, peer: Contender, photo: str | None = None) -> list[float]:
    """Return our CPU time as a share of the peer's beside it: one number a round and photograph."""
    ours = _cpu(race, OURS.name, peer.name)
    theirs = _cpu(race, peer.name, OURS.name)
    return [ours[key] / theirs[key] for key in ours if photo is None or key[0] == photo]


def summed_ratio(race: Race, peer: Contender) -> float:
    """Return our share of the peer's CPU time for all photographs and rounds together."""
    ours = sum(_cpu(race, OURS.name, peer.name).values())
    return ours / sum(_cpu(race, peer.name, OURS.name).values())


def mean_cpu(race: Race, contender: str) -> list[float]:
    """Return the CPU milliseconds a photograph, one number a round."""
    return _by_round(race, contender, "cpu_ms")


def mean_wall(race: Race, contender: str) -> list[float]:
    """Return the milliseconds that a photograph took, one number a round."""
    return _by_round(race, contender, "wall_ms")


def total_bytes(
    race: Race, contender: str, formats: Iterable[str] = ("jpeg", "webp", "avif")
) -> float:
    """Return the bytes a photograph of all files in *formats*."""
    wanted = tuple(f".{format_}" for format_ in formats)
    first = [one for one in race.measurements if one.contender == contender and one.round == 0]
    return fmean(
        sum(size for name, size in one.reply.bytes.items() if name.endswith(wanted))
        for one in first
    )


def ratio_bar(race: Race, peer: Contender, limit: float, *, photo: str | None = None) -> Bar:
    """Return the bar on our share of the peer's CPU time."""
    claim = f"{race.job.name}: CPU time ÷ that of {peer.name}"
    return Bar(claim, median(cpu_ratios(race, peer, photo)), limit)


def request_for(bench: Bench, job: Job, contender: Contender, photo: Path) -> Request:
    """Return the request by which *contender* is asked to do *job*, with our settings where it takes them."""
    outputs = job.outputs
    if contender.mode in AT_OUR_SETTINGS:
        outputs = tuple(map(at_our_settings, outputs))
    return Request(str(photo), outputs, job.name, font=str(bench.font))


def _turn(
    bench: Bench, job: Job, workers: dict[Contender, Worker], number: int, photo: Path
) -> list[Measurement]:
    """Have every peer do the job once on one photograph, and us beside each."""
    progress(f"{job.name}: round {number + 1} of {bench.rounds(job.rounds)}, {photo.stem}")
    measurements = []
    for peer in PEERS:
        for one, beside in ((OURS, peer), (peer, OURS)):
            request = request_for(bench, job, one, photo)
            if number == 0:
                request = replace(
                    request, folder=str(kept_folder(bench, job, one.name, photo.stem))
                )
            reply = workers[one].ask(request)
            measurements.append(Measurement(one.name, beside.name, photo.stem, number, reply))
    return measurements


def _cpu(race: Race, contender: str, beside: str) -> dict[tuple[str, int], float]:
    return {
        (one.photo, one.round): one.reply.cpu_ms
        for one in race.measurements
        if (one.contender, one.beside) == (contender, beside)
    }


def _by_round(race: Race, contender: str, field: str) -> list[float]:
    rounds: dict[int, list[float]] = {}
    for one in race.measurements:
        if one.contender == contender:
            rounds.setdefault(one.round, []).append(getattr(one.reply, field))
    return [fmean(values) for values in rounds.values()]
