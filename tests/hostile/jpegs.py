"""JPEGs that lie about their size, their scans or their tables (ITU-T T.81, annex B)."""

from __future__ import annotations

import struct
from functools import partial

from tests.hostile.strangers import noise
from tests.hostile.table import BROKEN, Hostile, anything, broken, doubtful, harmless, huge, like
from tests.pictures import original, picture
from tests.wire import (
    JPEG_END,
    JPEG_START,
    jpeg_frame_header,
    jpeg_insert,
    jpeg_segment,
    jpeg_segments,
    patch,
)

_SOF0, _SOF2, _SOF3, _SOF9, _DHT, _SOS, _DQT, _DRI, _DNL = (
    0xC0,
    0xC2,
    0xC3,
    0xC9,
    0xC4,
    0xDA,
    0xDB,
    0xDD,
    0xDC,
)


def sized(width: int, height: int, name: str = "JPEG") -> bytes:
    """Return a JPEG whose header claims another size than its data have."""
    data = original(name)
    at = jpeg_frame_header(data).start + 5
    return patch(data, at, struct.pack(">HH", height, width))


def many_scans(width: int, height: int, scans: int) -> bytes:
    """Return a valid progressive grey JPEG of *scans* scans, each a few bytes for any size.

    Its coefficients are all zero: one bit a block for the DC scan, then runs of 32,767 empty blocks
    (T.81, G.1.2.2), each scan refining one coefficient that still is zero.
    """
    blocks = -(-width // 8) * -(-height // 8)
    dc_table = jpeg_segment(_DHT, bytes([0x00, 1, *bytes(15), 0x00]))
    ac_table = jpeg_segment(_DHT, bytes([0x10, 1, *bytes(15), 0xE0]))
    frame = jpeg_segment(_SOF2, struct.pack(">BHHB3B", 8, height, width, 1, 1, 0x11, 0))
    start = JPEG_START + jpeg_segment(_DQT, b"\0" + bytes([16] * 64)) + frame + dc_table + ac_table
    steps = [(k, high, high - 1) for high in range(11, 1, -1) for k in range(1, 64)]
    firsts = [(k, 0, 10) for k in range(1, 64)]
    rest = [(k, high, low) for k, high, low in steps if high <= 10]
    body = _scan(0, 0, 0, 0) + _zero_bits(blocks)
    for k, high, low in (firsts + rest)[: scans - 1]:
        body += _scan(k, k, high, low) + _empty_blocks(blocks)
    return start + body + JPEG_END


def _scan(first: int, last: int, high: int, low: int) -> bytes:
    return jpeg_segment(_SOS, bytes([1, 1, 0x00, first, last, high << 4 | low]))


def _zero_bits(count: int) -> bytes:
    return bytes(count // 8) + (bytes([0xFF >> count % 8]) if count % 8 else b"")


def _empty_blocks(blocks: int) -> bytes:
    """Return end-of-band runs over all *blocks*: code 0 and 14 bits for 16,384 and more blocks."""
    runs, rest = divmod(blocks, 32767)
    bits = "0" + "1" * 14
    # The rest is coded as one more full run: decoders take what the picture still needs.
    text = bits * (runs + bool(rest))
    text += "1" * (-len(text) % 8)
    data = int(text, 2).to_bytes(len(text) // 8, "big")
    return data.replace(b"\xff", b"\xff\0")


def _with_segment(marker: int, body: bytes, *, length: int | None = None) -> bytes:
    return jpeg_insert(original("JPEG"), jpeg_segment(marker, body, length=length))


def _reframed(marker: int, *, precision: int = 8) -> bytes:
    """Return a JPEG whose frame header says another process or precision."""
    data = original("JPEG")
    at = jpeg_frame_header(data).start
    return patch(patch(data, at + 1, bytes([marker])), at + 4, bytes([precision]))


def _components(count: int) -> bytes:
    data = original("JPEG")
    return patch(data, jpeg_frame_header(data).start + 9, bytes([count]))


def _sampling(factors: int) -> bytes:
    data = original("JPEG")
    return patch(data, jpeg_frame_header(data).start + 11, bytes([factors]))


def _without(marker: int) -> bytes:
    data = original("JPEG")
    kept = [data[s.start : s.end] for s in jpeg_segments(data) if s.marker != marker]
    return data[:2] + b"".join(kept) + data[jpeg_segments(data)[-1].end :]


def _scan_of_noise() -> bytes:
    data = original("JPEG")
    return data[: jpeg_segments(data)[-1].end] + noise(20_000).replace(b"\xff", b"\xfe") + JPEG_END


def _overfull_huffman() -> bytes:
    table = jpeg_segment(_DHT, bytes([0x00, *[255] * 16]) + bytes(255))
    return jpeg_insert(original("JPEG"), table)


def _restarts() -> bytes:
    data = original("JPEG")
    at = jpeg_segments(data)[-1].start
    return (
        data[:at] + jpeg_segment(_DRI, b"\0\x01") + data[at:-2] + b"\xff\xd0" * 200_000 + JPEG_END
    )


ROWS = (
    huge("JPEG of 65,535 × 65,535", partial(sized, 65_535, 65_535), "unreadable_image"),
    huge("JPEG of 65,535 × 1", partial(sized, 65_535, 1), "unreadable_image"),
    huge("JPEG of 60,000 × 60,000", partial(sized, 60_000, 60_000)),
    huge("JPEG of 29,000 × 29,000", partial(sized, 29_000, 29_000)),
    # These have their end marker, so nothing is cut: what is missing would be painted grey.
    broken("JPEG that claims 9,000 × 9,000 and has 240 × 160", partial(sized, 9_000, 9_000)),
    broken(
        "progressive JPEG that claims 9,000 × 9,000",
        partial(sized, 9_000, 9_000, "JPEG, progressive"),
    ),
    broken("JPEG of no width", partial(sized, 0, 160)),
    broken("JPEG of no height", partial(sized, 240, 0)),
    doubtful("JPEG that claims to be smaller than its data", partial(sized, 24, 16)),
    Hostile("JPEG of 30,001 × 1", lambda: picture(30_001, 1), frozenset({"side_too_long"})),
    doubtful("JPEG of 300 scans", partial(many_scans, 1000, 1000, 300)),
    doubtful("JPEG of 630 scans", partial(many_scans, 1000, 1000, 630)),
    doubtful("JPEG of 99 megapixels and 300 scans", partial(many_scans, 9_950, 9_950, 300)),
    broken("JPEG of 12 bits", partial(_reframed, _SOF0, precision=12)),
    broken("JPEG of 255 bits", partial(_reframed, _SOF0, precision=255)),
    doubtful("JPEG that claims arithmetic coding", partial(_reframed, _SOF9)),
    broken("JPEG that claims to be lossless", partial(_reframed, _SOF3)),
    broken("baseline JPEG that claims to be progressive", partial(_reframed, _SOF2)),
    broken("JPEG of no components", partial(_components, 0)),
    broken("JPEG of 255 components", partial(_components, 255)),
    broken("JPEG whose sampling factor is 0", partial(_sampling, 0x00)),
    broken("JPEG whose sampling factor is 15", partial(_sampling, 0xFF)),
    broken("JPEG without quantisation", partial(_without, _DQT)),
    doubtful("JPEG without Huffman tables", partial(_without, _DHT)),  # as Motion JPEG has it
    broken("JPEG without a frame", partial(_without, _SOF0)),
    broken(
        "JPEG without scans",
        lambda: original("JPEG")[: jpeg_segments(original("JPEG"))[-1].start] + JPEG_END,
    ),
    broken("JPEG of nothing but start and end", lambda: JPEG_START + JPEG_END + bytes(100)),
    doubtful("JPEG whose scan is noise", _scan_of_noise),
    broken("JPEG with an overfull Huffman table", _overfull_huffman),
    Hostile(
        "JPEG with a segment of length 0",
        partial(_with_segment, 0xE5, b"", length=0),
        BROKEN,
        shows=like("JPEG"),
    ),
    broken("JPEG with a segment beyond the end", partial(_with_segment, 0xE5, b"", length=65_535)),
    doubtful("JPEG with 200,000 restart markers", _restarts),
    harmless(
        "JPEG with 700 segments of 60 kB",
        lambda: jpeg_insert(original("JPEG"), *[jpeg_segment(0xE7, bytes(60_000))] * 700),
        "JPEG",
    ),
    harmless(
        "JPEG with 9,000 empty comments",
        lambda: jpeg_insert(original("JPEG"), *[jpeg_segment(0xFE, b"")] * 9_000),
        "JPEG",
    ),
    broken(
        "JPEG with a million empty comments",
        lambda: jpeg_insert(original("JPEG"), *[jpeg_segment(0xFE, b"")] * 1_000_000),
    ),
    doubtful(
        "JPEG that sets its height afterwards",
        lambda: sized(240, 0)[:-2] + jpeg_segment(_DNL, b"\0\xa0") + JPEG_END,
    ),
    doubtful(
        "JPEG in a million fill bytes",
        lambda: JPEG_START + b"\xff" * 1_000_000 + original("JPEG")[2:],
    ),
    Hostile("JPEG of 30,000 × 1", lambda: picture(30_000, 1, quality=50), BROKEN, shows=anything),
)
