"""Open untrusted bytes, and check them against the limits before any pixel is read.

Start with `open_original`. It reads only the header; `decode.py` reads the pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tintype.imaging.container import (
    LONGEST_DELAY_MS,
    Structure,
    read_structure,
    repaired,
    without_texts,
)
from tintype.imaging.conversion import Converted, converted
from tintype.imaging.decoder_errors import truncated, unreadable
from tintype.imaging.errors import (
    SideTooLongError,
    TooManyBytesError,
    TooManyPixelsError,
    UnreadableImageError,
    UnsupportedFormatError,
)
from tintype.imaging.formats import SNIFFED_BYTES, Format, not_supported, sniff
from tintype.imaging.geometry import UPRIGHT, Box, Size, intersect
from tintype.imaging.gif_canvas import GifFrame
from tintype.imaging.pillow_decoders import animated_header, heic_header
from tintype.imaging.presets import Limits, OriginalPoint, Region, Strictness
from tintype.imaging.signals import SourceColour, read_colour
from tintype.imaging.tiff_container import only_page, read_tiff
from tintype.imaging.vips import Data, blob, load, pyvips


@dataclass(frozen=True, slots=True)
class CheckedOriginal:
    """An original whose header has passed the limits.

    *file* is what was uploaded, in the format *kind*; *data* what is decoded, in *format*: the same, or
    repaired, converted, or a part of it.
    *stored* is the size of one frame in the file, before the orientation (1 to 8) is applied;
    *frames* of the *frames_found* in the file are used, from *frame* on, counted from 0, each shown for
    milliseconds in *delays*; *pages* is how many frames or pages a preset can choose from;
    *loops* is how often an animation plays (0: endlessly). *framewise*: the frames are decoded one by
    one, by `pillow_decoders`; *canvas* as in `Structure`.
    *exposed*: EXIF has an exposure time, as cameras write it. *cut*: the file is truncated, so that
    decoder errors mean missing pixels. *part* is the rectangle of each upright frame that is used,
    None for all of it. *inner_exif* is that of a camera's preview, beside the *exif* of the file.
    *notes* say what else renditions do not have of the file.
    """

    file: Data
    kind: Format
    data: Data
    format: Format
    stored: Size
    frames: int
    orientation: int
    bits: int
    interpretation: str
    colour: SourceColour
    exif: bytes | None
    xmp: bytes | None
    iptc: bytes | None
    delays: tuple[int, ...]
    loops: int
    exposed: bool
    cut: bool
    strictness: Strictness
    frames_found: int = 1
    frame: int = 0
    pages: int = 1
    framewise: bool = False
    canvas: tuple[GifFrame, ...] = ()
    part: Box | None = None
    inner_exif: bytes | None = None
    notes: tuple[str, ...] = ()

    @property
    def may_be_damaged(self) -> bool:
        """Whether a decoder error may mean damage although all pixels are present."""
        tolerant = self.strictness is not Strictness.NOTHING  # which needs no second attempt
        return self.format in {Format.JPEG, Format.PNG} and not self.cut and tolerant

    @property
    def upright(self) -> Size:
        """The size of what is used of a frame, after the orientation is applied."""
        return self.part.size if self.part else self._whole

    @property
    def used(self) -> Size:
        """The size of what is used of a frame, before the orientation is applied."""
        return UPRIGHT[self.orientation].size(self.upright)

    @property
    def used_box(self) -> Box:
        """The position of what is used in a stored frame."""
        whole = self._whole
        part = self.part or Box(0, 0, whole.width, whole.height)
        return UPRIGHT[self.orientation].undone(part, whole)

    @property
    def _whole(self) -> Size:
        return UPRIGHT[self.orientation].size(self.stored)

    def scale_to(self, side: float) -> float:
        """Return the scale that makes the longer side *side* pixels."""
        return side / max(self.used.width, self.used.height)

    def only(self, region: Region) -> CheckedOriginal:
        """Return this original as if it had no pixels outside of *region*, in upright pixels."""
        whole = self._whole
        return replace(self, part=intersect(Box(0, 0, whole.width, whole.height), region))

    def on_part(self, point: OriginalPoint) -> OriginalPoint:
        """Return a point of the upright original in shares of what is used, 0 to 1 if it is there."""
        if self.part is None:
            return point
        across, down = point.x * self._whole.width, point.y * self._whole.height
        return OriginalPoint(
            x=(across - self.part.left) / self.part.width,
            y=(down - self.part.top) / self.part.height,
        )


# Pillow needs 16 bytes for a pixel: for its frame, the one before it, and the copies for libvips.
_MOST_PIXELS_FRAMEWISE = 8_000_000
# libheif takes 19 bytes for a pixel and more with opacity: 100 megapixels are more than Lambda allots.
_MOST_PIXELS_DEEP_AVIF = 50_000_000
_TIMED = frozenset({Format.AVIF, Format.PNG})  # whose container has the timing of its animation

# Progressive JPEGs have about ten scans, and libjpeg processes all pixels for each.
_MAX_SCANS = 100
_MOST_MS = 2**31 - 1  # of an animation, whose times are of 32 bits


def open_original(data: Data, limits: Limits, page: int = 1) -> CheckedOriginal:
    """Read the header of *data* and check it against the limits, without decoding any pixel.

    With a *page* above 1 it is that page alone, or that frame as a still; if there is none, the last.

    Raises:
        NotAnImageError, UnsupportedFormatError: from its first bytes.
        TooManyBytesError, SideTooLongError, TooManyPixelsError: from its header.
        TruncatedImageError, UnreadableImageError: the header cannot be read.
    """
    size_bytes = len(data)
    if size_bytes > limits.max_bytes:
        message = f"{size_bytes:,} bytes; the limit is {limits.max_bytes:,}"
        raise TooManyBytesError(message)
    file, kind = data, sniff(bytes(data[:SNIFFED_BYTES]))
    if kind is Format.TIFF and read_tiff(data, 0).raw:
        kind = Format.RAW
    inner = _converted(data, kind, limits)
    data, format_ = (inner.data, inner.format) if inner else (data, kind)
    structure = _checked_structure(data, format_, limits)
    if structure.repairable:
        data = repaired(data, format_)
    if structure.texts_harm:
        data = without_texts(data)
    if structure.pages > 1:
        data = only_page(data, min(page, limits.max_frames))
    if structure.pages > 1 and page > 1:
        structure = _checked_structure(data, format_, limits)
    framewise = _is_framewise(structure, format_)
    try:
        header = _read_header(data, format_, structure, framewise=framewise)
    except pyvips.Error as error:
        raise unreadable(error, format_, "header") from error
    cut = not structure.complete
    original = _describe_header(header, data, format_, cut=cut, strictness=limits.strictness)
    _check_size(original.stored.width, original.stored.height, limits)
    _check_depth(original)
    found = structure.frames if format_ in _TIMED else original.frames
    used = _used_frames(original, limits)
    fewer = (f"first {used:,} of {found:,} frames",) if used < found else ()
    original = replace(
        original,
        file=file,
        kind=kind,
        frames=used,
        frames_found=found,
        framewise=framewise,
        canvas=structure.canvas[:used],
        pages=max(min(structure.pages, limits.max_frames), used),
        notes=(*structure.notes, *fewer),
    )
    if page > 1 and used > 1:
        frame = min(page, used) - 1
        original = replace(
            original, frame=frame, frames=1, delays=original.delays[frame : frame + 1]
        )
    if inner is None:
        return original
    turned = bool(header.get_typeof("orientation"))
    return _with_metadata_of(original, inner, turned=turned)


def _converted(data: Data, kind: Format, limits: Limits) -> Converted | None:
    if kind is Format.SVG:
        from tintype.imaging.svg_drawing import drawn  # noqa: PLC0415 - only for SVG

        return drawn(data, limits)
    return converted(data, kind, lambda width, height: _check_size(width, height, limits))


def _with_metadata_of(
    original: CheckedOriginal, inner: Converted, *, turned: bool
) -> CheckedOriginal:
    """Return a converted original with what was beside the picture in its own format.

    *turned*: the picture itself has an orientation, which has precedence.
    """
    own = turned or inner.orientation not in UPRIGHT
    decoded = None if original.format is Format.TIFF else original.exif  # of our own TIFF
    return replace(
        original,
        orientation=original.orientation if own else inner.orientation,
        exif=inner.exif or decoded,
        inner_exif=decoded if inner.exif else None,
        xmp=inner.xmp or original.xmp,
        iptc=inner.iptc or original.iptc,
        notes=(*inner.notes, *original.notes),
    )


def _is_framewise(structure: Structure, format_: Format) -> bool:
    width, height = structure.size or (0, 0)
    return format_ in _TIMED and structure.frames > 1 and width * height <= _MOST_PIXELS_FRAMEWISE


def _read_header(
    data: Data, format_: Format, structure: Structure, *, framewise: bool
) -> pyvips.Image:
    """Return the header from the decoder that will decode the pixels, if that has another word."""
    if format_ is Format.HEIC:
        return heic_header(data)
    if framewise and format_ is Format.AVIF:
        return animated_header(data, format_, structure, None)
    header = load(format_.facts.loader, data)
    return animated_header(data, format_, structure, header) if framewise else header


def _used_frames(original: CheckedOriginal, limits: Limits) -> int:
    """Return how many frames are used: the first ones that are within both limits together."""
    pixels = original.stored.width * original.stored.height
    return max(1, min(original.frames, limits.max_frames, limits.max_pixels // pixels))


def _checked_structure(data: Data, format_: Format, limits: Limits) -> Structure:
    """Return the container's structure, or refuse it for excessive size or missing pixels."""
    structure = read_structure(data, format_, max_frames=limits.max_frames)
    if structure.size is not None:
        _check_size(*structure.size, limits)
    if structure.unsupported is not None:
        raise UnsupportedFormatError(not_supported(structure.unsupported))
    if structure.scans > _MAX_SCANS:
        message = f"the JPEG has more than {_MAX_SCANS} scans"
        raise UnreadableImageError(message)
    if structure.names_harm and format_ is Format.HEIC:
        message = f"the {format_.facts.title} has a part whose name is not valid UTF-8"
        raise UnreadableImageError(message)
    may_be_cut = structure.repairable or limits.strictness is Strictness.NOTHING
    if not structure.complete and not may_be_cut:
        raise truncated(format_)
    return structure


def _check_size(width: int, height: int, limits: Limits) -> None:
    if max(width, height) > limits.max_side:
        message = f"{width:,} x {height:,} pixels; the limit for a side is {limits.max_side:,}"
        raise SideTooLongError(message)
    pixels = width * height
    if pixels > limits.max_pixels:
        message = f"{pixels / 1e6:,.1f} megapixels; the limit is {limits.max_pixels / 1e6:,.6g}"
        raise TooManyPixelsError(message)


def _check_depth(original: CheckedOriginal) -> None:
    pixels = original.stored.width * original.stored.height
    if original.format is Format.AVIF and original.bits > 8 and pixels > _MOST_PIXELS_DEEP_AVIF:  # noqa: PLR2004
        limit = _MOST_PIXELS_DEEP_AVIF / 1e6
        message = f"{pixels / 1e6:,.1f} megapixels; the limit for AVIF of 10 bits is {limit:,.6g}"
        raise TooManyPixelsError(message)


def _describe_header(
    header: pyvips.Image, data: Data, format_: Format, *, cut: bool, strictness: Strictness
) -> CheckedOriginal:
    # An AVIF may hold several pictures that are no animation.
    moves = (format_.facts.animation or format_ in _TIMED) and header.get_typeof("delay")
    frames = _integer(header, "n-pages", 1) if moves else 1
    orientation = _integer(header, "orientation", 1)
    return CheckedOriginal(
        file=data,
        kind=format_,
        data=data,
        format=format_,
        stored=Size(header.width, header.height),
        frames=frames,
        orientation=orientation if orientation in UPRIGHT else 1,
        bits=_integer(header, "bits-per-sample", 8),
        interpretation=str(header.interpretation),
        colour=read_colour(data, format_, header, blob(header, "icc-profile-data")),
        # EXIF has the structure of a TIFF file: the same header and directories.
        exif=bytes(data) if format_ is Format.TIFF else blob(header, "exif-data"),
        xmp=blob(header, "xmp-data"),
        iptc=blob(header, "iptc-data"),
        delays=_delays(header, frames),
        loops=_integer(header, "loop", 0),
        exposed=bool(header.get_typeof("exif-ifd2-ExposureTime")),
        cut=cut,
        strictness=strictness,
    )


def _integer(header: pyvips.Image, name: str, default: int) -> int:
    value = header.get(name) if header.get_typeof(name) else default
    return value if isinstance(value, int) else default


def _delays(header: pyvips.Image, frames: int) -> tuple[int, ...]:
    value = header.get("delay") if header.get_typeof("delay") else None
    longest = min(LONGEST_DELAY_MS, _MOST_MS // frames)
    delays = tuple(min(int(each), longest) for each in value) if isinstance(value, list) else ()
    return (delays + (100,) * frames)[:frames]
