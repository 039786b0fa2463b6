"""The parts of a JPEG 2000 (ISO/IEC 15444-1): whether all its tiles are there, and its profile.

Nothing is decoded here; OpenJPEG shows what it has of a picture that lacks tiles.
"""

from __future__ import annotations

from struct import error, unpack_from

from tintype.imaging.boxes import boxes
from tintype.imaging.part_counter import PartCounter
from tintype.imaging.vips import Data

# Markers of a codestream (A.2), whose first one has no length.
_SOC, _SIZ, _SOT, _EOC = 0xFF4F, 0xFF51, 0xFF90, 0xFFD9


def lacks_tiles(data: Data) -> bool:
    """Whether a tile is missing, or the file ends within one (A.4.2, A.5.1).

    Raises:
        UnreadableImageError: it has too many parts.
    """
    position, end = _codestream(data)
    parts, tiles, found = PartCounter(data), 0, set[int]()
    try:
        (marker,) = unpack_from(">H", data, position)
        position += 2 if marker == _SOC else 0
        while position + 2 <= end:
            parts.count()
            marker, length = unpack_from(">HH", data, position)
            if marker == _SIZ:
                tiles = _tiles(data, position)
            if marker == _SOT:
                number, size = unpack_from(">HI", data, position + 4)
                found.add(number)
                size = size or end - position  # 0: up to the end
                if position + size > end:
                    return True
                position += max(size, 12)
            elif marker == _EOC:
                break
            else:
                position += 2 + length
    except error:  # it ends within a marker, which may be the last one
        pass
    return len(found) < tiles


def _tiles(data: Data, siz: int) -> int:
    """Return the number of tiles: of a grid that need not begin where the picture does."""
    right, bottom, _, _, width, height, left, top = unpack_from(">8I", data, siz + 6)
    if not width or not height:
        return 0  # which the decoder refuses
    return int(-(-(right - left) // width) * -(-(bottom - top) // height))


def _codestream(data: Data) -> tuple[int, int]:
    """Return where the codestream begins and ends: in a JP2, the box with it (I.5.4)."""
    if bytes(data[:2]) == b"\xff\x4f":
        return 0, len(data)
    for kind, start, end in boxes(data, 0, len(data), PartCounter(data)):
        if kind == b"jp2c":
            return start, min(end, len(data))
    return 0, 0


def jp2_profile(data: Data) -> bytes | None:
    """Return the ICC profile of a JP2 (I.5.3.3), or None."""
    parts = PartCounter(data)
    for kind, start, end in boxes(data, 0, len(data), parts):
        if kind == b"jp2h":
            for inner, at, inner_end in boxes(data, start, min(end, len(data)), parts):
                if inner == b"colr" and bytes(data[at : at + 1]) == b"\2":
                    return bytes(data[at + 3 : inner_end])
        elif kind == b"jp2c":
            break
    return None
