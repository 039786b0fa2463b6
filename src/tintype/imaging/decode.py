"""Decoding: once per original, as stored, and no larger than the renditions need.

Start with `decode`. Rows are read once from top to bottom and shrunk on the way, so a large
original is never fully in memory (except AVIF, HEIC and interlaced files, whose decoders require
it, and what `conversion.py` has decoded before).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from math import ceil

from tintype.imaging.alpha import blended
from tintype.imaging.container import repaired
from tintype.imaging.decoder_errors import truncated, unreadable
from tintype.imaging.errors import (
    DamagedImageError,
    TruncatedImageError,
    UnreadableImageError,
)
from tintype.imaging.formats import Format
from tintype.imaging.geometry import Size, scaled
from tintype.imaging.gif_canvas import with_canvas, with_other_background, without_background
from tintype.imaging.original import CheckedOriginal
from tintype.imaging.pillow_decoders import decode_avif, decode_frames, decode_heic
from tintype.imaging.plan import DecodePlan
from tintype.imaging.presets import Strictness
from tintype.imaging.tiff_container import has_unknown_sample
from tintype.imaging.vips import Deadline, load, pyvips, with_blob

Frames = tuple[pyvips.Image, ...]

_JPEG_SHRINKS = (8, 4, 2)
_MOST_PIXELS_FOR_DAV1D = 32_000_000
# libjpeg's fill for missing data: mid-grey, which is 127 in inverted CMYK.
_GREY = (127, 128)
# A JPEG needs at least one bit per block of 8 by 8 pixels.
_MOST_PIXELS_A_BYTE = 8 * 64
_COLOUR_BANDS = {"b-w": 1, "grey16": 1, "cmyk": 4}  # all others: 3
_METADATA = ("exif-", "gainmap", "iptc-", "jpeg-thumbnail", "orientation", "photoshop-", "xmp-")


def decode(original: CheckedOriginal, planned: DecodePlan, deadline: Deadline) -> Frames:
    """Decode as planned: the first frames, shrunk, not yet upright, in their own colour space.

    The pixels are in memory when this returns, so later errors are not caused by the original.
    Streamed pixels are the exception: they can be read once, within `reading`.

    Raises:
        TruncatedImageError: rows are missing.
        DamagedImageError: the data have errors, and `strictness` refuses that.
        UnreadableImageError: the decoder refuses the file.
        TimeLimitError: the deadline passed.
    """
    try:
        frames = _decode(original, planned, deadline, _fail_on(original))
    except (TruncatedImageError, UnreadableImageError):
        if not original.may_be_damaged:
            raise
    else:
        _check_last_block(original, deadline)
        return frames
    # Outside the except block, so that the error no longer keeps the decoded pixels alive.
    return _decode_damaged(original, planned, deadline)


def decode_each(
    original: CheckedOriginal, planned: DecodePlan, deadline: Deadline
) -> Iterator[pyvips.Image]:
    """Yield the frames that `decode` would return, with only one in memory at a time.

    Raises:
        TruncatedImageError, UnreadableImageError, TimeLimitError: as in `decode`.
    """
    with reading(original, deadline):
        frames, left = _load_frames(original, planned, _fail_on(original))
    for lazy in frames:
        with reading(original, deadline):
            frame = deadline.evaluated(
                _used(shrunk(_picture_bands(lazy, original), left), original)
            )
        yield _with_profile(_without_metadata(frame), original)


def _check_last_block(original: CheckedOriginal, deadline: Deadline) -> None:
    """Refuse a truncated JPEG whose last block libjpeg filled in.

    libvips checks for warnings before it requests rows, so it misses those of the last eight rows.
    """
    tolerant = original.strictness is Strictness.NOTHING
    if tolerant or original.format is not Format.JPEG or not original.cut:
        return
    with reading(original, deadline):
        rows = load(original.format.facts.loader, original.data, access="sequential", shrink=8)
        block = deadline.evaluated(rows.crop(rows.width - 1, rows.height - 1, 1, 1))
    if _ends_grey(block):
        raise truncated(original.format)


def _fail_on(original: CheckedOriginal) -> str:
    """Return the mildest defect at which the decoder must stop, in libvips' terms."""
    if original.strictness is Strictness.NOTHING:
        return "none"
    # For libjpeg even missing data are only a warning; it fills them with grey.
    return "warning" if original.format is Format.JPEG else "error"


def _decode_damaged(original: CheckedOriginal, planned: DecodePlan, deadline: Deadline) -> Frames:
    """Decode again, tolerating errors of a JPEG and checksums of a PNG; the last row must exist."""
    if original.format is Format.PNG:
        original = replace(original, data=repaired(original.data, Format.PNG))
    pixels = original.stored.width * original.stored.height
    if original.format is Format.JPEG and pixels > _MOST_PIXELS_A_BYTE * len(original.data):
        raise truncated(original.format)
    # Not resized: Lanczos would mix rows that the decoder filled in with those before.
    frames = _decode(original, replace(planned, resize=1.0), deadline, "error")
    if original.format is Format.JPEG and _ends_grey(frames[0]):
        raise truncated(original.format)
    if original.strictness is Strictness.DAMAGE:
        message = f"the {original.format.name} has all its rows, but the data are damaged"
        raise DamagedImageError(message)
    return frames


def _ends_grey(frame: pyvips.Image) -> bool:
    row = frame.crop(0, frame.height - 1, frame.width, 1)
    return ((row < _GREY[0]) | (row > _GREY[1])).max() == 0


def _decode(
    original: CheckedOriginal, planned: DecodePlan, deadline: Deadline, fail_on: str
) -> Frames:
    with reading(original, deadline):
        loaded, left = _load_frames(original, planned, fail_on)
        frames = (
            _used(shrunk(_picture_bands(frame, original), left), original) for frame in loaded
        )
        if planned.resize < 1:
            frames = (_resized(frame, planned.resize) for frame in frames)
        if not planned.streamed:
            frames = (deadline.evaluated(frame) for frame in frames)
        return tuple(_with_profile(_without_metadata(frame), original) for frame in frames)


@contextmanager
def reading(original: CheckedOriginal, deadline: Deadline) -> Iterator[None]:
    """Translate libvips' errors while it reads the original's pixels.

    Raises:
        TruncatedImageError, UnreadableImageError: libvips failed.
        TimeLimitError: the deadline stopped it.
    """
    try:
        yield
    except pyvips.Error as error:
        deadline.check()
        if original.cut:
            raise truncated(original.format) from error
        raise unreadable(error, original.format) from error


def shrunk(image: pyvips.Image, factor: int) -> pyvips.Image:
    """Return *image* with each block of *factor* × *factor* pixels averaged into one."""
    if factor == 1:
        return image
    return blended(image, lambda mixed: mixed.shrink(factor, factor, ceil=True))


def _resized(image: pyvips.Image, factor: float) -> pyvips.Image:
    """Return *image* with its sides multiplied by *factor* and rounded up.

    Each has a factor of its own, so that the picture's edges stay where they are.
    """
    width, height = ceil(image.width * factor), ceil(image.height * factor)
    across, down = width / image.width, height / image.height
    return blended(image, lambda mixed: mixed.resize(across, vscale=down))


def _load_frames(
    original: CheckedOriginal, planned: DecodePlan, fail_on: str
) -> tuple[Iterable[pyvips.Image], int]:
    """Return the lazy frames, and the factor by which to shrink them further."""
    first, count = original.frame, original.frame + planned.frames
    if original.framewise:
        every = decode_frames(original.data, original.format, count)
        return islice(every, first, None), planned.shrink
    planned = replace(planned, frames=count)
    image, left = _load(original, planned, fail_on)
    if original.canvas and image.hasalpha():
        other = replace(original, data=with_other_background(original.data))
        image = without_background(image, _load(other, planned, fail_on)[0])
    frames: Iterable[pyvips.Image] = _split(image, count)
    if original.canvas and not image.hasalpha():
        frames = with_canvas(frames, original.canvas, original.stored)
    return islice(frames, first, None), left


def _load(original: CheckedOriginal, planned: DecodePlan, fail_on: str) -> tuple[pyvips.Image, int]:
    """Return the lazy image of all frames, and the factor by which to shrink it further."""
    data, format_ = original.data, original.format
    shrink, frames = planned.shrink, planned.frames
    rows = {"access": "sequential", "fail_on": fail_on}
    if format_ is Format.AVIF:
        # Four times as fast as libvips' aom (docs/explanation/decisions/0002), but with three times the
        # memory, and 8 bits.
        large = original.stored.width * original.stored.height > _MOST_PIXELS_FOR_DAV1D
        by_libvips = large or keeps_bits(original, planned)
        image = None if by_libvips else decode_avif(data, original.stored)
        return image or load(format_.facts.loader, data, fail_on=fail_on), shrink
    if format_ is Format.HEIC:
        return decode_heic(data, wide=keeps_bits(original, planned)), shrink
    if format_ is Format.JPEG:
        on_load = next((factor for factor in _JPEG_SHRINKS if factor <= shrink), 1)
        return load(format_.facts.loader, data, shrink=on_load, **rows), shrink // on_load
    if format_ is Format.WEBP and frames == 1:
        # libwebp averages while decoding and never holds the whole picture.
        return load(format_.facts.loader, data, scale=1 / shrink, **rows), 1
    pages = {"n": frames} if format_.facts.animation else {}
    return load(format_.facts.loader, data, **pages, **rows), shrink


def _split(image: pyvips.Image, frames: int) -> Frames:
    if frames == 1:
        return (image,)
    height = image.height // frames
    return tuple(image.crop(0, index * height, image.width, height) for index in range(frames))


def _used(frame: pyvips.Image, original: CheckedOriginal) -> pyvips.Image:
    """Cut out the part that is used; *frame* is the whole one, shrunk or not."""
    if original.part is None:
        return frame
    box = scaled(original.used_box, original.stored, Size(frame.width, frame.height))
    return frame.crop(box.left, box.top, box.width, box.height)


def _picture_bands(image: pyvips.Image, original: CheckedOriginal) -> pyvips.Image:
    """Drop the extra bands of a TIFF: a second alpha, infrared, depth, one of no known meaning."""
    colours = _COLOUR_BANDS.get(str(image.interpretation), 3)
    opacity = image.hasalpha() and not (
        original.format is Format.TIFF and has_unknown_sample(original.data)
    )
    wanted = min(image.bands, colours + opacity)
    return image if image.bands == wanted else image.extract_band(0, n=wanted)


def _with_profile(image: pyvips.Image, original: CheckedOriginal) -> pyvips.Image:
    """Attach the profile to convert from, which the decoder may have dropped or never had."""
    profile = original.colour.profile
    return image if profile is None else with_blob(image, "icc-profile-data", profile)


def _without_metadata(image: pyvips.Image) -> pyvips.Image:
    """Remove all metadata except the colour profile.

    This keeps encoders from writing it; heifsave would rotate an upright picture again.
    """
    image = image.copy()
    for name in image.get_fields():
        if name.startswith(_METADATA):
            image.remove(name)
    return image


def keeps_bits(original: CheckedOriginal, planned: DecodePlan) -> bool:
    """Whether the pixels are decoded to more than 8 bits, which tone mapping needs."""
    wanted = planned.deep or original.colour.hdr is not None
    return wanted and original.bits > 8  # noqa: PLR2004 - bits of a byte
