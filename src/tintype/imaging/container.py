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

from tintype.imaging.formats import Format
from tintype.imaging.jpeg_container import read_jpeg
from tintype.imaging.jpeg_container import repaired as repaired_jpeg
from tintype.imaging.part_counter import PartCounter
from tintype.imaging.tiff_container import read_tiff, unsupported
from tintype.imaging.vips import Data


@dataclass(frozen=True, slots=True)
class Structure:
    """What the container shows without decoding.

    `complete`: the file does not end within a part. `repairable`: the container has defects that
    `repaired` fixes, and all pixels may be present. `frames` counts the frames of a GIF, `pages`
    those of a TIFF, `scans` the scans of a JPEG; `size` is the size that a PNG or GIF declares.
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
    unsupported: str | None = None
    notes: tuple[str, ...] = ()


def read_structure(data: Data, format_: Format, *, max_frames: int) -> Structure:
    """Return the structure of *data*, counting frames and pages up to *max_frames* + 1.

    Raises:
        UnreadableImageError: it has too many parts.
    """
    if format_ is Format.GIF:
        return _gif(data, max_frames)
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
_LONGEST_KEYWORD = 79
# Bytes of compressed texts, each of which may expand a thousandfold.
_MOST_PACKED_BYTES = 65_536


_PNG_CHUNK = Struct(">I4s")


def _png(data: Data) -> Structure:
    complete, begun, packed, odd = False, False, 0, False
    for kind, start, end in png_chunks(data):
        complete = kind == b"IEND" and end <= len(data)
        if kind == b"IEND" or end > len(data):
            begun = begun or kind == b"IDAT"
            break
        begun = begun or kind == b"IDAT"
        packed += end - start if kind in _PNG_PACKED else 0
        odd = odd or (kind in PNG_TEXTS and not _keyword(data, start).isascii())
    texts_harm = odd or packed > _MOST_PACKED_BYTES
    return Structure(
        complete,
        repairable=begun and not complete,
        size=_png_size(data),
        texts_harm=texts_harm,
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
_RUN = 4_096  # blocks that are checked in one step


def _gif(data: Data, max_frames: int) -> Structure:
    """Count the frames; a missing trailer is accepted after a complete block."""
    if len(data) < _GIF_HEADER_BYTES:
        return Structure(complete=False, frames=0)
    position, frames, parts = _GIF_HEADER_BYTES + _palette_bytes(data[10]), 0, PartCounter(data)
    while position < len(data) and frames <= max_frames:
        parts.count()
        kind = data[position]
        if kind == _GIF_EXTENSION:
            position = _after_sub_blocks(data, position + 2, parts)
        elif kind == _GIF_FRAME:
            frames += 1
            flags = data[position + 9] if position + 9 < len(data) else 0
            position = _after_sub_blocks(data, position + 11 + _palette_bytes(flags), parts)
        else:
            break
    size = (int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little"))
    return Structure(complete=frames > 0 and position <= len(data), frames=frames, size=size)


def _palette_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


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
        unsupported="camera raw" if container.raw else unsupported(container.first),
        notes=(note,) if container.pages > 1 else (),
    )


def _webp(data: Data) -> Structure:
    """RIFF: the length in the header, plus eight bytes for the header itself."""
    return Structure(complete=8 + int.from_bytes(data[4:8], "little") <= len(data))


# ISO/IEC 14496-12: 4.2 boxes, 8.11.1 `meta`, 8.11.6 `iinf` and `infe`.
_META_HEADER_BYTES, _IINF_HEADER_BYTES = 4, {0: 6, 1: 8}
_INFE_NAMES_START = {2: 8, 3: 10}  # after version, flags and numbers, by version


def _heif(data: Data) -> Structure:
    complete, harm, parts = True, False, PartCounter(data)
    for kind, start, end in boxes(data, 0, len(data), parts):
        complete = end <= len(data)
        harm = harm or (kind == b"meta" and complete and _names_harm(data, start, end, parts))
    return Structure(complete=complete, names_harm=harm)


def boxes(
    data: Data, position: int, end: int, parts: PartCounter
) -> Iterator[tuple[bytes, int, int]]:
    """Yield each box's type, and the start and end of its content; the end may lie beyond the data.

    Size 0 means up to the end of the file, size 1 that a 64-bit size follows.
    """
    while position + 8 <= end:
        parts.count()
        size, start = int.from_bytes(data[position : position + 4], "big"), position + 8
        kind = bytes(data[position + 4 : position + 8])
        if size == 1:
            size, start = int.from_bytes(data[start : start + 8], "big"), start + 8
        position = end if size == 0 else position + max(size, start - position)
        yield kind, start, position


def _names_harm(data: Data, start: int, end: int, parts: PartCounter) -> bool:
    """Whether an item's type or name is not UTF-8, which crashes pi-heif 1.4.0 (pillow_heif#478)."""
    for kind, inner, inner_end in boxes(data, start + _META_HEADER_BYTES, end, parts):
        if kind == b"iinf" and inner < inner_end <= end:
            items = inner + _IINF_HEADER_BYTES.get(data[inner], 8)
            for _, item, item_end in boxes(data, items, inner_end, parts):
                names = item + _INFE_NAMES_START.get(data[item] if item < end else 0, 4)
                if not _is_text(bytes(data[names:item_end])):
                    return True
    return False


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


_READERS: dict[Format, Callable[[Data], Structure]] = {
    Format.JPEG: _jpeg,
    Format.PNG: _png,
    Format.WEBP: _webp,
    Format.AVIF: _heif,
    Format.HEIC: _heif,
}
