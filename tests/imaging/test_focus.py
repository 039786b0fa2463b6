"""A spot of the upright original that was chosen is in every crop, however a preset moves the picture."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.pictures import ORIENTED, Pixels, encode, stored
from tests.reference import shown
from tintype.imaging import (
    Encoding,
    Extend,
    Fit,
    Format,
    Gravity,
    OriginalPoint,
    Preset,
    Region,
    render_all,
)

WIDTH, HEIGHT = 240, 160
FOCUS = OriginalPoint(x=0.7, y=0.35)
ORIENTATIONS = range(1, 9)
_TAG = 0x0112
_SPOT = 4  # pixels from its centre to its sides


def marked(orientation: int = 1, file_format: Format = Format.PNG, *, border: int = 0) -> bytes:
    """Return a grey original with a red spot at `FOCUS`, maybe in a white border of so many pixels."""
    pixels = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    if border:
        pixels[:] = 255
        pixels[border:-border, border:-border] = 90
    column, row = round(FOCUS.x * WIDTH), round(FOCUS.y * HEIGHT)
    pixels[row - _SPOT : row + _SPOT, column - _SPOT : column + _SPOT] = (230, 20, 20)
    exif = Image.Exif()
    exif[_TAG] = orientation
    return encode([stored(Image.fromarray(pixels), orientation)], file_format, exif=exif)


def cropped(data: bytes, width: int, height: int, **settings: Any) -> Pixels:
    preset = Preset(
        name="p",
        width=width,
        height=height,
        fit=Fit.COVER,
        gravity=FOCUS,
        formats=(Encoding(format=Format.PNG),),
        **settings,
    )
    (only,) = render_all(data, [preset], describe=False).renditions
    pixels: Pixels = np.asarray(Image.open(io.BytesIO(only.data)).convert("RGB"))
    return pixels


def spot(pixels: Pixels) -> tuple[float, float]:
    """Return the centre of the red spot as shares of the picture's width and height."""
    red, green, blue = (pixels[..., band].astype(int) for band in range(3))
    rows, columns = np.nonzero((red > 150) & (green < 100) & (blue < 100))
    assert len(rows), "the spot was cut off"
    height, width = pixels.shape[:2]
    return (columns.mean() + 0.5) / width, (rows.mean() + 0.5) / height


def test_the_spot_is_where_the_crops_edges_allow() -> None:
    across = spot(cropped(marked(), 40, 160))
    down = spot(cropped(marked(), 240, 40))

    assert across == pytest.approx((0.5, FOCUS.y), abs=0.02)
    assert down == pytest.approx((FOCUS.x, 0.5), abs=0.02)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("file_format", ORIENTED)
def test_the_focus_is_a_point_of_the_upright_picture(file_format: Format, orientation: int) -> None:
    seen = spot(cropped(marked(orientation, file_format), 40, 160))

    assert seen == pytest.approx((0.5, FOCUS.y), abs=0.02)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("degrees", [0, 90, 180, 270, -90, 30, -75])
@pytest.mark.parametrize("mirrored", [{}, {"flip": True}, {"flop": True}])
def test_the_focus_goes_with_the_picture_that_a_preset_turns_or_mirrors(
    orientation: int, degrees: int, mirrored: dict[str, bool]
) -> None:
    tall = cropped(marked(orientation), 30, 120, rotate=degrees, **mirrored)
    wide = cropped(marked(orientation), 120, 30, rotate=degrees, **mirrored)

    assert spot(tall)[0] == pytest.approx(0.5, abs=0.05)
    assert spot(wide)[1] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_focus_is_where_it_is_in_the_rectangle_that_a_preset_keeps(orientation: int) -> None:
    seen = spot(
        cropped(marked(orientation), 20, 80, extract=Region(left=100, top=40, width=120, height=80))
    )

    assert seen == pytest.approx((0.5, (FOCUS.y * HEIGHT - 40) / 80), abs=0.03)


def test_the_rectangle_is_one_of_the_turned_picture() -> None:
    # 90° clockwise the spot is at (160 - 56, 168) of 160 × 240.
    region = Region(left=60, top=140, width=100, height=100)

    seen = spot(cropped(marked(), 25, 100, rotate=90, extract=region))

    assert seen == pytest.approx((0.5, (168 - 140) / 100), abs=0.03)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_focus_stays_where_it_is_if_a_border_is_trimmed(orientation: int) -> None:
    seen = spot(cropped(marked(orientation, border=20), 30, 120, trim=10))

    assert seen == pytest.approx((0.5, (FOCUS.y * HEIGHT - 20) / 120), abs=0.03)


def test_a_focus_outside_the_rectangle_keeps_the_part_nearest_to_it() -> None:
    left = Region(left=0, top=0, width=120, height=160)
    point = OriginalPoint(x=1, y=0.5)
    preset = Preset(name="p", width=40, height=160, fit=Fit.COVER, gravity=point, extract=left)
    ramp = np.tile(np.arange(WIDTH, dtype=np.uint8), (HEIGHT, 1))
    data = encode([Image.fromarray(np.dstack([ramp] * 3))], Format.PNG)

    (only,) = render_all(data, [preset], describe=False).renditions

    assert shown(only.data).frames[0][80, :, 0].mean() == pytest.approx(100, abs=2)


def test_operations_after_the_crop_do_not_move_it() -> None:
    seen = cropped(marked(), 40, 160, extend=Extend(right=40))

    assert spot(seen)[0] == pytest.approx(0.25, abs=0.02)


def test_without_it_the_crop_is_another() -> None:
    middle = cropped(marked(), 40, 160)
    preset = Preset(name="p", width=40, height=160, fit=Fit.COVER, gravity=Gravity.CENTRE)
    (only,) = render_all(marked(), [preset], describe=False).renditions

    with pytest.raises(AssertionError, match="cut off"):
        spot(np.asarray(Image.open(io.BytesIO(only.data)).convert("RGB")))
    assert spot(middle)
