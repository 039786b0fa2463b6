"""With `hdr`, the gain map goes where its picture goes: turned, cut, resized, and covered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import pyvips
from PIL import Image

from tests.fingerprint import Floats
from tests.gain_maps import STOPS, Read, hdr_places, jpeg, patches, places, rendered
from tests.pictures import encode, gain_map_xmp, picture, with_gain_map
from tintype.imaging import (
    Encoding,
    Extend,
    Face,
    Fit,
    FocalPoint,
    Format,
    Gravity,
    Preset,
    Region,
    Watermark,
    render_all,
    render_one,
)


def check_agreement(read: Read, where: Any = np.s_[8:-8, 8:-8]) -> None:
    """Compare map and picture, in values of 0 to 255 of red and green.

    JPEG moves single values; half a pixel of a map of 80 by 60 would move all by 1.6 or 2.1.
    """
    apart: Floats = (read.map - read.base)[where][..., :2]
    assert np.abs(apart.mean(axis=(0, 1))).max() < 1
    assert np.abs(apart).max() < 16


@pytest.mark.parametrize("orientation", range(1, 9))
def test_map_is_turned_with_its_picture(orientation: int) -> None:
    file = rendered(hdr_places(orientation=orientation), width=160)

    read = Read(file.data)

    assert file.gain_map
    assert (file.width, file.height) == (160, 120)
    assert read.map.shape == read.base.shape
    check_agreement(read)
    assert read.base[60, 150, 0] > 200


MOVED: dict[str, dict[str, Any]] = {
    "crop": {"width": 100, "height": 100, "fit": Fit.COVER, "gravity": Gravity.EAST},
    "focal point": {
        "width": 100,
        "height": 60,
        "fit": Fit.COVER,
        "gravity": FocalPoint(x=0.1, y=0.9),
    },
    "attention": {"width": 90, "height": 120, "fit": Fit.COVER, "gravity": Gravity.ATTENTION},
    "extract": {"extract": Region(left=101, top=33, width=149, height=131), "width": 140},
    "stretched": {"width": 101, "height": 150, "fit": Fit.FILL},
    "enlarged": {"width": 500, "enlarge": True},
    "quarter turn": {"rotate": 90, "width": 120},
    "mirrored": {"flip": True, "flop": True, "width": 121},
    "as large": {},
    "blurred": {"blur": 2, "width": 160},
    "sharpened": {"sharpen": 1, "width": 160},
    "progressive": {"formats": (Encoding(format=Format.JPEG, progressive=True),), "width": 160},
}


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("name", MOVED)
def test_map_is_where_its_picture_is(name: str, orientation: int) -> None:
    file = rendered(hdr_places(orientation=orientation), **MOVED[name])

    check_agreement(Read(file.data), np.s_[12:-12, 12:-12])


def test_map_follows_a_crop_to_faces_and_a_part() -> None:
    data = hdr_places()
    face = Face(left=0.7, top=0.6, width=0.1, height=0.1, score=1)
    square = Preset(name="p", hdr=True, width=80, height=80, fit=Fit.COVER, gravity=Gravity.FACES)

    (cut,) = render_all(data, [square], faces=[face]).renditions
    part = render_one(
        data,
        replace(square, gravity=Gravity.CENTRE),
        part=Region(left=80, top=40, width=160, height=160),
    )

    check_agreement(Read(cut.data))
    check_agreement(Read(part.data))
    assert Read(cut.data).base[40, 40, 0] > 140


def test_map_is_rotated_by_any_angle_and_its_corners_are_not_boosted() -> None:
    read = Read(rendered(hdr_places(), rotate=20, background="#ffffff", width=300).data)

    corner, middle = np.s_[:10, :10], np.s_[80:-80, 80:-80]
    assert read.base[corner].min() > 250
    assert np.abs(read.stops[corner]).max() < 0.05
    check_agreement(read, middle)


def test_map_is_trimmed_with_its_picture() -> None:
    framed = np.full((240, 320, 3), 255, np.uint8)
    framed[40:200, 64:256] = places(320, 240)[40:200, 64:256]
    gain = encode(
        [Image.fromarray(places(80, 60))],
        Format.JPEG,
        xmp=gain_map_xmp(GainMapMax=STOPS),
        quality=95,
        subsampling=0,
    )

    read = Read(rendered(with_gain_map(jpeg(framed), gain), trim=20).data)

    assert read.base.shape == (160, 192, 3)
    check_agreement(read)


@pytest.mark.parametrize(
    ("settings", "covered"),
    [
        ({"width": 200, "height": 100, "fit": Fit.CONTAIN}, np.s_[:, :20]),
        ({"extend": Extend(top=20), "width": 160}, np.s_[:16, :]),
        ({"corner_radius": 0.5, "width": 160}, np.s_[:5, :5]),
    ],
    ids=["contain", "extend", "corners"],
)
def test_what_surrounds_the_picture_is_not_boosted(settings: dict[str, Any], covered: Any) -> None:
    read = Read(rendered(hdr_places(), **settings).data)

    assert read.base[covered].min() > 250
    assert np.abs(read.stops[covered]).max() < 0.1


def test_opaque_watermark_is_not_boosted_and_a_faint_one_in_part() -> None:
    mark = picture(64, 64, Format.PNG)
    corner: dict[str, Any] = {
        "gravity": Gravity.NORTH_WEST,
        "offset_x": 0.0,
        "offset_y": 0.0,
        "scale": 0.5,
    }

    def stops(opacity: float) -> Floats:
        watermark = Watermark(image=mark, opacity=opacity, **corner)
        return Read(rendered(patches(2, 2), watermark=watermark).data).stops

    opaque, half = stops(1), stops(0.5)
    assert np.abs(opaque[8:56, 8:56]).max() < 0.05
    assert half[8:56, 8:56] == pytest.approx(1, abs=0.1)
    assert opaque[80:, :] == pytest.approx(2, abs=0.05)
    assert opaque[:, 80:] == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"width": 128},
        {"rotate": 180, "width": 200},
        {"width": 64, "height": 64, "fit": Fit.COVER},
    ],
    ids=["as large", "resized", "turned", "cropped"],
)
def test_light_is_as_bright_as_the_original_s_within_5_percent(settings: dict[str, Any]) -> None:
    file = rendered(patches(0, 3, 1.5, 1.5), **settings)

    wanted, found = Read(patches(0, 3, 1.5, 1.5)).light, Read(file.data).light
    scrgb = pyvips.Image.uhdrload_buffer(file.data).uhdr2scRGB().numpy()
    peak = ((128 / 255 + 0.055) / 1.055) ** 2.4 * 8
    assert np.percentile(wanted, 99) == pytest.approx(peak, rel=0.02)
    assert np.percentile(found, 99) == pytest.approx(peak, rel=0.05)
    assert np.percentile(scrgb, 99) == pytest.approx(peak, rel=0.05)


def test_map_that_only_brightens_gets_a_value_for_no_boost() -> None:
    numbers = {
        "GainMapMin": 1.0,
        "GainMapMax": 3.0,
        "Gamma": 1.4,
        "OffsetSDR": 0.0,
        "OffsetHDR": 0.0,
    }
    data = patches(0, 1.5, 3, xmp=gain_map_xmp(**numbers))

    read = Read(rendered(data, extend=Extend(top=64)).data)

    assert np.abs(read.stops[:56]).max() < 0.1
    # Of values of 0, 128 and 255, at a gamma of 1.4.
    for column, stops in ((32, 1.0), (96, 1 + 2 * 0.5 ** (1 / 1.4)), (160, 3.0)):
        assert read.stops[128, column] == pytest.approx(stops, abs=0.06)


def test_grey_map_stays_grey_and_as_coarse_as_it_was() -> None:
    read = Read(rendered(patches(0, 1, 2, 3), width=200).data)

    assert read.stored_map.mode == "L"
    assert read.stored_map.size == (100, 50)


def test_very_large_map_is_read_smaller_and_stays_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """As large as a picture of 98 megapixels, it took 2 GB."""
    whole = Read(rendered(hdr_places()).data)
    monkeypatch.setattr("tintype.imaging.gain_map._MOST_PIXELS", 80 * 60 - 1)

    read = Read(rendered(hdr_places()).data)

    assert whole.stored_map.size == (80, 60)
    assert read.stored_map.size[0] < 80
    check_agreement(read)
