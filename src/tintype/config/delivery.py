"""`[delivery]` of `tintype.toml`: which sizes of an image its address can ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from tintype.constraints import Doc, Length, Range
from tintype.delivery.grammar import GRID
from tintype.imaging.presets import Preset, QualityTarget

FILES_OF_A_WIDTH = 6
Width = Annotated[int, Range(16, 8_192)]


class Unsigned(StrEnum):
    """What an address can ask for without a signature."""

    GRID = "grid"  # presets, and the widths of the grid
    PRESETS = "presets"
    NONE = "none"


class Dialect(StrEnum):
    """Another program's form of addresses."""

    THUMBOR = "thumbor"
    IMGPROXY = "imgproxy"
    DIT = "dit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Which sizes an address can ask for, without and with a signature, and how long they are kept."""

    widths: Annotated[
        tuple[Width, ...],
        Length(1, 24),
        Doc("the grid: widths in pixels, ascending, that need no signature; others are rounded up"),
    ] = GRID
    unsigned: Annotated[
        Unsigned, Doc("what an address can ask for without a signature; everything else needs one")
    ] = Unsigned.GRID
    keep_days: Annotated[
        int,
        Range(1, 3_650),
        Doc("days until a file made for an address is deleted, to be made again"),
    ] = 90
    accept: Annotated[
        tuple[Dialect, ...], Length(0, 3), Doc("other programs' addresses that are served, too")
    ] = ()
    quality: Annotated[
        QualityTarget | None,
        Doc("of files whose address names none, chosen for each picture: `{ target = 70 }`"),
    ] = None
    faces: Annotated[bool, Doc("addresses can crop to faces even if no preset does")] = False


DEFAULT_DELIVERY = Delivery()


def most_unsigned(delivery: Delivery, presets: Sequence[Preset]) -> int:
    """Return how many files of a public image addresses without a signature can make at most.

    A preset has one for each format, and one more if the original decides about it. A width has six:
    AVIF, WebP and JPEG, and for browsers that accept AVIF and WebP, WebP alone, or neither, one each
    whose format depends on the original; who accepts AVIF alone gets the first.

    >>> most_unsigned(Delivery(widths=(320, 640)), [Preset(name="thumb")])
    13
    """
    if delivery.unsigned is Unsigned.NONE:
        return 0
    of_presets = sum(len(preset.formats) + preset.auto for preset in presets)
    is_grid = delivery.unsigned is Unsigned.GRID
    return of_presets + (FILES_OF_A_WIDTH * len(delivery.widths) if is_grid else 0)


def contradictions(delivery: Delivery) -> list[str]:
    """Return contradictions between valid settings, each as a sentence `setting: reason`.

    >>> contradictions(Delivery(widths=(640, 320)))
    ['widths[1]: 320 follows 640; widths must ascend']
    """
    pairs = zip(delivery.widths, delivery.widths[1:], strict=False)
    return [
        f"widths[{index}]: {width} follows {before}; widths must ascend"
        for index, (before, width) in enumerate(pairs, 1)
        if width <= before
    ]
