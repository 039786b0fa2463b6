"""Equal quality: the bytes that we need for the score of sharp's defaults, format by format."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import fmean

from benchmarks.bench import Bar, Bench, Section, progress, table
from benchmarks.contenders import OURS, SHARP_DEFAULTS, Worker
from benchmarks.curves import (
    Sample,
    at_qualities,
    bytes_at,
    make_all,
    quality_at,
    scored,
)
from benchmarks.jobs import LADDER_FORMATS, ladder
from benchmarks.protocol import Output
from benchmarks.race_section import score_widths
from tintype.imaging import Format

HEADS = (
    "",
    "sharp's score",
    "our score",
    "our bytes ÷ sharp's",
    "at equal score",
    "with our quality",
)


@dataclass(frozen=True, slots=True)
class Match:
    """One of sharp's files, and ours of the same picture and width at several qualities."""

    theirs: Sample
    ours: tuple[Sample, ...]

    @property
    def default(self) -> Sample:
        """Our file at our default quality."""
        return next(
            one for one in self.ours if one.output.quality == default_quality(one.output.format)
        )


def default_quality(format_: str) -> int:
    """Return the engine's default quality for a format."""
    return Format(format_).facts.quality or 0


def equal_quality_section(bench: Bench) -> Section:
    """Compare the encoders' defaults through the whole pipeline, resize included."""
    matches = _matches(bench)
    rows = [_row(format_.upper(), _of(matches, format_)) for format_ in LADDER_FORMATS]
    rows.append(_row("all", matches))
    gaps = tuple(
        Bar(
            f"{format_.upper()}: score, ours and that of sharp, defaults, apart by",
            abs(_gap(_of(matches, format_))),
            1.0,
            "points",
        )
        for format_ in LADDER_FORMATS
    )
    widths = ", ".join(map(str, score_widths(bench)))
    body = f"{table(HEADS, rows)}\n\nMean SSIMULACRA2 and summed bytes of the files {widths} pixels wide."
    return Section("Equal quality", body, gaps)


def _matches(bench: Bench) -> list[Match]:
    outputs = ladder(score_widths(bench)).outputs
    theirs, ours = [], []
    with Worker(SHARP_DEFAULTS, core=None) as sharp, Worker(OURS, core=None) as tintype:
        for photo in bench.photos:
            progress(f"quality: files of {photo.stem}")
            theirs += make_all(bench, sharp, photo, outputs)
            for output in outputs:
                candidates = at_qualities(output, default_quality(output.format))
                ours += make_all(bench, tintype, photo, candidates)
    progress(f"quality: scoring {len(theirs) + len(ours)} files")
    samples = scored(bench, [*theirs, *ours])
    return [_match(one, samples[len(theirs) :]) for one in samples[: len(theirs)]]


def _match(theirs: Sample, ours: list[Sample]) -> Match:
    same = (one for one in ours if (one.photo, _unnamed(one)) == (theirs.photo, _unnamed(theirs)))
    return Match(theirs, tuple(same))


def _unnamed(sample: Sample) -> Output:
    return replace(sample.output, name="", quality=None)


def _of(matches: list[Match], format_: str) -> list[Match]:
    return [one for one in matches if one.theirs.output.format == format_]


def _gap(matches: list[Match]) -> float:
    return fmean(one.theirs.score - one.default.score for one in matches)


def _row(name: str, matches: list[Match]) -> tuple[str, ...]:
    total = sum(one.theirs.bytes for one in matches)
    equal = sum(bytes_at(one.ours, one.theirs.score) for one in matches)
    qualities = [quality_at(one.ours, one.theirs.score) for one in matches]
    return (
        name,
        f"{fmean(one.theirs.score for one in matches):.1f}",
        f"{fmean(one.default.score for one in matches):.1f}",
        f"{sum(one.default.bytes for one in matches) / total:.3f}",
        f"{equal / total:.3f}",
        "" if name == "all" else f"{fmean(qualities):.1f}",
    )
