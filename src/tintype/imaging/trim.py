"""Trimming: find the picture inside a border of one colour."""

from __future__ import annotations

from tintype.imaging.depth import eight_bits
from tintype.imaging.geometry import Box, Size, scaled
from tintype.imaging.vips import pyvips


def find_content(image: pyvips.Image, threshold: float, source: Size) -> Box:
    """Return the area of *image* without its border, in pixels of *source*.

    The border differs by at most *threshold* (0 to 255) from the top left pixel; if that pixel is
    transparent, only the alpha is compared. A picture that is all border is kept whole.
    """
    base = Size(image.width, image.height)
    image = eight_bits(image)
    corner = image(0, 0)
    if image.hasalpha() and corner[-1] == 0:
        image, corner = image.extract_band(image.bands - 1), [0]
    elif image.hasalpha():
        image, corner = image.flatten(background=corner[:-1]), corner[:-1]
    # line_art skips a median filter that takes ten times as long as the rest.
    left, top, width, height = image.find_trim(
        threshold=threshold, background=corner, line_art=True
    )
    if width == 0 or height == 0:
        return Box(0, 0, source.width, source.height)
    return scaled(Box(left, top, width, height), base, source)
