"""Render many originals: the engine uses all cores, and this thread writes the files in order.

Start with `render_batch`. Workers only turn bytes into bytes (libvips releases Python's lock); the
caller's thread writes all files, one original after the other, and Ctrl-C waits until the current
original is fully written and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT, raise_signal
from threading import Event
from time import perf_counter
from traceback import format_exception_only

from tintype.cli.errors import CliError, UnexpectedError
from tintype.cli.files.find import OriginalFile, read_original
from tintype.cli.files.names import output_folders
from tintype.cli.files.store import StoredRendition, file_ids, store
from tintype.cli.signals import signals
from tintype.client.errors import ClientError
from tintype.imaging import Description, Limits, Preset, Rendered, render_all
from tintype.imaging.errors import ImagingError

WAITING = 2  # originals rendered ahead of writing, besides those being rendered


@dataclass(frozen=True, slots=True)
class FileFailure:
    """Why an original has no renditions: a stable code, and a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """The result of one original; `seconds` is the time from its first byte to its last rendition."""

    file: Path
    bytes: int = 0
    description: Description | None = None
    renditions: tuple[StoredRendition, ...] = ()
    failure: FileFailure | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How to render every original of a batch."""

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


def render_batch(
    originals: Sequence[OriginalFile], options: RenderOptions
) -> Iterator[FileOutcome]:
    """Render and store every original, yielding each outcome as it completes, in any order.

    Ctrl-C takes effect between two originals: all stored originals have been yielded.
    """
    protected = file_ids(original.path for original in originals)
    threads = max(1, options.jobs // max(1, len(originals)))
    queue = zip(originals, output_folders(originals), strict=True)
    running: dict[Future[_Work], tuple[OriginalFile, Path]] = {}
    pool = ThreadPoolExecutor(options.jobs, thread_name_prefix="render")
    try:
        while True:
            for original, folder in queue:
                future = pool.submit(_render, original.path, options, threads)
                running[future] = original, options.output / folder
                if len(running) >= options.jobs + WAITING:
                    break
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                original, folder = running.pop(future)
                with _ctrl_c_held_back():
                    yield _finish(original, future, folder, protected, overwrite=options.overwrite)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Delay Ctrl-C until the end of the block."""
    pressed = Event()
    with signals({SIGINT: lambda _number, _frame: pressed.set()}):
        yield
    if pressed.is_set():
        raise_signal(SIGINT)


def failed(path: Path, error: Exception) -> FileOutcome:
    """Return the outcome of an original that failed with *error*."""
    if not isinstance(error, CliError | ClientError | ImagingError):
        # Not caused by the original: name the error itself, for a bug report.
        error = UnexpectedError("".join(format_exception_only(error)).strip())
    try:
        size = path.stat().st_size if path.is_file() else 0
    except OSError:
        size = 0
    return FileOutcome(path, size, failure=FileFailure(error.code, str(error)))


def _render(path: Path, options: RenderOptions, threads: int) -> _Work:
    start = perf_counter()
    data = read_original(path, max_bytes=options.limits.max_bytes)
    rendered = render_all(data, options.presets, options.limits, threads=threads)
    return _Work(rendered, len(data), perf_counter() - start)


def _finish(
    original: OriginalFile,
    future: Future[_Work],
    folder: Path,
    protected: frozenset[tuple[int, int]],
    *,
    overwrite: bool,
) -> FileOutcome:
    """Store a worker's result; an error affects only this original's outcome."""
    try:
        work = future.result()
        renditions = work.rendered.renditions
        stored = store(renditions, folder, originals=protected, overwrite=overwrite)
    except Exception as error:  # noqa: BLE001 - the batch continues
        return failed(original.path, error)
    description = work.rendered.description
    return FileOutcome(original.path, work.size, description, stored, None, work.seconds)
