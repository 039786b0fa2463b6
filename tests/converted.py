"""Files of the formats that are read by way of another one: camera raw, icons, BMP, JPEG 2000, PSD."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from tests.pictures import pattern, picture, stored
from tests.wire import Tag, box, tiff, tiff_directory
from tintype.imaging import Format

SIDE = 1_200  # of the previews here: more than a thumbnail's


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def image(mode: str = "RGB") -> Image.Image:
    return Image.fromarray(pattern(alpha=mode == "RGBA")).convert(mode)


def psd(*, bits: int = 8, colours: int = 3, flattened: int = 1, icc: bytes = b"") -> bytes:
    """Return a PSD of one flattened picture, by Adobe's specification of the file format."""
    pixels = pattern()
    height, width, _ = pixels.shape
    header = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, height, width, bits, colours)
    found = struct.pack(">IB", 1, flattened)
    resources = b"".join(
        b"8BIM"
        + struct.pack(">HHI", number, 0, len(content))
        + content
        + b"\0" * (len(content) % 2)
        for number, content in (
            (1057, found),
            (1060, b"<x:xmpmeta dc:creator='hide'/>"),
            (1039, icc),
        )
        if content
    )
    sections = struct.pack(">I", 0) + struct.pack(">I", len(resources)) + resources
    planes = b"".join(pixels[..., channel].tobytes() for channel in range(3))
    return header + sections + struct.pack(">IH", 0, 0) + planes


def icon(*pictures: bytes, sizes: tuple[tuple[int, int], ...]) -> bytes:
    start = 6 + 16 * len(pictures)
    entries = b""
    for data, (width, height) in zip(pictures, sizes, strict=True):
        entries += struct.pack("<BBBBHHII", width, height, 0, 0, 1, 32, len(data), start)
        start += len(data)
    return struct.pack("<HHH", 0, 1, len(pictures)) + entries + b"".join(pictures)


def preview(*, orientation: int = 1, side: int = SIDE, exif: bool = False) -> bytes:
    """Return a JPEG as cameras embed it: turned, and nothing says so unless it has *exif*."""
    if exif:
        return picture(side, side * 2 // 3, orientation=orientation, quality=90)
    pixels = Image.fromarray(pattern(side, side * 2 // 3))
    return saved(stored(pixels, orientation), "JPEG", quality=90)


def dng(jpeg: bytes, *, orientation: int = 1, header: bytes = b"II*\0") -> bytes:
    """Return a camera raw with the structure of DNG, NEF and ARW around *jpeg*."""
    thumbnail = saved(Image.new("RGB", (160, 120), "red"), "JPEG")
    tags = [
        *(Tag(254, 4, 1, 1), Tag(256, 4, 1, 16), Tag(257, 4, 1, 16), Tag(262, 3, 1, 32803)),
        *(Tag(274, 3, 1, orientation), Tag(50706, 1, 4, 0x00000401)),
    ]
    sensor = np.random.default_rng(3).integers(0, 256, 5_000, np.uint8).tobytes()
    return header + tiff(tags, thumbnail + sensor + jpeg + sensor)[4:]


def cr2(jpeg: bytes, *, orientation: int = 1) -> bytes:
    """Return Canon's structure, whose sensor data no tag describes."""
    directory = tiff_directory([Tag(274, 3, 1, orientation)])
    return b"II*\0" + struct.pack("<I", 16) + b"CR\2\0" + bytes(4) + directory + jpeg


def raf(jpeg: bytes) -> bytes:
    return b"FUJIFILMCCD-RAW 0201FF383501X-T2".ljust(160, b"\0") + jpeg + bytes(2_000)


def cr3(jpeg: bytes, *, orientation: int = 1) -> bytes:
    tags = box(b"CMT1", tiff([Tag(274, 3, 1, orientation)]))
    moov = box(b"moov", box(b"uuid", bytes(16), tags))
    return box(b"ftyp", b"crx \0\0\0\1crx isom") + moov + box(b"mdat", jpeg)


KINDS: dict[str, tuple[Format, Callable[[], bytes], float]] = {
    "BMP": (Format.BMP, lambda: saved(image(), "BMP"), 0.5),
    "BMP of a palette": (Format.BMP, lambda: saved(image("P"), "BMP"), 0.5),
    "BMP, grey": (Format.BMP, lambda: saved(image("L"), "BMP"), 0.5),
    "JPEG 2000": (Format.JPEG_2000, lambda: saved(image(), "JPEG2000"), 0.5),
    "JPEG 2000 codestream": (
        Format.JPEG_2000,
        lambda: saved(image(), "JPEG2000", no_jp2=True),
        0.5,
    ),
    "PSD": (Format.PSD, psd, 0.5),
    "icon of a PNG": (
        Format.ICO,
        lambda: icon(picture(file_format=Format.PNG), sizes=((240, 160),)),
        0.5,
    ),
    "icon of a bitmap": (
        Format.ICO,
        lambda: saved(image("RGBA"), "ICO", sizes=[(240, 160)], bitmap_format="bmp"),
        0.5,
    ),
}


RAWS: dict[str, Callable[[bytes, int], bytes]] = {
    "DNG": lambda jpeg, orientation: dng(jpeg, orientation=orientation),
    "ORF": lambda jpeg, orientation: dng(jpeg, orientation=orientation, header=b"IIRO"),
    "RW2": lambda jpeg, orientation: dng(jpeg, orientation=orientation, header=b"IIU\0"),
    "CR2": lambda jpeg, orientation: cr2(jpeg, orientation=orientation),
    "CR3": lambda jpeg, orientation: cr3(jpeg, orientation=orientation),
}
