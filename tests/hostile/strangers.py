"""What is no picture of ours at all, and what is two things at once."""

from __future__ import annotations

import gzip
import random
import struct
from functools import partial

from tests.hostile.table import (
    BROKEN,
    NOT_ONE_OF_OURS,
    TOO_LARGE,
    Hostile,
    broken,
    doubtful,
    harmless,
    huge,
    refused,
)
from tests.jpeg_2000 import codestream, coding, style
from tests.pictures import original
from tests.wire import box, gif_blocks, jpeg_insert, jpeg_segment, patch, png_chunk, png_insert

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"><rect width="99" height="99"/></svg>'
XXE = (
    b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>'
)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><svg><text>&c;</text></svg>'
)
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (r) file\nshowpage"
SCRIPT = b"*/=1;alert(document.domain)//"
ZIP = b"PK\x03\x04\x14\0\0\0\0\0" + bytes(20) + b"evil.exe" + b"PK\x05\x06" + bytes(18)
PHP = b"<?php system($_GET['c']); ?>"
BMP = (
    b"BM"
    + struct.pack("<IHHIIiiHHIIiiII", 58, 0, 0, 54, 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0)
    + bytes(4)
)

ICON = b"\0\0\1\0\1\0" + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, 1_000, 22)


def noise(size: int, seed: int = 1) -> bytes:
    """Return the same *size* random bytes every time."""
    return random.Random(seed).randbytes(size)


def then_noise(magic: bytes) -> bytes:
    """Return *magic* and 4 kB of noise."""
    return magic + noise(4096)


MAGICS = {
    "JPEG": b"\xff\xd8\xff\xe0",
    "PNG": b"\x89PNG\r\n\x1a\n",
    "WebP": b"RIFF\x00\x10\x00\x00WEBP",
    "WebP, lossy": b"RIFF\x00\x10\x00\x00WEBPVP8 \xf0\x0f\x00\x00",
    "WebP, lossless": b"RIFF\x00\x10\x00\x00WEBPVP8L\xf0\x0f\x00\x00\x2f",
    "GIF": b"GIF89a",
    "TIFF, little-endian": b"II*\x00",
    "TIFF, big-endian": b"MM\x00*",
    "AVIF": box(b"ftyp", b"avif\0\0\0\0avifmif1miaf"),
    "HEIC": box(b"ftyp", b"heic\0\0\0\0mif1heic"),
}


def _gif_and_script() -> bytes:
    data = original("GIF")
    return data[:-1] + b"\x21\xfe" + gif_blocks(SCRIPT) + data[-1:] + SCRIPT


ROWS = (
    refused("nothing at all", b""),
    refused("one byte", b"\xff"),
    refused("two bytes of a JPEG", b"\xff\xd8"),
    refused("4 kB of noise", noise(4096)),
    refused("a megabyte of zeros", bytes(1 << 20)),
    refused("plain text", b"This is a picture, honestly.\n" * 100),
    refused("nothing but white space", b" \r\n\t" * 5000),
    refused("SVG", SVG),
    refused("SVG behind a byte order mark and white space", b"\xef\xbb\xbf \n\n" + SVG),
    refused("SVG behind a long comment", b"<!--" + b"x" * 9000 + b"-->" + SVG),
    refused("SVG, compressed", gzip.compress(SVG, mtime=0)),
    refused("SVG that reads a file", XXE),
    refused("SVG of a billion laughs", LAUGHS),
    refused("HTML", b"<!DOCTYPE html><script>alert(1)</script>"),
    refused("PDF", PDF),
    refused("PostScript", POSTSCRIPT),
    doubtful("BMP", lambda: BMP),
    huge("BMP of 2,147,483,647 × 1", lambda: patch(BMP, 18, b"\xff\xff\xff\x7f")),
    broken("BMP of 9,000 × 9,000 with 4 bytes of pixels", lambda: patch(BMP, 18, b"(#\0\0(#\0\0")),
    broken("icon", lambda: b"\0\0\x01\0\x01\0" + bytes(40)),
    broken("icon of 65,535 pictures", lambda: b"\0\0\x01\0\xff\xff" + noise(4096)),
    huge(
        "icon whose bitmap is huge",
        lambda: ICON + struct.pack("<Iii", 40, 2**30, 2**30) + bytes(28),
    ),
    doubtful(
        "Photoshop",
        lambda: b"8BPS\0\x01" + bytes(6) + b"\0\x03" + noise(100),
        BROKEN | TOO_LARGE | NOT_ONE_OF_OURS,
    ),
    huge(
        "Photoshop of 300,000 × 300,000",
        lambda: b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 300_000, 300_000, 8, 3) + bytes(20),
    ),
    refused("camera raw without a picture", b"FUJIFILMCCD-RAW 0201" + noise(4096)),
    refused("camera raw of 50,000 beginnings", b"IIRO" + b"\xff\xd8\xff\xe1\0\x02" * 50_000),
    refused("OpenEXR", b"v/1\x01\x02\0\0\0" + noise(100)),
    refused("Radiance", b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 9 +X 9\n" + noise(100)),
    refused("portable pixmap", b"P6\n9 9\n255\n" + noise(243)),
    refused("portable pixmap of 10 gigapixels", b"P6\n100000 100000\n255\n"),
    refused("FITS", b"SIMPLE  =                    T" + b" " * 2850),
    refused("MATLAB", b"MATLAB 5.0 MAT-file" + b" " * 105 + b"\0\x01IM" + noise(64)),
    refused(
        "X bitmap with code", b"#define x_width 9\n#define x_height 9\nstatic char x_bits[]={0};"
    ),
    broken("JPEG 2000", lambda: b"\0\0\0\x0cjP  \r\n\x87\n" + noise(200)),
    broken("JPEG 2000 codestream", lambda: b"\xff\x4f\xff\x51" + noise(200), *TOO_LARGE),
    Hostile(
        "JPEG 2000 of 49 million precincts",
        lambda: codestream(7_000, coding(style(precinct=0))),
        NOT_ONE_OF_OURS,
    ),
    refused("JPEG XL", b"\xff\x0a" + noise(200)),
    refused("BigTIFF", b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0" + noise(100)),
    refused(
        "MP4 video", box(b"ftyp", b"isom\0\0\x02\0isomiso2avc1mp41") + box(b"mdat", noise(100))
    ),
    refused("video that lists AVIF", box(b"ftyp", b"mp42\0\0\0\0mp42avif") + noise(100)),
    refused("WAVE sound", b"RIFF\x24\0\0\0WAVEfmt " + noise(100)),
    refused("ZIP", ZIP),
    refused("Windows program", b"MZ\x90\0" + noise(200)),
    refused(
        "ImageMagick script", b"push graphic-context\nimage over 0,0 0,0 'ephemeral:/etc/passwd'\n"
    ),
    *(
        Hostile(f"magic of {name} alone", partial(bytes, magic), BROKEN | NOT_ONE_OF_OURS)
        for name, magic in MAGICS.items()
    ),
    *(
        Hostile(f"magic of {name}, then noise", partial(then_noise, magic), BROKEN | TOO_LARGE)
        for name, magic in MAGICS.items()
    ),
    refused("HTML in front of a PNG", b"<html><script>alert(1)</script>" + original("PNG")),
    refused("PDF in front of a JPEG", PDF + original("JPEG")),
    refused("a line feed in front of a JPEG", b"\n" + original("JPEG")),
    harmless("JPEG with a ZIP behind it", lambda: original("JPEG") + ZIP, "JPEG"),
    harmless(
        "JPEG with a PDF in a comment",
        lambda: jpeg_insert(original("JPEG"), jpeg_segment(0xFE, PDF)),
        "JPEG",
    ),
    harmless("JPEG with an SVG behind it", lambda: original("JPEG") + XXE, "JPEG"),
    harmless(
        "JPEG with another behind it", lambda: original("JPEG") + original("JPEG, grey"), "JPEG"
    ),
    harmless(
        "JPEG with a megabyte of noise behind it", lambda: original("JPEG") + noise(1 << 20), "JPEG"
    ),
    harmless(
        "PNG with PHP in a text",
        lambda: png_insert(original("PNG"), png_chunk(b"tEXt", b"c\0" + PHP)),
        "PNG",
    ),
    harmless("PNG with a ZIP behind it", lambda: original("PNG") + ZIP, "PNG"),
    harmless("GIF that is a script as well", _gif_and_script, "GIF"),
    harmless(
        "WebP with HTML behind it", lambda: original("WebP") + b"<script>alert(1)</script>", "WebP"
    ),
)
