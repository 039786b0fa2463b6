"""The formats that people do send and that we refuse, so that the error can name them."""

from __future__ import annotations

_FILMS = (
    *(b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"avc"),
    *(b"mp4", b"mmp4", b"M4V", b"f4v", b"F4V", b"qt  ", b"3g", b"MSNV", b"dash", b"XAVC", b"hvc"),
)
# Position, first bytes, name. `{brand}` stands for the major brand of a media file.
REFUSED = (
    (0, b"%PDF", "PDF"),
    (0, b"%!PS", "PostScript"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (0, b"II+\x00", "BigTIFF"),
    (0, b"MM\x00+", "BigTIFF"),
    (0, b"v/1\x01", "OpenEXR"),
    (0, b"#?RADIANCE", "Radiance HDR"),
    (0, b"\x1aE\xdf\xa3", "video"),  # Matroska and WebM
    (8, b"AVI LIST", "video"),
    # The major brands of ISO base media files (mp4ra.org); a whole name, or its beginning.
    *((4, b"ftyp" + brand, "video") for brand in _FILMS),
    *((4, b"ftyp" + brand, "audio") for brand in (b"M4A", b"M4B", b"M4P", b"F4A")),
    *((4, b"ftyp" + brand, "HEIC sequence") for brand in (b"hevc", b"hevx", b"hevm", b"hevs")),
    *((4, b"ftyp" + brand, "HEIF with AVC (H.264)") for brand in (b"avci", b"avcs")),
    *((4, b"ftyp" + brand, "HEIF with JPEG") for brand in (b"jpeg", b"jpgs")),
    (4, b"ftypj2k", "HEIF with JPEG 2000"),
    *((4, b"ftyp" + brand, "HEIF that is neither AVIF nor HEIC") for brand in (b"mi", b"msf")),
    (4, b"ftyp", "media file of the brand {brand}"),
)
MARKUP = (b"<svg", b"<?xml", b"<!doctype", b"<html", b"<script")
