"""The container of a JPEG (ITU-T T.81, annex B): is every scan present, and is it well formed?

Nothing is decoded here. Phones and editors write containers with defects that all browsers accept;
`repaired` fixes them, so that any remaining decoder error is about the pixels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tintype.imaging.part_counter import PartCounter
from tintype.imaging.vips import Data

# A marker is FF and a byte; within a scan FF 00 is data and D0-D7 are restarts.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SOS, _EOI, _END = 0xDA, 0xD9, b"\xff\xd9"
_ALONE = frozenset({0x01, 0xD8})  # markers without a segment
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})  # frame types whose pixels need many scans
_SEQUENTIAL_HUFFMAN, _PROGRESSIVE_HUFFMAN = frozenset({0xC0, 0xC1}), 0xC2
_MOST_COMPONENTS, _ALL_COEFFICIENTS = 4, (1 << 64) - 1
_WHOLE_BLOCK = b"\0\x3f\0"  # the header of a sequential scan: coefficients 0 to 63, all bits
_PADDING = 16  # this many zero bytes at the end are not pixels
_FILM = b"ftyp"


@dataclass(frozen=True, slots=True)
class JpegContainer:
    """`ended`: it has its end marker. `whole`: it has none but all scans, the last maybe in part.

    `tidy`: there are no gaps between its segments, and its scan headers are correct.
    """

    ended: bool
    whole: bool
    tidy: bool
    scans: int


class _Segment(NamedTuple):
    """`start` is the position of its FF; `end` that of a scan's data, or of the next segment."""

    marker: int
    start: int
    end: int


def read_jpeg(data: Data) -> JpegContainer:
    """Walk to the end of the first picture, which previews and films may follow.

    A file with a single scan (as most have) that ends with its end marker is not read further.

    Raises:
        UnreadableImageError: it has too many segments.
    """
    scans, tidy, progressive, expected = 0, True, False, 2
    covered = _Coverage()
    for segment in _segments(data):
        if segment.marker == _EOI:
            return JpegContainer(ended=scans > 0, whole=False, tidy=tidy, scans=scans)
        if covered.whole:
            break
        covered.add(data, segment)
        progressive = progressive or segment.marker in _PROGRESSIVE
        is_scan = segment.marker == _SOS
        tidy = (
            tidy and not _gap(data, expected, segment) and not covered.misdescribed(data, segment)
        )
        expected = len(data) if is_scan else segment.end
        scans += is_scan
        if is_scan and not progressive and data[-2:] == _END:
            return JpegContainer(ended=True, whole=False, tidy=tidy, scans=1)
    return JpegContainer(ended=False, whole=covered.whole, tidy=tidy, scans=scans)


def repaired(data: Data) -> bytes:
    """Return the picture without gaps between its segments, and with an end marker.

    Headers of baseline scans are corrected; padding and a film after the last scan are removed.
    """
    pieces, covered, scan = [bytes(data[:2])], _Coverage(), 0
    for segment in _segments(data):
        left_open = covered.whole and segment.marker != _EOI
        if scan and not left_open:
            pieces.append(bytes(data[scan : segment.start]))
        if left_open or segment.marker == _EOI:
            break
        covered.add(data, segment)
        scan = segment.end if segment.marker == _SOS else 0
        misdescribed = covered.misdescribed(data, segment)
        end = segment.end - len(_WHOLE_BLOCK) if misdescribed else segment.end
        pieces.append(bytes(data[segment.start : end]) + (_WHOLE_BLOCK if misdescribed else b""))
    else:
        left_open, segment = True, None
    if scan and left_open:
        pieces.append(_pixels(data, scan, segment.start if segment else len(data)))
    return b"".join([*pieces, _END])


class _Coverage:
    """Which coefficients of which components are complete up to their last bit."""

    def __init__(self) -> None:
        self._missing: dict[int, int] = {}
        self._frame = 0

    @property
    def whole(self) -> bool:
        """Whether no coefficient is missing; always False for codings that hide truncation."""
        known = self._frame in _SEQUENTIAL_HUFFMAN or self._frame == _PROGRESSIVE_HUFFMAN
        return known and not any(self._missing.values())

    def add(self, data: Data, segment: _Segment) -> None:
        if segment.marker in _SEQUENTIAL_HUFFMAN or segment.marker in _PROGRESSIVE:
            self._frame = segment.marker
            identities = data[segment.start + 10 : segment.end : 3][:_MOST_COMPONENTS]
            self._missing = dict.fromkeys(identities, _ALL_COEFFICIENTS)
        if segment.marker == _SOS and segment.end <= len(data):
            first, last, bits = data[segment.end - 3 : segment.end]
            done = _ALL_COEFFICIENTS
            if self._frame not in _SEQUENTIAL_HUFFMAN:
                done = 0 if bits & 0xF else (2 << min(last, 63)) - (1 << min(first, 63))
            for identity in data[segment.start + 5 : segment.end - 3 : 2][:_MOST_COMPONENTS]:
                self._missing[identity] = self._missing.get(identity, 0) & ~done

    def misdescribed(self, data: Data, segment: _Segment) -> bool:
        """Whether a scan of whole blocks has a wrong header, as written by Samsung phones."""
        return (
            segment.marker == _SOS
            and self._frame in _SEQUENTIAL_HUFFMAN
            and segment.end <= len(data)
            and data[segment.end - 3 : segment.end] != _WHOLE_BLOCK
        )


def _segments(data: Data) -> Iterator[_Segment]:
    position, parts = 2, PartCounter(data)
    while (found := _MARKER.search(data, position)) is not None:
        marker, position = data[found.start() + 1], found.end()
        if marker not in _ALONE:
            position += int.from_bytes(data[position : position + 2], "big")
        parts.count()
        yield _Segment(marker, found.start(), position)


def _gap(data: Data, expected: int, segment: _Segment) -> bool:
    """Whether anything but fill bytes (FF) precedes a segment."""
    return bool(bytes(data[expected : segment.start]).strip(b"\xff"))


def _pixels(data: Data, start: int, end: int) -> bytes:
    """Return a scan's data without the zeros or film that follow if the end marker is missing."""
    pixels = bytes(data[start:end])
    film = pixels.find(_FILM) - 4  # a box begins with its size
    if film >= 0 and pixels[film : film + 2] == b"\0\0":
        pixels = pixels[:film]
    unpadded = pixels.rstrip(b"\0")
    return unpadded if len(pixels) - len(unpadded) >= _PADDING else pixels
