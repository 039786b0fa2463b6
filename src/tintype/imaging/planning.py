"""The plan of a whole set of renditions: one decode, no more pixels than the largest one needs.

Start with `plan`. Measured, and the reason for `MARGIN`, in docs/decisions/0003-one-decode.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tintype.imaging.geometry import lay_out, turned
from tintype.imaging.opening import Original
from tintype.imaging.presets import Preset

# What a rendition is resized from has at least this many pixels for one of its own, on each axis, if
# it was shrunk before. Against a full decode that costs less than 2 points of SSIMULACRA2, a margin
# of 1.4 (sharp takes less) up to 4.
MARGIN = 1.8
DESCRIBED_SIDE = 128  # what the placeholder, the colours and the hash are taken from, in pixels
_MAX_SHRINK = 64


@dataclass(frozen=True, slots=True)
class Plan:
    """Decode *frames* frames, *shrink* times smaller on each axis."""

    shrink: int
    frames: int


def plan(original: Original, presets: Sequence[Preset]) -> Plan:
    """Return how much of *original* its *presets* need, and no less than its description does."""
    scales = [_scale(original, preset) for preset in presets]
    scale = max([original.scale_to(DESCRIBED_SIDE), *scales])
    return Plan(shrink=_shrink(scale), frames=_frames(original, presets))


def animates(preset: Preset) -> bool:
    """Whether any file of the preset can hold an animation, and is to."""
    return preset.animate and any(encoding.format.facts.animation for encoding in preset.formats)


def _scale(original: Original, preset: Preset) -> float:
    """Return how many pixels of the rendition one of the original becomes."""
    if preset.trim is not None:
        return 1.0  # how much is left to enlarge is known only after the decode
    return lay_out(turned(original.upright, degrees=preset.rotate), preset).scale


def _shrink(scale: float) -> int:
    shrink = 1
    while shrink < _MAX_SHRINK and shrink * 2 * MARGIN * scale <= 1:
        shrink *= 2
    return shrink


def _frames(original: Original, presets: Sequence[Preset]) -> int:
    return original.frames if any(animates(preset) for preset in presets) else 1
