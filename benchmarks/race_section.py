"""The table of one race: CPU, wall, memory, bytes and scores, contender by contender."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from statistics import fmean, median

from benchmarks.bench import Bar, Bench, Race, Section, progress, table
from benchmarks.contenders import (
    CONTENDERS,
    OURS,
    PEERS,
    PILLOW_NAIVE,
    SHARP_DEFAULTS,
    SHARP_TUNED,
    Contender,
)
from benchmarks.jobs import LADDER_FORMATS, LADDER_WIDTHS
from benchmarks.race import (
    cpu_ratios,
    kept_folder,
    mean_cpu,
    mean_wall,
    peaks,
    ratio_bar,
    summed_ratio,
    total_bytes,
)
from benchmarks.scores import Pair, cover_references, reference_for, score_all

SCORED_WIDTHS = (320, 960)
HEADS = ("", "CPU ms", "(min-max)", "ours ÷ it", "summed", "wall ms", "peak MB", "kB")


def race_section(bench: Bench, race: Race) -> Section:
    """Return the race's table; a quick run leaves the scores out."""
    memory = peaks(bench, race.job)
    scores = {} if bench.quick else _scores(bench, race)
    formats = [] if not scores else [f for f in LADDER_FORMATS if (OURS.name, f) in scores]
    heads = (*HEADS, *(f"{format_.upper()} score" for format_ in formats))
    rows = [
        (*_row(race, one, memory[one.name]), *(f"{scores[one.name, f]:.1f}" for f in formats))
        for one in CONTENDERS
    ]
    body = f"{table(heads, rows)}\n\n{_photo_table(bench, race)}"
    return Section(race.job.title, body, _bars(bench, race))


def score_widths(bench: Bench) -> tuple[int, ...]:
    """Return the widths whose files are scored."""
    return LADDER_WIDTHS if bench.thorough else SCORED_WIDTHS


def _row(race: Race, contender: Contender, peak: float) -> tuple[str, ...]:
    cpu = mean_cpu(race, contender.name)
    return (
        contender.name,
        f"{median(cpu):,.0f}",
        f"({min(cpu):,.0f}-{max(cpu):,.0f})",
        "1" if contender is OURS else f"{median(cpu_ratios(race, contender)):.3f}",
        "1" if contender is OURS else f"{summed_ratio(race, contender):.3f}",
        f"{median(mean_wall(race, contender.name)):,.0f}",
        f"{peak:,.0f}",
        f"{total_bytes(race, contender.name) / 1000:,.0f}",
    )


def _photo_table(bench: Bench, race: Race) -> str:
    """Return our share of each peer's CPU time, photograph by photograph."""
    rows = [
        (one.name, *(f"{median(cpu_ratios(race, one, photo.stem)):.3f}" for photo in bench.photos))
        for one in PEERS
    ]
    return table(("ours ÷ it", *(photo.stem for photo in bench.photos)), rows)


def _bars(bench: Bench, race: Race) -> tuple[Bar, ...]:
    first = bench.photos[0].stem
    if race.job.name == "cover":
        return (
            ratio_bar(race, PILLOW_NAIVE, 0.25, photo=first),
            ratio_bar(race, SHARP_DEFAULTS, 1.0, photo=first),
        )
    if race.job.name == "ladder":
        ours, sharp = (total_bytes(race, one.name) for one in (OURS, SHARP_DEFAULTS))
        return (
            ratio_bar(race, SHARP_DEFAULTS, 0.08),
            ratio_bar(race, SHARP_TUNED, 0.45),
            ratio_bar(race, PILLOW_NAIVE, 0.25),
            Bar("ladder: bytes ÷ those of sharp, defaults", ours / sharp, 1.05),
        )
    return ()


def _scores(bench: Bench, race: Race) -> dict[tuple[str, str], float]:
    """Return the mean score by contender and format, of the files that can be compared."""
    if race.job.name == "presets":
        return {}  # the watermark is each contender's own
    progress(f"{race.job.name}: scoring")
    groups = list(
        _cover_pairs(bench, race) if race.job.name == "cover" else _ladder_pairs(bench, race)
    )
    scores = iter(score_all(pair for _, pairs in groups for pair in pairs))
    found: dict[tuple[str, str], list[float]] = {}
    for key, pairs in groups:
        found.setdefault(key, []).append(max(next(scores) for _ in pairs))
    return {key: fmean(values) for key, values in found.items()}


Group = tuple[tuple[str, str], tuple[Pair, ...]]


def _cover_pairs(bench: Bench, race: Race) -> Iterable[Group]:
    for photo in bench.photos:
        references = cover_references(photo, 512, bench.folder("references"))
        for one in CONTENDERS:
            picture = kept_folder(bench, race.job, one.name, photo.stem) / "cover.jpeg"
            yield (one.name, "jpeg"), tuple(Pair(reference, picture) for reference in references)


def _ladder_pairs(bench: Bench, race: Race) -> Iterable[Group]:
    for photo, one in product(bench.photos, CONTENDERS):
        folder = kept_folder(bench, race.job, one.name, photo.stem)
        for width, format_ in product(score_widths(bench), LADDER_FORMATS):
            picture = folder / f"w{width}.{format_}"
            reference = reference_for(photo, picture, bench.folder("references"))
            yield (one.name, format_), (Pair(reference, picture),)
