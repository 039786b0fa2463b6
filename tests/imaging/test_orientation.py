"""Turned originals come out upright, exactly once, and no rendition says that it is turned."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from tests.fingerprint import distance
from tests.pictures import ORIENTED, Pixels, original, pattern, picture
from tests.reference import fitted, shown
from tests.wire import Tag, jpeg_insert, jpeg_segment, tiff
from tintype.imaging import Encoding, Fit, Format, Preset, Region, describe, render_all
from tintype.imaging.formats import RENDERED_FORMATS

ORIENTATIONS = range(1, 9)
ORIENTATION = 0x0112
BOX = (90, 90)
ENCODINGS = tuple(Encoding(format=format_) for format_ in RENDERED_FORMATS)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("file_format", ORIENTED)
def test_turned_original_comes_out_upright(file_format: Format, orientation: int) -> None:
    data = picture(file_format=file_format, orientation=orientation)
    preset = Preset(name="p", width=BOX[0], height=BOX[1], formats=ENCODINGS)

    renditions = render_all(data, [preset]).renditions

    wanted = fitted(opaque(), BOX, Fit.INSIDE, (0, 0, 0, 0))
    for rendition in renditions:
        seen = shown(rendition.data)
        assert (seen.width, seen.height) == (rendition.width, rendition.height) == (90, 60)
        assert distance(seen.frames[0], wanted).mean < 2


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("file_format", ORIENTED)
def test_no_rendition_carries_an_orientation(file_format: Format, orientation: int) -> None:
    data = picture(file_format=file_format, orientation=orientation)
    preset = Preset(name="p", width=60, formats=ENCODINGS)

    renditions = render_all(data, [preset]).renditions

    for rendition in renditions:
        tags = Image.open(io.BytesIO(rendition.data)).getexif()
        assert ORIENTATION not in tags
        assert b"irot" not in rendition.data
        assert b"imir" not in rendition.data


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("fit", Fit)
def test_box_is_that_of_the_upright_picture(fit: Fit, orientation: int) -> None:
    data = picture(orientation=orientation)
    preset = Preset(name="p", width=50, height=80, fit=fit)

    (rendition,) = render_all(data, [preset]).renditions

    wanted = fitted(opaque(), (50, 80), fit, (255, 255, 255, 255))
    assert distance(shown(rendition.data).frames[0], wanted).mean < 2


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_region_is_one_of_the_upright_picture(orientation: int) -> None:
    data = picture(file_format=Format.PNG, orientation=orientation)
    region = Region(left=120, top=0, width=120, height=80)
    preset = Preset(name="p", extract=region, formats=(Encoding(format=Format.PNG),))

    (rendition,) = render_all(data, [preset]).renditions

    assert (rendition.width, rendition.height) == (120, 80)
    assert distance(shown(rendition.data).frames[0], opaque()[:80, 120:]).mean < 1


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("file_format", ORIENTED)
def test_description_has_the_upright_size(file_format: Format, orientation: int) -> None:
    data = picture(300, 200, file_format, orientation=orientation)

    found = describe(data)

    assert (found.width, found.height) == (300, 200)
    if file_format not in {Format.AVIF, Format.HEIC}:  # there the turn is no EXIF
        assert found.orientation == orientation


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("file_format", ORIENTED)
def test_placeholder_and_hash_are_those_of_the_upright_picture(
    file_format: Format, orientation: int
) -> None:
    data = picture(file_format=file_format, orientation=orientation)

    turned, upright = describe(data), describe(original("PNG"))

    bits = int(turned.perceptual_hash, 16) ^ int(upright.perceptual_hash, 16)
    assert bits.bit_count() <= 8


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_animation_is_turned_frame_by_frame(orientation: int) -> None:
    data = picture(file_format=Format.WEBP, frames=3, orientation=orientation, quality=90)
    preset = Preset(name="p", width=90, formats=(Encoding(format=Format.WEBP, quality=90),))

    (rendition,) = render_all(data, [preset]).renditions

    seen = shown(rendition.data)
    assert (seen.width, seen.height, len(seen.frames)) == (90, 60, 3)
    for step, frame in enumerate(seen.frames):
        wanted = fitted(opaque(step), (90, 60), Fit.FILL, (0, 0, 0, 0))
        assert distance(frame, wanted).mean < 2.5


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("byte_order", "<>")
def test_both_byte_orders_are_read(byte_order: str, orientation: int) -> None:
    exif = Image.Exif()
    exif.endian = byte_order
    data = picture(orientation=orientation, exif=exif)

    found = describe(data)

    assert (found.orientation, found.width, found.height) == (orientation, 240, 160)


@pytest.mark.parametrize("value", [0, 9, 255, 65_535])
def test_orientation_that_does_not_exist_is_none(value: int) -> None:
    block = b"Exif\0\0" + tiff([Tag(ORIENTATION, 3, 1, value)])
    data = jpeg_insert(original("JPEG"), jpeg_segment(0xE1, block))
    preset = Preset(name="p", width=90)

    result = render_all(data, [preset])

    (rendition,) = result.renditions
    assert (rendition.width, rendition.height) == (90, 60)
    assert result.description is not None
    assert result.description.orientation == 1


@pytest.mark.parametrize("file_format", [Format.AVIF, Format.HEIC])
@pytest.mark.parametrize("orientation", ORIENTATIONS[1:])
def test_picture_that_says_twice_that_it_is_turned_is_turned_once(
    file_format: Format, orientation: int
) -> None:
    """Phones write both the turn of the container and EXIF's; MIAF says that the first alone counts."""
    data = turned_twice(file_format, orientation)
    preset = Preset(name="p", width=90, formats=ENCODINGS)

    renditions = render_all(data, [preset]).renditions

    wanted = fitted(opaque(), (90, 60), Fit.FILL, (0, 0, 0, 0))
    for rendition in renditions:
        assert distance(shown(rendition.data).frames[0], wanted).mean < 2


def turned_twice(file_format: Format, orientation: int) -> bytes:
    """Return a turned original whose EXIF still says so; Pillow takes it out of AVIF, so put it back."""
    neighbour = ORIENTATION + 1
    exif = Image.Exif()
    exif.endian = ">"
    exif[neighbour] = orientation
    data = picture(file_format=file_format, orientation=orientation, exif=exif)
    entry = struct.pack(">HHIH", neighbour, 3, 1, orientation)
    assert entry in data
    return data.replace(entry, struct.pack(">HHIH", ORIENTATION, 3, 1, orientation))


def opaque(step: int = 0) -> Pixels:
    """Return the pattern as red, green, blue and full alpha."""
    return np.asarray(Image.fromarray(pattern(step=step)).convert("RGBA"))
