"""The contenders, one row each, and the process that each runs in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.node import HERE, node
from benchmarks.protocol import Reply, Request, encode_request


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do the jobs; *mode* tells its worker which, *does* tells the reader what that is."""

    name: str
    worker: str
    mode: str
    does: str


OURS = Contender(
    "Tintype",
    "tintype_worker",
    "",
    "`render_all(original, presets, threads=1, describe=False)`: one decode, shrunk while loading as far "
    "as the largest rendition allows, every width from that base, encoders at the defaults of the engine",
)
PILLOW_NAIVE = Contender(
    "Pillow, naive",
    "pillow_worker",
    "naive",
    "what the demos do: for every file `open`, `exif_transpose`, `convert`, `resize` with Lanczos from the "
    "full decode, `save` with Pillow's defaults (JPEG 75, WebP 80, AVIF 75 at speed 6)",
)
PILLOW_BEST = Contender(
    "Pillow, best",
    "pillow_worker",
    "best",
    "one decode with `draft`, each width once with `reducing_gap=3`, WebP and AVIF at our efforts "
    "(`method`, `speed`), qualities that give the scores of sharp's",
)
SHARP_DEFAULTS = Contender(
    "sharp, defaults",
    "sharp_worker.mjs",
    "defaults",
    "one `clone()` for every file, as sharp's documentation shows, nothing set but the size "
    "(JPEG 80, WebP 80 at effort 4, AVIF 50 at effort 4)",
)
SHARP_TUNED = Contender(
    "sharp, our settings",
    "sharp_worker.mjs",
    "tuned",
    "the same, with our efforts and qualities for WebP and AVIF, and AVIF in 4:2:0 as ours",
)
SHARP_HANDWRITTEN = Contender(
    "sharp, hand-written",
    "sharp_worker.mjs",
    "handwritten",
    "sharp at its best: the original decoded once, its raw pixels passed on, each width resized once, "
    "our settings as above",
)
PEERS = (PILLOW_NAIVE, PILLOW_BEST, SHARP_DEFAULTS, SHARP_TUNED, SHARP_HANDWRITTEN)
CONTENDERS = (OURS, *PEERS)


class Worker:
    """A running contender. Use it as a context manager; *core* of None lets it run on all cores."""

    def __init__(self, contender: Contender, *, core: int | None) -> None:
        self.contender = contender
        with _confined_to(core):
            self._process = subprocess.Popen(
                _command(contender),
                cwd=HERE.parent,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def ask(self, request: Request) -> Reply:
        """Have one job run once.

        Raises:
            RuntimeError: the worker ended; what it said stands above on standard error.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            message = "the worker has no pipes"
            raise RuntimeError(message)
        print(encode_request(replace(request, mode=self.contender.mode)), file=stdin, flush=True)
        line = stdout.readline()
        if not line:
            message = f"{self.contender.name}: the worker ended during {request.job or 'a job'}"
            raise RuntimeError(message)
        return Reply(**json.loads(line))


def last_core() -> int | None:
    """Return the core that the workers are confined to, or None where that cannot be asked for."""
    return max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def _command(contender: Contender) -> list[str | Path]:
    if contender.worker.endswith(".mjs"):
        return [node(), HERE / contender.worker]
    return [sys.executable, "-m", f"benchmarks.{contender.worker}"]


@contextmanager
def _confined_to(core: int | None) -> Iterator[None]:
    """Run the body on one core: a process started there stays there, with all its threads."""
    if core is None:
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
