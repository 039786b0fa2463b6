"""Every kind of original × fit × output format: the right size, frames, alpha and picture."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PIL import Image

from tests.fingerprint import distance
from tests.pictures import HEIGHT, ORIGINALS, WIDTH, Pixels, encode, original, pattern, picture
from tests.reference import Shown, fitted, shown
from tintype.imaging import (
    ColourSpace,
    Encoding,
    Extend,
    Fit,
    FocalPoint,
    Format,
    Gravity,
    Preset,
    Region,
    RenderedFile,
    Watermark,
    describe,
    render_all,
)
from tintype.imaging.formats import RENDERED_FORMATS, sniff

PNG_ONLY = (Encoding(format=Format.PNG),)
BOX = (90, 100)
BLUE = "#2060a0"
BLUE_PIXEL = (0x20, 0x60, 0xA0, 255)
SIZES = {
    Fit.INSIDE: (90, 60),
    Fit.COVER: (90, 100),
    Fit.CONTAIN: (90, 100),
    Fit.FILL: (90, 100),
    Fit.OUTSIDE: (150, 100),
}
ENCODINGS = (
    Encoding(format=Format.JPEG, quality=90),
    Encoding(format=Format.PNG),
    Encoding(format=Format.WEBP, quality=90, effort=1),
    Encoding(format=Format.AVIF, quality=80, effort=0),
    Encoding(format=Format.GIF, effort=2),
)
TEXT = Watermark(text="Tintype", tiled=True)
PICTURE = Watermark(image=picture(40, 30, Format.PNG, mode="RGBA"))
REGION = Region(left=30, top=20, width=60, height=40)
OPERATIONS = {  # and the size that each gives
    Preset(name="rotate-90", rotate=90, width=60): (60, 90),
    Preset(name="rotate-180", rotate=180, width=60): (60, 40),
    Preset(name="flip-flop", flip=True, flop=True, width=60): (60, 40),
    Preset(name="extract", extract=REGION): (60, 40),
    Preset(name="trim", trim=0, width=60): (60, 40),
    Preset(name="attention", width=40, height=40, fit=Fit.COVER, gravity=Gravity.ATTENTION): (
        40,
        40,
    ),
    Preset(name="entropy", width=40, height=40, fit=Fit.COVER, gravity=Gravity.ENTROPY): (40, 40),
    Preset(name="focus", width=40, height=40, fit=Fit.COVER, gravity=FocalPoint(x=1, y=0)): (
        40,
        40,
    ),
    Preset(name="enlarge", width=300, enlarge=True): (300, 200),
    Preset(name="blur", blur=2, width=60): (60, 40),
    Preset(name="sharpen", sharpen=1, width=60): (60, 40),
    Preset(name="grayscale", grayscale=True, width=60): (60, 40),
    Preset(name="light", brightness=1.2, contrast=0.8, gamma=1.5, width=60): (60, 40),
    Preset(name="saturation", saturation=2, width=60): (60, 40),
    Preset(name="tint", tint="#704214", width=60): (60, 40),
    Preset(name="extend", extend=Extend(top=1, right=2, bottom=3, left=4), width=60): (66, 44),
    Preset(name="corners", corner_radius=0.5, width=60): (60, 40),
    Preset(name="glass", background="#ffffff00", fit=Fit.CONTAIN, width=50, height=60): (50, 60),
    Preset(name="text", watermark=TEXT, width=60): (60, 40),
    Preset(name="picture", watermark=PICTURE, width=60): (60, 40),
    Preset(name="wide", colour_space=ColourSpace.P3, width=60): (60, 40),
}
# JPEG, WebP and AVIF store colour at half the resolution: the edges of the quadrants show it.
# Levels of 255 on average and in the worst of 8 × 8 cells: a little above what compression costs.
# A crop that is two of 240 pixels off has 1.4 and 24, a mirrored picture 60 (test_fingerprint.py).
TOLERANCE = {
    Format.JPEG: (2.0, 14.0),
    Format.PNG: (1.5, 6.0),
    Format.WEBP: (2.0, 18.0),
    Format.AVIF: (1.5, 12.0),
    Format.GIF: (1.5, 7.0),
}


@cache
def renditions(name: str, fit: Fit) -> dict[Format, RenderedFile]:
    preset = Preset(
        name="p", width=BOX[0], height=BOX[1], fit=fit, background=BLUE, formats=ENCODINGS
    )
    return {found.format: found for found in render_all(original(name), [preset]).renditions}


@cache
def source(name: str) -> Shown:
    return shown(original(name))


@pytest.mark.parametrize("format_", RENDERED_FORMATS)
@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize("name", ORIGINALS)
def test_rendition_is_what_the_preset_asks_for(name: str, fit: Fit, format_: Format) -> None:
    expected = source(name)

    rendition = renditions(name, fit)[format_]

    seen = shown(rendition.data)
    assert sniff(rendition.data) is format_
    assert (seen.width, seen.height) == (rendition.width, rendition.height) == SIZES[fit]
    assert len(seen.frames) == (len(expected.frames) if format_.facts.animation else 1)
    assert rendition.frames == len(seen.frames)
    assert seen.has_alpha == (expected.has_alpha and format_.facts.alpha)
    mean, worst = TOLERANCE[format_]
    for frame, reference in zip(seen.frames, expected.frames, strict=False):
        wanted = fitted(reference, BOX, fit, BLUE_PIXEL)
        if not format_.facts.alpha:
            wanted = on_blue(wanted)
        found = distance(frame, wanted)
        assert found.mean < mean
        assert found.worst < worst


@pytest.mark.parametrize("name", ORIGINALS)
def test_every_operation_works_on_every_kind_of_original(name: str) -> None:
    presets = [replace(preset, formats=ENCODINGS) for preset in OPERATIONS]

    renditions = render_all(original(name), presets).renditions

    frames = len(source(name).frames)
    for rendition in renditions:
        seen = shown(rendition.data)
        expected = OPERATIONS[next(p for p in OPERATIONS if p.name == rendition.preset)]
        assert (seen.width, seen.height) == (rendition.width, rendition.height) == expected
        assert len(seen.frames) == (frames if rendition.format.facts.animation else 1)


@pytest.mark.parametrize("file_format", [Format.WEBP, Format.GIF])
@pytest.mark.parametrize("name", ["WebP, animated", "GIF, animated"])
def test_animation_keeps_its_tempo_and_its_loops(name: str, file_format: Format) -> None:
    preset = Preset(name="p", width=60, formats=(Encoding(format=file_format),))

    rendition = only(original(name), preset)

    image = Image.open(io.BytesIO(rendition.data))
    durations = []
    for frame in range(rendition.frames):
        image.seek(frame)
        image.load()
        durations.append(image.info["duration"])
    assert durations == [120] * 4
    assert image.info.get("loop") == 0


def test_animation_is_still_where_the_preset_says_so() -> None:
    preset = Preset(name="p", animate=False, formats=(Encoding(format=Format.WEBP),))

    rendition = only(original("GIF, animated"), preset)

    assert rendition.frames == len(shown(rendition.data).frames) == 1


@pytest.mark.parametrize("file_format", [Format.PNG, Format.WEBP, Format.AVIF])
def test_half_transparent_pixels_stay_half_transparent(file_format: Format) -> None:
    pixels = pattern(alpha=True)
    pixels[80:, :, 3] = 100
    data = encode([Image.fromarray(pixels)], Format.PNG)
    preset = Preset(name="p", width=60, formats=(Encoding(format=file_format),))

    rendition = only(data, preset)

    alpha = shown(rendition.data).frames[0][..., 3]
    assert alpha[30, 30] == pytest.approx(100, abs=3)
    assert alpha[5, 5] == 255
    assert alpha[5, 55] == 0


def test_colours_under_transparent_pixels_do_not_bleed() -> None:
    preset = Preset(name="p", width=37, formats=(Encoding(format=Format.PNG),))

    rendition = only(original("PNG, alpha"), preset)

    pixels = shown(rendition.data).frames[0].astype(int)
    wanted = fitted(source("PNG, alpha").frames[0], (37, 25), Fit.FILL, BLUE_PIXEL).astype(int)
    visible = wanted[..., 3] > 60
    assert np.abs(pixels - wanted)[visible].max() < 12


@pytest.mark.parametrize("file_format", [Format.WEBP, Format.AVIF, Format.PNG])
def test_lossless_keeps_every_pixel(file_format: Format) -> None:
    lossless = file_format is not Format.PNG
    preset = Preset(name="p", formats=(Encoding(format=file_format, lossless=lossless),))

    rendition = only(original("PNG"), preset)

    assert (shown(rendition.data).frames[0] == shown(original("PNG")).frames[0]).all()


@pytest.mark.parametrize(
    ("fit", "box", "size"),
    [
        (Fit.INSIDE, (480, 480), (240, 160)),
        (Fit.OUTSIDE, (480, 480), (240, 160)),
        (Fit.COVER, (480, 480), (160, 160)),
        (Fit.COVER, (960, 320), (240, 80)),
        (Fit.COVER, (200, 400), (80, 160)),
        (Fit.CONTAIN, (480, 480), (480, 480)),
    ],
)
def test_small_original_is_not_enlarged(
    fit: Fit, box: tuple[int, int], size: tuple[int, int]
) -> None:
    preset = Preset(name="p", width=box[0], height=box[1], fit=fit, formats=PNG_ONLY)

    rendition = only(original("PNG"), preset)

    wanted = fitted(source("PNG").frames[0], box, fit, (255, 255, 255, 255))
    assert (rendition.width, rendition.height) == size
    assert distance(shown(rendition.data).frames[0], wanted).mean < 1.5


@pytest.mark.parametrize(
    ("fit", "size"),
    [
        (Fit.INSIDE, (480, 320)),
        (Fit.OUTSIDE, (720, 480)),
        (Fit.COVER, (480, 480)),
        (Fit.CONTAIN, (480, 480)),
        (Fit.FILL, (480, 480)),
    ],
)
def test_small_original_is_enlarged_where_the_preset_says_so(
    fit: Fit, size: tuple[int, int]
) -> None:
    preset = Preset(name="p", width=480, height=480, fit=fit, enlarge=True, formats=PNG_ONLY)

    rendition = only(original("PNG"), preset)

    assert (rendition.width, rendition.height) == size


@pytest.mark.parametrize(
    ("size", "box", "expected"),
    [
        ((1000, 1), (100, 100), (100, 1)),
        ((1, 1000), (100, 100), (1, 100)),
        ((3000, 2), (100, None), (100, 1)),
        ((1, 1), (100, 100), (1, 1)),
        ((640, 427), (320, None), (320, 214)),
        ((427, 640), (None, 320), (214, 320)),
    ],
)
def test_odd_sizes_never_lose_a_side(
    size: tuple[int, int], box: tuple[int | None, int | None], expected: tuple[int, int]
) -> None:
    preset = Preset(name="p", width=box[0], height=box[1], formats=ENCODINGS)

    renditions = render_all(picture(*size), [preset]).renditions

    for rendition in renditions:
        seen = shown(rendition.data)
        assert (rendition.width, rendition.height) == (seen.width, seen.height) == expected


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize("size", [(1000, 1), (1, 1000), (2, 2), (5000, 3)])
def test_every_fit_renders_the_thinnest_originals(fit: Fit, size: tuple[int, int]) -> None:
    preset = Preset(name="p", width=64, height=64, fit=fit, formats=ENCODINGS)

    renditions = render_all(picture(*size), [preset]).renditions

    for rendition in renditions:
        seen = shown(rendition.data)
        assert (rendition.width, rendition.height) == (seen.width, seen.height)
        assert min(seen.width, seen.height) >= 1
        assert max(seen.width, seen.height) <= max(64, *size)


def test_sequence_of_pictures_shows_its_first() -> None:
    data = picture(file_format=Format.AVIF, frames=3, quality=80, speed=9)

    rendition = only(data, Preset(name="p", formats=PNG_ONLY))

    assert rendition.frames == 1
    assert distance(shown(rendition.data).frames[0], source("AVIF").frames[0]).mean < 1.5


def test_document_of_pages_shows_its_first() -> None:
    pages = [Image.fromarray(pattern()), Image.new("RGB", (240, 160), "white")]
    file = io.BytesIO()
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])

    rendition = only(file.getvalue(), Preset(name="p", formats=PNG_ONLY))

    assert rendition.frames == 1
    assert distance(shown(rendition.data).frames[0], source("PNG").frames[0]).mean < 1


def test_all_presets_come_out_in_their_order() -> None:
    presets = [Preset(name=f"w{width}", width=width, formats=ENCODINGS) for width in (30, 90, 60)]

    renditions = render_all(original("JPEG"), presets).renditions

    assert [(found.preset, found.format) for found in renditions] == [
        (preset.name, encoding.format) for preset in presets for encoding in ENCODINGS
    ]


@pytest.mark.parametrize("name", ORIGINALS)
def test_two_threads_render_what_one_renders(name: str) -> None:
    preset = Preset(name="p", width=60, formats=ENCODINGS)

    one = render_all(original(name), [preset], threads=1)
    two = render_all(original(name), [preset], threads=2)

    assert [found.data for found in one.renditions] == [found.data for found in two.renditions]
    assert one.description == two.description


@pytest.mark.parametrize("name", ORIGINALS)
def test_description_says_what_the_original_is(name: str) -> None:
    expected = source(name)

    found = describe(original(name))

    assert found.format is sniff(original(name))
    assert (found.width, found.height) == (expected.width, expected.height) == (WIDTH, HEIGHT)
    assert found.frames == len(expected.frames)
    assert found.bytes == len(original(name))
    assert found.sha256 == hashlib.sha256(original(name)).hexdigest()
    assert found.has_alpha == expected.has_alpha
    assert found.format is Format.GIF or found.bits == (
        16 if "16 bits" in name else 1 if "black" in name else 8
    )


def on_blue(pixels: Pixels) -> Pixels:
    canvas = Image.new("RGBA", (pixels.shape[1], pixels.shape[0]), BLUE_PIXEL)
    canvas.alpha_composite(Image.fromarray(pixels))
    return np.asarray(canvas)


def only(data: bytes, preset: Preset) -> RenderedFile:
    (rendition,) = render_all(data, [preset]).renditions
    return rendition
