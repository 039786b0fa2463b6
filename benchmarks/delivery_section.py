"""The report of `delivery.py`: CPU of misses and hits, scores, and bytes at the score of each peer."""

from __future__ import annotations

from statistics import fmean, median

from benchmarks.bench import Bar, Bench, Section, progress, table
from benchmarks.curves import Sample, bytes_at, scored
from benchmarks.delivery import WIDTHS, Delivered, race
from benchmarks.delivery_batches import per_request, ratios
from benchmarks.delivery_servers import Server
from benchmarks.machine import measured_line

TITLE = "Any size by its address"
SHARE = 0.9

HEADS = (
    *("", "CPU ms a miss", "(min-max)", "ours ÷ it", "(min-max)"),
    *(f"{width} px" for width in WIDTHS),
)
QUALITY_HEADS = ("", "qualities", "score", "kB a file", "our bytes ÷ its, at its score")

NOTES = """\
Through HTTP, one request at a time, each server on the same core: three photographs, about
{widths} pixels wide, as AVIF, every size a new one. In a round, Tintype makes the same sizes next to
each peer; *ours ÷ it* is the median of the rounds' ratios, with the least and the most, then by
width.

- **Tintype** is the whole stack of `tintype up`, requested through its distribution. *CPU ms a miss*
  is that of the render function's process: it reads manifest and original from the bucket, renders,
  stores the file and a mark, and reads the manifest again, each by HTTP. What stands around it here,
  {around:.0f} ms a miss and {hit:.1f} ms a hit, is not ours in production: CloudFront, S3 and Lambda
  serve there, and an emulator in Python here. So the peers' whole process is compared with our
  function's, which does more: theirs read the original from the disk and store nothing.
{peers}
- **Hits**: a file that was made comes from the distribution or the bucket, and starts no function:
  {function_hit:.1f} ms of the render function. Pillow and sharp, as servers, store nothing and render
  again. thumbor with `RESULT_STORAGE` takes {thumbor_hit:.1f} ms a hit; that is less than our emulator, and
  it needs a running server.
- **Score** is SSIMULACRA2 against the photograph decoded in full and resized by Lanczos. Our bytes at
  a peer's score are interpolated from five qualities (`q`) around the default.
- **Qualities**, by width: ours is the default; each peer's is the one that a line through the scores
  of five of its own gives for ours at that width, rounded down. An encoder's scores rise in steps,
  so that what is left apart, in either direction, is in the table.
"""


def delivery_section(bench: Bench) -> Section:
    """Run the race, score its files, and return its tables and bars."""
    run = race(bench)
    mine, *peers = [one for one in run.servers if one.name in {b.server for b in run.misses}]
    body = [
        measured_line("delivery"),
        table(HEADS, [_row(run, one, mine) for one in (mine, *peers)]),
    ]
    bars = [_share_bar(run, mine, peers)]
    if not bench.quick:
        progress("delivery: scoring the files")
        scores = {one.name: scored(bench, run.files[one.name]) for one in (mine, *peers)}
        rows = [_quality_row(run, scores[one.name], one, mine) for one in (mine, *peers)]
        body.append(table(QUALITY_HEADS, rows))
        bars.append(_score_bar(scores, mine, peers))
    return Section(TITLE, "\n\n".join([*body, _notes(run, mine, peers)]), tuple(bars))


def _row(run: Delivered, one: Server, mine: Server) -> tuple[str, ...]:
    cpu = per_request(run.misses, one.name)
    figures = (one.name, f"{median(cpu):,.0f}", f"({min(cpu):,.0f}-{max(cpu):,.0f})")
    if one is mine:
        return (*figures, "1", "", *("1" for _ in WIDTHS))
    shares = ratios(run.misses, mine.name, one.name, WIDTHS)
    by_width = (ratios(run.misses, mine.name, one.name, (width,)) for width in WIDTHS)
    spread = f"({min(shares):.2f}-{max(shares):.2f})"
    return (*figures, f"{median(shares):.3f}", spread, *(f"{median(one):.2f}" for one in by_width))


def _quality_row(
    run: Delivered, samples: list[Sample], one: Server, mine: Server
) -> tuple[str, ...]:
    equal = [bytes_at(_curve(run, sample), sample.score) for sample in samples]
    total = sum(sample.bytes for sample in samples)
    return (
        one.name,
        ", ".join(str(run.qualities[one.name][width]) for width in WIDTHS),
        f"{_score(samples):.1f}",
        f"{total / len(samples) / 1000:.1f}",
        "" if one is mine else f"{sum(equal) / total:.3f}",
    )


def _curve(run: Delivered, sample: Sample) -> list[Sample]:
    """Return our files of the same photograph and width, at all qualities."""
    wanted = sample.photo, sample.output.width
    return [one for one in run.curve if (one.photo, one.output.width) == wanted]


def _score(samples: list[Sample]) -> float:
    return fmean(one.score for one in samples)


def _share_bar(run: Delivered, mine: Server, peers: list[Server]) -> Bar:
    """Return the bar on our share of the CPU time of the peer that needs the least."""
    shares = {one.name: median(ratios(run.misses, mine.name, one.name, WIDTHS)) for one in peers}
    claim = "any size, a miss: CPU time ÷ that of the best server of the peers"
    return Bar(claim, max(shares.values()), SHARE)


def _score_bar(scores: dict[str, list[Sample]], mine: Server, peers: list[Server]) -> Bar:
    means = {one.name: _score(scores[one.name]) for one in (mine, *peers)}
    best = max(means[one.name] for one in peers)
    claim = "any size: score of the best server of the peers less ours"
    return Bar(claim, best - means[mine.name], 0.0, "points")


def _notes(run: Delivered, mine: Server, peers: list[Server]) -> str:
    hits = {one.server: one for one in run.hits}
    stored = next(one for one in run.hits if one.server != mine.name)
    return NOTES.format(
        widths=", ".join(map(str, WIDTHS)),
        around=median(per_request(run.misses, mine.name, around=True)),
        hit=hits[mine.name].around_ms,
        function_hit=hits[mine.name].cpu_ms,
        thumbor_hit=stored.cpu_ms,
        peers="\n".join(f"- **{one.name}**: {one.does}." for one in peers),
    ).rstrip()
