"""Other people's pictures, by the engine and by Pillow: `python -m tests.corpus DIR`.

Every file of a folder is rendered by the engine and decoded by Pillow and libheif, each in a process
of its own with limits. One line for each file on which they differ says what differs: the size, the
number of frames, the orientation, or the pixels after orientation and conversion to sRGB, beyond
the tolerance of the format.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import pickle
import resource
import signal
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from tests.pictures import Pixels
from tests.reference import fitted, read, viewed
from tintype.imaging import Encoding, Fit, Format, Limits, Preset, errors, render_all

EPILOG = """\
Kinds in the summary:
  same       rendered, and the reference agrees
  differs    rendered, but size, frames, orientation or pixels differ
  alone      rendered, but the reference cannot open the file
  refused    with a code of docs/reference/errors/, and the reference cannot open the file either
  only here  refused with a code, but the reference opens the file
  crashed    anything else: another error, a signal, the time or the memory is up

A difference is not always ours: the reference ignores colours signalled without a profile, pads
damaged files, and takes other pages, previews and icons; docs/explanation/corpora.md has those of public
collections. The exit code is 1 if a file crashed the engine.
"""

SIDE = 512  # pictures are compared within this box, smaller ones at their own size
MOVING_SIDE = 128  # and the last frame of an animation within this
MOST_FRAMES = 60  # of an animation, so that the reference's frames fit into memory
_COUNTED = frozenset({Format.GIF, Format.WEBP, Format.PNG, Format.AVIF})  # what can move
_TURNED_BY_EXIF = frozenset({Format.JPEG, Format.PNG, Format.WEBP, Format.TIFF})

PRESETS = (
    Preset(name="seen", width=SIDE, height=SIDE, formats=(Encoding(format=Format.PNG),)),
    Preset(
        name="moving",
        width=MOVING_SIDE,
        height=MOVING_SIDE,
        formats=(
            Encoding(format=Format.WEBP, lossless=True, effort=0),
            Encoding(format=Format.JPEG),
            Encoding(format=Format.AVIF, effort=0),
            Encoding(format=Format.GIF, effort=1),
        ),
    ),
)


class Kind(StrEnum):
    """How a file ended."""

    SAME = "same"
    DIFFERS = "differs"
    ALONE = "alone"
    REFUSED = "refused"
    ONLY_HERE = "only here"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """By how many of 255 levels pixels may differ: on average, and 99 of 100 of them."""

    mean: float
    most: float


# Chroma is upsampled by other filters, and JPEGs are shrunk while they are decoded. The others are
# exact but for the rounding of a profile; above `SIDE`, the two resize by other filters.
TOLERANCES = {
    Format.JPEG: Tolerance(2.5, 24),
    Format.WEBP: Tolerance(2.5, 24),
    Format.AVIF: Tolerance(2.5, 24),
    Format.HEIC: Tolerance(2.5, 24),
}
EXACT = Tolerance(1.5, 16)
RESIZED = Tolerance(3, 48)


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as one of the two shows it; *last* is the last frame, of an animation alone."""

    format: Format
    width: int
    height: int
    frames: int
    orientation: int
    first: Pixels
    last: Pixels | None


@dataclass(frozen=True, slots=True)
class Result:
    """How a file ended, and why: a code, or what differs."""

    path: Path
    kind: Kind
    why: str

    def __str__(self) -> str:
        return f"{self.kind:9}  {self.path}: {self.why}"


@dataclass(frozen=True, slots=True)
class Allowed:
    """What one file may take of either: seconds of time, and MiB of address space."""

    seconds: int
    mib: int


def by_engine(data: bytes) -> Seen:
    """Return what the engine makes of *data*.

    Raises:
        ImagingError: it refuses it.
    """
    rendered = render_all(data, PRESETS, Limits(max_frames=MOST_FRAMES))
    still, moving = rendered.renditions[:2]
    known = rendered.description
    assert known is not None
    last = None
    if moving.frames > 1:
        image = Image.open(io.BytesIO(moving.data))
        image.seek(getattr(image, "n_frames", 1) - 1)  # libwebp joins frames that are alike
        last = np.asarray(image.convert("RGBA"))
    first = np.asarray(Image.open(io.BytesIO(still.data)).convert("RGBA"))
    size = known.width, known.height
    return Seen(known.format, *size, known.frames, known.orientation, first, last)


def by_reference(data: bytes, format_: Format) -> Seen:
    """Return what Pillow or libheif make of *data*, which the engine takes for *format_*.

    Raises:
        Exception: whatever they raise.
    """
    Image.MAX_IMAGE_PIXELS = None
    warnings.simplefilter("ignore")
    image = read(data)
    skipped = int(getattr(image, "default_image", False))  # it is not part of an APNG
    found = getattr(image, "n_frames", 1) - skipped if format_ in _COUNTED else 1
    # Before the pixels, with which Pillow turns a TIFF and forgets that it did.
    turned = image.getexif().get(274, 1) if format_ in _TURNED_BY_EXIF else 1
    image.load()
    if found > 1:
        image.seek(skipped)
    whole = viewed(image)
    first, last = _within(whole, SIDE), None
    if found > 1:
        for at in range(skipped, skipped + min(found, MOST_FRAMES)):
            image.seek(at)
        last = _within(viewed(image), MOVING_SIDE)
    height, width = whole.shape[:2]
    return Seen(format_, width, height, found, turned if turned in range(1, 9) else 1, first, last)


def _within(pixels: Pixels, side: int) -> Pixels:
    return fitted(pixels, (side, side), Fit.INSIDE, (0, 0, 0, 0))


def differences(ours: Seen, theirs: Seen) -> list[str]:
    """Return what differs, in words; nothing if it is within the tolerance of the format."""
    facts = {
        "size": (f"{ours.width}x{ours.height}", f"{theirs.width}x{theirs.height}"),
        "frames": (ours.frames, theirs.frames),
    }
    if ours.format in _TURNED_BY_EXIF:
        facts["orientation"] = (ours.orientation, theirs.orientation)
    found = [
        f"{name} {mine}, reference {his}" for name, (mine, his) in facts.items() if mine != his
    ]
    for name, mine, his in (("pixels", ours.first, theirs.first), ("last", ours.last, theirs.last)):
        if mine is not None and his is not None and mine.shape == his.shape:
            resized = mine.shape[:2] != (ours.height, ours.width)
            tolerance = RESIZED if resized else TOLERANCES.get(ours.format, EXACT)
            found += _unlike(name, mine, his, tolerance)
    return found


def _unlike(name: str, ours: Pixels, theirs: Pixels, tolerance: Tolerance) -> list[str]:
    apart = np.abs(_premultiplied(ours) - _premultiplied(theirs))
    mean, most = float(apart.mean()), float(np.percentile(apart.max(axis=2), 99))
    if mean <= tolerance.mean and most <= tolerance.most:
        return []
    return [f"{name} {mean:.1f} levels apart on average, 99 of 100 within {most:.0f}"]


def _premultiplied(pixels: Pixels) -> Any:
    """Return colours as far as they are seen, and the alpha."""
    wide = pixels.astype(np.float32)
    wide[..., :3] *= wide[..., 3:] / 255
    return wide


def examined(path: Path, allowed: Allowed) -> Result:
    """Return how the engine and the reference end on one file."""
    data = path.read_bytes()
    try:
        ours = in_a_child(partial(by_engine, data), allowed)
    except errors.ImagingError as error:
        return _refused(path, data, error, allowed)
    except Exception as error:  # noqa: BLE001 -- this is what is looked for
        return Result(path, Kind.CRASHED, _sentence(error))
    try:
        theirs = in_a_child(partial(by_reference, data, ours.format), allowed)
    except Exception as error:  # noqa: BLE001 -- whatever Pillow raises
        return Result(path, Kind.ALONE, f"{ours.format}; reference: {_sentence(error)}")
    found = differences(ours, theirs)
    return Result(path, Kind.DIFFERS if found else Kind.SAME, "; ".join([ours.format, *found]))


def _refused(path: Path, data: bytes, error: errors.ImagingError, allowed: Allowed) -> Result:
    try:
        theirs = in_a_child(partial(by_reference, data, Format.JPEG), allowed)
    except Exception:  # noqa: BLE001 -- whatever Pillow raises
        return Result(path, Kind.REFUSED, error.code)
    return Result(
        path,
        Kind.ONLY_HERE,
        f"{error.code}, {error}; reference: {theirs.width}x{theirs.height}",
    )


def _sentence(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "no format that it knows"
    return f"{type(error).__name__}: {error}".splitlines()[0]


class ChildDiedError(Exception):
    """The process ended without a result: the signal's name, or its exit code."""


def in_a_child(call: Callable[[], Seen], allowed: Allowed) -> Seen:
    """Return what *call* returns or raises, in a process of its own.

    Raises:
        ChildDiedError: it crashed, or the time or the memory is up.
    """
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiving)
        _work(call, allowed, sending)
    os.close(sending)
    with os.fdopen(receiving, "rb") as pipe:
        report = pipe.read()
    _, status = os.waitpid(child, 0)
    if status:
        killed = os.WIFSIGNALED(status)
        message = signal.Signals(os.WTERMSIG(status)).name if killed else f"exit {status >> 8}"
        raise ChildDiedError(message)
    seen, error = pickle.loads(report)  # noqa: S301 -- our own child's
    if error is not None:
        raise error
    assert isinstance(seen, Seen)
    return seen


def _work(call: Callable[[], Seen], allowed: Allowed, sending: int) -> None:
    """Call, report and end this process, whatever happens."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libtiff's warnings
        signal.alarm(allowed.seconds)
        memory = allowed.mib << 20
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        try:
            report = pickle.dumps((call(), None))
        except errors.ImagingError as error:
            report = pickle.dumps((None, error))
        except Exception as error:  # noqa: BLE001 -- reported as it is
            report = pickle.dumps((None, ChildDiedError(_sentence(error))))
        with os.fdopen(sending, "wb") as pipe:
            pipe.write(report)
    except BaseException:  # noqa: BLE001 -- not even memory for the report
        os._exit(1)
    os._exit(0)


def files(folder: Path) -> list[Path]:
    """Return the files of *folder* and all folders in it, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def results(paths: Iterable[Path], allowed: Allowed, jobs: int) -> Iterator[Result]:
    """Yield how each file ended, in order."""
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        yield from pool.imap(partial(examined, allowed=allowed), paths)


def summary(ended: Iterable[Result]) -> str:
    """Return how many files ended how; refusals by their codes."""
    kinds: Counter[str] = Counter()
    codes: dict[str, Counter[str]] = {Kind.REFUSED: Counter(), Kind.ONLY_HERE: Counter()}
    for result in ended:
        kinds[result.kind] += 1
        if result.kind in codes:
            codes[result.kind][result.why.split(",")[0]] += 1
    lines = [f"{kinds.total():,} files"]
    for kind in Kind:
        told = ", ".join(
            f"{count} {code}" for code, count in codes.get(kind, Counter()).most_common()
        )
        lines.append(f"  {kind:9}  {kinds[kind]:6,}{f'  ({told})' if told else ''}")
    return "\n".join(lines)


def main() -> int:
    """Run from the command line; the exit code is 1 if the engine crashed."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.corpus",
        description="Run every file of a folder through the engine beside Pillow and libheif.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="a folder of pictures, any depth")
    parser.add_argument("--all", action="store_true", help="print a line for every file")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="files at a time")
    parser.add_argument("--seconds", type=int, default=60, help="time for a file (default: 60)")
    parser.add_argument("--mib", type=int, default=4096, help="memory for a file (default: 4096)")
    chosen = parser.parse_args()
    if not chosen.folder.is_dir():
        parser.error(f"{chosen.folder} is not a folder")
    ended = []
    for result in results(files(chosen.folder), Allowed(chosen.seconds, chosen.mib), chosen.jobs):
        ended.append(result)
        if chosen.all or result.kind not in {Kind.SAME, Kind.REFUSED}:
            sys.stdout.write(f"{result}\n")
            sys.stdout.flush()
    sys.stdout.write(summary(ended) + "\n")
    return int(any(result.kind is Kind.CRASHED for result in ended))


if __name__ == "__main__":
    sys.exit(main())
