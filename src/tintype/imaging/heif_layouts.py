"""The canvases that items of a HEIC or AVIF are laid out on (ISO/IEC 23008-12, 6.6.2), undecoded.

A picture of tiles (`grid`) or layers (`iovl`) has its size twice: as a property, which says what it
is shown as, and in its own few bytes, by which a decoder takes memory. The two may contradict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tintype.imaging.boxes import boxes
from tintype.imaging.part_counter import PartCounter
from tintype.imaging.vips import Data

_SIZE_STARTS = {b"grid": 4, b"iovl": 10}  # after version and flags; rows and columns, or a colour
_IN_FILE, _IN_META = 0, 1  # construction methods
_MOST_BYTES = 18  # of an `iovl` up to its size


def canvases(
    data: Data, meta: Mapping[bytes, bytes], parts: PartCounter
) -> Iterator[tuple[int, int]]:
    """Yield the width and height in pixels of every canvas, by the boxes of *meta*.

    Raises:
        UnreadableImageError: it has too many parts.
    """
    kinds = item_types(meta.get(b"iinf", b""), parts)
    laid_out = {item: kind for item, kind in kinds if kind in _SIZE_STARTS}
    for item, content in _contents(data, meta, set(laid_out), parts):
        start, size = _SIZE_STARTS[laid_out[item]], 4 if content[1:2] and content[1] & 1 else 2
        width, height = content[start : start + size], content[start + size : start + 2 * size]
        yield int.from_bytes(width, "big"), int.from_bytes(height, "big")


def item_types(iinf: bytes, parts: PartCounter) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the type of every item (ISO/IEC 14496-12, 8.11.6).

    Raises:
        UnreadableImageError: there are too many.
    """
    start = 6 if iinf[:1] == b"\0" else 8
    for kind, at, end in boxes(iinf, start, len(iinf), parts):
        if kind == b"infe" and at < end:
            id_bytes = 2 if iinf[at] == 2 else 4  # noqa: PLR2004 - the version
            type_at = at + 4 + id_bytes + 2
            number = int.from_bytes(iinf[at + 4 : at + 4 + id_bytes], "big")
            yield number, iinf[type_at : type_at + 4]


def _contents(
    data: Data, meta: Mapping[bytes, bytes], wanted: set[int], parts: PartCounter
) -> Iterator[tuple[int, bytes]]:
    """Yield the first bytes of the *wanted* items (ISO/IEC 14496-12, 8.11.3)."""
    read = _Reader(meta.get(b"iloc", b""))
    version = read.number(1)
    read.number(3)
    sizes = read.number(2)
    offset_bytes, length_bytes, base_bytes = (sizes >> shift & 15 for shift in (12, 8, 4))
    index_bytes = sizes & 15 if version else 0
    id_bytes = 2 if version < 2 else 4  # noqa: PLR2004
    for _ in range(read.number(id_bytes)):
        if read.is_at_end:
            return
        parts.count()
        item = read.number(id_bytes)
        method = read.number(2) & 15 if version else _IN_FILE
        read.number(2)
        base = read.number(base_bytes)
        content = b""
        for _ in range(read.number(2)):
            parts.count()
            read.number(index_bytes)
            start, length = base + read.number(offset_bytes), read.number(length_bytes)
            if item in wanted and len(content) < _MOST_BYTES:
                source = meta.get(b"idat", b"") if method == _IN_META else data
                content += bytes(source[start : start + min(length or _MOST_BYTES, _MOST_BYTES)])
        if item in wanted:
            yield item, content


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    @property
    def is_at_end(self) -> bool:
        return self._at >= len(self._content)

    def number(self, size: int) -> int:
        self._at += size
        return int.from_bytes(self._content[self._at - size : self._at], "big")
