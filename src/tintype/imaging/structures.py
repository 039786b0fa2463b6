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
    pages of a TIFF, `scans` a JPEG's; `packed_text` is the bytes of a PNG's compressed texts.
    """

    complete: bool
    frames: int = 1
    scans: int = 1
    packed_text: int = 0


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
_SOS, _EOI = 0xDA, 0xD9
_ALONE = frozenset({0x01, 0xD8})  # markers without a segment


def _jpeg(data: Data) -> Structure:
    """Count the scans up to the end of the first picture; previews and films may follow it."""
    position, scans = 2, 0
    while (found := _JPEG_MARKER.search(data, position)) is not None:
        marker, position = data[found.start() + 1], found.end()
        if marker == _EOI:
            return Structure(complete=scans > 0, scans=scans)
        if marker not in _ALONE:
            position += int.from_bytes(data[position : position + 2], "big")
        scans += marker == _SOS
    return Structure(complete=False, scans=scans)


# PNG: W3C Recommendation, section 5. Length, four letters, content, checksum.
_PNG_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_PNG_PACKED = frozenset({b"zTXt", b"iTXt"})


def _png(data: Data) -> Structure:
    packed = 0
    for kind, start, end in _png_chunks(data):
        if end > len(data):
            return Structure(complete=False, packed_text=packed)
        if kind == b"IEND":
            return Structure(complete=True, packed_text=packed)
        packed += end - start if kind in _PNG_PACKED else 0
    return Structure(complete=False, packed_text=packed)


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
    return Structure(complete=frames > 0 and position <= len(data), frames=frames)


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


def _boxes(data: Data) -> Structure:
    """ISO/IEC 14496-12, 4.2: boxes one after the other; a size of 0 reaches to the end of the file."""
    position = 0
    while position + 8 <= len(data):
        size = int.from_bytes(data[position : position + 4], "big")
        if size == 1:
            size = int.from_bytes(data[position + 8 : position + 16], "big")
        if size == 0:
            return Structure(complete=True)
        position += max(size, 8)
    return Structure(complete=position <= len(data))


_READERS: dict[Format, Callable[[Data], Structure]] = {
    Format.JPEG: _jpeg,
    Format.PNG: _png,
    Format.WEBP: _webp,
    Format.AVIF: _boxes,
    Format.HEIC: _boxes,
}
