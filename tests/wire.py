"""How image files are put together, byte by byte: what no encoder would write for us.

`pictures.py` adds metadata with it, `hostile/` builds broken files with it. Every function takes
and returns bytes; lengths and checksums are right unless the caller asks for wrong ones.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPEG_START = b"\xff\xd8"
JPEG_END = b"\xff\xd9"


def png_chunk(kind: bytes, body: bytes, *, length: int | None = None) -> bytes:
    """Return one PNG chunk; *length* replaces the true one."""
    size = len(body) if length is None else length
    return struct.pack(">I", size) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_header(width: int, height: int, *, depth: int = 8, colour: int = 2, lace: int = 0) -> bytes:
    """Return the magic and IHDR; colour 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGBA."""
    body = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, lace)
    return PNG_MAGIC + png_chunk(b"IHDR", body)


def png_insert(png: bytes, *chunks: bytes) -> bytes:
    """Return *png* with *chunks* straight after its IHDR."""
    after_header = len(PNG_MAGIC) + 25
    return png[:after_header] + b"".join(chunks) + png[after_header:]


def zeros_deflated(size: int) -> bytes:
    """Return a zlib stream of *size* zero bytes, made in no time and a thousandth of that size."""
    block_size = 1 << 20
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(block_size)) + packer.flush(zlib.Z_FULL_FLUSH)
    blocks, rest = divmod(size, block_size)
    last = zlib.compressobj(9, zlib.DEFLATED, -15)
    tail = last.compress(bytes(rest)) + last.flush()
    # Adler-32 of n zeros: the sum of the bytes stays 1, the sum of the sums is n (RFC 1950).
    adler = struct.pack(">HH", size % 65521, 1)
    return b"\x78\xda" + block * blocks + tail + adler


def jpeg_segment(marker: int, body: bytes, *, length: int | None = None) -> bytes:
    """Return one JPEG segment; *length* replaces the true one, which counts its own two bytes."""
    size = len(body) + 2 if length is None else length
    return struct.pack(">BBH", 0xFF, marker, size) + body


def jpeg_insert(jpeg: bytes, *segments: bytes) -> bytes:
    """Return *jpeg* with *segments* straight after its first two bytes."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


@dataclass(frozen=True, slots=True)
class Segment:
    """Where one segment of a JPEG stands: its marker, and the bytes from `FF` to its end."""

    marker: int
    start: int
    end: int


def jpeg_segments(jpeg: bytes) -> list[Segment]:
    """Return the segments of *jpeg* up to and including its first scan header."""
    found: list[Segment] = []
    at = 2
    while not found or found[-1].marker != 0xDA:
        size = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        found.append(Segment(jpeg[at + 1], at, at + 2 + size))
        at += 2 + size
    return found


def jpeg_frame_header(jpeg: bytes) -> Segment:
    """Return where the SOF segment stands: precision at + 4, height at + 5, width at + 7."""
    frames = {0xC0, 0xC1, 0xC2}
    return next(segment for segment in jpeg_segments(jpeg) if segment.marker in frames)


def patch(data: bytes, at: int, new: bytes) -> bytes:
    """Return *data* with the bytes from *at* on replaced by *new*."""
    return data[:at] + new + data[at + len(new) :]


def box(kind: bytes, *bodies: bytes, size: int | None = None) -> bytes:
    """Return one ISO base media box; *size* replaces the true one."""
    body = b"".join(bodies)
    return struct.pack(">I", len(body) + 8 if size is None else size) + kind + body


def full_box(kind: bytes, *bodies: bytes, version: int = 0, flags: int = 0) -> bytes:
    """Return one box with version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *bodies)


def riff(*chunks: bytes, size: int | None = None) -> bytes:
    """Return a WebP file of *chunks*; *size* replaces the true length in its header."""
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body


def riff_chunk(kind: bytes, body: bytes, *, size: int | None = None) -> bytes:
    """Return one chunk, padded to an even length; *size* replaces the true one."""
    length = len(body) if size is None else size
    return kind + struct.pack("<I", length) + body + b"\x00" * (len(body) % 2)


def riff_chunks(webp: bytes) -> list[tuple[bytes, bytes]]:
    """Return the chunks of a WebP file as kind and body."""
    found = []
    at = 12
    while at + 8 <= len(webp):
        size = int.from_bytes(webp[at + 4 : at + 8], "little")
        found.append((webp[at : at + 4], webp[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    return found


def webp_canvas(width: int, height: int, *, flags: int = 0) -> bytes:
    """Return a VP8X chunk; flags: 2 animation, 4 XMP, 8 EXIF, 16 alpha, 32 ICC."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return riff_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + sides)


@dataclass(frozen=True, slots=True)
class Tag:
    """One TIFF entry. *value* is what stands in its four bytes: the value, or an offset."""

    number: int
    kind: int  # 1 byte, 2 text, 3 short, 4 long, 5 rational, 7 undefined
    count: int
    value: int


def tiff_directory(tags: Iterable[Tag], *, following: int = 0) -> bytes:
    """Return one little-endian TIFF directory; *following* is the offset of the next one."""
    entries = [struct.pack("<HHII", tag.number, tag.kind, tag.count, tag.value) for tag in tags]
    return struct.pack("<H", len(entries)) + b"".join(entries) + struct.pack("<I", following)


def tiff(tags: Sequence[Tag], data: bytes = b"", *, following: int = 0, first: int = 8) -> bytes:
    """Return a TIFF of one directory at offset 8 and *data* straight after it."""
    return b"II*\x00" + struct.pack("<I", first) + tiff_directory(tags, following=following) + data


def tiff_data_offset(tags: Sequence[Tag]) -> int:
    """Return the offset at which `tiff` puts its data."""
    return 8 + 2 + 12 * len(tags) + 4


def gif_header(width: int, height: int) -> bytes:
    """Return a GIF's header with a palette of black and white."""
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"


def gif_frame(
    width: int,
    height: int,
    pixels: bytes,
    *,
    left: int = 0,
    top: int = 0,
    palette: bytes = b"",
) -> bytes:
    """Return one GIF frame whose LZW codes are *pixels*, with a minimum code size of 2.

    *palette* are four colours of its own.
    """
    descriptor = b"\x2c" + struct.pack("<HHHHB", left, top, width, height, 0x81 if palette else 0)
    return descriptor + palette + b"\x02" + gif_blocks(pixels)


def gif_blocks(data: bytes) -> bytes:
    """Return *data* as GIF sub-blocks of at most 255 bytes and the empty one that ends them."""
    pieces = (data[at : at + 255] for at in range(0, len(data), 255))
    return b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\x00"
