"""Turn and rotate pixels. Turns come late, since they are cheap at a rendition's size; see `Turn`."""

from __future__ import annotations

from tintype.imaging.alpha import blended, with_alpha
from tintype.imaging.colour import parse_colour
from tintype.imaging.geometry import UPRIGHT, Turn
from tintype.imaging.own_colour import background_of
from tintype.imaging.presets import Preset
from tintype.imaging.vips import pyvips


def turned(image: pyvips.Image, turn: Turn) -> pyvips.Image:
    """Return *image* after *turn*; it must be in memory, since rows are read in any order."""
    if turn.quarters:
        image = image.rot(f"d{90 * turn.quarters}")
    return image.fliphor() if turn.mirrored else image


def tilted(image: pyvips.Image, orientation: int, preset: Preset) -> pyvips.Image:
    """Return *image* upright, rotated by any angle, and mirrored as in the preset."""
    image = _rotated(turned(image, UPRIGHT[orientation]), preset)
    image = image.flipver() if preset.flip else image
    return image.fliphor() if preset.flop else image


def _rotated(image: pyvips.Image, preset: Preset) -> pyvips.Image:
    background = parse_colour(preset.background)
    image = image if background.opaque else with_alpha(image)
    corners = background_of(preset, image)
    if image.hasalpha():  # weighted by it, as `blended` expects
        corners = [value * background.alpha / 255 for value in corners[:-1]] + corners[-1:]
    return blended(image, lambda mixed: mixed.rotate(preset.rotate, background=corners))
