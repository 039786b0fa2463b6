"""Auto quality: the quality of each picture is chosen so that its file has the wanted score."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from io import BytesIO

import numpy as np
import pytest
import pyvips
from PIL import Image

from tests.pictures import picture
from tintype.imaging import Encoding, Format, Preset, QualityTarget, RenderedFile, render_all
from tintype.imaging.auto_quality import CURVES, Codec, appearance

JPEG, WEBP, AVIF = Format.JPEG, Format.WEBP, Format.AVIF
AIM = QualityTarget(target=70)
# The lowest and the highest quality whose file has an SSIMULACRA2 of 63 to 77, found by trying them
# all (ssimulacra2 0.3.0 of PyPI).
RIGHT = {
    (Codec.AVIF, "SOFT"): (26, 46),
    (Codec.AVIF, "PLAIN"): (45, 63),
    (Codec.AVIF, "ROUGH"): (54, 66),
    (Codec.JPEG, "SOFT"): (39, 67),
    (Codec.JPEG, "PLAIN"): (46, 75),
    (Codec.JPEG, "ROUGH"): (55, 82),
    (Codec.JPEGLI, "SOFT"): (21, 48),
    (Codec.JPEGLI, "PLAIN"): (30, 77),
    (Codec.JPEGLI, "ROUGH"): (62, 82),
    (Codec.WEBP, "SOFT"): (28, 79),
    (Codec.WEBP, "PLAIN"): (58, 83),
    (Codec.WEBP, "ROUGH"): (46, 77),
}


@cache
def scene(falloff: float, grain: float, width: int = 320, height: int = 240) -> bytes:
    """Return a PNG like a photograph: noise whose strength falls with its frequency, and grain."""
    random = np.random.default_rng(1855)
    down, across = np.meshgrid(np.fft.fftfreq(height), np.fft.rfftfreq(width), indexing="ij")
    strength = np.maximum(np.hypot(down, across), 1 / width) ** -falloff
    planes = []
    for share in (1.0, 0.25, 0.25):
        waves = np.fft.rfft2(random.normal(size=(height, width))) * strength
        plane = np.fft.irfft2(waves, (height, width))
        planes.append(share * plane / plane.std())
    light = planes[0][..., None] + np.dstack([planes[1], -(planes[1] + planes[2]) / 2, planes[2]])
    pixels = 128 + 45 * light + random.normal(0, grain, (height, width, 1))
    return png(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)))


def png(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


SOFT, PLAIN, ROUGH = scene(2.2, 1), scene(1.6, 3), scene(1.2, 8)
SCENES = {"SOFT": SOFT, "PLAIN": PLAIN, "ROUGH": ROUGH}


def made(data: bytes, *encodings: Encoding, threads: int = 1) -> tuple[RenderedFile, ...]:
    preset = Preset(name="p", formats=encodings)
    return render_all(data, [preset], describe=False, threads=threads).renditions


@pytest.mark.parametrize(("codec", "name"), RIGHT)
def test_the_chosen_quality_is_one_that_scores_what_is_wanted(codec: Codec, name: str) -> None:
    if codec is Codec.JPEGLI:
        pytest.importorskip("pyjpegli")
    encoding = Encoding(
        format=JPEG if codec in {Codec.JPEG, Codec.JPEGLI} else Format(codec),
        quality=AIM,
        progressive=codec is Codec.JPEG,
    )

    (file,) = made(SCENES[name], encoding)

    low, high = RIGHT[codec, name]
    assert file.quality is not None
    assert low <= file.quality <= high


@pytest.mark.parametrize("format_", [JPEG, WEBP, AVIF])
def test_a_soft_picture_gets_a_lower_quality_than_a_rough_one(format_: Format) -> None:
    encoding = Encoding(format=format_, quality=AIM)

    soft, plain, rough = (made(data, encoding)[0].quality or 0 for data in (SOFT, PLAIN, ROUGH))

    assert soft < plain < rough


@pytest.mark.parametrize("codec", Codec)
def test_a_higher_target_is_a_higher_quality_up_to_what_was_tried(codec: Codec) -> None:
    curve = CURVES[codec]
    traits = (-3.0, 0.6, 2.3, 1.4, 2.0, 3.0, 3.4, 0.8, 0.0)

    qualities = [curve.quality(traits, target) for target in range(50, 86)]

    assert qualities == sorted(qualities)
    assert len(set(qualities)) > len(qualities) / 2
    assert curve.low <= qualities[0] < qualities[-1] <= curve.high
    assert curve.quality([100 * each for each in traits], 70) in {curve.low, curve.high}


def test_a_file_is_the_one_that_its_quality_gives_on_any_number_of_threads() -> None:
    encodings = [Encoding(format=format_, quality=AIM) for format_ in (JPEG, WEBP, AVIF)]
    first = made(PLAIN, *encodings)

    again = made(PLAIN, *encodings, threads=2)
    fixed = made(
        PLAIN,
        *(replace(one, quality=file.quality) for one, file in zip(encodings, first, strict=True)),
    )

    assert [file.data for file in first] == [file.data for file in again]
    assert [file.data for file in first] == [file.data for file in fixed]


@pytest.mark.parametrize("format_", [JPEG, WEBP, AVIF])
def test_drawn_pictures_get_at_least_the_default(format_: Format) -> None:
    chart = np.full((240, 320, 3), 255, np.uint8)
    chart[100:, 20:300:40] = (200, 30, 30)

    (file,) = made(png(Image.fromarray(chart)), Encoding(format=format_, quality=AIM))

    assert file.quality is not None
    assert file.quality >= (format_.facts.quality or 0)


@pytest.mark.parametrize(
    ("data", "format_"),
    [
        (picture(240, 160, Format.GIF, frames=3), WEBP),
        (scene(1.6, 3, 31, 240), AVIF),
        (scene(1.6, 3, 240, 31), JPEG),
    ],
    ids=["animation", "narrow", "low"],
)
def test_animations_and_tiny_pictures_get_the_default(data: bytes, format_: Format) -> None:
    (file,) = made(data, Encoding(format=format_, quality=AIM))

    assert file.quality == format_.facts.quality


def test_what_is_transparent_does_not_count() -> None:
    pixels = np.asarray(Image.open(BytesIO(PLAIN)))
    alpha = np.full((*pixels.shape[:2], 1), 255, np.uint8)
    alpha[:, 200:] = 0
    hidden = pixels.copy()
    hidden[:, 200:] = np.random.default_rng(7).integers(0, 256, hidden[:, 200:].shape)

    calm, wild = (
        made(png(Image.fromarray(np.dstack([one, alpha]))), Encoding(format=WEBP, quality=AIM))[0]
        for one in (pixels, hidden)
    )

    assert calm.quality == wild.quality


@pytest.mark.parametrize("space", ["rgb16", "b-w", "grey16", "cmyk"])
def test_deep_grey_and_cmyk_pixels_look_as_they_do_in_srgb(space: str) -> None:
    image = pyvips.Image.pngload_buffer(PLAIN).copy_memory()

    there = image.colourspace(space)

    plain = appearance(there.colourspace("srgb")).traits
    assert appearance(there).traits == pytest.approx(plain, abs=0.05)


def test_max_bytes_lowers_the_chosen_quality() -> None:
    (free,) = made(PLAIN, Encoding(format=WEBP, quality=AIM))

    (fitting,) = made(PLAIN, Encoding(format=WEBP, quality=AIM, max_bytes=len(free.data) * 2 // 3))

    assert 0 < (fitting.quality or 0) < (free.quality or 0)
    assert len(fitting.data) <= len(free.data) * 2 // 3
