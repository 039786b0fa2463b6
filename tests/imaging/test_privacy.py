"""Nothing private leaves: no position, no serial number, no name in any byte of any rendition."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from PIL import ExifTags, Image

from tests.metadata import (
    ARTIST,
    COPYRIGHT,
    HIDDEN,
    KEPT,
    LATITUDE_BYTES,
    READ,
    photoshop_segment,
    private_exif,
    private_original,
    private_xmp,
    with_thumbnail,
)
from tests.pictures import original, picture
from tests.wire import jpeg_insert
from tintype.imaging import ColourSpace, Encoding, Format, Preset, describe, render_all
from tintype.imaging.formats import RENDERED_FORMATS

ENCODINGS = tuple(Encoding(format=format_) for format_ in RENDERED_FORMATS)
UTF_16 = HIDDEN.decode().encode("utf-16-le")
CONTAINERS = (
    *(b"Exif", b"eXIf", b"EXIF", b"tEXt", b"zTXt", b"iTXt", b"tIME", b"XMP ", b"XMP Data"),
    *(b"http://ns.adobe", b"xpacket", b"Photoshop", b"8BIM", b"GPS", b"ICC_PROFILE", b"iCCP"),
)
KEEPING = [format_ for format_ in RENDERED_FORMATS if format_ is not Format.GIF]
# What writers add to EXIF, as its specification wants: resolution, version, size, upright.
HARMLESS = {
    ExifTags.Base.Orientation,
    *(ExifTags.Base.XResolution, ExifTags.Base.YResolution, ExifTags.Base.ResolutionUnit),
    *(ExifTags.Base.YCbCrPositioning, ExifTags.Base.ExifOffset, ExifTags.Base.ExifVersion),
    *(
        ExifTags.Base.FlashPixVersion,
        ExifTags.Base.ColorSpace,
        ExifTags.Base.ComponentsConfiguration,
    ),
    *(ExifTags.Base.ExifImageWidth, ExifTags.Base.ExifImageHeight),
}


@pytest.mark.parametrize("file_format", READ)
def test_originals_of_these_tests_hold_what_must_not_leave(file_format: Format) -> None:
    data = private_original(file_format)

    assert data.count(HIDDEN) >= 3
    if file_format is not Format.GIF:
        assert any(latitude in data for latitude in LATITUDE_BYTES)


@pytest.mark.parametrize("file_format", READ)
def test_no_rendition_holds_anything_private(file_format: Format) -> None:
    data = private_original(file_format)
    presets = [
        Preset(name="small", width=64, formats=ENCODINGS),
        Preset(name="as_is", formats=ENCODINGS),
    ]

    renditions = render_all(data, presets).renditions

    for rendition in renditions:
        assert leaks(rendition.data) == []
        assert KEPT not in rendition.data
        assert not any(container in rendition.data for container in CONTAINERS)


@pytest.mark.parametrize("file_format", READ)
def test_no_rendition_has_metadata_that_a_reader_finds(file_format: Format) -> None:
    data = private_original(file_format)

    renditions = render_all(data, [Preset(name="p", formats=ENCODINGS)]).renditions

    for rendition in renditions:
        image = Image.open(io.BytesIO(rendition.data))
        assert dict(image.getexif()) == {}
        assert not {"exif", "xmp", "icc_profile", "comment", "photoshop"} & image.info.keys()


@pytest.mark.parametrize("file_format", READ)
def test_wide_rendition_has_a_profile_and_nothing_else(file_format: Format) -> None:
    data = private_original(file_format)
    preset = Preset(name="p", colour_space=ColourSpace.P3, formats=ENCODINGS)

    renditions = render_all(data, [preset]).renditions

    for rendition in renditions:
        assert leaks(rendition.data) == []
        assert dict(Image.open(io.BytesIO(rendition.data)).getexif()) == {}


@pytest.mark.parametrize("target", KEEPING)
@pytest.mark.parametrize("file_format", [f for f in READ if f is not Format.GIF])
def test_copyright_and_artist_stay_where_the_preset_asks_and_nothing_else(
    file_format: Format, target: Format
) -> None:
    data = private_original(file_format)
    preset = Preset(name="p", keep_copyright=True, formats=(Encoding(format=target),))

    (rendition,) = render_all(data, [preset]).renditions

    exif = Image.open(io.BytesIO(rendition.data)).getexif()
    assert leaks(rendition.data) == []
    assert exif.get(ExifTags.Base.Copyright) == COPYRIGHT
    assert exif.get(ExifTags.Base.Artist) == ARTIST
    assert set(exif) <= {ExifTags.Base.Copyright, ExifTags.Base.Artist, *HARMLESS}
    assert exif.get(ExifTags.Base.Orientation, 1) == 1
    assert dict(exif.get_ifd(ExifTags.IFD.GPSInfo)) == {}
    assert set(exif.get_ifd(ExifTags.IFD.Exif)) <= HARMLESS


def test_copyright_of_one_preset_is_not_in_the_other() -> None:
    data = private_original(Format.JPEG)
    presets = [Preset(name="with", keep_copyright=True), Preset(name="without")]

    kept, stripped = render_all(data, presets).renditions

    assert COPYRIGHT.encode() in kept.data
    assert KEPT not in stripped.data


def test_original_without_a_copyright_gets_none() -> None:
    preset = Preset(name="p", keep_copyright=True, formats=ENCODINGS)

    renditions = render_all(original("JPEG"), [preset]).renditions

    for rendition in renditions:
        exif = Image.open(io.BytesIO(rendition.data)).getexif()
        assert not {ExifTags.Base.Copyright, ExifTags.Base.Artist} & set(exif)


@pytest.mark.parametrize("file_format", [f for f in READ if f is not Format.GIF])
def test_description_names_what_was_removed(file_format: Format) -> None:
    found = describe(private_original(file_format))

    removed = " ".join(found.removed).casefold()
    for fact in ("gps", "serial number", "owner"):
        assert fact in removed


PLACES: dict[str, tuple[Callable[[], bytes], str]] = {
    "EXIF of a JPEG": (lambda: picture(exif=private_exif()), "gps"),
    "EXIF of a PNG": (lambda: picture(file_format=Format.PNG, exif=private_exif()), "gps"),
    "EXIF of a WebP": (lambda: picture(file_format=Format.WEBP, exif=private_exif()), "gps"),
    "EXIF of a TIFF": (lambda: picture(file_format=Format.TIFF, exif=private_exif()), "gps"),
    "EXIF of an AVIF": (lambda: picture(file_format=Format.AVIF, exif=private_exif()), "gps"),
    "EXIF of a HEIC": (lambda: picture(file_format=Format.HEIC, exif=private_exif()), "gps"),
    "XMP of a JPEG": (lambda: picture(xmp=private_xmp()), "gps"),
    "XMP of a PNG": (lambda: picture(file_format=Format.PNG, xmp=private_xmp()), "gps"),
    "XMP of a WebP": (lambda: picture(file_format=Format.WEBP, xmp=private_xmp()), "gps"),
    "IPTC of a JPEG": (lambda: jpeg_insert(picture(), photoshop_segment()), "iptc"),
    "thumbnail of a JPEG": (with_thumbnail, "thumbnail"),
}


@pytest.mark.parametrize("place", PLACES)
def test_each_place_for_metadata_is_found_and_emptied(place: str) -> None:
    build, fact = PLACES[place]

    result = render_all(build(), [Preset(name="p", formats=ENCODINGS)])

    assert result.description is not None
    assert fact in " ".join(result.description.removed).casefold()
    for rendition in result.renditions:
        assert leaks(rendition.data) == []


def test_description_of_a_clean_original_names_nothing() -> None:
    found = describe(original("PNG"))

    assert found.removed == ()


def test_description_keeps_the_position_and_the_numbers_to_itself() -> None:
    found = repr(describe(private_original(Format.JPEG)))

    for secret in ("hide-serial", "hide-owner", "hide-area", "52.31"):
        assert secret not in found


@pytest.mark.parametrize("endian", "<>")
@pytest.mark.parametrize("file_format", [Format.JPEG, Format.PNG, Format.WEBP, Format.TIFF])
def test_description_names_camera_lens_and_exposure(file_format: Format, endian: str) -> None:
    exif = private_exif(endian=endian)

    found = describe(picture(file_format=file_format, exif=exif))

    camera = found.camera
    assert camera is not None
    assert camera.make == "hide-Make"
    assert camera.model == "hide-Model 5"
    assert camera.lens is not None
    assert "hide-lens model" in camera.lens
    assert re.match(r"2024-05-17.11:22:33", str(camera.taken_at))
    assert (found.artist, found.copyright) == (ARTIST, COPYRIGHT)


def leaks(data: bytes) -> list[bytes]:
    """Return the private facts that *data* holds, in any encoding that metadata use."""
    facts = [HIDDEN, UTF_16, *LATITUDE_BYTES]
    return [fact for fact in facts if fact in data]
