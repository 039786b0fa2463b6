"""Operations on pictures with or without an alpha band, so that other modules need not distinguish."""

from __future__ import annotations

from collections.abc import Callable

from tintype.imaging.depth import largest
from tintype.imaging.vips import pyvips

Operation = Callable[[pyvips.Image], pyvips.Image]


def blended(image: pyvips.Image, operation: Operation) -> pyvips.Image:
    """Apply an operation that mixes neighbouring pixels, weighting colours by alpha.

    The colours of transparent pixels must not bleed. Weighted colours keep the picture's 8 or 16
    bits, as in libvips' own `thumbnail`: floats would cost three times as much.
    """
    if not image.hasalpha():
        return operation(image)
    mixed = operation(image.premultiply().cast(image.format)).unpremultiply()
    return mixed.cast(image.format).copy(interpretation=image.interpretation)


def coloured(image: pyvips.Image, operation: Operation) -> pyvips.Image:
    """Apply an operation to the colours only, keeping the alpha."""
    if not image.hasalpha():
        return operation(image)
    last = image.bands - 1
    colours = operation(image.extract_band(0, n=last))
    return colours.bandjoin(image.extract_band(last))


def with_alpha(image: pyvips.Image) -> pyvips.Image:
    """Add an opaque alpha band if there is none."""
    return image if image.hasalpha() else image.bandjoin(largest(image))


def without_alpha(image: pyvips.Image) -> pyvips.Image:
    """Drop the alpha band; the colours under it are unchanged."""
    return image.extract_band(0, n=image.bands - 1) if image.hasalpha() else image


def is_opaque(image: pyvips.Image) -> bool:
    """Whether a picture is fully opaque, with or without an alpha band."""
    return not image.hasalpha() or image.extract_band(image.bands - 1).min() == largest(image)
