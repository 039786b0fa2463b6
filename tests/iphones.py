"""HEICs as iPhones write them: a gain map beside the picture, and Apple's note that says how to apply it."""

from __future__ import annotations

import struct
from functools import cache

from PIL import Image

from tests.gain_maps import places
from tests.hostile.heifs import Item, boxes, container, size
from tests.pictures import encode
from tests.wire import full_box
from tintype.imaging import Format

KIND = b"urn:com:apple:photo:2020:aux:hdrgainmap\0"


def maker_note(*numbers: tuple[int, int, int]) -> bytes:
    """Return Apple's note: tags with fractions, their places counted from its own start."""
    head = b"Apple iOS\0\0\1MM" + struct.pack(">H", len(numbers))
    at = len(head) + 12 * len(numbers) + 4
    entries = b"".join(
        struct.pack(">HHII", tag, 10, 1, at + 8 * index)
        for index, (tag, _, _) in enumerate(numbers)
    )
    return head + entries + bytes(4) + b"".join(struct.pack(">ii", a, b) for _, a, b in numbers)


@cache
def coded(width: int, height: int, *, grey: bool = False) -> tuple[bytes, bytes]:
    """Return the decoder's setup box and the coded picture of places, or of their columns alone."""
    pixels = places(width, height)[..., 0] if grey else places(width, height)
    data = encode([Image.fromarray(pixels)], Format.HEIC)
    at = data.index(b"hvcC") - 4
    return data[at : at + int.from_bytes(data[at : at + 4], "big")], dict(boxes(data))[b"mdat"]


def iphone(note: bytes, kind: bytes = KIND) -> bytes:
    """Return a HEIC of places with a map of its columns, a quarter as wide."""
    setup, pixels = coded(320, 256)
    map_setup, map_pixels = coded(80, 64, grey=True)
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x927C] = note
    items = [
        Item(b"hvc1", pixels, (1, 2)),
        Item(b"hvc1", map_pixels, (3, 4, 5), {b"auxl": (1,)}),
        Item(b"Exif", bytes(4) + exif.tobytes().removeprefix(b"Exif\0\0"), (), {b"cdsc": (1,)}),
    ]
    about = [size(320, 256), setup, size(80, 64), map_setup, full_box(b"auxC", kind)]
    return container(Format.HEIC, items, about)


STRONG = maker_note((33, 12, 10), (48, 0, 1))
