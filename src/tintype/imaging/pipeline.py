"""Rendering the pixels of one preset, before they are encoded. Start with `render_preset`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from tintype.imaging.decode import Frames
from tintype.imaging.encode import Animation
from tintype.imaging.face import Face
from tintype.imaging.formats import Format
from tintype.imaging.frame_stream import FrameStream
from tintype.imaging.gain_map import GainMap, followed
from tintype.imaging.geometry import Box, Size, Turn, carried, lay_out, whole_turn
from tintype.imaging.geometry import tilted as tilted_size
from tintype.imaging.operations import FIRST_STEPS, LAST_STEPS, Recipe, choose_crop, is_smart, run
from tintype.imaging.orient import tilted, turned
from tintype.imaging.original import CheckedOriginal
from tintype.imaging.plan import animates
from tintype.imaging.presets import Encoding, OriginalPoint, Preset
from tintype.imaging.pyramid import Pyramid
from tintype.imaging.regions import hide
from tintype.imaging.trim import find_content
from tintype.imaging.vips import Deadline, pyvips

# Of all frames of a rendition: more of a large animation are rendered anew for each format.
_MOST_PIXELS_KEPT = 4_000_000


@dataclass(frozen=True, slots=True)
class Picture:
    """A preset's pixels in memory: 8-bit RGB or RGBA frames of one size, and their timing.

    Of a large animation that is not small here, only the first of its frames; *render* renders them
    all, one at a time.
    """

    frames: Frames
    animation: Animation
    render: Callable[[], Iterator[pyvips.Image]] | None = None
    gain_map: GainMap | None = None

    @property
    def count(self) -> int:
        """The number of frames, those included that are not in memory."""
        return len(self.animation.delays) if self.render else len(self.frames)

    @property
    def has_alpha(self) -> bool:
        """Whether the frames have an alpha band."""
        return bool(self.frames[0].hasalpha())


def render_preset(
    preset: Preset,
    pyramid: Pyramid | FrameStream,
    original: CheckedOriginal,
    deadline: Deadline,
    faces: Sequence[Face] = (),
    *,
    gain_map: GainMap | None = None,
) -> Picture:
    """Return the pixels of *preset*; all frames use the crop and trim of the first.

    *faces* are the original's, for presets that keep them; *gain_map* is the original's, for presets
    with `hdr`.

    Raises:
        MissingGlyphError, InvalidPresetError: the watermark cannot be drawn.
        TimeLimitError: the deadline passed.
    """
    turn = whole_turn(original.orientation, preset)
    source = tilted_size(original.upright, preset.rotate)
    trimmed = None
    if preset.trim is not None:
        seen = hide(pyramid.base[0], preset.regions, original, faces, deadline)
        straight = _straight(seen, turn, original, preset)
        trimmed = find_content(straight, preset.trim, source)
    layout = lay_out(source, preset, trimmed=trimmed)
    if isinstance(preset.gravity, OriginalPoint):
        placed = original.on_part(preset.gravity)
        point = carried(placed, original.upright, preset, layout.region)
        preset = replace(preset, gravity=point)
    uncropped = Box(0, 0, layout.resized.width, layout.resized.height)
    recipe = Recipe(preset, source, turn or Turn(), layout, uncropped)
    maps: list[GainMap] = []

    def render(*, moving: bool) -> Iterator[pyvips.Image]:
        steps = recipe
        for number, frame in enumerate(pyramid.frames_at(layout.scale, moving=moving)):
            hidden = hide(frame, preset.regions, original, faces, deadline)
            whole = hidden if turn is not None else tilted(hidden, original.orientation, preset)
            resized = _resized(whole, steps, deadline)
            if number == 0:
                box = choose_crop(resized, preset, layout, faces=faces, upright=original.upright)
                steps = replace(steps, crop=box)
                if preset.hdr and gain_map is not None:
                    size = Size(frame.width, frame.height)
                    tilt = original.orientation if turn is None else None
                    maps.append(followed(gain_map, size, tilt, steps, deadline))
            yield deadline.evaluated(run(LAST_STEPS, resized, steps))

    moving = animates(preset)
    pixels = layout.canvas.width * layout.canvas.height * original.frames
    if moving and isinstance(pyramid, FrameStream) and pixels > _MOST_PIXELS_KEPT:
        animation = Animation(original.delays[: original.frames], original.loops)
        return Picture(tuple(render(moving=False)), animation, partial(render, moving=True))
    frames = tuple(render(moving=moving))
    animation = Animation(original.delays[: len(frames)], original.loops)
    return Picture(frames, animation, gain_map=maps[0] if maps else None)


# libavif needs 60 bytes for each pixel of a frame, with transparency 80.
_MOST_PIXELS_AVIF = 2_600_000


def can_move(encoding: Encoding, preset: Preset, picture: Picture) -> bool:
    """Whether the format can hold all frames of a picture of this size, in this encoding.

    AVIF does where the preset says so, but Pillow writes no lossless ones.
    """
    facts, first = encoding.format.facts, picture.frames[0]
    if encoding.format is not Format.AVIF:
        return facts.animation
    fits = first.width * first.height <= _MOST_PIXELS_AVIF
    fits = fits and max(first.width, first.height) <= facts.longest_side
    return preset.animate_avif and fits and not encoding.lossless


def chosen_formats(preset: Preset, picture: Picture, original: Format) -> tuple[Encoding, ...]:
    """Return the formats to write for a preset.

    With `auto` this is the first that keeps alpha and animation, else the first that keeps alpha,
    else the first. With `same_format`, the *original*'s comes before all others.
    """
    if not preset.auto:
        return preset.formats
    moves = picture.count > 1
    facts = [(encoding, encoding.format.facts) for encoding in _in_order(preset, original)]
    seen = [(encoding, fact) for encoding, fact in facts if fact.alpha or not picture.has_alpha]
    kept = [encoding for encoding, _ in seen if can_move(encoding, preset, picture) or not moves]
    return (*kept, *(encoding for encoding, _ in seen), *preset.formats)[:1]


def _in_order(preset: Preset, original: Format) -> list[Encoding]:
    """Return the formats with the original's first, if that is preferred."""
    preferred = original if preset.same_format else None
    return sorted(preset.formats, key=lambda encoding: encoding.format is not preferred)


def _straight(
    image: pyvips.Image,
    turn: Turn | None,
    original: CheckedOriginal,
    preset: Preset,
) -> pyvips.Image:
    return turned(image, turn) if turn is not None else tilted(image, original.orientation, preset)


def _resized(image: pyvips.Image, recipe: Recipe, deadline: Deadline) -> pyvips.Image:
    """Return the picture cut, resized and turned; evaluated if later steps need that."""
    resized = run(FIRST_STEPS, image, recipe)
    if recipe.turn != Turn() or is_smart(recipe.preset):
        resized = deadline.evaluated(resized)
    return turned(resized, recipe.turn)
