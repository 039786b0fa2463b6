"""Developing: the pixels of one preset, before they become files. Start with `develop_preset`."""

from __future__ import annotations

from dataclasses import dataclass

from tintype.imaging.decoding import Frames
from tintype.imaging.encoding import Animation
from tintype.imaging.geometry import lay_out, turned
from tintype.imaging.opening import Original
from tintype.imaging.planning import animates
from tintype.imaging.presets import Preset
from tintype.imaging.pyramid import Pyramid
from tintype.imaging.steps import Recipe, choose_crop, develop, turn
from tintype.imaging.trimming import find_content
from tintype.imaging.vips import Deadline


@dataclass(frozen=True, slots=True)
class Picture:
    """A preset's pixels in memory: 8-bit RGB or RGBA frames of one size, and how they move."""

    frames: Frames
    animation: Animation

    @property
    def has_alpha(self) -> bool:
        """Whether something may shine through."""
        return bool(self.frames[0].hasalpha())


def develop_preset(
    preset: Preset,
    pyramid: Pyramid,
    original: Original,
    deadline: Deadline,
) -> Picture:
    """Return the pixels of *preset*, each frame made alike; crop and trim follow the first one.

    Raises:
        MissingGlyphError, InvalidPresetError: the watermark cannot be drawn.
        TimeLimitError: the deadline passed.
    """
    source = turned(original.upright, degrees=preset.rotate)
    trimmed = None
    if preset.trim is not None:
        trimmed = find_content(turn(pyramid.base[0], preset), preset.trim, source)
    layout = lay_out(source, preset, trimmed=trimmed)
    level = pyramid.at(layout.scale)
    level = level if animates(preset) else level[:1]
    recipe = Recipe(preset, source, layout, choose_crop(level[0], preset, source, layout))
    frames = []
    for frame in level:
        lazy = develop(frame, recipe)
        with deadline.stopping(lazy):
            frames.append(lazy.copy_memory())
    return Picture(tuple(frames), Animation(original.delays[: len(frames)], original.loops))
