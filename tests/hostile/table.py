"""The row of the table: a hostile file, and how it may end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.pictures import Pixels, original
from tests.reference import shown

BROKEN = frozenset({"truncated_image", "unreadable_image"})
NOT_ONE_OF_OURS = frozenset({"not_an_image", "unsupported_format"})
TOO_LARGE = frozenset({"too_many_pixels", "side_too_long"})


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file that means no good. It ends in one of *codes*, or in a rendition if *shows* allows one.

    *shows* says what the rendition must look like; *cpu* and *peak_mib* are the most that the engine
    may spend, and more than the bar only where a rendition of a huge picture is right. *cpu* is in
    units of `Nursery.reference_seconds`: an honest picture of four megapixels.
    """

    name: str
    build: Callable[[], bytes]
    codes: frozenset[str] = frozenset()
    shows: Callable[[], Pixels | None] | None = None
    cpu: float = 4.0
    peak_mib: int = 300


def like(name: str) -> Callable[[], Pixels | None]:
    """Say that a rendition is allowed and must show the original that `ORIGINALS` has under *name*."""
    return lambda: shown(original(name)).frames[0]


def anything() -> Pixels | None:
    """Say that a rendition is allowed, whatever it shows: noise stays noise."""
    return None


def refused(name: str, data: bytes) -> Hostile:
    """Return the row of a file that is none of our formats."""
    return Hostile(name, lambda: data, NOT_ONE_OF_OURS)


def broken(name: str, build: Callable[[], bytes], *more: str) -> Hostile:
    """Return the row of a file that begins like a picture and is none; *more* are other codes."""
    return Hostile(name, build, BROKEN | set(more))


def huge(name: str, build: Callable[[], bytes], *more: str) -> Hostile:
    """Return the row of a file whose header alone says that it is too large."""
    return Hostile(name, build, TOO_LARGE | set(more))


def harmless(name: str, build: Callable[[], bytes], shows: str) -> Hostile:
    """Return the row of a file that is a good picture with something strange about it."""
    return Hostile(name, build, shows=like(shows))


def heavy(name: str, build: Callable[[], bytes]) -> Hostile:
    """Return the row of a file that is small, and within the limits, and unpacks to 99 megapixels.

    It is a picture, so a rendition is right; it may cost what a photograph of that size would.
    """
    return Hostile(name, build, BROKEN, shows=anything, cpu=16.0, peak_mib=600)


def doubtful(name: str, build: Callable[[], bytes], codes: Iterable[str] = BROKEN) -> Hostile:
    """Return the row of a file that may be refused or rendered: both are right."""
    return Hostile(name, build, frozenset(codes), shows=anything)
