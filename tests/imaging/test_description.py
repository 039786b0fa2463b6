"""Descriptions: what an original is, shows and tells."""

from __future__ import annotations

import hashlib
import io
from base64 import b64decode

import numpy as np
import pytest
import thumbhash
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from tests.pictures import pattern, picture
from tintype.imaging import CameraMetadata, Format, describe
from tintype.imaging.thumbhash import thumb_hash

SIDES = st.integers(min_value=1, max_value=40)


def bits_apart(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


def test_a_description_tells_what_the_file_is() -> None:
    data = picture(60, 40, Format.GIF, frames=3)

    found = describe(data)

    assert (found.format, found.content_type) == (Format.GIF, "image/gif")
    assert (found.width, found.height, found.frames) == (60, 40, 3)
    assert found.bytes == len(data)
    assert found.sha256 == hashlib.sha256(data).hexdigest()


def test_a_turned_original_is_described_upright_and_its_tag_is_kept() -> None:
    found = describe(picture(60, 40, orientation=6))

    assert (found.width, found.height, found.orientation) == (60, 40, 6)


@pytest.mark.parametrize(
    ("data", "space", "bits", "has_alpha"),
    [
        (picture(20, 20), "sRGB", 8, False),
        (picture(20, 20, mode="L"), "grey", 8, False),
        (picture(20, 20, mode="CMYK"), "CMYK", 8, False),
        (picture(20, 20, Format.PNG, mode="RGBA"), "sRGB", 8, True),
    ],
)
def test_colours_are_told_as_they_are_stored(
    data: bytes, space: str, bits: int, has_alpha: bool
) -> None:
    found = describe(data)

    assert (found.colour_space, found.bits, found.has_alpha) == (space, bits, has_alpha)


def test_the_camera_is_told_as_photographers_write() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Nikon", "D90"
    details = exif.get_ifd(0x8769)
    details[0x829A], details[0x829D], details[0x8827] = 1 / 250, 2.8, 400
    details[0x920A], details[0xA434] = 35.0, "35 mm f/2"
    details[0x9003], details[0x9011] = "2026:05:01 12:30:00", "+02:00"

    found = describe(picture(20, 20, exif=exif))

    assert found.camera == CameraMetadata(
        make="Nikon",
        model="D90",
        lens="35 mm f/2",
        exposure_seconds="1/250",
        aperture=2.8,
        iso=400,
        focal_length_mm=35.0,
        taken_at="2026-05-01T12:30:00+02:00",
    )


def test_nonsense_in_a_camera_s_tags_is_left_out() -> None:
    exif = Image.Exif()
    exif[0x0110] = "\x00\x01D90\x07 "
    details = exif.get_ifd(0x8769)
    details[0x829A], details[0x9003] = 0.0, "yesterday"

    found = describe(picture(20, 20, exif=exif))

    assert found.camera == CameraMetadata(model="D90")


def test_a_picture_without_a_camera_has_none() -> None:
    assert describe(picture(20, 20)).camera is None


def test_equal_pictures_have_near_hashes_and_others_far_ones() -> None:
    large, small = picture(900, 600), picture(300, 200, Format.WEBP, quality=30)
    other = picture(300, 200, orientation=1, mode="L")
    turned = io.BytesIO()
    Image.open(io.BytesIO(small)).rotate(90, expand=True).save(turned, "PNG")

    hashes = [describe(data).perceptual_hash for data in (large, small, other, turned.getvalue())]

    assert bits_apart(hashes[0], hashes[1]) <= 4
    assert bits_apart(hashes[0], hashes[2]) <= 12
    assert bits_apart(hashes[0], hashes[3]) >= 20


def test_the_dominant_colour_is_that_of_most_pixels_and_leads_the_palette() -> None:
    pixels = np.full((90, 90, 3), (30, 90, 200), np.uint8)
    pixels[:30] = (240, 220, 40)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")

    found = describe(file.getvalue())

    colours = [bytes.fromhex(colour[1:]) for colour in found.palette]
    assert found.dominant_colour == found.palette[0]
    assert np.abs(np.subtract(list(colours[0]), (30, 90, 200))).max() <= 2
    assert np.abs(np.subtract(list(colours[1]), (240, 220, 40))).max() <= 2


def test_a_wholly_transparent_picture_has_a_colour_all_the_same() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(file, "PNG")

    assert describe(file.getvalue()).dominant_colour == "#ffffff"


@given(SIDES, SIDES, st.integers(0, 2**32 - 1))
def test_opaque_placeholders_are_those_of_another_implementation(
    width: int, height: int, seed: int
) -> None:
    limit = 7 * min(width, height) / max(width, height)
    assume(limit % 1 != 0.5)  # the other one rounds halves to even numbers, JavaScript never does
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)
    smooth = np.cumsum(noise, axis=1, dtype=np.uint32) // np.arange(1, width + 1)[None, :, None]
    rgba = smooth.astype(np.uint8)
    rgba[..., 3] = 255

    ours = thumb_hash(width, height, rgba.tobytes())

    assert ours == bytes(thumbhash.rgba_to_thumb_hash(width, height, list(rgba.tobytes())))


def test_a_transparent_placeholder_tells_where_the_picture_is_opaque() -> None:
    rgba = np.dstack([pattern(32, 32), np.zeros((32, 32), np.uint8)])
    rgba[:, :16, 3] = 255

    found = thumb_hash(32, 32, rgba.tobytes())

    assert found[2] & 0x80  # there is alpha
    assert found[5] & 15 == 8  # half of it is opaque
    nibbles = [nibble for byte in found[6:] for nibble in (byte & 15, byte >> 4)]
    alpha = nibbles[14 + 5 + 5 :]  # behind the lightness (5 × 5) and two colours (3 × 3)
    assert alpha[0] == 15  # the lowest wave across: the left is opaque
    assert alpha[4] in {7, 8}  # the lowest wave down: none


def test_the_placeholder_of_an_original_has_its_shape() -> None:
    placeholder = b64decode(describe(picture(300, 100)).placeholder)

    ratio = thumbhash.thumb_hash_to_approximate_aspect_ratio(list(placeholder))
    assert 2 < ratio < 4
