"""What the benchmark and its workers say to each other: one JSON object per line, one job per request.

A worker is a small process that holds one contender. `sharp_worker.mjs` speaks the same protocol.
Only the standard library is imported here, so that a worker's memory is its contender's.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Output:
    """One file that a job asks for; a side, quality or effort of None is for the contender to choose."""

    name: str
    format: str
    width: int
    height: int | None = None
    fit: str = "inside"
    text: str | None = None
    quality: int | None = None
    effort: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """Run one job once; write the files to *folder* if there is one, when the clock has stopped."""

    photo: str
    outputs: tuple[Output, ...]
    job: str = ""
    mode: str = ""
    font: str = ""
    folder: str | None = None
    describe: bool = False
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Reply:
    """What one job cost: milliseconds, bytes of each file, and the process's peak memory so far."""

    cpu_ms: float
    wall_ms: float
    peak_mb: float
    bytes: Mapping[str, int]


Render = Callable[[bytes, Request], Mapping[str, bytes]]


def serve(render: Render) -> None:
    """Answer the requests on standard input until it ends."""
    for line in sys.stdin:
        print(json.dumps(asdict(_answer(render, decode_request(line)))), flush=True)


def encode_request(request: Request) -> str:
    """Return *request* as one line.

    >>> decode_request(encode_request(Request("a.jpg", (Output("thumb.webp", "webp", 320),)))).photo
    'a.jpg'
    """
    return json.dumps(asdict(request))


def decode_request(line: str) -> Request:
    """Return the request that *line* holds."""
    request = Request(**json.loads(line))
    fields = json.loads(line)["outputs"]
    return replace(request, outputs=tuple(Output(**output) for output in fields))


def peak_mb() -> float:
    """Return the most memory that this process has had, in MB.

    Not `ru_maxrss` where there is `/proc`: a child inherits its parent's peak in that.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6


def cpu_ms() -> float:
    """Return the CPU time, user and system, of this process and of its children so far."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages) * 1000


def _answer(render: Render, request: Request) -> Reply:
    data = Path(request.photo).read_bytes()
    wall, cpu = time.perf_counter(), cpu_ms()
    files = render(data, request)
    cpu, wall = cpu_ms() - cpu, time.perf_counter() - wall
    if request.folder is not None:
        for name, file in files.items():
            Path(request.folder, name).write_bytes(file)
    return Reply(cpu, wall * 1000, peak_mb(), {name: len(file) for name, file in files.items()})
