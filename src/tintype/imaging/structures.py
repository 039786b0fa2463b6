"""The outer structure of a file: is it all there, and does it hold more than a picture should?

Nothing is decompressed here. libvips decodes what there is of a cut GIF without a word, unpacks every
text of a PNG and every scan of a JPEG before anything can stop it; so we look first.
Start with `read_structure`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from tintype.imaging.formats import Format
from tintype.imaging.vips import Data


@dataclass(frozen=True, slots=True)
class Structure:
    """What can be seen from outside.

    `complete` says that the file does not end within a part; `frames` counts those of a GIF and the
    pages of a TIFF, `scans` a JPEG's; `size` is what a PNG or a GIF says of itself. `texts_harm` says
    that a PNG's texts would keep a decoder busy or trip it, `names_harm` the same of an AVIF's or
    HEIC's parts.
    """

    complete: bool
    frames: int = 1
    scans: int = 1
    size: tuple[int, int] | None = None
    texts_harm: bool = False
    names_harm: bool = False


def read_structure(data: Data, format_: Format, *, max_frames: int) -> Structure:
    """Return the structure of *data*; frames and pages are counted to *max_frames* + 1."""
    if format_ is Format.GIF:
        return _gif(data, max_frames)
    if format_ is Format.TIFF:
        return _tiff(data, max_frames)
    read = _READERS.get(format_)
    return read(data) if read else Structure(complete=True)


def without_texts(data: Data) -> bytes:
    """Return a PNG without its text chunks (`tEXt`, `zTXt`, `iTXt`)."""
    kept = [bytes(data[:8])]
    kept += [bytes(data[at:end]) for kind, at, end in _png_chunks(data) if kind not in _PNG_TEXTS]
    return b"".join(kept)


# JPEG: ITU-T T.81, annex B. A marker is FF and a byte; within a scan FF 00 is data and D0-D7 restart.
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SOS, _EOI, _END = 0xDA, 0xD9, b"\xff\xd9"
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})  # frames whose pixels need many scans
_ALONE = frozenset({0x01, 0xD8})  # markers without a segment


def _jpeg(data: Data) -> Structure:
    """Count the scans up to the end of the first picture; previews and films may follow it.

    A file with one scan for all, as most are, and with its end at the end, is not read through.
    """
    position, scans, progressive = 2, 0, False
    while (found := _JPEG_MARKER.search(data, position)) is not None:
        marker, position = data[found.start() + 1], found.end()
        if marker == _EOI:
            return Structure(complete=scans > 0, scans=scans)
        if marker not in _ALONE:
            position += int.from_bytes(data[position : position + 2], "big")
        progressive = progressive or marker in _PROGRESSIVE
        scans += marker == _SOS
        if scans and not progressive and data[-2:] == _END:
            return Structure(complete=True)
    return Structure(complete=False, scans=scans)


# PNG: W3C Recommendation, section 5. Length, four letters, content, checksum.
_PNG_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_PNG_PACKED = frozenset({b"zTXt", b"iTXt"})
_LONGEST_KEYWORD = 79
# Bytes of compressed texts, each of which may unpack to a thousand times as many.
_MOST_PACKED_BYTES = 65_536


def _png(data: Data) -> Structure:
    complete, packed, odd = False, 0, False
    for kind, start, end in _png_chunks(data):
        complete = kind == b"IEND" and end <= len(data)
        if kind == b"IEND" or end > len(data):
            break
        packed += end - start if kind in _PNG_PACKED else 0
        odd = odd or (kind in _PNG_TEXTS and not _keyword(data, start).isascii())
    texts_harm = odd or packed > _MOST_PACKED_BYTES
    return Structure(complete, size=_png_size(data), texts_harm=texts_harm)


def _png_size(data: Data) -> tuple[int, int] | None:
    if data[12:16] != b"IHDR":
        return None
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _keyword(data: Data, start: int) -> bytes:
    """Return the name of a text chunk; libvips makes a field's name of it, in UTF-8."""
    return bytes(data[start + 8 : start + 8 + _LONGEST_KEYWORD + 1]).partition(b"\0")[0]


def _png_chunks(data: Data) -> Iterator[tuple[bytes, int, int]]:
    """Yield each chunk's kind, where it starts and where it ends, which may be past the end."""
    position = 8
    while position + 8 <= len(data):
        end = position + 12 + int.from_bytes(data[position : position + 4], "big")
        yield bytes(data[position + 4 : position + 8]), position, end
        position = end


# GIF89a, appendix B.
_GIF_EXTENSION, _GIF_FRAME, _GIF_HEADER_BYTES = 0x21, 0x2C, 13


def _gif(data: Data, max_frames: int) -> Structure:
    """Count the frames; a missing trailer is forgiven where a block has just ended."""
    if len(data) < _GIF_HEADER_BYTES:
        return Structure(complete=False, frames=0)
    position, frames = _GIF_HEADER_BYTES + _palette_bytes(data[10]), 0
    while position < len(data) and frames <= max_frames:
        kind = data[position]
        if kind == _GIF_EXTENSION:
            position = _after_sub_blocks(data, position + 2)
        elif kind == _GIF_FRAME:
            frames += 1
            flags = data[position + 9] if position + 9 < len(data) else 0
            position = _after_sub_blocks(data, position + 11 + _palette_bytes(flags))
        else:
            break
    size = (int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little"))
    return Structure(complete=frames > 0 and position <= len(data), frames=frames, size=size)


def _palette_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_sub_blocks(data: Data, position: int) -> int:
    """Return the position after a chain of length-prefixed blocks; past the end if it is cut."""
    end = len(data)
    while position < end:
        length = data[position]
        position += 1 + length
        if length == 0:
            return position
    return end + 1


# TIFF 6.0, section 2: a chain of directories of twelve-byte entries.
_TIFF_ENTRY_BYTES = 12


def _tiff(data: Data, max_frames: int) -> Structure:
    """Count the pages; libtiff would go through them all, however many there are."""
    order: Literal["little", "big"] = "little" if data[:1] == b"I" else "big"
    position, pages = int.from_bytes(data[4:8], order), 0
    while position and pages <= max_frames:
        entries = int.from_bytes(data[position : position + 2], order)
        end = position + 2 + entries * _TIFF_ENTRY_BYTES
        if end + 4 > len(data):
            return Structure(complete=False, frames=pages)
        position, pages = int.from_bytes(data[end : end + 4], order), pages + 1
    return Structure(complete=pages > 0, frames=pages)


def _webp(data: Data) -> Structure:
    """RIFF: the length that the header gives, and eight bytes for the header."""
    return Structure(complete=8 + int.from_bytes(data[4:8], "little") <= len(data))


# ISO/IEC 14496-12: 4.2 boxes, 8.11.1 `meta`, 8.11.6 `iinf` and `infe`.
_META_HEADER_BYTES, _IINF_HEADER_BYTES = 4, {0: 6, 1: 8}
_INFE_NAMES_START = {2: 8, 3: 10}  # behind version, flags and numbers, by version


def _heif(data: Data) -> Structure:
    complete, harm = True, False
    for kind, start, end in _boxes(data, 0, len(data)):
        complete = end <= len(data)
        harm = harm or (kind == b"meta" and complete and _names_harm(data, start, end))
    return Structure(complete=complete, names_harm=harm)


def _boxes(data: Data, position: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield each box's kind, where its content starts and where it ends, which may be past the end.

    A size of 0 reaches to the end of the file, a size of 1 says that a longer one follows.
    """
    while position + 8 <= end:
        size, start = int.from_bytes(data[position : position + 4], "big"), position + 8
        kind = bytes(data[position + 4 : position + 8])
        if size == 1:
            size, start = int.from_bytes(data[start : start + 8], "big"), start + 8
        position = end if size == 0 else position + max(size, start - position)
        yield kind, start, position


def _names_harm(data: Data, start: int, end: int) -> bool:
    """Whether the kind or name of an item is no text; pi-heif 1.4.0 crashes on it (pillow_heif#478)."""
    for kind, inner, inner_end in _boxes(data, start + _META_HEADER_BYTES, end):
        if kind == b"iinf" and inner < inner_end <= end:
            items = inner + _IINF_HEADER_BYTES.get(data[inner], 8)
            for _, item, item_end in _boxes(data, items, inner_end):
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
