"""The formats that people do send and that we refuse, so that the error can name them."""

from __future__ import annotations

_FILMS = (
    *(b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"avc"),
    *(b"mp4", b"mmp4", b"M4V", b"f4v", b"F4V", b"qt  ", b"3g", b"MSNV", b"dash", b"XAVC", b"hvc"),
)
# Boxes that films of QuickTime begin with, which are older than `ftyp`.
_QUICKTIME, _EMPTY = (b"moov", b"mdat", b"pnot"), (b"wide", b"free", b"skip")
_PNM = (b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"F", b"f")
# Position, first bytes, name. `{brand}` stands for the major brand of a media file.
REFUSED = (
    (0, b"%PDF", "PDF"),
    (0, b"%!PS", "PostScript"),
    (0, b"\xc5\xd0\xd3\xc6", "PostScript"),  # with a preview, as EPS
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (0, b"II+\x00", "BigTIFF"),
    (0, b"MM\x00+", "BigTIFF"),
    (0, b"v/1\x01", "OpenEXR"),
    (0, b"#?RADIANCE", "Radiance HDR"),
    (0, b"#?RGBE", "Radiance HDR"),
    (0, b"DDS ", "DDS"),
    (0, b"qoif", "QOI"),
    (0, b"gimp xcf", "XCF (GIMP)"),
    (0, b"AT&TFORM", "DjVu"),
    (0, b"\xd7\xcd\xc6\x9a", "WMF"),
    (40, b" EMF", "EMF"),
    (0, b"II\xbc", "JPEG XR"),
    (0, b"icns", "ICNS"),
    (0, b"BPG\xfb", "BPG"),
    (0, b"FLIF", "FLIF"),
    # Bitmaps and icons of OS/2, in an array or alone, whose headers have 26 or 78 bytes and more.
    *((0, b"BA" + size + bytes(3), "OS/2 bitmap array") for size in (b"\x28", b"\x5c")),
    *((0, b"CI" + size + bytes(3), "OS/2 icon") for size in (b"\x1a", b"\x4e")),
    # Camera raw of other structures than those whose previews are looked for.
    (6, b"HEAPCCDR", "CRW camera raw"),
    (0, b"\x00MRM", "MRW camera raw"),
    (0, b"FOVb", "X3F camera raw"),
    # TGA has no magic, but after its first byte no palette, or one from its first colour on.
    *((1, b"\x00" + kind + bytes(5), "TGA") for kind in (b"\x02", b"\x03", b"\x0a", b"\x0b")),
    *((1, b"\x01" + kind + bytes(2), "TGA") for kind in (b"\x01", b"\x09")),
    (0, b"\x00\x00\x02\x00", "cursor"),
    (0, b"\x01\xda\x00", "SGI image"),
    (0, b"\x01\xda\x01", "SGI image"),
    (0, b"\x0a\x05\x01", "PCX"),
    (0, b"SIMPLE  =", "FITS"),
    *((0, b"P" + kind + space, "PNM") for kind in _PNM for space in (b"\n", b"\r", b" ", b"\t")),
    (0, b"\x1aE\xdf\xa3", "video"),  # Matroska and WebM
    (8, b"AVI LIST", "video"),
    *((4, kind, "video") for kind in _QUICKTIME),
    *((0, b"\x00\x00\x00\x08" + kind, "video") for kind in _EMPTY),
    # The major brands of ISO base media files (mp4ra.org); a whole name, or its beginning.
    *((4, b"ftyp" + brand, "video") for brand in _FILMS),
    *((4, b"ftyp" + brand, "audio") for brand in (b"M4A", b"M4B", b"M4P", b"F4A")),
    *((4, b"ftyp" + brand, "HEIC sequence") for brand in (b"hevc", b"hevx", b"hevm", b"hevs")),
    *((4, b"ftyp" + brand, "HEIF with AVC (H.264)") for brand in (b"avci", b"avcs")),
    *((4, b"ftyp" + brand, "HEIF with JPEG") for brand in (b"jpeg", b"jpgs")),
    (4, b"ftypj2k", "HEIF with JPEG 2000"),
    (4, b"ftypmsf", "HEIF sequence"),
    (4, b"ftypmi", "HEIF that is neither AVIF nor HEIC"),
    (4, b"ftyp", "media file of the brand {brand}"),
)
MARKUP = (b"<svg", b"<?xml", b"<!doctype", b"<html", b"<script")
