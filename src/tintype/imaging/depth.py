"""Pixels of 8 and of 16 bits, the latter for formats that hold more than 8 (`bit_depths`)."""

from __future__ import annotations

from tintype.imaging.vips import pyvips

_DEEP = {"srgb": "rgb16", "b-w": "grey16"}
_SHALLOW = {deep: shallow for shallow, deep in _DEEP.items()}
_DEEP_TOP, _SHALLOW_TOP = 65_535, 255


def largest(image: pyvips.Image) -> int:
    """Return the largest value of a sample: that of white and of opaque pixels."""
    return _DEEP_TOP if image.format == "ushort" else _SHALLOW_TOP


def colours(image: pyvips.Image) -> str:
    """Return the kind of colours of either depth: `srgb` for any RGB, `b-w` or `cmyk`."""
    return _SHALLOW.get(str(image.interpretation), str(image.interpretation))


def eight_bits(image: pyvips.Image) -> pyvips.Image:
    """Return *image* with the nearest values of 8 bits."""
    if image.format != "ushort":
        return image
    nearest = (image / (_DEEP_TOP / _SHALLOW_TOP)).rint().cast("uchar")
    return nearest.copy(interpretation=colours(image))


def sixteen_bits(image: pyvips.Image) -> pyvips.Image:
    """Return *image* with values of 16 bits."""
    if image.format == "ushort":
        return image
    space = _DEEP.get(str(image.interpretation), image.interpretation)
    full: pyvips.Image = image * (_DEEP_TOP // _SHALLOW_TOP)
    return full.cast("ushort").copy(interpretation=space)


def filled(image: pyvips.Image, bits: int) -> pyvips.Image:
    """Return 16-bit values of which only the upper *bits* are used over the whole range."""
    top = (2**bits - 1) << (16 - bits)
    if image.format != "ushort" or top == _DEEP_TOP:
        return image
    full: pyvips.Image = image * (_DEEP_TOP / top)
    return full.rint().cast("ushort").copy(interpretation=image.interpretation)
