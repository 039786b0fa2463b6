"""The gain map beside an iPhone's HEIC is kept in JPEGs as one of Ultra HDR, by Apple's formula."""

from __future__ import annotations

import numpy as np
import pytest

from tests.gain_maps import Read, rendered
from tests.hostile.heifs import size
from tests.iphones import STRONG, iphone, maker_note
from tintype.imaging import Fit, Gravity, Preset, describe, render_all

MAP_SIZE = size(80, 64)


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
        iphone(STRONG).replace(MAP_SIZE, MAP_SIZE.replace(b"ispe", b"is e")),
    ],
    ids=["no note", "one number", "no headroom", "too much", "cut", "another kind", "no size"],
)
def test_without_known_strength_the_rendition_is_plain(data: bytes) -> None:
    file = rendered(data, width=64)

    (plain,) = render_all(data, [Preset(name="p", width=64)], describe=False).renditions
    assert file == plain
