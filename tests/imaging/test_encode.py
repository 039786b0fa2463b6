"""Files: quality, effort, lossless, palette, progressive, the best that fits, and `auto`."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest
import pyvips
from PIL import Image

from tests.pictures import Pixels, original, pattern, picture
from tintype.imaging import Encoding, Format, Preset, RenderedFile, errors, render_all
from tintype.imaging.formats import RENDERED_FORMATS
from tintype.imaging.vips import save

PHOTO = picture(320, 240)
CUT_OUT = picture(120, 80, Format.PNG, mode="RGBA")
MOVING = picture(120, 80, Format.GIF, frames=4)


def rendition(data: bytes, encoding: Encoding) -> RenderedFile:
    (only,) = render_all(data, [Preset(name="p", formats=(encoding,))], describe=False).renditions
    return only


def pixels(data: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


@pytest.mark.parametrize("format_", [Format.JPEG, Format.WEBP, Format.AVIF])
def test_more_quality_is_more_bytes_and_a_closer_picture(format_: Format) -> None:
    low, high = (rendition(PHOTO, Encoding(format=format_, quality=q)) for q in (30, 90))

    truth = pattern(320, 240).astype(float)
    assert len(low.data) < len(high.data)
    assert np.abs(pixels(high.data) - truth).mean() < np.abs(pixels(low.data) - truth).mean()
    assert (low.quality, high.quality) == (30, 90)


@pytest.mark.parametrize("format_", [Format.JPEG, Format.WEBP, Format.AVIF])
def test_a_quality_that_is_not_given_is_the_default(format_: Format) -> None:
    assert rendition(PHOTO, Encoding(format=format_)).quality == format_.facts.quality


@pytest.mark.parametrize("format_", [Format.WEBP, Format.AVIF])
def test_lossless_keeps_every_pixel(format_: Format) -> None:
    data = picture(64, 48, Format.PNG)

    written = rendition(data, Encoding(format=format_, lossless=True))

    assert (pixels(written.data) == pixels(data)).all()
    assert written.quality is None


@pytest.mark.parametrize(("quality", "effort"), [(30, 0), (80, 2), (95, 6)])
def test_an_opaque_webp_is_the_file_that_libvips_writes(quality: int, effort: int) -> None:
    data = picture(320, 240, Format.PNG)

    written = rendition(data, Encoding(format=Format.WEBP, quality=quality, effort=effort))

    image = pyvips.Image.pngload_buffer(data)
    assert written.data == save("webpsave_buffer", image, Q=quality, effort=effort, keep="none")


def test_a_palette_has_at_most_the_colours_asked_for() -> None:
    for format_ in (Format.PNG, Format.GIF):
        written = rendition(PHOTO, Encoding(format=format_, colours=16))

        colours = Image.open(io.BytesIO(written.data)).convert("RGB").getcolors(1 << 16)
        assert colours is not None
        assert 2 <= len(colours) <= 16


def test_a_palette_makes_a_png_smaller() -> None:
    plain, few = (
        rendition(PHOTO, Encoding(format=Format.PNG, colours=count)) for count in (None, 256)
    )

    assert len(few.data) < len(plain.data) / 2


@pytest.mark.parametrize("progressive", [True, False])
def test_a_jpeg_is_progressive_when_asked(progressive: bool) -> None:
    written = rendition(PHOTO, Encoding(format=Format.JPEG, progressive=progressive))

    assert bool(Image.open(io.BytesIO(written.data)).info.get("progressive")) is progressive


@pytest.mark.parametrize("format_", RENDERED_FORMATS)
def test_max_bytes_gives_the_best_quality_that_fits(format_: Format) -> None:
    free = len(rendition(PHOTO, Encoding(format=format_)).data)
    most = free * 2 // 3

    fitting = rendition(PHOTO, Encoding(format=format_, max_bytes=most))

    assert most / 3 < len(fitting.data) <= most
    if fitting.quality is not None:
        one_better = rendition(PHOTO, Encoding(format=format_, quality=fitting.quality + 1))
        assert len(one_better.data) > most


def test_max_bytes_that_already_fits_changes_nothing() -> None:
    plain = rendition(PHOTO, Encoding(format=Format.WEBP))
    roomy = rendition(PHOTO, Encoding(format=Format.WEBP, max_bytes=1_000_000))

    assert plain.data == roomy.data


@pytest.mark.parametrize("format_", RENDERED_FORMATS)
def test_max_bytes_that_nothing_fits_is_an_error_with_both_numbers(format_: Format) -> None:
    with pytest.raises(errors.CannotFitError, match=r"[\d,]+ bytes .* max_bytes is 100$"):
        rendition(PHOTO, Encoding(format=format_, max_bytes=100))


@pytest.mark.parametrize(
    ("data", "chosen"),
    [(PHOTO, Format.JPEG), (CUT_OUT, Format.AVIF), (MOVING, Format.WEBP)],
)
def test_auto_takes_the_first_format_that_loses_nothing(data: bytes, chosen: Format) -> None:
    preferred = (Format.JPEG, Format.AVIF, Format.WEBP)
    preset = Preset(name="p", auto=True, formats=tuple(Encoding(format=f) for f in preferred))

    renditions = render_all(data, [preset]).renditions

    assert [found.format for found in renditions] == [chosen]


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("JPEG", Format.JPEG),
        ("PNG", Format.PNG),
        ("WebP", Format.WEBP),
        ("AVIF", Format.AVIF),
        ("GIF, animated", Format.GIF),
        ("TIFF", Format.JPEG),  # not one that we write
        ("TIFF, alpha", Format.PNG),
        ("HEIC", Format.JPEG),
        ("PNG, animated with alpha", Format.WEBP),  # our PNGs do not move
    ],
)
def test_the_original_s_format_is_kept_if_it_loses_nothing(name: str, chosen: Format) -> None:
    formats = (Format.JPEG, Format.PNG, Format.WEBP, Format.GIF, Format.AVIF)
    preset = Preset(
        name="p", auto=True, same_format=True, formats=tuple(Encoding(format=f) for f in formats)
    )

    (rendition,) = render_all(original(name), [preset]).renditions

    assert rendition.format is chosen


def test_auto_takes_a_jpeg_for_a_png_whose_alpha_hides_nothing() -> None:
    opaque = picture(60, 40, Format.PNG)
    with_alpha = io.BytesIO()
    Image.open(io.BytesIO(opaque)).convert("RGBA").save(with_alpha, "PNG")
    preset = Preset(
        name="p", auto=True, formats=(Encoding(format=Format.JPEG), Encoding(format=Format.PNG))
    )

    (only,) = render_all(with_alpha.getvalue(), [preset]).renditions

    assert only.format is Format.JPEG


def test_the_same_original_and_preset_give_the_same_bytes_on_any_number_of_threads() -> None:
    preset = Preset(
        name="p", width=100, formats=tuple(Encoding(format=f) for f in RENDERED_FORMATS)
    )

    one = render_all(PHOTO, [preset]).renditions
    two = render_all(PHOTO, [preset], threads=2).renditions

    assert one == two


def test_without_pyjpegli_libvips_writes_the_jpegs(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyjpegli")
    encoding = Encoding(format=Format.JPEG)
    usual = rendition(PHOTO, encoding)
    monkeypatch.setattr("tintype.imaging.encode.jpegli", None)

    without = rendition(PHOTO, encoding)

    assert without.data != usual.data
    assert (without.quality, without.width) == (usual.quality, usual.width)
    assert len(without.data) < 1.25 * len(usual.data)
    assert np.abs(pixels(without.data).astype(int) - pixels(usual.data)).mean() < 3


def test_the_engine_starts_without_pyjpegli() -> None:
    program = (
        "import sys; sys.modules['pyjpegli'] = None\n"
        "from tests.pictures import picture\n"
        "from tintype.imaging import Preset, render_all\n"
        "print(len(render_all(picture(64, 48), [Preset(name='p', width=32)]).renditions))"
    )

    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert ran.stdout == "1\n"
