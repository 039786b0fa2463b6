"""The gain map beside an iPhone's HEIC is kept in JPEGs as one of Ultra HDR, by Apple's formula."""

from __future__ import annotations

import struct
from functools import cache

import numpy as np
import pytest
from PIL import Image

from tests.gain_maps import Read, places, rendered
from tests.hostile.heifs import Item, boxes, container, size
from tests.pictures import encode
from tests.wire import full_box
from tintype.imaging import Fit, Format, Gravity, Preset, describe, render_all

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


def test_map_of_an_iphone_multiplies_light_by_apples_formula() -> None:
    file = rendered(iphone(STRONG), width=160)

    read = Read(file.data)
    value = read.base[60, 8:-8, 0] / 255
    light = np.where(value < 0.081, value / 4.5, ((value + 0.099) / 1.099) ** (1 / 0.45))
    assert read.stops.max() < 3.05
    assert np.abs(read.stops[60, 8:-8, 0] - np.log2(1 + (2**3 - 1) * light)).max() < 0.15


def test_map_of_an_iphone_goes_where_its_picture_goes() -> None:
    settings = {"width": 80, "height": 100, "fit": Fit.COVER, "gravity": Gravity.EAST}

    right = Read(rendered(iphone(STRONG), flop=True, **settings).data)

    assert right.base[50, 70, 0] < 40
    assert right.stops[50, 5].mean() > right.stops[50, 70].mean() + 0.3
    assert describe(iphone(STRONG)).hdr == "gain_map"


@pytest.mark.parametrize(
    "data",
    [
        iphone(b""),
        iphone(maker_note((33, 12, 10))),
        iphone(maker_note((33, 12, 10), (48, 9, 1))),
        iphone(maker_note((33, 12, 10), (48, -(2**31), 1))),
        iphone(maker_note((33, 12, 0), (48, 0, 0))[:-9]),
        iphone(STRONG, b"urn:com:apple:photo:2020:aux:other\0"),
    ],
    ids=["no note", "one number", "no headroom", "too much", "cut", "another kind"],
)
def test_without_known_strength_the_rendition_is_plain(data: bytes) -> None:
    file = rendered(data, width=64)

    (plain,) = render_all(data, [Preset(name="p", width=64)], describe=False).renditions
    assert file == plain
