"""The parts of a JPEG 2000 (ISO/IEC 15444-1): its tiles, their code blocks, and its profile.

Nothing is decoded here; OpenJPEG shows what it has of a picture that lacks tiles.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from struct import error, unpack_from

from tintype.imaging.boxes import boxes
from tintype.imaging.part_counter import PartCounter
from tintype.imaging.vips import Data

# Markers of a codestream (A.2), of which the first one and the one before the data have no length.
_SOC, _SIZ, _COD, _COC, _SOT, _SOD, _EOC = 0xFF4F, 0xFF51, 0xFF52, 0xFF53, 0xFF90, 0xFF93, 0xFFD9
_MCT = 0xFF74  # of part 2
# All that OpenJPEG knows. Behind another one it takes the next of these, whatever length is said.
_KNOWN = frozenset(
    {_SIZ, _COD, _COC, _SOT, _EOC, _MCT, 0xFF50, 0xFF55, 0xFF57, 0xFF58, 0xFF59, 0xFF5C, 0xFF5D}
    | {0xFF5E, 0xFF5F, 0xFF60, 0xFF61, 0xFF63, 0xFF64, 0xFF75, 0xFF77, 0xFF78}
)
# Of a tile: OpenJPEG takes 500 bytes for a code block, 2 for a packet. 50 megapixels have 200,000
# blocks of 32 x 32 if they are one tile, and 800,000 if they are tiles of 64 x 64 with 5 levels.
_MOST_BLOCKS, _MOST_BLOCKS_OF_ALL_TILES = 300_000, 3_000_000
_MOST_PACKETS = 20_000_000
_MOST_COMPONENTS = 4
_MOST_TRANSFORM_BYTES = 20_000_000  # of all tiles, for each of which OpenJPEG copies them


def lacks_tiles(data: Data) -> bool:
    """Whether a tile is missing, or the file ends within one (A.4.2, A.5.1).

    Raises:
        UnreadableImageError: it has too many parts.
    """
    end = _codestream(data)[1]
    tiles, found = 0, set[int]()
    try:
        for marker, position in _markers(data):
            if marker == _SIZ:
                tiles = _tiles(data, position)
            if marker == _SOT:
                number, size = unpack_from(">HI", data, position + 4)
                found.add(number)
                if position + size > end:
                    return True
    except error:  # it ends within a marker, which may be the last one
        pass
    return len(found) < tiles


def unsupported_kind(data: Data) -> str | None:
    """Return what would take far more memory than the pixels do, or None; worst cases are counted.

    Raises:
        UnreadableImageError: it has too many parts.
    """
    header = _header(data)
    tiles, components, layers = header.tiles, header.components, header.layers
    counts = [_blocks_and_precincts(header, style) for style in header.styles]
    blocks = components * max((count[0] for count in counts), default=0)
    packets = components * (layers + 1) * max((count[1] for count in counts), default=0)
    if components > _MOST_COMPONENTS:
        return f"JPEG 2000 of {components:,} components"
    if blocks > _MOST_BLOCKS or blocks * tiles > _MOST_BLOCKS_OF_ALL_TILES:
        return f"JPEG 2000 of {blocks * tiles:,} code blocks"
    if packets > _MOST_PACKETS:
        return f"JPEG 2000 of {layers:,} layers with {packets:,} packets"
    if header.transform_bytes * tiles > _MOST_TRANSFORM_BYTES:
        return "JPEG 2000 with large transforms of components in many tiles"
    return None


@dataclass(slots=True)
class _Header:
    """What SIZ says, with the size of the largest tile, and every coding style of the file."""

    components: int = 0
    tiles: int = 0
    width: int = 0
    height: int = 0
    layers: int = 1
    transform_bytes: int = 0
    styles: set[bytes] = field(default_factory=set)


def _header(data: Data) -> _Header:
    header = _Header()
    with suppress(error, IndexError):  # it ends within a marker
        for marker, at in _markers(data):
            if marker == _SIZ and not header.components:
                right, bottom, left, top, width, height = unpack_from(">6I", data, at + 6)
                header.width, header.height = min(width, right - left), min(height, bottom - top)
                header.tiles = _tiles(data, at)
                (header.components,) = unpack_from(">H", data, at + 38)
            elif marker == _COD:
                header.layers = max(header.layers, *unpack_from(">H", data, at + 6))
                header.styles.add(_style(data, at + 4, at + 9))
            elif marker == _COC:
                header.styles.add(_style(data, at + 5, at + 6))
            elif marker == _MCT:
                header.transform_bytes += unpack_from(">H", data, at + 2)[0]
    return header


def _style(data: Data, flags: int, levels: int) -> bytes:
    """Return a coding style from its number of levels on, with all precincts (A.6.1, A.6.2)."""
    given = 5 + (data[levels] + 1 if data[flags] & 1 else 0)
    return bytes(data[levels : levels + given]).ljust(6 + data[levels], b"\xff")


def _blocks_and_precincts(header: _Header, style: bytes) -> tuple[int, int]:
    """Return how many code blocks one component of a tile has, and precincts: as many at each level.

    A precinct has a code block of its own in each band (B.6, B.7).
    """
    levels, across, down = style[0], (style[1] & 15) + 2, (style[2] & 15) + 2
    blocks, most = 0, 0
    for level, precinct in enumerate(style[5:]):
        wide, high = (-(-one >> levels - level) for one in (header.width, header.height))
        bands, halved = (3, 1) if level else (1, 0)
        block = min(across + halved, precinct & 15), min(down + halved, precinct >> 4)
        blocks += bands * -(-wide >> block[0]) * -(-high >> block[1])
        most = max(most, -(-wide >> (precinct & 15)) * -(-high >> (precinct >> 4)))
    return blocks, most * (levels + 1)


def _markers(data: Data) -> Iterator[tuple[int, int]]:
    """Yield each marker in the headers of the file and its tiles as OpenJPEG reads them, and where.

    Raises:
        UnreadableImageError: there are too many.
        error: the file ends within one.
    """
    parts = PartCounter(data)
    position, end = _codestream(data)
    (marker,) = unpack_from(">H", data, position)
    position += 2 if marker == _SOC else 0
    behind = 0  # the tile in whose header this is
    while position + 2 <= end:
        (marker,) = unpack_from(">H", data, position)
        if marker == _SOD and behind > position:
            position = behind
            continue
        parts.count()
        if marker not in _KNOWN:
            position += 2
        else:
            yield marker, position
            if marker == _EOC:
                return
            length, size = unpack_from(">H2xI", data, position + 2)
            if marker == _SOT:
                behind = position + (size or end - position)  # 0: up to the end
            position += 2 + length


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
