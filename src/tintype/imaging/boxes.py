"""The boxes of an ISO base media file (ISO/IEC 14496-12, 4.2), such as an AVIF or HEIC."""

from __future__ import annotations

from collections.abc import Iterator

from tintype.imaging.part_counter import PartCounter
from tintype.imaging.vips import Data


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
