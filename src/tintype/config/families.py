"""Families: one table of `[presets]` that stands for presets of several widths.

`[presets.card]` with `widths = [320, 640]` is `card-320` and `card-640`, two presets like any others:
each has its own file, its own address, and its place in a `srcset`. Start with `members`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from tintype.constraints import Doc, Length, Range
from tintype.imaging.preset_rules import violations
from tintype.imaging.presets import MAX_RENDITION_SIDE, Preset, Side

# What the engine has and no file sets: the name is the table's, and `skip_larger` sets the other.
UNWRITTEN = frozenset({"name", "only_above"})
Density = Annotated[int, Range(1, 4)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The widths of one table, instead of `width`: a preset of each, named `NAME-320` and so on."""

    widths: Annotated[
        tuple[Side, ...],
        Length(1, 16),
        Doc("widths in pixels, ascending; `height` is that of the first, others are in proportion"),
    ] = ()
    dpr: Annotated[
        tuple[Density, ...],
        Length(1, 4),
        Doc("pixels of the screen per pixel of the page: each width times each of these"),
    ] = (1,)
    skip_larger: Annotated[
        bool,
        Doc("leave out widths for which the original has no more pixels than for the one before"),
    ] = False

    @property
    def pixels(self) -> tuple[int, ...]:
        """The widths in pixels, ascending, each once.

        >>> Family(widths=(320, 640), dpr=(1, 2)).pixels
        (320, 640, 1280)
        """
        return tuple(sorted({width * density for width in self.widths for density in self.dpr}))


def members(family: Family, preset: Preset) -> Sequence[Preset]:
    """Return a preset of each width, which is otherwise like *preset*.

    >>> [(one.name, one.width, one.height) for one in members(
    ...     Family(widths=(320, 640)), Preset(name="card", height=200))]
    [('card-320', 320, 200), ('card-640', 640, 400)]
    """
    before = (None, *family.pixels) if family.skip_larger else [None] * len(family.pixels)
    return [
        replace(
            preset,
            name=f"{preset.name}-{width}",
            width=width,
            height=preset.height and max(1, round(preset.height * width / family.widths[0])),
            only_above=above,
        )
        for above, width in zip(before, family.pixels, strict=False)
    ]


def contradictions(family: Family, preset: Preset) -> list[str]:
    """Return contradictions between valid settings, each as a sentence `setting: reason`.

    >>> contradictions(Family(widths=(640, 320)), Preset(name="card"))
    ['widths[1]: 320 follows 640; widths must ascend']
    """
    if not family.widths:
        return [f"{'skip_larger' if family.skip_larger else 'dpr'}: needs widths"]
    if family.skip_larger and preset.enlarge:
        return ["skip_larger: cannot be combined with enlarge; remove one of them"]
    pairs = zip(family.widths, family.widths[1:], strict=False)
    found = [
        f"widths[{index}]: {width} follows {before}; widths must ascend"
        for index, (before, width) in enumerate(pairs, 1)
        if width <= before
    ]
    widest = family.pixels[-1]
    if widest > MAX_RENDITION_SIDE:
        found.append(f"dpr: {widest} pixels are too wide; at most {MAX_RENDITION_SIDE}")
    made = () if found else members(family, preset)
    return found + [f"widths: {one.name}: {wrong}" for one in made for wrong in violations(one)]
