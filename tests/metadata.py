"""What cameras and editors write into files, with a mark on every fact, so that it can be looked for.

Everything that must not leave is spelt `hide-…`; what `keep_copyright` may keep is `keep-…`.
"""

from __future__ import annotations

import struct

from PIL import ExifTags, Image

from tests.pictures import picture, xmp_packet
from tests.wire import (
    Tag,
    gif_blocks,
    jpeg_insert,
    jpeg_segment,
    png_chunk,
    png_insert,
    tiff,
    tiff_directory,
)
from tintype.imaging.formats import Format

# Those that the engine reads itself; the others hold or become one of them.
READ = tuple(file_format for file_format in Format if file_format.facts.loader)
HIDDEN = b"hide-"
KEPT = b"keep-"
COPYRIGHT, ARTIST = "keep-copyright 2026", "keep-artist Berta"
LATITUDE = (52314711, 1000003)  # degrees, as a fraction that no other part of a file has
LATITUDE_BYTES = tuple(struct.pack(order + "II", *LATITUDE) for order in "<>")
TAKEN_AT = "2024:05:17 11:22:33"

_IPTC = 33723
_XP_AUTHOR = 0x9C9D  # Windows' own, in UTF-16


def private_exif(*, endian: str = "<") -> Image.Exif:
    """Return EXIF with position, serial numbers, names, times, a maker note and a comment."""
    exif = Image.Exif()
    exif.endian = endian
    base = ExifTags.Base
    exif[base.Make], exif[base.Model] = "hide-Make", "hide-Model 5"
    exif[base.Artist], exif[base.Copyright] = ARTIST, COPYRIGHT
    exif[base.ImageDescription], exif[base.Software] = "hide-description", "hide-software"
    exif[base.HostComputer] = "hide-computer"
    exif[_XP_AUTHOR] = "hide-author".encode("utf-16-le") + b"\0\0"
    photo = exif.get_ifd(ExifTags.IFD.Exif)
    photo[base.DateTimeOriginal] = TAKEN_AT
    photo[base.ExposureTime], photo[base.FNumber] = 1 / 250, 2.8
    photo[base.ISOSpeedRatings], photo[base.FocalLength] = 400, 35.0
    photo[base.LensMake], photo[base.LensModel] = "hide-lens make", "hide-lens model"
    photo[base.BodySerialNumber] = "hide-serial-4711"
    photo[base.LensSerialNumber] = "hide-serial-0815"
    photo[base.CameraOwnerName] = "hide-owner Wilhelmina"
    photo[base.MakerNote] = b"hide-maker note"
    photo[base.UserComment] = b"ASCII\0\0\0hide-comment"
    photo[base.ImageUniqueID] = "hide-unique-id"
    position = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps = ExifTags.GPS
    position[gps.GPSLatitudeRef], position[gps.GPSLongitudeRef] = "N", "E"
    position[gps.GPSLatitude] = (LATITUDE[0] / LATITUDE[1], 0, 0)
    position[gps.GPSLongitude] = (13.0, 24.0, 36.0)
    position[gps.GPSAreaInformation] = b"ASCII\0\0\0hide-area"
    return exif


def private_xmp() -> bytes:
    """Return XMP with position, serial number, owner, and history."""
    return xmp_packet(
        'exif:GPSLatitude="52,18.8N" exif:GPSLongitude="13,24.6E" aux:SerialNumber="hide-serial" '
        'aux:OwnerName="hide-owner" dc:creator="hide-creator" dc:description="hide-description"'
    )


def private_iptc() -> bytes:
    """Return IPTC records: a name (2:80), a city (2:90) and a caption (2:120)."""
    facts = {80: b"hide-byline", 90: b"hide-city", 120: b"hide-caption"}
    return b"".join(b"\x1c\x02" + struct.pack(">BH", k, len(v)) + v for k, v in facts.items())


def with_thumbnail() -> bytes:
    """Return a JPEG whose EXIF holds a small picture, which may show what was cropped away since."""
    small = jpeg_insert(picture(48, 32), jpeg_segment(0xFE, b"hide-thumbnail"))
    main = [Tag(0x0112, 3, 1, 1)]
    second = 8 + len(tiff_directory(main))
    after = second + len(tiff_directory([main[0]] * 2))
    thumbnail = tiff_directory([Tag(0x0201, 4, 1, after), Tag(0x0202, 4, 1, len(small))])
    block = b"Exif\0\0" + tiff(main, thumbnail + small, following=second)
    return jpeg_insert(picture(), jpeg_segment(0xE1, block))


def private_original(file_format: Format) -> bytes:
    """Return an original of *file_format* with everything in it that the format has a place for."""
    if file_format is Format.GIF:
        return _private_gif()
    exif = private_exif()
    if file_format is Format.TIFF:
        exif[_IPTC] = private_iptc()
    data = picture(file_format=file_format, exif=exif, xmp=private_xmp())
    if file_format is Format.JPEG:
        return jpeg_insert(data, photoshop_segment(), jpeg_segment(0xFE, b"hide-comment"))
    if file_format is Format.PNG:
        texts = (b"Author\0hide-author", b"Comment\0hide-comment", b"GPS\0hide-gps")
        return png_insert(data, *(png_chunk(b"tEXt", text) for text in texts))
    return data


def photoshop_segment() -> bytes:
    """Return the APP13 segment in which JPEGs carry IPTC."""
    records = private_iptc()
    block = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(records)) + records
    return jpeg_segment(0xED, b"Photoshop 3.0\0" + block + b"\0" * (len(block) % 2))


def _private_gif() -> bytes:
    """Return a GIF with a comment and XMP, both straight before its end."""
    comment = b"\x21\xfe" + gif_blocks(b"hide-comment")
    packet = b"\x21\xff\x0bXMP DataXMP" + gif_blocks(private_xmp())
    data = picture(file_format=Format.GIF)
    return data[:-1] + comment + packet + data[-1:]
