"""Many originals at once: the engine works on all cores, this thread keeps the order on the disk.

Start with `render_batch`. Workers only turn bytes into bytes (libvips releases Python's lock);
whatever is written, is written by the caller's thread, one original after the other, so that Ctrl-C
meets either a finished file or none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from traceback import format_exception_only

from tintype.cli.errors import CliError, UnexpectedError
from tintype.cli.files import Original, read_original
from tintype.cli.naming import output_folders
from tintype.cli.storing import StoredRendition, file_ids, store
from tintype.imaging import Description, Limits, Preset, Rendered, render_all
from tintype.imaging.errors import ImagingError

WAITING = 2  # originals that are rendered ahead of the disk, beside those that are being rendered


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an original has no renditions: a stable code, and a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one original; `seconds` is the time from its first byte to its last rendition."""

    file: Path
    bytes: int = 0
    description: Description | None = None
    renditions: tuple[StoredRendition, ...] = ()
    failure: Failure | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with every original of a batch."""

    presets: tuple[Preset, ...]
    limits: Limits
    output: Path
    jobs: int
    overwrite: bool


@dataclass(frozen=True, slots=True)
class _Work:
    rendered: Rendered
    size: int
    seconds: float


def render_batch(originals: Sequence[Original], order: Order) -> Iterator[Outcome]:
    """Render and store every original, yielding each outcome when it is there, in any order."""
    protected = file_ids(original.path for original in originals)
    threads = max(1, order.jobs // max(1, len(originals)))
    queue = zip(originals, output_folders(originals), strict=True)
    running: dict[Future[_Work], tuple[Original, Path]] = {}
    pool = ThreadPoolExecutor(order.jobs, thread_name_prefix="render")
    try:
        while True:
            for original, folder in queue:
                future = pool.submit(_render, original.path, order, threads)
                running[future] = original, order.output / folder
                if len(running) >= order.jobs + WAITING:
                    break
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                original, folder = running.pop(future)
                yield _finish(original, future, folder, protected, overwrite=order.overwrite)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def failed(path: Path, error: Exception) -> Outcome:
    """Return the outcome of an original that met *error*."""
    if not isinstance(error, CliError | ImagingError):
        # Not the original's fault: name the error itself, as that is what a bug report needs.
        error = UnexpectedError("".join(format_exception_only(error)).strip())
    try:
        size = path.stat().st_size if path.is_file() else 0
    except OSError:
        size = 0
    return Outcome(path, size, failure=Failure(error.code, str(error)))


def _render(path: Path, order: Order, threads: int) -> _Work:
    start = perf_counter()
    data = read_original(path, max_bytes=order.limits.max_bytes)
    rendered = render_all(data, order.presets, order.limits, threads=threads)
    return _Work(rendered, len(data), perf_counter() - start)


def _finish(
    original: Original,
    future: Future[_Work],
    folder: Path,
    protected: frozenset[tuple[int, int]],
    *,
    overwrite: bool,
) -> Outcome:
    """Store what a worker rendered; whatever went wrong is this original's outcome and no other's."""
    try:
        work = future.result()
        renditions = work.rendered.renditions
        stored = store(renditions, folder, originals=protected, overwrite=overwrite)
    except Exception as error:  # noqa: BLE001 - a batch goes on
        return failed(original.path, error)
    description = work.rendered.description
    return Outcome(original.path, work.size, description, stored, None, work.seconds)
