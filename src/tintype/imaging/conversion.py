"""Formats that the engine reads by way of another one: camera raw, icons, BMP, JPEG 2000, PSD.

Start with `converted`. Camera raw and icons hold JPEGs and PNGs, which are cut out. The others are
decoded by Pillow, after their size was checked, and passed on as plain TIFFs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from struct import Struct, error, unpack_from
from typing import TYPE_CHECKING

from tintype.imaging.camera_raw import LEAST_SIDE, largest_preview, raw_exif, raw_orientation
from tintype.imaging.decoder_errors import damaged, quiet, truncated, unreadable
from tintype.imaging.errors import TooManyPixelsError, UnsupportedFormatError
from tintype.imaging.formats import Format, not_supported
from tintype.imaging.jpeg_2000 import jp2_profile, lacks_tiles, unsupported_kind
from tintype.imaging.part_counter import PartCounter
from tintype.imaging.vips import Data

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

Check = Callable[[int, int], None]

_MEGA = 1_000_000
# Of a BMP: Pillow unpacks it in Python, 2 MB a second, or 9 megapixels that are not in the file.
_MOST_RLE_BYTES, _MOST_RLE_PIXELS = 4 * _MEGA, 16 * _MEGA
# OpenJPEG, Pillow and the TIFF together take 25 bytes a pixel, 1.3 GB (`benchmarks/memory.py`).
_MOST_JPEG_2000_PIXELS = 50 * _MEGA

_PNG = b"\x89PNG\r\n\x1a\n"
_ICON_HEADER, _ICON_ENTRY = 6, Struct("<BBBBHHII")  # width, height, …, bits, bytes, position
_RLE = frozenset({1, 2})
_PSD_HEADER = 26  # bytes
_PSD_FLATTENED, _PSD_EXIF, _PSD_XMP, _PSD_IPTC = 1057, 1058, 1060, 1028
_PSD_COLOURS = {0: "bitmap", 1: "grey", 2: "palette", 3: "RGB", 4: "CMYK", 8: "duotone"}


@dataclass(frozen=True, slots=True)
class Converted:
    """*data* in a *format* that the engine reads; metadata that the conversion leaves behind.

    *orientation* counts if *data* has none of its own.
    """

    data: Data
    format: Format
    orientation: int = 1
    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    notes: tuple[str, ...] = ()


def converted(data: Data, format_: Format, check_size: Check) -> Converted | None:
    """Return *data* in a format that the engine reads, or None if it is in one already.

    *check_size* is given width and height before anything is decoded.

    Raises:
        UnsupportedFormatError: it is of a kind that is not supported.
        TruncatedImageError, UnreadableImageError: pixels are missing, or damaged.
        TooManyPixelsError: a JPEG 2000 is too large to be decoded.
        ImagingError: what *check_size* raises.
    """
    convert = _CONVERSIONS.get(format_)
    return convert(data, check_size) if convert else None


def _raw(data: Data, _check_size: Check) -> Converted:
    preview = largest_preview(data)
    if preview is None:
        kind = f"camera raw without a preview of {LEAST_SIDE:,} pixels"
        raise UnsupportedFormatError(not_supported(kind))
    exif = raw_exif(data)
    note = f"the camera's own preview of {preview.width:,} x {preview.height:,} pixels"
    return Converted(
        bytes(data[preview.start :]),
        Format.JPEG,
        orientation=raw_orientation(exif),
        exif=exif,
        notes=(note,),
    )


def _icon(data: Data, check_size: Check) -> Converted:
    """Take the largest picture, of those the one with most colours."""
    count = int.from_bytes(data[4:6], "little")
    try:
        entries = [
            _ICON_ENTRY.unpack_from(data, _ICON_HEADER + number * _ICON_ENTRY.size)
            for number in range(count)
        ]
    except error as too_short:
        raise damaged(Format.ICO, "header") from too_short
    if not entries:
        raise damaged(Format.ICO, "header")
    best = max(entries, key=lambda entry: ((entry[0] or 256) * (entry[1] or 256), entry[5]))
    size, start = best[6:]
    inner = bytes(data[start : start + size])
    notes = (f"largest of {count} pictures",) if count > 1 else ()
    if inner.startswith(_PNG):
        return Converted(inner, Format.PNG, notes=notes)
    width, height = _dib_size(inner, Format.ICO)
    check_size(width, height)
    behind_header = _ICON_HEADER + _ICON_ENTRY.size
    single = b"\0\0\1\0\1\0" + _ICON_ENTRY.pack(*best[:7], behind_header) + inner
    with _decoding(Format.ICO), quiet():
        from PIL import IcoImagePlugin  # noqa: PLC0415 - 20 ms to import, only for icons

        return Converted(
            _tiff(IcoImagePlugin.IcoImageFile(BytesIO(single))), Format.TIFF, notes=notes
        )


def _bmp(data: Data, check_size: Check) -> Converted:
    with _decoding(Format.BMP):
        from PIL import BmpImagePlugin  # noqa: PLC0415 - only for BMP

        picture = BmpImagePlugin.BmpImageFile(BytesIO(data))
    check_size(*picture.size)
    pixels = picture.width * picture.height
    is_slow = len(data) > _MOST_RLE_BYTES or pixels > _MOST_RLE_PIXELS
    if int.from_bytes(data[30:34], "little") in _RLE and is_slow:
        kind = "BMP of more than 4 MB or 16 megapixels with RLE compression"
        raise UnsupportedFormatError(not_supported(kind))
    with _decoding(Format.BMP):
        return Converted(_tiff(picture), Format.TIFF)


def _jpeg_2000(data: Data, check_size: Check) -> Converted:
    with _decoding(Format.JPEG_2000):
        from PIL import Jpeg2KImagePlugin  # noqa: PLC0415 - only for JPEG 2000

        picture = Jpeg2KImagePlugin.Jpeg2KImageFile(BytesIO(data))
    check_size(*picture.size)
    pixels = picture.width * picture.height
    if pixels > _MOST_JPEG_2000_PIXELS:
        limit = _MOST_JPEG_2000_PIXELS // _MEGA
        message = f"{pixels / _MEGA:,.1f} megapixels; the limit for JPEG 2000 is {limit}"
        raise TooManyPixelsError(message)
    kind = unsupported_kind(data)
    if kind is not None:
        raise UnsupportedFormatError(not_supported(kind))
    if lacks_tiles(data):
        raise truncated(Format.JPEG_2000)
    with _decoding(Format.JPEG_2000):
        return Converted(_tiff(picture, jp2_profile(data)), Format.TIFF)


def _psd(data: Data, check_size: Check) -> Converted:
    """Take the flattened picture, which Photoshop stores on white."""
    try:
        version, _channels, height, width, bits, colours = unpack_from(">H6xHIIHH", data, 4)
    except error as too_short:
        raise damaged(Format.PSD, "header") from too_short
    if version != 1:
        raise UnsupportedFormatError(not_supported("Photoshop's large format (PSB)"))
    if colours not in _PSD_COLOURS or bits not in {1, 8}:
        kind = (
            f"{bits} bits per channel" if colours in _PSD_COLOURS else "Lab or multichannel colours"
        )
        raise UnsupportedFormatError(not_supported(f"PSD with {kind}"))
    check_size(width, height)
    parts = _psd_resources(data)
    with _decoding(Format.PSD):
        from PIL import PsdImagePlugin  # noqa: PLC0415 - only for PSD

        picture = PsdImagePlugin.PsdImageFile(BytesIO(data))
    if parts.get(_PSD_FLATTENED, b"\0\0\0\0\1")[4:5] == b"\0":
        raise UnsupportedFormatError(not_supported("PSD without a flattened picture"))
    with _decoding(Format.PSD):
        flat = picture.convert("RGB") if picture.mode == "RGBA" else picture
        return Converted(
            _tiff(flat, picture.info.get("icc_profile")),
            Format.TIFF,
            exif=parts.get(_PSD_EXIF),
            xmp=parts.get(_PSD_XMP),
            iptc=parts.get(_PSD_IPTC),
            notes=("flattened layers",),
        )


def _psd_resources(data: Data) -> dict[int, bytes]:
    """Return the image resources by their numbers, each a name and content of even lengths.

    Pillow reads all of them as well, in 3 seconds if they are 4 million.
    """
    parts, counter = {}, PartCounter(data)
    with suppress(error, IndexError):  # Pillow says what is wrong
        at = _PSD_HEADER + 8 + unpack_from(">I", data, _PSD_HEADER)[0]  # behind the colour table
        end = at + unpack_from(">I", data, at - 4)[0]
        while at < end:
            counter.count()
            (number,) = unpack_from(">H", data, at + 4)
            at += 6 + (data[at + 6] + 2) // 2 * 2
            (size,) = unpack_from(">I", data, at)
            parts[number] = bytes(data[at + 4 : at + 4 + size])
            at += 4 + size + size % 2
    return parts


def _tiff(picture: PillowImage, icc: bytes | None = None) -> bytes:
    """Return the pixels as an uncompressed TIFF."""
    if picture.mode in {"YCbCr", "LA", "PA", "La", "RGBa", "RGBX"}:
        picture = picture.convert("RGBA" if picture.mode in {"LA", "PA", "La", "RGBa"} else "RGB")
    file = BytesIO()
    picture.save(file, "TIFF", **({"icc_profile": icc} if icc else {}))
    return file.getvalue()


def _dib_size(dib: bytes, format_: Format) -> tuple[int, int]:
    """Return the size of an icon's bitmap, whose height includes its mask."""
    try:
        width, height = unpack_from("<ii", dib, 4)
    except error as too_short:
        raise damaged(format_, "header") from too_short
    return abs(width), abs(height) // 2


@contextmanager
def _decoding(format_: Format) -> Iterator[None]:
    """Translate Pillow's errors, of which its plugins raise nearly every kind."""
    try:
        yield
    except Exception as wrong:
        if str(wrong).lower().startswith("unsupported"):
            kind = f"this kind of {format_.facts.title}"
            raise UnsupportedFormatError(not_supported(kind)) from wrong
        raise unreadable(wrong, format_) from wrong


_CONVERSIONS: dict[Format, Callable[[Data, Check], Converted]] = {
    Format.RAW: _raw,
    Format.ICO: _icon,
    Format.BMP: _bmp,
    Format.JPEG_2000: _jpeg_2000,
    Format.PSD: _psd,
}
