"""The footprint: memory of a very large original, time of the import, bytes on disk."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from statistics import median

from benchmarks.bench import Bar, Bench, Section, progress, table
from benchmarks.contenders import CONTENDERS, OURS, SHARP_TUNED, Contender, Worker
from benchmarks.jobs import Job
from benchmarks.photos import enlarge
from benchmarks.race import request_for

HUGE_SIDE = 10_000  # pixels: 100 megapixels
IMPORT_ROUNDS = 15
_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)")
# The first does not load libvips, the second does, as every rendering does.
IMPORTS = ("import tintype.imaging", "from tintype.imaging import render_all")


def footprint_section(bench: Bench, presets: Job) -> Section:
    """Return memory, import time and installed bytes."""
    memory = _memory(bench, presets)
    imports = {statement: _import_ms(statement) for statement in IMPORTS}
    sizes = _installed()
    heads = ("peak MB of a 100-megapixel JPEG, the default presets", "baseline", "progressive")
    rows = [(name, *(f"{peak:,.0f}" for peak in peaks)) for name, peaks in memory.items()]
    disk = [
        (name, f"{size / 1e6:.1f}") for name, size in sorted(sizes.items(), key=lambda one: -one[1])
    ]
    total = sum(sizes.values()) / 1e6
    body = "\n\n".join(
        (
            table(heads, rows),
            *(_import_sentence(statement, *spent) for statement, spent in imports.items()),
            table(("installed for the engine", "MB"), [*disk, ("all", f"{total:.1f}")]),
        )
    )
    bars = (
        Bar(
            "100-megapixel JPEG, default presets and description: peak",
            memory[OURS.name][0],
            200,
            "MB",
        ),
        Bar("the same, progressive: peak", memory[OURS.name][1], 400, "MB"),
        *(Bar(statement, wall, 60, "ms") for statement, (wall, _) in imports.items()),
        Bar("the engine's installed dependencies", total, 45, "MB"),
    )
    return Section("Footprint", body, bars)


def _memory(bench: Bench, presets: Job) -> dict[str, tuple[float, float]]:
    folder = bench.folder("huge")
    originals = []
    for name, progressive in (("baseline", False), ("progressive", True)):
        progress(f"memory: making a {name} JPEG of 100 megapixels")
        target = folder / f"{name}.jpg"
        originals.append(enlarge(bench.photos[0], target, side=HUGE_SIDE, progressive=progressive))
    baseline, progressive_ = originals
    return {
        one.name: (_peak(bench, presets, one, baseline), _peak(bench, presets, one, progressive_))
        for one in CONTENDERS
        if one is not SHARP_TUNED  # its memory is that of the defaults
    }


def _peak(bench: Bench, job: Job, contender: Contender, original: Path) -> float:
    progress(f"memory: {contender.name}, {original.stem}")
    request = replace(request_for(bench, job, contender, original), describe=True)
    with Worker(contender, core=bench.core) as worker:
        return worker.ask(request).peak_mb


def _import_ms(statement: str) -> tuple[float, float]:
    """Return the wall and the CPU milliseconds of an import, medians of differences within a round."""
    progress(f"{statement}: fresh interpreters")
    rounds = [(_run("pass"), _run(statement)) for _ in range(IMPORT_ROUNDS)]
    return (
        median(full.wall - bare.wall for bare, full in rounds),
        median(full.cpu - bare.cpu for bare, full in rounds),
    )


@dataclass(frozen=True, slots=True)
class _Run:
    wall: float
    cpu: float


def _import_sentence(statement: str, wall: float, cpu: float) -> str:
    return (
        f"`{statement}` in a fresh interpreter, less a bare one: {wall:.0f} ms "
        f"({cpu:.0f} ms of CPU), median of {IMPORT_ROUNDS}."
    )


def _run(code: str) -> _Run:
    """Run *code* in a fresh interpreter; milliseconds."""
    start = time.perf_counter()
    child = os.posix_spawn(sys.executable, [sys.executable, "-c", code], os.environ)
    _, _, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    return _Run(wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000)


def _installed() -> dict[str, int]:
    """Return the bytes on disk of what the engine needs, package by package, without bytecode."""
    needed = dict.fromkeys(_requirements("tintype", extra="imaging"))
    for name in list(needed):
        needed |= dict.fromkeys(_requirements(name))
    return {name: _bytes(name) for name in needed if _is_installed(name)}


def _requirements(name: str, extra: str | None = None) -> Iterator[str]:
    """Yield what *name* requires; of its extras, only *extra*'s."""
    for line in distribution(name).requires or () if _is_installed(name) else ():
        requirement, _, marker = line.partition(";")
        wanted = (
            f"extra == '{extra}'" in marker.replace('"', "'") if extra else "extra" not in marker
        )
        match = _REQUIREMENT.match(requirement)
        if wanted and match:
            yield match["name"].lower()


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _bytes(name: str) -> int:
    files = distribution(name).files or []
    located = [Path(str(file.locate())) for file in files if not file.name.endswith(".pyc")]
    return sum(path.stat().st_size for path in located if path.is_file())
