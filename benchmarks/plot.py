"""The plot: CPU time of every contender at every job, and the bytes of the ladder by format."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.bench import Race
from benchmarks.contenders import CONTENDERS, OURS
from benchmarks.jobs import LADDER_FORMATS
from benchmarks.race import cpu_ratios, mean_cpu, total_bytes

OUR_COLOUR, THEIR_COLOUR = "#b4532a", "#9aa3ad"
FORMAT_COLOURS = {"jpeg": "#4f6d8f", "webp": "#8fb0a9", "avif": "#d9a441"}
NAMES = [contender.name for contender in CONTENDERS]


def draw(races: tuple[Race, ...], target: Path) -> None:
    """Write the plot of *races* as an SVG."""
    # Text stays text, which keeps the file small; the salt keeps it the same from run to run.
    with mpl.rc_context(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "tintype",
            "font.family": "sans-serif",
            "font.sans-serif": ["Helvetica", "Arial", "DejaVu Sans"],
            "font.size": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    ):
        figure = Figure(figsize=(9, 5.6), layout="constrained", facecolor="white")
        axes = figure.subplots(2, 2).ravel()
        for axis, race in zip(axes, races, strict=False):
            _cpu_bars(axis, race)
        ladder = next(race for race in races if race.job.name == "ladder")
        _byte_bars(axes[-1], ladder)
        figure.savefig(target, format="svg", metadata={"Date": None})


def _cpu_bars(axis: Axes, race: Race) -> None:
    times = [median(mean_cpu(race, name)) for name in NAMES]
    colours = [OUR_COLOUR if name == OURS.name else THEIR_COLOUR for name in NAMES]
    bars = axis.barh(NAMES, times, color=colours)
    axis.bar_label(
        bars, [_label(race, index, times[index]) for index in range(len(times))], padding=3
    )
    _finish(axis, f"{race.job.title.split(':')[0]}: CPU ms a photograph", max(times) * 1.32)


def _label(race: Race, index: int, milliseconds: float) -> str:
    contender = CONTENDERS[index]
    if contender is OURS:
        return f"{milliseconds:,.0f}"
    return f"{milliseconds:,.0f}  ({1 / median(cpu_ratios(race, contender)):.2g}×)"


def _byte_bars(axis: Axes, race: Race) -> None:
    left = [0.0] * len(NAMES)
    for format_ in LADDER_FORMATS:
        widths = [total_bytes(race, name, [format_]) / 1e6 for name in NAMES]
        axis.barh(NAMES, widths, left=left, color=FORMAT_COLOURS[format_], label=format_.upper())
        left = [start + width for start, width in zip(left, widths, strict=True)]
    for row, total in enumerate(left):
        axis.annotate(f"{total:.2f}", (total, row), (3, 0), textcoords="offset points", va="center")
    axis.legend(ncols=3, frameon=False, loc="upper center", bbox_to_anchor=(0.45, -0.02))
    _finish(axis, "A ladder: MB a photograph", max(left) * 1.15)


def _finish(axis: Axes, title: str, limit: float) -> None:
    axis.set_title(title, loc="left", fontweight="bold", fontsize=9)
    axis.set_xlim(0, limit)
    axis.invert_yaxis()
    axis.tick_params(left=False, bottom=False, labelbottom=False)
    axis.spines["bottom"].set_visible(False)
