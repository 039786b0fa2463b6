"""The container of a file: is it complete, and does it contain more than a picture should?

Nothing is decompressed here. libvips decodes a truncated GIF without an error, and unpacks all
texts of a PNG and all scans of a JPEG before it can be stopped, so the container is checked first.
Start with `read_structure`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from struct import Struct

from tintype.imaging.apng import Chunk, read_animation
from tintype.imaging.formats import Format
from tintype.imaging.gif_canvas import GifFrame, palette_bytes, shows_canvas
from tintype.imaging.heif_container import read_heif
from tintype.imaging.jpeg_container import read_jpeg
from tintype.imaging.jpeg_container import repaired as repaired_jpeg
from tintype.imaging.part_counter import PartCounter
from tintype.imaging.tiff_container import read_tiff, unsupported
from tintype.imaging.vips import Data

LONGEST_DELAY_MS = 655_350  # of a GIF's frame; the sum has to fit into 31 bits of a WebP


@dataclass(frozen=True, slots=True)
class Structure:
    """What the container shows without decoding.

    `complete`: the file does not end within a part. `repairable`: the container has defects that
    `repaired` fixes, and all pixels may be present. `frames` counts the frames of a GIF, WebP, APNG
    or AVIF, `pages` those of a TIFF, `scans` the scans of a JPEG; `size` is the size that the container
    declares, if it is known. `delays` (milliseconds) and `loops` (0: endlessly) are the timing of an
    APNG or AVIF; `canvas` has the frames of a GIF whose canvas shows where libnsgif makes it opaque.

    `texts_harm`: the texts of a PNG would slow down or crash a decoder; `names_harm`: likewise the
    part names of an AVIF or HEIC. `unsupported` names a kind that would come out wrong, `notes` what
    no rendition has of the file.
    """

    complete: bool
    repairable: bool = False
    frames: int = 1
    pages: int = 1
    scans: int = 1
    size: tuple[int, int] | None = None
    texts_harm: bool = False
    names_harm: bool = False
    canvas: tuple[GifFrame, ...] = ()
    delays: tuple[int, ...] = ()
    loops: int = 0
    unsupported: str | None = None
    notes: tuple[str, ...] = ()


def read_structure(data: Data, format_: Format, *, max_frames: int) -> Structure:
    """Return the structure of *data*, counting the pages of a TIFF up to *max_frames* + 1.

    Raises:
        UnreadableImageError: it has too many parts.
    """
    if format_ is Format.TIFF:
        return _tiff(data, max_frames)
    read = _READERS.get(format_)
    return read(data) if read else Structure(complete=True)


def repaired(data: Data, format_: Format) -> bytes:
    """Return a JPEG or PNG with a repaired container and unchanged pixels."""
    return repaired_jpeg(data) if format_ is Format.JPEG else _repaired_png(data)


def without_texts(data: Data) -> bytes:
    """Return a PNG without its text chunks (`tEXt`, `zTXt`, `iTXt`)."""
    kept = [bytes(data[:8])]
    kept += [bytes(data[at:end]) for kind, at, end in png_chunks(data) if kind not in PNG_TEXTS]
    return b"".join(kept)


def _jpeg(data: Data) -> Structure:
    container = read_jpeg(data)
    return Structure(
        complete=container.ended,
        scans=container.scans,
        repairable=container.whole or (container.ended and not container.tidy),
    )


# PNG: W3C Recommendation, section 5. Length, four letters, content, checksum.
PNG_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_PNG_PACKED = frozenset({b"zTXt", b"iTXt"})
_PNG_FRAMES = frozenset({b"acTL", b"fcTL", b"fdAT", b"IDAT"})
_LONGEST_KEYWORD = 79
# Bytes of compressed texts, each of which may expand a thousandfold.
_MOST_PACKED_BYTES = 65_536


_PNG_CHUNK = Struct(">I4s")


def _png(data: Data) -> Structure:
    complete, begun, packed, odd = False, False, 0, False
    moving: list[Chunk] = []
    for kind, start, end in png_chunks(data):
        complete = kind == b"IEND" and end <= len(data)
        begun = begun or kind == b"IDAT"
        if kind == b"IEND" or end > len(data):
            break
        if kind in _PNG_FRAMES:
            moving.append(Chunk(kind, start, end))
        packed += end - start if kind in _PNG_PACKED else 0
        odd = odd or (kind in PNG_TEXTS and not _keyword(data, start).isascii())
    texts_harm = odd or packed > _MOST_PACKED_BYTES
    size = _png_size(data)
    animation = read_animation(data, moving, size) if complete and size else None
    return Structure(
        complete,
        repairable=begun and not complete,
        size=size,
        texts_harm=texts_harm,
        frames=len(animation.delays) if animation else 1,
        delays=animation.delays if animation else (),
        loops=animation.loops if animation else 0,
    )


def _repaired_png(data: Data) -> bytes:
    """Return a PNG with an end chunk and valid checksums; a truncated data chunk is shortened."""
    kept = [bytes(data[:8])]
    for kind, start, end in png_chunks(data):
        if kind == b"IEND":
            break
        if end <= len(data) or kind == b"IDAT":
            kept.append(_png_chunk(kind, bytes(data[start + 8 : end - 4])))
    return b"".join([*kept, _png_chunk(b"IEND", b"")])


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(content, zlib.crc32(kind))
    return _PNG_CHUNK.pack(len(content), kind) + content + checksum.to_bytes(4, "big")


def _png_size(data: Data) -> tuple[int, int] | None:
    if data[12:16] != b"IHDR":
        return None
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _keyword(data: Data, start: int) -> bytes:
    """Return the keyword of a text chunk, which libvips uses as a field name, in UTF-8."""
    return bytes(data[start + 8 : start + 8 + _LONGEST_KEYWORD + 1]).partition(b"\0")[0]


def png_chunks(data: Data) -> Iterator[tuple[bytes, int, int]]:
    """Yield each chunk's type, start and end; the end may lie beyond the data."""
    position, last, parts = 8, len(data) - 8, PartCounter(data)
    while position <= last:
        parts.count()
        length, kind = _PNG_CHUNK.unpack_from(data, position)
        end = position + 12 + length
        yield kind, position, end
        position = end


# GIF89a, appendix B.
_GIF_EXTENSION, _GIF_FRAME, _GIF_HEADER_BYTES = 0x21, 0x2C, 13
_GIF_CONTROL = b"\xf9\x04"
_GIF_DESCRIPTOR = Struct("<4HB")
_RUN = 4_096  # blocks that are checked in one step


def _gif(data: Data) -> Structure:
    """Find the frames; a missing trailer is accepted after a complete block."""
    if len(data) < _GIF_HEADER_BYTES:
        return Structure(complete=False, frames=0)
    size = (int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little"))
    frames: list[GifFrame] = []
    control = 0
    blocks = list(gif_blocks(data))
    for start, _ in blocks:
        if data[start] == _GIF_EXTENSION:
            control = _control_flags(data, start) or control
        else:
            left, top, width, height, _ = _gif_descriptor(data, start)
            disposal, clear = control >> 2 & 7, bool(control & 1)
            frames.append(GifFrame(left, top, width, height, disposal, clear))
            control = 0
    shows = bool(frames) and shows_canvas(frames, size)
    return Structure(
        complete=bool(frames) and blocks[-1][1] <= len(data),
        frames=len(frames),
        size=size,
        canvas=tuple(frames) if shows else (),
    )


def gif_blocks(data: Data) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each extension and frame; the end may lie beyond the data."""
    position, parts = _GIF_HEADER_BYTES + palette_bytes(data[10]), PartCounter(data)
    while position < len(data) and data[position] in {_GIF_EXTENSION, _GIF_FRAME}:
        parts.count()
        start, blocks = position, position + 2
        if data[position] == _GIF_FRAME:
            *_, flags = _gif_descriptor(data, position)
            blocks = position + 11 + palette_bytes(flags)
        position = _after_sub_blocks(data, blocks, parts)
        yield start, position


def _gif_descriptor(data: Data, start: int) -> tuple[int, ...]:
    """Return left, top, width, height and flags of a frame (section 20)."""
    return _GIF_DESCRIPTOR.unpack(bytes(data[start + 1 : start + 10]).ljust(9))


def _control_flags(data: Data, position: int) -> int:
    """Return the flags of a graphic control extension (section 23), 0 for any other extension."""
    block = bytes(data[position + 1 : position + 4])
    return block[2] if block[:2] == _GIF_CONTROL and len(block) > len(_GIF_CONTROL) else 0


def _after_sub_blocks(data: Data, position: int, parts: PartCounter) -> int:
    """Return the position after a chain of length-prefixed blocks; beyond the end if truncated.

    Consecutive blocks nearly always have one length (255 bytes, then a rest). Such a run counts as
    one part and is checked through every 256th byte.
    """
    end = len(data)
    while position < end:
        length = data[position]
        if length == 0:
            return position + 1
        parts.count()
        position += (length + 1) * _alike(data, position, length)
    return end + 1


def _alike(data: Data, position: int, length: int) -> int:
    """Return how many blocks from *position* on have *length*; a long run is split into parts."""
    step = length + 1
    if position + step >= len(data) or data[position + step] != length:
        return 1
    lengths = bytes(data[position : position + step * _RUN : step])
    return len(lengths) - len(lengths.lstrip(bytes([length])))


def _tiff(data: Data, max_frames: int) -> Structure:
    container = read_tiff(data, max_frames)
    more = "first of more than" if container.pages > max_frames else "first of"
    note = f"{more} {min(container.pages, max_frames):,} pages"
    return Structure(
        complete=container.complete,
        pages=container.pages,
        unsupported=unsupported(container.first),
        notes=(note,) if container.pages > 1 else (),
    )


def _webp(data: Data) -> Structure:
    """RIFF: the length in the header, plus eight bytes for it; VP8X's second flag: it moves."""
    end = 8 + int.from_bytes(data[4:8], "little")
    moves = data[12:16] == b"VP8X" and len(data) > 20 and data[20] & 2  # noqa: PLR2004
    frames = sum(kind == b"ANMF" for kind, _, _ in webp_chunks(data)) if moves else 1
    return Structure(complete=end <= len(data), frames=frames or 1)


def webp_chunks(data: Data) -> Iterator[tuple[bytes, int, int]]:
    """Yield each chunk's type, and the start and end of its content."""
    position, parts = 12, PartCounter(data)
    while position + 8 <= len(data):
        parts.count()
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        start = position + 8
        yield bytes(data[position : position + 4]), start, start + length
        position = start + length + length % 2


def _heif(data: Data) -> Structure:
    container = read_heif(data)
    return Structure(
        complete=container.complete,
        frames=container.frames,
        size=container.size,
        names_harm=container.names_harm,
        delays=container.delays,
        loops=container.loops,
        unsupported=container.other_coding and f"HEIF with {container.other_coding}",
    )


_READERS: dict[Format, Callable[[Data], Structure]] = {
    Format.JPEG: _jpeg,
    Format.PNG: _png,
    Format.WEBP: _webp,
    Format.GIF: _gif,
    Format.AVIF: _heif,
    Format.HEIC: _heif,
}
