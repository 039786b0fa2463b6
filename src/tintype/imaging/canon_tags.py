"""The tags of a CR3, which Canon keeps in boxes, one directory in each, as one block of EXIF.

Each box has a TIFF with one directory, whose positions count from the box's own start. Start with
`joined_tags`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from tintype.imaging.boxes import boxes
from tintype.imaging.part_counter import PartCounter
from tintype.imaging.vips import Data

_IMAGE, _EXIF, _NOTE, _GPS = b"CMT1", b"CMT2", b"CMT3", b"CMT4"
_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")  # of a box beside `moov`
_ID_BYTES, _HEADER_BYTES = 16, 8  # of a `uuid` box, of a TIFF
_EXIF_TAG, _GPS_TAG, _NOTE_TAG, _XMP_TAG = 0x8769, 0x8825, 0x927C, 0x02BC
_BYTE, _LONG, _UNDEFINED = 1, 4, 7
_VALUE_BYTES = {3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}  # by type; others have 1
_INLINE = 4  # bytes of a value that stand in its entry, not elsewhere
_MOST_POSITION = 2**32 - 1


def joined_tags(data: Data) -> bytes | None:
    """Return image, EXIF and GPS directory, maker note and XMP as one TIFF; None without tags.

    Raises:
        UnreadableImageError: the file has too many parts.
    """
    found = dict(_blocks(data))
    image = found.get(_IMAGE, b"")
    if image[:4] not in {b"II*\0", b"MM\0*"}:
        return None
    joined = _Block(bytearray(image[:_HEADER_BYTES]), image[:1] == b"I", PartCounter(data))
    first = joined.moved(image)
    exif = joined.moved(found.get(_EXIF, b""))
    if note := found.get(_NOTE):
        exif.append(joined.entry(_NOTE_TAG, _UNDEFINED, note))
    if xmp := found.get(_XMP):
        first.append(joined.entry(_XMP_TAG, _BYTE, xmp))
    for tag, entries in ((_EXIF_TAG, exif), (_GPS_TAG, joined.moved(found.get(_GPS, b"")))):
        if entries:
            first.append(joined.pointer(tag, _LONG, 1, joined.directory(entries)))
    return joined.starting_with(first)


def _blocks(data: Data) -> Iterator[tuple[bytes, bytes]]:
    """Yield what Canon's boxes hold, by their names, and the XMP."""
    parts = PartCounter(data)
    for kind, start, end in boxes(data, 0, len(data), parts):
        if kind == b"uuid" and bytes(data[start : start + _ID_BYTES]) == _XMP:
            yield _XMP, bytes(data[start + _ID_BYTES : end])
        elif kind == b"moov":
            for inner, at, to in boxes(data, start, min(end, len(data)), parts):
                if inner == b"uuid":
                    for name, first, last in boxes(data, at + _ID_BYTES, to, parts):
                        yield name, bytes(data[first : min(last, to)])


@dataclass(frozen=True, slots=True)
class _Block:
    """A TIFF that grows; *little*: its byte order."""

    content: bytearray
    little: bool
    parts: PartCounter

    def moved(self, tiff: bytes) -> list[bytes]:
        """Append a TIFF of the same byte order; return its entries with their new positions."""
        base, entry = self._append(tiff), self._struct("HHII")
        if tiff[:2] != self.content[:2]:
            return []
        start = self._number(tiff[4:8])
        end = start + 2 + self._number(tiff[start : start + 2]) * entry.size
        entries = []
        for at in range(start + 2, min(end, len(tiff)) - entry.size + 1, entry.size):
            self.parts.count()
            tag, kind, count, position = entry.unpack_from(tiff, at)
            if _VALUE_BYTES.get(kind, 1) * count > _INLINE:
                entries.append(self.pointer(tag, kind, count, base + position))
            else:
                entries.append(tiff[at : at + entry.size])
        return entries

    def entry(self, tag: int, kind: int, content: bytes) -> bytes:
        """Append *content* of bytes; return its entry."""
        return self.pointer(tag, kind, len(content), self._append(content))

    def pointer(self, tag: int, kind: int, count: int, position: int) -> bytes:
        """Return the entry of a value that is at *position*."""
        return self._struct("HHII").pack(tag, kind, count, min(position, _MOST_POSITION))

    def directory(self, entries: list[bytes]) -> int:
        """Append a directory of the first 65,535 *entries*; return its position."""
        fit = entries[: 2**16 - 1]
        return self._append(self._struct("H").pack(len(fit)) + b"".join(fit) + bytes(4))

    def starting_with(self, entries: list[bytes]) -> bytes:
        """Return the file with these entries as its first directory."""
        position = self.directory(entries)
        self.content[4:8] = self._struct("I").pack(position)
        return bytes(self.content)

    def _append(self, content: bytes) -> int:
        position = len(self.content)
        self.content.extend(content)
        return position

    def _struct(self, layout: str) -> Struct:
        return Struct(("<" if self.little else ">") + layout)

    def _number(self, content: bytes) -> int:
        return int.from_bytes(content, "little" if self.little else "big")
