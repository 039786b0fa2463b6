"""The original's own colours: its numbers and their profile, as kept for print.

Start with `own_colours`. Everything else converts to sRGB or Display P3 (`colour.py`).
"""

from __future__ import annotations

from tintype.imaging.colour import parse_colour
from tintype.imaging.depth import colours, eight_bits, largest, sixteen_bits
from tintype.imaging.icc import is_srgb, read_tags, sound
from tintype.imaging.presets import ColourSpace, Preset
from tintype.imaging.signals import SourceColour
from tintype.imaging.vips import blob, pyvips, with_blob

PROFILE = "icc-profile-data"
_SIGNATURES = {"srgb": b"RGB ", "b-w": b"GRAY", "cmyk": b"CMYK"}  # ICC.1:2022, table 19
_BANDS = {"srgb": 3, "b-w": 1, "cmyk": 4}


def own_colours(image: pyvips.Image, source: SourceColour, *, deep: bool) -> pyvips.Image | None:
    """Return *image* with its numbers and the profile that they need, or None if they cannot be kept.

    That is so for HDR, for numbers other than RGB, grey and CMYK, and if the profile is not sound.
    Grey without a profile becomes RGB. sRGB has a profile if the file has one that says so.
    """
    kind = colours(image)
    whole = image.format in {"uchar", "ushort"} and image.bands - image.hasalpha() == _BANDS.get(
        kind
    )
    if source.hdr is not None or not whole:
        return None
    numbers = sixteen_bits(image) if deep else eight_bits(image)
    own = source.profile or _own_srgb(image)
    if own is None:
        return None if kind == "b-w" else _bare(numbers)
    if source.icc is None and kind == "b-w":  # a profile that is made for a space is one of RGB
        return None
    profile = sound(own, _SIGNATURES[kind])
    if profile is None:
        return None
    kept = with_blob(numbers, PROFILE, profile)
    return kept if _converts(profile, kind) else None


def background_of(preset: Preset, image: pyvips.Image) -> list[float]:
    """Return the preset's background in the bands of *image*, and in its profile if that is kept."""
    background = parse_colour(preset.background)
    painted = background.bands(3)
    kind = colours(image)
    if preset.colour_space is ColourSpace.ORIGINAL and (kind != "srgb" or blob(image, PROFILE)):
        painted = _in_profile(painted, kind, blob(image, PROFILE))
    scale = largest(image) // 255
    return [value * scale for value in [*painted, float(background.alpha)][: image.bands]]


def _in_profile(rgb: list[float], kind: str, profile: bytes | None) -> list[float]:
    """Return sRGB numbers as those of *kind* in *profile*, by the relative intent: this very colour."""
    pixel = (pyvips.Image.black(1, 1, bands=3) + rgb).cast("uchar").copy(interpretation="srgb")
    lab = pixel.icc_import(input_profile="srgb")
    if profile is None:
        exported = lab.icc_export(output_profile="cmyk")
    else:
        exported = with_blob(lab, PROFILE, profile).icc_export()
    return exported(0, 0)[: _BANDS[kind]]


def _own_srgb(image: pyvips.Image) -> bytes | None:
    """Return the file's own profile if that is sRGB; any other one did not count."""
    own = blob(image, PROFILE)
    return own if own is not None and is_srgb(own, read_tags(own)) else None


def _bare(image: pyvips.Image) -> pyvips.Image:
    image = image.copy()
    if image.get_typeof(PROFILE):
        image.remove(PROFILE)
    return image


def _converts(profile: bytes, kind: str) -> bool:
    """Whether the profile's tables can be used, which only a conversion shows."""
    try:
        pixel = pyvips.Image.black(1, 1, bands=_BANDS[kind]).copy(interpretation=kind)
        with_blob(pixel, PROFILE, profile).icc_import(embedded=True).avg()
    except pyvips.Error:
        return False
    return True
