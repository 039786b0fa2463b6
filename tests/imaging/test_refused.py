"""Formats that are not supported are refused by their names, as independent encoders write them."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.pictures import pattern
from tests.wire import patch
from tintype.imaging import errors
from tintype.imaging.formats import sniff

DRAWN = Image.fromarray(pattern(64, 48))


def saved(kind: str, mode: str = "RGB", **options: object) -> bytes:
    file = io.BytesIO()
    DRAWN.convert(mode).save(file, kind, **options)
    return file.getvalue()


NAMES: dict[str, tuple[bytes, str]] = {
    "TGA": (saved("TGA"), "TGA"),
    "TGA, run lengths": (saved("TGA", compression="tga_rle"), "TGA"),
    "TGA, grey": (saved("TGA", "L"), "TGA"),
    "TGA, palette": (saved("TGA", "P"), "TGA"),
    "TGA, with a text": (saved("TGA", id_section=b"hello"), "TGA"),
    "QOI": (saved("QOI"), "QOI"),
    "PBM": (saved("PPM", "1"), "PNM"),
    "PGM": (saved("PPM", "L"), "PNM"),
    "PPM": (saved("PPM"), "PNM"),
    "PAM": (b"P7\nWIDTH 9\nHEIGHT 9\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n", "PNM"),
    "PFM": (saved("PPM", "F"), "PNM"),
    "PCX": (saved("PCX"), "PCX"),
    "SGI": (saved("SGI"), "SGI image"),
    "DDS": (saved("DDS"), "DDS"),
    "EPS": (saved("EPS"), "PostScript"),
    "EPS with a preview": (b"\xc5\xd0\xd3\xc6" + bytes(26) + saved("EPS"), "PostScript"),
    "PDF": (saved("PDF"), "PDF"),
    "ICNS": (saved("ICNS"), "ICNS"),
    "cursor": (patch(saved("ICO"), 2, b"\2"), "cursor"),
    # First bytes by the formats' specifications: no encoder is at hand.
    "WMF": (b"\xd7\xcd\xc6\x9a\0\0" + bytes(40), "WMF"),
    "EMF": (b"\1\0\0\0".ljust(40, b"\0") + b" EMF\0\0\1\0", "EMF"),
    "Radiance": (b"#?RGBE\nFORMAT=32-bit_rle_rgbe\n\n-Y 9 +X 9\n", "Radiance HDR"),
    "OpenEXR": (b"v/1\x01\2\0\0\0", "OpenEXR"),
    "XCF": (b"gimp xcf v011\0", "XCF (GIMP)"),
    "DjVu": (b"AT&TFORM\0\0\1\0DJVU", "DjVu"),
    "JPEG XL": (b"\xff\x0a", "JPEG XL"),
    "JPEG XR": (b"II\xbc\1", "JPEG XR"),
    "BPG": (b"BPG\xfb@\x08\x10\x10", "BPG"),
    "FLIF": (b"FLIF31\x0f\x0f", "FLIF"),
    "OS/2 bitmaps": (b"BA\x28" + bytes(11) + b"BM\x1a", "OS/2 bitmap array"),
    "OS/2 bitmaps of Windows": (b"BA\x5c" + bytes(11) + b"BMN", "OS/2 bitmap array"),
    "OS/2 icon": (b"CI\x1a\0\0\0\x10\0\x10\0", "OS/2 icon"),
    "CRW": (b"II\x1a\0\0\0HEAPCCDR\2\0", "CRW camera raw"),
    "MRW": (b"\0MRM\0\0\x0a\x0c\0PRD", "MRW camera raw"),
    "X3F": (b"FOVb\2\0\2\0", "X3F camera raw"),
    "QuickTime": (b"\0\0\x0f\x17moov\0\0\0lmvhd", "video"),
    "QuickTime, its frames first": (b"\0\0\0\x08wide\0\0\0\0mdat", "video"),
    "HEIF sequence": (b"\0\0\0\x18ftypmsf1\0\0\0\0msf1hevciso8", "HEIF sequence"),
    "FITS": (b"SIMPLE  =                    T", "FITS"),
}


@pytest.mark.parametrize("what", NAMES)
def test_a_format_that_people_send_is_refused_by_its_name(what: str) -> None:
    data, name = NAMES[what]

    with pytest.raises(errors.UnsupportedFormatError) as caught:
        sniff(data)

    assert str(caught.value).partition(" is not supported; send ")[0] == name


@pytest.mark.parametrize("data", [b"Peter wrote this", b"P60 9", b"\1\2\3", bytes(4096), b"II"])
def test_what_is_no_image_is_not_called_one(data: bytes) -> None:
    with pytest.raises(errors.NotAnImageError):
        sniff(data)
