"""Colour: conversion of originals to sRGB or Display P3, and the colours in presets.

An original's own numbers are kept by `own_colour.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from tintype.imaging.depth import filled, sixteen_bits
from tintype.imaging.presets import COLOUR, ColourSpace
from tintype.imaging.signals import SourceColour
from tintype.imaging.vips import pyvips, with_blob

_OPAQUE = 255


@dataclass(frozen=True, slots=True)
class Rgba:
    """A colour, each channel from 0 to 255."""

    red: int
    green: int
    blue: int
    alpha: int = _OPAQUE

    @property
    def opaque(self) -> bool:
        """Whether the colour is fully opaque."""
        return self.alpha == _OPAQUE

    def bands(self, count: int) -> list[float]:
        """Return the values for an image of 3 or 4 bands; libvips expects one per band."""
        return [float(value) for value in (self.red, self.green, self.blue, self.alpha)][:count]

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


def parse_colour(text: str) -> Rgba:
    """Parse a colour written as `#rrggbb`, `#rrggbbaa` or `transparent`.

    >>> parse_colour("#ff8000").bands(3)
    [255.0, 128.0, 0.0]

    Raises:
        ValueError: it is not.
    """
    if COLOUR.fullmatch(text) is None:
        message = f"{text!r} is not #rrggbb, #rrggbbaa or transparent"
        raise ValueError(message)
    if text == "transparent":
        return Rgba(255, 255, 255, 0)
    return Rgba(*bytes.fromhex(text[1:]))


def convert(
    image: pyvips.Image,
    space: ColourSpace,
    source: SourceColour,
    *,
    bits: int = 16,
    deep: bool = False,
) -> pyvips.Image:
    """Return *image* as three 8-bit bands in *space*, plus its alpha band if any, also 8-bit.

    Its numbers mean *source*; 16-bit ones have *bits* bits, from the top. *deep*: bands have 16 bits,
    all of them used. A profile that is broken or does not match its image is ignored: the values are
    then taken as sRGB (or plain CMYK, grey). The intent is perceptual, which profiles of photographs
    are made for.
    """
    if deep and source.hdr is None:
        image = filled(image, bits)
    if source.grey:
        image = _one_channel(image)
    if space is ColourSpace.ORIGINAL:
        from tintype.imaging.own_colour import own_colours  # noqa: PLC0415 - it needs this module

        own = own_colours(image, source, deep=deep)
        if own is not None:
            return own
        space = ColourSpace.SRGB
    if _is_plain(image) and source.is_srgb and space is ColourSpace.SRGB:
        return image
    colour, alpha = _split_alpha(image, deep=deep)
    if source.icc is None and not source.is_srgb:
        colour = _three_bands(colour)
    if source.hdr is not None:
        converted = _tone_mapped(colour, source, space, bits, deep=deep)
    else:
        profiled = source.profile is not None
        converted = _convert_bands(colour, space, profiled=profiled, deep=deep)
    return converted if alpha is None else converted.bandjoin(alpha)


def _one_channel(image: pyvips.Image) -> pyvips.Image:
    """Return the first of three equal channels, and the alpha band if there is one."""
    channels = image.bands - image.hasalpha()
    if channels == 1:
        return image
    first = image.extract_band(0)
    grey = first.bandjoin(image.extract_band(channels)) if image.hasalpha() else first
    return grey.copy(interpretation="grey16" if image.format == "ushort" else "b-w")


def _three_bands(image: pyvips.Image) -> pyvips.Image:
    """Return grey as RGB, which the profile that is made for a space needs."""
    if image.bands > 1:
        return image
    interpretation = "rgb16" if image.format == "ushort" else "srgb"
    return image.bandjoin(image).bandjoin(image).copy(interpretation=interpretation)


def _tone_mapped(
    image: pyvips.Image, source: SourceColour, space: ColourSpace, bits: int, *, deep: bool
) -> pyvips.Image:
    from tintype.imaging.tone_map import tone_mapped  # noqa: PLC0415 - only for HDR

    mapped = tone_mapped(image, source, space, bits=bits, deep=deep).copy()
    if space is ColourSpace.SRGB:
        return mapped
    profile = pyvips.Operation.call("profile_load", space)
    assert isinstance(profile, bytes)  # noqa: S101 - for the type checker
    return with_blob(mapped, "icc-profile-data", profile)


def _is_plain(image: pyvips.Image) -> bool:
    return bool(image.interpretation == "srgb" and image.format == "uchar" and image.bands >= 3)  # noqa: PLR2004


def _split_alpha(image: pyvips.Image, *, deep: bool) -> tuple[pyvips.Image, pyvips.Image | None]:
    if not image.hasalpha():
        return image, None
    last = image.bands - 1
    alpha = image.extract_band(last)
    if deep:
        alpha = sixteen_bits(alpha)
    elif image.format == "ushort":
        alpha = alpha >> 8
    return image.extract_band(0, n=last), alpha.cast("ushort" if deep else "uchar")


def _convert_bands(
    image: pyvips.Image, space: ColourSpace, *, profiled: bool, deep: bool
) -> pyvips.Image:
    if profiled:
        try:
            return _transform(image, space, deep=deep).copy_memory()
        except pyvips.Error:
            image = image.copy()
            image.remove("icc-profile-data")
    if image.interpretation == "cmyk":
        return _transform(image, space, source="cmyk", deep=deep)
    plain = image.colourspace("rgb16" if deep else "srgb").cast("ushort" if deep else "uchar")
    return (
        plain if space is ColourSpace.SRGB else _transform(plain, space, source="srgb", deep=deep)
    )


def _transform(
    image: pyvips.Image,
    space: ColourSpace,
    *,
    source: str | None = None,
    deep: bool,
) -> pyvips.Image:
    """Convert to *space* from the image's own profile, or from libvips' built-in profile *source*."""
    origin = {"embedded": True} if source is None else {"input_profile": source}
    depth = 16 if deep else 8
    converted = image.icc_transform(space, intent="perceptual", depth=depth, **origin)
    return converted.cast("ushort" if deep else "uchar")
