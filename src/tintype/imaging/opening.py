"""Opening untrusted bytes: what an original is, checked against the limits before any pixel is read.

Start with `open_original`. It reads the header alone; `decoding.py` reads the pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

from tintype.imaging.errors import (
    ImagingError,
    SideTooLongError,
    TooManyBytesError,
    TooManyFramesError,
    TooManyPixelsError,
    TruncatedImageError,
    UnreadableImageError,
)
from tintype.imaging.formats import SNIFFED_BYTES, Format, sniff
from tintype.imaging.geometry import UPRIGHT, Size
from tintype.imaging.presets import Limits, Strictness
from tintype.imaging.structures import Structure, read_structure, repaired, without_texts
from tintype.imaging.vips import Data, load, pyvips


@dataclass(frozen=True, slots=True)
class Original:
    """An original whose header has passed the limits.

    *stored* is the size of one frame as the pixels lie in the file, before the orientation (1 to 8)
    is applied; *delays* are milliseconds a frame, *loops* how often an animation plays, 0 for ever.
    *cut* says that the file ended too early: what its decoder misses are pixels.
    """

    data: Data
    format: Format
    stored: Size
    frames: int
    orientation: int
    bits: int
    interpretation: str
    icc: bytes | None
    exif: bytes | None
    xmp: bytes | None
    iptc: bytes | None
    delays: tuple[int, ...]
    loops: int
    cut: bool
    strictness: Strictness

    @property
    def may_be_damaged(self) -> bool:
        """Whether a decoder's complaint may be of damage in pixels that are all there."""
        tolerant = self.strictness is not Strictness.NOTHING  # that one asks for no second look
        return self.format in {Format.JPEG, Format.PNG} and not self.cut and tolerant

    @property
    def upright(self) -> Size:
        """The size of a frame once the orientation is applied."""
        return UPRIGHT[self.orientation].size(self.stored)

    def scale_to(self, side: int) -> float:
        """Return the scale at which the longer side becomes *side* pixels."""
        return side / max(self.stored.width, self.stored.height)


# libvips' loader for each format: no other is ever asked, whatever the bytes look like.
LOADERS = {
    Format.JPEG: "jpegload_buffer",
    Format.PNG: "pngload_buffer",
    Format.WEBP: "webpload_buffer",
    Format.AVIF: "heifload_buffer",
    Format.GIF: "gifload_buffer",
    Format.TIFF: "tiffload_buffer",
    Format.HEIC: "heifload_buffer",
}
ALL_FRAMES = -1  # of an animation, as one tall image

# Progressive JPEGs have about ten scans, and libjpeg goes over all pixels for each of them.
_MAX_SCANS = 100

# How libvips and the libraries under it say that a file ends too early.
_TRUNCATION = (
    "premature end",
    "end of stream",
    "end of file",
    "unexpected end",
    "truncated",
    "bad seek",
    "not enough data",
)


def open_original(data: Data, limits: Limits) -> Original:
    """Read the header of *data* and refuse what the limits refuse; no pixel is decoded.

    Raises:
        NotAnImageError, UnsupportedFormatError: by its first bytes.
        TooManyBytesError, SideTooLongError, TooManyPixelsError, TooManyFramesError: by its header.
        TruncatedImageError, UnreadableImageError: the header cannot be read.
    """
    size_bytes = len(data)
    if size_bytes > limits.max_bytes:
        message = f"{size_bytes:,} bytes; the limit is {limits.max_bytes:,}"
        raise TooManyBytesError(message)
    format_ = sniff(bytes(data[:SNIFFED_BYTES]))
    structure = _checked_structure(data, format_, limits)
    if structure.repairable:
        data = repaired(data, format_)
    if structure.texts_harm:
        data = without_texts(data)
    try:
        pages = {"n": ALL_FRAMES} if format_.facts.animation else {}
        header = load(LOADERS[format_], data, **pages)
    except pyvips.Error as error:
        raise unreadable(error, format_) from error
    cut = not structure.complete
    original = _describe_header(header, data, format_, cut=cut, strictness=limits.strictness)
    _check_size(original.stored.width, original.stored.height, original.frames, limits)
    return original


def unreadable(error: pyvips.Error, format_: Format) -> ImagingError:
    """Return our error for one that a decoder raised: truncated if it says so, unreadable else."""
    text = " ".join(str(error).split())
    if any(sign in text.lower() for sign in _TRUNCATION):
        return truncated(format_)
    reason = text.rpartition("_buffer: ")[2] or text
    return UnreadableImageError(f"the {format_.name} cannot be read: {reason[:200]}")


def truncated(format_: Format) -> TruncatedImageError:
    """Return our error for an original some of whose pixels are not there."""
    return TruncatedImageError(f"the {format_.name} ends before its last pixel")


def _checked_structure(data: Data, format_: Format, limits: Limits) -> Structure:
    """Return the outer structure, and refuse what is lavish, or has lost pixels, by that alone."""
    structure = read_structure(data, format_, max_frames=limits.max_frames)
    if structure.size is not None:
        _check_size(*structure.size, structure.frames, limits)
    _check_frames(structure.frames, limits)
    if structure.scans > _MAX_SCANS:
        message = f"the JPEG has more than {_MAX_SCANS} scans"
        raise UnreadableImageError(message)
    if structure.names_harm and format_ is Format.HEIC:
        message = f"the {format_.name} has a part whose name is no text"
        raise UnreadableImageError(message)
    may_be_cut = structure.repairable or limits.strictness is Strictness.NOTHING
    if not structure.complete and not may_be_cut:
        raise truncated(format_)
    return structure


def _check_frames(frames: int, limits: Limits) -> None:
    if frames > limits.max_frames:
        message = f"more than {limits.max_frames:,} frames, which is the limit"
        raise TooManyFramesError(message)


def _check_size(width: int, height: int, frames: int, limits: Limits) -> None:
    if max(width, height) > limits.max_side:
        message = f"{width:,} x {height:,} pixels; the limit for a side is {limits.max_side:,}"
        raise SideTooLongError(message)
    _check_frames(frames, limits)
    pixels = width * height * frames
    if pixels > limits.max_pixels:
        message = f"{pixels / 1e6:,.1f} megapixels; the limit is {limits.max_pixels / 1e6:,.6g}"
        raise TooManyPixelsError(message)


def _describe_header(
    header: pyvips.Image, data: Data, format_: Format, *, cut: bool, strictness: Strictness
) -> Original:
    frames = _integer(header, "n-pages", 1) if format_.facts.animation else 1
    height = _integer(header, "page-height", header.height) if frames > 1 else header.height
    orientation = _integer(header, "orientation", 1)
    return Original(
        data=data,
        format=format_,
        stored=Size(header.width, height),
        frames=frames,
        orientation=orientation if orientation in UPRIGHT else 1,
        bits=_integer(header, "bits-per-sample", 8),
        interpretation=str(header.interpretation),
        icc=_blob(header, "icc-profile-data"),
        # A TIFF is itself what other formats carry as EXIF: the same header and directories.
        exif=bytes(data) if format_ is Format.TIFF else _blob(header, "exif-data"),
        xmp=_blob(header, "xmp-data"),
        iptc=_blob(header, "iptc-data"),
        delays=_delays(header, frames),
        loops=_integer(header, "loop", 0),
        cut=cut,
        strictness=strictness,
    )


def _integer(header: pyvips.Image, name: str, default: int) -> int:
    value = header.get(name) if header.get_typeof(name) else default
    return value if isinstance(value, int) else default


def _blob(header: pyvips.Image, name: str) -> bytes | None:
    value = header.get(name) if header.get_typeof(name) else None
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else None


def _delays(header: pyvips.Image, frames: int) -> tuple[int, ...]:
    value = header.get("delay") if header.get_typeof("delay") else None
    delays = tuple(int(delay) for delay in value) if isinstance(value, list) else ()
    return (delays + (100,) * frames)[:frames]
