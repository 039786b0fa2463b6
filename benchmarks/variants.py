"""Variants of ourselves, alternately in one process: two threads against one, describing or not."""

from __future__ import annotations

import os
from dataclasses import replace
from statistics import median

from benchmarks.bench import Bar, Bench, Section, progress, table
from benchmarks.contenders import OURS, Worker
from benchmarks.jobs import Job, warm_up
from benchmarks.protocol import Reply, Request

ROUNDS = 7
HEADS = ("", "without", "with", "with ÷ without")

Rounds = list[tuple[Reply, Reply]]


def variants_section(bench: Bench, ladder: Job, presets: Job) -> Section:
    """Return what a second thread saves on the ladder and what a description costs on the presets."""
    progress("variants: two threads")
    threads = _alternate(bench, ladder, {"threads": 2}, core=None)
    progress("variants: description")
    described = _alternate(bench, presets, {"describe": True}, core=bench.core)
    saved = median(two.wall_ms / one.wall_ms for one, two in threads)
    rows = [
        _row("a second thread, the ladder: wall ms", threads, "wall_ms"),
        _row("a second thread, the ladder: CPU ms", threads, "cpu_ms"),
        _row("describing, the presets: CPU ms", described, "cpu_ms"),
    ]
    bar = Bar("ladder: wall time of two threads ÷ one", saved, 0.6)
    bars = (bar,) if (os.cpu_count() or 1) > 1 else ()
    return Section("Two threads; the description", table(HEADS, rows), bars)


def _alternate(bench: Bench, job: Job, change: dict[str, int], *, core: int | None) -> Rounds:
    """Run *job* as it is and with the changed request, in turn, on every photograph."""
    with Worker(OURS, core=core) as worker:
        worker.ask(Request(str(bench.warm_up()), warm_up()))
        requests = [Request(str(photo), job.outputs, job.name) for photo in bench.photos]
        return [
            (worker.ask(request), worker.ask(replace(request, **change)))  # type: ignore[arg-type]
            for _ in range(bench.rounds(ROUNDS))
            for request in requests
        ]


def _row(name: str, rounds: Rounds, field: str) -> tuple[str, ...]:
    pairs = [(getattr(without, field), getattr(with_, field)) for without, with_ in rounds]
    ratio = median(with_ / without for without, with_ in pairs)
    return (
        name,
        f"{median(without for without, _ in pairs):,.0f}",
        f"{median(with_ for _, with_ in pairs):,.0f}",
        f"{ratio:.2f}",
    )
