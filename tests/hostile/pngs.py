"""PNGs that unpack to gigabytes or contradict themselves (PNG specification, third edition)."""

from __future__ import annotations

import struct
import zlib
from functools import partial

from tests.hostile.strangers import noise
from tests.hostile.table import (
    BROKEN,
    Hostile,
    anything,
    broken,
    doubtful,
    harmless,
    heavy,
    huge,
    like,
)
from tests.pictures import original, picture
from tests.wire import PNG_END, patch, png_chunk, png_header, png_insert, zeros_deflated
from tintype.imaging.formats import Format

_GB = 1_000_000_000


def blank(width: int, height: int, *, depth: int = 1, colour: int = 0, lace: int = 0) -> bytes:
    """Return a black PNG of any size in no time, complete and valid (interlaced: square, / 8)."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    size = _rows(width, height, samples * depth)
    if lace:
        passes = ((8, 8), (8, 8), (4, 8), (4, 4), (2, 4), (2, 2), (1, 2))
        size = sum(_rows(width // x, height // y, samples * depth) for x, y in passes)
    body = zeros_deflated(size)
    return png_header(width, height, depth=depth, colour=colour, lace=lace) + _data(body) + PNG_END


def _rows(width: int, height: int, bits: int) -> int:
    return height * (1 + -(-width * bits // 8))


def _data(packed: bytes) -> bytes:
    pieces = (packed[at : at + 1_000_000] for at in range(0, len(packed), 1_000_000))
    return b"".join(png_chunk(b"IDAT", piece) for piece in pieces)


def _header_only(width: int, height: int, **facts: int) -> bytes:
    return (
        png_header(width, height, **facts) + png_chunk(b"IDAT", zlib.compress(bytes(100))) + PNG_END
    )


def _with_chunk(kind: bytes, body: bytes, *, length: int | None = None) -> bytes:
    return png_insert(original("PNG"), png_chunk(kind, body, length=length))


def _text_bomb() -> bytes:
    return _with_chunk(b"zTXt", b"bomb\0\0" + zeros_deflated(_GB))


def _international_text_bomb() -> bytes:
    return _with_chunk(b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0" + zeros_deflated(_GB))


def _profile_bomb() -> bytes:
    return _with_chunk(b"iCCP", b"bomb\0\0" + zeros_deflated(_GB))


def _fifty_text_bombs() -> bytes:
    return png_insert(
        original("PNG"), *[png_chunk(b"zTXt", b"bomb\0\0" + zeros_deflated(50_000_000))] * 50
    )


def _one_pixel(data: bytes) -> bytes:
    return png_header(1, 1) + _data(data) + PNG_END


def _palette(indices: bytes, palette: bytes) -> bytes:
    chunk = png_chunk(b"PLTE", palette) if palette else b""
    return png_header(16, 16, colour=3) + chunk + _data(zlib.compress(indices)) + PNG_END


def _rows_of(filter_type: int) -> bytes:
    rows = (bytes([filter_type]) + bytes(48)) * 16
    return png_header(16, 16) + _data(zlib.compress(rows)) + PNG_END


def _wrong_checksum(at: int) -> bytes:
    data = original("PNG")
    return patch(data, at, bytes([data[at] ^ 0xFF]))


def animated(claimed: int) -> bytes:
    """Return an APNG of two frames that claims to have *claimed*."""
    data = original("PNG")
    control = png_chunk(b"acTL", struct.pack(">II", claimed, 0))
    frame = struct.pack(">IIIIIHHBB", 0, 240, 160, 0, 0, 1, 10, 0, 0)
    second = struct.pack(">IIIIIHHBB", 1, 240, 160, 0, 0, 1, 10, 0, 0)
    pixels = struct.pack(">I", 2) + zlib.compress(bytes(160 * 721))
    extra = png_chunk(b"fcTL", second) + png_chunk(b"fdAT", pixels)
    return png_insert(data[:-12], control, png_chunk(b"fcTL", frame)) + extra + PNG_END


ROWS = (
    huge("PNG of 65,535 × 65,535", partial(_header_only, 65_535, 65_535)),
    huge(
        "PNG of 2,147,483,647 × 2,147,483,647",
        partial(_header_only, 2**31 - 1, 2**31 - 1),
        "unreadable_image",
    ),
    huge("PNG of 2,147,483,647 × 1", partial(_header_only, 2**31 - 1, 1), "unreadable_image"),
    huge("PNG of 4,294,967,295 × 1", partial(_header_only, 2**32 - 1, 1), "unreadable_image"),
    huge("PNG of 100,000 × 100,000 that has all its pixels", partial(blank, 100_000, 100_000)),
    huge("PNG of 20,000 × 20,000 that has all its pixels", partial(blank, 20_000, 20_000)),
    broken("PNG of 0 × 0", partial(_header_only, 0, 0)),
    broken("PNG of 9,000 × 9,000 with 100 bytes of pixels", partial(_header_only, 9_000, 9_000)),
    broken(
        "PNG of 9,000 × 9,000, 16 bits, interlaced, with 100 bytes of pixels",
        partial(_header_only, 9_000, 9_000, depth=16, colour=6, lace=1),
    ),
    doubtful("PNG with a text of 1 GB", _text_bomb),
    doubtful("PNG with an XMP of 1 GB", _international_text_bomb),
    doubtful("PNG with a profile of 1 GB", _profile_bomb),
    doubtful("PNG with 50 texts of 50 MB", _fifty_text_bombs),
    doubtful("PNG of one pixel and 1 GB of data", lambda: _one_pixel(zeros_deflated(_GB))),
    doubtful(
        "PNG of one pixel whose data end with noise",
        lambda: _one_pixel(zlib.compress(bytes(4)) + noise(1 << 20)),
    ),
    harmless(
        "PNG with a text whose name is not UTF-8",
        partial(_with_chunk, b"tEXt", b"Gr\xf6\xdfe\0x"),
        "PNG",
    ),
    harmless(
        "PNG with 9,000 empty chunks",
        lambda: png_insert(original("PNG"), png_chunk(b"quId", b"") * 9_000),
        "PNG",
    ),
    broken(
        "PNG with a million empty chunks",
        lambda: png_insert(original("PNG"), png_chunk(b"quId", b"") * 1_000_000),
    ),
    doubtful(
        "PNG with 100,000 texts",
        lambda: png_insert(original("PNG"), png_chunk(b"tEXt", b"a\0b") * 100_000),
    ),
    broken(
        "PNG with a million empty data chunks",
        lambda: original("PNG")[:-12] + png_chunk(b"IDAT", b"") * 1_000_000 + PNG_END,
    ),
    broken("PNG without data", lambda: png_header(16, 16) + PNG_END),
    broken("PNG whose data are noise", lambda: png_header(16, 16) + _data(noise(800)) + PNG_END),
    broken(
        "PNG whose first chunk is not its header",
        lambda: png_header(9, 9)[:8] + png_chunk(b"tEXt", b"a\0b") + original("PNG")[8:],
    ),
    doubtful(
        "PNG with two headers", lambda: png_insert(original("PNG"), png_header(9_000, 9_000)[8:])
    ),
    broken("PNG with a chunk of 4 GB", partial(_with_chunk, b"tEXt", b"a\0b", length=2**32 - 1)),
    broken(
        "PNG with a chunk beyond its end", partial(_with_chunk, b"quId", b"", length=10_000_000)
    ),
    broken("PNG of 3 bits", lambda: _header_only(16, 16, depth=3)),
    broken("PNG of colour type 5", lambda: _header_only(16, 16, colour=5)),
    broken("PNG of interlace method 9", lambda: _header_only(16, 16, lace=9)),
    broken("PNG of filter type 9", partial(_rows_of, 9)),
    broken("PNG with a palette and no colours", lambda: _palette(bytes(17 * 16), b"")),
    doubtful(
        "PNG with indices beyond its palette",
        lambda: _palette(bytes([0, *[255] * 16]) * 16, b"\xff\0\0"),
    ),
    doubtful("PNG with a palette of 257 colours", lambda: _palette(bytes(17 * 16), bytes(257 * 3))),
    Hostile(
        "PNG whose header has a wrong checksum",
        partial(_wrong_checksum, 30),
        BROKEN,
        shows=like("PNG"),
    ),
    doubtful(
        "PNG whose pixels have a wrong checksum", lambda: _wrong_checksum(len(original("PNG")) - 14)
    ),
    doubtful(
        "PNG with transparency for 10,000 colours", partial(_with_chunk, b"tRNS", bytes(10_000))
    ),
    harmless("animated PNG", partial(animated, 2), "PNG"),
    Hostile(
        "animated PNG of 2,147,483,647 frames",
        partial(animated, 2**31 - 1),
        shows=anything,
    ),
    Hostile("PNG of 1 × 20,000", lambda: picture(1, 20_000, Format.PNG), shows=anything),
    Hostile("PNG of 20,000 × 1", lambda: picture(20_000, 1, Format.PNG), shows=anything),
    Hostile("PNG of 1 × 1", lambda: picture(1, 1, Format.PNG), shows=anything),
    huge("PNG of 60,000 × 1", lambda: blank(60_000, 1)),
    huge("PNG of 1 × 60,000", lambda: blank(1, 60_000)),
    # Inside the limits: all that they unpack to is a picture, and rendering it is right.
    heavy("PNG of 99 megapixels in 12 kB", partial(blank, 9_950, 9_950)),
    heavy("PNG of 99 megapixels and 64 bits", partial(blank, 9_944, 9_944, depth=16, colour=6)),
    heavy(
        "interlaced PNG of 99 megapixels", partial(blank, 9_944, 9_944, depth=8, colour=2, lace=1)
    ),
)
