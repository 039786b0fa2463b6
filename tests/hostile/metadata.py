"""Good pictures with bad metadata: it is ignored, and the picture comes out right."""

from __future__ import annotations

import struct
from functools import partial

from tests import profiles
from tests.hostile.strangers import LAUGHS, XXE, noise
from tests.hostile.table import Hostile, anything, doubtful, harmless
from tests.pictures import original, picture, ultra_hdr
from tests.wire import (
    Tag,
    jpeg_insert,
    jpeg_segment,
    patch,
    png_chunk,
    png_insert,
    tiff,
    tiff_directory,
    zeros_deflated,
)
from tintype.imaging.formats import Format

_ICC = b"ICC_PROFILE\0"
_EXIF = b"Exif\0\0"
_LONG = 2**32 - 1


def with_profile(profile: bytes, *, number: int = 1, of: int = 1) -> bytes:
    """Return a JPEG with one ICC segment that says it is part *number* *of* so many."""
    segment = jpeg_segment(0xE2, _ICC + bytes([number, of]) + profile)
    return jpeg_insert(original("JPEG"), segment)


def with_exif(block: bytes) -> bytes:
    """Return a JPEG with *block* for EXIF."""
    return jpeg_insert(original("JPEG"), jpeg_segment(0xE1, _EXIF + block))


def with_xmp(packet: bytes) -> bytes:
    """Return a JPEG with *packet* for XMP."""
    return jpeg_insert(
        original("JPEG"), jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet)
    )


def _patched_profile(at: int, new: bytes) -> bytes:
    return with_profile(patch(profiles.display_p3(), at, new))


def _profile_with_table(channels: int, points: int) -> bytes:
    """Return a profile whose table would have *points* ** *channels* entries."""
    table = (
        b"mft2\0\0\0\0"
        + bytes([channels, 3, points, 0])
        + struct.pack(">9i", *[65536, 0, 0, 0] * 2, 65536)
    )
    table += struct.pack(">HH", 2, 2) + bytes(4000)
    start = 128 + 4 + 12
    header = patch(profiles.display_p3()[:128], 0, struct.pack(">I", start + len(table)))
    return header + struct.pack(">I4sII", 1, b"A2B0", start, len(table)) + table


def _exif_of(*tags: Tag, following: int = 0) -> bytes:
    return with_exif(tiff(tags, bytes(100), following=following))


def _turned_with(value: int, kind: int = 3, count: int = 1) -> bytes:
    return _exif_of(Tag(0x0112, kind, count, value))


def _exif_below_itself() -> bytes:
    return _exif_of(Tag(0x8769, 4, 1, 8), Tag(0x8825, 4, 1, 8), Tag(0xA005, 4, 1, 8), following=8)


def _exif_of_many_directories() -> bytes:
    size = len(tiff_directory([Tag(0x010F, 2, 4, 0)]))
    chain = [
        tiff_directory([Tag(0x010F, 2, 4, 0)], following=8 + size * (n + 1)) for n in range(3_000)
    ]
    return with_exif(b"II*\0" + struct.pack("<I", 8) + b"".join(chain))


def _png_profile(profile: bytes) -> bytes:
    return png_insert(original("PNG"), png_chunk(b"iCCP", b"p\0\0" + profile))


ROWS = (
    harmless("JPEG whose profile is empty", partial(with_profile, b""), "JPEG"),
    harmless("JPEG whose profile is noise", partial(with_profile, noise(3_000)), "JPEG"),
    harmless(
        "JPEG whose profile is half there",
        lambda: with_profile(profiles.display_p3()[:300]),
        "JPEG",
    ),
    Hostile(
        "JPEG whose profile is part 1 of 9",
        lambda: with_profile(profiles.display_p3(), of=9),
        shows=anything,
    ),
    harmless(
        "JPEG whose profile is part 0 of 0",
        lambda: with_profile(noise(200), number=0, of=0),
        "JPEG",
    ),
    harmless(
        "JPEG whose profile is for CMYK", lambda: picture(quality=90, icc=profiles.cmyk()), "JPEG"
    ),
    harmless(
        "JPEG whose profile is for grey",
        lambda: picture(quality=90, icc=profiles.dark_grey()),
        "JPEG",
    ),
    harmless(
        "grey JPEG whose profile is for RGB",
        lambda: picture(mode="L", quality=90, icc=profiles.display_p3()),
        "JPEG, grey",
    ),
    harmless("JPEG whose profile has no signature", partial(_patched_profile, 36, b"nope"), "JPEG"),
    doubtful(
        "JPEG whose profile says it is 4 GB", partial(_patched_profile, 0, b"\xff\xff\xff\xff")
    ),
    harmless(
        "JPEG whose profile has 4,294,967,295 tags",
        partial(_patched_profile, 128, b"\xff\xff\xff\xff"),
        "JPEG",
    ),
    doubtful(
        "JPEG whose profile's tags point beyond its end",
        partial(_patched_profile, 136, b"\x7f\xff\xff\xff" * 2),
    ),
    doubtful("JPEG whose profile's primaries are 0", partial(_patched_profile, 230, bytes(80))),
    doubtful(
        "JPEG whose profile's curves have 4,294,967,295 points",
        lambda: with_profile(profiles.display_p3().replace(struct.pack(">I", 1024), b"\xff" * 4)),
    ),
    harmless(
        "JPEG whose profile has a table of 15 channels",
        lambda: with_profile(_profile_with_table(15, 255)),
        "JPEG",
    ),
    doubtful(
        "JPEG whose profile has a table of 255 ** 3",
        lambda: with_profile(_profile_with_table(3, 255)),
    ),
    harmless(
        "PNG whose profile unpacks to a gigabyte",
        lambda: _png_profile(zeros_deflated(1_000_000_000)),
        "PNG",
    ),
    harmless("PNG whose profile is no zlib stream", lambda: _png_profile(noise(500)), "PNG"),
    harmless(
        "WebP whose profile is noise",
        lambda: picture(file_format=Format.WEBP, quality=90, icc=noise(3_000)),
        "WebP",
    ),
    harmless(
        "TIFF whose profile is noise",
        lambda: picture(file_format=Format.TIFF, icc=noise(3_000)),
        "TIFF",
    ),
    harmless(
        "AVIF whose profile is noise",
        lambda: picture(file_format=Format.AVIF, quality=80, speed=9, icc=noise(3_000)),
        "AVIF",
    ),
    harmless("JPEG whose EXIF is empty", partial(with_exif, b""), "JPEG"),
    harmless("JPEG whose EXIF is noise", partial(with_exif, noise(5_000)), "JPEG"),
    harmless("JPEG whose EXIF is 8 bytes", partial(with_exif, b"II*\0\x08\0\0\0"), "JPEG"),
    harmless(
        "JPEG whose EXIF points behind its end",
        partial(with_exif, b"II*\0\xff\xff\xff\x7f"),
        "JPEG",
    ),
    harmless(
        "JPEG whose EXIF follows itself",
        partial(_exif_of, Tag(0x010F, 2, 4, 0), following=8),
        "JPEG",
    ),
    harmless("JPEG whose EXIF is below itself", _exif_below_itself, "JPEG"),
    harmless("JPEG whose EXIF has 3,000 directories", _exif_of_many_directories, "JPEG"),
    harmless(
        "JPEG whose EXIF has 65,535 entries",
        partial(with_exif, b"II*\0\x08\0\0\0\xff\xff" + noise(900)),
        "JPEG",
    ),
    harmless(
        "JPEG whose EXIF has a text of 4 GB", partial(_exif_of, Tag(0x010F, 2, _LONG, 8)), "JPEG"
    ),
    harmless(
        "JPEG whose EXIF has 4,294,967,295 fractions",
        partial(_exif_of, Tag(0x829A, 5, _LONG, 8)),
        "JPEG",
    ),
    harmless(
        "JPEG whose EXIF has an entry of no known kind",
        partial(_exif_of, Tag(0x010F, 99, 1, 8)),
        "JPEG",
    ),
    harmless("JPEG whose EXIF divides by 0", partial(_exif_of, Tag(0x829A, 5, 1, 40)), "JPEG"),
    harmless("JPEG whose orientation is 0", partial(_turned_with, 0), "JPEG"),
    harmless("JPEG whose orientation is 9", partial(_turned_with, 9), "JPEG"),
    harmless("JPEG whose orientation is 65,535", partial(_turned_with, 65_535), "JPEG"),
    harmless(
        "JPEG whose orientation is text", partial(_turned_with, 0x36363636, kind=2, count=4), "JPEG"
    ),
    harmless(
        "JPEG whose orientation is 4,294,967,295 values",
        partial(_turned_with, 8, count=_LONG),
        "JPEG",
    ),
    harmless(
        "JPEG with 700 EXIF blocks",
        lambda: jpeg_insert(original("JPEG"), *[jpeg_segment(0xE1, _EXIF + noise(60_000))] * 700),
        "JPEG",
    ),
    harmless(
        "PNG whose EXIF is noise",
        lambda: png_insert(original("PNG"), png_chunk(b"eXIf", noise(900))),
        "PNG",
    ),
    harmless("JPEG whose XMP reads a file", partial(with_xmp, XXE), "JPEG"),
    harmless("JPEG whose XMP is a billion laughs", partial(with_xmp, LAUGHS), "JPEG"),
    doubtful(
        "JPEG with a gain map whose XMP is no XML",
        lambda: ultra_hdr().replace(b"hdrgm:GainMapMax=", b"hdrgm:GainMapMax5"),
    ),
    harmless("JPEG whose XMP is noise", partial(with_xmp, noise(9_000)), "JPEG"),
    harmless("JPEG whose XMP is nested 8,000 times", partial(with_xmp, b"<a>" * 8_000), "JPEG"),
    harmless(
        "JPEG whose IPTC is noise",
        lambda: jpeg_insert(original("JPEG"), jpeg_segment(0xED, b"Photoshop 3.0\0" + noise(900))),
        "JPEG",
    ),
    harmless(
        "JPEG whose IPTC says it is 4 GB",
        lambda: jpeg_insert(
            original("JPEG"),
            jpeg_segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\xff\xff\xff\xff"),
        ),
        "JPEG",
    ),
    harmless(
        "JPEG whose second picture is not there",
        lambda: jpeg_insert(original("JPEG"), jpeg_segment(0xE2, b"MPF\0" + noise(90))),
        "JPEG",
    ),
    Hostile(
        "Ultra HDR JPEG whose gain map is noise",
        lambda: original("JPEG, Ultra HDR")[:-900] + noise(900),
        shows=anything,
    ),
)
