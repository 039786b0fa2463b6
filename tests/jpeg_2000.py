"""Codestreams of JPEG 2000 that say much about a picture, and have none of its data."""

from __future__ import annotations

import struct

COD, COC, MCT, UNKNOWN = b"\xff\x52", b"\xff\x53", b"\xff\x74", b"\xff\x70"


def segment(marker: bytes, content: bytes) -> bytes:
    return marker + struct.pack(">H", 2 + len(content)) + content


def style(*, levels: int = 0, block: int = 4, precinct: int = 15) -> bytes:
    """Return a coding style; *block* and *precinct* are exponents of sides, of blocks less 2."""
    return bytes([levels, block, block, 0, 1]) + bytes([precinct * 17]) * (levels + 1)


def coding(coded: bytes, layers: int = 1) -> bytes:
    return segment(COD, struct.pack(">BBHB", 1, 0, layers, 0) + coded)


def codestream(
    side: int,
    *markers: bytes,
    components: int = 1,
    tile_side: int | None = None,
    tile_markers: bytes = b"",
) -> bytes:
    """Return a square picture, with the first of its tiles, which is empty."""
    tile = tile_side or side
    size = struct.pack(">H8IH", 0, side, side, 0, 0, tile, tile, 0, 0, components)
    header = segment(b"\xff\x51", size + b"\7\1\1" * components)
    quantisation = segment(b"\xff\x5c", b"\x40\x40")
    inner = tile_markers + b"\xff\x93"
    start = segment(b"\xff\x90", struct.pack(">HIBB", 0, 12 + len(inner), 0, 1))
    return b"\xff\x4f" + header + b"".join(markers) + quantisation + start + inner + b"\xff\xd9"
