"""The focus of an image takes the place of a preset's own choice of what to keep."""

from __future__ import annotations

from dataclasses import replace

from tintype.images import Focus
from tintype.imaging import Fit, OriginalPoint, Preset


def with_focus(preset: Preset, focus: Focus | None) -> Preset:
    """Return a preset that crops an image with this focus; one that does not crop is unchanged.

    The focus is of the upright original: it moves with the picture that the preset turns, mirrors or
    cuts.
    """
    if focus is None or preset.fit is not Fit.COVER:
        return preset
    return replace(preset, gravity=OriginalPoint(x=focus.x, y=focus.y))
