"""Colours signalled otherwise than by an ICC profile: each means what a browser makes of it.

The numbers here are those of Chromium 156, read from a canvas; tests/web/test_colours.py asks it anew.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from tests import profiles, signalled
from tests.fingerprint import delta_e, lab
from tests.gain_maps import iso_gain_map
from tests.pictures import (
    Pixels,
    encode_sixteen_bits,
    picture,
    ultra_hdr,
    with_gain_map,
    xmp_packet,
)
from tests.signalled import HDR, SIGNALLED, hdr_heic, iccp, patches, png
from tests.wire import png_insert
from tintype.imaging import Encoding, Format, Preset, describe, render_all
from tintype.imaging.cicp import Curve, Primaries
from tintype.imaging.icc import is_srgb, matrix_profile, read_name, read_tags

LOSSLESS = Preset(name="p", formats=(Encoding(format=Format.PNG),))
RED, GREY = 0, 7  # patches of the strip
SRGB_CHROMATICITIES = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))

# What Chromium shows of a red of 200, 30, 30 and of a grey of 128; and our name for the space.
SEEN: dict[str, tuple[tuple[int, int, int], int, str]] = {
    "PNG, cICP Display P3": ((218, 0, 6), 128, "Display P3"),
    "PNG, cICP before iCCP": ((200, 30, 30), 128, "sRGB"),
    "PNG, cICP before sRGB": ((218, 0, 6), 128, "Display P3"),
    "PNG, cICP of BT.709": ((197, 18, 18), 121, "sRGB, gamma 2.4"),
    "PNG, cICP of BT.2020": ((246, 0, 0), 121, "Rec. 2020, gamma 2.4"),
    "PNG, cICP of SMPTE 240M": ((255, 0, 38), 141, "Rec. 2020, gamma 2.2"),
    "PNG, cICP of film": ((214, 0, 0), 118, "RGB with primaries of its own, gamma 2.6"),
    "PNG, cICP of PAL": ((192, 8, 8), 106, "RGB with primaries of its own, gamma 2.8"),
    "PNG, cICP unspecified": ((218, 0, 6), 128, "Display P3"),
    "PNG, cICP unknown": ((229, 96, 96), 188, "sRGB, linear"),
    "PNG, cICP of narrow range": ((200, 30, 30), 128, "sRGB"),
    "PNG, iCCP before gAMA": ((218, 0, 6), 128, "Display P3"),
    "PNG, iCCP broken": ((229, 96, 96), 188, "sRGB, linear"),
    "PNG, sRGB before gAMA": ((200, 30, 30), 128, "sRGB"),
    "PNG, gAMA": ((229, 96, 96), 188, "sRGB, linear"),
    "PNG, gAMA of sRGB": ((200, 30, 30), 128, "sRGB"),
    "PNG, gAMA of sRGB and cHRM": ((201, 24, 24), 129, "sRGB, gamma 2.2"),
    "PNG, gAMA of 0": ((200, 30, 30), 128, "sRGB"),
    "PNG, gAMA and cHRM": ((233, 24, 24), 129, "Adobe RGB, gamma 2.2"),
    "PNG, cHRM": ((200, 30, 30), 128, "sRGB"),
    "PNG, cHRM of no colours": ((200, 30, 30), 128, "sRGB"),
    "PNG, grey, gAMA": ((153, 153, 153), 188, "sRGB, linear"),
    "PNG, grey, cICP": ((153, 153, 153), 188, "sRGB, linear"),
    "PNG, palette, gAMA": ((203, 124, 124), 203, "sRGB, linear"),
    "AVIF, nclx Display P3": ((220, 0, 6), 128, "Display P3"),
    "AVIF, nclx without a curve": ((220, 0, 6), 128, "Display P3"),
    "AVIF, nclx without primaries": ((230, 96, 96), 188, "sRGB, linear"),
    "AVIF, nclx unspecified": ((201, 30, 30), 128, "sRGB"),
    "AVIF, nclx of BT.709": ((201, 30, 30), 128, "sRGB"),
    "AVIF, nclx of BT.2020": ((251, 0, 9), 128, "Rec. 2020"),
    "AVIF, nclx, gamma 2.2": ((202, 24, 24), 129, "sRGB, gamma 2.2"),
    "AVIF, a profile before nclx": ((220, 0, 6), 128, "Display P3"),
}
# The same of the greys of 1 to 4000 nits.
HDR_SEEN = {
    "PNG, PQ": (8, 29, 70, 119, 137, 187, 211, 232, 248, 255, 255, 255),
    "PNG, HLG": (20, 42, 71, 94, 101, 120, 133, 154, 176, 189, 215, 234),
    "PNG, PQ in Display P3": (8, 29, 70, 119, 137, 187, 211, 232, 248, 255, 255, 255),
    "PNG, HLG in sRGB": (20, 42, 71, 94, 101, 120, 133, 154, 176, 189, 215, 234),
    "PNG, PQ up to 4000 nits": (8, 29, 70, 119, 137, 187, 201, 212, 221, 226, 240, 255),
    "PNG, PQ up to 300 nits": (14, 40, 92, 154, 177, 241, 255, 255, 255, 255, 255, 255),
    "PNG, PQ up to 100 nits": (15, 43, 98, 163, 188, 255, 255, 255, 255, 255, 255, 255),
    "PNG, PQ mastered at 600 nits": (11, 34, 80, 135, 156, 212, 234, 250, 255, 255, 255, 255),
    "AVIF, PQ, 10 bits": (8, 29, 70, 119, 137, 187, 211, 232, 248, 255, 255, 255),
    "AVIF, HLG, 10 bits": (20, 42, 71, 94, 101, 120, 133, 154, 176, 188, 215, 234),
    "AVIF, PQ, 12 bits": (8, 29, 70, 119, 137, 187, 211, 232, 248, 255, 255, 255),
    "AVIF, PQ up to 300 nits": (14, 40, 92, 154, 177, 241, 255, 255, 255, 255, 255, 255),
}
# Three of the colours of the strip in PQ: a third of each hue's row.
HUES = {18: (200, 0, 72), 30: (0, 170, 9), 42: (27, 50, 169)}


def rendered(data: bytes) -> Pixels:
    (rendition,) = render_all(data, [LOSSLESS]).renditions
    return patches(np.asarray(Image.open(io.BytesIO(rendition.data)).convert("RGB")))


@pytest.mark.parametrize("name", SIGNALLED)
def test_colours_are_those_that_chromium_shows(name: str) -> None:
    red, grey, _ = SEEN[name]

    found = rendered(SIGNALLED[name]())

    assert np.abs(found[RED].astype(int) - red).max() <= 1
    assert np.abs(found[GREY].astype(int) - grey).max() <= 1


@pytest.mark.parametrize("name", SIGNALLED)
def test_description_names_the_space_that_was_signalled(name: str) -> None:
    assert describe(SIGNALLED[name]()).colour_space == SEEN[name][2]


@pytest.mark.parametrize("name", HDR_SEEN)
def test_hdr_is_mapped_to_the_greys_that_chromium_shows(name: str) -> None:
    found = rendered(HDR[name]())[: len(signalled.NITS)].astype(int)

    assert np.abs(found - np.array(HDR_SEEN[name])[:, None]).max() <= 1


@pytest.mark.parametrize("name", ["PNG, PQ", "AVIF, PQ, 10 bits", "AVIF, PQ, 12 bits"])
def test_hdr_is_mapped_to_the_hues_that_chromium_shows(name: str) -> None:
    found = rendered(HDR[name]())

    for patch, colour in HUES.items():
        assert delta_e(lab(found[patch]), lab(np.array(colour))) < 1


def apple_gain_map() -> bytes:
    """Return a JPEG as iPhones write it: only the second picture says that it is a gain map."""
    kind = 'aux:Type="urn:com:apple:photo:2020:aux:hdrgainmap"'
    return with_gain_map(picture(), picture(60, 40, mode="L", xmp=xmp_packet(kind)))


@pytest.mark.parametrize(
    ("data", "hdr"),
    [
        (HDR["PNG, PQ"], "pq"),
        (HDR["AVIF, HLG, 10 bits"], "hlg"),
        (lambda: hdr_heic(9, 16), "pq"),
        (ultra_hdr, "gain_map"),
        (apple_gain_map, "gain_map"),
        (iso_gain_map, "gain_map"),
        (SIGNALLED["PNG, cICP of BT.2020"], None),
        (SIGNALLED["AVIF, nclx Display P3"], None),
    ],
)
def test_description_says_how_hdr_is_stored(data: Callable[[], bytes], hdr: str | None) -> None:
    assert describe(data()).hdr == hdr


@pytest.mark.parametrize(("name", "transfer"), [("PNG, PQ", 16), ("PNG, HLG", 18)])
def test_hdr_heic_looks_as_the_same_picture_in_a_png(name: str, transfer: int) -> None:
    wanted = lab(rendered(HDR[name]()))

    found = lab(rendered(hdr_heic(9, transfer)))

    assert np.median(delta_e(found, wanted)) < 1
    assert delta_e(found, wanted).max() < 3  # x265 at its best


def test_hdr_ramp_keeps_the_steps_that_8_bits_have_not() -> None:
    steps = np.arange(21_000, 23_000, 4, dtype=np.uint16)  # within eight values of eight bits
    ramp = np.repeat(steps[None, :, None], 3, axis=2)
    data = png_insert(encode_sixteen_bits(ramp, Format.PNG), signalled.cicp(9, 16))

    (rendition,) = render_all(data, [LOSSLESS]).renditions

    shades = np.unique(np.asarray(Image.open(io.BytesIO(rendition.data)))[0, :, 0])
    assert (np.diff(shades) == 1).all()
    assert len(shades) > 8


@pytest.mark.parametrize(
    ("exif", "expected"),
    [
        ({0xA001: 0xFFFF, 0xA005: {1: "R03"}}, "Adobe RGB"),
        ({0xA001: 2}, "Adobe RGB"),
        ({0xA001: 1, 0xA005: {1: "R98"}}, "sRGB"),
        ({0xA001: 1, 0xA005: {1: "R03"}}, "sRGB"),
        ({0xA001: 0xFFFF}, "sRGB"),
    ],
)
def test_exif_says_that_a_jpeg_is_adobe_rgb(exif: dict[int, object], expected: str) -> None:
    data = signalled.jpeg(exif)
    same = signalled.jpeg({}, icc=profiles.adobe_rgb() if expected == "Adobe RGB" else None)

    assert describe(data).colour_space == expected
    assert delta_e(lab(rendered(data)), lab(rendered(same))).max() < 1


def test_profile_of_a_jpeg_is_before_its_exif() -> None:
    data = signalled.jpeg({0xA001: 2}, icc=profiles.display_p3())

    assert describe(data).colour_space == "Display P3"


def gamma_profile(name: str, gamma: float) -> bytes:
    return profiles.matrix_profile(name, SRGB_CHROMATICITIES, profiles.gamma_curve(gamma))


def test_linear_profile_whose_name_begins_with_srgb_is_not_srgb() -> None:
    linear = gamma_profile("sRGB-elle-V2-g10.icc", 1.0)
    data = png(iccp(linear))

    assert describe(data).colour_space == "sRGB-elle-V2-g10.icc"
    assert (rendered(data) == rendered(SIGNALLED["PNG, gAMA"]())).all()


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (lambda: profiles.builtin("srgb"), True),
        (lambda: profiles.matrix_profile("x", SRGB_CHROMATICITIES, profiles.srgb_curve()), True),
        (lambda: gamma_profile("sRGB", 2.2), False),
        (lambda: gamma_profile("c2", 1.0), False),
        (profiles.display_p3, False),
        (profiles.adobe_rgb, False),
        (profiles.swapped_rgb, False),
        (profiles.dark_grey, False),
        (profiles.cmyk, False),
        (lambda: profiles.builtin("srgb")[:200], False),
        (lambda: b"", False),
    ],
)
def test_profile_is_srgb_by_its_primaries_and_curves(
    profile: Callable[[], bytes], *, expected: bool
) -> None:
    icc = profile()

    assert is_srgb(icc, read_tags(icc)) is expected


@pytest.mark.parametrize("points", [10, 26, 64, 4096])
def test_compact_profile_with_few_points_is_srgb_if_they_are_close(points: int) -> None:
    value = np.linspace(0, 1, points)
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    table = np.round(light * 65535).astype(">u2").tobytes()
    curve = b"curv\0\0\0\0" + struct.pack(">I", points) + table
    icc = profiles.matrix_profile("x", SRGB_CHROMATICITIES, curve)

    assert is_srgb(icc, read_tags(icc)) is (points > 10)


def test_name_of_a_profile_is_read_in_both_versions() -> None:
    two, four = profiles.display_p3(), profiles.builtin("p3")

    assert read_name(read_tags(two)) == "Display P3"
    assert read_name(read_tags(four)) == "sP3C"


def test_profile_that_is_made_for_a_space_is_that_of_little_cms() -> None:
    made = matrix_profile(Primaries(*SRGB_CHROMATICITIES, (0.3127, 0.3290)), Curve(2.2))
    file = png(iccp(made))

    wanted = rendered(png(iccp(gamma_profile("x", 2.2))))
    assert np.abs(rendered(file).astype(int) - wanted).max() <= 1


def test_hdr_profile_says_so_by_its_code_points() -> None:
    tags = {b"cicp": b"cicp\0\0\0\0" + bytes([9, 16, 0, 1])}
    icc = profiles.rgb_profile("Rec2100PQ", tags)
    data = png_insert(encode_sixteen_bits(signalled.hdr_strip(), Format.PNG), iccp(icc))

    assert (rendered(data) == rendered(HDR["PNG, PQ"]())).all()
    assert describe(data).colour_space == "Rec2100PQ"


def test_chromaticities_of_a_tiff_are_ignored_and_so_is_avif_without_colr() -> None:
    """Decision 32 has both."""
    file = io.BytesIO()
    tags = {318: (0.3127, 0.329), 319: (0.64, 0.33, 0.21, 0.71, 0.15, 0.06)}
    picture = Image.fromarray(signalled.strip())
    picture.save(file, "TIFF", tiffinfo=tags)
    no_box = signalled.avif(12, 13).replace(b"colr", b"free")

    (found,) = render_all(file.getvalue(), [LOSSLESS], describe=False).renditions

    assert np.array_equal(np.asarray(Image.open(io.BytesIO(found.data))), np.asarray(picture))
    assert "P3" in describe(signalled.avif(12, 13)).colour_space
    assert describe(no_box).colour_space == "sRGB"
