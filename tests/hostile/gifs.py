"""GIFs with more frames, pixels or codes than anybody needs (GIF89a specification)."""

from __future__ import annotations

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
from tests.pictures import original
from tests.wire import gif_blocks, gif_frame, gif_header, patch

_END = b"\x3b"
_PIXEL = b"\x44\x01"  # clear, 0, end, in codes of three bits


def lzw_zeros(pixels: int) -> bytes:
    """Return LZW codes (minimum size 2) for *pixels* zeros: each code is one longer than the last."""
    codes: list[tuple[int, int]] = [(4, 3), (0, 3)]
    made, length, following, size = 1, 2, 6, 3
    while made < pixels:
        if following < 4096:
            codes.append((following, size))
            if following == (1 << size) - 1 and size < 12:
                size += 1
            following += 1
        else:
            codes.append((4095, 12))
        made += length
        length += following <= 4095
    codes.append((5, size))
    total, at = 0, 0
    pieces = bytearray()
    for code, bits in codes:
        total |= code << at
        at += bits
        while at >= 8:
            pieces.append(total & 255)
            total >>= 8
            at -= 8
    return bytes([*pieces, total & 255])


def frames(count: int, width: int = 16, height: int = 16) -> bytes:
    """Return a GIF of *count* frames of one pixel on a screen of that size."""
    return gif_header(width, height) + gif_frame(1, 1, _PIXEL) * count + _END


def moving(count: int, width: int, height: int) -> bytes:
    """Return a GIF of *count* frames, each as large as its screen and in one of two colours."""
    pixels = lzw_zeros(width * height)
    frames = [gif_frame(width, height, pixels, palette=bytes([grey] * 12)) for grey in (60, 200)]
    return gif_header(width, height) + b"".join(frames[at % 2] for at in range(count)) + _END


def single(width: int, height: int, frame: bytes) -> bytes:
    """Return a GIF of one frame."""
    return gif_header(width, height) + frame + _END


def _with_code_size(size: int) -> bytes:
    frame = gif_frame(16, 16, noise(64))
    return single(16, 16, patch(frame, 10, bytes([size])))


def _with_extensions(count: int) -> bytes:
    data = original("GIF")
    return data[:-1] + b"\x21\xfe\x01x\x00" * count + _END


ROWS = (
    # libnsgif takes a screen that cannot be meant for as large as its frames.
    Hostile(
        "GIF of 65,535 × 65,535",
        lambda: single(65_535, 65_535, gif_frame(1, 1, _PIXEL)),
        TOO_LARGE,
        shows=anything,
    ),
    Hostile(
        "GIF of 65,535 × 1",
        lambda: single(65_535, 1, gif_frame(1, 1, _PIXEL)),
        TOO_LARGE,
        shows=anything,
    ),
    huge(
        "GIF of 40,000 × 40,000 with a frame of that size",
        lambda: single(40_000, 40_000, gif_frame(40_000, 40_000, _PIXEL)),
    ),
    Hostile(
        "GIF of 1 × 1 with a frame of 65,535 × 65,535",
        lambda: single(1, 1, gif_frame(65_535, 65_535, _PIXEL)),
        TOO_LARGE | BROKEN,
        shows=anything,
    ),
    # Of which 1,000 are rendered.
    Hostile("GIF of 4,000 frames", partial(frames, 4_000), shows=anything, cpu=20.0),
    broken("GIF of a million frames", partial(frames, 1_000_000)),
    replace(
        heavy("GIF of 200 frames of a megapixel", partial(frames, 200, 1_000, 1_000)), cpu=60.0
    ),
    doubtful("GIF of 0 × 0", lambda: single(0, 0, gif_frame(0, 0, _PIXEL))),
    doubtful("GIF with an empty frame", lambda: single(16, 16, gif_frame(0, 0, _PIXEL))),
    Hostile(
        "GIF with a frame outside the screen",
        lambda: single(16, 16, gif_frame(16, 16, lzw_zeros(256), left=60_000, top=60_000)),
        TOO_LARGE | BROKEN,
        shows=anything,
    ),
    broken("GIF without frames", lambda: gif_header(16, 16) + _END),
    broken("GIF that is a header", lambda: gif_header(16, 16)),
    broken("GIF whose frame is a header", lambda: gif_header(16, 16) + gif_frame(16, 16, b"")[:10]),
    doubtful("GIF whose frame has no codes", lambda: single(16, 16, gif_frame(16, 16, b""))),
    doubtful(
        "GIF with ten million clear codes",
        lambda: single(16, 16, gif_frame(16, 16, b"\x24\x49\x92" * 1_250_000)),
    ),
    doubtful(
        "GIF with more codes than pixels", lambda: single(1, 1, gif_frame(1, 1, lzw_zeros(1 << 24)))
    ),
    doubtful("GIF whose codes are noise", lambda: single(16, 16, gif_frame(16, 16, noise(4096)))),
    doubtful("GIF whose code size is 0", partial(_with_code_size, 0)),
    doubtful("GIF whose code size is 12", partial(_with_code_size, 12)),
    doubtful("GIF whose code size is 255", partial(_with_code_size, 255)),
    doubtful(
        "GIF without a palette",
        lambda: (
            patch(gif_header(16, 16), 10, b"\0")[:13] + gif_frame(16, 16, lzw_zeros(256)) + _END
        ),
    ),
    doubtful(
        "GIF with a comment of 20 MB",
        lambda: original("GIF")[:-1] + b"\x21\xfe" + gif_blocks(bytes(20_000_000)) + _END,
    ),
    harmless("GIF with 5,000 comments", partial(_with_extensions, 5_000), "GIF"),
    broken("GIF with a million comments", partial(_with_extensions, 1_000_000)),
    doubtful("GIF with a block that is none", lambda: original("GIF")[:-1] + b"\x99" * 1000 + _END),
    # Inside the limits.
    heavy(
        "GIF of 99 megapixels in 39 kB",
        lambda: single(9_950, 9_950, gif_frame(9_950, 9_950, lzw_zeros(9_950 * 9_950))),
    ),
    # A frame at a time: less memory than all at once, and more CPU.
    replace(heavy("GIF of 99 frames of a megapixel", partial(frames, 99, 1_000, 1_000)), cpu=30.0),
)
