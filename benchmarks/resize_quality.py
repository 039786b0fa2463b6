"""Resize quality: our resized pixels, and a full-decode resize's, against the same Lanczos reference.

Lossless files are compared, so that no encoder has a say. A rendition is resized from a base that was
shrunk while it was decoded; the question is what that costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import fmean

import pyvips

from benchmarks.bench import Bar, Bench, Section, progress, table
from benchmarks.contenders import OURS, SHARP_DEFAULTS, Worker
from benchmarks.jobs import LADDER_WIDTHS
from benchmarks.protocol import Output, Request
from benchmarks.scores import Pair, reference_for, score_all

HEADS = ("width", "full decode", "ours, in the ladder", "ours, alone", "sharp", "our worst loss")
PLANS = ("full", "ladder", "alone", "sharp")
OUR_PLANS = {"ladder", "alone"}
TOLERANCE = 2.0  # points


@dataclass(frozen=True, slots=True)
class _Score:
    photo: Path
    width: int
    plan: str
    score: float


def resize_quality_section(bench: Bench) -> Section:
    """Return the scores by width: full decode, ours with the other widths, ours as the only width."""
    for photo in bench.photos:
        progress(f"resize: {photo.stem}")
        _render(bench, photo)
    keys = list(product(bench.photos, LADDER_WIDTHS, PLANS))
    progress(f"resize: scoring {len(keys)} files")
    scores = score_all(_pair(bench, *key) for key in keys)
    found = [_Score(*key, score) for key, score in zip(keys, scores, strict=True)]
    gaps = {width: _worst(found, width) for width in LADDER_WIDTHS}
    rows = [_row(found, width, gaps[width]) for width in LADDER_WIDTHS]
    bar = Bar(
        "resize: score of a full decode - ours, the worst", max(gaps.values()), TOLERANCE, "points"
    )
    body = (
        f"{table(HEADS, rows)}\n\nMean SSIMULACRA2 over the photographs against Pillow's Lanczos from a full "
        "decode; *full decode* is libvips' own `resize` (Lanczos 3) from all pixels. *Alone* is the width as "
        "the only rendition, where the original is shrunk the furthest; so is *sharp*, at its defaults. The "
        "last column is the most that any picture of ours is below its full decode."
    )
    return Section("Quality of the resize", body, (bar,))


def _file(bench: Bench, photo: Path, width: int, plan: str) -> Path:
    return bench.folder("resize", photo.stem, plan) / f"w{width}.png"


def _render(bench: Bench, photo: Path) -> None:
    outputs = tuple(Output(f"w{width}.png", "png", width) for width in LADDER_WIDTHS)
    ladder, alone, theirs = (bench.folder("resize", photo.stem, plan) for plan in PLANS[1:])
    with Worker(OURS, core=None) as worker, Worker(SHARP_DEFAULTS, core=None) as sharp:
        worker.ask(Request(str(photo), outputs, folder=str(ladder)))
        for output in outputs:
            worker.ask(Request(str(photo), (output,), folder=str(alone)))
            sharp.ask(Request(str(photo), (output,), folder=str(theirs)))
    full = _full_decode(photo)
    for width in LADDER_WIDTHS:
        like = pyvips.Image.new_from_file(str(_file(bench, photo, width, "ladder")))
        small = full.resize(like.width / full.width, vscale=like.height / full.height)
        small.pngsave(str(_file(bench, photo, width, "full")), compression=1)


def _full_decode(photo: Path) -> pyvips.Image:
    image = pyvips.Image.new_from_file(str(photo)).autorot()
    if image.get_typeof("icc-profile-data"):
        image = image.icc_transform("srgb", embedded=True)
    return image.copy_memory()


def _pair(bench: Bench, photo: Path, width: int, plan: str) -> Pair:
    picture = _file(bench, photo, width, plan)
    return Pair(reference_for(photo, picture, bench.folder("references")), picture)


def _worst(found: list[_Score], width: int) -> float:
    """Return how much less than a full decode's any of our pictures of this width scores."""
    full = {one.photo: one.score for one in found if one.width == width and one.plan == "full"}
    ours = [one for one in found if one.width == width and one.plan in OUR_PLANS]
    return max(full[one.photo] - one.score for one in ours)


def _row(found: list[_Score], width: int, gap: float) -> tuple[str, ...]:
    means = [
        fmean(one.score for one in found if (one.width, one.plan) == (width, plan))
        for plan in PLANS
    ]
    return (str(width), *(f"{mean:.1f}" for mean in means), f"{gap:.1f}")
