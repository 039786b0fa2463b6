"""Colours come out as a colour-managed viewer shows the original: within a ΔE of 3, mostly of 1."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests import profiles
from tests.fingerprint import P3_TO_XYZ, Floats, delta_e, lab
from tests.hostile.strangers import noise
from tests.pictures import (
    Pixels,
    encode,
    encode_sixteen_bits,
    original,
    pattern,
    sixteen_bits,
    to_mode,
)
from tests.reference import shown
from tintype.imaging import ColourSpace, Encoding, Format, Preset, describe, render_all
from tintype.imaging.formats import RENDERED_FORMATS
from tintype.imaging.icc import read_name, read_tags

SIDE = 32  # pixels of a patch; its middle half is what is compared
COLOURS = (
    *((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255), (255, 0, 255)),
    *((200, 60, 50), (60, 170, 80), (50, 80, 190), (220, 190, 70), (120, 200, 210), (150, 70, 160)),
    *((230, 180, 150), (110, 70, 50), (90, 120, 60), (250, 120, 20), (30, 40, 90), (128, 255, 0)),
    *((0, 0, 0), (40, 40, 40), (90, 90, 90), (128, 128, 128), (190, 190, 190), (255, 255, 255)),
)
COLUMNS = 6
LOSSLESS = (Encoding(format=Format.PNG),)
ENCODINGS = (
    Encoding(format=Format.JPEG, quality=95),
    Encoding(format=Format.PNG),
    Encoding(format=Format.WEBP, quality=95),
    Encoding(format=Format.AVIF, quality=90),
    Encoding(format=Format.GIF),
)
EXACT: dict[Format, dict[str, Any]] = {  # how Pillow's encoders change colours least
    Format.JPEG: {"quality": 100, "subsampling": 0},
    Format.WEBP: {"lossless": True},
    Format.AVIF: {"quality": 100, "subsampling": "4:4:4", "speed": 9},
    Format.HEIC: {"quality": 100, "chroma": 444},
}
# What encoders take away: chroma at half the size, 4:2:0 of full-range patches, a palette.
LOSSY_LIMIT = 3.0


def chart() -> Pixels:
    rows = np.array(COLOURS, np.uint8).reshape(-1, COLUMNS, 3)
    return rows.repeat(SIDE, axis=0).repeat(SIDE, axis=1)


def patches(pixels: Pixels) -> Floats:
    """Return the mean colour of the middle of each patch, patch × 3."""
    quarter, half = SIDE // 4, SIDE // 2
    height, width = pixels.shape[0] // SIDE, pixels.shape[1] // SIDE
    cells = pixels[..., :3].astype(float).reshape(height, SIDE, width, SIDE, 3)
    middles = cells[:, quarter : quarter + half, :, quarter : quarter + half]
    means: Floats = middles.mean(axis=(1, 3)).reshape(-1, 3)
    return means


def charted(file_format: Format, *, mode: str = "RGB", icc: bytes | None = None) -> bytes:
    options = EXACT.get(file_format, {})
    return encode([to_mode(chart(), mode)], file_format, icc=icc, **options)


def grey_avif(icc: bytes) -> bytes:
    """Return an AVIF of one channel, as only some encoders write it."""
    options = {**EXACT[Format.AVIF], "subsampling": "4:0:0"}
    return encode([to_mode(chart(), "L")], Format.AVIF, icc=icc, **options)


def sixteen_bit_chart(file_format: Format, icc: bytes) -> bytes:
    pixels = chart().astype(np.uint16) * 257
    return encode_sixteen_bits(pixels, file_format, icc=icc)


P3, ADOBE, SWAPPED = profiles.display_p3, profiles.adobe_rgb, profiles.swapped_rgb
PROFILED: dict[str, Callable[[], bytes]] = {
    **{
        f"{file_format.name}, {name}": partial(
            lambda file_format, profile: charted(file_format, icc=profile()), file_format, profile
        )
        for name, profile in (("Display P3", P3), ("Adobe RGB", ADOBE), ("swapped", SWAPPED))
        for file_format in Format
        if file_format.facts.loader and file_format is not Format.GIF
    },
    "PNG, 16 bits, Display P3": lambda: sixteen_bit_chart(Format.PNG, P3()),
    "TIFF, 16 bits, Adobe RGB": lambda: sixteen_bit_chart(Format.TIFF, ADOBE()),
    "JPEG, grey with a profile": lambda: charted(Format.JPEG, mode="L", icc=profiles.dark_grey()),
    "PNG, grey with a profile": lambda: charted(Format.PNG, mode="L", icc=profiles.dark_grey()),
    "HEIC, grey with a profile": lambda: charted(Format.HEIC, mode="L", icc=profiles.dark_grey()),
    "AVIF, grey with a profile": lambda: grey_avif(profiles.dark_grey()),
    "JPEG, sRGB": lambda: charted(Format.JPEG, icc=profiles.builtin("srgb")),
    "JPEG, CMYK": lambda: charted(Format.JPEG, mode="CMYK"),
    "JPEG, CMYK with a profile": lambda: charted(Format.JPEG, mode="CMYK", icc=profiles.cmyk()),
    "TIFF, CMYK": lambda: charted(Format.TIFF, mode="CMYK"),
    "TIFF, CMYK with a profile": lambda: charted(Format.TIFF, mode="CMYK", icc=profiles.cmyk()),
}


@pytest.mark.parametrize("name", PROFILED)
def test_colours_are_those_of_a_reference_conversion(name: str) -> None:
    data = PROFILED[name]()
    wanted = lab(patches(shown(data).frames[0]))

    renditions = render_all(data, [Preset(name="p", formats=ENCODINGS)]).renditions

    for rendition in renditions:
        found = lab(patches(shown(rendition.data).frames[0]))
        assert delta_e(found, wanted).max() < LOSSY_LIMIT


@pytest.mark.parametrize("name", PROFILED)
def test_conversion_alone_is_nearly_exact(name: str) -> None:
    data = PROFILED[name]()
    wanted = lab(patches(shown(data).frames[0]))

    (rendition,) = render_all(data, [Preset(name="p", formats=LOSSLESS)]).renditions

    found = lab(patches(shown(rendition.data).frames[0]))
    assert delta_e(found, wanted).max() < 1


@pytest.mark.parametrize("name", PROFILED)
def test_srgb_renditions_carry_no_profile(name: str) -> None:
    renditions = render_all(PROFILED[name](), [Preset(name="p", formats=ENCODINGS)]).renditions

    for rendition in renditions:
        assert Image.open(io.BytesIO(rendition.data)).info.get("icc_profile") is None


@pytest.mark.parametrize("file_format", [Format.PNG, Format.TIFF, Format.WEBP, Format.GIF])
def test_original_without_a_profile_keeps_its_numbers(file_format: Format) -> None:
    data = charted(file_format)

    (rendition,) = render_all(data, [Preset(name="p", formats=LOSSLESS)]).renditions

    assert (shown(rendition.data).frames[0] == shown(data).frames[0]).all()


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("file_format", [Format.PNG, Format.TIFF])
def test_sixteen_bits_become_the_nearest_eight(file_format: Format, mode: str) -> None:
    data = sixteen_bits(file_format, mode=mode)
    eight = encode([to_mode(pattern(alpha=mode == "RGBA"), mode)], Format.PNG)

    (rendition,) = render_all(data, [Preset(name="p", formats=LOSSLESS)]).renditions

    found = shown(rendition.data).frames[0].astype(int)
    wanted = shown(eight).frames[0].astype(int)
    visible = wanted[..., 3] > 0
    assert np.abs(found - wanted)[visible].max() <= 1
    assert (found[..., 3] == wanted[..., 3]).all()


@pytest.mark.parametrize("mode", ["1", "L"])
@pytest.mark.parametrize("file_format", RENDERED_FORMATS)
def test_grey_stays_grey(file_format: Format, mode: str) -> None:
    data = encode([to_mode(chart(), mode)], Format.PNG)
    preset = Preset(name="p", formats=(Encoding(format=file_format),))

    (rendition,) = render_all(data, [preset]).renditions

    pixels = shown(rendition.data).frames[0].astype(int)
    assert np.abs(pixels[..., 0] - pixels[..., 1]).max() <= 2
    assert np.abs(pixels[..., 2] - pixels[..., 1]).max() <= 2
    assert delta_e(lab(patches(pixels)), lab(patches(shown(data).frames[0]))).max() < LOSSY_LIMIT


WIDE = ["JPEG, Display P3", "PNG, Display P3", "PNG, 16 bits, Display P3", "JPEG, Adobe RGB"]


@pytest.mark.parametrize("name", [*WIDE, "JPEG, sRGB", "JPEG, CMYK", "JPEG, swapped"])
def test_display_p3_renditions_carry_their_profile_and_look_the_same(name: str) -> None:
    data = PROFILED[name]()
    formats = tuple(encoding for encoding in ENCODINGS if encoding.format is not Format.GIF)
    preset = Preset(name="p", colour_space=ColourSpace.P3, formats=formats)

    renditions = render_all(data, [preset]).renditions

    for rendition in renditions:
        assert Image.open(io.BytesIO(rendition.data)).info.get("icc_profile")
        found, wanted = in_display_p3(rendition.data), in_display_p3(data)
        assert delta_e(found, wanted).max() < LOSSY_LIMIT


def test_display_p3_renditions_keep_what_srgb_cannot_show() -> None:
    data = PROFILED["PNG, Display P3"]()
    wide = Preset(name="wide", colour_space=ColourSpace.P3, formats=LOSSLESS)
    narrow = Preset(name="narrow", formats=LOSSLESS)

    kept, clipped = render_all(data, [wide, narrow]).renditions

    wanted = in_display_p3(data)
    assert delta_e(in_display_p3(kept.data), wanted).max() < 1
    assert delta_e(in_display_p3(clipped.data), wanted).max() > 3


def test_gif_of_a_wide_preset_is_srgb_because_it_has_no_place_for_a_profile() -> None:
    data = PROFILED["PNG, swapped"]()
    formats = (Encoding(format=Format.GIF),)
    preset = Preset(name="p", colour_space=ColourSpace.P3, formats=formats)

    (rendition,) = render_all(data, [preset]).renditions

    found = lab(patches(shown(rendition.data).frames[0]))
    assert delta_e(found, lab(patches(shown(data).frames[0]))).max() < LOSSY_LIMIT


@pytest.mark.parametrize(
    ("profile", "mode"),
    [(noise(3000), "RGB"), (profiles.cmyk(), "RGB"), (profiles.dark_grey(), "RGB"), (P3(), "L")],
    ids=["noise", "CMYK in RGB", "grey in RGB", "RGB in grey"],
)
@pytest.mark.parametrize("space", ColourSpace)
def test_profile_that_does_not_fit_is_ignored(
    profile: bytes, mode: str, space: ColourSpace
) -> None:
    data = charted(Format.JPEG, mode=mode, icc=profile)
    preset = Preset(name="p", colour_space=space, formats=LOSSLESS)

    (rendition,) = render_all(data, [preset]).renditions

    wanted = lab(patches(shown(charted(Format.JPEG, mode=mode)).frames[0]))
    found = lab(patches(shown(rendition.data).frames[0]))
    assert delta_e(found, wanted).max() < 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("JPEG, Display P3", "Display P3"),
        ("HEIC, Display P3", "Display P3"),
        ("PNG, Adobe RGB", "Adobe RGB (1998)"),
        ("JPEG, sRGB", "sRGB"),
        ("JPEG, CMYK", "CMYK"),
        ("TIFF, CMYK", "CMYK"),
    ],
)
def test_description_names_the_colour_space(name: str, expected: str) -> None:
    found = describe(PROFILED[name]())

    assert found.colour_space.casefold() == expected.casefold()


def test_gain_map_does_not_change_the_picture() -> None:
    plain, hdr = original("JPEG"), original("JPEG, Ultra HDR")
    preset = Preset(name="p", formats=LOSSLESS)

    (wanted,) = render_all(plain, [preset]).renditions
    (found,) = render_all(hdr, [preset]).renditions

    assert (shown(found.data).frames[0] == shown(wanted.data).frames[0]).all()


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda encoding: str(encoding.format))
def test_gain_map_is_in_no_rendition(encoding: Encoding) -> None:
    preset = Preset(name="p", formats=(encoding,))

    (rendition,) = render_all(original("JPEG, Ultra HDR"), [preset]).renditions

    for mark in (b"hdrgm", b"MPF\0", b"GainMap", b"http://ns.adobe"):
        assert mark not in rendition.data
    assert rendition.data.count(b"\xff\xd8\xff") == (encoding.format is Format.JPEG)


def in_display_p3(data: bytes) -> Floats:
    """Return the L*a*b* of each patch by way of Display P3, which holds what sRGB clips."""
    image = Image.open(io.BytesIO(data))
    profile = image.info.get("icc_profile") or (
        profiles.cmyk() if image.mode == "CMYK" else profiles.builtin("srgb")
    )
    converted = ImageCms.profileToProfile(
        image if image.mode in {"RGB", "CMYK"} else image.convert("RGB"),
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.ImageCmsProfile(io.BytesIO(profiles.builtin("p3"))),
        ImageCms.Intent.PERCEPTUAL,
        outputMode="RGB",
    )
    assert converted is not None
    return lab(patches(np.asarray(converted)), P3_TO_XYZ)


def test_a_profile_of_which_every_tag_is_nearly_all_of_it_is_not_read() -> None:
    """A hundred copies of megabytes would fill the memory of a function."""
    size = 2_000_000
    header = bytes(36) + b"acsp" + bytes(88)
    table = b"".join(struct.pack(">4sII", b"t%03d" % n, 130 + n, size - 300) for n in range(100))
    icc = (header + struct.pack(">I", 100) + table).ljust(size, b"\0")

    assert read_tags(icc) == {}
    assert read_tags(icc.ljust(5_000_000, b"\0")) == {}


def test_the_name_of_a_profile_is_short_and_printable() -> None:
    """It is in the image's record, which a database holds up to a size."""
    text = ("A\x1bname " * 90_000).encode("utf-16-be")
    tag = b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"enUS", len(text), 28) + text

    assert read_name({b"desc": tag}) == ("Aname " * 50)[:200].strip()
    assert (
        read_name({b"desc": b"desc\0\0\0\0" + struct.pack(">I", 9) + b"\x07\x08      \0"}) is None
    )
