"""AVIF of ten bits keeps the levels of deeper originals; `tests/web` asks Chromium as well."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import numpy as np
import numpy.typing as npt
import pillow_heif
import pytest
import pyvips

from tests.pictures import encode_sixteen_bits
from tests.signalled import HDR
from tintype.imaging import (
    ColourSpace,
    Encoding,
    Extend,
    Fit,
    Format,
    HiddenRegion,
    Preset,
    RegionEffect,
    Watermark,
    render_all,
    violations,
)

AVIF = Encoding(format=Format.AVIF, quality=90, bit_depth=10)
WIDTH = 1200
EIGHT_BITS = 256  # levels


def ramp(*, bits: int = 16) -> npt.NDArray[np.uint16]:
    """Return a gradient from black to white; of its 16 bits the upper *bits* are used."""
    levels = np.linspace(0, 2**bits - 1, WIDTH).round().astype(int) << (16 - bits)
    grey = levels.astype(np.uint16)[None, :, None]
    return grey.repeat(16, axis=0).repeat(3, axis=2)


def heif(file_format: Format, bits: int) -> bytes:
    """Return the gradient as an AVIF or HEIC."""
    if file_format is Format.AVIF:
        image = pyvips.Image.new_from_array(ramp(bits=bits), interpretation="rgb16")
        options = {"compression": "av1", "Q": 98, "subsample_mode": "off", "bitdepth": bits}
        data = image.write_to_buffer(".avif", **options)
        assert isinstance(data, bytes)
        return data
    file = BytesIO()
    pixels = ramp(bits=bits)
    size = pixels.shape[1], pixels.shape[0]
    pillow_heif.encode("RGB;16", size, pixels.tobytes(), file, quality=98, chroma=444)
    return file.getvalue()


DEEP = {
    "PNG": lambda: encode_sixteen_bits(ramp(), Format.PNG),
    "PNG, grey": lambda: encode_sixteen_bits(ramp()[..., 0], Format.PNG),
    "TIFF": lambda: encode_sixteen_bits(ramp(), Format.TIFF),
    "AVIF, 10 bits": lambda: heif(Format.AVIF, 10),
    "AVIF, 12 bits": lambda: heif(Format.AVIF, 12),
    "HEIC, 10 bits": lambda: heif(Format.HEIC, 10),
}


def ten_bits(data: bytes) -> npt.NDArray[np.uint16]:
    """Return the samples of an AVIF, 0 to 1023, rows × columns × bands."""
    image = pyvips.Image.new_from_buffer(data, "")
    assert image.get("bits-per-sample") == 10
    return np.asarray(image.numpy() >> 6, np.uint16)


def levels(data: bytes) -> int:
    """Return the different levels of green in the middle row."""
    pixels = ten_bits(data)
    return len(np.unique(pixels[len(pixels) // 2, :, 1]))


def rendered(data: bytes, preset: Preset) -> bytes:
    return render_all(data, [preset]).renditions[0].data


@pytest.mark.parametrize("name", DEEP)
@pytest.mark.parametrize("space", ColourSpace)
def test_gradient_keeps_more_levels_than_eight_bits_have(name: str, space: ColourSpace) -> None:
    preset = Preset(name="p", width=1000, colour_space=space, formats=(AVIF,))

    data = rendered(DEEP[name](), preset)

    assert levels(data) > 3 * EIGHT_BITS
    pixels = ten_bits(data)
    assert pixels[8, 0].max() <= 3
    assert pixels[8, -1].min() >= 1020


@pytest.mark.parametrize(
    "change",
    [
        Preset(name="softened", width=1000, blur=1, sharpen=1),
        Preset(name="toned", contrast=1.1, gamma=1.1),
        Preset(name="saturated", saturation=0.5),
        Preset(name="tinted", tint="#806040"),
        Preset(name="turned", rotate=90),
        Preset(name="tilted", rotate=180.5),
        Preset(name="rounded", corner_radius=0.5),
        Preset(name="padded", width=1000, height=500, fit=Fit.CONTAIN),
        Preset(name="trimmed", trim=1),
        Preset(name="hidden", regions=(HiddenRegion(width=0.1, effect=RegionEffect.BLUR),)),
        Preset(name="marked", watermark=Watermark(text="A", scale=0.02)),
    ],
    ids=lambda preset: preset.name,
)
def test_no_operation_falls_back_to_eight_bits(change: Preset) -> None:
    data = rendered(DEEP["PNG"](), replace(change, formats=(AVIF,)))

    pixels = ten_bits(data)
    assert len(np.unique(pixels[..., 1])) > 2 * EIGHT_BITS


def test_paint_has_the_same_colour_in_ten_bits_as_in_eight() -> None:
    painted = Preset(
        name="p",
        width=400,
        extend=Extend(top=40),
        background="#ff8000",
        watermark=Watermark(text="█", colour="#2040c0", opacity=1, scale=0.1),
        formats=(AVIF, Encoding(format=Format.PNG)),
    )

    deep, shallow = render_all(DEEP["PNG"](), [painted]).renditions

    wanted = np.asarray(pyvips.Image.new_from_buffer(shallow.data, "").numpy(), float)
    found = ten_bits(deep.data)[..., :3] / 1023 * 255
    assert np.abs(found[20, 200] - (255, 128, 0)).max() < 3
    assert np.median(np.abs(found - wanted[..., :3])) < 1


def test_transparency_is_kept_in_ten_bits() -> None:
    alpha = np.full((16, WIDTH, 1), 65535, np.uint16)
    alpha[:, : WIDTH // 2] = 0
    data = encode_sixteen_bits(np.dstack([ramp(), alpha]), Format.PNG)

    pixels = ten_bits(rendered(data, Preset(name="p", width=600, formats=(AVIF,))))

    assert pixels[4, 100, 3] == 0
    assert pixels[4, 500, 3] == 1023


@pytest.mark.parametrize("name", ["PNG, PQ", "AVIF, PQ, 10 bits", "AVIF, HLG, 10 bits"])
def test_tone_mapped_picture_has_the_same_colours_in_ten_bits(name: str) -> None:
    deep, shallow = (
        rendered(HDR[name](), Preset(name="p", formats=(replace(AVIF, bit_depth=depth),)))
        for depth in (10, 8)
    )

    plain = np.asarray(pyvips.Image.new_from_buffer(shallow, "").numpy(), float)
    assert np.abs(ten_bits(deep) / 1023 * 255 - plain).mean() < 1


def test_original_of_eight_bits_becomes_ten_with_the_same_white() -> None:
    shallow = (ramp() >> 8).astype(np.uint8)
    data = pyvips.Image.new_from_array(shallow, interpretation="srgb").write_to_buffer(".png")
    assert isinstance(data, bytes)

    pixels = ten_bits(rendered(data, Preset(name="p", formats=(AVIF,))))

    assert pixels[8, -1].min() == 1023
    assert pixels[8, 0].max() <= 1


def test_other_formats_of_the_preset_have_eight_bits() -> None:
    formats = (AVIF, *(Encoding(format=one) for one in Format if one.facts.cost and one != "avif"))

    renditions = render_all(DEEP["PNG"](), [Preset(name="p", formats=formats)]).renditions

    for rendition in renditions[1:]:
        image = pyvips.Image.new_from_buffer(rendition.data, "")
        assert image.format == "uchar"
        assert image(WIDTH - 1, 8)[0] > 250


@pytest.mark.parametrize(
    ("encoding", "wrong"),
    [
        (
            Encoding(format=Format.WEBP, bit_depth=10),
            "10 is not allowed; 8 for webp; set it for avif alone, in formats",
        ),
        (Encoding(format=Format.AVIF, bit_depth=9), "9 is not allowed; 8 or 10 for avif"),
    ],
)
def test_depth_that_a_format_lacks_is_refused(encoding: Encoding, wrong: str) -> None:
    (found,) = violations(Preset(name="p", formats=(encoding,)))

    assert found == f"formats[0].bit_depth: {wrong}"


def test_very_large_original_is_rendered_in_eight_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """In 16 they would take more memory than the functions have; the record's notes say so."""
    presets = [Preset(name="sky", formats=(AVIF,)), Preset(name="plain")]
    eight = pyvips.Image.new_from_array((ramp() >> 8).astype(np.uint8)).pngsave_buffer()
    monkeypatch.setattr("tintype.imaging.plan._MOST_PIXELS_DEEP", WIDTH * 16 - 1)

    made = render_all(DEEP["PNG"](), presets)

    assert made.renditions[0].data == rendered(eight, presets[0])
    assert made.description
    assert made.description.notes == ("8 of 16 bits per colour in sky",)
