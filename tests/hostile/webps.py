"""WebPs with huge canvases, thousands of frames and 26 bytes for 268 megapixels (RFC 9649)."""

from __future__ import annotations

import struct
from dataclasses import replace
from functools import partial

from tests.hostile.strangers import noise
from tests.hostile.table import (
    BROKEN,
    TOO_LARGE,
    Hostile,
    anything,
    broken,
    doubtful,
    harmless,
    heavy,
    huge,
)
from tests.pictures import original, picture
from tests.wire import patch, riff, riff_chunk, riff_chunks, webp_canvas
from tintype.imaging.formats import Format

_ANIMATION, _XMP, _EXIF, _ALPHA, _ICC = 2, 4, 8, 16, 32


def blank_lossless(width: int, height: int) -> bytes:
    """Return a complete VP8L picture of one colour: every prefix code has one symbol, of no bits."""
    bits = f"{width - 1:014b}"[::-1] + f"{height - 1:014b}"[::-1] + "1" + "000"
    bits += "0" + "0" + "0"  # no transform, no colour cache, no meta prefix codes
    bits += ("1" + "0" + "0" + "0") * 5  # a simple code, one symbol, of one bit: 0
    bits += "0" * (-len(bits) % 8)
    body = b"\x2f" + int(bits[::-1], 2).to_bytes(len(bits) // 8, "little")
    return riff_chunk(b"VP8L", body + bytes(8))


def lossy(width: int, height: int) -> bytes:
    """Return a VP8 chunk that claims another size than its data have."""
    body = dict(riff_chunks(original("WebP")))[b"VP8 "]
    return riff_chunk(b"VP8 ", patch(body, 6, struct.pack("<HH", width, height)))


def frame(
    picture_chunk: bytes, *, left: int = 0, top: int = 0, width: int = 1, height: int = 1
) -> bytes:
    """Return one ANMF chunk."""
    sides = [left // 2, top // 2, width - 1, height - 1, 10]
    header = b"".join(side.to_bytes(3, "little") for side in sides) + b"\0"
    return riff_chunk(b"ANMF", header + picture_chunk)


def animation(width: int, height: int, *frames: bytes) -> bytes:
    """Return an animated WebP."""
    return riff(
        webp_canvas(width, height, flags=_ANIMATION), riff_chunk(b"ANIM", bytes(6)), *frames
    )


def _lossless_noise() -> bytes:
    return riff(riff_chunk(b"VP8L", b"\x2f" + struct.pack("<I", 239 | 159 << 14) + noise(9_000)))


def _alpha_noise() -> bytes:
    flat = dict(riff_chunks(original("WebP")))[b"VP8 "]
    chunks = (riff_chunk(b"ALPH", b"\x01" + noise(900)), riff_chunk(b"VP8 ", flat))
    return riff(webp_canvas(240, 160, flags=_ALPHA), *chunks)


def _with_size(size: int) -> bytes:
    return patch(original("WebP"), 4, struct.pack("<I", size))


def _with_chunk_size(size: int) -> bytes:
    return patch(original("WebP"), 16, struct.pack("<I", size))


ROWS = (
    huge("WebP of 16,383 × 16,383 in 36 bytes", lambda: riff(blank_lossless(16_383, 16_383))),
    huge("WebP that claims 16,383 × 16,383", lambda: riff(lossy(16_383, 16_383))),
    Hostile(
        "WebP whose canvas is 16,777,216 × 16,777,216",
        lambda: riff(webp_canvas(1 << 24, 1 << 24), lossy(240, 160)),
        TOO_LARGE | BROKEN,
    ),
    Hostile(
        "animated WebP whose canvas is 16,000 × 16,000",
        lambda: animation(16_000, 16_000, frame(blank_lossless(1, 1)), frame(blank_lossless(1, 1))),
        TOO_LARGE,
    ),
    Hostile(
        "animated WebP of 5,000 frames",
        lambda: animation(16, 16, *[frame(blank_lossless(1, 1))] * 5_000),
        shows=anything,
        cpu=20.0,
    ),
    replace(
        heavy(
            "animated WebP of 200 frames of a megapixel",
            lambda: animation(1_000, 1_000, *[frame(blank_lossless(1, 1))] * 200),
        ),
        cpu=60.0,
    ),
    broken(
        "animated WebP with a frame outside",
        lambda: animation(16, 16, frame(blank_lossless(64, 64), width=64, height=64)),
    ),
    broken("animated WebP without frames", lambda: animation(16, 16)),
    doubtful(
        "animated WebP with a frame of another size",
        lambda: animation(64, 64, frame(blank_lossless(8, 8), width=64, height=64)),
    ),
    broken("WebP of 9,000 × 9,000 with the data of 240 × 160", lambda: riff(lossy(9_000, 9_000))),
    broken("WebP of 0 × 0", lambda: riff(lossy(0, 0))),
    broken("WebP without a picture", lambda: riff(webp_canvas(240, 160))),
    broken("WebP without anything", riff),
    broken(
        "WebP whose canvas contradicts its picture",
        lambda: riff(webp_canvas(64, 64), lossy(240, 160)),
    ),
    doubtful("WebP of lossless noise", _lossless_noise),
    doubtful("WebP with noise for alpha", _alpha_noise),
    Hostile("WebP that says its size is 0", partial(_with_size, 0), BROKEN),
    Hostile(
        "WebP that says its size is 4 GB", partial(_with_size, 2**32 - 2), BROKEN, shows=anything
    ),
    broken("WebP with a chunk of 4 GB", partial(_with_chunk_size, 2**32 - 2)),
    doubtful(
        "WebP with a profile of 30 MB",
        lambda: riff(
            webp_canvas(240, 160, flags=_ICC),
            riff_chunk(b"ICCP", bytes(30_000_000)),
            lossy(240, 160),
        ),
    ),
    harmless(
        "WebP with EXIF of 30 MB",
        lambda: riff(
            webp_canvas(240, 160, flags=_EXIF),
            lossy(240, 160),
            riff_chunk(b"EXIF", bytes(30_000_000)),
        ),
        "WebP",
    ),
    harmless(
        "WebP with 100,000 unknown chunks",
        lambda: riff(webp_canvas(240, 160), lossy(240, 160), *[riff_chunk(b"quId", b"")] * 100_000),
        "WebP",
    ),
    Hostile("WebP of 1 × 16,383", lambda: picture(1, 16_383, Format.WEBP), shows=anything),
    # Inside the limits: a picture of one colour, and rendering it is right.
    heavy("WebP of 99 megapixels in 36 bytes", lambda: riff(blank_lossless(9_950, 9_950))),
    # Decoded a frame at a time: more work, and little memory.
    Hostile(
        "animated WebP of 99 frames of a megapixel",
        lambda: animation(1_000, 1_000, *[frame(blank_lossless(1, 1))] * 99),
        shows=anything,
        cpu=40,
        peak_mib=150,
    ),
)
