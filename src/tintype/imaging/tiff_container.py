"""The directories of a TIFF (TIFF 6.0, section 2): its pages, and what kind of picture it holds.

Nothing is decoded here. Start with `read_tiff`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from tintype.imaging.part_counter import PartCounter
from tintype.imaging.vips import Data

ByteOrder = Literal["little", "big"]
Tags = Mapping[int, tuple[int, ...]]

_ENTRY_BYTES = 12
_TYPE_BYTES = {1: 1, 3: 2, 4: 4, 13: 4}  # bytes, shorts, longs and offsets of directories
_MOST_VALUES = 8  # of a tag; longer ones are tables of strips, colours and texts

ORIENTATION = 274
_KIND, _BITS, _COMPRESSION, _PHOTOMETRIC = 254, 258, 259, 262
_EXTRA, _UNSPECIFIED = 338, 0
_PLANES, _TILE_WIDTH, _INNER, _SAMPLE_FORMAT, _DNG_VERSION = 284, 322, 330, 339, 50706
_REDUCED, _SEPARATE = 1, 2

# One colour a pixel (TIFF/EP), and sensor data of all colours (DNG 1.7).
_SENSOR_DATA = frozenset({32803, 34892})
# At byte 8 of a CR2, whose sensor data have no photometric interpretation; Phase One's have none of
# TIFF's directories, and the fifth byte says how they are compressed.
_CANON = b"CR\x02"
_PHASE_ONE = re.compile(rb".{8}(?:IIII.waR|MMMMRaw)", re.DOTALL)

_WHITE_0, _GREY, _RGB, _PALETTE, _CMYK, _YCC, _LAB, _LUV = 0, 1, 2, 3, 5, 6, 8, 32845
_MEANINGS = {_YCC: "YCbCr colours", _LAB: "CIELAB colours", 32844: "LogL luminance"}
_FAX, _JPEG, _WEBP, _LOG = frozenset({2, 3, 4}), 7, 50001, frozenset({34676, 34677})
_LOSSLESS = frozenset({1, 5, 8, 32946, 32773})  # none, LZW, deflate (twice), PackBits
_COMPRESSIONS = {
    6: "old JPEG",
    34661: "JBIG",
    34712: "JPEG 2000",
    34887: "LERC",
    34925: "LZMA",
    50000: "Zstandard",
    50002: "JPEG XL",
}
_NUMBERS = {2: "signed", 3: "floating-point", 5: "complex", 6: "complex"}
# Bits that libvips reads right, by meaning; compared with the test files of libtiff and image-tiff.
_PLAIN_BITS = {
    _WHITE_0: (1, 2, 4, 8, 16),
    _GREY: (1, 2, 4, 8, 16),
    _RGB: (8, 16),
    _PALETTE: (1, 2, 4, 8),
    _CMYK: (8, 16),
    _LAB: (16,),
}


@dataclass(frozen=True, slots=True)
class TiffContainer:
    """`complete`: no directory ends beyond the file. `first` has the numbers of the first page.

    `starts` are the positions of the pages' directories. `raw`: the file is a camera's sensor data.
    """

    complete: bool
    starts: tuple[int, ...]
    first: Tags
    raw: bool

    @property
    def pages(self) -> int:
        """The number of pages."""
        return len(self.starts)


def read_tiff(data: Data, max_pages: int) -> TiffContainer:
    """Read the directories of *data*, counting pages up to *max_pages* + 1.

    Raises:
        UnreadableImageError: the directories have too many entries.
    """
    order: ByteOrder = "little" if data[:1] == b"I" else "big"
    position = _number(data, 4, 4, order)
    starts: list[int] = []
    first: Tags = {}
    raw, parts = _begins_as_raw(bytes(data[:16])), PartCounter(data)
    complete = True
    while complete and position and len(starts) <= max_pages:
        entries = _number(data, position, 2, order)
        end = position + 2 + entries * _ENTRY_BYTES
        complete = end + 4 <= len(data)
        if not complete:
            break
        if not starts:
            first = dict(_tags(data, position, entries, order, parts))
            raw = raw or _is_raw(first) or any(map(_is_raw, _inner(data, first, order, parts)))
        starts.append(position)
        position = _number(data, end, 4, order)
    return TiffContainer(complete and bool(starts), tuple(starts), first, raw=raw)


def unsupported(tags: Tags) -> str | None:
    """Return why a page would come out wrong, or None if it is known to come out right.

    >>> unsupported({_PHOTOMETRIC: (1,), _BITS: (32,), _SAMPLE_FORMAT: (3,)})
    'TIFF with floating-point numbers'
    >>> unsupported({_PHOTOMETRIC: (2,), _BITS: (8, 8, 8), _COMPRESSION: (5,)})
    """
    meaning, compression = _first(tags, _PHOTOMETRIC, _GREY), _first(tags, _COMPRESSION, 1)
    bits = set(tags.get(_BITS, (1,)))
    if meaning == _LUV and compression in _LOG:
        return None
    wrong = None
    if _first(tags, _KIND, 0) & _REDUCED:
        wrong = "only a thumbnail as its first picture"
    elif compression in _COMPRESSIONS:
        wrong = f"{_COMPRESSIONS[compression]} compression"
    elif _first(tags, _SAMPLE_FORMAT, 1) in _NUMBERS:
        wrong = f"{_NUMBERS[_first(tags, _SAMPLE_FORMAT, 1)]} numbers"
    elif _first(tags, _PLANES, 1) == _SEPARATE and _TILE_WIDTH in tags:
        wrong = "tiles of single channels"
    elif not _fits(meaning, compression, bits):
        listed = " and ".join(map(str, sorted(bits)))
        wrong = _MEANINGS.get(meaning, f"{listed} bits per channel")
    return wrong and f"TIFF with {wrong}"


def only_page(data: Data, number: int) -> bytes:
    """Return the file with no page but this one, or the last: libtiff would walk through all others."""
    order: ByteOrder = "little" if data[:1] == b"I" else "big"
    start = read_tiff(data, number - 1).starts[:number][-1]
    link = start + 2 + _number(data, start, 2, order) * _ENTRY_BYTES
    file = bytearray(data)
    file[4:8], file[link : link + 4] = start.to_bytes(4, order), bytes(4)
    return bytes(file)


def orientation(data: Data) -> int:
    """Return the orientation of the first page, as found; 1 if there is none."""
    return _first(read_tiff(data, 0).first, ORIENTATION, 1)


def has_unknown_sample(data: Data) -> bool:
    """Whether the sample after the colours is said to be anything (TIFF 6.0, section 18).

    One that nothing is said of, against the specification, counts as opacity, as in libtiff.
    """
    return _first(read_tiff(data, 0).first, _EXTRA, 1) == _UNSPECIFIED


def _fits(meaning: int, compression: int, bits: set[int]) -> bool:
    if compression == _JPEG:
        return bits == {8} and meaning in {_GREY, _RGB, _CMYK, _YCC}
    if compression == _WEBP:
        return bits == {8} and meaning == _RGB
    if compression in _FAX:
        return bits == {1} and meaning in {_WHITE_0, _GREY}
    allowed = _PLAIN_BITS.get(meaning, ())
    return compression in _LOSSLESS and len(bits) == 1 and bits <= set(allowed)


def _begins_as_raw(head: bytes) -> bool:
    return head.startswith(_CANON, 8) or _PHASE_ONE.match(head) is not None


def _is_raw(tags: Tags) -> bool:
    return _DNG_VERSION in tags or _first(tags, _PHOTOMETRIC, 0) in _SENSOR_DATA


def _first(tags: Tags, number: int, default: int) -> int:
    return tags.get(number, (default,))[0]


def _inner(data: Data, tags: Tags, order: ByteOrder, parts: PartCounter) -> Iterator[Tags]:
    """Yield the directories that a page refers to, among them a camera's sensor data."""
    for position in tags.get(_INNER, ()):
        entries = _number(data, position, 2, order)
        yield dict(_tags(data, position, entries, order, parts))


def _tags(
    data: Data, position: int, entries: int, order: ByteOrder, parts: PartCounter
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield the tags of a directory whose values are whole numbers, and few."""
    start = position + 2
    for at in range(start, min(start + entries * _ENTRY_BYTES, len(data)), _ENTRY_BYTES):
        parts.count()
        size = _TYPE_BYTES.get(_number(data, at + 2, 2, order), 0)
        count = _number(data, at + 4, 4, order)
        if size and 0 < count <= _MOST_VALUES:
            values = at + 8 if size * count <= 4 else _number(data, at + 8, 4, order)  # noqa: PLR2004
            numbers = (_number(data, values + n * size, size, order) for n in range(count))
            yield _number(data, at, 2, order), tuple(numbers)


def _number(data: Data, position: int, size: int, order: ByteOrder) -> int:
    return int.from_bytes(data[position : position + size], order)
