"""HEIC, AVIF and APNG, whose pixels Pillow and pi-heif decode.

Headers and pixels are returned as images of libvips, with the fields that its own loaders set, so
that nothing else needs to know who decoded. `conversion.py` has the formats that Pillow turns into
another one first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

from tintype.imaging.container import LONGEST_DELAY_MS, Structure
from tintype.imaging.decoder_errors import quiet, unreadable
from tintype.imaging.errors import TruncatedImageError, UnreadableImageError
from tintype.imaging.formats import Format
from tintype.imaging.geometry import UPRIGHT, Size, Turn
from tintype.imaging.orient import turned
from tintype.imaging.vips import Data, pyvips, with_blob

if TYPE_CHECKING:
    from pi_heif import HeifFile
    from PIL.Image import Image as PillowImage

_SHORTEST_MS, _DEFAULT_MS = 10, 100  # browsers show shorter frames this long
_MOST_LOOPS = 2**31 - 1  # of a header; a PNG may have twice as many
_ORIENTATION = 0x0112
_REFUSALS = (
    *(OSError, SyntaxError, ValueError, RuntimeError, EOFError, LookupError),
    ArithmeticError,  # Pillow divides by an AVIF's ticks per second, which may be 0
)
_DEEP = ";16"  # in the names of modes


def heic_header(data: Data) -> pyvips.Image:
    """Return the header of a HEIC, as libheif shows it: cropped and upright.

    Raises:
        TruncatedImageError, UnreadableImageError: libheif refuses it.
    """
    with _reading(Format.HEIC, "header"):
        heif = _open_heif(data, wide=False)
        bits = heif.info["bit_depth"]
        deep = bits > 8  # noqa: PLR2004
        space = (
            ("grey16" if deep else "b-w") if heif.mode[:1] in "LI" else "rgb16" if deep else "srgb"
        )
        header = _with_blobs(_header(Size(*heif.size), space), heif.info)
        header.set_type(pyvips.GValue.gint_type, "bits-per-sample", bits)
        header.set_type(
            pyvips.GValue.gint_type, "orientation", 1
        )  # not EXIF's, which it has as well
        return header


def decode_heic(data: Data, *, wide: bool) -> pyvips.Image:
    """Decode with libde265; libheif applies the crop and the orientation itself.

    *wide*: more than 8 bits become 16; grey has them always.

    Raises:
        TruncatedImageError, UnreadableImageError: libheif refuses it.
    """
    with _reading(Format.HEIC):
        heif = _open_heif(data, wide=wide)
        pixels, mode = heif.data, heif.mode
    (width, height), deep = heif.size, _DEEP in mode
    bands = {"L": 1, "I": 1, "LA": 2, "RGB": 3, "RGBA": 4, "RGBa": 4}[mode.partition(";")[0]]
    space = ("grey16" if deep else "b-w") if bands < 3 else "rgb16" if deep else "srgb"  # noqa: PLR2004
    across = heif.stride // (bands * (2 if deep else 1))  # pixels of a row, with padding
    of_sample = "ushort" if deep else "uchar"
    image = pyvips.Image.new_from_memory(bytes(pixels), across, height, bands, of_sample)
    image = image.crop(0, 0, width, height).copy(interpretation=space)
    return image.unpremultiply().cast(of_sample) if mode.startswith("RGBa") else image


def heic_auxiliary(data: Data, kind: str, *, most: Size) -> pyvips.Image | None:
    """Return a HEIC's auxiliary picture of *kind*, a URN, upright; None without one of 8-bit grey.

    It is no larger than *most*.

    Raises:
        TruncatedImageError, UnreadableImageError: libheif refuses it.
    """
    with _reading(Format.HEIC):
        heif = _open_heif(data, wide=False)
        numbers = heif.info.get("aux", {}).get(kind)
        if not numbers:
            return None
        found = heif.get_aux_image(numbers[0])
        width, height = found.size
        if found.mode != "L" or not (0 < width <= most.width and 0 < height <= most.height):
            return None
        pixels = bytes(found.data)
    image = pyvips.Image.new_from_memory(pixels, found.stride, height, 1, "uchar")
    return image.crop(0, 0, width, height).copy(interpretation="b-w")


def decode_avif(data: Data, size: Size) -> pyvips.Image | None:
    """Decode a still picture of *size* with dav1d, or return None if libavif does not agree on that.

    It ignores a clean aperture, so that what was cropped away would come back, and refuses files
    of older encoders.
    """
    try:
        with _reading(Format.AVIF):
            picture = _open_avif(data)
            orientation = _orientation(picture)
            image = turned(_from_pillow(picture), UPRIGHT.get(orientation, Turn()))
    except (TruncatedImageError, UnreadableImageError):
        return None
    return image if (image.width, image.height) == (size.width, size.height) else None


def animated_header(
    data: Data, format_: Format, structure: Structure, header: pyvips.Image | None
) -> pyvips.Image:
    """Return the header of an animation with the timing that its container has.

    *header* is libvips' of an APNG; an AVIF's still may differ from its frames.

    Raises:
        TruncatedImageError, UnreadableImageError: the file is refused.
    """
    if header is None:
        with _reading(format_, "header"):
            picture = _open_avif(data)
            header = _with_blobs(_header(Size(*picture.size), "srgb"), picture.info)
            frames = min(structure.frames, getattr(picture, "n_frames", 1))
            header.set_type(pyvips.GValue.gint_type, "orientation", _orientation(picture))
    else:
        header, frames = header.copy(), structure.frames
    delays = [
        min(ms, LONGEST_DELAY_MS) if ms > _SHORTEST_MS else _DEFAULT_MS for ms in structure.delays
    ]
    header.set_type(pyvips.GValue.gint_type, "n-pages", frames)
    header.set_type(pyvips.GValue.gint_type, "loop", min(structure.loops, _MOST_LOOPS))
    header.set_type(pyvips.GValue.array_int_type, "delay", delays)
    return header


def decode_frames(data: Data, format_: Format, count: int) -> Iterator[pyvips.Image]:
    """Yield the first *count* frames of an animation, as stored, one at a time.

    Raises:
        TruncatedImageError, UnreadableImageError: a frame cannot be decoded.
    """
    with _reading(format_):
        picture = _OPENERS[format_](data)
        first = int(getattr(picture, "default_image", False))  # which is not part of an APNG
    for number in range(first, first + count):
        with _reading(format_):
            picture.seek(number)
            frame = picture if format_ is Format.AVIF else picture.convert("RGBA")
            image = _from_pillow(frame)
        yield image


@contextmanager
def _reading(format_: Format, part: str = "data") -> Iterator[None]:
    try:
        yield
    except _REFUSALS as error:
        raise unreadable(error, format_, part) from error


def _open_heif(data: Data, *, wide: bool) -> HeifFile:
    import pi_heif  # noqa: PLC0415 - 25 ms to import, only for HEIC

    with quiet():
        return pi_heif.open_heif(BytesIO(data), convert_hdr_to_8bit=not wide)


def _open_avif(data: Data) -> PillowImage:
    from PIL import AvifImagePlugin  # noqa: PLC0415 - 20 ms to import, only for AVIF

    # Not Image.open, which warns at a pixel limit below ours.
    with quiet():
        return AvifImagePlugin.AvifImageFile(BytesIO(data))


def _open_png(data: Data) -> PillowImage:
    from PIL import PngImagePlugin  # noqa: PLC0415 - only for animations

    with quiet():
        return PngImagePlugin.PngImageFile(BytesIO(data))


_OPENERS = {Format.AVIF: _open_avif, Format.PNG: _open_png}


def _orientation(picture: PillowImage) -> int:
    with quiet():
        orientation: int = picture.getexif().get(_ORIENTATION, 1)
        return orientation


def _header(size: Size, interpretation: str) -> pyvips.Image:
    if not (size.width and size.height):
        message = f"{size.width} x {size.height} pixels"
        raise ValueError(message)
    return pyvips.Image.black(size.width, size.height, bands=3).copy(interpretation=interpretation)


def _with_blobs(header: pyvips.Image, info: Mapping[Any, Any]) -> pyvips.Image:
    for name, key in (
        ("icc-profile-data", "icc_profile"),
        ("exif-data", "exif"),
        ("xmp-data", "xmp"),
    ):
        blob = info.get(key)
        if isinstance(blob, bytes) and blob:
            header = with_blob(header, name, blob)
    return header


def _from_pillow(picture: PillowImage) -> pyvips.Image:
    mode = "RGBA" if picture.mode in {"RGBA", "LA", "PA"} else "RGB"
    picture = picture if picture.mode == mode else picture.convert(mode)
    image = pyvips.Image.new_from_memory(picture.tobytes(), *picture.size, len(mode), "uchar")
    return image.copy(interpretation="srgb")
