"""Pixels out of an original: decoded once, as they are stored, no larger than renditions need.

Start with `decode`. Rows are read once from top to bottom and shrunk on the way, so that a large
original is never in memory whole (AVIF, HEIC and interlaced files are, their decoders allow no less).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from tintype.imaging.alpha import blended
from tintype.imaging.errors import UnreadableImageError
from tintype.imaging.formats import Format
from tintype.imaging.geometry import UPRIGHT, Turn
from tintype.imaging.opening import LOADERS, Original, unreadable
from tintype.imaging.planning import Plan
from tintype.imaging.turning import turned
from tintype.imaging.vips import Data, Deadline, load, pyvips, with_blob

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

Frames = tuple[pyvips.Image, ...]

_JPEG_SHRINKS = (8, 4, 2)
_MOST_PIXELS_FOR_DAV1D = 32_000_000
_STRICT = {"access": "sequential", "fail_on": "error"}
# To libjpeg damage in the middle of the data is a warning; the picture is grey from there on.
_STRICT_JPEG = {"access": "sequential", "fail_on": "warning"}
_COLOUR_BANDS = {"b-w": 1, "grey16": 1, "cmyk": 4}  # of all others: 3
_METADATA = ("exif-", "gainmap", "iptc-", "jpeg-thumbnail", "orientation", "photoshop-", "xmp-")


def decode(original: Original, planned: Plan, deadline: Deadline) -> Frames:
    """Decode as it is planned: the first frames, shrunk, not yet turned, in their own colour space.

    The pixels are in memory when this returns, so an error that a later step meets is not the
    original's; unless they are streamed, then they can be read once, within `reading`.

    Raises:
        TruncatedImageError, UnreadableImageError: the decoder says so.
        TimeLimitError: the deadline passed.
    """
    with reading(original, deadline):
        image, left = _load(original, planned.shrink, planned.frames)
        frames = [shrunk(_picture_bands(frame), left) for frame in _split(image, planned.frames)]
        if not planned.streamed:
            frames = [deadline.evaluated(frame) for frame in frames]
        return tuple(_with_profile(_without_metadata(frame), original) for frame in frames)


@contextmanager
def reading(original: Original, deadline: Deadline) -> Iterator[None]:
    """Say what is wrong with the original when libvips, reading its pixels, finds something.

    Raises:
        TruncatedImageError, UnreadableImageError: as libvips says.
        TimeLimitError: it was the deadline that stopped it.
    """
    try:
        yield
    except pyvips.Error as error:
        deadline.check()
        raise unreadable(error, original.format) from error


def shrunk(image: pyvips.Image, factor: int) -> pyvips.Image:
    """Return *image* with every *factor* × *factor* pixels averaged into one."""
    if factor == 1:
        return image
    return blended(image, lambda mixed: mixed.shrink(factor, factor, ceil=True))


def _load(original: Original, shrink: int, frames: int) -> tuple[pyvips.Image, int]:
    """Return the lazy image of all frames, and the factor by which it is still to be shrunk."""
    data, format_ = original.data, original.format
    if format_ is Format.AVIF:
        return _load_avif(original), shrink
    if format_ is Format.HEIC:
        return _load_heic(data), shrink
    if format_ is Format.JPEG:
        on_load = next((factor for factor in _JPEG_SHRINKS if factor <= shrink), 1)
        return load(LOADERS[format_], data, shrink=on_load, **_STRICT_JPEG), shrink // on_load
    if format_ is Format.WEBP and frames == 1:
        # libwebp averages while it decodes, and never holds the whole picture.
        return load(LOADERS[format_], data, scale=1 / shrink, **_STRICT), 1
    pages = {"n": frames} if format_.facts.animation else {}
    return load(LOADERS[format_], data, **pages, **_STRICT), shrink


def _split(image: pyvips.Image, frames: int) -> Frames:
    if frames == 1:
        return (image,)
    height = image.height // frames
    return tuple(image.crop(0, index * height, image.width, height) for index in range(frames))


def _picture_bands(image: pyvips.Image) -> pyvips.Image:
    """Leave out what a TIFF may hold beside a picture: a second alpha, infrared, depth."""
    colours = _COLOUR_BANDS.get(str(image.interpretation), 3)
    wanted = min(image.bands, colours + 1) if image.hasalpha() else min(image.bands, colours)
    return image if image.bands == wanted else image.extract_band(0, n=wanted)


def _with_profile(image: pyvips.Image, original: Original) -> pyvips.Image:
    """Attach the profile where the decoder has left it behind."""
    if original.icc is None or image.get_typeof("icc-profile-data"):
        return image
    return with_blob(image, "icc-profile-data", original.icc)


def _without_metadata(image: pyvips.Image) -> pyvips.Image:
    """Leave out all that the file told beside its pixels and their profile.

    No encoder can write what is not there; heifsave would turn an upright picture once more.
    """
    image = image.copy()
    for name in image.get_fields():
        if name.startswith(_METADATA):
            image.remove(name)
    return image


def _load_avif(original: Original) -> pyvips.Image:
    """Decode with dav1d, which takes a quarter of the time of libvips' aom (docs/decisions/0002).

    It takes three times the memory as well, so a very large picture goes to libvips all the same.
    """
    if original.stored.width * original.stored.height > _MOST_PIXELS_FOR_DAV1D:
        return load(LOADERS[Format.AVIF], original.data, fail_on="error")
    from PIL import AvifImagePlugin  # noqa: PLC0415 - 20 ms at import, only AVIF pays

    try:
        # Not Image.open: its own limit on pixels would warn below ours.
        picture = AvifImagePlugin.AvifImageFile(BytesIO(original.data))
        orientation = picture.getexif().get(0x0112, 1)
        image = _from_pillow(picture)
    except (OSError, SyntaxError, ValueError, RuntimeError) as error:
        message = f"the AVIF cannot be read: {error}"
        raise UnreadableImageError(message) from error
    return turned(image, UPRIGHT.get(orientation, Turn()))


def _load_heic(data: Data) -> pyvips.Image:
    """Decode with libde265; libheif applies the orientation by itself."""
    import pi_heif  # noqa: PLC0415 - 25 ms at import, only HEIC pays

    try:
        return _from_pillow(pi_heif.open_heif(BytesIO(data)).to_pillow())
    except (OSError, SyntaxError, ValueError, RuntimeError, EOFError) as error:
        message = f"the HEIC cannot be read: {error}"
        raise UnreadableImageError(message) from error


def _from_pillow(picture: PillowImage) -> pyvips.Image:
    mode = "RGBA" if picture.mode in {"RGBA", "LA", "PA"} else "RGB"
    picture = picture if picture.mode == mode else picture.convert(mode)
    image = pyvips.Image.new_from_memory(picture.tobytes(), *picture.size, len(mode), "uchar")
    return image.copy(interpretation="srgb")
