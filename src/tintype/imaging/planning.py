"""The plan of a whole set of renditions: one decode, no more pixels than the largest one needs.

Start with `plan`. Measured, and the reason for `MARGIN`, in docs/decisions/0003-one-decode.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tintype.imaging.formats import Format
from tintype.imaging.geometry import lay_out, tilted, whole_turn
from tintype.imaging.opening import Original
from tintype.imaging.presets import ColourSpace, Preset

# What a rendition is resized from has at least this many pixels for one of its own, on each axis, if
# it was shrunk before. Against a full decode that costs less than 1 point of SSIMULACRA2; at 1.8 one
# photograph lost 3.8, and sharp, which has no margin, loses 2 to 7.
MARGIN = 2
DESCRIBED_SIDE = 100  # what the placeholder, the colours and the hash are taken from, in pixels
_MAX_SHRINK = 64


@dataclass(frozen=True, slots=True)
class Plan:
    """Decode *frames* frames, *shrink* times smaller on each axis.

    *streamed*: one rendition alone reads the rows as they are decoded, and they are not kept.
    """

    shrink: int
    frames: int
    streamed: bool


def plan(original: Original, presets: Sequence[Preset], *, described: bool) -> Plan:
    """Return how much of *original* its *presets* need, and its description if it is wanted."""
    scales = [_scale(original, preset) for preset in presets]
    scale = max([*scales, original.scale_to(DESCRIBED_SIDE) if described else 0])
    return Plan(
        shrink=_shrink(scale),
        frames=_frames(original, presets),
        streamed=not described and len(presets) == 1 and _streams(original, presets[0]),
    )


def animates(preset: Preset) -> bool:
    """Whether any file of the preset can hold an animation, and is to."""
    return preset.animate and any(encoding.format.facts.animation for encoding in preset.formats)


def _streams(original: Original, preset: Preset) -> bool:
    """Whether the rendition reads a JPEG once, from top to bottom, and takes its colours as they are."""
    return (
        original.format is Format.JPEG
        and original.interpretation == "srgb"
        and original.icc is None
        and preset.colour_space is ColourSpace.SRGB
        and preset.trim is None
        and whole_turn(original.orientation, preset) is not None
    )


def _scale(original: Original, preset: Preset) -> float:
    """Return how many pixels of the rendition one of the original becomes."""
    if preset.trim is not None:
        return 1.0  # how much is left to enlarge is known only after the decode
    return lay_out(tilted(original.upright, preset.rotate), preset).scale


def _shrink(scale: float) -> int:
    shrink = 1
    while shrink < _MAX_SHRINK and shrink * 2 * MARGIN * scale <= 1:
        shrink *= 2
    return shrink


def _frames(original: Original, presets: Sequence[Preset]) -> int:
    return original.frames if any(animates(preset) for preset in presets) else 1
