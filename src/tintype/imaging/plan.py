"""The plan for a set of renditions: one decode, with no more pixels than the largest one needs.

Start with `plan`. docs/explanation/decisions/0003-one-decode.md has measurements and the reason for
`MARGIN`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tintype.imaging.errors import TooManyPixelsError
from tintype.imaging.faces import DETECTED_SIDE, hides_faces
from tintype.imaging.formats import Format
from tintype.imaging.geometry import adds_pixels, lay_out, tilted, whole_turn
from tintype.imaging.original import CheckedOriginal
from tintype.imaging.presets import ColourSpace, Limits, Preset

# A shrunk source keeps at least this many pixels per rendition pixel on each axis. Compared to a
# full decode that costs less than 1 point of SSIMULACRA2; at 1.8 one photograph lost 3.8, and
# sharp, which has no margin, loses 2 to 7.
MARGIN = 2
# The same for photographs that are soft at that size (`photograph.py`); they lose 0.1 to 0.7 points.
SOFT_MARGIN = 1.25
# Shrunk further, photographs look sharp and are decoded twice, for little: libjpeg is hardly faster.
_MOST_SOFT_SHRINK = 2
DESCRIBED_SIDE = 100  # pixels of the source of placeholder, colours and hash
_MAX_SHRINK = 64
_BYTE = 8  # bits
# A larger base is not kept: it is resized, as it is decoded, to what the margin asks for.
_MOST_PIXELS_KEPT = 24_000_000
# In 16 bits, with opacity, 98 megapixels take 2 GB, and 0.8 more for a second colour space.
_MOST_PIXELS_DEEP = 50_000_000


@dataclass(frozen=True, slots=True)
class DecodePlan:
    """Decode *frames* frames, *shrink* times smaller on each axis; *soft_shrink* if they are soft then.

    The sides of a large still are then multiplied by *resize*, at most 1, with Lanczos 3. *streamed*: a
    single rendition reads the rows as they are decoded, and they are not kept. *deep*: a rendition has
    use for more than 8 bits.
    """

    shrink: int
    soft_shrink: int
    frames: int
    streamed: bool
    deep: bool = False
    resize: float = 1.0


def plan(
    original: CheckedOriginal, presets: Sequence[Preset], *, described: bool, faces: bool = False
) -> DecodePlan:
    """Return how much of *original* its *presets* need.

    Its description needs some as well if it is *described*, and the search for *faces*.
    """
    scales = [_scale(original, preset) for preset in presets]
    scales += [original.scale_to(DESCRIBED_SIDE)] if described else []
    scales += [original.scale_to(DETECTED_SIDE / MARGIN)] if faces else []
    looked_at = described or faces
    scale = max(scales, default=0)
    shrink, soft = (_shrink(scale, margin) for margin in (MARGIN, SOFT_MARGIN))
    frames = _frames(original, presets)
    pixels = original.used.width * original.used.height / shrink**2
    hidden = any(one.regions for one in presets)  # the look at edges would see what is to be hidden
    streamed = not looked_at and len(presets) == 1 and _streams(original, presets[0])
    is_large = frames == 1 and not streamed and pixels > _MOST_PIXELS_KEPT
    return DecodePlan(
        shrink=shrink,
        soft_shrink=soft if soft <= _MOST_SOFT_SHRINK and not hidden else shrink,
        frames=frames,
        streamed=streamed,
        deep=any(is_deep(original, preset) for preset in presets),
        resize=min(1.0, MARGIN * scale * shrink) if is_large else 1.0,
    )


def is_deep(original: CheckedOriginal, preset: Preset) -> bool:
    """Whether a preset is rendered in 16 bits: a format asks for more than 8, and a still has them.

    A picture of more than `_MOST_PIXELS_DEEP` is not.
    """
    return _wants_bits(original, preset) and not _is_large(original)


def depth_notes(original: CheckedOriginal, presets: Sequence[Preset]) -> Iterator[str]:
    """Yield which presets have 8 bits because the original is too large for more."""
    names = [one.name for one in presets if _wants_bits(original, one)]
    if names and _is_large(original):
        yield f"8 of {original.bits} bits per colour in {', '.join(names)}"


def _wants_bits(original: CheckedOriginal, preset: Preset) -> bool:
    wanted = any(encoding.bit_depth > _BYTE for encoding in preset.formats)
    return wanted and original.bits > _BYTE and original.frames_found == 1


def _is_large(original: CheckedOriginal) -> bool:
    return original.stored.width * original.stored.height > _MOST_PIXELS_DEEP


def check_result(original: CheckedOriginal, preset: Preset, limits: Limits) -> None:
    """Refuse a preset that would make more pixels of *original* than an original may have.

    Raises:
        TooManyPixelsError: it would.
    """
    layout = lay_out(tilted(original.upright, preset.rotate), preset)
    frames = _frames(original, [preset])
    pixels = frames * max(one.width * one.height for one in (layout.resized, layout.canvas))
    if pixels > limits.max_pixels:
        message = f"{pixels / 1e6:,.1f} megapixels; the limit is {limits.max_pixels / 1e6:,.6g}"
        raise TooManyPixelsError(message)


def worth_making(original: CheckedOriginal, presets: Sequence[Preset]) -> Sequence[Preset]:
    """Return the presets that are made of *original* (`Preset.only_above`): at least one of them."""
    kept = [one for one in presets if adds_pixels(tilted(original.upright, one.rotate), one)]
    return kept or presets[:1]


def animates(preset: Preset) -> bool:
    """Whether the preset animates and any of its formats supports that.

    One that hides faces does not: they are looked for in the first frame alone.
    """
    formats = [encoding.format for encoding in preset.formats]
    in_avif = preset.animate_avif and Format.AVIF in formats
    can = preset.animate and not hides_faces(preset)
    return can and (in_avif or any(one.facts.animation for one in formats))


def _streams(original: CheckedOriginal, preset: Preset) -> bool:
    """Whether the rendition reads a JPEG once, from top to bottom, without colour conversion."""
    return (
        original.format is Format.JPEG
        and original.interpretation == "srgb"
        and original.colour.is_srgb
        and preset.colour_space is ColourSpace.SRGB
        and preset.trim is None
        and not preset.regions
        and whole_turn(original.orientation, preset) is not None
    )


def _scale(original: CheckedOriginal, preset: Preset) -> float:
    """Return the number of rendition pixels per original pixel."""
    if preset.trim is not None:
        return 1.0  # the trimmed size is known only after decoding
    return lay_out(tilted(original.upright, preset.rotate), preset).scale


def _shrink(scale: float, margin: float) -> int:
    shrink = 1
    while shrink < _MAX_SHRINK and shrink * 2 * margin * scale <= 1:
        shrink *= 2
    return shrink


def _frames(original: CheckedOriginal, presets: Sequence[Preset]) -> int:
    return original.frames if any(animates(preset) for preset in presets) else 1
