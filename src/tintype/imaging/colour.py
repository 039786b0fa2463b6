"""Colour: conversion of originals to 8-bit sRGB or Display P3, and the colours in presets."""

from __future__ import annotations

from dataclasses import dataclass

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
    image: pyvips.Image, space: ColourSpace, source: SourceColour, *, bits: int = 16
) -> pyvips.Image:
    """Return *image* as three 8-bit bands in *space*, plus its alpha band if any, also 8-bit.

    Its numbers mean *source*; 16-bit ones have *bits* bits, from the top. A profile that is broken
    or does not match its image is ignored: the values are then taken as sRGB (or plain CMYK, grey).
    The intent is perceptual, which profiles of photographs are made for.
    """
    if _is_plain(image) and source.is_srgb and space is ColourSpace.SRGB:
        return image
    colour, alpha = _split_alpha(image)
    if source.icc is None and not source.is_srgb:
        colour = _three_bands(colour)
    if source.hdr is not None:
        converted = _tone_mapped(colour, source, space, bits)
    else:
        converted = _convert_bands(colour, space, profiled=source.profile is not None)
    return converted if alpha is None else converted.bandjoin(alpha)


def _three_bands(image: pyvips.Image) -> pyvips.Image:
    """Return grey as RGB, which the profile that is made for a space needs."""
    if image.bands > 1:
        return image
    interpretation = "rgb16" if image.format == "ushort" else "srgb"
    return image.bandjoin(image).bandjoin(image).copy(interpretation=interpretation)


def _tone_mapped(
    image: pyvips.Image, source: SourceColour, space: ColourSpace, bits: int
) -> pyvips.Image:
    from tintype.imaging.tone_map import tone_mapped  # noqa: PLC0415 - only for HDR

    mapped = tone_mapped(image, source, space, bits=bits).copy()
    if space is ColourSpace.SRGB:
        return mapped
    profile = pyvips.Operation.call("profile_load", space)
    assert isinstance(profile, bytes)  # noqa: S101 - for the type checker
    return with_blob(mapped, "icc-profile-data", profile)


def _is_plain(image: pyvips.Image) -> bool:
    return bool(image.interpretation == "srgb" and image.format == "uchar" and image.bands >= 3)  # noqa: PLR2004


def _split_alpha(image: pyvips.Image) -> tuple[pyvips.Image, pyvips.Image | None]:
    if not image.hasalpha():
        return image, None
    last = image.bands - 1
    alpha = image.extract_band(last)
    if image.format == "ushort":
        alpha = alpha >> 8
    return image.extract_band(0, n=last), alpha.cast("uchar")


def _convert_bands(image: pyvips.Image, space: ColourSpace, *, profiled: bool) -> pyvips.Image:
    if profiled:
        try:
            return _transform(image, space).copy_memory()
        except pyvips.Error:
            image = image.copy()
            image.remove("icc-profile-data")
    if image.interpretation == "cmyk":
        return _transform(image, space, source="cmyk")
    plain = image.colourspace("srgb").cast("uchar")
    return plain if space is ColourSpace.SRGB else _transform(plain, space, source="srgb")


def _transform(
    image: pyvips.Image,
    space: ColourSpace,
    *,
    source: str | None = None,
) -> pyvips.Image:
    """Convert to *space* from the image's own profile, or from libvips' built-in profile *source*."""
    if source is None:
        converted = image.icc_transform(space, embedded=True, intent="perceptual", depth=8)
    else:
        converted = image.icc_transform(space, input_profile=source, intent="perceptual", depth=8)
    return converted.cast("uchar")
