"""Animated WebP and AVIF, written frame by frame, so that few frames are in memory at a time.

libvips writes no animated AVIF. Of a WebP it needs all frames in memory, and rounds their colours
twice: to YUV and back to RGB before libwebp compares frames, and then once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from math import sqrt
from struct import pack_into, unpack_from
from typing import TYPE_CHECKING

from tintype.imaging.boxes import boxes
from tintype.imaging.encode import Animation
from tintype.imaging.part_counter import PartCounter
from tintype.imaging.presets import Chroma, Encoding
from tintype.imaging.vips import Data, blob, pyvips

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

_OFF, _ON = [0], [255]  # of a table for a mask
# No key frames but the first, as libvips has it.
_KEY_FRAMES = {"kmin": 2**31 - 2, "kmax": 2**31 - 1}

# libavif's speeds: the one of effort 0, and the slowest before aom takes 10 times as long and keeps
# dozens of frames: 230 bytes a pixel instead of 60.
_FASTEST, _SLOWEST = 9, 7
_SHORTEST_MS, _DEFAULT_MS = 10, 100
_MOST_LOOPS = 65_535  # of a WebP, 16 bits; a GIF may have one more, a PNG any number
# What is kept: libvips' fields, and Pillow's names.
_METADATA = {
    "icc": ("icc-profile-data", "icc_profile"),
    "exif": ("exif-data", "exif"),
    "xmp": ("xmp-data", "xmp"),
}


def moving_webp(
    frames: Iterator[pyvips.Image],
    animation: Animation,
    encoding: Encoding,
    image: pyvips.Image,
    keep: str,
) -> bytes:
    """Return the file of *frames*, 8-bit RGB or RGBA of one size, with *image*'s metadata to *keep*."""
    pictures: Iterator[PillowImage] = map(_to_pillow, frames)
    if not encoding.lossless and isinstance(encoding.quality, int):
        pictures = _steady(pictures, _tolerance(encoding.quality))
    first = next(pictures)
    file = BytesIO()
    first.save(
        file,
        "WEBP",
        save_all=True,
        append_images=[_Following(pictures, len(animation.delays) - 1)],
        duration=list(animation.delays),
        loop=min(animation.loops, _MOST_LOOPS),
        quality=encoding.quality,
        method=encoding.effort,
        lossless=encoding.lossless,
        background=(255, 255, 255, 255),
        **_KEY_FRAMES,
        **_metadata(image, keep),
    )
    return file.getvalue()


def _tolerance(quality: int) -> int:
    """Return the levels by which libwebp lets a pixel differ from the frame before, and keeps it.

    The formula is that of its src/mux/anim_encode.c.
    """
    share = sqrt(quality / 100)
    return int(31 * (1 - share) + share + 0.5)


def _steady(pictures: Iterator[PillowImage], most: int) -> Iterator[PillowImage]:
    """Yield each frame with the pixels shown already where they differ by *most* levels or less.

    libwebp compares with the frame that it was given before, not with what is shown: it would keep a
    pixel for ever that changes slowly, and a fade would never get dark.
    """
    from PIL import Image, ImageChops  # noqa: PLC0415 - as in `_to_pillow`

    shown = next(pictures)
    yield shown
    for picture in pictures:
        apart = ImageChops.difference(picture, shown).split()
        far = ImageChops.lighter(ImageChops.lighter(*apart[:2]), apart[2])
        if picture.mode == "RGBA":
            far = ImageChops.multiply(far, picture.getchannel("A"))
        far = far.point(_OFF * (most + 1) + _ON * (255 - most))
        for alpha in apart[3:]:
            far = ImageChops.lighter(far, alpha.point(_OFF + _ON * 255))
        shown = Image.composite(picture, shown, far)
        yield shown


def moving_avif(
    frames: Iterator[pyvips.Image],
    animation: Animation,
    encoding: Encoding,
    image: pyvips.Image,
    keep: str,
) -> bytes:
    """Return the file of *frames*, as in `moving_webp`."""
    pictures = map(_to_pillow, frames)
    first = next(pictures)
    file = BytesIO()
    first.save(
        file,
        "AVIF",
        save_all=True,
        append_images=[_Following(pictures, len(animation.delays) - 1)],
        # Browsers show frames of up to 10 ms for a tenth of a second.
        duration=[delay if delay > _SHORTEST_MS else _DEFAULT_MS for delay in animation.delays],
        quality=encoding.quality,
        speed=max(_FASTEST - (encoding.effort or 0), _SLOWEST),
        subsampling="4:4:4" if encoding.chroma is Chroma.FULL else "4:2:0",
        range="limited",  # Chromium 156 takes a moving AVIF of full range for that: 5 levels too dark
        max_threads=1,
        **_metadata(image, keep),
    )
    return _played(bytearray(file.getvalue()), animation.loops)


def _metadata(image: pyvips.Image, keep: str) -> dict[str, Data]:
    return {
        theirs: block
        for name, (field, theirs) in _METADATA.items()
        if name in keep.split(":") and (block := blob(image, field))
    }


def _played(data: bytearray, loops: int) -> bytes:
    """Return the AVIF played *loops* times; as Pillow writes it, it is played endlessly.

    How often follows from the duration of a track and that of its edit, which repeats if its flag
    says so (ISO/IEC 14496-12, 8.6.6). All boxes here have 64-bit times.
    """
    if loops == 0:
        return bytes(data)
    places = dict[bytes, list[int]]()
    for kind, start in _times(data, 0, len(data), PartCounter(data)):
        places.setdefault(kind, []).append(start)
    for edit in places[b"elst"]:
        (once,) = unpack_from(">Q", data, edit + 8)
        data[edit + 3] = loops > 1
    for kind, at in ((b"mvhd", 24), (b"tkhd", 28)):
        for start in places[kind]:
            pack_into(">Q", data, start + at, once * loops)
    return bytes(data)


def _times(data: Data, start: int, end: int, parts: PartCounter) -> Iterator[tuple[bytes, int]]:
    """Yield the boxes of durations, wherever they are, with the start of their content."""
    for kind, inner, inner_end in boxes(data, start, end, parts):
        if kind in {b"moov", b"trak", b"edts"}:
            yield from _times(data, inner, inner_end, parts)
        elif kind in {b"mvhd", b"tkhd", b"elst"}:
            yield kind, inner


class _Following:
    """What Pillow takes for a picture of several frames, each made when it is asked for."""

    def __init__(self, pictures: Iterator[PillowImage], count: int) -> None:
        self._pictures, self.n_frames = pictures, count

    def seek(self, number: int) -> None:
        if number >= self.n_frames:
            raise EOFError
        self._frame = next(self._pictures)

    @property
    def mode(self) -> str:
        return self._frame.mode

    @property
    def size(self) -> tuple[int, int]:
        return self._frame.size

    def tobytes(self, *decoder: str) -> bytes:
        return self._frame.tobytes(*decoder)

    def getim(self) -> object:
        return self._frame.getim()


def _to_pillow(frame: pyvips.Image) -> PillowImage:
    from PIL import Image  # noqa: PLC0415 - 18 ms to import, once

    mode = "RGBA" if frame.hasalpha() else "RGB"
    pixels = bytes(frame.write_to_memory())
    return Image.frombuffer(mode, (frame.width, frame.height), pixels, "raw", mode, 0, 1)
