"""libvips, configured once for untrusted bytes; the other modules import pyvips from here.

These are libvips' process-wide settings: loaders that are not fuzzed (SVG, PDF, Magick and the
like) are blocked, operations are not cached because originals do not repeat, and an evaluation uses
one thread because we parallelise over renditions rather than pixels.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

import pyvips

from tintype.imaging.errors import TimeLimitError

Data = bytes | bytearray | memoryview

__all__ = ["Data", "Deadline", "blob", "load", "pyvips", "save", "with_blob"]


def _text(x: object) -> str:
    """Return a string of libvips', whose names and messages may have bytes of a stranger's file."""
    raw: bytes = pyvips.ffi.string(x) if x != pyvips.ffi.NULL else b""
    return raw.decode("utf-8", "replace")


# pyvips' own raises UnicodeDecodeError at those. Here it reads the names of fields, and messages.
pyvips.vimage._to_string = _text  # type: ignore[attr-defined]  # noqa: SLF001
pyvips.error._to_string = _text  # noqa: SLF001
pyvips.block_untrusted_set(True)
pyvips.cache_set_max(0)
pyvips.concurrency_set(1)  # type: ignore[attr-defined] # a gap in the stubs


def load(loader: str, data: Data, **options: str | float) -> pyvips.Image:
    """Call one of libvips' loaders by name, such as `jpegload_buffer`, without format detection.

    Raises:
        pyvips.Error: the loader refuses the bytes.
    """
    image = pyvips.Operation.call(loader, data, **options)
    assert isinstance(image, pyvips.Image)  # noqa: S101 - for the type checker
    return image


def save(saver: str, image: pyvips.Image, **options: object) -> bytes:
    """Call one of libvips' savers by name, such as `webpsave_buffer`, and return the file's bytes.

    Raises:
        pyvips.Error: the saver refuses the picture or an option.
    """
    data = pyvips.Operation.call(saver, image, **options)
    assert isinstance(data, bytes)  # noqa: S101 - for the type checker
    return data


def blob(image: pyvips.Image, name: str) -> bytes | None:
    """Return the metadata field *name* of *image*, None if it is missing or no blob."""
    value = image.get(name) if image.get_typeof(name) else None
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else None


def with_blob(image: pyvips.Image, name: str, blob: bytes) -> pyvips.Image:
    """Return *image* with *blob* in its metadata field *name*, such as `icc-profile-data`."""
    image = image.copy()
    image.set_type(pyvips.GValue.blob_type, name, blob)  # type: ignore[arg-type] # a gap in the stubs
    return image


class Deadline:
    """The time limit for work on an original.

    Use it as a context manager: one thread watches all evaluations until the work is done.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._end = clock() + seconds
        self._lock = threading.Lock()
        self._evaluated: dict[object, pyvips.Image] = {}
        self._watchdog = threading.Timer(seconds, self._stop)
        self._watchdog.daemon = True

    def __enter__(self) -> Self:
        self._watchdog.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._watchdog.cancel()

    def check(self) -> None:
        """Raise if the deadline has passed.

        Raises:
            TimeLimitError: it has.
        """
        if self._clock() >= self._end:
            message = f"not finished within the limit of {self._seconds:g} seconds"
            raise TimeLimitError(message)

    @contextmanager
    def stopping(self, image: pyvips.Image) -> Iterator[None]:
        """Stop libvips' evaluation of *image* at the deadline, and raise the matching error.

        Decoders that work in one call (AVIF, HEIC) are not interrupted; the deadline is checked
        afterwards.

        Raises:
            TimeLimitError: the deadline passed before the evaluation finished.
        """
        evaluation = object()  # several threads may evaluate the same image
        with self._lock:
            self._evaluated[evaluation] = image
        try:
            self.check()
            yield
        except pyvips.Error:
            self.check()
            raise
        finally:
            with self._lock:
                del self._evaluated[evaluation]

    def evaluated(self, lazy: pyvips.Image) -> pyvips.Image:
        """Return *lazy* with its pixels in memory.

        Raises:
            TimeLimitError: the deadline passed before the evaluation finished.
            pyvips.Error: libvips failed.
        """
        with self.stopping(lazy):
            return lazy.copy_memory()

    def _stop(self) -> None:
        with self._lock:
            for image in self._evaluated.values():
                image.set_kill(True)
